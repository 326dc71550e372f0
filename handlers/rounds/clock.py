"""The clock: tick(now, store) does one bounded step of what is due. What is due lives in the database, never in a timer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from handlers.people import retiring
from handlers.reach import handing_over, reminding
from handlers.reports import reporting
from handlers.rounds import closing, halls, makeups, opening
from handlers.turns import Deployment
from quizzes.plans import Plan
from quizzes.rounds import GRACE, Decision, Occurrence, Round, State, decide, occurrences
from storage import answers, deliveries, keep, rounds
from storage.database import Store

LOOK_BACK = timedelta(days=8)
WINDOW = timedelta(minutes=30)
MINIMUM_OPEN = timedelta(hours=2)
SWEEP = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The workdays as configured; `published(year)` says whether the year's arrangement is known."""

    is_workday: Callable[[date], bool]
    published: Callable[[int], bool]


def tick(store: Store, now: datetime, house: Deployment, calendar: Calendar, rng: Random) -> bool:
    """One step of what is due at `now`; True if there is more to do at once. Two processes may tick: every step is unique in the
    database, and on PostgreSQL one holds the clock's lock while the other passes."""
    if not keep.try_lock(store, "clock"):
        return False
    _plan_due(store, now, house, calendar, rng)
    return (
        _open_due(store, now, house)
        or closing.time_up(store, now)
        or _close_due(store, now, house)
        or reminding.remind_due(store, now, house, calendar.is_workday)
        or handing_over.hand_over_due(store, now, house, calendar.is_workday)
        or reporting.report_due(store, now, house, calendar.is_workday)
        or _housekeeping(store, now, house, calendar)
    )


def _plan_due(store: Store, now: datetime, house: Deployment, calendar: Calendar, rng: Random) -> None:
    """Put on the books what fell due since the plan was applied, once a minute; missed ones too, so that nothing vanishes."""
    if not keep.once_per(store, "clock.planned", timedelta(minutes=1), now, late_by=timedelta(seconds=now.second)):
        return
    for plan, applied_at in rounds.plans(store):
        since = max(applied_at - timedelta(minutes=1), now - LOOK_BACK)
        due = occurrences(plan, calendar.is_workday, house.zone, since, now + timedelta(days=1))
        known = rounds.due_dates(store, plan.key, house.today(since) - timedelta(days=1))
        for occurrence in due:
            if occurrence.due_on not in known:
                _put_on_the_books(store, plan, occurrence, now, rng, house)


def _put_on_the_books(
    store: Store, plan: Plan, occurrence: Occurrence, now: datetime, rng: Random, house: Deployment
) -> None:
    decision = _decision(occurrence, now)
    state = State.MISSED if decision.action == "missed" else State.PLANNED
    late = decision.action == "open_late"
    number = rounds.add(
        store, plan, occurrence, state=state, closes_at=decision.closes_at, late=late, seed=rng.getrandbits(62)
    )
    if number is not None and state is State.MISSED:
        reporting.tell_admins(
            store, f"missed:{number}", "clock.missed", now, title=plan.title, day=occurrence.due_on.isoformat()
        )
    elif number is not None:
        retiring.propose(store, rounds.get(store, number), house, now)


def _decision(occurrence: Occurrence, now: datetime) -> Decision:
    """A quiz of one day is caught up within the window; a round of several days as long as two hours of it are left."""
    of_days = occurrence.closes_at - occurrence.opens_at > timedelta(days=1)
    return decide(occurrence, now, WINDOW, MINIMUM_OPEN if of_days else None)


def _open_due(store: Store, now: datetime, house: Deployment) -> bool:
    for what in rounds.in_state(store, State.PLANNED):
        if what.opens_at <= now:
            _begin_or_miss(store, what, now, house)
            return True
    for what in rounds.in_state(store, State.OPENING):
        opening.continue_opening(store, what, house, now)
        return True
    return False


def _begin_or_miss(store: Store, what: Round, now: datetime, house: Deployment) -> None:
    """A round on the books whose hour passed while we were down is opened late within the window, else recorded as missed."""
    decision = _decision(Occurrence(what.plan_key, what.due_on, what.opens_at, what.closes_at), now)
    if decision.action == "missed":
        rounds.move(store, what, State.MISSED, now)
        reporting.tell_admins(
            store, f"missed:{what.id}", "clock.missed", now, title=what.title, day=what.due_on.isoformat()
        )
        return
    if decision.action == "open_late" and not what.late:
        rounds.extend(store, what.id, decision.closes_at)
    short = opening.shortfall(store, what)
    if short:
        rounds.move(store, what, State.CANCELLED, now)
        reporting.tell_admins(store, f"short:{what.id}", "clock.short", now, title=what.title, line=short.line,
                              wanted=short.want.count, found=short.found)  # fmt: skip
        return
    if unknown := opening.strangers(store, what):
        rounds.move(store, what, State.CANCELLED, now)
        reporting.tell_admins(
            store, f"strangers:{what.id}", "clock.strangers", now, title=what.title, names=", ".join(unknown)
        )
        return
    if makeups.still_needed(store, what, now):
        opening.begin(store, what, now)


def _close_due(store: Store, now: datetime, house: Deployment) -> bool:
    for what in rounds.in_state(store, State.OPEN):
        if what.closes_at + GRACE < now and not answers.running(store, what.id, now - GRACE):
            closing.begin(store, what, now)
            return True
    for what in rounds.in_state(store, State.CLOSING):
        if closing.continue_closing(store, what, now):
            reporting.after_close(store, rounds.get(store, what.id), now, house)
            makeups.offer(store, what, now)
            halls.note_devices(store, what, now)
        return True
    return False


def _housekeeping(store: Store, now: datetime, house: Deployment, calendar: Calendar) -> bool:
    if keep.once_per(store, "clock.swept", SWEEP, now):
        deliveries.sweep(store, now)
    today = house.today(now)
    if (
        today.month >= 11
        and not calendar.published(today.year + 1)
        and keep.once_per(store, "clock.calendar", timedelta(days=7), now)
    ):
        reporting.tell_admins(
            store, f"calendar:{today.isoformat()}", "clock.calendar_missing", now, year=today.year + 1
        )
    return False
