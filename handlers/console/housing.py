"""What channels are given: the callables of one serving process, each the one hop to the room that does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any

from handlers import delivering, dispatch
from handlers.messages import Answered, Incoming, Member, Outcome, Owed, Parcel, ShownCard, SpentCards, Viewer
from handlers.people import directory
from handlers.reach import alarming
from handlers.turns import Deployment
from handlers.views import chat, pages
from storage import keep
from storage.database import Database, Store
from storage.ledger import Ledger

STIR_AT_LATEST = 5.0
"""Seconds after which a channel looks for deliveries even if nobody says that there are any (another process may have)."""


class Housing:
    """`deployment` gives the deployment as it is now. Nothing here blocks the event loop: writes hop to the ledger, reads to a thread."""

    def __init__(self, database: Database, deployment: Callable[[], Deployment], now: Callable[[], datetime]) -> None:
        self._database, self._deployment, self._now = database, deployment, now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stirred = asyncio.Event()

    def open(self, ledger: Ledger) -> None:
        """From now on, in the running loop, writes go to this ledger, and its `after_commit` wakes who waits for deliveries."""
        self._loop, self._ledger = asyncio.get_running_loop(), ledger

    def after_commit(self) -> None:
        """The ledger's word, in its thread, that something is on disk."""
        if self._database.memory.stirred and self._loop is not None:
            self._database.memory.stirred = False
            self._loop.call_soon_threadsafe(self._stir)

    def _stir(self) -> None:
        self._stirred.set()
        self._stirred = asyncio.Event()

    async def _read(self, look: Callable[[Store], Any]) -> Any:
        def reading() -> Any:
            with self._database.reading() as store:
                return look(store)

        return await asyncio.to_thread(reading)

    # Pages and people. -------------------------------------------------------------------------------------------------

    async def submit(self, incoming: Incoming) -> Answered:
        return await self._ledger.hop(
            lambda store: dispatch.take(store, incoming, self._deployment()),
            failed=lambda store, error: dispatch.quarantine(store, incoming, self._deployment(), error),
            account=(incoming.account.channel, incoming.account.id),
        )

    async def view(self, name: str, viewer: Viewer | None, query: Mapping[str, str]) -> Any:
        return await self._read(
            lambda s: pages.view(s, name, pages.Look(viewer, query, self._deployment(), self._now()))
        )

    async def who(self, secret: str) -> Viewer | None:
        found: Viewer | None = await self._read(
            lambda s: chat.viewer_of(s, sha256(secret.encode()).hexdigest(), self._now())
        )
        return found

    async def directory(self, channel: str, members: Sequence[Member]) -> None:
        await self._ledger.hop(lambda s: directory.pulled(s, channel, members, self._deployment(), self._now()))

    # What goes out. ----------------------------------------------------------------------------------------------------

    async def claim(self, channel: str, most: int) -> Sequence[Parcel]:
        if not await self._read(lambda s: delivering.is_due(s, channel, self._now())):
            return []
        return await self._ledger.hop(lambda s: delivering.claim(s, channel, most, self._deployment(), self._now()))

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        await self._ledger.hop(lambda s: delivering.settle(s, list(outcomes), self._now(), self._deployment()))

    async def owed(self, channel: str) -> Sequence[Owed]:
        return list(await self._read(lambda s: delivering.owed(s, channel, self._now())))

    async def shown(self, keys: Sequence[str], cards: Sequence[ShownCard] = ()) -> None:
        await self._ledger.hop(lambda s: delivering.shown(s, keys, cards, self._deployment(), self._now()))

    async def spent(self, channel: str) -> Sequence[SpentCards]:
        return list(await self._read(lambda s: delivering.spent(s, channel, self._now())))

    async def greyed(self, channel: str, codes: Sequence[str]) -> None:
        await self._ledger.hop(lambda s: delivering.greyed(s, channel, codes, self._now()))

    async def alarm(self, channel: str, code: str, values: Mapping[str, str]) -> None:
        await self._ledger.hop(lambda s: alarming.alarm(s, channel, code, values, self._deployment(), self._now()))

    async def keep(self, name: str, value: str | None = None) -> str:
        if value is None:
            return str(await self._read(lambda s: keep.read(s, name)))
        await self._ledger.hop(lambda s: keep.write(s, name, value, self._now()))
        return value

    async def stirred(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), timeout=STIR_AT_LATEST)
