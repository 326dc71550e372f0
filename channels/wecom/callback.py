"""The callback address: proves what comes, answers within WeCom's five seconds, and says yes only to what is on disk."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from channels.bodies import body_of
from channels.sending import utc_now
from channels.wecom.envelopes import MOST_BODY, greyed, reply, sealed
from channels.wecom.reading import Event, read
from channels.wecom.secrecy import Forged, Secrecy

log = structlog.get_logger()

PATH = "/wecom/callback"
PATIENCE = 4.0
"""Seconds we wait for the record: WeCom hangs up after five. What comes later is recorded all the same, and WeCom, which got no
yes, asks again and finds it there."""
MOST_SKEW = 600
"""Seconds by which the time in a callback's signature may differ from ours; anything older is a replay."""


class Callback:
    """GET proves the address to the console; POST takes a message or an event.

    `take` resolves once an event is on disk, to the label that greys the pressed card ("" for none), and raises where nothing was
    recorded. `chance(n)` gives n random bytes.
    """

    def __init__(
        self,
        secrecy: Secrecy,
        corp_id: str,
        agent_id: int,
        take: Callable[[Event], Awaitable[str]],
        *,
        chance: Callable[[int], bytes],
        now: Callable[[], datetime] = utc_now,
        patience: float = PATIENCE,
    ) -> None:
        self._secrecy, self._corp, self._agent, self._take = secrecy, corp_id, agent_id, take
        self._chance, self._now, self._patience = chance, now, patience
        self._taking: dict[str, asyncio.Future[str]] = {}
        self.route = Route(PATH, self, methods=["GET", "POST"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The route's application: a function there would be wrapped twice more."""
        request = Request(scope, receive)
        try:
            response = await (self._prove(request) if request.method == "GET" else self._receive(request))
        except Forged as forged:
            log.warning("callback_refused", why=str(forged))
            response = Response(status_code=403)
        await response(scope, receive, send)

    async def drain(self, within: float) -> None:
        """Waits for what is still being recorded."""
        if self._taking:
            await asyncio.wait(self._taking.values(), timeout=within)

    async def _prove(self, request: Request) -> Response:
        """The plain echostr and nothing else: no quotes, no line end (document 90930). A "+" that was not escaped came as a space."""
        echo = request.query_params.get("echostr", "").replace(" ", "+")
        return PlainTextResponse(self._opened(request, echo))

    async def _receive(self, request: Request) -> Response:
        body = await body_of(request, MOST_BODY)
        if body is None:
            return Response(status_code=413)
        event = read(self._opened(request, sealed(body)), self._corp, self._agent, self._now())
        return await self._record(event)

    def _opened(self, request: Request, encrypted: str) -> bytes:
        """The message, if its signature holds and is of these minutes."""
        query = request.query_params
        timestamp = query.get("timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise Forged("timestamp")
        message = self._secrecy.open(query.get("msg_signature", ""), timestamp, query.get("nonce", ""), encrypted)
        if abs(self._now().timestamp() - int(timestamp)) > MOST_SKEW:
            raise Forged("old")
        return message

    async def _record(self, event: Event) -> Response:
        """A repetition of what is still being recorded waits for the same record."""
        key = event.incoming.key if event.incoming else ""
        taking = self._taking.get(key)
        if taking is None:
            taking = asyncio.ensure_future(self._take(event))
            if key:
                self._taking[key] = taking
                taking.add_done_callback(lambda _: self._taking.pop(key, None))
        done, _ = await asyncio.wait({taking}, timeout=self._patience)
        if not done:
            log.warning("callback_late")
            return Response(status_code=503)
        if error := taking.exception():
            log.warning("callback_not_recorded", error=f"{type(error).__name__}: {error}")
            return Response(status_code=503)
        label = taking.result()
        return Response(self._grey(event, label), media_type="application/xml") if label else Response(status_code=200)

    def _grey(self, event: Event, label: str) -> str:
        now = int(self._now().timestamp())
        nonce = base64.b32encode(self._chance(5)).decode()
        inner = greyed(event.user, self._corp, label, now)
        return reply(self._secrecy, inner, now, nonce, self._chance(16))
