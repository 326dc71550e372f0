"""A Bot API server on 127.0.0.1 that behaves as Telegram does, and the people who write to the bot.

    with FakeTelegram() as fake:
        ...  # point a bot at fake.url with fake.token
        zhang = fake.person(7, "张三")
        zhang.says("今日答题")
        fake.wait(lambda: zhang.sees())
        zhang.presses(zhang.sees()[-1], "A")

The server runs in a thread of its own, so tests may be sync or async, and the bot may be another process. Its clock is the
real one plus `advance()`. Every call is validated (`fake.problems` should stay empty) and kept (`fake.journal`).
"""

import asyncio
import threading
from dataclasses import dataclass

from tests.fakes.botapi.server import Server
from tests.fakes.botapi.world import World


@dataclass(frozen=True)
class Seen:
    """A message of the bot as a person sees it now. Buttons are rows of (label, data or url)."""

    id: int
    text: str
    html: str
    buttons: tuple
    kind: str
    name: str
    content: bytes
    edits: int

    @property
    def labels(self):
        return [label for row in self.buttons for label, _ in row]


class Person:
    """Somebody with a Telegram account, in their private chat with the bot."""

    def __init__(self, world, number):
        self._world, self.number = world, number

    def says(self, text):
        """Writes to the bot."""
        self._message(text=text)

    def sends_file(self, name, content, caption="", kind="document"):
        """Drops a file into the chat."""
        with self._world.lock:
            file_id = f"sent-{next(self._world.other_ids)}"
            self._world.files[file_id] = content
            self._message(text=caption, kind=kind, name=name, content=content, file_id=file_id)

    def presses(self, message, button, *, forged=False):
        """Presses a button, named by its data or its label ("A" finds "☐ A"). `forged` sends any data, as a hacked client may."""
        data = button if forged else self._data(message, button)
        with self._world.lock:
            number = f"callback-{next(self._world.other_ids)}"
            self._world.callbacks[number] = self._world.now()
            kept = self._world.messages.get((self.number, message.id))
            gone = {"message_id": message.id, "date": 0, "chat": {"id": self.number, "type": "private"}}
            body = {
                "id": number, "from": self._world.user(self.number), "chat_instance": "1", "data": data,
                "message": self._world.shown(kept) if kept else gone,
            }  # fmt: skip
            self._world.queue("callback_query", body, lifetime=150.0, person=self.number)

    def blocks(self):
        """Stops the bot."""
        self._status("kicked", blocked=True)

    def unblocks(self):
        """Lets it speak again."""
        self._status("member", blocked=False)

    def deactivates(self):
        """Deletes the account."""
        with self._world.lock:
            self._world.people[self.number]["deactivated"] = True

    def deletes(self, message):
        """Removes a message of the bot from the chat."""
        with self._world.lock:
            self._world.messages.pop((self.number, message.id))

    def sees(self):
        """The bot's messages as they are now, oldest first."""
        with self._world.lock:
            return [
                _seen(message)
                for message in self._world.messages.values()
                if message.chat == self.number and message.ours
            ]

    def _message(self, **known):
        with self._world.lock:
            message = self._world.add(chat=self.number, ours=False, **known)
            self._world.queue("message", self._world.shown(message), person=self.number)

    def _status(self, status, *, blocked):
        with self._world.lock:
            before = "kicked" if self._world.people[self.number]["blocked"] else "member"
            self._world.people[self.number]["blocked"] = blocked
            member = {"user": self._world.me(), "until_date": 0}
            body = {
                "chat": {"id": self.number, "type": "private"}, "from": self._world.user(self.number),
                "date": int(self._world.now()), "old_chat_member": {**member, "status": before},
                "new_chat_member": {**member, "status": status},
            }  # fmt: skip
            self._world.queue("my_chat_member", body, person=self.number)

    def _data(self, message, button):
        pairs = [pair for row in message.buttons for pair in row]
        for label, data in pairs:
            if button in (data, label) or label.endswith(f" {button}"):
                return data
        raise AssertionError(f"no button {button!r} among {pairs}")


class FakeTelegram:
    """The server and its world. `limits=(30, 1)` answers 429 beyond that many messages a second overall and per chat."""

    def __init__(self, token="42:fake-token-SECRET", *, limits=None, callback_seconds=60.0):
        self.world = World(token, callback_seconds)
        self.world.limits = limits
        self.token, self.url = token, ""
        self._ready, self._over = threading.Event(), None

    def __enter__(self):
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="fake telegram", daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _serve(self):
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = Server(self.world)
        self.url = await server.start()
        self._ready.set()
        await self._over.wait()
        await server.stop()

    def person(self, number, name="某人"):
        """The person with this id, who has started the bot."""
        with self.world.lock:
            self.world.people.setdefault(number, {"name": name, "blocked": False, "deactivated": False})
        return Person(self.world, number)

    def update(self, kind, body):
        """Queues any update at all."""
        with self.world.lock:
            self.world.queue(kind, body)

    def fail(self, method, kind, times=1, share=1.0, after=0):
        """The next `times` calls of a method ("*": any) go wrong, `after` so many, each with probability `share`. Kinds: reset_before, reset_after
        (carried out, then the connection dies), hang, hang_after, half (half an answer), 502, 502_after, garbage, 429_bare, 429:N."""
        with self.world.lock:
            self.world.faults.append(
                {"method": method.lower(), "kind": kind, "times": times, "share": share, "after": after}
            )

    def advance(self, seconds):
        """Moves the clock."""
        with self.world.lock:
            self.world.offset_seconds += seconds
            self.world.changed()

    def renumber(self, first):
        """Restarts the numbering of updates, as after a quiet week."""
        with self.world.lock:
            self.world.update_ids = iter(range(first, first + 10_000_000))

    @property
    def journal(self):
        """Every call: method, params, files, status, answer, at."""
        with self.world.lock:
            return list(self.world.journal)

    @property
    def problems(self):
        """What was wrong with calls by the specification."""
        with self.world.lock:
            return list(self.world.problems)

    @property
    def unacknowledged(self):
        """Updates the bot has not acknowledged."""
        with self.world.lock:
            return [entry[0] for entry in self.world.fresh()]

    def called(self, method):
        """The calls of a method, in order."""
        return [entry for entry in self.journal if entry.method.lower() == method.lower()]

    def wait(self, until, seconds=15.0):
        """Blocks until `until()` holds; looks again at every change."""
        with self.world.lock:
            assert self.world.lock.wait_for(until, seconds), "it did not come to pass"

    def nudge(self):
        """Something changed elsewhere that a `wait` may be about."""
        with self.world.lock:
            self.world.lock.notify_all()

    async def waits(self, until, seconds=15.0):
        """The same for async tests."""
        await asyncio.to_thread(self.wait, until, seconds)


def _seen(message):
    rows = tuple(tuple((b["text"], b.get("callback_data") or b.get("url", "")) for b in row) for row in message.rows)
    return Seen(
        message.id, message.text, message.html, rows, message.kind, message.name, message.content, message.edits
    )
