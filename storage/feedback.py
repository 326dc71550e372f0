"""题目纠错 and 投诉建议: what people report, each with a number, until it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from quizzes.rules import Rules
from storage.database import Store
from storage.tables import attempt, enrolment, feedback, paper, response, revision, round_

QUESTION, COMPLAINT = "question", "complaint"


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `about` is the key of a question, or ""; `state` open or answered."""

    id: int
    person_id: int
    kind: str
    about: str
    text: str
    state: str
    created_at: datetime
    answer: str


def _report(row: Row[Any]) -> Report:
    return Report(row.id, row.person_id, row.kind, row.about, row.text, row.state, row.created_at, row.answer)


def add(store: Store, person_id: int, kind: str, text: str, now: datetime, *, about: str = "") -> int:
    """Record a report and give its reference number."""
    return store.new_id(
        insert(feedback), {"person_id": person_id, "kind": kind, "about": about, "text": text, "created_at": now}
    )


def get(store: Store, number: int) -> Report | None:
    """A report, or None."""
    row = store.row(select(feedback).where(feedback.c.id == number))
    return None if row is None else _report(row)


def waiting(store: Store, most: int) -> list[Report]:
    """Reports nobody has answered, oldest first."""
    query = select(feedback).where(feedback.c.state == "open").order_by(feedback.c.id).limit(most)
    return [_report(row) for row in store.rows(query)]


def of_person(store: Store, person_id: int, most: int) -> list[Report]:
    """What a person reported, newest first."""
    query = select(feedback).where(feedback.c.person_id == person_id).order_by(feedback.c.id.desc()).limit(most)
    return [_report(row) for row in store.rows(query)]


def answer(store: Store, number: int, text: str, by: int, now: datetime) -> None:
    """Record the answer to a report; a second answer takes the place of the first."""
    values = {"state": "answered", "answer": text, "answered_at": now, "answered_by": by}
    store.run(update(feedback).where(feedback.c.id == number).values(**values))


def last_question(store: Store, person_id: int) -> str:
    """The key of the question the person answered last, else of the first on the newest paper they were shown; "" if there is neither."""
    answered = (
        select(revision.c.key)
        .join_from(enrolment, attempt, attempt.c.enrolment_id == enrolment.c.id)
        .join(response, response.c.attempt_id == attempt.c.id).join(revision, revision.c.id == response.c.revision_id)
        .where(enrolment.c.person_id == person_id).order_by(response.c.arrived_at.desc(), response.c.id.desc()).limit(1)
    )  # fmt: skip
    if found := store.value(answered):
        return str(found)
    shown = _shown(store, person_id)
    first = shown[0][0] if shown else None
    return "" if first is None else str(store.value(select(revision.c.key).where(revision.c.id == first)) or "")


def was_shown(store: Store, person_id: int, key: str) -> bool:
    """Whether the person has been shown a question of this key, on any paper of their own."""
    wordings = {row.id for row in store.rows(select(revision.c.id).where(revision.c.key == key))}
    return any(not wordings.isdisjoint(asked) for asked in _shown(store, person_id))


def _shown(store: Store, person_id: int) -> list[list[int]]:
    """The questions of the person's papers, the newest first; an exam's only once it was begun: nobody reads it before."""
    query = (
        select(paper.c.slots, attempt.c.id, round_.c.rules).join_from(enrolment, paper, paper.c.enrolment_id == enrolment.c.id)
        .join(round_, round_.c.id == enrolment.c.round_id).outerjoin(attempt, attempt.c.id == paper.c.id)
        .where(enrolment.c.person_id == person_id).order_by(paper.c.id.desc())
    )  # fmt: skip
    begun = [row.slots for row in store.rows(query) if row.id is not None or not Rules.from_json(row.rules).exam]
    return [[slot[0] for slot in slots] for slots in begun if slots]


def stem(store: Store, key: str) -> str:
    """The latest wording of a question, or "" if there is no such question."""
    row = store.row(select(revision.c.content).where(revision.c.key == key).order_by(revision.c.id.desc()).limit(1))
    return str(row.content["stem"]) if row else ""
