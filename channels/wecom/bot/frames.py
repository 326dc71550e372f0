"""Raw frame -> what it says. Total: whatever text comes, it neither raises nor lets nonsense through.

Frames are described in developer.work.weixin.qq.com, documents 101463 (long connection), 100719 (messages) and 101027 (events). Their
JSON may hold raw control characters. Groups are no business of ours; an event without a `chattype` comes from a single chat.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeGuard

from channels.wecom.cards import action_of
from handlers.messages import UNREADABLE, Address, Incoming

CHANNEL = "wecom_bot"
MOST_TEXT = 4096
MOST_KEY = 64
_OPEN_USERID = re.compile(r"wo(?=[\w-]*[A-Z])[\w-]{20,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a person sent, not yet fetched: its address is good for five minutes, its content is encrypted under `key`."""

    url: str
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `kind` is ack (with `code`, `words`, `body`), message, press, enter, kicked, or nothing for us. `req_id` is what an
    answer names; `who` the person of message, press and enter."""

    kind: str
    req_id: str = ""
    who: str = ""
    incoming: Incoming | None = None
    attachment: Attachment | None = None
    code: int = 0
    words: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Frame("nothing")


def read(raw: str, arrived_at: datetime) -> Frame:
    """What a text frame says."""
    try:
        frame = _dict(json.loads(raw, strict=False))
    except (ValueError, RecursionError):
        return NOTHING
    req_id, body = _text(_dict(frame.get("headers")).get("req_id"))[:256], _dict(frame.get("body"))
    cmd = frame.get("cmd")
    if cmd is None and req_id and "errcode" in frame:
        code = frame["errcode"]
        return Frame("ack", req_id, code=code if _whole(code) else -1, words=_text(frame.get("errmsg")), body=body)
    if cmd == "aibot_msg_callback":
        return _message(req_id, body, arrived_at)
    if cmd == "aibot_event_callback":
        return _event(req_id, body, arrived_at)
    return NOTHING


def _message(req_id: str, body: Mapping[str, Any], at: datetime) -> Frame:
    account = _account(body)
    if account is None:
        return NOTHING
    text, attachment = _content(body)
    action = "" if text or attachment else UNREADABLE
    said = Incoming(_key(body), account, at, text=text, action=action, platform_at=_time(body.get("create_time")))
    return Frame("message", req_id, account.id, said, attachment)


def _event(req_id: str, body: Mapping[str, Any], at: datetime) -> Frame:
    event = _dict(body.get("event"))
    name = event.get("eventtype")
    if name == "disconnected_event":
        return Frame("kicked", req_id)
    account = _account(body)
    if account is None:
        return NOTHING
    if name == "enter_chat":
        return Frame("enter", req_id, account.id)
    if name == "template_card_event":
        return _press(req_id, body, event, account, at)
    return NOTHING


def _press(req_id: str, body: Mapping[str, Any], event: Mapping[str, Any], account: Address, at: datetime) -> Frame:
    """The documents show the press one level deeper than the types of WeCom's own library do: the deeper first."""
    press = _dict(event.get("template_card_event")) or event
    action = action_of(_text(press.get("event_key")), _picked(press))
    if not action:
        return NOTHING
    task = _text(press.get("task_id"))[:128]
    said = Incoming(_key(body), account, at, action=action, origin=task or None, platform_at=_time(body.get("create_time")))  # fmt: skip
    return Frame("press", req_id, account.id, said)


def _picked(press: Mapping[str, Any]) -> list[str]:
    """The options that were ticked; a list of one may come without its brackets."""
    items = _list(_dict(press.get("selected_items")).get("selected_item"))
    found = [_list(_dict(_dict(item).get("option_ids")).get("option_id")) for item in items]
    return [letter for letters in found for letter in letters if isinstance(letter, str)]


def _content(body: Mapping[str, Any]) -> tuple[str, Attachment | None]:
    """Text and file of a message; a voice message comes as its transcript."""
    kind = body.get("msgtype")
    if kind == "mixed":
        items = [_content(_dict(item)) for item in _list(_dict(body.get("mixed")).get("msg_item"))[:20]]
        files = [file for _, file in items if file]
        return "\n".join(text for text, _ in items if text)[:MOST_TEXT], files[0] if files else None
    part = _dict(body.get(kind)) if isinstance(kind, str) else {}
    if kind in ("text", "voice"):
        return _text(part.get("content")).strip()[:MOST_TEXT], None
    url = _text(part.get("url"))
    if kind in ("file", "image") and url.startswith(("https://", "http://")):
        return "", Attachment(url, _text(part.get("aeskey")), str(kind))
    return "", None


def _account(body: Mapping[str, Any]) -> Address | None:
    """Who it comes from. A userid is the same in capitals; an encrypted one (open_userid) is not."""
    who = _text(_dict(body.get("from")).get("userid")).strip()[:128]
    if not who or body.get("chattype", "single") != "single" or body.get("chatid"):
        return None
    return Address(CHANNEL, who if _OPEN_USERID.fullmatch(who) else who.lower())


def _key(body: Mapping[str, Any]) -> str:
    """Once per event: the platform's number of it, or what it says where that is missing or long."""
    number = _text(body.get("msgid"))
    key = f"{CHANNEL}:{number}"
    if number and len(key) <= MOST_KEY and number.isprintable():
        return key
    said = number or json.dumps(body, sort_keys=True, default=str)
    return f"{CHANNEL}:{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def _time(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if _whole(seconds) and 0 < seconds < 1 << 35 else None


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _text(value: object) -> str:
    """A string that any database takes: no NUL, no half of a surrogate pair, no other control character but the line's end."""
    if not isinstance(value, str):
        return ""
    kept = "".join(sign for sign in value if sign >= " " or sign in "\t\n")
    return kept.encode("utf-8", "replace").decode()


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53
