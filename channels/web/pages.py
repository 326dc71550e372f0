"""What every page shares: whose it is, in which language, and what a person reads when something is refused or breaks."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from channels.base import House
from channels.web.rendering import Renderer
from channels.web.sessions import Sessions
from handlers.messages import BotError, Viewer

Endpoint = Callable[[Request], Awaitable[Response]]
_STATUS = {"not_allowed": 403, "not_found": 404}
_SENTENCES = {404: "not_found", 413: "too_large"}
_log = logging.getLogger("xuefa.web")


class Pages:
    """The desk at which the other modules of this folder make their pages."""

    def __init__(self, house: House, sessions: Sessions, renderer: Renderer) -> None:
        self.house = house
        self.sessions = sessions
        self.renderer = renderer

    async def viewer(self, request: Request) -> Viewer | None:
        return await self.sessions.viewer(request)

    def language(self, request: Request) -> str:
        """The person's own, else the one asked for in the address, else English only where no Chinese is accepted."""
        viewer: Viewer | None = getattr(request.state, "viewer", None)
        if viewer is not None:
            return viewer.language
        if request.query_params.get("language") in ("zh", "en"):
            return request.query_params["language"]
        accepted = request.headers.get("accept-language", "").lower()
        return "en" if "en" in accepted and "zh" not in accepted else "zh"

    def html(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        background: BackgroundTask | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """A whole page. Its template reads `viewer`, `t`, `when`, `language`, and the context."""
        viewer = getattr(request.state, "viewer", None)
        body = self.renderer.page(template, self.language(request), viewer=viewer, path=request.url.path, **context)
        return HTMLResponse(body, status, background=background)

    def refusal(self, request: Request, status: int, key: str, **values: object) -> Response:
        """One sentence on a page of its own, or alone where a page that is already open asked."""
        return self.notice(request, status, self.renderer.say(self.language(request), key, **values))

    def notice(self, request: Request, status: int, sentence: str) -> Response:
        if wants_fragment(request):
            return PlainTextResponse(sentence, status)
        return self.html(request, "notice.html", status=status, sentence=sentence)

    def welcome(self, request: Request, status: int = 200) -> Response:
        """How to get in, for a browser nobody has signed in with."""
        if wants_fragment(request):
            return self.refusal(request, 401, "how_to_enter")
        return self.html(request, "welcome.html", status=status)

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, with errors turned into pages; what nobody foresaw is logged under a number the person can quote."""

        @wraps(endpoint)
        async def safe(request: Request) -> Response:
            try:
                return await endpoint(request)
            except BotError as error:
                status = _STATUS.get(error.code, 422)
                sentence = self.renderer.error(self.language(request), error.code, error.values)
                return self.notice(request, status, sentence) if sentence else self.refusal(request, status, "not_done")
            except HTTPException as error:
                return self.refusal(request, error.status_code, _SENTENCES.get(error.status_code, "not_done"))
            except Exception:
                reference = self.sessions.fresh()[:8]
                _log.exception("reference %s, in %s", reference, endpoint)  # never the address: it may hold a token
                return self.refusal(request, 500, "broken", reference=reference)

        return safe

    def signed_in(self, endpoint: Callable[[Request, Viewer], Awaitable[Response]]) -> Endpoint:
        """The endpoint for those who are in; others read how to get in."""

        @wraps(endpoint)
        async def only(request: Request) -> Response:
            viewer = await self.viewer(request)
            return await endpoint(request, viewer) if viewer else self.welcome(request, 401)

        return self.guarded(only)


def wants_fragment(request: Request) -> bool:
    """Whether our script asks from an open page, rather than a browser for a whole one."""
    return "x-fragment" in request.headers
