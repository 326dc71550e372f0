"""改判: what was decided about wrong keys, append-only, and the score of every attempt before and after it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, insert, select

from quizzes.scoring import Action, Ruling
from storage.columns import instant
from storage.database import Hot, Store
from storage.tables import person, rescore, round_, ruling

_OF_ROUND = Hot(select(ruling).where(ruling.c.round_id == bindparam("round_id")).order_by(ruling.c.id))

_THE_ROUND = select(round_.c.id).where(round_.c.id == bindparam("round_id"))
_TO_HAND_IN, _TO_RULE = Hot(_THE_ROUND.with_for_update(read=True, key_share=True)), Hot(_THE_ROUND.with_for_update())


def of_round(store: Store, round_id: int) -> tuple[Ruling, ...]:
    """The rulings of a round, in the order they were made."""
    return tuple(each for _, each in numbered(store, round_id))


def hold(store: Store, round_id: int, *, to_rule: bool = False) -> None:
    """PostgreSQL: until the commit nobody else rules on the keys of this round, or (`to_rule`) rules or hands in: a paper is counted
    either before a ruling, which then finds it, or under it."""
    if store.on_postgres:
        store.hot(_TO_RULE if to_rule else _TO_HAND_IN, round_id=round_id)


def numbered(store: Store, round_id: int) -> list[tuple[int, Ruling]]:
    """The same, each with its number."""
    return [
        (
            r.id,
            Ruling(r.revision_id, r.item, Action(r.action), instant(r.at), tuple(json.loads(r.answer)), bool(r.keeps)),
        )
        for r in store.hot(_OF_ROUND, round_id=round_id)
    ]


def reason_of(store: Store, ruling_id: int) -> tuple[int, str]:
    """(round, reason) of a ruling. Raises KeyError."""
    found = store.row(select(ruling.c.round_id, ruling.c.reason).where(ruling.c.id == ruling_id))
    if found is None:
        raise KeyError(ruling_id)
    return found.round_id, found.reason


def rescored(store: Store, round_id: int) -> Sequence[Row[Any]]:
    """What the rulings of a round changed: id, ruling_id, attempt_id, before, after, in order."""
    query = select(rescore).join(ruling, ruling.c.id == rescore.c.ruling_id).where(ruling.c.round_id == round_id)
    return store.rows(query.order_by(rescore.c.id))


def add(store: Store, round_id: int, what: Ruling, *, reason: str, approver_id: int) -> int:
    """Record a ruling; gives its number. Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("a ruling needs a reason")
    values = {"round_id": round_id, "revision_id": what.revision_id, "item": what.item, "action": what.action.value,
              "answer": list(what.answer), "keeps": what.keeps, "at": what.at, "reason": reason, "approver_id": approver_id}  # fmt: skip
    return store.new_id(insert(ruling), values)


def add_rescores(store: Store, ruling_id: int, some: Sequence[tuple[int, int, int]]) -> None:
    """Keep (attempt, score before, score after) of every attempt whose score a ruling changed."""
    if some:
        store.run(
            insert(rescore), [{"ruling_id": ruling_id, "attempt_id": a, "before": b, "after": c} for a, b, c in some]
        )


def history(store: Store, round_id: int) -> Sequence[Row[Any]]:
    """The rulings of a round as rows with their reason, and the approver's name."""
    query = select(ruling, person.c.name.label("approver")).outerjoin(person, person.c.id == ruling.c.approver_id)
    return store.rows(query.where(ruling.c.round_id == round_id).order_by(ruling.c.id))
