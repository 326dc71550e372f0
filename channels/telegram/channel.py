"""The Telegram channel: its parts put together, started and stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal

import structlog
from starlette.routing import BaseRoute
from telegram.error import TelegramError

from channels.answering import Answers
from channels.base import House
from channels.sending import Clock, Pace, Sender, Sleep, unless, utc_now
from channels.telegram.calls import UPDATES, Api
from channels.telegram.polling import Poller
from channels.telegram.receiving import Receiver
from channels.telegram.request import AiohttpRequest, TooFast
from channels.telegram.showing import calls
from channels.telegram.speaking import Speaker
from channels.telegram.webhook import Webhook
from handlers.messages import Outcome, Parcel

log = structlog.get_logger()


class Telegram:
    """One bot. `mode` poll needs no public address; webhook needs `public_url` and a `webhook_secret`. A process of the role
    `send` has `receive=False`, one of the role `receive` has `send=False`. Nothing here fails because Telegram is away: the
    loops keep trying. `pace` limits pushes; clocks and sleep are arguments for tests."""

    name = "telegram"

    def __init__(
        self,
        house: House,
        token: str,
        *,
        api_base: str = "https://api.telegram.org",
        mode: Literal["poll", "webhook"] = "poll",
        webhook_secret: str = "",
        public_url: str = "",
        proxy: str | None = None,
        receive: bool = True,
        send: bool = True,
        pace: Pace | None = None,
        request: Callable[[], AiohttpRequest] | None = None,
        monotonic: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        make = request or (lambda: AiohttpRequest(proxy=proxy))
        self._house, self._sleep = house, sleep
        self._receive, self._send = receive, send
        self._api = Api(token, api_base, sends=make(), polls=make())
        pace = pace or Pace()
        self._speaker = Speaker(self._api, pace, monotonic=monotonic, sleep=sleep)
        self._answers = Answers(self.name, house, self._speaker.show, sleep=sleep, now=now)
        take = Receiver(house, self._api, self._answers, self._speaker, monotonic=monotonic).take
        self._sender = Sender(self.name, house, self._push, pace, monotonic=monotonic, now=now, sleep=sleep)
        self._poller = Poller(self._api, take, monotonic=monotonic, now=now, sleep=sleep) if mode == "poll" else None
        self._webhook = Webhook(webhook_secret, take, now=now) if mode == "webhook" else None
        self._url, self._secret = public_url.rstrip("/"), webhook_secret
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._username = ""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The webhook's route, in webhook mode."""
        return [self._webhook.route] if self._webhook and self._receive else []

    @property
    def poll_age(self) -> float | None:
        """Seconds since getUpdates last succeeded, for health and metrics; None if this process does not poll."""
        return self._poller.age if self._poller and self._receive else None

    @property
    def conflict(self) -> bool:
        """Whether another program receives with our token: the admin must know."""
        return bool(self._poller and self._poller.conflict)

    async def start(self) -> None:
        """Returns at once, whether or not Telegram can be reached."""
        await self._api.open()
        if self._receive:
            self._answers.start()
            self._tasks = [asyncio.create_task(self._listen(), name="telegram: receiving")]
        if self._send:
            self._sender.start()

    async def stop(self) -> None:
        """Takes nothing new, finishes what is in hand within 8 s, closes the connections."""
        self._stop.set()
        if self._poller:
            self._poller.stop()
        await asyncio.gather(self._stop_receiving(), self._sender.stop())
        await self._api.close()

    async def username(self) -> str:
        """The bot's name for links like t.me/NAME?start=TOKEN; asked once and kept, "" while Telegram cannot be reached."""
        name = f"telegram.username.{self._api.bot_id}"
        if not self._username:
            self._username = await self._house.keep(name)
        if not self._username:
            try:
                me = await self._api.call("getMe")
            except TelegramError as error:
                log.warning("telegram_unreachable", error=str(error))
                return ""
            self._username = str(me.get("username", "")) if isinstance(me, dict) else ""
            await self._house.keep(name, self._username)
        return self._username

    async def _push(self, parcel: Parcel) -> Outcome:
        return await self._speaker.push(parcel.id, parcel.address.id, calls(parcel.reply))

    async def _listen(self) -> None:
        """Tells Telegram how we receive, for as long as it takes, and then does."""
        if self._poller:
            if await self._insist(lambda: self._api.call("deleteWebhook")):
                await self._poller.run()
        elif self._webhook:
            await self._insist(
                lambda: self._api.call(
                    "setWebhook",
                    url=f"{self._url}/telegram/{self._webhook.path}" if self._webhook else "",
                    secret_token=self._secret,
                    allowed_updates=UPDATES,
                    max_connections=100,
                )
            )

    async def _insist(self, call: Callable[[], Awaitable[object]]) -> bool:
        """Repeats a call until it succeeds (True) or we stop."""
        pause = 1.0
        while not self._stop.is_set():
            try:
                return await unless(self._stop, call())
            except TelegramError as error:
                wait = error.seconds if isinstance(error, TooFast) else pause
                log.warning("telegram_not_ready", error=str(error), again_in=wait)
                await unless(self._stop, self._sleep(wait))
                pause = min(60.0, pause * 2)
        return False

    async def _stop_receiving(self) -> None:
        """First the intake, then the replies it caused: together at most 9 s."""
        if self._tasks:
            late = asyncio.ensure_future(self._sleep(3.0))
            await asyncio.wait({late, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in (late, *self._tasks):
                task.cancel()
            await asyncio.wait(self._tasks)
        if self._receive:
            await self._answers.stop(within=6.0)
