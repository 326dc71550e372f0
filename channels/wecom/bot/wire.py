"""One live connection: requests and their acks by req_id, and what comes unasked."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
import structlog

from channels.sending import Sleep, utc_now, within
from channels.wecom.bot.frames import Frame, read
from channels.wecom.refusals import NotSent, Refused, Unsure

log = structlog.get_logger()

ACK_SECONDS = 5.0


class Wire:
    """An open WebSocket. `heard` is called with every frame that is no ack; while it waits, nothing more is read."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        heard: Callable[[Frame, Wire], Awaitable[None]],
        *,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._socket, self._heard, self._now, self._sleep = socket, heard, now, sleep
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._over = False

    async def request(
        self, cmd: str, body: Mapping[str, Any] | None = None, req_id: str = "", seconds: float = ACK_SECONDS
    ) -> Mapping[str, Any]:
        """One command, to its ack: the ack's body. A callback is answered under its own req_id. Raises Refused, NotSent, or Unsure when
        no ack came in time or the connection ended before it."""
        req_id = req_id or uuid.uuid4().hex
        if self._over or self._socket.closed or req_id in self._waiting:
            raise NotSent("not connected")
        frame = {"cmd": cmd, "headers": {"req_id": req_id}} | ({"body": body} if body is not None else {})
        ack: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[req_id] = ack
        try:
            if not await within(seconds, self._asked(json.dumps(frame, ensure_ascii=False), ack), self._sleep):
                raise Unsure("no ack")
        finally:
            self._waiting.pop(req_id, None)
            if not ack.cancel() and not ack.cancelled():
                ack.exception()
        answer = ack.result()
        if answer.code:
            raise Refused(answer.code, answer.words)
        return answer.body

    async def listen(self) -> bool:
        """Hands on what comes until the connection ends; whether another connection has taken its place."""
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame = read(message.data, self._now())
            if frame.kind == "kicked":
                return True
            if frame.kind == "ack":
                self._acked(frame)
            elif frame.kind != "nothing":
                await self._heard(frame, self)
        return False

    def end(self) -> None:
        """Nothing more comes: whoever waits for an ack will not get it."""
        self._over = True
        for ack in self._waiting.values():
            if not ack.done():
                ack.set_exception(Unsure("connection lost"))

    async def _asked(self, text: str, ack: asyncio.Future[Frame]) -> None:
        try:
            await self._socket.send_str(text)
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            raise Unsure(type(error).__name__) from None
        await asyncio.wait({ack})
        ack.result()

    def _acked(self, frame: Frame) -> None:
        ack = self._waiting.get(frame.req_id)
        if ack is not None and not ack.done():
            ack.set_result(frame)
