"""改判计分: what a ruling on a wrong key does to the sittings of a round, worked out before it is made and written after, in parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, func, select, type_coerce, update

from quizzes.papers import Slot
from quizzes.rates import HandIn, Result, Tally, result
from quizzes.rounds import Round, State
from quizzes.scoring import Asked, Ruling, asked, scored
from storage import answers, figures, rulings
from storage.answers import HERE
from storage.database import Store
from storage.tables import attempt, enrolment, paper, rescore, response, revision, round_, round_pool

CHUNK = 50
"""Papers of fifty questions are counted four times each: about a tenth of a second, for which answers wait."""
ASKING = (State.OPENING, State.OPEN, State.CLOSING, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of the 应考名册 whose score or verdict a ruling changes."""

    enrolment_id: int
    person_id: int
    bureau_id: int
    counted: bool
    before: Result
    after: Result


@dataclass(frozen=True, slots=True)
class Effect:
    """What a ruling does: sittings that answered the question, sittings whose score changes, and the lines that change with them."""

    answered: int = 0
    rescored: int = 0
    moved: tuple[Moved, ...] = ()

    def __add__(self, other: Effect) -> Effect:
        return Effect(self.answered + other.answered, self.rescored + other.rescored, self.moved + other.moved)


@dataclass(frozen=True, slots=True)
class _Sat:
    """One attempt that was handed in; `paper` and `given` are empty for one from outside, whose score stands as it came."""

    id: int
    source: str
    automatic: bool
    score: int
    handed_in_at: datetime
    paper: tuple[Asked, ...]
    given: Mapping[int, tuple[str, ...]]

    def scored(self, what: Round, decided: Sequence[Ruling]) -> int:
        return scored(self.paper, self.given, what.rules, decided).score if self.source == HERE else self.score

    def hand_in(self, score: int) -> HandIn:
        return HandIn(score, len(self.given) if self.source == HERE else 1, automatic=self.automatic)

    def answers(self, ruling: Ruling) -> bool:
        """Whether the question was answered in this sitting."""
        return any(_is_about(ruling, self.paper[slot].slot) for slot in self.given)


def holding(store: Store, round_id: int, revision_id: int) -> list[int]:
    """The enrolments of a round that handed in a paper with this question, by number."""
    query = (
        select(enrolment.c.id, paper.c.slots)
        .join_from(enrolment, attempt, attempt.c.enrolment_id == enrolment.c.id).join(paper, paper.c.id == attempt.c.id)
        .where(enrolment.c.round_id == round_id, attempt.c.handed_in_at.is_not(None), attempt.c.source == HERE)
    )  # fmt: skip
    return sorted({row.id for row in store.rows(query) if any(slot[0] == revision_id for slot in row.slots)})


def rounds_asking(store: Store, key: str, most: int) -> list[tuple[int, int]]:
    """(round, revision) of the last rounds that ask a question of this key, newest first."""
    query = (
        select(round_.c.id, revision.c.id.label("revision_id"))
        .join_from(round_, round_pool, round_pool.c.round_id == round_.c.id)
        .join(revision, revision.c.id == round_pool.c.revision_id)
        .where(revision.c.key == key, round_.c.state.in_(ASKING))
    )
    return [
        (r.id, r.revision_id)
        for r in store.rows(query.order_by(round_.c.opens_at.desc(), round_.c.id.desc()).limit(most))
    ]


def keys_like(store: Store, part: str, most: int) -> list[str]:
    """Keys of questions that some round asks and whose wording holds `part`, the latest first."""
    words = type_coerce(revision.c.content, Text).contains(part, autoescape=True)
    asked_in = revision.c.id.in_(select(round_pool.c.revision_id))
    query = (
        select(revision.c.key, func.max(revision.c.id).label("latest")).where(words, asked_in).group_by(revision.c.key)
    )
    return [row.key for row in store.rows(query.order_by(func.max(revision.c.id).desc()).limit(most))]


def effect(store: Store, what: Round, new: Ruling, enrolment_ids: Sequence[int]) -> Effect:
    """What a ruling not made yet would do to these enrolments; writes nothing."""
    decided = rulings.of_round(store, what.id)
    found = Effect()
    for part in _parts(enrolment_ids):
        sittings = _sittings(store, what, part)
        for line in store.rows(select(enrolment).where(enrolment.c.id.in_(part)).order_by(enrolment.c.id)):
            mine = sittings[line.id]
            after = [sat.scored(what, [*decided, new]) for sat in mine]
            reached = result([sat.hand_in(score) for sat, score in zip(mine, after, strict=True)], what.rules)
            changed = sum(sat.score != score for sat, score in zip(mine, after, strict=True))
            found += Effect(sum(sat.answers(new) for sat in mine), changed, _moved(line, reached))
    return found


def apply(store: Store, what: Round, ruling_id: int, enrolment_ids: Sequence[int]) -> tuple[Moved, ...]:
    """Write what a ruling did to these enrolments: both scores of each attempt, what counts now, and the result. Safe to run again."""
    decided = rulings.numbered(store, what.id)
    place = [number for number, _ in decided].index(ruling_id)
    every = [each for _, each in decided]
    known = _known(store, ruling_id)
    moved: tuple[Moved, ...] = ()
    for part in _parts(enrolment_ids):
        sittings = _sittings(store, what, part)
        for line in store.rows(select(enrolment).where(enrolment.c.id.in_(part)).order_by(enrolment.c.id)):
            mine = sittings[line.id]
            for sat in mine:
                _rescore(store, what, sat, ruling_id, every, place, known)
            reached = result([sat.hand_in(sat.scored(what, every)) for sat in mine], what.rules)
            moved += (change := _moved(line, reached))
            if change:
                values = {"score": reached.score, "passed": reached.passed, "excellent": reached.excellent}
                store.run(update(enrolment).where(enrolment.c.id == line.id).values(**values))
    return moved


def with_effect(store: Store, what: Round, found: Effect) -> dict[int, tuple[Tally, Tally]]:
    """(before, after) of each bureau whose headcounts a ruling would change."""
    return {
        bureau_id: (tally, shifted)
        for bureau_id, tally in figures.own(store, what).items()
        if (shifted := _shifted(tally, bureau_id, found.moved)) != tally
    }


def _shifted(tally: Tally, bureau_id: int, moved: Iterable[Moved]) -> Tally:
    mine = [each for each in moved if each.counted and each.bureau_id == bureau_id]
    passed = sum(each.after.passed - each.before.passed for each in mine)
    excellent = sum(each.after.excellent - each.before.excellent for each in mine)
    return Tally(tally.roster, tally.exempt, tally.due, tally.sat, tally.passed + passed, tally.excellent + excellent)


def _rescore(
    store: Store, what: Round, sat: _Sat, ruling_id: int, every: Sequence[Ruling], place: int, known: set[int]
) -> None:
    """One attempt: the score before and after this ruling is kept, and what counts after all of them stands in the attempt. One that
    was handed in under the ruling already has nothing to keep."""
    if sat.source != HERE:
        return
    before, after = sat.scored(what, every[:place]), sat.scored(what, every[: place + 1])
    concerned = sat.handed_in_at < every[place].at or sat.score == before
    if before != after and concerned and sat.id not in known:
        rulings.add_rescores(store, ruling_id, [(sat.id, before, after)])
    final = sat.scored(what, every)
    if sat.score != final:
        store.run(update(attempt).where(attempt.c.id == sat.id).values(score=final))


def _known(store: Store, ruling_id: int) -> set[int]:
    return {r.attempt_id for r in store.rows(select(rescore.c.attempt_id).where(rescore.c.ruling_id == ruling_id))}


def _moved(line: Row[Any], reached: Result) -> tuple[Moved, ...]:
    """The line if its result changes."""
    before = Result(bool(line.sat), bool(line.passed), bool(line.excellent), line.score)
    if before == reached:
        return ()
    return (Moved(line.id, line.person_id, line.bureau_id, bool(line.counted), before, reached),)


def _sittings(store: Store, what: Round, enrolment_ids: Sequence[int]) -> dict[int, list[_Sat]]:
    """What these enrolments handed in, in the order it was begun."""
    query = select(attempt, paper.c.slots).join_from(attempt, paper, paper.c.id == attempt.c.id)
    which = attempt.c.enrolment_id.in_(enrolment_ids), attempt.c.handed_in_at.is_not(None)
    rows = store.rows(query.where(*which).order_by(attempt.c.started_at, attempt.c.id))
    given = _given(store, [row.id for row in rows if row.source == HERE])
    found: dict[int, list[_Sat]] = {number: [] for number in enrolment_ids}
    for row in rows:
        here = row.source == HERE
        drawn = [Slot.from_json(each) for each in row.slots] if here else []
        questions = {slot.revision_id: answers.question(store, slot.revision_id) for slot in drawn}
        sat = _Sat(row.id, row.source, bool(row.automatic), row.score or 0, row.handed_in_at,
                   asked(drawn, questions, what.rules) if here else (), given.get(row.id, {}))  # fmt: skip
        found[row.enrolment_id].append(sat)
    return found


def _given(store: Store, attempt_ids: Sequence[int]) -> dict[int, dict[int, tuple[str, ...]]]:
    """Per attempt and slot the answer that counts: the last."""
    found: dict[int, dict[int, tuple[str, ...]]] = {}
    query = select(response.c.attempt_id, response.c.slot, response.c.answer)
    for part in _parts(attempt_ids):
        ordered = query.where(response.c.attempt_id.in_(part)).order_by(
            response.c.attempt_id, response.c.slot, response.c.serial
        )
        for row in store.rows(ordered):
            found.setdefault(row.attempt_id, {})[row.slot] = tuple(row.answer)
    return found


def _is_about(ruling: Ruling, slot: Slot) -> bool:
    return (ruling.revision_id, ruling.item) == (slot.revision_id, slot.item)


def _parts(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))
