"""Shows the replies of committed turns: per chat in order, each once, and again when nobody is known to have shown them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from telegram.error import TelegramError

from channels.base import House
from channels.sending import Sleep, unless, utc_now
from channels.telegram.refusals import unreachable, verdict
from channels.telegram.showing import calls
from channels.telegram.speaking import Speaker
from handlers.messages import BLOCKED, Incoming, Owed

log = structlog.get_logger()

_MOST_WAITING = 2000
_KEPT_ORIGINS = 10_000
_MANY = 50
"""As many owed replies at once mean that there are more: after an outage they go out at 25 a second, as pushes do."""


class Answers:
    """The replies on their way. Past `_MOST_WAITING` a reply is left for `house.owed`, so that intake never waits for sends.

    Replies still owed after 15 s are shown again, unless they are on their way here, or would put an older state of a message
    over a newer one.
    """

    def __init__(
        self,
        house: House,
        speaker: Speaker,
        *,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._house, self._speaker, self._now, self._sleep = house, speaker, now, sleep
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_their_way: set[str] = set()
        self._newest: dict[tuple[str, str], str] = {}
        self._shown: list[str] = []
        self._stop, self._done, self._due = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins to look for owed replies and to report shown ones."""
        self._loops = [asyncio.create_task(self._owed_loop()), asyncio.create_task(self._shown_loop())]

    async def stop(self, within: float = 8.0) -> None:
        """Waits that long for the replies on their way; the rest is owed."""
        self._stop.set()
        landed, late = asyncio.ensure_future(self._landed()), asyncio.ensure_future(self._sleep(within))
        await asyncio.wait({landed, late}, return_when=asyncio.FIRST_COMPLETED)
        for task in (landed, late, *self._tasks):
            task.cancel()
        self._done.set()
        await asyncio.gather(*self._loops, return_exceptions=True)

    def show(self, owed: Owed, *, again: bool = False) -> None:
        """Shows these replies once what this chat waits for already has been shown. Returns at once."""
        if owed.key in self._on_their_way or len(self._tasks) >= _MOST_WAITING or self._stop.is_set():
            return
        if not owed.replies:
            self._report(owed.key)
            return
        self._on_their_way.add(owed.key)
        self._note_newest(owed, again=again)
        self._spawn(lambda: self._show(owed), owed.address.id)

    def stop_spinner(self, callback: str) -> None:
        """Stops the spinner of a button, beside everything else. Returns at once."""
        self._spawn(lambda: self._speaker.stop_spinner(callback))

    async def _show(self, owed: Owed) -> None:
        try:
            for reply in owed.replies:
                if not (reply.edits and self._superseded(owed)):
                    await self._speaker.reply(owed.address.id, calls(reply, owed.origin))
            self._report(owed.key)
        except TelegramError as error:
            await self._unshown(owed, error)
        except Exception:
            log.exception("reply_failed", key=owed.key)
            self._report(owed.key)
        finally:
            self._on_their_way.discard(owed.key)

    async def _unshown(self, owed: Owed, error: TelegramError) -> None:
        """A refusal is final, and an account that cannot be reached is told to the house; anything else is owed."""
        state, reason = verdict(error)
        log.warning("reply_not_shown", key=owed.key, state=state, reason=reason, error=str(error))
        if state != "failed":
            return
        self._report(owed.key)
        if unreachable(reason):
            key = f"{owed.key}:{reason}"
            await self._house.submit(Incoming(key, owed.address, self._now(), action=BLOCKED))

    def _note_newest(self, owed: Owed, *, again: bool) -> None:
        if not owed.origin or not any(reply.edits for reply in owed.replies):
            return
        place = owed.address.id, owed.origin
        if again:
            self._newest.setdefault(place, owed.key)
            return
        self._newest.pop(place, None)
        self._newest[place] = owed.key
        while len(self._newest) > _KEPT_ORIGINS:
            self._newest.pop(next(iter(self._newest)))

    def _superseded(self, owed: Owed) -> bool:
        """A later press changes the same message, after this one or already: its state is the one to see."""
        return self._newest.get((owed.address.id, owed.origin or ""), owed.key) != owed.key

    def _report(self, key: str) -> None:
        self._shown.append(key)
        self._due.set()

    def _spawn(self, story: Callable[[], Awaitable[None]], chat: str = "") -> None:
        before = self._last.get(chat) if chat else None

        async def tell() -> None:
            if before is not None and not before.done():
                await asyncio.wait({before})
            await story()

        task = asyncio.create_task(tell())
        self._tasks.add(task)
        if chat:
            self._last[chat] = task
        task.add_done_callback(lambda done: self._over(done, chat))

    def _over(self, task: asyncio.Task[None], chat: str) -> None:
        self._tasks.discard(task)
        if self._last.get(chat) is task:
            del self._last[chat]
        if not task.cancelled() and (error := task.exception()):
            log.error("reply_task_failed", error=repr(error))

    async def _landed(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _owed_loop(self) -> None:
        while not self._stop.is_set():
            pause = 5.0
            try:
                found = await self._house.owed("telegram")
                pause = 5.0 if len(found) < _MANY else _MANY / 25
                for owed in found:
                    self.show(owed, again=True)
            except Exception:
                log.exception("owed_failed")
            await unless(self._stop, self._sleep(pause))

    async def _shown_loop(self) -> None:
        """Reports what was shown, a fifth of a second's worth at a time; at the stop once more, whatever comes of it."""
        while not self._done.is_set():
            if await unless(self._done, self._due.wait()):
                await unless(self._done, self._sleep(0.2))
            self._due.clear()
            await self._report_batch()

    async def _report_batch(self) -> None:
        batch = self._shown[:]
        try:
            if batch:
                await self._house.shown(batch)
            del self._shown[: len(batch)]
        except Exception:
            log.exception("shown_failed", keys=len(batch))
            await unless(self._done, self._sleep(2.0))
            self._due.set()
