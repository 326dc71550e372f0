"""The app of WeCom as a channel: its parts put together, started and stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from starlette.routing import BaseRoute

from channels.allowance import Allowance
from channels.answering import Answers
from channels.base import Door, House
from channels.sending import Clock, Pace, Sleep, unless, utc_now
from channels.wecom import menu, roll
from channels.wecom.api import Api, Credentials
from channels.wecom.callback import Callback
from channels.wecom.greying import Greying
from channels.wecom.login import Login
from channels.wecom.pushing import Pusher
from channels.wecom.reading import CHANNEL
from channels.wecom.receiving import Receiver
from channels.wecom.refusals import Refused, Trouble
from channels.wecom.secrecy import Secrecy
from channels.wecom.showing import Manner
from channels.wecom.speaking import Speaker

log = structlog.get_logger()

PER_MINUTE, PER_HOUR = 20, 900
"""What one member gets at most: WeCom drops what is over 30 a minute or 1,000 an hour without a word (document 90312)."""
_LOOK = 600.0
_NIGHT = range(2, 6)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the console gave, where the servers are, and how things are shown. Secrets stay out of every repr."""

    credentials: Credentials
    token: str
    aes_key: str
    api_base: str = "https://qyapi.weixin.qq.com"
    oauth_base: str = "https://open.weixin.qq.com"
    ca_bundle: Path | None = None
    cards: bool = True
    markdown: bool = False

    def __repr__(self) -> str:
        return f"Setup({self.credentials})"


class WeCom:
    """One app. `site` is our public address; `door` how pages let a member in; `fresh` makes 32 random bytes as text, `chance(n)` n random
    bytes; `zone` is the deployment's. Nothing here fails because WeCom is away: the loops keep trying."""

    name = CHANNEL

    def __init__(
        self,
        house: House,
        setup: Setup,
        *,
        site: str,
        door: Door,
        fresh: Callable[[], str],
        chance: Callable[[int], bytes],
        zone: str = "Asia/Shanghai",
        allowance: Allowance | None = None,
        monotonic: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._house, self._zone, self._now, self._sleep = house, ZoneInfo(zone), now, sleep
        self.api = Api(setup.credentials, setup.api_base, ca_bundle=setup.ca_bundle, monotonic=monotonic, sleep=sleep)
        manner = Manner(site, setup.cards, setup.markdown, house.words)
        allowance = allowance or Allowance(PER_MINUTE, PER_HOUR, began=monotonic())
        pace = Pace(per_second=500.0, per_chat=0.0)
        speaker = Speaker(self.api, manner, allowance, pace, monotonic=monotonic, sleep=sleep)
        self._answers = Answers(self.name, house, speaker.show, now=now, sleep=sleep)
        self._pusher = Pusher(house, speaker, manner, allowance, pace, monotonic=monotonic, now=now, sleep=sleep)
        self._greying = Greying(house, speaker, sleep=sleep)
        self._login = Login(house, self.api, door, oauth_base=setup.oauth_base, site=site, fresh=fresh, now=now)
        corp, agent = setup.credentials.corp_id, setup.credentials.agent_id
        secrecy = Secrecy(setup.token, setup.aes_key, corp)
        take = Receiver(house, self.api, self._answers).take
        self._callback = Callback(secrecy, corp, agent, take, chance=chance, now=now)
        self._stop, self._menu_set = asyncio.Event(), False
        self._keeping: asyncio.Task[None] | None = None

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The callback address and the login."""
        return [self._callback.route, *self._login.routes]

    async def start(self) -> None:
        """Returns at once, whether or not WeCom can be reached."""
        await self.api.open()
        self._answers.start()
        self._pusher.start()
        self._greying.start()
        self._keeping = asyncio.create_task(self._keep_up(), name="wecom: menu and directory")

    async def stop(self) -> None:
        """Takes nothing new, finishes what is in hand within 9 s, closes the connections."""
        self._stop.set()
        await self._callback.drain(3.0)
        await asyncio.gather(self._answers.stop(within=6.0), self._pusher.stop(6.0), self._greying.stop())
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        await self.api.close()

    async def username(self) -> str:
        """What the app is called in the console, for invitations; asked once and kept, "" while WeCom cannot be reached."""
        name = f"wecom.name.{self.api.credentials.agent_id}"
        known = await self._house.keep(name)
        if not known:
            try:
                agent = await self.api.get("/cgi-bin/agent/get", agentid=self.api.credentials.agent_id)
            except Trouble as trouble:
                log.warning("wecom_unreachable", error=str(trouble))
                return ""
            known = str(agent.get("name", ""))
            await self._house.keep(name, known)
        return known

    async def _keep_up(self) -> None:
        """The menu when it has changed, the directory once a night; what fails is tried again after ten minutes."""
        while not self._stop.is_set():
            for keep_up in (self._set_menu, self._pull_directory):
                try:
                    await keep_up()
                except Trouble as trouble:
                    log.warning("wecom_not_ready", error=str(trouble))
                except Exception:
                    log.exception("wecom_upkeep_failed")
            await self._tell_trouble()
            await unless(self._stop, self._sleep(_LOOK))

    async def _tell_trouble(self) -> None:
        """What only an admin can mend, met by whatever call; the house says it once a day."""
        trouble, self.api.trouble = self.api.trouble, None
        if trouble is not None:
            try:
                values = {"code": str(trouble.code), "ip": trouble.ip or "-"}
                await self._house.alarm(self.name, "refused", values)
            except Exception:
                log.exception("wecom_alarm_failed")

    async def _set_menu(self) -> None:
        """Once after the start, and then only if it is another than the one that was set or if somebody took it away."""
        if self._menu_set:
            return
        agent, made = self.api.credentials.agent_id, menu.menu(self._house.words("zh"))
        name = f"wecom.menu.{agent}"
        if await self._house.keep(name) != menu.mark(made) or not await self._has_menu(agent):
            await self.api.post("/cgi-bin/menu/create", made, agentid=agent)
            await self._house.keep(name, menu.mark(made))
        self._menu_set = True

    async def _has_menu(self, agent: int) -> bool:
        try:
            await self.api.get("/cgi-bin/menu/get", agentid=agent)
        except Refused as refused:
            if refused.code != menu.NONE_SET:
                raise
            return False
        return True

    async def _pull_directory(self) -> None:
        """Once a night, between two and six in the deployment's zone; at once where it has not been for two days."""
        name, now = f"wecom.directory.{self.api.credentials.agent_id}", self._now()
        kept = await self._house.keep(name)
        last = datetime.fromisoformat(kept) if kept else None
        here = now.astimezone(self._zone)
        night = here.replace(hour=_NIGHT.start, minute=0, second=0, microsecond=0)
        if last is None or now - last > timedelta(days=2) or (here.hour in _NIGHT and last < night):
            await self._house.directory(self.name, await roll.members(self.api))
            await self._house.keep(name, now.isoformat())
