"""核对: every response of a round graded again, and what enrolments, sums and the scores kept of 改判 say compared with it. Trusts nothing
but responses, rulings and confirmed batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

from sqlalchemy import Row, select

from quizzes import grading
from quizzes.papers import Slot
from quizzes.rates import HandIn, Line, Result, Tally, by_bureau, result
from quizzes.rounds import Round, State
from quizzes.scoring import Asked, Ruling, asked, scored
from storage import answers, batches, figures, rounds, rulings
from storage.answers import HERE
from storage.database import Store
from storage.tables import attempt, enrolment, paper, response

CHUNK = 500
_RESULT = ("sat", "passed", "excellent", "score")
_COUNTED = tuple(each.name for each in fields(Tally))
_NOBODY = astuple(Tally())
Given = Mapping[int, tuple[str, ...]]
"""The answer that counts, by slot."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that a recount contradicts: a response's grade, an attempt's score, a score kept of a ruling ("rescore"), an
    enrolment's result, or the sums of a bureau. `number` is the id of the row (of the bureau for sums; of the attempt for a score
    that should have been kept)."""

    what: str
    number: int
    stored: str
    recounted: str


def recount(store: Store, round_id: int) -> list[Difference]:
    """Grade every response of a round again and compare. Empty: every figure of the round stands. Raises KeyError."""
    what, decided = rounds.get(store, round_id), _Decided.of(store, round_id)
    found: list[Difference] = []
    lines: list[Line] = []
    for chunk in _enrolments(store, round_id):
        sittings = _sittings(store, what, decided, [row.id for row in chunk], found)
        for row in chunk:
            reached = result(sittings.get(row.id, []), what.rules)
            lines.append(
                Line(
                    row.person_id,
                    row.bureau_id,
                    bool(row.counted),
                    bool(row.exempt),
                    reached.sat,
                    reached.passed,
                    reached.excellent,
                )
            )
            found += _compared(row, reached)
    return [*found, *decided.left_over(), *_from_outside(store, what), *_sums(store, what, by_bureau(lines))]


@dataclass(frozen=True, slots=True)
class _Decided:
    """The rulings of a round in order, and what is kept of them that no attempt has accounted for yet: by ruling and attempt, the
    number of the row, the score before, and after."""

    rulings: Sequence[tuple[int, Ruling]]
    kept: dict[tuple[int, int], tuple[int, int, int]]
    twice: list[int]

    @classmethod
    def of(cls, store: Store, round_id: int) -> _Decided:
        kept: dict[tuple[int, int], tuple[int, int, int]] = {}
        twice = []
        for row in rulings.rescored(store, round_id):
            if (row.ruling_id, row.attempt_id) in kept:
                twice.append(row.id)
            kept.setdefault((row.ruling_id, row.attempt_id), (row.id, row.before, row.after))
        return cls(rulings.numbered(store, round_id), kept, twice)

    @property
    def every(self) -> list[Ruling]:
        return [each for _, each in self.rulings]

    def check(self, row: Row[Any], by: Callable[[Sequence[Ruling]], int]) -> list[Difference]:
        """The scores kept of one attempt: before each ruling, and after it. One handed in after a ruling need not have any."""
        found = []
        for place, (number, ruling) in enumerate(self.rulings):
            before, after = by(self.every[:place]), by(self.every[: place + 1])
            row_id, *scores = self.kept.pop((number, row.id), (row.id, None, None))
            missing = scores[0] is None and before != after and row.handed_in_at < ruling.at
            if missing or (scores[0] is not None and scores != [before, after]):
                found.append(Difference("rescore", row_id, _both(*scores), _both(before, after)))
        return found

    def left_over(self) -> list[Difference]:
        """Scores kept of what is no attempt of the round, or kept twice."""
        return [
            Difference("rescore", number, "", "") for number in (*self.twice, *(row[0] for row in self.kept.values()))
        ]


def _from_outside(store: Store, what: Round) -> list[Difference]:
    """Scores from paper or a higher platform that the confirmed batches do not account for ("batch" if there is no attempt at all)."""
    return [
        Difference(
            "attempt" if each.attempt_id else "batch", each.attempt_id or each.number, each.stored, each.expected
        )
        for each in batches.contradictions(store, what)
    ]


def _both(before: int | None, after: int | None) -> str:
    return "" if before is None else f"{before} -> {after}"


def _enrolments(store: Store, round_id: int) -> Iterator[Sequence[Row[Any]]]:
    after = 0
    while True:
        which = enrolment.c.round_id == round_id, enrolment.c.id > after
        chunk = store.rows(select(enrolment).where(*which).order_by(enrolment.c.id).limit(CHUNK))
        if not chunk:
            return
        yield chunk
        after = chunk[-1].id


def _sittings(
    store: Store, what: Round, decided: _Decided, enrolment_ids: list[int], found: list[Difference]
) -> dict[int, list[HandIn]]:
    """What each enrolment handed in, in the order it was begun, graded from the responses; contradictions go into `found`."""
    query = select(attempt, paper.c.slots).join_from(attempt, paper, paper.c.id == attempt.c.id)
    which = attempt.c.enrolment_id.in_(enrolment_ids), attempt.c.handed_in_at.is_not(None)
    attempts = store.rows(query.where(*which).order_by(attempt.c.started_at, attempt.c.id))
    given = _graded(store, {row.id: row.slots for row in attempts}, found)
    sittings: dict[int, list[HandIn]] = {}
    for row in attempts:
        if row.source == HERE:
            mine, drawn = given.get(row.id, {}), _paper(store, row.slots, what)

            def by(decided: Sequence[Ruling], drawn: tuple[Asked, ...] = drawn, mine: Given = mine) -> int:
                return scored(drawn, mine, what.rules, decided).score

            score, answered = by(decided.every), len(mine)
            found += decided.check(row, by)
        else:
            score, answered = row.score or 0, len(row.slots) or 1
        if row.score != score:
            found.append(Difference("attempt", row.id, str(row.score), str(score)))
        sittings.setdefault(row.enrolment_id, []).append(HandIn(score, answered, automatic=bool(row.automatic)))
    return sittings


def _paper(store: Store, slots: Sequence[Any], what: Round) -> tuple[Asked, ...]:
    drawn = [Slot.from_json(each) for each in slots]
    return asked(drawn, {slot.revision_id: answers.question(store, slot.revision_id) for slot in drawn}, what.rules)


def _graded(
    store: Store, papers: dict[int, Sequence[Any]], found: list[Difference]
) -> dict[int, dict[int, tuple[str, ...]]]:
    """Per attempt and slot the answer that counts (the last); whether each is right by the key of its revision is compared."""
    given: dict[int, dict[int, tuple[str, ...]]] = {}
    which = response.c.attempt_id.in_(papers)
    for row in store.rows(
        select(response).where(which).order_by(response.c.attempt_id, response.c.slot, response.c.serial)
    ):
        slot = Slot.from_json(papers[row.attempt_id][row.slot])
        right = grading.is_correct(answers.shown(store, slot), tuple(row.answer))
        if right != bool(row.correct) or slot.revision_id != row.revision_id:
            found.append(Difference("response", row.id, str(bool(row.correct)), str(right)))
        given.setdefault(row.attempt_id, {})[row.slot] = tuple(row.answer)
    return given


def _compared(row: Row[Any], reached: Result) -> list[Difference]:
    stored = tuple(bool(row._mapping[name]) if name != "score" else row.score for name in _RESULT)
    again = tuple(getattr(reached, name) for name in _RESULT)
    return [] if stored == again else [Difference("enrolment", row.id, _shown(stored), _shown(again))]


def _shown(values: tuple[Any, ...]) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(_RESULT, values, strict=True))


def _sums(store: Store, what: Round, again: dict[int, Tally]) -> list[Difference]:
    """The sums of a closed round, or what an open one is counted as, against the recount."""
    stored = figures.kept(store, what.id) if what.state is State.CLOSED else {}
    stored = stored or {bureau_id: astuple(each) for bureau_id, each in figures.count(store, what.id).items()}
    recounted = {bureau_id: astuple(each) for bureau_id, each in again.items()}
    pairs = [
        (bureau_id, stored.get(bureau_id, _NOBODY), recounted.get(bureau_id, _NOBODY))
        for bureau_id in sorted(stored.keys() | recounted.keys())
    ]
    return [
        Difference("sums", bureau_id, _counts(one), _counts(other)) for bureau_id, one, other in pairs if one != other
    ]


def _counts(numbers: tuple[int, ...]) -> str:
    return ", ".join(f"{name}={number}" for name, number in zip(_COUNTED, numbers, strict=True))
