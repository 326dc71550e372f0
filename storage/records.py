"""A person's own record over the years: assessed rounds one by one, practice as counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, case, exists, extract, func, select

from quizzes.people import Person
from quizzes.rates import HandIn, result
from quizzes.rounds import State
from quizzes.rules import Rules
from storage import people
from storage.database import Store
from storage.tables import attempt, enrolment, person, rescore, response, round_

ASSESSED, PRACTICE = "assessed", "practice"
_FLAGS = ("counted", "exempt", "sat", "passed", "excellent")
_SEEN = round_.c.state.not_in((State.CANCELLED, State.PLANNED))


@dataclass(frozen=True, slots=True)
class Entry:
    """One assessed round of a person. Scores in hundredths; `before`: what it was before wrong keys were put right, None if that changed
    nothing; `sittings` handed in, `sources` where they came from; `makeup`: it is the make-up of another."""

    round_id: int
    title: str
    notice: str
    due_on: date
    closed: bool
    makeup: bool
    unit_id: int
    counted: bool
    exempt: bool
    sat: bool
    passed: bool
    excellent: bool
    score: int | None
    sittings: int
    sources: tuple[str, ...] = ()
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Practice:
    """Practice of a year, which is no assessment: rounds the person got, and how many of them they did."""

    rounds: int = 0
    done: int = 0


def years(store: Store, person_id: int) -> list[int]:
    """The years in which a person was enrolled in anything, newest first."""
    year = extract("year", round_.c.due_on)
    query = select(year.label("year")).join_from(enrolment, round_, enrolment.c.round_id == round_.c.id)
    found = store.rows(query.where(enrolment.c.person_id == person_id, _SEEN).distinct())
    return sorted((int(row.year) for row in found), reverse=True)


def practice(store: Store, person_id: int, year: int) -> Practice:
    """The practice of a person in a year."""
    query = (
        select(func.count().label("rounds"), func.sum(case((enrolment.c.sat, 1), else_=0)).label("done"))
        .join_from(enrolment, round_, enrolment.c.round_id == round_.c.id)
        .where(enrolment.c.person_id == person_id, round_.c.counts == PRACTICE, _SEEN, *_within(year))
    )
    found = store.row(query)
    return Practice(found.rounds, int(found.done or 0)) if found else Practice()


def assessed(store: Store, person_id: int, year: int | None = None, round_id: int | None = None) -> list[Entry]:
    """The assessed rounds a person was enrolled in, newest first: all, those of a year, or one."""
    which = [] if round_id is None else [round_.c.id == round_id]
    query = (
        select(enrolment, round_.c.title, round_.c.notice, round_.c.due_on, round_.c.state, round_.c.rules, round_.c.of_round_id)
        .join(round_, enrolment.c.round_id == round_.c.id)
        .where(enrolment.c.person_id == person_id, round_.c.counts == ASSESSED, _SEEN, *_within(year), *which)
        .order_by(round_.c.opens_at.desc(), round_.c.id.desc())
    )  # fmt: skip
    lines = store.rows(query)
    sat = _sittings(store, [line.id for line in lines])
    first = _first_scores(store, [each.id for some in sat.values() for each in some])
    return [_entry(line, sat.get(line.id, []), first) for line in lines]


def named(store: Store, name: str) -> list[Person]:
    """Everybody of this name who ever was on a roster: a record does not end with a posting."""
    found = store.rows(select(person.c.id).where(person.c.name == name).order_by(person.c.id))
    return [each for row in found if (each := people.person_of(store, row.id)) is not None]


def _within(year: int | None) -> list[Any]:
    return [] if year is None else [round_.c.due_on >= date(year, 1, 1), round_.c.due_on <= date(year, 12, 31)]


def _entry(line: Row[Any], sat: Sequence[Row[Any]], first: dict[int, int]) -> Entry:
    before = _before(line, sat, first)
    flags = {name: bool(getattr(line, name)) for name in _FLAGS}
    return Entry(line.round_id, line.title, line.notice, line.due_on, line.state == State.CLOSED, line.of_round_id is not None,
                 line.unit_id, score=line.score, sittings=len(sat), sources=tuple(dict.fromkeys(each.source for each in sat)),
                 before=None if before == line.score else before, **flags)  # fmt: skip


def _sittings(store: Store, enrolment_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """What was handed in per enrolment, in the order it was begun."""
    given = exists().where(response.c.attempt_id == attempt.c.id)
    columns = (attempt.c.id, attempt.c.enrolment_id, attempt.c.score, attempt.c.source, attempt.c.automatic)
    query = select(*columns, given.label("given")).where(
        attempt.c.enrolment_id.in_(enrolment_ids), attempt.c.handed_in_at.is_not(None)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in store.rows(query.order_by(attempt.c.started_at, attempt.c.id)):
        found.setdefault(row.enrolment_id, []).append(row)
    return found


def _first_scores(store: Store, attempt_ids: Sequence[int]) -> dict[int, int]:
    """What each attempt scored before the first ruling that changed it."""
    query = select(rescore.c.attempt_id, rescore.c.before).where(rescore.c.attempt_id.in_(attempt_ids))
    return {row.attempt_id: row.before for row in store.rows(query.order_by(rescore.c.id.desc()))}


def _before(line: Row[Any], sat: Sequence[Row[Any]], first: dict[int, int]) -> int | None:
    """The score as it was before every ruling; the present one where no ruling touched these sittings."""
    if not any(each.id in first for each in sat):
        return line.score  # type: ignore[no-any-return]
    rules = Rules.from_json(line.rules)
    hand_ins = [
        HandIn(first.get(each.id, each.score or 0), int(each.given), automatic=bool(each.automatic)) for each in sat
    ]
    return result(hand_ins, rules).score
