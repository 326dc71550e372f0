"""Exams that are sat together: the door of a hall, and the code that signs a shared device in. Looking takes no seat and uses no code."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from channels.web.incoming import Press, inbox_key
from channels.web.pages import Pages
from channels.web.sessions import address
from handlers.messages import Answered

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_CODE = re.compile(r"[A-Z0-9]{6,20}\Z")


class Halls:
    def __init__(self, pages: Pages, press: Press) -> None:
        self.pages = pages
        self._press = press

    async def show_hall(self, request: Request) -> Response:
        """The door: take a seat, wait, or begin. While people wait the page asks again by itself every ten seconds."""
        await self.pages.viewer(request)
        return await self._hall(request)

    async def take_seat(self, request: Request) -> Response:
        """Takes a seat for whoever is signed in; others are told how to get in."""
        viewer = await self.pages.viewer(request)
        token, form = request.path_params["token"], await request.form(max_files=0, max_fields=5)
        secret = self.pages.sessions.secret(request)
        if viewer is None or secret is None or not _TOKEN.match(token):
            return await self._hall(request)
        answered = await self._submit(request, secret, f"/sit {token}", str(form.get("key", "")))
        if answered is None:
            return self.pages.refusal(request, 503, "not_recorded")
        return RedirectResponse(f"/hall/{token}", 303)

    async def _hall(self, request: Request) -> Response:
        token = request.path_params["token"]
        viewer = await self.pages.viewer(request)
        hall: dict[str, Any] = {"state": "unknown"}
        if _TOKEN.match(token):
            hall = await self.pages.house.view("hall", viewer, {"token": token})
        return self.pages.html(request, "hall.html", hall=hall)

    # Shared devices. ---------------------------------------------------------------------------------------------------

    async def ask_code(self, request: Request) -> Response:
        """Where a code is typed in; with one in the form, the question whose it is."""
        await self.pages.viewer(request)
        code = _code(request.query_params.get("code", ""))
        return await self._seat(request, code)

    async def confirm_code(self, request: Request) -> Response:
        """Signs this browser in for one exam. It stays so until 交卷, and for four hours at most."""
        sessions, form = self.pages.sessions, await request.form(max_files=0, max_fields=5)
        code, digits = _code(str(form.get("code", ""))), _code(str(form.get("digits", "")))
        secret = sessions.secret(request)
        if await self.pages.viewer(request) is not None or not _CODE.match(code) or secret is None:
            return await self._seat(request, code)
        answered = await self._submit(request, secret, f"/seat {code} {digits}".rstrip(), str(form.get("key", "")))
        if answered is None:
            return self.pages.refusal(request, 503, "not_recorded")
        if await self.pages.house.who(secret) is None:
            said = "\n".join(reply.text for reply in answered.replies if reply.text)
            return await self._seat(request, code, sentence=said)
        response = RedirectResponse("/exam", 303, background=BackgroundTask(self.pages.house.shown, [answered.key]))
        sessions.remember(response, secret)
        return response

    async def _seat(self, request: Request, code: str, sentence: str = "") -> Response:
        seat: dict[str, Any] = {"state": "asked"}
        if _CODE.match(code):
            seat = await self.pages.house.view("seat", None, {"code": code})
        status = 422 if sentence else 200
        response = self.pages.html(request, "seat.html", status=status, seat=seat, code=code, sentence=sentence)
        if self.pages.sessions.secret(request) is None:
            self.pages.sessions.remember(response, self.pages.sessions.fresh())
        return response

    async def _submit(self, request: Request, secret: str, action: str, key: str) -> Answered | None:
        account = address(secret)
        key = inbox_key(account, key or self.pages.sessions.fresh(), action)
        return await self._press.submit(account, key, action=action, device=self.pages.sessions.device(request))


def _code(typed: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", typed).upper() if each.isascii() and each.isalnum())[
        :20
    ]
