"""The web as a channel: its routes and their guards, for bot.py to mount after every other route."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from channels.base import Door, House
from channels.web.chat import Chat
from channels.web.exam import Exam
from channels.web.guards import BodyLimit, Headers, Pace, SameOrigin
from channels.web.halls import Halls
from channels.web.incoming import Press
from channels.web.joining import Joining
from channels.web.pages import Pages
from channels.web.reading import Reading, healthz
from channels.web.rendering import Renderer
from channels.web.sessions import Sessions
from channels.web.verifying import Verifying


class Web:
    """The embedded web chat. `public_url` is where browsers reach it; `secure` whether by https; `secret` makes 32 random
    bytes as text; `frame_ancestors` who may embed it (a CSP source list); `zone` the deployment's time zone."""

    name = "web"

    def __init__(
        self,
        house: House,
        *,
        public_url: str,
        secure: bool,
        now: Callable[[], datetime],
        secret: Callable[[], str],
        frame_ancestors: str = "'self'",
        zone: str = "Asia/Shanghai",
    ) -> None:
        self._closing = asyncio.Event()
        self._sessions = Sessions(house, secure=secure, secret=secret)
        self._pages = Pages(house, self._sessions, Renderer(house.words, zone=zone, now=now, fresh=secret))
        press = Press(house, now)
        self._chat = Chat(self._pages, press, now=now, closing=self._closing)
        self._joining = Joining(self._pages, press)
        self._halls = Halls(self._pages, press)
        self._exam = Exam(self._pages, press)
        self._reading = Reading(self._pages)
        self._verifying = Verifying(self._pages)
        self._now = now
        self._frame_ancestors = frame_ancestors
        address = urlsplit(public_url)
        self._origin = f"{address.scheme}://{address.netloc}"

    @property
    def door(self) -> Door:
        """How another channel lets a browser in."""
        return self._joining

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """One mount at "/" that answers everything, 404 included: it comes last on the web server."""
        return [Mount("/", routes=[*self._open(), *self._inside(), self._rest()], middleware=self._guards())]

    async def start(self) -> None:
        self._closing.clear()

    async def stop(self) -> None:
        """Ends the open streams; browsers come back by themselves with the last id they saw."""
        self._closing.set()

    def _open(self) -> list[BaseRoute]:
        safe, joining = self._pages.guarded, self._joining
        return [
            Route("/", safe(self._chat.home)),
            Route("/stream", safe(self._chat.stream)),
            Route("/join/{token}", safe(joining.show_invitation)),
            Route("/join/{token}", safe(joining.join), methods=["POST"]),
            Route("/enter/{token}", safe(joining.show_entry)),
            Route("/enter/{token}", safe(joining.enter), methods=["POST"]),
            Route("/leave", safe(joining.leave), methods=["POST"]),
            Route("/hall/{token}", safe(self._halls.show_hall)),
            Route("/hall/{token}", safe(self._halls.take_seat), methods=["POST"]),
            Route("/seat", safe(self._halls.ask_code)),
            Route("/seat", safe(self._halls.confirm_code), methods=["POST"]),
            Route("/verify", safe(self._verifying.ask)),
            Route("/verify/{code}", safe(self._verifying.show)),
            Route("/privacy", safe(self._verifying.privacy)),
            Route("/healthz", healthz),
            Route("/static/{name}", safe(self._reading.static)),
        ]

    def _inside(self) -> list[BaseRoute]:
        signed_in = self._pages.signed_in
        return [
            Route("/say", signed_in(self._chat.say), methods=["POST"]),
            Route("/leave", signed_in(self._joining.ask_to_leave)),
            *self._exams(),
            Route("/materials", signed_in(self._reading.materials)),
            Route("/materials/{key:path}", signed_in(self._reading.material)),
            Route("/files/{id:int}", signed_in(self._reading.file)),
        ]

    def _exams(self) -> list[BaseRoute]:
        signed_in, exam = self._pages.signed_in, self._exam
        return [
            Route("/exam", signed_in(exam.overview)),
            Route("/exam", signed_in(exam.look), methods=["POST"]),
            Route("/exam/{paper:int}", signed_in(exam.result)),
            Route("/exam/{paper:int}", signed_in(exam.begin), methods=["POST"]),
            Route("/exam/{paper:int}/sheet", signed_in(exam.sheet)),
            Route("/exam/{paper:int}/hand-in", signed_in(exam.ask_hand_in)),
            Route("/exam/{paper:int}/hand-in", signed_in(exam.hand_in), methods=["POST"]),
            Route("/exam/{paper:int}/review", signed_in(exam.review)),
            Route("/exam/{paper:int}/{number:int}", signed_in(exam.question)),
            Route("/exam/{paper:int}/{number:int}", signed_in(exam.answer), methods=["POST"]),
        ]

    def _rest(self) -> BaseRoute:
        return Route("/{rest:path}", self._pages.guarded(self._reading.missing), methods=["GET", "POST"])

    def _guards(self) -> list[Middleware]:
        refuse, sessions = self._pages.refusal, self._sessions
        return [
            Middleware(Headers, frame_ancestors=self._frame_ancestors),
            Middleware(Pace, refuse=refuse, sessions=sessions, now=self._now),
            Middleware(SameOrigin, refuse=refuse, sessions=sessions, origin=self._origin),
            Middleware(BodyLimit, refuse=refuse),
        ]
