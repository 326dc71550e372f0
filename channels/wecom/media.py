"""Files that are sent: uploaded once, sent again under the same number for three days, and uploaded again after."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from channels.sending import Clock
from handlers.messages import File

LASTS = 3 * 24 * 3600.0 - 3600.0
"""Seconds a number is used: WeCom keeps a file for three days (document 90253), and an hour is left for the sending."""
_MOST = 200


class Media:
    """`upload(kind, name, content)` gives a file's media_id. Whoever asks for a file that is being uploaded waits for the same upload."""

    def __init__(self, upload: Callable[[str, str, bytes], Awaitable[str]], *, monotonic: Clock) -> None:
        self._upload, self._monotonic = upload, monotonic
        self._known: dict[str, tuple[str, float]] = {}
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def number(self, kind: str, file: File) -> str:
        """The media_id of a file, uploaded as `kind` ("image", "file") unless it was within three days."""
        name = f"{kind}:{mark_of(file)}"
        async with self._busy.setdefault(name, asyncio.Lock()):
            known, until = self._known.get(name, ("", 0.0))
            if not known or self._monotonic() >= until:
                known = await self._upload(kind, file.name, file.content)
                self._remember(name, known)
        return known

    def forget(self, kind: str, file: File) -> None:
        """WeCom no longer knows the number of this file: the next time it is uploaded again."""
        self._known.pop(f"{kind}:{mark_of(file)}", None)

    def _remember(self, name: str, number: str) -> None:
        self._known.pop(name, None)
        while len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
        self._known[name] = number, self._monotonic() + LASTS


def mark_of(file: File) -> str:
    """What tells one file from another: its number in the store; of one that has none, what is in it."""
    return f"{file.name}:{file.id or hashlib.sha256(file.content).hexdigest()}"
