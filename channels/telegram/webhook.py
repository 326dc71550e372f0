"""The webhook: 200 only after the house has the update on disk; Telegram repeats everything else by itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from channels.bodies import body_of
from channels.sending import utc_now
from channels.telegram.reading import Event, read

log = structlog.get_logger()

MOST_BODY = 256 * 1024
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Webhook:
    """One route, `/telegram/{path}`, whose path and header both come from the secret, so neither can be guessed.

    Telegram hands one person's updates over one after another and repeats what gets no 2xx, until 24 h (presses: 150 s) are over.
    """

    def __init__(
        self, secret: str, take: Callable[[Event], Awaitable[None]], *, now: Callable[[], datetime] = utc_now
    ) -> None:
        if not _SECRET.fullmatch(secret):
            raise ValueError("TELEGRAM_WEBHOOK_SECRET: 1 to 256 of A-Z, a-z, 0-9, _ and -")
        self._secret, self._take, self._now = secret.encode(), take, now
        self.path = hmac.new(self._secret, b"path", hashlib.sha256).hexdigest()[:32]
        self.route = Route("/telegram/{path}", self, methods=["POST"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The route's application: a function there would be wrapped twice more, at a tenth of an answer's cost."""
        response = await self._receive(Request(scope, receive))
        await response(scope, receive, send)

    async def _receive(self, request: Request) -> Response:
        path = str(request.path_params["path"]).encode(errors="replace")
        told = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "").encode()
        if not hmac.compare_digest(path, self.path.encode()) or not hmac.compare_digest(told, self._secret):
            return Response(status_code=403)
        body = await body_of(request, MOST_BODY)
        if body is None:
            return Response(status_code=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        return await self._record(update)

    async def _record(self, update: object) -> Response:
        event = read(update, self._now())
        try:
            if event is not None:
                await self._take(event)
        except Exception as error:
            log.warning("update_not_recorded", error=f"{type(error).__name__}: {error}")
            return Response(status_code=503, headers={"Retry-After": "2"})
        return Response(status_code=200)
