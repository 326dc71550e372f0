"""From a form to an Incoming: what was typed, pressed, ticked or attached, under a key that makes a repetition harmless."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from starlette.datastructures import FormData, UploadFile

from channels.base import House
from handlers.messages import BLOCKED, UNBLOCKED, UNREADABLE, Address, Answered, BotError, File, Incoming, answer_action

FILE_LIMIT = 20 * 1024 * 1024
TEXT_LIMIT = 4000  # characters
_log = logging.getLogger("xuefa.web")


@dataclass(frozen=True, slots=True)
class Said:
    """What a form says. `shown` is how its sender sees it in the chat; `trouble` the key of a sentence if it says nothing."""

    text: str = ""
    action: str = ""
    file: File | None = None
    key: str = ""
    origin: str | None = None
    shown: str = ""
    trouble: str = ""


class Press:
    """The one way into the house."""

    def __init__(self, house: House, now: Callable[[], datetime]) -> None:
        self._house = house
        self._now = now

    async def submit(
        self,
        account: Address,
        key: str,
        *,
        text: str = "",
        action: str = "",
        file: File | None = None,
        origin: str | None = None,
        device: str = "",
    ) -> Answered | None:
        """What the house answered, after its commit; None if it recorded nothing and one should press again."""
        incoming = Incoming(
            key, account, self._now(), text=text, action=action, file=file, origin=origin, device=device
        )
        try:
            return await self._house.submit(incoming)
        except BotError:
            raise
        except Exception:
            _log.exception("not recorded: %s", key)
            return None


def inbox_key(account: Address, key: str, *parts: str) -> str:
    """The event's key. It holds the account, so nobody can ask for another's replies, and what was said, so that a page
    that came back from a browser's history with its old form key does not swallow a new sentence."""
    return "web:" + sha256("\0".join((account.id, key, *parts)).encode()).hexdigest()[:32]


async def read(form: FormData) -> Said:
    """What the form says; of file, press, ticked boxes and text the first that is there counts."""
    key, origin, shown = (_field(form, name)[:200] for name in ("key", "origin", "shown"))
    text = _field(form, "text").replace("\r\n", "\n").strip()
    if len(text) > TEXT_LIMIT:
        return Said(trouble="too_long", key=key)
    upload = form.get("file")
    if isinstance(upload, UploadFile) and upload.filename:
        file = await _file(upload)
        return Said(
            text=text,
            file=file,
            key=key,
            shown=f"{upload.filename} {text}".strip(),
            trouble="" if file else "too_large",
        )
    token = _field(form, "token")
    picked = "".join(sorted({str(letter) for letter in form.getlist("pick") if _is_letter(str(letter))}))
    action = _field(form, "action") or (answer_action(token, picked) if token and picked else "")
    if len(action) > TEXT_LIMIT:
        return Said(key=key, trouble="too_long")
    if action.strip().split(" ")[0] in (
        BLOCKED,
        UNBLOCKED,
        UNREADABLE,
    ):  # what platforms report is not for a form to claim
        return Said(key=key, trouble="nothing_said")
    if action:
        return Said(action=action, key=key, origin=origin or None, shown=shown or action)
    if text:
        return Said(text=text, key=key, origin=origin or None, shown=text)
    return Said(key=key, trouble="nothing_chosen" if token else "nothing_said")


def _field(form: FormData, name: str) -> str:
    found = form.get(name, "")
    return found if isinstance(found, str) else ""


def _is_letter(letter: str) -> bool:
    return len(letter) == 1 and "A" <= letter <= "Z"


async def _file(upload: UploadFile) -> File | None:
    """The file under the last part of its name; None if it is over 20 MB."""
    if upload.size is not None and upload.size > FILE_LIMIT:
        return None
    name = (upload.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(sign for sign in name if sign.isprintable())[-120:] or "file"
    return File(name, (upload.content_type or "application/octet-stream")[:100], await upload.read())
