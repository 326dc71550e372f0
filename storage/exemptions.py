"""免考 and 请假: approved spans of dates with reason and approver, and what they do to rounds that are open."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, select

from quizzes.enrolling import Change, ChangeKind
from quizzes.rounds import State
from storage import changes
from storage.database import Store
from storage.tables import enrolment, exemption, round_


def approve(
    store: Store,
    person_id: int,
    kind: str,
    reason: str,
    approver_id: int,
    starts_on: date,
    ends_on: date | None,
    now: datetime,
) -> list[int]:
    """Record an approved 免考 or 请假 from a date to a date (None: open) and give the open rounds whose 应考 it changed.
    免考 takes the person out of 应考 unless they have sat; 请假 never changes it. Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("免考 and 请假 need a reason")
    store.run(
        insert(exemption),
        {"person_id": person_id, "kind": kind, "reason": reason, "state": "approved", "requested_at": now, "requested_by": approver_id,
         "decided_at": now, "decided_by": approver_id, "starts_on": starts_on, "ends_on": ends_on},
    )  # fmt: skip
    if kind != "免考":
        return []
    touched = []
    for enrolment_id, round_id in affected(store, person_id, starts_on, ends_on):
        changes.record(store, enrolment_id, Change(ChangeKind.EXEMPTED, now, reason, approver_id))
        touched.append(round_id)
    return touched


def affected(store: Store, person_id: int, starts_on: date, ends_on: date | None) -> list[tuple[int, int]]:
    """(enrolment, round) of rounds now open in which a 免考 of these dates would take the person out of 应考."""
    query = (
        select(enrolment.c.id, enrolment.c.round_id, round_.c.due_on).join(round_, enrolment.c.round_id == round_.c.id)
        .where(enrolment.c.person_id == person_id, enrolment.c.counted.is_(True), enrolment.c.sat.is_(False),
               round_.c.state.in_((State.OPENING, State.OPEN)))
    )  # fmt: skip
    return [
        (r.id, r.round_id)
        for r in store.rows(query)
        if starts_on <= r.due_on and (ends_on is None or r.due_on <= ends_on)
    ]
