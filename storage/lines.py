"""How one person stands in one round: their line on the 应考名册."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from storage.database import Store
from storage.tables import enrolment


@dataclass(frozen=True, slots=True)
class Line:
    """A person's line on the roster of one round. `score` in hundredths; `granted`: sittings beyond the rules'."""

    counted: bool
    exempt: bool
    sat: bool
    score: int | None
    attempts: int
    granted: int


def of(store: Store, round_id: int, person_id: int) -> Line | None:
    """A person's line in a round, or None."""
    which = enrolment.c.round_id == round_id, enrolment.c.person_id == person_id
    found = store.row(select(enrolment).where(*which))
    if found is None:
        return None
    return Line(bool(found.counted), bool(found.exempt), bool(found.sat), found.score, found.attempts, found.granted)
