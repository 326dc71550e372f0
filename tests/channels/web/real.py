"""The real house behind the pages: the engine of the conversations, under its virtual clock, spoken to over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from channels.base import House
from handlers import dispatch
from handlers.messages import Answered, Incoming, Viewer
from handlers.views import chat, pages
from handlers.words import words
from storage import accounts
from tests.engine import Engine


class Real:
    """An engine as a House. Browsers are signed in by `signs_in`; the time of a press is the engine's."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.heard: list[Incoming] = []
        self._one = asyncio.Lock()

    @property
    def house(self) -> House:
        return House(submit=self.submit, view=self.view, who=self.who, claim=self.nothing, settle=self.nothing, owed=self.nothing,
                     shown=self.nothing, keep=self.nothing, stirred=self.for_ever, words=words,
                     spent=self.nothing, greyed=self.nothing, directory=self.nothing, alarm=self.nothing)  # fmt: skip

    def signs_in(self, name: str, secret: str, purpose: str = "") -> None:
        """A browser of this person."""
        digest, now = sha256(secret.encode()).hexdigest(), self.engine.now
        self.engine.write(
            lambda s: accounts.open_session(s, self.engine.people[name], digest, now, now.replace(year=2027), purpose)
        )

    async def submit(self, incoming: Incoming) -> Answered:
        return await self.taken(incoming)

    async def taken(self, incoming: Incoming) -> Answered:
        self.heard.append(incoming)
        incoming = replace(incoming, arrived_at=self.engine.now)
        async with self._one:
            return self.engine.write(lambda s: dispatch.take(s, incoming, self.engine.house))

    async def view(self, name: str, viewer: Viewer | None, query: Mapping[str, str]) -> Any:
        look = pages.Look(viewer, query, self.engine.house, self.engine.now)
        return self.engine.read(lambda s: pages.view(s, name, look))

    async def who(self, secret: str) -> Viewer | None:
        return self.engine.read(lambda s: chat.viewer_of(s, sha256(secret.encode()).hexdigest(), self.engine.now))

    async def nothing(self, *args: Sequence[Any]) -> Any:
        return []

    async def for_ever(self) -> None:
        await asyncio.Event().wait()
