"""加一次机会: one more sitting for one person in one round, granted by the officer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from quizzes.rounds import Round
from storage.database import Store
from storage.tables import attempt, enrolment


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's line in a round: sittings handed in, granted beyond the rules, and left; whether one is under way."""

    enrolment_id: int
    sat: bool
    passed: bool
    exempt: bool
    attempts: int
    granted: int
    left: int
    running: bool


def line_of(store: Store, what: Round, person_id: int) -> Line | None:
    """A person's line in a round, or None."""
    row = store.row(select(enrolment).where(enrolment.c.round_id == what.id, enrolment.c.person_id == person_id))
    if row is None:
        return None
    open_ = select(attempt.c.id).where(attempt.c.enrolment_id == row.id, attempt.c.state == "open").limit(1)
    left = max(what.rules.attempts + row.granted - row.attempts, 0)
    return Line(
        row.id,
        bool(row.sat),
        bool(row.passed),
        bool(row.exempt),
        row.attempts,
        row.granted,
        left,
        store.row(open_) is not None,
    )


def grant(store: Store, line: Line) -> bool:
    """Grant one more sitting. False if it was granted meanwhile: two presses are one."""
    mine = enrolment.c.id == line.enrolment_id, enrolment.c.granted == line.granted
    return store.run(update(enrolment).where(*mine).values(granted=line.granted + 1)).rowcount == 1
