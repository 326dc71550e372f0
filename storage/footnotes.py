"""附注: what 应考 of a round is made of, and every dated change of it with reason and approver."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from quizzes.enrolling import ChangeKind
from storage.database import Store
from storage.tables import enrolment, enrolment_change, person, round_, unit


@dataclass(frozen=True, slots=True)
class Composition:
    """Headcounts: on the roster at opening, out of 应考 by 免考, added later by approval, departed by approval."""

    opening: int = 0
    exempt: int = 0
    added: int = 0
    departed: int = 0

    @property
    def due(self) -> int:
        """应考 = 开考时名册 + 补录 − 调出 − 免考."""
        return self.opening + self.added - self.departed - self.exempt


@dataclass(frozen=True, slots=True)
class Footnote:
    """One dated change: of whom, in which unit then, why, by whom (None: the program). `corrected`: made after the close and carried
    by a printed correction; one that no correction carries is not in force and not among the footnotes."""

    at: datetime
    kind: ChangeKind
    person_id: int
    name: str
    unit_id: int
    unit: str
    reason: str
    approver_id: int | None
    approver: str
    corrected: bool


def composition(store: Store, round_id: int, units: Collection[int] | None = None) -> Composition:
    """What 应考 of a round is made of, from its lines: of all, or of these units (the unit at opening)."""
    flags = enrolment.c.at_opening, enrolment.c.counted, enrolment.c.exempt
    query = select(*flags, func.count().label("people")).where(enrolment.c.round_id == round_id).group_by(*flags)
    if units is not None:
        query = query.where(enrolment.c.unit_id.in_(units))
    opening = exempt = added = departed = 0
    for row in store.rows(query):
        out = bool(row.exempt) and not row.counted
        opening += row.people * bool(row.at_opening)
        exempt += row.people * out
        added += row.people * (not row.at_opening and bool(row.counted or out))
        departed += row.people * (bool(row.at_opening) and not row.counted and not out)
    return Composition(opening, exempt, added, departed)


def footnotes(store: Store, round_id: int, units: Collection[int] | None = None) -> list[Footnote]:
    """Every change in force, in the order of time: of all, or of these units (the unit at opening)."""
    by = person.alias()
    query = (
        select(enrolment_change, enrolment.c.person_id, person.c.name, enrolment.c.unit_id, unit.c.name.label("unit"),
               by.c.name.label("approver"), round_.c.closed_at)
        .join_from(enrolment_change, enrolment, enrolment_change.c.enrolment_id == enrolment.c.id)
        .join(round_, round_.c.id == enrolment.c.round_id).join(person, person.c.id == enrolment.c.person_id)
        .join(unit, unit.c.id == enrolment.c.unit_id).outerjoin(by, by.c.id == enrolment_change.c.approver_id)
        .where(enrolment.c.round_id == round_id)
    )  # fmt: skip
    if units is not None:
        query = query.where(enrolment.c.unit_id.in_(units))
    rows = store.rows(query.order_by(enrolment_change.c.at, enrolment_change.c.id))
    carried: dict[int, datetime] = {}
    for row in rows:
        if row.kind == ChangeKind.CORRECTED:
            carried[row.enrolment_id] = max(row.at, carried.get(row.enrolment_id, row.at))
    found = []
    for row in rows:
        late = row.closed_at is not None and row.at > row.closed_at
        if row.kind != ChangeKind.CORRECTED and (not late or row.at <= carried.get(row.enrolment_id, row.closed_at)):
            found.append(Footnote(row.at, ChangeKind(row.kind), row.person_id, row.name, row.unit_id, row.unit, row.reason,
                                  row.approver_id, row.approver or "", late))  # fmt: skip
    return found


def due_people(store: Store, round_id: int, units: Collection[int] | None = None) -> set[int]:
    """Who is in 应考 of a round: of all, or of these units."""
    query = select(enrolment.c.person_id).where(enrolment.c.round_id == round_id, enrolment.c.counted.is_(True))
    return {
        row.person_id for row in store.rows(query if units is None else query.where(enrolment.c.unit_id.in_(units)))
    }
