"""预计: where a round will stand at its close, bureau by bureau, and the fewest calls that would close the gap, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.turns import Deployment
from quizzes.forecasting import At, Evidence, Forecast, Waiting, calls, evidence, forecast, needed
from quizzes.missing import Reason
from quizzes.people import Unit
from quizzes.rates import Tally
from quizzes.rounds import Round
from storage import figures, histories, missing, people
from storage.database import Store
from storage.missing import Missing

STANDS: dict[Reason, At] = {
    Reason.OPINION: At.AWAY,
    Reason.PENDING: At.AWAY,
    Reason.LEAVE: At.AWAY,
    Reason.SPENT: At.AWAY,
    Reason.FAILED: At.FAILED,
    Reason.STARTED: At.STARTED,
    Reason.TIME_OVER: At.STARTED,
    Reason.UNBOUND: At.UNBOUND,
    Reason.UNREACHABLE: At.UNREACHABLE,
    Reason.UNDELIVERED: At.PLANNED,
    Reason.UNCERTAIN: At.PLANNED,
    Reason.PLANNED: At.PLANNED,
    Reason.DELIVERED: At.DELIVERED,
}


@dataclass(frozen=True, slots=True)
class Bureau:
    """One bureau: `wanted` sat reach its target; `waiting` are those who have not; `to_call` the fewest calls that close the gap."""

    unit: Unit
    due: int
    sat: int
    wanted: int
    forecast: Forecast | None
    waiting: tuple[Missing, ...]
    to_call: tuple[Missing, ...]

    @property
    def short(self) -> int | None:
        """By how many the bureau is expected to miss its target; None without a forecast."""
        return None if self.forecast is None else max(self.wanted - self.forecast.expected, 0)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A round: who will have sat, and who will have passed, at the close; the bureaux with somebody missing in 机构序列."""

    total: Tally
    sat: Forecast | None
    passed: Forecast | None
    known: Evidence
    bureaux: tuple[Bureau, ...]


def outlook(store: Store, what: Round, house: Deployment, now: datetime) -> Outlook:
    """Everything about one round that has not closed."""
    tallies, known = figures.count(store, what.id), evidence(histories.past(store, what, now))
    found = missing.missing(store, what, house.today(now))
    absent = [each for each in found if each.absent]
    by_bureau: dict[int, list[Missing]] = {}
    for each in absent:
        by_bureau.setdefault(each.bureau_id, []).append(each)
    total = sum(tallies.values(), start=Tally())
    bureaux = [
        _bureau(unit, tallies.get(unit.id, Tally()), by_bureau[unit.id], house.target, known)
        for unit in people.units(store) if unit.id in by_bureau
    ]  # fmt: skip
    return Outlook(total, forecast(total.due, total.sat, _counts(absent), known), _passing(store, what, total, found, now), known,
                   tuple(bureaux))  # fmt: skip


def _passing(store: Store, what: Round, total: Tally, found: Sequence[Missing], now: datetime) -> Forecast | None:
    return forecast(total.due, total.passed, _counts(found), evidence(histories.past(store, what, now, "passed")))


def _bureau(unit: Unit, tally: Tally, absent: Sequence[Missing], target: int, known: Evidence) -> Bureau:
    wanted = needed(tally.due, target)
    some = [Waiting(each.person_id, STANDS[each.reason], STANDS[each.reason] is not At.AWAY) for each in absent]
    chosen = set(calls(tally.sat, wanted, some, known))
    return Bureau(unit, tally.due, tally.sat, wanted, forecast(tally.due, tally.sat, _counts(absent), known), tuple(absent),
                  tuple(each for each in absent if each.person_id in chosen))  # fmt: skip


def _counts(some: Sequence[Missing]) -> dict[At, int]:
    return dict(Counter(STANDS[each.reason] for each in some))


def to_call(store: Store, what: Round, house: Deployment, now: datetime) -> frozenset[int]:
    """Whom the fewest calls would reach, in all bureaux; nobody once the round has closed."""
    if now >= what.closes_at:
        return frozenset()
    found = outlook(store, what, house, now)
    return frozenset(each.person_id for bureau in found.bureaux for each in bureau.to_call)
