"""Rounds, their pools and their enrolments: written when a round opens, moved on when it closes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, func, not_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from quizzes.enrolling import Enrolled
from quizzes.plans import Plan, audience_from_json, draw_from_json, plan_from_json, to_json, variant_from_json
from quizzes.rounds import Occurrence, Round, State, advance
from quizzes.rules import Rules
from storage.database import Store
from storage.tables import (
    attempt,
    enrolment,
    exemption,
    plan,
    round_,
)

_BOUND = 400
GIVEN_UP = (State.MISSED, State.CANCELLED)


def _round(found: Row[Any]) -> Round:
    return Round(
        found.id, found.plan_key, found.due_on, found.title, found.counts, found.notice, found.opens_at, found.closes_at,
        State(found.state), bool(found.late), Rules.from_json(found.rules), tuple(draw_from_json(d) for d in found.draw),
        audience_from_json(found.audience), found.avoid_days, found.seed, found.opened_at, found.closed_at, found.of_round_id,
        tuple(variant_from_json(v) for v in found.variants or ()),
    )  # fmt: skip


def get(store: Store, round_id: int) -> Round:
    """A round. Raises KeyError."""
    found = store.row(select(round_).where(round_.c.id == round_id))
    if found is None:
        raise KeyError(round_id)
    return _round(found)


def find(store: Store, round_id: int) -> Round | None:
    """A round, or None for a number that is none."""
    found = store.row(select(round_).where(round_.c.id == round_id))
    return None if found is None else _round(found)


def in_state(store: Store, *states: State) -> list[Round]:
    """Rounds in these states, by opening time."""
    return [
        _round(r)
        for r in store.rows(select(round_).where(round_.c.state.in_(states)).order_by(round_.c.opens_at, round_.c.id))
    ]


def latest(store: Store, most: int, *states: State) -> list[Round]:
    """The last rounds in these states, newest first."""
    query = select(round_).where(round_.c.state.in_(states)).order_by(round_.c.opens_at.desc(), round_.c.id.desc())
    return [_round(r) for r in store.rows(query.limit(most))]


def next_opening(store: Store, now: datetime) -> datetime | None:
    """When the next planned round opens, if one is already on the books."""
    found = store.value(
        select(func.min(round_.c.opens_at)).where(round_.c.state == State.PLANNED, round_.c.opens_at > now)
    )
    return found if isinstance(found, datetime) else None


def due_dates(store: Store, plan_key: str, since: date) -> set[date]:
    """The due dates of a plan that have a round already, from `since` on."""
    query = select(round_.c.due_on).where(round_.c.plan_key == plan_key, round_.c.due_on >= since)
    return {r.due_on for r in store.rows(query)}


def is_taken(store: Store, plan_key: str, due_on: date) -> bool:
    """Whether a plan has a round of that day that was not given up unopened."""
    which = round_.c.plan_key == plan_key, round_.c.due_on == due_on
    found = store.rows(select(round_.c.state, round_.c.opened_at).where(*which))
    return any(r.opened_at is not None or r.state not in GIVEN_UP for r in found)


def add(store: Store, what: Plan, occurrence: Occurrence, *, state: State, closes_at: datetime, late: bool, seed: int,
        of_round_id: int | None = None, by_hand: bool = False) -> int | None:  # fmt: skip
    """Put one occurrence of a plan on the books, with its rules frozen. None if another process was first. `by_hand`: it takes the
    place of one of that day that was missed or cancelled before anybody was enrolled."""
    dialect = postgresql if store.on_postgres else sqlite
    values = {
        "plan_key": what.key, "due_on": occurrence.due_on, "title": what.title, "counts": what.counts, "notice": what.notice,
        "opens_at": occurrence.opens_at, "closes_at": closes_at, "state": state, "late": late, "rules": what.rules.to_json(),
        "draw": [to_json(d) for d in what.draw], "audience": to_json(what.who), "avoid_days": what.avoid_repeats_days,
        "variants": [to_json(v) for v in what.variants],
        "seed": seed, "of_round_id": of_round_id,
    }  # fmt: skip
    fresh = dialect.insert(round_).values(values)
    day = ["plan_key", "due_on"]
    if by_hand:
        unopened = and_(round_.c.state.in_(GIVEN_UP), round_.c.opened_at.is_(None))
        statement = fresh.on_conflict_do_update(index_elements=day, set_=values, where=unopened)
    else:
        statement = fresh.on_conflict_do_nothing(index_elements=day)
    found = store.value(statement.returning(round_.c.id))
    return None if found is None else int(found)


def move(store: Store, what: Round, to: State, now: datetime) -> bool:
    """Advance a round's state; False if somebody else has already moved it. Raises quizzes.rounds.IllegalMove."""
    values: dict[str, Any] = {"state": advance(what.state, to), "progress": 0}
    if to is State.OPENING:
        values["opened_at"] = now
    if to is State.CLOSED:
        values["closed_at"] = now
    return (
        store.run(update(round_).where(round_.c.id == what.id, round_.c.state == what.state).values(**values)).rowcount
        == 1
    )


def extend(store: Store, round_id: int, closes_at: datetime) -> None:
    """A round that opens late: it closes later by as much, and is marked 补发."""
    store.run(update(round_).where(round_.c.id == round_id).values(closes_at=closes_at, late=True))


def end_now(store: Store, round_id: int, now: datetime) -> None:
    """End an open round early: its close becomes now. One past its close, which waits for those who finish, keeps it."""
    early = round_.c.id == round_id, round_.c.state == State.OPEN, round_.c.closes_at > now
    store.run(update(round_).where(*early).values(closes_at=now))


def set_progress(store: Store, round_id: int, progress: int) -> None:
    """How far a chunked opening or closing has come (a person's or attempt's number)."""
    store.run(update(round_).where(round_.c.id == round_id).values(progress=progress))


def progress(store: Store, round_id: int) -> int:
    """How far a chunked opening or closing has come."""
    return int(store.value(select(round_.c.progress).where(round_.c.id == round_id)) or 0)


# Plans. ----------------------------------------------------------------------------------------------------------------


def plans(store: Store) -> list[tuple[Plan, datetime]]:
    """The plans in force, each with the time since when."""
    query = select(plan.c.content, plan.c.applied_at).where(plan.c.removed_at.is_(None)).order_by(plan.c.id)
    return [(plan_from_json(r.content), r.applied_at) for r in store.rows(query)]


def plan_of(store: Store, key: str) -> Plan | None:
    """A plan in force, by its key."""
    found = store.row(select(plan.c.content).where(plan.c.key == key, plan.c.removed_at.is_(None)))
    return None if found is None else plan_from_json(found.content)


def _parts(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + _BOUND] for start in range(0, len(numbers), _BOUND))


# Enrolments. -----------------------------------------------------------------------------------------------------------


def enrol(store: Store, round_id: int, who: Sequence[Enrolled], *, leaders: set[int], exempt: set[int], at_opening: bool,
          now: datetime) -> dict[int, int]:  # fmt: skip
    """Write enrolments that are not there yet; gives person id -> enrolment id for all of `who`. `exempt` are out of 应考;
    so is who comes after the opening (`at_opening` false), until a change adds them."""
    if not who:
        return {}
    dialect = postgresql if store.on_postgres else sqlite
    rows = [
        {"round_id": round_id, "person_id": e.person_id, "unit_id": e.unit_id, "bureau_id": e.bureau_id,
         "leadership": e.person_id in leaders, "exempt": e.person_id in exempt, "counted": at_opening and e.person_id not in exempt,
         "at_opening": at_opening, "enrolled_at": now}
        for e in who
    ]  # fmt: skip
    store.run(dialect.insert(enrolment).on_conflict_do_nothing(index_elements=["round_id", "person_id"]), rows)
    found: dict[int, int] = {}
    query = select(enrolment.c.person_id, enrolment.c.id).where(enrolment.c.round_id == round_id)
    for part in _parts([e.person_id for e in who]):
        found |= {r.person_id: r.id for r in store.rows(query.where(enrolment.c.person_id.in_(part)))}
    return found


def is_enrolled(store: Store, round_id: int, person_id: int) -> bool:
    """Whether a person is on the roster of a round."""
    which = and_(enrolment.c.round_id == round_id, enrolment.c.person_id == person_id)
    return store.row(select(enrolment.c.id).where(which)) is not None


def enrolled(store: Store, enrolment_id: int) -> Enrolled:
    """A line of the roster: whose, and the unit and bureau of then. Raises KeyError."""
    query = select(enrolment.c.person_id, enrolment.c.unit_id, enrolment.c.bureau_id)
    found = store.row(query.where(enrolment.c.id == enrolment_id))
    if found is None:
        raise KeyError(enrolment_id)
    return Enrolled(found.person_id, found.unit_id, found.bureau_id)


def exempt_people(store: Store, round_id: int, day: date) -> dict[int, tuple[str, int | None]]:
    """People with an approved 免考 for this round, or for a span of dates that covers `day`: id -> (reason, approver)."""
    spans = and_(exemption.c.round_id.is_(None), exemption.c.starts_on <= day,
                 func.coalesce(exemption.c.ends_on, day) >= day)  # fmt: skip
    which = and_(
        exemption.c.kind == "免考", exemption.c.state == "approved", spans | (exemption.c.round_id == round_id)
    )
    return {r.person_id: (r.reason, r.decided_by) for r in store.rows(select(exemption).where(which))}


def on_leave(store: Store, day: date) -> set[int]:
    """People whose 请假 covers `day`: practice and reminders pause, the denominator does not change."""
    covers = and_(exemption.c.starts_on <= day, func.coalesce(exemption.c.ends_on, day) >= day)
    query = select(exemption.c.person_id).where(exemption.c.kind == "请假", exemption.c.state == "approved", covers)
    return {r.person_id for r in store.rows(query)}


def unfinished(store: Store, round_id: int) -> Sequence[Row[Any]]:
    """Enrolments of a round that have not handed in: id, person_id, started, counted; by person. Without the exempt and those who left."""
    gone = and_(enrolment.c.at_opening.is_(True), enrolment.c.counted.is_(False))
    which = and_(
        enrolment.c.round_id == round_id, enrolment.c.sat.is_(False), enrolment.c.exempt.is_(False), not_(gone)
    )
    query = select(enrolment.c.id, enrolment.c.person_id, enrolment.c.started, enrolment.c.counted).where(which)
    return store.rows(query.order_by(enrolment.c.person_id))


def stopped(store: Store, what: Round) -> list[int]:
    """Who sits a round now and would have to stop if it ended: everybody, or under `late` "finish" whose sitting has no end of its own."""
    query = select(enrolment.c.person_id).join_from(attempt, enrolment, attempt.c.enrolment_id == enrolment.c.id)
    mine = enrolment.c.round_id == what.id, attempt.c.state == "open"
    own = () if what.rules.late == "cut" else (attempt.c.ends_at.is_(None),)
    return [r.person_id for r in store.rows(query.where(*mine, *own).order_by(enrolment.c.person_id))]
