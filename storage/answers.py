"""Papers, attempts and responses: the answer path. Responses are append-only and point at revisions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from quizzes.papers import Slot
from quizzes.questions import Question
from quizzes.rules import Rules
from storage.columns import instant, micros
from storage.database import Hot, Store
from storage.tables import attempt, enrolment, paper, response, revision, round_


@dataclass(frozen=True, slots=True)
class Sitting:
    """A paper with its enrolment, its round and its attempt (`attempt_state` "" before the first answer)."""

    paper_id: int
    number: int
    slots: tuple[Slot, ...]
    enrolment_id: int
    person_id: int
    round_id: int
    title: str
    counts: str
    state: str
    opens_at: datetime
    closes_at: datetime
    rules: Rules
    attempts: int
    score: int | None
    counted: bool
    attempt_state: str


_SITTING = (
    select(
        paper.c.id.label("paper_id"), paper.c.number, paper.c.slots, enrolment.c.id.label("enrolment_id"), enrolment.c.person_id,
        enrolment.c.attempts, enrolment.c.score, enrolment.c.counted, round_.c.id.label("round_id"), round_.c.title,
        round_.c.counts, round_.c.state, round_.c.opens_at, round_.c.closes_at, round_.c.rules,
        attempt.c.state.label("attempt_state"),
    )
    .join_from(paper, enrolment, paper.c.enrolment_id == enrolment.c.id)
    .join(round_, enrolment.c.round_id == round_.c.id)
    .outerjoin(attempt, attempt.c.id == paper.c.id)
)  # fmt: skip
_BY_PAPER = Hot(_SITTING.where(paper.c.id == bindparam("paper_id")))
_OPEN = Hot(
    _SITTING.where(
        enrolment.c.person_id == bindparam("person_id"), round_.c.state == "open", round_.c.opens_at <= bindparam("now"),
        round_.c.closes_at > bindparam("now"),
    ).order_by(round_.c.closes_at, round_.c.id, paper.c.number)
)  # fmt: skip
_RESPONSES = Hot(
    select(response.c.slot, response.c.serial, response.c.correct, response.c.answer)
    .where(response.c.attempt_id == bindparam("attempt_id"))
    .order_by(response.c.slot, response.c.serial)
)
_REVISION = Hot(select(revision.c.content).where(revision.c.id == bindparam("revision_id")))
_START = Hot(
    insert(attempt).values(
        {n: bindparam(n) for n in ("id", "enrolment_id", "state", "started_at", "source", "automatic")}
    )
)
_STARTED = Hot(update(enrolment).where(enrolment.c.id == bindparam("enrolment")).values(started=bindparam("yes")))
_RESPOND = Hot(
    insert(response).values(
        {n: bindparam(n) for n in ("attempt_id", "slot", "serial", "revision_id", "answer", "correct", "arrived_at", "platform_at",
                                   "channel", "inbox_key")}
    )
)  # fmt: skip
_HAND_IN = Hot(
    update(attempt).where(attempt.c.id == bindparam("paper"))
    .values(state=bindparam("new_state"), handed_in_at=bindparam("at"), score=bindparam("points"), automatic=bindparam("auto"))
)  # fmt: skip
_RESULT = Hot(
    update(enrolment).where(enrolment.c.id == bindparam("enrolment"))
    .values(sat=bindparam("yes"), attempts=bindparam("tries"), score=bindparam("points"), passed=bindparam("pass_"),
            excellent=bindparam("high"), handed_in_at=bindparam("at"))
)  # fmt: skip


@lru_cache(maxsize=64)
def _rules(frozen: str) -> Rules:
    """The rules as frozen into a round; they are the same for everybody who sits it."""
    return Rules.from_json(json.loads(frozen))


def _sitting(found: Any) -> Sitting:
    slots = tuple(Slot(number, tuple(order)) for number, order in json.loads(found.slots))
    return Sitting(
        found.paper_id, found.number, slots, found.enrolment_id, found.person_id, found.round_id, found.title, found.counts,
        found.state, instant(found.opens_at), instant(found.closes_at), _rules(found.rules), found.attempts,
        found.score, bool(found.counted), found.attempt_state or "",
    )  # fmt: skip


def sitting(store: Store, paper_id: int) -> Sitting | None:
    """A paper with everything the answer path needs, or None."""
    found = store.hot(_BY_PAPER, paper_id=paper_id).first()
    return None if found is None else _sitting(found)


def open_sittings(store: Store, person_id: int, now: datetime) -> list[Sitting]:
    """The person's papers in rounds that are open now, the round that closes first before the others."""
    return [_sitting(found) for found in store.hot(_OPEN, person_id=person_id, now=micros(now))]


def question(store: Store, revision_id: int) -> Question:
    """The content of a revision; remembered, since it never changes. Raises KeyError."""
    known = store.memory.revisions.get(revision_id)
    if known is None:
        found = store.hot(_REVISION, revision_id=revision_id).first()
        if found is None:
            raise KeyError(revision_id)
        known = store.memory.revisions[revision_id] = Question.from_json(json.loads(found.content))
    return known


@dataclass(frozen=True, slots=True)
class Answered:
    """The response that counts for one slot: the last one."""

    serial: int
    correct: bool
    answer: tuple[str, ...]


def answered(store: Store, attempt_id: int) -> dict[int, Answered]:
    """The counting response of each slot answered so far."""
    return {
        r.slot: Answered(r.serial, bool(r.correct), tuple(json.loads(r.answer)))
        for r in store.hot(_RESPONSES, attempt_id=attempt_id)
    }


def start(store: Store, sat: Sitting, now: datetime) -> None:
    """Begin the attempt over a paper."""
    store.hot(
        _START,
        id=sat.paper_id,
        enrolment_id=sat.enrolment_id,
        state="open",
        started_at=micros(now),
        source="本系统",
        automatic=False,
    )
    store.hot(_STARTED, enrolment=sat.enrolment_id, yes=True)


def respond(store: Store, sat: Sitting, slot: int, serial: int, answer: tuple[str, ...], correct: bool, *, arrived_at: datetime,
            platform_at: datetime | None, channel: str, inbox_key: str) -> None:  # fmt: skip
    """Append one answer event. A second one with the same (attempt, slot, serial) is refused by the database."""
    store.hot(
        _RESPOND, attempt_id=sat.paper_id, slot=slot, serial=serial, revision_id=sat.slots[slot].revision_id,
        answer=json.dumps(answer, ensure_ascii=False), correct=correct, arrived_at=micros(arrived_at),
        platform_at=None if platform_at is None else micros(platform_at), channel=channel, inbox_key=inbox_key,
    )  # fmt: skip


def hand_in(store: Store, sat: Sitting, score: int, best: int, passed: bool, excellent: bool, now: datetime, *,
            automatic: bool = False) -> None:  # fmt: skip
    """交卷: end the attempt with its `score`; the enrolment keeps `best`, the score that counts under the round's rules."""
    store.hot(_HAND_IN, paper=sat.paper_id, new_state="handed_in", at=micros(now), points=score, auto=automatic)
    store.hot(_RESULT, enrolment=sat.enrolment_id, yes=True, tries=sat.attempts + 1, points=best, pass_=passed, high=excellent,
              at=micros(now))  # fmt: skip


def add_papers(store: Store, papers: Iterable[tuple[int, int, int, tuple[Slot, ...]]]) -> None:
    """Keep drawn papers: (enrolment id, number, seed, slots)."""
    rows = [
        {
            "enrolment_id": enrolment_id,
            "number": number,
            "seed": seed,
            "slots": [[s.revision_id, list(s.order)] for s in slots],
        }
        for enrolment_id, number, seed, slots in papers
    ]
    if rows:
        store.run(insert(paper), rows)
