"""Uploads files in chunks, and sends what was uploaded within three days again by its number (document 101463)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from channels.allowance import Allowance
from channels.sending import Clock, Sleep
from channels.wecom.media import mark_of
from channels.wecom.refusals import NotSent, Unsure
from handlers.messages import File

CHUNK = 512 * 1024
KEPT = 3 * 24 * 3600.0 - 3600.0
"""Seconds an upload is used again: WeCom keeps it for three days; an hour is left for clocks and queues."""
MOST_PICTURE = 10 * 1024 * 1024
_MOST_NAME = 256
_MOST_KEPT = 500
_CHUNK_SECONDS = 30.0
_TRIES = 2


class Ask(Protocol):
    """`Connection.ask`."""

    def __call__(self, cmd: str, body: Mapping[str, Any], *, seconds: float) -> Awaitable[Mapping[str, Any]]: ...


class Media:
    """One bot's uploads: one at a time, at most 25 a minute and 900 an hour of the 30 and 1,000 that WeCom takes."""

    def __init__(self, ask: Ask, *, monotonic: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._ask, self._monotonic, self._sleep = ask, monotonic, sleep
        self._kept: dict[str, tuple[str, float]] = {}
        self._one, self._allowance = asyncio.Lock(), Allowance(per_minute=25, per_hour=900)

    async def number(self, file: File) -> str:
        """The media_id of a file, uploaded now unless it was before. Raises Refused, or NotSent: a message whose file did not get
        through is surely not sent."""
        name = _named(file)
        async with self._one:
            number, until = self._kept.get(name, ("", 0.0))
            if not number or until <= self._monotonic():
                number = await self._insisted(file)
                self._keep(name, number)
        return number

    def forget(self, file: File) -> None:
        """WeCom does not know it any more."""
        self._kept.pop(_named(file), None)

    async def _insisted(self, file: File) -> str:
        for _ in range(_TRIES):
            try:
                return await self._upload(file)
            except Unsure:
                continue
        raise NotSent("upload without an answer")

    async def _upload(self, file: File) -> str:
        while (delay := self._allowance.wait("", self._monotonic())) > 0:
            await self._sleep(delay)
        self._allowance.take("", self._monotonic())
        chunks = [file.content[at : at + CHUNK] for at in range(0, len(file.content), CHUNK)]
        md5 = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
        told = {"type": kind(file), "filename": shortened(file.name), "total_size": len(file.content), "total_chunks": len(chunks)}  # fmt: skip
        begun = await self._ask("aibot_upload_media_init", {**told, "md5": md5}, seconds=_CHUNK_SECONDS)
        upload = {"upload_id": str(begun.get("upload_id", ""))}
        for index, chunk in enumerate(chunks):
            part = {"chunk_index": index, "base64_data": base64.b64encode(chunk).decode()}
            await self._ask("aibot_upload_media_chunk", upload | part, seconds=_CHUNK_SECONDS)
        finished = await self._ask("aibot_upload_media_finish", upload, seconds=_CHUNK_SECONDS)
        return str(finished.get("media_id", ""))

    def _keep(self, name: str, number: str) -> None:
        while len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[name] = (number, self._monotonic() + KEPT)


def kind(file: File) -> str:
    """What WeCom takes it for: a picture where it shows pictures, else a file."""
    is_picture = file.media_type in ("image/png", "image/jpeg") and len(file.content) <= MOST_PICTURE
    return "image" if is_picture else "file"


def shortened(name: str) -> str:
    """The name in at most 256 bytes, its ending kept."""
    stem, dot, ending = name.rpartition(".")
    if len(name.encode()) <= _MOST_NAME or not dot:
        return name.encode()[:_MOST_NAME].decode(errors="ignore")
    room = _MOST_NAME - len(f".{ending}".encode())
    return stem.encode()[: max(room, 0)].decode(errors="ignore") + f".{ending}"


def _named(file: File) -> str:
    return f"{kind(file)}:{mark_of(file)}"
