"""What a channel is given by bot.py, and what it offers in return. Adding a channel: one folder, one line in bot.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from handlers.messages import Answered, Incoming, Member, Outcome, Owed, Parcel, SpentCards, Viewer

GONE = frozenset({"blocked", "deactivated", "chat_not_found", "not_visible", "unlicensed", "no_first_word"})
"""Reasons of a permanent refusal that are about the account, and not about the one message."""


class DeliveryFailed(Exception):
    """A platform refused a message. `permanent`: it will refuse the next one too (blocked, deactivated, unknown)."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class House:
    """The callables a channel is given. All are safe to call from the event loop; none blocks it.

    submit     one Incoming in; resolves after the commit, never before. Raises only if nothing was recorded.
    view       (name, viewer or None, query) -> what a page shows, as plain data; raises BotError("not_allowed"|"not_found", ...).
    who        the secret of a web session -> its Viewer, or None.
    claim      (channel, at most) -> deliveries now being sent by us; settle must follow.
    settle     what became of them.
    owed       (channel) -> replies committed but shown by nobody for 15 s.
    shown      inbox keys whose replies have reached the platform, and the question cards they left open there.
    spent      (channel) -> cards still open on the platform that nobody can answer any more.
    greyed     (channel, codes) -> those have been greyed, or cannot be any more: forget them.
    directory  (channel, members) -> the platform's directory as of now, for the officer to compare with the roster; applies nothing.
    alarm      (channel, code, values) -> every admin reads what is wrong there, once a day for each code.
    keep       a platform's small memory (offsets, tokens): keep(name) reads ("" if none), keep(name, value) writes.
    stirred    resolves when deliveries may have been added since the call (or after some seconds at the latest).
    words      language -> the sentences a page needs, by "area.key".
    """

    submit: Callable[[Incoming], Awaitable[Answered]]
    view: Callable[[str, Viewer | None, Mapping[str, str]], Awaitable[Any]]
    who: Callable[[str], Awaitable[Viewer | None]]
    claim: Callable[[str, int], Awaitable[Sequence[Parcel]]]
    settle: Callable[[Sequence[Outcome]], Awaitable[None]]
    owed: Callable[[str], Awaitable[Sequence[Owed]]]
    shown: Callable[..., Awaitable[None]]
    spent: Callable[[str], Awaitable[Sequence[SpentCards]]]
    greyed: Callable[[str, Sequence[str]], Awaitable[None]]
    directory: Callable[[str, Sequence[Member]], Awaitable[None]]
    alarm: Callable[[str, str, Mapping[str, str]], Awaitable[None]]
    keep: Callable[..., Awaitable[str]]
    stirred: Callable[[], Awaitable[None]]
    words: Callable[[str], Mapping[str, str]]


class Door(Protocol):
    """How another channel lets a browser in: the web's, given to it by bot.py."""

    async def knows(self, request: Request) -> bool:
        """Whether the browser is somebody's already, and their own."""
        ...

    async def admit(self, request: Request, token: str, to: str) -> Response:
        """Signs the browser in by an entry token of the house and leads on to `to`, a path of ours."""
        ...

    def refuse(self, request: Request, status: int, key: str) -> Response:
        """A page with one sentence."""
        ...


class Channel(Protocol):
    """One platform. `routes` are mounted on the one web server; `start` returns at once, `stop` drains and returns in 10 s."""

    name: str

    @property
    def routes(self) -> Sequence[BaseRoute]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...
