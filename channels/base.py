"""What a channel is given by bot.py, and what it offers in return. Adding a channel: one folder, one line in bot.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.routing import BaseRoute

from handlers.messages import Answered, Incoming, Outcome, Owed, Parcel, Viewer


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
    shown      inbox keys whose replies have reached the platform.
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
    shown: Callable[[Sequence[str]], Awaitable[None]]
    keep: Callable[..., Awaitable[str]]
    stirred: Callable[[], Awaitable[None]]
    words: Callable[[str], Mapping[str, str]]


class Channel(Protocol):
    """One platform. `routes` are mounted on the one web server; `start` returns at once, `stop` drains and returns in 10 s."""

    name: str

    @property
    def routes(self) -> Sequence[BaseRoute]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...
