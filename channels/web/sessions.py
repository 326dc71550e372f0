"""Which browser is asking: the secret in its cookie, the Address it speaks from, the Viewer behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from channels.base import House
from handlers.messages import Address, Viewer

_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{20,128}\Z")
_KEPT_FOR = 180 * 24 * 3600  # seconds; the store may end a session earlier


class Sessions:
    """Cookies in, cookies out. A secret that nobody confirmed is worth nothing: the house knows no one behind it."""

    def __init__(self, house: House, *, secure: bool, secret: Callable[[], str]) -> None:
        self.house = house
        self.fresh = secret
        self._secure = secure
        # Browsers accept the __Host- prefix only with Secure, so plain http on a local network goes without.
        self._cookie = "__Host-xuefa" if secure else "xuefa"
        self._mark = "__Host-xuefa-device" if secure else "xuefa-device"

    def secret(self, connection: HTTPConnection) -> str | None:
        """The secret this browser presents, or None if there is none or it is no secret of ours."""
        found = connection.cookies.get(self._cookie, "")
        return found if _WELL_FORMED.match(found) else None

    async def viewer(self, request: Request) -> Viewer | None:
        """The person behind the request; asked of the house once per request."""
        if not hasattr(request.state, "viewer"):
            secret = self.secret(request)
            request.state.viewer = await self.house.who(secret) if secret else None
        found: Viewer | None = request.state.viewer
        return found

    def device(self, connection: HTTPConnection) -> str:
        """What the house may know of a browser that was marked: a digest that is the same for all who use it, "" for others."""
        found = connection.cookies.get(self._mark, "")
        return sha256(found.encode()).hexdigest()[:16] if _WELL_FORMED.match(found) else ""

    def mark(self, request: Request, response: Response) -> None:
        """Marks a browser that has no mark yet, so that two people who sit an exam on it can be told from two on their own."""
        if not self.device(request):
            response.set_cookie(
                self._mark,
                self.fresh(),
                max_age=_KEPT_FOR,
                path="/",
                secure=self._secure,
                httponly=True,
                samesite="lax",
            )

    def remember(self, response: Response, secret: str) -> None:
        response.set_cookie(
            self._cookie, secret, max_age=_KEPT_FOR, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="lax")


def address(secret: str) -> Address:
    """Where a browser speaks from. The store learns the digest of the secret, never the secret."""
    return Address("web", "s:" + sha256(secret.encode()).hexdigest())
