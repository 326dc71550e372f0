"""一次往来: what one Incoming means, with who said it and when; and what the deployment allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from handlers.messages import Incoming
from handlers.words import say
from quizzes.people import Account, Person, Role
from quizzes.reminding import Days, Hours


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is the same for every turn of a running program. `secret` signs card tokens; `names` are the channels on which other
    people's names may be shown; `telegram` is the bot's user name ("" without Telegram); reminders go inside `hours` only; `target` is
    the participation that every bureau is to reach, in percent; `wecom` and `wecom_bot` are what the app and the bot of WeCom are called
    there ("" without)."""

    secret: bytes
    public_url: str
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    names: tuple[str, ...] = ("wecom", "wecom_bot", "web")
    telegram: str = ""
    weekly_touches: int = 7
    hours: tuple[time, time] = (time(8, 30), time(18))
    target: int = 100
    demo: bool = False
    is_workday: Callable[[date], bool] = field(default=lambda day: day.weekday() < 5)
    wecom: str = ""
    wecom_bot: str = ""

    @property
    def days(self) -> Days:
        """When people may be reminded here."""
        return Days(Hours(*self.hours), self.is_workday, self.zone)

    def on(self, is_workday: Callable[[date], bool]) -> Deployment:
        """The same with a calendar of its own."""
        return replace(self, is_workday=is_workday)

    def today(self, now: datetime) -> date:
        """The date in the deployment's zone."""
        return now.astimezone(self.zone).date()

    def day(self, language: str, day: date) -> str:
        """A date as people read it: 「12月11日」."""
        return say(language, "times.date", month=day.month, day=day.day)

    def moment(self, language: str, at: datetime) -> str:
        """An instant as people read it: 「12月11日 18:00」."""
        local = at.astimezone(self.zone)
        return say(language, "times.moment", month=local.month, day=local.day, clock=f"{local:%H:%M}")


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a person is in a conversation of several messages: a row, not memory."""

    name: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One Incoming with the person behind it, or None while the account is bound to nobody."""

    incoming: Incoming
    now: datetime
    house: Deployment
    account: Account | None = None
    person: Person | None = None
    roles: tuple[Role, ...] = ()
    topic: Topic | None = None
    rest: str | None = None

    @property
    def language(self) -> str:
        """The language of the replies."""
        return self.person.language if self.person else "zh"

    @property
    def said(self) -> str:
        """What was typed or pressed, trimmed."""
        return (self.incoming.action or self.incoming.text).strip()

    @property
    def arguments(self) -> list[str]:
        """The words after the command; dispatch sets `rest`, since some commands are more than one word."""
        return self.said.split()[1:] if self.rest is None else self.rest.split()

    @property
    def me(self) -> Person:
        """The person; only conversations that dispatch gives to bound accounts may ask."""
        assert self.person is not None
        return self.person

    @property
    def names_allowed(self) -> bool:
        """Whether other people's names may be shown on this channel."""
        return self.incoming.account.channel in self.house.names

    def say(self, key: str, /, **values: object) -> str:
        """A sentence in the person's language."""
        return say(self.language, key, **values)
