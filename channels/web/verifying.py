"""Pages that strangers may read: whether a certificate or return stands, and what is recorded about people here."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.web.pages import Pages

LONGEST = 64


class Verifying:
    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    async def ask(self, request: Request) -> Response:
        """Where a code is typed in; with one in the form, its page."""
        if code := request.query_params.get("code", "").strip()[:LONGEST]:
            plain = "".join(each for each in code if each.isascii() and each.isalnum())
            return RedirectResponse(f"/verify/{plain or '-'}", 303)
        return await self._page(request, None)

    async def show(self, request: Request) -> Response:
        """What stands behind a code. An unknown one is a calm page with the way to type it again."""
        code = request.path_params["code"][:LONGEST]
        asked = {"code": code, "language": self.pages.language(request)}
        return await self._page(request, await self.pages.house.view("verify", None, asked))

    async def privacy(self, request: Request) -> Response:
        """What is recorded about a person, why, how long, and who sees it."""
        await self.pages.viewer(request)
        found = await self.pages.house.view("privacy", None, {"language": self.pages.language(request)})
        return self.pages.html(request, "privacy.html", privacy=found)

    async def _page(self, request: Request, found: dict[str, Any] | None) -> Response:
        await self.pages.viewer(request)
        status = 404 if found is not None and not found["kind"] else 200
        return self.pages.html(request, "verify.html", status=status, found=found)
