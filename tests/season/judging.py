"""The judges at the end of a season: what must hold of every figure, every message and everybody who is missing."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select

from handlers.rights import ALL, Scope
from handlers.views.figures import round_figures
from quizzes.missing import Reason
from quizzes.rounds import Round, State
from storage import audit, figures, recounting, rounds
from storage.deliveries import TOUCHES
from storage.missing import missing
from storage.tables import attempt, delivery, enrolment, response, round_
from tests.season.play import Season
from tests.season.recount import Counted, Recount

EVERYTHING = Scope(ALL)
BY_DAY = (time(8, 30), time(18, 0))


def figures_stand(season: Season, recount: Recount) -> int:
    """Every figure of every round that was opened equals the recount from the raw rows; gives how many were compared."""
    every = season.engine.read(lambda s: rounds.latest(s, 10_000, State.OPEN, State.CLOSING, State.CLOSED))
    compared = 0
    for what in every:
        if what.of_round_id is None:
            compared += _same(season, recount, what)
    assert season.engine.read(lambda s: [d for r in every for d in recounting.recount(s, r.id)]) == []
    assert season.engine.read(audit.verify) is None
    return compared


def _same(season: Season, recount: Recount, what: Round) -> int:
    again = tuple(each.id for each in season.engine.read(lambda s: figures.makeups(s, what.id)))
    shown = season.engine.read(lambda s: round_figures(s, what.id, EVERYTHING, season.engine.now))
    mine, total = recount.bureaux(what.id, again), Counted()
    names = {number: name for name, number in season.town.units.items()}
    counted = {names[number]: each for number, each in mine.items()}
    for row in shown.rows:
        found = counted.get(row.name, Counted())
        _compare(f"{what.title} {what.due_on} {row.name}", row.tally, found)
        total.add(found)
    _compare(f"{what.title} {what.due_on}", shown.total.tally, total)
    return len(shown.rows) + 1


def _compare(name: str, tally: Any, found: Counted) -> None:
    told = (tally.due, tally.sat, tally.passed, tally.excellent, tally.exempt)
    assert told == (found.due, found.sat, found.passed, found.excellent, found.exempt), name


def nobody_is_missing_without_a_reason(season: Season, what: Round) -> Counter[Reason]:
    """Everybody due who has not sat, or has failed and may sit again, is on the list, each with a reason; gives the reasons."""
    today = season.engine.house.today(season.engine.now)
    listed = season.engine.read(lambda s: missing(s, what, today))
    left = enrolment.c.attempts < what.rules.attempts + enrolment.c.granted
    owing = enrolment.c.sat.is_(False) | (enrolment.c.passed.is_(False) & left)
    query = select(enrolment.c.person_id).where(enrolment.c.round_id == what.id, enrolment.c.counted.is_(True), owing)
    assert sorted(each.person_id for each in listed) == sorted(
        r.person_id for r in season.engine.read(lambda s: s.rows(query))
    )
    assert all(isinstance(each.reason, Reason) and each.step for each in listed)
    assert all(each.detail for each in listed if each.reason is Reason.UNREACHABLE)
    return Counter(each.reason for each in listed)


def nobody_is_over_budget(season: Season) -> int:
    """A reminder is never the touch after the week's last; gives the most touches anybody had in a week."""
    which = delivery.c.kind.in_(TOUCHES), delivery.c.state.in_(("sent", "uncertain"))
    columns = delivery.c.person_id, delivery.c.kind, delivery.c.sent_at
    week: Counter[tuple[int, int]] = Counter()
    for row in season.engine.read(
        lambda s: s.rows(select(*columns).where(*which).order_by(delivery.c.sent_at, delivery.c.id))
    ):
        key = row.person_id, row.sent_at.astimezone(season.engine.house.zone).isocalendar().week
        week[key] += 1
        assert row.kind != "reminder" or week[key] <= season.engine.house.weekly_touches, (
            f"person {row.person_id} was over budget"
        )
    return max(week.values(), default=0)


def nothing_was_asked_outside_hours(season: Season) -> int:
    """Reminders and what goes to liaisons are pushed on workdays between 8:30 and 18:00; gives how many there were. (A page shows what
    waits whenever its person opens it.)"""
    which = delivery.c.kind.in_(("reminder", "handover")), delivery.c.state == "sent", delivery.c.channel == "telegram"
    found = season.engine.read(lambda s: s.rows(select(delivery.c.sent_at).where(*which)))
    for row in found:
        local: datetime = row.sent_at.astimezone(season.engine.house.zone)
        assert BY_DAY[0] <= local.time() <= BY_DAY[1], local
        assert local.weekday() < 5, local
    return len(found)


def nobody_is_reminded_after_finishing(season: Season) -> None:
    """No reminder of a round is sent once its person has handed in."""
    joined = delivery.join(
        enrolment, (enrolment.c.round_id == delivery.c.round_id) & (enrolment.c.person_id == delivery.c.person_id)
    )
    late = delivery.c.kind == "reminder", delivery.c.state == "sent", delivery.c.sent_at > enrolment.c.handed_in_at
    in_first = enrolment.c.attempts == 1
    assert season.engine.read(lambda s: s.value(select(func.count()).select_from(joined).where(*late, in_first))) == 0


def every_answer_is_kept(season: Season, what: Round) -> int:
    """As many responses to the exam as there were ticks shown; gives how many."""
    mine = (
        select(enrolment.c.id)
        .join(round_, round_.c.id == enrolment.c.round_id)
        .where((round_.c.id == what.id) | (round_.c.of_round_id == what.id))
    )
    kept = season.engine.read(lambda s: s.value(select(func.count()).select_from(response).where(_attempt_in(mine))))
    assert kept == season.notes["recorded"]
    return int(kept)


def _attempt_in(enrolments: Any) -> Any:

    return response.c.attempt_id.in_(select(attempt.c.id).where(attempt.c.enrolment_id.in_(enrolments)))
