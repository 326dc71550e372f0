"""Our own get_updates loop: an update is acknowledged only when the house has it on disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog
from telegram.error import Conflict, InvalidToken

from channels.sending import Clock, Sleep, unless, utc_now
from channels.telegram.calls import Api
from channels.telegram.reading import Event, read
from channels.telegram.request import TooFast

log = structlog.get_logger()

WAIT = 30
_STALE = 90.0
_QUIET = 24 * 3600.0


class Poller:
    """Fetches, hands on, and only then moves the offset. `take` resolves when an event is recorded and raises if it is not.

    The offset lives in memory and starts at 0, the earliest update not yet acknowledged; after a day of silence it returns
    there, because Telegram restarts the numbering after a quiet week. What comes twice is harmless: the house knows its keys.
    """

    def __init__(
        self,
        api: Api,
        take: Callable[[Event], Awaitable[None]],
        *,
        wait: int = WAIT,
        monotonic: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._api, self._take, self._wait = api, take, wait
        self._monotonic, self._now, self._sleep = monotonic, now, sleep
        self._stop = asyncio.Event()
        self._offset = 0
        self._pause = 1.0
        self._polled_at = self._heard_at = monotonic()
        self.conflict = False
        """Whether, since we last got through, somebody else polled with our token or a webhook was set."""

    @property
    def age(self) -> float:
        """Seconds since getUpdates last succeeded (or since the start): over 90 means that we hear nothing."""
        return self._monotonic() - self._polled_at

    def stop(self) -> None:
        """Ends `run` after the batch in hand; a long poll under way is given up, which loses nothing."""
        self._stop.set()

    async def run(self) -> None:
        """Polls until stopped; no error ends it."""
        while not self._stop.is_set():
            try:
                await self._round()
            except Exception as error:
                await self._back_off(error)

    async def _round(self) -> None:
        if self._monotonic() - self._heard_at > _QUIET:
            self._offset, self._heard_at = 0, self._monotonic()
        found: list[Any] = []

        async def ask() -> None:
            found.extend(await self._api.updates(self._offset, self._wait))

        if not await unless(self._stop, ask()):
            return
        self._polled_at, self.conflict = self._monotonic(), False
        if found:
            self._heard_at = self._polled_at
            await self._accept(found)
        else:
            self._pause = 1.0

    async def _accept(self, updates: list[Any]) -> None:
        """Everyone's events side by side, each person's one after another; a person's next is not tried before the last is on
        disk. The offset goes to the first that failed, so it is fetched again, with all after it."""
        arrived_at = self._now()
        events = [event for event in (read(update, arrived_at) for update in updates) if event]
        people: dict[str, list[Event]] = {}
        for event in sorted(events, key=lambda event: event.update_id):
            people.setdefault(event.person, []).append(event)
        failures = [failed for failed in await asyncio.gather(*map(self._in_order, people.values())) if failed]
        if failures:
            first, error = min(failures, key=lambda failed: failed[0])
            self._offset = first
            raise error
        if not events:
            raise ValueError("a batch of updates without ids")
        self._offset = max(event.update_id for event in events) + 1
        self._pause = 1.0

    async def _in_order(self, events: list[Event]) -> tuple[int, Exception] | None:
        """Takes one person's events; the id and error of the first that was not recorded."""
        for event in events:
            try:
                await self._take(event)
            except Exception as error:
                return event.update_id, error
        return None

    async def _back_off(self, error: Exception) -> None:
        """1, 2, 4, ... 30 s; what no waiting mends is asked for once a minute."""
        pause, self._pause = self._pause, min(30.0, self._pause * 2)
        if isinstance(error, TooFast):
            pause = error.seconds
        elif isinstance(error, InvalidToken):
            pause = 60.0
        self.conflict = self.conflict or isinstance(error, Conflict)
        log.warning("polling_failed", error=f"{type(error).__name__}: {error}", again_in=pause, age=round(self.age))
        await unless(self._stop, self._sleep(pause))
        if self.age > _STALE:
            await self._api.renew_polls()
