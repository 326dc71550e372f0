"""The 智能机器人 by its long connection: its parts put together, started and stopped."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from starlette.routing import BaseRoute

from channels.allowance import Allowance
from channels.answering import Answers
from channels.base import House
from channels.sending import Clock, Pace, Sender, Sleep, utc_now
from channels.wecom.bot.connection import URL, Connection
from channels.wecom.bot.fetching import Fetcher
from channels.wecom.bot.frames import Frame
from channels.wecom.bot.media import Media
from channels.wecom.bot.receiving import Receiver
from channels.wecom.bot.speaking import Speaker
from channels.wecom.bot.wire import Wire

log = structlog.get_logger()

_LOOK = 30.0


class WeComBot:
    """One bot, for offices without a public address. WeCom keeps one connection per bot, so one process receives and sends.

    Nothing here fails because WeCom is away. `url` is ws:// or wss://, `ca_bundle` a private deployment's own authority. `pace` limits
    pushes; clocks, sleep and chance are arguments for tests."""

    name = "wecom_bot"
    routes: Sequence[BaseRoute] = ()

    def __init__(
        self,
        house: House,
        bot_id: str,
        secret: str,
        *,
        url: str = URL,
        ca_bundle: Path | None = None,
        pace: Pace | None = None,
        allowance: Allowance | None = None,
        chance: Callable[[], float] = random.random,
        monotonic: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._house, self._salt, self._salting, self._sleep = house, "", asyncio.Lock(), sleep
        self._watching: asyncio.Task[None] | None = None
        pace = pace or Pace(per_second=20.0, per_chat=2.5)
        self._fetcher = Fetcher(ca_bundle=ca_bundle, sleep=sleep)
        self._connection = Connection(
            bot_id,
            secret,
            self._heard,
            url=url,
            ca_bundle=ca_bundle,
            chance=chance,
            monotonic=monotonic,
            now=now,
            sleep=sleep,
        )
        media = Media(self._connection.ask, monotonic=monotonic, sleep=sleep)
        self._speaker = Speaker(
            self._connection, media, pace, self._salted, allowance=allowance, monotonic=monotonic, now=now, sleep=sleep
        )
        self._answers = Answers(self.name, house, self._speaker.reply, now=now, sleep=sleep)
        self._receiver = Receiver(
            house, self._speaker, self._answers, self._fetcher.fetch, monotonic=monotonic, sleep=sleep
        )
        self._sender = Sender(self.name, house, self._speaker.push, pace, monotonic=monotonic, now=now, sleep=sleep)

    @property
    def connected(self) -> bool:
        """Whether we are subscribed now."""
        return self._connection.connected

    @property
    def kicked(self) -> bool:
        """Whether another program uses the same bot: the admin must know."""
        return self._connection.kicked

    @property
    def refused(self) -> bool:
        """Whether WeCom refuses the bot's id and secret: the admin must know."""
        return self._connection.refused

    async def start(self) -> None:
        """Returns at once, whether or not WeCom can be reached."""
        await self._fetcher.open()
        await self._connection.start()
        self._answers.start()
        self._sender.start()
        self._watching = asyncio.create_task(self._watch(), name="wecom_bot: watching")

    async def stop(self) -> None:
        """Finishes what is in hand within 9 s, then ends the connection, over which the last replies go."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        await asyncio.gather(self._stop_receiving(), self._sender.stop(within=7.0))
        await self._connection.stop()
        await self._receiver.stop(within=1.0)
        await self._fetcher.close()

    async def _watch(self) -> None:
        """Tells the admins what only they can mend; the house says it once a day."""
        while True:
            await self._sleep(_LOOK)
            for code, holds in (("kicked", self.kicked), ("bot_refused", self.refused)):
                try:
                    if holds:
                        await self._house.alarm(self.name, code, {})
                except Exception:
                    log.exception("wecom_bot_alarm_failed")

    async def _stop_receiving(self) -> None:
        await self._receiver.stop(within=2.0)
        await self._answers.stop(within=5.0)

    async def _heard(self, frame: Frame, wire: Wire) -> None:
        await self._receiver.heard(frame, wire)

    async def _salted(self) -> str:
        """What tells this house's cards from those of another with the same bot; made once and kept."""
        async with self._salting:
            if not self._salt:
                self._salt = await self._kept_salt()
        return self._salt

    async def _kept_salt(self) -> str:
        made = secrets.token_hex(8)
        try:
            kept = await self._house.keep("wecom_bot.salt")
            if not kept:
                await self._house.keep("wecom_bot.salt", made)
        except Exception:
            log.exception("wecom_bot_salt_not_kept")
            return made
        return kept or made
