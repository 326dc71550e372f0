"""Decrypted callback -> Event: what a member did, or nothing. Whatever came in, it raises nothing but Forged.

developer.work.weixin.qq.com, documents 90239 (messages), 90240 (events).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from xml.etree.ElementTree import Element

from channels.wecom.cards import action_of
from channels.wecom.envelopes import parsed, text_of, texts_of
from channels.wecom.secrecy import Forged
from handlers.messages import BLOCKED, UNBLOCKED, UNREADABLE, Address, Incoming

CHANNEL = "wecom"
MOST_TEXT = 4096
MOST_ACTION = 1024
_WORDLESS = ("voice", "video", "location", "link")
_TROUBLES = ("inactive_alert", "close_inactive_agent", "low_active_alert", "low_active")


@dataclass(frozen=True, slots=True)
class Media:
    """A file that a member sent, not yet fetched."""

    id: str
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Event:
    """One callback: what it says (None: nothing for us), the file to fetch, the pressed card with the code that updates it once, and
    what WeCom warns the administrator of."""

    user: str
    incoming: Incoming | None = None
    media: Media | None = None
    task: str = ""
    code: str = ""
    trouble: str = ""


def read(message: bytes, corp_id: str, agent_id: int, arrived_at: datetime) -> Event:
    """The event in a decrypted callback of our app. Raises Forged where it is not for us or not XML.

    The key is a hash of the decrypted text: WeCom sends a callback that was not answered again with the same text, and its own
    advice, sender and second, would make two presses within a second one.
    """
    root = parsed(message)
    if text_of(root, "ToUserName") != corp_id or text_of(root, "AgentID") not in ("", str(agent_id)):
        raise Forged("somebody else's")
    sender = text_of(root, "FromUserName")
    if not sender or sender == "sys":
        return Event("", trouble=_trouble(root))
    incoming = Incoming(
        f"{CHANNEL}:{sha256(message).hexdigest()[:32]}",
        Address(CHANNEL, sender.lower()),
        arrived_at,
        platform_at=_time(text_of(root, "CreateTime")),
    )
    if text_of(root, "MsgType") == "event":
        return _event(root, sender, incoming)
    return _message(root, sender, incoming)


def _message(root: Element, sender: str, blank: Incoming) -> Event:
    kind = text_of(root, "MsgType")
    if kind == "text":
        text = text_of(root, "Content")[:MOST_TEXT]
        return Event(sender, _saying(blank, text=text) if text else None)
    if kind in ("image", "file") and (media := text_of(root, "MediaId")):
        name = text_of(root, "FileName") or text_of(root, "Title")
        known = _plain_name(name) or ("photo.jpg" if kind == "image" else "file")
        return Event(
            sender, blank, Media(media, known, "image/jpeg" if kind == "image" else "application/octet-stream")
        )
    return Event(sender, _saying(blank, action=UNREADABLE) if kind in _WORDLESS else None)


def _event(root: Element, sender: str, blank: Incoming) -> Event:
    key = text_of(root, "EventKey")[:MOST_ACTION]
    match text_of(root, "Event"):
        case "template_card_event" | "template_card_menu_event":
            picked = texts_of(root, "SelectedItems", "SelectedItem", "OptionIds", "OptionId")
            action, task = action_of(key, picked), text_of(root, "TaskId")
            incoming = _saying(blank, action=action, origin=task) if action else None
            return Event(sender, incoming, task=task, code=text_of(root, "ResponseCode"))
        case "click" if key:
            return Event(sender, _saying(blank, action=key))
        case "subscribe":
            return Event(sender, _saying(blank, action=UNBLOCKED))
        case "unsubscribe":
            return Event(sender, _saying(blank, action=BLOCKED))
        case _:
            return Event(sender, trouble=_trouble(root))


def _saying(blank: Incoming, *, text: str = "", action: str = "", origin: str | None = None) -> Incoming:
    return Incoming(
        blank.key, blank.account, blank.arrived_at, text, action, platform_at=blank.platform_at, origin=origin
    )


def _trouble(root: Element) -> str:
    event = text_of(root, "Event")
    return event if event in _TROUBLES else ""


def _plain_name(name: str) -> str:
    return name.replace("/", "_").replace("\\", "_")[-120:]


def _time(seconds: str) -> datetime | None:
    fits = seconds.isascii() and seconds.isdigit() and 0 < len(seconds) <= 10
    return datetime.fromtimestamp(int(seconds), UTC) if fits else None
