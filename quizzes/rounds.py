"""Rounds in time: when a plan's rounds fall due, what to do about one now, and the one way a round's state may go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from quizzes.plans import Audience, Draw, Plan, Variant
from quizzes.rules import Rules

IsWorkday = Callable[[date], bool]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ON_TIME = timedelta(minutes=1)
GRACE = timedelta(seconds=10)
"""How long after the close an answer that was on its way still counts."""
MAKEUP = "+makeup"
"""What stands behind a plan's key in the key of a make-up."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One due date of a plan. `due_on` is a local date and unique per plan; the instants are UTC."""

    plan_key: str
    due_on: date
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class ReportDue:
    """The figures of a plan owed to its readers, at an instant in UTC; `due_on` (local) is unique per plan."""

    plan_key: str
    due_on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about an occurrence. `closes_at` (UTC) is when it closes if opened now; an `open_late` one is marked 补发."""

    action: Literal["wait", "open", "open_late", "missed"]
    closes_at: datetime


class State(StrEnum):
    """The states of a round, in the order they are gone through."""

    PLANNED = "planned"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    MISSED = "missed"
    CANCELLED = "cancelled"


NEXT: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.OPENING, State.MISSED, State.CANCELLED}),
    State.OPENING: frozenset({State.OPEN, State.CANCELLED}),
    State.OPEN: frozenset({State.CLOSING, State.CANCELLED}),
    State.CLOSING: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
    State.MISSED: frozenset(),
    State.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Round:
    """期/场次: one dated occurrence of a plan, with everything it was opened under; the plan may change afterwards, this not.
    Instants are UTC; `late`: opened late and marked 补发; `of_round_id`: the round this is the make-up of."""

    id: int
    plan_key: str
    due_on: date
    title: str
    counts: str
    notice: str
    opens_at: datetime
    closes_at: datetime
    state: State
    late: bool
    rules: Rules
    draw: tuple[Draw, ...]
    audience: Audience
    avoid_days: int
    seed: int
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    of_round_id: int | None = None
    variants: tuple[Variant, ...] = ()

    @property
    def origin(self) -> str:
        """The key of the plan it comes from; the key of a make-up says more than that, so that both may fall on one day."""
        return self.plan_key.partition(MAKEUP)[0]

    @property
    def lines(self) -> tuple[Draw, ...]:
        """The lines of all its draws: what its pool must hold."""
        return (*self.draw, *(line for variant in self.variants for line in variant.draw))


class IllegalMove(ValueError):
    """A round was to go to a state that does not follow from its own."""


def advance(state: State, to: State) -> State:
    """The new state. There is no way back, and a closed, missed or cancelled round stays so. Raises IllegalMove."""
    if to not in NEXT[state]:
        raise IllegalMove(f"{state} -> {to}")
    return to


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time. A time the clocks skip becomes the first valid one after it; of a time that comes
    twice, the first."""
    naive = datetime.combine(day, at)
    first = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == naive:
        return first
    before = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change_of_clocks(before, first, zone)


def occurrences(
    plan: Plan, is_workday: IsWorkday, zone: ZoneInfo, since: datetime, until: datetime
) -> list[Occurrence]:
    """The rounds of a plan that open in `since <= opens_at < until` (aware instants), earliest first."""
    found = (_occurrence(plan, day, zone) for day in _local_days(since, until, zone) if falls_on(plan, day, is_workday))
    return [occurrence for occurrence in found if since <= occurrence.opens_at < until]


def falls_on(plan: Plan, day: date, is_workday: IsWorkday) -> bool:
    """Whether a plan has a round on a local date."""
    if plan.days == "workday":
        return is_workday(day)
    return any(day == wanted if isinstance(wanted, date) else _is_named(day, wanted) for wanted in plan.days)


def remind_times(plan: Plan, occurrence: Occurrence, is_workday: IsWorkday, zone: ZoneInfo) -> list[datetime]:
    """The instants (UTC) between opening and closing at which those still missing may be reminded: on the day it opens, the
    day it closes, and workdays between. The budget of touches may leave fewer."""
    last = occurrence.closes_at.astimezone(zone).date()
    days = [occurrence.due_on, *_days(occurrence.due_on + _DAY, last - _DAY), last]
    asked = {day for day in days if day in (occurrence.due_on, last) or is_workday(day)}
    times = {instant(day, at, zone) for day in asked for at in plan.remind_at}
    return sorted(at for at in times if occurrence.opens_at < at < occurrence.closes_at)


def report_due(plan: Plan, is_workday: IsWorkday, zone: ZoneInfo, since: datetime, until: datetime) -> list[ReportDue]:
    """The reports owed in `since <= at < until`. "close": when a round closes. A weekday: at the plan's closing time on that
    day or, if it is no workday, on the last workday before it in its week (from Monday); a week without one owes none."""
    if plan.report is None:
        return []
    if plan.report.every == "close":
        span = timedelta(days=plan.closes_after + 3)
        rounds = occurrences(plan, is_workday, zone, since - span, until)
        found = [ReportDue(plan.key, o.due_on, o.closes_at) for o in rounds]
    else:
        days = _report_days(plan.report.every, is_workday, _local_days(since, until, zone))
        found = [ReportDue(plan.key, day, instant(day, plan.closes_at, zone)) for day in days]
    return sorted((due for due in found if since <= due.at < until), key=lambda due: due.at)


def decide(
    occurrence: Occurrence,
    now: datetime,
    window: timedelta = timedelta(minutes=30),
    minimum_open: timedelta | None = None,
) -> Decision:
    """What to do about an occurrence that is not open yet. Up to `window` late it still opens and closes later by the delay.
    Later than that it is missed, unless `minimum_open` is given and that much is left before its own close: an exam of ten
    days is not lost to one hour of darkness, and its announced close stands."""
    delay = now - occurrence.opens_at
    if delay < timedelta(0):
        return Decision("wait", occurrence.closes_at)
    if delay <= min(ON_TIME, window):
        return Decision("open", occurrence.closes_at)
    if delay <= window:
        return Decision("open_late", occurrence.closes_at + delay)
    if minimum_open is not None and occurrence.closes_at - now >= minimum_open:
        return Decision("open_late", occurrence.closes_at)
    return Decision("missed", occurrence.closes_at)


def _occurrence(plan: Plan, day: date, zone: ZoneInfo) -> Occurrence:
    closes = instant(day + timedelta(days=plan.closes_after), plan.closes_at, zone)
    opens = instant(day, plan.opens_at, zone)
    if closes < opens:
        raise ValueError(f"plan {plan.key} closes before it opens on {day}")
    return Occurrence(plan.key, day, opens, closes)


def _report_days(weekday: str, is_workday: IsWorkday, days: Iterable[date]) -> list[date]:
    mondays = sorted({day - timedelta(days=day.weekday()) for day in days})
    found = []
    for monday in mondays:
        wanted = next(day for day in _days(monday, monday + 6 * _DAY) if _is_named(day, weekday))
        before = [day for day in _days(monday, wanted) if is_workday(day)]
        found += before[-1:]
    return found


def _is_named(day: date, weekday: str) -> bool:
    """Weekdays by their English name or its first three letters: "tue", "tuesday"."""
    name = weekday.casefold()
    return name in (WEEKDAYS[day.weekday()], WEEKDAYS[day.weekday()][:3])


def _local_days(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Local dates whose times may fall between two instants, with a day to spare on both sides for skipped days."""
    return _days(since.astimezone(zone).date() - 2 * _DAY, until.astimezone(zone).date() + _DAY)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _change_of_clocks(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant between two (UTC) at which the zone's later offset holds, to the second."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle + 1
    return before + timedelta(seconds=low)
