"""How a browser becomes somebody's: invitation, one-time link, leaving. Opening a page changes nothing; only pressing does."""

from __future__ import annotations

import re
import unicodedata

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.web.incoming import Press, inbox_key
from channels.web.pages import Pages
from channels.web.sessions import address
from handlers.messages import Answered, Viewer

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_UNKNOWN = {"state": "unknown", "name": "", "unit": "", "digits": False, "by": ""}


class Joining:
    def __init__(self, pages: Pages, press: Press) -> None:
        self.pages = pages
        self._press = press
        self._view = pages.house.view

    async def show_invitation(self, request: Request) -> Response:
        return await self._show(request, "join")

    async def show_entry(self, request: Request) -> Response:
        return await self._show(request, "enter")

    async def join(self, request: Request) -> Response:
        """Submits /join with the digits. Digits that cannot be right are asked for again and cost no try."""
        form = await request.form(max_files=0, max_fields=10)
        digits = "".join(unicodedata.normalize("NFKC", str(form.get("digits", ""))).split())
        door = await self._door(request, "join")
        if door["state"] == "open" and door.get("digits", True) and not re.fullmatch(r"[0-9]{4}", digits):
            return await self._show(request, "join", key="four_digits")
        token = request.path_params["token"]
        return await self._confirm(request, "join", f"/join {token} {digits}".rstrip(), str(form.get("key", "")))

    async def enter(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        return await self._confirm(request, "enter", f"/enter {request.path_params['token']}", str(form.get("key", "")))

    async def ask_to_leave(self, request: Request, viewer: Viewer) -> Response:
        return self.pages.html(request, "leave.html")

    async def leave(self, request: Request) -> Response:
        """Ends the session; the cookie goes only once the house has recorded it."""
        secret = self.pages.sessions.secret(request)
        if secret and await self.pages.viewer(request):
            answered = await self._submit(request, secret, "/leave", self.pages.sessions.fresh())
            if answered is None:
                return self.pages.refusal(request, 503, "not_recorded")
        response = RedirectResponse("/", 303)
        self.pages.sessions.forget(response)
        return response

    async def _door(self, request: Request, way: str) -> dict[str, object]:
        token = request.path_params["token"]
        if not _TOKEN.match(token):
            return dict(_UNKNOWN)
        view, field = ("invitation", "token") if way == "join" else ("entry", "code")
        return {**_UNKNOWN, "digits": way == "join", **await self._view(view, None, {field: token})}

    async def _show(self, request: Request, way: str, *, key: str = "", sentence: str = "") -> Response:
        """The page with the question. It gives the browser a secret nobody knows yet, so that a confirmation whose answer
        got lost can be repeated from the same browser and still lets it in."""
        await self.pages.viewer(request)
        door = await self._door(request, way)
        if key:
            sentence = self.pages.renderer.say(self.pages.language(request), key)
        status = 422 if sentence else 200
        response = self.pages.html(request, "door.html", status=status, way=way, door=door, sentence=sentence)
        if self.pages.sessions.secret(request) is None:
            self.pages.sessions.remember(response, self.pages.sessions.fresh())
        return response

    async def _confirm(self, request: Request, way: str, action: str, key: str) -> Response:
        sessions = self.pages.sessions
        secret = sessions.secret(request)
        if secret is None or not _TOKEN.match(request.path_params["token"]):
            return await self._show(request, way, key="press_again")
        if await self.pages.viewer(request) is None:
            answered = await self._submit(request, secret, action, key)
            if answered is None:
                return self.pages.refusal(request, 503, "not_recorded")
            if await self.pages.house.who(secret) is None:
                said = "\n".join(reply.text for reply in answered.replies if reply.text)
                return await self._show(request, way, sentence=said, key="" if said else "not_done")
            response = RedirectResponse("/", 303, background=BackgroundTask(self.pages.house.shown, [answered.key]))
            sessions.remember(response, secret)
            return response
        return await self._show(request, way)

    async def knows(self, request: Request) -> bool:
        """Whether this browser is somebody's, and their own."""
        viewer = await self.pages.viewer(request)
        return viewer is not None and not viewer.shared

    async def admit(self, request: Request, token: str, to: str) -> Response:
        """Signs in whom another channel vouches for by an entry token of the house, under a new secret, and leads on to `to`. A session of
        their own is left as it is; one of somebody else's on the same browser gives way."""
        viewer = await self.pages.viewer(request)
        if viewer and not viewer.shared and (await self._view("entrant", viewer, {"code": token}))["mine"]:
            return RedirectResponse(to, 303)
        secret = self.pages.sessions.fresh()
        answered = await self._submit(request, secret, f"/enter {token}", self.pages.sessions.fresh())
        if answered is None or await self.pages.house.who(secret) is None:
            return self.pages.refusal(request, 503, "not_recorded")
        response = RedirectResponse(to, 303, background=BackgroundTask(self.pages.house.shown, [answered.key]))
        self.pages.sessions.remember(response, secret)
        return response

    def refuse(self, request: Request, status: int, key: str) -> Response:
        """A page with one sentence."""
        return self.pages.refusal(request, status, key)

    async def _submit(self, request: Request, secret: str, action: str, key: str) -> Answered | None:
        account = address(secret)
        key = inbox_key(account, key or self.pages.sessions.fresh(), action)
        return await self._press.submit(account, key, action=action, device=self.pages.sessions.device(request))
