"""过去各期: how many people were in which state so long before the close of past rounds, and how many of them finished."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Integer, Select, case, cast, func, not_, or_, select

from quizzes.forecasting import At, Past
from quizzes.rounds import Round, State
from storage import rounds
from storage.answers import HERE
from storage.database import Store
from storage.tables import account, attempt, delivery, enrolment, response, round_

Goal = Literal["sat", "passed"]
LOOKED_BACK = 6
"""Past rounds that are asked, the newest of the same plan first, then the newest of the same kind."""


def past(store: Store, what: Round, now: datetime, goal: Goal = "sat") -> list[Past]:
    """For the last closed rounds like this one: people by the state they were in as long before the close as `now` is before this
    one's, and how many of them had reached the goal by the close. Rounds that were not open yet at that time say nothing."""
    left = what.closes_at - now
    found = []
    for each in alike(store, what):
        at = each.closes_at - left
        if at > each.opens_at:
            found.append(_states(store, each, at, goal))
    return found


def alike(store: Store, what: Round) -> list[Round]:
    """Closed rounds to learn from: counted alike (assessed or practice), a first sitting or a make-up like this one; those of the same
    plan before others, the newest first."""
    which = (
        round_.c.state == State.CLOSED, round_.c.counts == what.counts, round_.c.id != what.id,
        round_.c.of_round_id.is_(None) if what.of_round_id is None else round_.c.of_round_id.is_not(None),
    )  # fmt: skip
    query = select(round_.c.id, round_.c.plan_key).where(*which).order_by(round_.c.closes_at.desc(), round_.c.id.desc())
    newest = store.rows(query.limit(50))
    same = [row.id for row in newest if row.plan_key == what.plan_key]
    others = [row.id for row in newest if row.plan_key != what.plan_key]
    return [rounds.get(store, number) for number in (*same, *others)[:LOOKED_BACK]]


def _states(store: Store, what: Round, at: datetime, goal: Goal) -> Past:
    """One past round at one instant. A refusal that has been lifted since is not known any more: such a person counts as reached."""
    found: dict[At, tuple[int, int]] = {}
    for row in store.rows(_query(what, at, goal)):
        if row.state != "":
            found[At(row.state)] = (row.people, row.finished)
    return found


def _query(what: Round, at: datetime, goal: Goal) -> Select[Any]:
    """Every line looks its own few rows up by their indexes: joining grouped subqueries took SQLite 4 s for 10,000 people."""
    sat, passed = _handed_in(at), _handed_in(at, attempt.c.score >= 100 * what.rules.pass_line)
    state = case(
        (passed if goal == "passed" else sat, ""),
        (sat, At.FAILED.value),
        (_tries(attempt.c.started_at <= at), At.STARTED.value),
        (not_(_way(at)), At.UNBOUND.value),
        (not_(_way(at, open_=True)), At.UNREACHABLE.value),
        (enrolment.c.person_id.in_(_cards(what, at)), At.DELIVERED.value),
        else_=At.PLANNED.value,
    )
    lines = select(state.label("state"), cast(enrolment.c[goal], Integer).label("finished"))
    each = lines.where(enrolment.c.round_id == what.id, enrolment.c.counted.is_(True)).subquery()
    counts = select(each.c.state, func.count().label("people"), func.sum(each.c.finished).label("finished"))
    return counts.group_by(each.c.state)


def _tries(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the line has a sitting of which this holds."""
    return select(attempt.c.id).where(attempt.c.enrolment_id == enrolment.c.id, *which).exists()


def _handed_in(at: datetime, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a sitting of which this holds was handed in by then; an automatic one without an answer is none."""
    given = select(response.c.id).where(response.c.attempt_id == attempt.c.id).exists()
    return _tries(attempt.c.handed_in_at <= at, or_(not_(attempt.c.automatic), attempt.c.source != HERE, given), *which)


def _way(at: datetime, *, open_: bool = False) -> ColumnElement[bool]:
    """Whether the person had a live account then, or one that could be reached."""
    live = [account.c.bound_at <= at, or_(account.c.ended_at.is_(None), account.c.ended_at > at)]
    if open_:
        live.append(or_(account.c.unreachable == "", account.c.unreachable_at.is_(None), account.c.unreachable_at > at))
    return select(account.c.id).where(account.c.person_id == enrolment.c.person_id, *live).exists()


def _cards(what: Round, at: datetime) -> Select[Any]:
    """Who had the round's card by then."""
    sent = delivery.c.kind == "card", delivery.c.state == "sent", delivery.c.sent_at <= at
    return select(delivery.c.person_id).where(delivery.c.round_id == what.id, *sent)
