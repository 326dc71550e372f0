"""Dated, reasoned, approved changes of an enrolment; the line of the 应考名册 follows from them and is never edited by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select, update

from quizzes.enrolling import Change, ChangeKind, Facts, Status, status
from storage.database import Store
from storage.tables import enrolment, enrolment_change, round_


def record(store: Store, enrolment_id: int, change: Change) -> Status:
    """Append a change and bring the line into the state that follows from all of them."""
    values = {"enrolment_id": enrolment_id, "kind": change.kind.value, "at": change.at, "reason": change.reason,
              "approver_id": change.approver_id or None}  # fmt: skip
    store.run(insert(enrolment_change), values)
    return refresh(store, enrolment_id)


def refresh(store: Store, enrolment_id: int) -> Status:
    """Bring a line into the state that follows from its changes and from whether the person sat. Raises KeyError."""
    found = store.row(
        select(enrolment.c.sat, enrolment.c.at_opening, round_.c.closed_at, round_.c.opened_at, round_.c.id)
        .join(round_, enrolment.c.round_id == round_.c.id)
        .where(enrolment.c.id == enrolment_id)
    )
    if found is None:
        raise KeyError(enrolment_id)
    every = history(store, enrolment_id)
    now = status(Facts(bool(found.at_opening), bool(found.sat), found.closed_at), every)
    store.run(
        update(enrolment)
        .where(enrolment.c.id == enrolment_id)
        .values(counted=now is Status.DUE, exempt=now is Status.EXEMPT)
    )
    return now


def history(store: Store, enrolment_id: int) -> list[Change]:
    """The changes of a line, in the order they were recorded."""
    query = (
        select(enrolment_change).where(enrolment_change.c.enrolment_id == enrolment_id).order_by(enrolment_change.c.id)
    )
    return [Change(ChangeKind(r.kind), r.at, r.reason, r.approver_id or 0) for r in store.rows(query)]


def of_round(store: Store, round_id: int) -> Sequence[Row[Any]]:
    """All changes of a round, for its footnotes: enrolment and person, kind, time, reason, approver."""
    query = (
        select(enrolment_change, enrolment.c.person_id, enrolment.c.bureau_id)
        .join(enrolment, enrolment_change.c.enrolment_id == enrolment.c.id)
        .where(enrolment.c.round_id == round_id).order_by(enrolment_change.c.id)
    )  # fmt: skip
    return store.rows(query)
