"""The lines of a round's 应考名册 with names and scores, as a printed return lists them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from quizzes.rates import Line
from storage import people
from storage.database import Store
from storage.tables import attempt, enrolment, person, unit

_FLAGS = ("counted", "exempt", "sat", "passed", "excellent")


@dataclass(frozen=True, slots=True)
class Listed:
    """One line, with the unit as it was at the round. `score` in hundredths, None for who has not sat; `sources` of what counts."""

    line: Line
    name: str
    unit_id: int
    unit: str
    score: int | None
    sources: tuple[str, ...] = ()


def listed(store: Store, round_id: int, units: Collection[int] | None = None) -> list[Listed]:
    """The lines of a round, of all units or of these, by unit in 机构序列 and then in the order of enrolment."""
    query = (
        select(enrolment, person.c.name.label("person"), unit.c.name.label("unit"))
        .join_from(enrolment, person, person.c.id == enrolment.c.person_id).join(unit, unit.c.id == enrolment.c.unit_id)
        .where(enrolment.c.round_id == round_id).order_by(enrolment.c.id)
    )  # fmt: skip
    if units is not None:
        query = query.where(enrolment.c.unit_id.in_(units))
    sources = _sources(store, round_id)
    place = {each.id: number for number, each in enumerate(people.units(store))}
    found = [
        Listed(
            Line(row.person_id, row.bureau_id, **{name: bool(getattr(row, name)) for name in _FLAGS}),
            row.person, row.unit_id, row.unit, row.score if row.sat else None, tuple(sources.get(row.id, ())),
        )
        for row in store.rows(query)
    ]  # fmt: skip
    return sorted(found, key=lambda each: place.get(each.unit_id, len(place)))


def _sources(store: Store, round_id: int) -> dict[int, list[str]]:
    """Where what was handed in came from, by enrolment."""
    query = (
        select(enrolment.c.id, attempt.c.source)
        .join_from(enrolment, attempt, attempt.c.enrolment_id == enrolment.c.id)
        .where(enrolment.c.round_id == round_id, attempt.c.handed_in_at.is_not(None)).distinct()
    )  # fmt: skip
    found: dict[int, list[str]] = {}
    for row in store.rows(query.order_by(enrolment.c.id, attempt.c.source)):
        found.setdefault(row.id, []).append(row.source)
    return found
