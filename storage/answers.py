"""Papers, attempts and responses: the answer path. Responses are append-only and point at revisions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, bindparam, func, insert, or_, select, text, type_coerce, update

from quizzes.papers import Slot
from quizzes.questions import Question
from quizzes.rates import HandIn, Result
from quizzes.rounds import GRACE
from quizzes.rules import Rules
from quizzes.scoring import Asked, asked
from storage.columns import instant, micros
from storage.database import Hot, Store
from storage.tables import attempt, enrolment, paper, response, revision, round_

HERE = "本系统"
"""The source of attempts made in this program; others are paper and higher platforms."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A paper with its enrolment, its round and its attempt (`attempt_state` "" before it is begun). `ends_at`: when its minutes
    are over; `place`: the slot shown last; `flagged`: slots the person wants to come back to; `granted`: sittings beyond the
    rules'; `automatic`: handed in by the clock."""

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
    ends_at: datetime | None = None
    place: int = 0
    flagged: tuple[int, ...] = ()
    granted: int = 0
    automatic: bool = False
    notice: str = ""

    @property
    def attempts_left(self) -> int:
        """How many sittings the person still has besides those handed in: by the rules, and granted by the officer."""
        return max(self.rules.attempts + self.granted - self.attempts, 0)

    @property
    def until(self) -> datetime:
        """When this sitting ends: its own end once it has one, else the close of the round."""
        return self.ends_at or self.closes_at


_SITTING = (
    select(
        paper.c.id.label("paper_id"), paper.c.number, paper.c.slots, enrolment.c.id.label("enrolment_id"), enrolment.c.person_id,
        enrolment.c.attempts, enrolment.c.granted, enrolment.c.score, enrolment.c.counted, round_.c.id.label("round_id"), round_.c.title,
        round_.c.counts, round_.c.state, round_.c.opens_at, round_.c.closes_at, round_.c.rules,
        attempt.c.state.label("attempt_state"), attempt.c.ends_at, attempt.c.place, attempt.c.flagged, attempt.c.automatic, round_.c.notice,
    )
    .join_from(paper, enrolment, paper.c.enrolment_id == enrolment.c.id)
    .join(round_, enrolment.c.round_id == round_.c.id)
    .outerjoin(attempt, attempt.c.id == paper.c.id)
)  # fmt: skip
_BY_PAPER = Hot(_SITTING.where(paper.c.id == bindparam("paper_id")))
_OPEN = Hot(
    _SITTING.where(
        enrolment.c.person_id == bindparam("person_id"), round_.c.state == "open", round_.c.opens_at <= bindparam("now"),
        func.coalesce(attempt.c.source, HERE) == HERE,
        (round_.c.closes_at > bindparam("now"))
        | ((attempt.c.state == "open") & (func.coalesce(attempt.c.ends_at, round_.c.closes_at) >= bindparam("on_its_way"))),
    ).order_by(round_.c.closes_at, round_.c.id, paper.c.number)
)  # fmt: skip
HELD_BACK = or_(
    *(type_coerce(round_.c.rules, Text).like(f'%"release":"{when}"%') for when in ("handed_in", "closed", "never"))
)
"""Rounds that are formal exams: what is right is not told with each answer."""
_PAST = Hot(
    _SITTING.where(
        enrolment.c.person_id == bindparam("person_id"), (round_.c.state == "closing") | (round_.c.state == "closed"),
        attempt.c.state == "handed_in", attempt.c.source == HERE, HELD_BACK,
    ).order_by(round_.c.closes_at.desc(), round_.c.id.desc(), paper.c.number).limit(bindparam("most"))
)  # fmt: skip
_RESPONSES = Hot(
    select(response.c.slot, response.c.serial, response.c.correct, response.c.answer)
    .where(response.c.attempt_id == bindparam("attempt_id"))
    .order_by(response.c.slot, response.c.serial)
)
_REVISION = Hot(select(revision.c.content).where(revision.c.id == bindparam("revision_id")))
_START = Hot(
    insert(attempt).values(
        {n: bindparam(n) for n in ("id", "enrolment_id", "state", "started_at", "source", "automatic", "ends_at", "declared_at",
                                   "device")}
    )
)  # fmt: skip
_BEGUN = Hot(
    select(func.max(attempt.c.started_at).label("last")).where(
        attempt.c.enrolment_id == bindparam("enrolment_id"), attempt.c.source == HERE
    )
)
_STARTED = Hot(update(enrolment).where(enrolment.c.id == bindparam("enrolment")).values(started=bindparam("yes")))
_LAST = Hot(
    select(response.c.serial, response.c.correct, response.c.answer)
    .where(response.c.attempt_id == bindparam("attempt_id"), response.c.slot == bindparam("slot"))
    .order_by(response.c.serial.desc()).limit(1)
)  # fmt: skip
_PLACE = Hot(update(attempt).where(attempt.c.id == bindparam("attempt")).values(place=bindparam("at")))
_RESPOND = Hot(
    insert(response).values(
        {n: bindparam(n) for n in ("attempt_id", "slot", "serial", "revision_id", "answer", "correct", "arrived_at", "platform_at",
                                   "channel", "inbox_key")}
    )
)  # fmt: skip
_HANDED_IN = Hot(
    select(attempt.c.id, attempt.c.score, attempt.c.automatic, attempt.c.source,
           select(func.count()).where(response.c.attempt_id == attempt.c.id).scalar_subquery().label("given"))
    .where(attempt.c.enrolment_id == bindparam("enrolment_id"), attempt.c.handed_in_at.is_not(None) | (attempt.c.id == bindparam("ending")))
    .order_by(attempt.c.started_at, attempt.c.id)
)  # fmt: skip
_HAND_IN = Hot(
    update(attempt).where(attempt.c.id == bindparam("paper"))
    .values(state=bindparam("new_state"), handed_in_at=bindparam("at"), score=bindparam("points"), automatic=bindparam("auto"))
)  # fmt: skip
_RESULT = Hot(
    update(enrolment).where(enrolment.c.id == bindparam("enrolment"))
    .values(sat=bindparam("sat_"), attempts=bindparam("tries"), score=bindparam("points"), passed=bindparam("pass_"),
            excellent=bindparam("high"), handed_in_at=bindparam("at"))
)  # fmt: skip


@lru_cache(maxsize=64)
def _rules(frozen: str) -> Rules:
    """The rules as frozen into a round; they are the same for everybody who sits it."""
    return Rules.from_json(json.loads(frozen))


def _sitting(found: Any) -> Sitting:
    slots = tuple(Slot.from_json(each) for each in json.loads(found.slots))
    return Sitting(
        found.paper_id, found.number, slots, found.enrolment_id, found.person_id, found.round_id, found.title, found.counts,
        found.state, instant(found.opens_at), instant(found.closes_at), _rules(found.rules), found.attempts,
        found.score, bool(found.counted), found.attempt_state or "", None if found.ends_at is None else instant(found.ends_at),
        found.place or 0, tuple(json.loads(found.flagged or "[]")), found.granted, bool(found.automatic), found.notice,
    )  # fmt: skip


def sitting(store: Store, paper_id: int) -> Sitting | None:
    """A paper with everything the answer path needs, or None."""
    found = store.hot(_BY_PAPER, paper_id=paper_id).first()
    return None if found is None else _sitting(found)


def open_sittings(store: Store, person_id: int, now: datetime) -> list[Sitting]:
    """The person's papers in rounds that are open now, the round that closes first before the others; of a round past its close, the
    sitting that still takes answers: it runs its minutes, or what was on its way at the close may yet arrive."""
    found = store.hot(_OPEN, person_id=person_id, now=micros(now), on_its_way=micros(now - GRACE))
    return [_sitting(each) for each in found]


def past_exams(store: Store, person_id: int, most: int = 20) -> list[Sitting]:
    """The exams a person handed in whose rounds are over: the last round first, its sittings in their order."""
    return [_sitting(found) for found in store.hot(_PAST, person_id=person_id, most=most)]


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


def start(store: Store, sat: Sitting, now: datetime, *, ends_at: datetime | None = None, declared: bool = False,
          device: str = "") -> None:  # fmt: skip
    """Begin the attempt over a paper. `ends_at`: when its minutes are over; `declared`: 「本人独立作答」 was pressed; `device`: a hash
    that is the same for the same browser, "" where there is none. A clock set back puts no sitting before an earlier one."""
    before = store.hot(_BEGUN, enrolment_id=sat.enrolment_id).first().last if sat.attempts else None
    store.hot(
        _START, id=sat.paper_id, enrolment_id=sat.enrolment_id, state="open", started_at=max(micros(now), before or 0), source=HERE, automatic=False,
        ends_at=None if ends_at is None else micros(ends_at), declared_at=micros(now) if declared else None, device=device,
    )  # fmt: skip
    store.hot(_STARTED, enrolment=sat.enrolment_id, yes=True)


def last(store: Store, attempt_id: int, slot: int) -> Answered | None:
    """The response that counts for one slot so far, or None."""
    found = store.hot(_LAST, attempt_id=attempt_id, slot=slot).first()
    return None if found is None else Answered(found.serial, bool(found.correct), tuple(json.loads(found.answer)))


def stand_at(store: Store, attempt_id: int, slot: int) -> None:
    """Remember which slot the person looks at, so that any channel goes on there."""
    store.hot(_PLACE, attempt=attempt_id, at=slot)


def flag(store: Store, sat: Sitting, slot: int) -> tuple[int, ...]:
    """Flag a slot to come back to, or take the flag off; gives the slots flagged now."""
    flagged = tuple(sorted(set(sat.flagged) ^ {slot}))
    store.run(update(attempt).where(attempt.c.id == sat.paper_id).values(flagged=list(flagged)))
    return flagged


def paper_of(store: Store, sat: Sitting) -> tuple[Asked, ...]:
    """The questions of a paper with what each weighs under its rules."""
    return asked(sat.slots, {slot.revision_id: question(store, slot.revision_id) for slot in sat.slots}, sat.rules)


def shown(store: Store, slot: Slot) -> Question:
    """What one slot of a paper asks."""
    return question(store, slot.revision_id).item(slot.item)


def time_up(store: Store, now: datetime, most: int) -> list[int]:
    """Attempts whose own end has passed and that are not handed in, the earliest first."""
    query = select(attempt.c.id).where(text("state = 'open'"), attempt.c.ends_at < now)
    return [r.id for r in store.rows(query.order_by(attempt.c.ends_at, attempt.c.id).limit(most))]


def open_attempts(store: Store, round_id: int, after: int, most: int) -> list[int]:
    """Attempts of a round that were begun, answered at least once, and not handed in; numbers above `after`."""
    query = (
        select(attempt.c.id).join(enrolment, attempt.c.enrolment_id == enrolment.c.id)
        .where(enrolment.c.round_id == round_id, attempt.c.state == "open", attempt.c.id > after)
        .where(select(response.c.id).where(response.c.attempt_id == attempt.c.id).exists())
        .order_by(attempt.c.id).limit(most)
    )  # fmt: skip
    return [r.id for r in store.rows(query)]


def cut(store: Store, round_id: int, now: datetime) -> None:
    """A round that ends early ends the sittings that would have run longer."""
    mine = select(enrolment.c.id).where(enrolment.c.round_id == round_id)
    longer = text("state = 'open'"), attempt.c.ends_at > now, attempt.c.enrolment_id.in_(mine)
    store.run(update(attempt).where(*longer).values(ends_at=now))


def running(store: Store, round_id: int, now: datetime) -> bool:
    """Whether any sitting of a round still has time of its own left."""
    query = select(attempt.c.id).join(enrolment, attempt.c.enrolment_id == enrolment.c.id)
    mine = enrolment.c.round_id == round_id, attempt.c.state == "open", attempt.c.ends_at > now
    return store.row(query.where(*mine).limit(1)) is not None


def respond(store: Store, sat: Sitting, slot: int, serial: int, answer: tuple[str, ...], correct: bool, *, arrived_at: datetime,
            platform_at: datetime | None, channel: str, inbox_key: str) -> None:  # fmt: skip
    """Append one answer event. A second one with the same (attempt, slot, serial) is refused by the database."""
    store.hot(
        _RESPOND, attempt_id=sat.paper_id, slot=slot, serial=serial, revision_id=sat.slots[slot].revision_id,
        answer=json.dumps(answer, ensure_ascii=False), correct=correct, arrived_at=micros(arrived_at),
        platform_at=None if platform_at is None else micros(platform_at), channel=channel, inbox_key=inbox_key,
    )  # fmt: skip


def hand_in(store: Store, sat: Sitting, score: int, result: Result, now: datetime, *, automatic: bool = False) -> None:
    """交卷: end the attempt with its `score`; the enrolment keeps `result`, what counts under the round's rules."""
    store.hot(_HAND_IN, paper=sat.paper_id, new_state="handed_in", at=micros(now), points=score, auto=automatic)
    store.hot(_RESULT, enrolment=sat.enrolment_id, sat_=result.sat, tries=sat.attempts + 1, points=result.score,
              pass_=result.passed, high=result.excellent, at=micros(now) if result.sat else None)  # fmt: skip


def hand_ins(store: Store, enrolment_id: int, ending: tuple[int, HandIn] | None = None) -> list[HandIn]:
    """What was handed in by one enrolment so far, in the order it was begun; with `ending`, the attempt being handed in, in its place."""
    number, mine = ending or (0, None)
    return [
        mine
        if mine and r.id == number
        else HandIn(r.score or 0, r.given if r.source == HERE else 1, automatic=bool(r.automatic))
        for r in store.hot(_HANDED_IN, enrolment_id=enrolment_id, ending=number)
    ]


def add_papers(store: Store, papers: Iterable[tuple[int, int, int, tuple[Slot, ...]]]) -> None:
    """Keep drawn papers: (enrolment id, number, seed, slots)."""
    rows = [
        {
            "enrolment_id": enrolment_id,
            "number": number,
            "seed": seed,
            "slots": [slot.to_json() for slot in slots],
        }
        for enrolment_id, number, seed, slots in papers
    ]
    if rows:
        store.run(insert(paper), rows)
