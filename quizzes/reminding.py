"""When a reminder may go: inside working hours, on workdays, outside a person's quiet hours; later if it is still of use, else never."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quizzes.plans import Plan
from quizzes.rounds import IsWorkday, Occurrence, instant, remind_times

Quiet = tuple[int, int]
"""From which full hour to which (0 to 23, local) a person asked for quiet; it may pass midnight."""
USEFUL = timedelta(minutes=15)
"""What must be left before the close for a reminder that had to wait."""
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The working hours of a day, local; what comes at the end itself is outside."""

    start: time = time(8, 30)
    end: time = time(18)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a reminder goes (UTC), and the end of that day's working hours: not sent by then, it is let go."""

    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Days:
    """The working hours of the deployment's days."""

    hours: Hours
    is_workday: IsWorkday
    zone: ZoneInfo

    def slot(self, due: datetime, closes: datetime, quiet: Quiet | None = None) -> Slot | None:
        """When what is due at `due` may go, before `closes`. One that had to wait lapses if it would come in the last quarter of an
        hour. None: it lapses."""
        at = due
        while at < closes:
            local = at.astimezone(self.zone)
            start, end = (instant(local.date(), each, self.zone) for each in (self.hours.start, self.hours.end))
            if not self.is_workday(local.date()) or at >= end:
                at = instant(local.date() + _DAY, time(), self.zone)
                continue
            at = max(at, start)
            free = quiet_ends(at, quiet, self.zone)
            if free == at:
                return None if at > due and closes - at < USEFUL else Slot(at, min(end, closes))
            at = free
        return None

    def works(self, now: datetime) -> bool:
        """Whether `now` is inside working hours."""
        found = self.slot(now, now + _DAY)
        return found is not None and found.at == now

    def moments(self, plan: Plan, occurrence: Occurrence) -> list[datetime]:
        """The plan's times of one round moved into working hours, each once, earliest first."""
        due = remind_times(plan, occurrence, self.is_workday, self.zone)
        return merged(self.slot(at, occurrence.closes_at) for at in due)


def merged(slots: Iterable[Slot | None]) -> list[datetime]:
    """Reminders that would come at the same moment are one."""
    return sorted({slot.at for slot in slots if slot is not None})


def in_quiet(at: datetime, quiet: Quiet | None, zone: ZoneInfo) -> bool:
    """Whether an instant falls into quiet hours."""
    if quiet is None:
        return False
    start, end = quiet
    return (at.astimezone(zone).hour - start) % 24 < (end - start) % 24


def quiet_ends(at: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """The instant itself, or the full hour at which the quiet hours it falls into end."""
    local = at.astimezone(zone)
    full = (local - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)).astimezone(
        UTC
    )
    while in_quiet(at, quiet, zone):
        full += _HOUR
        at = full
    return at
