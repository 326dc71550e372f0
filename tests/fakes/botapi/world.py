"""What Telegram would know: people, messages, waiting updates, files, limits; and what it would refuse."""

import itertools
import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field

from tests.fakes.botapi.markup import parse


class Refused(Exception):
    """An error answer: HTTP status, description, parameters."""

    def __init__(self, code, description, **parameters):
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Message:
    id: int
    chat: int
    date: int
    ours: bool
    text: str = ""
    html: str = ""
    entities: tuple = ()
    rows: list = field(default_factory=list)
    kind: str = "text"
    name: str = ""
    content: bytes = b""
    file_id: str = ""
    edits: int = 0


@dataclass
class Entry:
    """One line of the journal."""

    method: str
    params: dict
    files: dict
    status: int = 0
    answer: object = None
    at: float = 0.0


class World:
    """State behind one bot's token. Everything happens under `lock`, which is notified of every change."""

    def __init__(self, token, callback_seconds=60.0):
        self.token, self.callback_seconds = token, callback_seconds
        self.lock = threading.Condition(threading.RLock())
        self.offset_seconds = 0.0
        self.update_ids, self.message_ids, self.other_ids = (
            itertools.count(1000),
            itertools.count(1),
            itertools.count(1),
        )
        self.waiting, self.allowed = [], None
        self.people, self.messages, self.files, self.uploads = {}, {}, {}, {}
        self.callbacks, self.webhook, self.poll = {}, None, 0
        self.journal, self.problems, self.faults = [], [], []
        self.limits = None
        self._sends, self._chats = deque(), {}
        self.listeners = []

    def now(self):
        """Real time plus what was advanced."""
        return time.time() + self.offset_seconds

    def changed(self):
        self.lock.notify_all()
        for wake in self.listeners:
            wake()

    def queue(self, kind, body, lifetime=86_400.0, person=0):
        if self.allowed is None or kind in self.allowed:
            self.waiting.append(({"update_id": next(self.update_ids), kind: body}, self.now() + lifetime, person))
        self.changed()

    def fresh(self):
        """The updates that have not expired, oldest first."""
        now = self.now()
        self.waiting = [entry for entry in self.waiting if entry[1] > now]
        return self.waiting

    def confirm(self, offset):
        if offset < 0:
            self.waiting = self.waiting[offset:]
        elif offset:
            self.waiting = [entry for entry in self.waiting if entry[0]["update_id"] >= offset]

    # --- what a bot may say -------------------------------------------------------------------------------------------

    def person_for(self, chat):
        if not str(chat).lstrip("-").isdigit() or int(chat) not in self.people:
            raise Refused(400, "Bad Request: chat not found")
        person = self.people[int(chat)]
        if person["deactivated"]:
            raise Refused(403, "Forbidden: user is deactivated")
        if person["blocked"]:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return int(chat)

    def limit(self, chat):
        if self.limits is None:
            return
        overall, per_chat = self.limits
        now = self.now()
        while self._sends and self._sends[0] <= now - 1:
            self._sends.popleft()
        recent = [at for at in self._chats.get(chat, ()) if at > now - 1]
        if len(self._sends) >= overall or len(recent) >= per_chat:
            raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
        self._sends.append(now)
        self._chats[chat] = [*recent, now]

    def styled(self, params, name, most, least=1):
        text, entities = str(params.get(name, "")), ()
        if str(params.get("parse_mode", "")).upper() == "HTML":
            try:
                text, entities = parse(text)
            except ValueError as error:
                raise Refused(400, f"Bad Request: can't parse entities: {error}") from None
        text = text.rstrip()
        if len(text) < least:
            raise Refused(400, "Bad Request: message text is empty")
        if len(text) > most:
            raise Refused(400, "Bad Request: message is too long")
        return text, tuple(entities)

    @staticmethod
    def keyboard(params):
        markup = params.get("reply_markup")
        markup = json.loads(markup) if isinstance(markup, str) else markup
        return (markup or {}).get("inline_keyboard", [])

    def add(self, **known):
        message = Message(next(self.message_ids), date=int(self.now()), **known)
        self.messages[message.chat, message.id] = message
        self.changed()
        return message

    def shown(self, message):
        """The message as the API shows it."""
        person = self.people[message.chat]
        sender = self.me() if message.ours else self.user(message.chat)
        body = {
            "message_id": message.id, "date": message.date, "from": sender,
            "chat": {"id": message.chat, "type": "private", "first_name": person["name"]},
        }  # fmt: skip
        body["text" if message.kind == "text" else "caption"] = message.text
        if message.rows:
            body["reply_markup"] = {"inline_keyboard": message.rows}
        file = {"file_id": message.file_id, "file_unique_id": message.file_id, "file_size": len(message.content)}
        if message.kind == "document":
            body["document"] = {**file, "file_name": message.name, "mime_type": "application/octet-stream"}
        if message.kind == "photo":
            body["photo"] = [
                {**file, "file_id": f"small-{message.file_id}", "width": 90, "height": 90},
                {**file, "width": 800, "height": 600},
            ]
        return body

    def me(self):
        return {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "学法", "username": "xuefa_test_bot"}

    def user(self, number):
        return {"id": number, "is_bot": False, "first_name": self.people[number]["name"]}
