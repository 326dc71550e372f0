"""Keeps one connection to WeCom open: subscribes, beats, and comes back after every end, whatever ended it."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from channels.sending import Clock, Sleep, unless, utc_now, within
from channels.wecom.bot.frames import Frame
from channels.wecom.bot.wire import ACK_SECONDS, Wire
from channels.wecom.refusals import NotSent, Refused, Unsure

log = structlog.get_logger()

URL = "wss://openws.work.weixin.qq.com"
BEAT = 30.0
_MISSES = 2
_MOST_PAUSE = 30.0
_AFTER_A_KICK = _AFTER_A_REFUSAL = 60.0
_OPENING = 15.0
_MOST_FRAME = 1 << 20
"""Bytes: a message has some thousand. What is larger would hold up everybody else while it is read."""
_NOT_SUBSCRIBED, _WRONG_CREDENTIALS, _DOOR_CLOSED = 846609, 853000, 846605


class Connection:
    """One bot's connection. WeCom keeps one only: who subscribes last ends the other's.

    After an end it comes back in 1, 2, 4, ... 30 s, less a random part of up to half; after another program has taken its place, or with
    credentials that are refused, in a minute. `heard` gets whatever is no ack, with the connection it came by. `url` is ws:// or wss://.
    """

    def __init__(
        self,
        bot_id: str,
        secret: str,
        heard: Callable[[Frame, Wire], Awaitable[None]],
        *,
        url: str = URL,
        ca_bundle: Path | None = None,
        chance: Callable[[], float] = random.random,
        monotonic: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bot_id, self._secret, self._hand_on, self._url = bot_id, secret, heard, url
        self._trust: ssl.SSLContext | bool = ssl.create_default_context(cafile=str(ca_bundle)) if ca_bundle else True
        self._chance, self._monotonic, self._now, self._sleep = chance, monotonic, now, sleep
        self._session: aiohttp.ClientSession | None = None
        self._wire: Wire | None = None
        self._stop, self._ready, self._dropped = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._pause, self._since, self._was_kicked = 1.0, 0.0, False
        self._running: asyncio.Task[None] | None = None
        self.refused = False
        """Whether WeCom refuses our bot id and secret."""

    def __repr__(self) -> str:
        return f"Connection({self._url})"

    @property
    def connected(self) -> bool:
        """Whether we are subscribed now."""
        return self._ready.is_set()

    @property
    def kicked(self) -> bool:
        """Whether another program has taken our place and we have not held it for a minute since."""
        return self._was_kicked and not (self.connected and self._monotonic() - self._since >= _AFTER_A_KICK)

    async def start(self) -> None:
        """Begins, in a task of its own."""
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self._running = asyncio.create_task(self._run(), name="wecom_bot: connection")

    async def stop(self) -> None:
        """Ends the connection."""
        self._stop.set()
        if self._running is not None:
            await self._running
        if self._session is not None:
            await self._session.close()

    async def ready(self, seconds: float) -> bool:
        """Waits that long to be subscribed; whether we are."""
        return self.connected or await within(seconds, self._ready.wait(), self._sleep)

    async def ask(
        self,
        cmd: str,
        body: Mapping[str, Any],
        *,
        to: tuple[Wire, str] | None = None,
        seconds: float = ACK_SECONDS,
    ) -> Mapping[str, Any]:
        """A command, to its ack. `to`: answers the callback with that req_id, which its own connection only can do.

        Raises Refused, NotSent (nothing left: not subscribed) or Unsure. A connection that turns out to have lost its subscription
        is made anew, and the command repeated."""
        wire = self._wire
        if wire is None or not self.connected:
            raise NotSent("not connected")
        if to is not None and to[0] is not wire:
            raise Refused(_DOOR_CLOSED)
        try:
            return await wire.request(cmd, body, to[1] if to else "", seconds)
        except Refused as refused:
            if refused.code != _NOT_SUBSCRIBED:
                raise
            self._drop(wire)
            if to is not None:
                raise Refused(_DOOR_CLOSED) from None
        if not await self.ready(_MOST_PAUSE) or self._wire is None:
            raise NotSent("not connected")
        return await self._wire.request(cmd, body, "", seconds)

    def _drop(self, wire: Wire) -> None:
        """Ends this connection, unless it has been replaced already."""
        if wire is self._wire:
            log.warning("wecom_bot_subscription_lost")
            self._ready.clear()
            self._dropped.set()

    async def _run(self) -> None:
        while not self._stop.is_set():
            try:
                rest = await self._live()
            except Exception:
                log.exception("wecom_bot_connection_failed")
                rest = self._back_off()
            if not self._stop.is_set():
                log.info("wecom_bot_not_connected", again_in=round(rest, 1))
                await unless(self._stop, self._sleep(rest))

    async def _live(self) -> float:
        """One connection from its opening to its end; the seconds until the next."""
        try:
            socket = await self._opened()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("wecom_bot_unreachable", error=type(error).__name__)
            return self._back_off()
        wire = Wire(socket, self._heard, now=self._now, sleep=self._sleep)
        listening = asyncio.create_task(wire.listen(), name="wecom_bot: listening")
        listening.add_done_callback(lambda _: wire.end())
        try:
            await wire.request("aibot_subscribe", {"bot_id": self._bot_id, "secret": self._secret})
            self._begin(wire)
            return await self._until_over(wire, listening)
        except Refused as refused:
            return self._not_admitted(refused)
        except (NotSent, Unsure):
            return self._back_off()
        finally:
            self._ready.clear()
            self._wire = None
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await socket.close()

    async def _until_over(self, wire: Wire, listening: asyncio.Task[bool]) -> float:
        beating = asyncio.create_task(self._beat(wire), name="wecom_bot: heartbeat")
        events = [asyncio.create_task(event.wait()) for event in (self._dropped, self._stop)]
        try:
            await asyncio.wait({listening, beating, *events}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (beating, *events):
                task.cancel()
            await asyncio.wait({beating, *events})
        if listening.done() and not listening.cancelled() and listening.result():
            self._was_kicked = True
            log.error("wecom_bot_kicked", explanation="another program is connected with the same bot id")
            return _AFTER_A_KICK + 10.0 * self._chance()
        return self._back_off()

    async def _opened(self) -> aiohttp.ClientWebSocketResponse:
        assert self._session is not None
        found: list[aiohttp.ClientWebSocketResponse] = []
        session, slow = self._session, aiohttp.ClientWSTimeout(ws_close=1.0)

        async def opening() -> None:
            found.append(await session.ws_connect(self._url, ssl=self._trust, timeout=slow, max_msg_size=_MOST_FRAME))

        if not await within(_OPENING, opening(), self._sleep):
            raise TimeoutError
        return found[0]

    def _begin(self, wire: Wire) -> None:
        if self.refused:
            log.info("wecom_bot_admitted")
        self.refused, self._wire, self._since = False, wire, self._monotonic()
        self._dropped.clear()
        self._ready.set()

    def _not_admitted(self, refused: Refused) -> float:
        if refused.code != _WRONG_CREDENTIALS:
            log.warning("wecom_bot_not_admitted", code=refused.code)
            return self._back_off()
        self.refused = True
        log.error("wecom_bot_refused", code=refused.code, explanation="the bot's id or its secret is wrong")
        return _AFTER_A_REFUSAL

    async def _heard(self, frame: Frame, wire: Wire) -> None:
        self._pause = 1.0
        try:
            await self._hand_on(frame, wire)
        except Exception:
            log.exception("wecom_bot_frame_failed", kind=frame.kind)

    async def _beat(self, wire: Wire) -> None:
        """Returns when the connection is dead: two pings in a row without an ack, or one refused."""
        missed = 0
        while missed < _MISSES:
            await self._sleep(BEAT)
            try:
                await wire.request("ping")
                missed, self._pause = 0, 1.0
            except (NotSent, Unsure):
                missed += 1
            except Refused:
                break
        log.warning("wecom_bot_silent", missed=missed)

    def _back_off(self) -> float:
        """1, 2, 4, ... 30 s, less up to half, so that not everybody comes back at once; anew once something was heard."""
        pause, self._pause = self._pause, min(_MOST_PAUSE, self._pause * 2)
        return pause * (1.0 - 0.5 * self._chance())
