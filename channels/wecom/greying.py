"""Greys the cards that nobody can answer any more, as far as WeCom's codes still work; the rest is harmless, since the house decides."""

from __future__ import annotations

import asyncio

import structlog

from channels.base import House
from channels.sending import Sleep, unless
from channels.wecom.reading import CHANNEL
from channels.wecom.refusals import Refused, Trouble
from channels.wecom.speaking import MOST_USERS, Speaker
from handlers.messages import SpentCards

log = structlog.get_logger()

EVERY = 10.0
AT_ONCE = 8


class Greying:
    """Asks the house every ten seconds. A card that was pressed is grey already: the answer to the press did it."""

    def __init__(self, house: House, speaker: Speaker, *, sleep: Sleep = asyncio.sleep) -> None:
        self._house, self._speaker, self._sleep = house, speaker, sleep
        self._stop = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins, in a task of its own."""
        self._running = asyncio.create_task(self._run(), name="wecom: greying")

    async def stop(self) -> None:
        """Ends after the round in hand, which repeats harmlessly if it is cut off."""
        self._stop.set()
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=3.0)
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        while not self._stop.is_set():
            try:
                await self.once()
            except Exception:
                log.exception("greying_failed")
            await unless(self._stop, self._sleep(EVERY))

    async def once(self) -> None:
        """Everything that is spent now."""
        spent = await self._house.spent(CHANNEL)
        done = [code for code in await asyncio.gather(*map(self._grey, spent)) if code]
        if done:
            await self._house.greyed(CHANNEL, done)

    async def _grey(self, cards: SpentCards) -> str:
        """The code if it has been used or works no longer; "" where another try may help."""
        async with self._room:
            try:
                await self._speaker.grey(cards.addresses[:MOST_USERS], cards.code, cards.label)
            except Refused as refused:
                log.info("card_not_greyed", error=str(refused))
                return "" if refused.kind in ("retry", "slow", "config", "token") else cards.code
            except Trouble as trouble:
                log.warning("card_not_greyed", error=str(trouble))
                return ""
            return cards.code
