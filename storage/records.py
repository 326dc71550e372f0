"""A person's own record over the rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from quizzes.rounds import State
from storage.database import Store
from storage.tables import enrolment, round_


@dataclass(frozen=True, slots=True)
class Entry:
    """One round of a person. `score` in hundredths."""

    round_id: int
    title: str
    due_on: date
    closed: bool
    counted: bool
    exempt: bool
    sat: bool
    passed: bool
    excellent: bool
    score: int | None


def of_person(store: Store, person_id: int, most: int = 400) -> list[Entry]:
    """The rounds a person was enrolled in, newest first."""
    query = (
        select(enrolment, round_.c.title, round_.c.due_on, round_.c.state)
        .join(round_, enrolment.c.round_id == round_.c.id)
        .where(enrolment.c.person_id == person_id, round_.c.state != State.CANCELLED)
        .order_by(round_.c.opens_at.desc(), round_.c.id.desc()).limit(most)
    )  # fmt: skip
    return [
        Entry(r.round_id, r.title, r.due_on, r.state == State.CLOSED, bool(r.counted), bool(r.exempt), bool(r.sat), bool(r.passed),
              bool(r.excellent), r.score)
        for r in store.rows(query)
    ]  # fmt: skip
