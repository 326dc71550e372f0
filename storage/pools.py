"""The questions a round draws from: fixed when it opens, and what each person was asked lately."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, insert, select

from quizzes.papers import Pool
from quizzes.plans import Draw
from quizzes.questions import Question, Revision
from quizzes.rounds import Round, State
from storage.database import Store
from storage.tables import bank, enrolment, paper, question, revision, round_, round_pool

_BOUND = 400
GOING_ON = (State.OPENING, State.OPEN, State.CLOSING)


def fix_pool(store: Store, round_id: int, banks: Iterable[str] | None) -> None:
    """Fix the questions a round draws from: the current revisions of questions in force (of these banks)."""
    usable = and_(
        question.c.removed_at.is_(None), question.c.suspended_at.is_(None), question.c.revision_id.is_not(None)
    )
    chosen = select(round_.c.id, question.c.revision_id, bank.c.name).select_from(
        question.join(bank, question.c.bank_id == bank.c.id).join(round_, round_.c.id == round_id)
    )
    chosen = chosen.where(usable, bank.c.removed_at.is_(None))
    if banks is not None:
        chosen = chosen.where(bank.c.name.in_(tuple(banks)))
    store.run(insert(round_pool).from_select(["round_id", "revision_id", "bank_name"], chosen))


def pool(store: Store, round_id: int) -> Pool:
    """The pool of a round, ready to draw from; remembered, since it is fixed."""
    known = store.memory.rounds.get(round_id)
    if isinstance(known, Pool):
        return known
    query = select(revision.c.id, revision.c.content, round_pool.c.bank_name).join(
        round_pool, round_pool.c.revision_id == revision.c.id
    )
    found = store.rows(query.where(round_pool.c.round_id == round_id))
    made = Pool.of([Revision(r.id, Question.from_json(r.content)) for r in found], {r.id: r.bank_name for r in found})
    store.memory.rounds[round_id] = made
    return made


def would_draw_from(store: Store, wants: Sequence[Draw]) -> Pool:
    """The pool a round would have if it opened now (for a preview)."""
    query = (
        select(revision.c.id, revision.c.content, bank.c.name.label("bank_name"))
        .join(question, question.c.revision_id == revision.c.id).join(bank, question.c.bank_id == bank.c.id)
        .where(question.c.removed_at.is_(None), question.c.suspended_at.is_(None), bank.c.removed_at.is_(None))
    )  # fmt: skip
    named = banks_of(wants)
    if named is not None:
        query = query.where(bank.c.name.in_(named))
    found = store.rows(query)
    return Pool.of([Revision(r.id, Question.from_json(r.content)) for r in found], {r.id: r.bank_name for r in found})


def banks_of(wants: Sequence[Draw]) -> tuple[str, ...] | None:
    """The banks a draw names, or None if any line may take from all."""
    if any(want.banks is None for want in wants):
        return None
    return tuple(sorted({name for want in wants for name in want.banks or ()}))


def answered_since(store: Store, people: Sequence[int], since: datetime) -> dict[int, set[str]]:
    """The question keys each person was given in rounds that opened since then."""
    return _given(store, people, round_.c.opens_at >= since)


def beside(store: Store, people: Sequence[int], what: Round) -> dict[int, set[str]]:
    """The question keys on each person's papers in other rounds that go on now: a quiz explains at once what an exam still asks. For
    a make-up those of the first round too, whose answers may be out."""
    others = round_.c.id != what.id, round_.c.state.in_(GOING_ON) | round_.c.id.in_(_made_up_for(what))
    found = [row.id for row in store.rows(select(round_.c.id).where(*others))]
    return _given(store, people, round_.c.id.in_(found)) if found else {}


def _made_up_for(what: Round) -> Select[tuple[int]]:
    """A make-up's first round and the other make-ups of it; for any other round its make-ups."""
    first = what.of_round_id or what.id
    return select(round_.c.id).where((round_.c.id == first) | (round_.c.of_round_id == first))


def _given(store: Store, people: Sequence[int], which: ColumnElement[bool]) -> dict[int, set[str]]:
    given: dict[int, set[int]] = {}
    query = (
        select(enrolment.c.person_id, paper.c.slots)
        .join(paper, paper.c.enrolment_id == enrolment.c.id).join(round_, enrolment.c.round_id == round_.c.id)
        .where(which)
    )  # fmt: skip
    for part in _parts(people):
        for r in store.rows(query.where(enrolment.c.person_id.in_(part))):
            given.setdefault(r.person_id, set()).update(slot[0] for slot in r.slots)
    keys: dict[int, str] = {}
    for part in _parts(sorted(set().union(*given.values()) if given else set())):
        keys |= {r.id: r.key for r in store.rows(select(revision.c.id, revision.c.key).where(revision.c.id.in_(part)))}
    return {person_id: {keys[number] for number in numbers} for person_id, numbers in given.items()}


def with_papers(store: Store, enrolments: Sequence[int]) -> set[int]:
    """Which of these enrolments have a paper already."""
    found: set[int] = set()
    for part in _parts(enrolments):
        found |= {
            r.enrolment_id for r in store.rows(select(paper.c.enrolment_id).where(paper.c.enrolment_id.in_(part)))
        }
    return found


def first_papers(store: Store, enrolments: Sequence[int]) -> dict[int, int]:
    """Enrolment id -> the number of its first paper."""
    found: dict[int, int] = {}
    query = select(paper.c.enrolment_id, paper.c.id).where(paper.c.number == 1)
    for part in _parts(enrolments):
        found |= {r.enrolment_id: r.id for r in store.rows(query.where(paper.c.enrolment_id.in_(part)))}
    return found


def _parts(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + _BOUND] for start in range(0, len(numbers), _BOUND))
