"""What stands before every page: headers, the size of bodies, where a POST comes from, how often one session asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.web.sessions import Sessions

Refuse = Callable[[Request, int, str], Response]
BODY_LIMIT = 21 * 1024 * 1024  # a file of 20 MB and the form around it
RATE, BURST = 5.0, 20.0  # requests per second and session; how many at once after a pause
_REMEMBERED = 20_000  # sessions whose buckets are kept


class Headers:
    """Sets the headers that keep a page from being framed, sniffed, cached or made to run foreign code."""

    def __init__(self, app: ASGIApp, *, frame_ancestors: str) -> None:
        self.app = app
        self._policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {frame_ancestors}"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        kept = _path(scope).startswith("/static/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", self._policy)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"  # invitation tokens stand in addresses
                good = kept and message["status"] in (200, 304)
                headers["Cache-Control"] = "public, max-age=31536000, immutable" if good else "no-store"
            await send(message)

        await self.app(scope, receive, with_headers)


class BodyLimit:
    """Counts a body while it streams in and refuses it with 413 once it is too large; Starlette alone would spool it all."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, limit: int = BODY_LIMIT) -> None:
        self.app = app
        self._refuse = refuse
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise HTTPException(413)  # the page that was reading turns it into its sentence
            return message

        request = Request(scope)
        declared = request.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._limit:
            await self._refuse(request, 413, "too_large")(scope, receive, send)
            return
        await self.app(scope, counted, send)


class SameOrigin:
    """Refuses a POST that another site made a browser send. Without Sec-Fetch-Site (plain http, old WebViews) and with the
    null Origin that no-referrer causes, the SameSite=Lax cookie is the proof: a foreign site cannot make it come along."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, sessions: Sessions, origin: str) -> None:
        self.app = app
        self._refuse = refuse
        self._sessions = sessions
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            request = Request(scope)
            if not self._ours(request):
                await self._refuse(request, 403, "elsewhere")(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _ours(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = request.headers.get("origin", "null")
        if origin != "null":
            return origin == self._origin or urlsplit(origin).netloc == request.headers.get("host")
        return self._sessions.secret(request) is not None


class Pace:
    """A token bucket per session that answers 429 with a sentence. Those without a session share one per address, ten
    times as wide: a whole office opens its invitations from behind one address."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, sessions: Sessions, now: Callable[[], datetime]) -> None:
        self.app = app
        self._refuse = refuse
        self._sessions = sessions
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _path(scope).startswith(("/static/", "/healthz")):
            request = Request(scope)
            if not self._spend(*self._whose(request)):
                response = self._refuse(request, 429, "too_fast")
                response.headers["Retry-After"] = "2"
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _whose(self, connection: HTTPConnection) -> tuple[str, int]:
        secret = self._sessions.secret(connection)
        return (secret, 1) if secret else (connection.client.host if connection.client else "", 10)

    def _spend(self, whose: str, share: int) -> bool:
        moment = self._now().timestamp()
        left, then = self._buckets.pop(whose, (BURST * share, moment))
        left = min(BURST * share, left + max(0.0, moment - then) * RATE * share)
        self._buckets[whose] = (left - 1 if left >= 1 else left, moment)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return left >= 1


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path
