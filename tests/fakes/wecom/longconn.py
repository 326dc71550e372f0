"""The server of a 智能机器人's long connection on 127.0.0.1, as facts and reports know it, and the people who write to the bot.

    async with LongConn("bot", "SECRET") as fake:
        ...  # point a bot at fake.url
        await fake.says("zhangsan", "今日答题")
        await fake.waits(lambda: fake.inbox("zhangsan"))
        await fake.clicks("zhangsan", fake.inbox("zhangsan")[-1], "A")

Runs in the loop of the test. Its clock is an argument. What a bot should never do stands in `problems`, every frame of its in
`journal`. What can go wrong is switched on by attributes and by `pull`.
"""

import asyncio
import base64
import hashlib
import itertools
import json
import time
from dataclasses import dataclass, field, replace

from aiohttp import WSMsgType, web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.fakes.wecom import advising, botrules, cards

CLICK, STREAM, MESSAGE = 5.0, 600.0, 24 * 3600.0


@dataclass
class Sent:
    """A message of the bot as its person has it now: `replaced` is the card that took the card's place."""

    msgtype: str
    text: str
    body: dict
    card: dict | None
    replaced: dict | None
    at: float
    task_id: str
    name: str = ""
    content: bytes = b""

    @property
    def shown(self):
        return self.replaced or self.card or {}

    @property
    def buttons(self):
        """(label, key) of the card as it is now, the vote's submit button last."""
        found = [(button["text"], button["key"]) for button in self.shown.get("button_list", [])]
        submit = self.shown.get("submit_button")
        return found + ([(submit["text"], submit["key"])] if submit else [])

    @property
    def options(self):
        """(id, text) of the vote's options."""
        return [(each["id"], each["text"]) for each in self.shown.get("checkbox", {}).get("option_list", [])]


@dataclass(frozen=True)
class Entry:
    """One frame of the bot: what was answered (None: nothing), and when."""

    cmd: str
    req_id: str
    body: dict
    code: int | None
    at: float
    connection: int


@dataclass
class Pull:
    """The plug, pulled at a frame: `before` it is carried out, `unacked` after that, `half` in the middle of its ack, `acked` after
    it. For the server's own frames: before, half, acked. `how`: abort, or close (code 1000)."""

    cmd: str
    when: str
    how: str
    after: int = 0


@dataclass
class Door:
    """A req_id the bot may answer."""

    kind: str
    userid: str
    at: float
    connection: int
    task_id: str = ""
    answered: bool = False
    stream: str = ""


@dataclass(eq=False)
class Client:
    """One connection."""

    number: int
    socket: web.WebSocketResponse
    request: web.Request
    subscribed: bool = False


@dataclass
class Someone:
    """A person: what they got, whether they ever wrote, whether they entered today."""

    userid: str
    inbox: list = field(default_factory=list)
    wrote: bool = False
    entered: bool = False


class LongConn:
    """The server. Switches: `withhold_acks` and `withhold_pongs` (carried out, never answered), `refuses` (errcodes for the next frames
    of a cmd), `open_userids`, `control_characters`, `twice` (each callback is delivered two times). `tls` is a server's SSL context."""

    def __init__(self, bot_id="bot", secret="bot-SECRET", *, now=time.monotonic, tls=None):
        self.bot_id, self.secret, self.now, self.url = bot_id, secret, now, ""
        self.journal, self.problems, self.connections, self._tls = [], [], 0, tls
        self.withhold_acks = self.withhold_pongs = self.open_userids = self.control_characters = self.twice = False
        self.refuses, self.pulls = {}, []
        self.uploads, self.rates = botrules.Uploads(now), botrules.Rates(now)
        self._people, self._doors, self._tasks, self._files = {}, {}, set(), {}
        self._clients, self._live, self._numbers = set(), None, itertools.count(1)
        self._changed = asyncio.Event()

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *_):
        await self.stop()

    async def start(self):
        app = web.Application()
        app.router.add_get("/", self._connected)
        app.router.add_get("/files/{number}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        self.url = f"{'wss' if self._tls else 'ws'}://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self):
        for client in list(self._clients):
            self._cut(client)
        await self._runner.cleanup()

    # People. --------------------------------------------------------------------------------------------------------------

    async def says(self, userid, text):
        """Writes to the bot; False if no bot was connected, so that the message is lost."""
        return await self._message(userid, {"msgtype": "text", "text": {"content": text}})

    async def speaks(self, userid, transcript):
        """A voice message, which comes as its transcript."""
        return await self._message(userid, {"msgtype": "voice", "voice": {"content": transcript}})

    async def sends_file(self, userid, name, content, kind="file"):
        """Drops a file (or picture) into the chat."""
        return await self._message(userid, {"msgtype": kind, kind: self.stored(name, content)})

    async def sends_mixed(self, userid, text, content):
        """A text with a picture in one message."""
        items = [
            {"msgtype": "text", "text": {"content": text}},
            {"msgtype": "image", "image": self.stored("x.png", content)},
        ]
        return await self._message(userid, {"msgtype": "mixed", "mixed": {"msg_item": items}})

    async def says_in_group(self, userid, text):
        """Mentions the bot in a group."""
        said = {"msgtype": "text", "text": {"content": f"@Robot {text}"}, "chattype": "group", "chatid": "group-1"}
        return await self._message(userid, said)

    async def clicks(self, userid, sent, button, picked=()):
        """Presses a button, by its key or label, of a message (or of the card with a task_id, as a hacked client may)."""
        task, key, kind = sent, button, "button_interaction"
        if isinstance(sent, Sent):
            keys = [key for label, key in sent.buttons if button in (label, key) or label.startswith(f"{button} ")]
            assert keys, f"no button {button!r} among {sent.buttons}"
            task, key, kind = sent.task_id, keys[0], sent.shown["card_type"]
        inner = {"card_type": kind, "event_key": key, "task_id": task}
        if kind == "vote_interaction":
            chosen = {"question_key": "q", "option_ids": {"option_id": list(picked)}}
            inner["selected_items"] = {"selected_item": [chosen]}
        return await self._event(userid, "template_card_event", inner, task_id=task)

    async def enters(self, userid):
        """Opens the chat: an event at the first time of the day only."""
        someone = self.someone(userid)
        first, someone.entered = not someone.entered, True
        return first and await self._event(userid, "enter_chat", {})

    def inbox(self, userid):
        """What the bot has sent this person, oldest first."""
        return list(self.someone(userid).inbox)

    def someone(self, userid):
        return self._people.setdefault(userid.lower(), Someone(userid))

    def shown_as(self, userid):
        """The userid as the bot is told it."""
        return "wo" + hashlib.sha256(userid.encode()).hexdigest()[:29] + "A" if self.open_userids else userid

    def stored(self, name, content):
        """A file on this server, encrypted under a key of its own: {url, aeskey}."""
        number, key = next(self._numbers), hashlib.sha256(f"{name}{len(self._files)}".encode()).digest()
        pad = 32 - len(content) % 32
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        self._files[str(number)] = (name, encryptor.update(content + bytes([pad]) * pad) + encryptor.finalize())
        url = self.url.replace("ws", "http", 1)
        return {"url": f"{url}/files/{number}", "aeskey": base64.b64encode(key).decode().rstrip("=")}

    # What happens to connections. -------------------------------------------------------------------------------------------

    def pull(self, cmd, when, how, after=0):
        """Pulls the plug at a coming frame of that cmd ("*": any), `after` so many."""
        self.pulls.append(Pull(cmd, when, how, after))

    async def kick(self):
        """Another program subscribes with the same credentials."""
        await self._displace(None)

    def abort(self):
        """The live connection dies without a word."""
        if self._live:
            self._cut(self._live)

    async def close_cleanly(self):
        """The live connection is closed with code 1000."""
        if client := self._live:
            self._live = None
            await client.socket.close(code=1000)

    def forget(self):
        """The live connection stays open, but its subscription is gone (846609)."""
        if self._live:
            self._live.subscribed = False
            self._live = None

    @property
    def is_live(self):
        return self._live is not None

    async def waits(self, until, seconds=10.0):
        """Waits until `until()` holds; looks again at every change, and whenever the loop has nothing else to do."""
        async with asyncio.timeout(seconds):
            while not until():
                self._changed.clear()
                try:
                    await asyncio.wait_for(self._changed.wait(), 0.02)
                except TimeoutError:
                    continue

    def nudge(self):
        """Something changed elsewhere that a `waits` may be about."""
        self._changed.set()

    def called(self, cmd):
        """The bot's frames of a cmd."""
        return [entry for entry in self.journal if entry.cmd == cmd]

    # The wire. ------------------------------------------------------------------------------------------------------------

    async def _connected(self, request):
        socket = web.WebSocketResponse(max_msg_size=4 * 1024 * 1024)
        await socket.prepare(request)
        client = Client(next(self._numbers), socket, request)
        self._clients.add(client)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._frame(client, message.data)
        finally:
            self._clients.discard(client)
            if self._live is client:
                self._live = None
            self.nudge()
        return socket

    def _cut(self, client):
        if self._live is client:
            self._live = None
        if client.request.transport:
            client.request.transport.abort()

    async def _file(self, request):
        name, content = self._files[request.match_info["number"]]
        quoted = {"Content-Disposition": f"attachment; filename*=UTF-8''{_percent(name)}"} if name else {}
        return web.Response(body=content, headers=quoted)

    async def _frame(self, client, raw):
        try:
            frame = json.loads(raw)
            cmd, req_id, body = frame["cmd"], frame["headers"]["req_id"], frame.get("body", {})
        except (ValueError, KeyError, TypeError):
            self.problems.append(f"no frame: {raw[:200]}")
            return
        pull = self._pulled(cmd)
        if pull and pull.when == "before":
            await self._unplug(client, pull)
            return
        code, answer = await self._carried_out(client, cmd, req_id, body)
        muted = self.withhold_pongs if cmd == "ping" else self.withhold_acks and cmd != "aibot_subscribe"
        self.journal.append(Entry(cmd, req_id, body, None if muted or pull else code, self.now(), client.number))
        ack = {"headers": {"req_id": req_id}, "errcode": code, "errmsg": "ok" if not code else "refused"}
        if not muted:
            await self._out(client, ack | ({"body": answer} if answer else {}), pull)
        self.nudge()

    async def _out(self, client, frame, pull=None):
        """One frame to the bot, unless the plug is pulled before or inside it."""
        text = json.dumps(frame, ensure_ascii=False)
        if self.control_characters and "cmd" in frame:
            text = text.replace('"content": "', '"content": "\x07\x0b')
        if pull is None or pull.when == "acked":
            try:
                await client.socket.send_str(text)
            except ConnectionResetError:
                return
        elif pull.when == "half" and client.request.transport:
            data = text.encode()
            client.request.transport.write(b"\x81\x7e" + len(data).to_bytes(2) + data[: len(data) // 2])
            pull = replace(pull, how="abort")
        if pull:
            await self._unplug(client, pull)

    async def _unplug(self, client, pull):
        if self._live is client:
            self._live = None
        if pull.how == "close":
            task = asyncio.ensure_future(client.socket.close(code=1000))
            await asyncio.wait({task}, timeout=1.0)
        else:
            await asyncio.sleep(0)
            self._cut(client)

    def _pulled(self, cmd):
        for pull in self.pulls:
            if pull.cmd in (cmd, "*") and cmd != "aibot_subscribe":
                if pull.after > 0:
                    pull.after -= 1
                    return None
                self.pulls.remove(pull)
                return pull
        return None

    # Commands. --------------------------------------------------------------------------------------------------------------

    async def _carried_out(self, client, cmd, req_id, body):
        if cmd == "aibot_subscribe":
            return await self._subscribe(client, body), {}
        if cmd == "ping":
            return 0, {}
        if not client.subscribed:
            return 846609, {}
        if codes := self.refuses.get(cmd):
            return codes.pop(0), {}
        if cmd == "aibot_send_msg":
            return self._send(body), {}
        if cmd == "aibot_upload_media_init":
            return self.uploads.init(body)
        if cmd == "aibot_upload_media_chunk":
            return self.uploads.chunk(body)
        if cmd == "aibot_upload_media_finish":
            return self.uploads.finish(body)
        if cmd in ("aibot_respond_msg", "aibot_respond_welcome_msg", "aibot_respond_update_msg"):
            return self._respond(client, cmd, req_id, body), {}
        self.problems.append(f"unknown cmd {cmd}")
        return 40008, {}

    async def _subscribe(self, client, body):
        if body.get("bot_id") != self.bot_id or body.get("secret") != self.secret:
            return 853000
        if codes := self.refuses.get("aibot_subscribe"):
            return codes.pop(0)
        await self._displace(client)
        client.subscribed = True
        self.connections += 1
        return 0

    async def _displace(self, client):
        old, self._live = self._live, client
        if old is not None and old is not client:
            old.subscribed = False
            event = {"eventtype": "disconnected_event", "disconnected_event": {}}
            headers = {"req_id": f"r{next(self._numbers)}"}
            body = {"msgid": f"m{next(self._numbers)}", "msgtype": "event", "event": event}
            await self._out(old, {"cmd": "aibot_event_callback", "headers": headers, "body": body})
            task = asyncio.ensure_future(old.socket.close(code=1000))
            await asyncio.wait({task}, timeout=1.0)

    def _send(self, body):
        if body.get("chat_type") != 1:
            self.problems.append(f"chat_type {body.get('chat_type')!r}")
        someone = self._addressed(body.get("chatid"))
        if someone is None or not someone.wrote:
            return 846607
        code = botrules.wrong("aibot_send_msg", body, self.uploads, self._tasks) or self.rates.take(someone.userid)
        if not code:
            self._deliver(someone, body)
        return code

    def _respond(self, client, cmd, req_id, body):
        door = self._doors.get(req_id)
        kind = {"aibot_respond_msg": "message", "aibot_respond_welcome_msg": "enter"}.get(cmd, "click")
        if door is None or door.kind != kind or door.connection != client.number:
            return 846605
        if door.answered:
            return 846606
        if self.now() - door.at > (MESSAGE if kind == "message" else CLICK):
            return 846604
        code = self._update(door, body) if kind == "click" else self._answer(door, cmd, body)
        if not code:
            stream = body.get("stream") if kind == "message" else None
            door.answered = not (stream and not stream.get("finish"))
        return code

    def _answer(self, door, cmd, body):
        code = botrules.wrong(cmd, body, self.uploads, self._tasks)
        stream = body.get("stream") or {}
        if not code and stream and self.now() - door.at > STREAM:
            return 846608
        code = code or self.rates.take(door.userid)
        if not code:
            self._deliver(self.someone(door.userid), body)
        return code

    def _update(self, door, body):
        card = body.get("template_card")
        if body.get("response_type") != "update_template_card" or not isinstance(card, dict):
            return 40008
        if card.get("task_id") != door.task_id:
            return 846625
        code = botrules.card_code(card, update=True) or self.rates.take(door.userid)
        if not code:
            self._advised(card)
            for sent in self.someone(door.userid).inbox:
                if sent.task_id == door.task_id:
                    sent.replaced = card
        return code

    def _deliver(self, someone, body):
        kind = body["msgtype"]
        part = body[kind]
        card = part if kind == "template_card" else None
        if card:
            self._tasks.add(card.get("task_id"))
            self._advised(card)
        text = card["main_title"]["title"] if card else part.get("content", "")
        media = self.uploads.media.get(part.get("media_id"), ("", "", b""))
        task = card.get("task_id", "") if card else ""
        someone.inbox.append(Sent(kind, text, body, card, None, self.now(), task, media[1], media[2]))

    def _advised(self, card):
        self.problems += advising.advice(card, cards.BOT)

    def _addressed(self, chatid):
        for someone in self._people.values():
            if isinstance(chatid, str) and (
                chatid.lower() == someone.userid.lower() or chatid == self.shown_as(someone.userid)
            ):
                return someone
        return None

    # Callbacks. -------------------------------------------------------------------------------------------------------------

    async def _message(self, userid, body):
        someone = self.someone(userid)
        someone.wrote |= body.get("chattype") != "group"
        known = {"chattype": "single", **body}
        return await self._callback("aibot_msg_callback", "message", userid, known)

    async def _event(self, userid, name, inner, task_id=""):
        body = {"msgtype": "event", "create_time": int(self.now()), "event": {"eventtype": name, name: inner}}
        kind = "click" if name == "template_card_event" else "enter"
        return await self._callback("aibot_event_callback", kind, userid, body, task_id)

    async def _callback(self, cmd, kind, userid, body, task_id=""):
        client = self._live
        if client is None:
            return False
        body = {"msgid": f"msg-{next(self._numbers)}", "aibotid": self.bot_id, "from": {"userid": self.shown_as(userid)}, **body}  # fmt: skip
        for _ in range(1 + self.twice):
            req_id = f"req-{next(self._numbers)}"
            self._doors[req_id] = Door(kind, userid, self.now(), client.number, task_id)
            pull = self._pulled(cmd)
            if pull and pull.when == "before":
                await self._unplug(client, pull)
                return False
            await self._out(client, {"cmd": cmd, "headers": {"req_id": req_id}, "body": body}, pull)
        return True

    async def raw(self, text):
        """Any text at all to the bot."""
        await self._live.socket.send_str(text)


def _percent(name):
    return "".join(f"%{byte:02X}" for byte in name.encode())
