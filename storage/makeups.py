"""补考: who of a round has not sat or not passed, in 机构序列, and who of a make-up's list still has to sit it when it opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, select

from quizzes.enrolling import Enrolled
from quizzes.rounds import Round, State
from storage import exemptions, people, rounds
from storage.database import Store
from storage.tables import enrolment, person, round_, unit

_HELD = (State.PLANNED, State.OPENING, State.OPEN, State.CLOSING, State.CLOSED)
_AHEAD = (State.PLANNED, State.OPENING, State.OPEN, State.CLOSING)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in 应考 who has sat neither the round nor a make-up of it ("absent"), or sat and passed none ("failed"). `deferred`:
    an approved 缓考. `arranged`: the make-up that is still ahead and has them on its list, or None."""

    person_id: int
    name: str
    unit_id: int
    unit: str
    bureau_id: int
    why: Literal["absent", "failed"]
    deferred: bool
    arranged: int | None


def candidates(store: Store, first: Round) -> list[Candidate]:
    """Everybody a make-up of `first` could be for: by unit in 机构序列, then by number."""
    numbers = [row.id for row in _rounds(store, first.id, _HELD)]
    sat, passed = _reached(store, [first.id, *numbers])
    deferred, listed = exemptions.deferred(store, first.id), _listed(store, first.id)
    place = {each.id: number for number, each in enumerate(people.units(store))}
    lines = [row for row in _lines(store, first.id) if row.person_id not in passed]
    return [
        Candidate(
            row.person_id, row.name, row.unit_id, row.unit, row.bureau_id, "failed" if row.person_id in sat else "absent",
            row.person_id in deferred, listed.get(row.person_id),
        )
        for row in sorted(lines, key=lambda row: (place[row.unit_id], row.person_id))
    ]  # fmt: skip


def owing(store: Store, what: Round) -> list[Enrolled]:
    """Who of a make-up's list still has to sit it, with the unit and bureau of the first round: still in 应考, and passed neither
    the first round nor another make-up meanwhile. By number."""
    assert what.of_round_id is not None
    listed = set(what.audience.people or ())
    others = [row.id for row in _rounds(store, what.of_round_id, _HELD) if row.id != what.id]
    _, passed = _reached(store, [what.of_round_id, *others])
    lines = [row for row in _lines(store, what.of_round_id) if row.person_id in listed - passed]
    return sorted((Enrolled(row.person_id, row.unit_id, row.bureau_id) for row in lines), key=lambda e: e.person_id)


def ahead(store: Store, first_id: int) -> list[Round]:
    """The make-ups of a round that have not opened yet, earliest first."""
    return [rounds.get(store, row.id) for row in _rounds(store, first_id, (State.PLANNED,))]


def _rounds(store: Store, first_id: int, states: Iterable[State]) -> list[Row[Any]]:
    query = select(round_.c.id, round_.c.audience).where(
        round_.c.of_round_id == first_id, round_.c.state.in_(tuple(states))
    )
    return list(store.rows(query.order_by(round_.c.opens_at, round_.c.id)))


def _listed(store: Store, first_id: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in _rounds(store, first_id, _AHEAD):
        found |= dict.fromkeys(row.audience.get("people") or (), row.id)
    return found


def _reached(store: Store, round_ids: list[int]) -> tuple[set[int], set[int]]:
    """(who sat, who passed) any of these rounds."""
    query = select(enrolment.c.person_id, enrolment.c.passed).where(
        enrolment.c.round_id.in_(round_ids), enrolment.c.sat.is_(True)
    )
    found = store.rows(query)
    return {row.person_id for row in found}, {row.person_id for row in found if row.passed}


def _lines(store: Store, first_id: int) -> list[Row[Any]]:
    """Everybody in 应考 of the first round."""
    query = (
        select(enrolment.c.person_id, enrolment.c.unit_id, enrolment.c.bureau_id, person.c.name, unit.c.name.label("unit"))
        .join_from(enrolment, person, person.c.id == enrolment.c.person_id).join(unit, unit.c.id == enrolment.c.unit_id)
    )  # fmt: skip
    return list(store.rows(query.where(enrolment.c.round_id == first_id, enrolment.c.counted.is_(True))))
