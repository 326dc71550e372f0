"""免考, 缓考 and 请假 that are approved: spans of dates or one round, with reason and approver, and what they do to the rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from quizzes.enrolling import ChangeKind
from quizzes.people import Person
from quizzes.rounds import Round, State
from storage import corrections, people, rounds
from storage.corrections import Applied, Effect
from storage.database import Store
from storage.tables import enrolment, exemption, person, round_

EXEMPT, DEFER, LEAVE = "免考", "缓考", "请假"


@dataclass(frozen=True, slots=True)
class Freed:
    """An approved 免考, 缓考 or 请假 in force. For one round, or from a date to a date (None: open)."""

    id: int
    person_id: int
    kind: str
    reason: str
    round_id: int | None
    starts_on: date | None
    ends_on: date | None


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
    免考 takes the person out of 应考 unless they have sat; 请假 never changes it. One that is in force already is not written again.
    Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("免考 and 请假 need a reason")
    corrections.lock(store, person_id)
    if standing(store, person_id, kind, None, starts_on, ends_on) is not None:
        return []
    record(store, person_id, kind, reason, approver_id, now, starts_on=starts_on, ends_on=ends_on)
    lines = corrections.open_lines(store, person_id, starts_on, ends_on) if kind == EXEMPT else []
    return [done.effect.round_id for done in take_out(store, lines, reason, approver_id, now)]


def record(store: Store, person_id: int, kind: str, reason: str, approver_id: int, now: datetime, *, round_id: int | None = None,
           starts_on: date | None = None, ends_on: date | None = None, category: str = "") -> int:  # fmt: skip
    """The row of an approved 免考, 缓考 or 请假, decided without having been asked for; gives its number."""
    values = {"person_id": person_id, "kind": kind, "reason": reason, "state": "approved", "requested_at": now, "category": category,
              "requested_by": approver_id, "decided_at": now, "decided_by": approver_id, "round_id": round_id,
              "starts_on": starts_on, "ends_on": ends_on}  # fmt: skip
    return store.new_id(insert(exemption), values)


def take_out(store: Store, lines: list[int], reason: str, approver_id: int, now: datetime) -> list[Applied]:
    """Take lines out of 应考 by 免考; whoever has sat, or is out already, is left alone."""
    done = (corrections.apply(store, each, ChangeKind.EXEMPTED, reason, approver_id, now) for each in lines)
    return [each for each in done if each is not None]


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


def deferred(store: Store, round_id: int) -> set[int]:
    """People with an approved 缓考 for a round, or for dates that hold its day: still in 应考, and due in the make-up.
    Raises KeyError for an unknown round."""
    what = rounds.get(store, round_id)
    return {row.person_id for row in store.rows(select(exemption.c.person_id).where(*_approved(DEFER, what)))}


def _approved(kind: str, what: Round) -> tuple[ColumnElement[bool], ...]:
    """The conditions of an approved row of a kind that holds for a round."""
    spans = and_(exemption.c.round_id.is_(None), exemption.c.starts_on <= what.due_on,
                 func.coalesce(exemption.c.ends_on, what.due_on) >= what.due_on)  # fmt: skip
    return exemption.c.kind == kind, exemption.c.state == "approved", or_(spans, exemption.c.round_id == what.id)


def standing(store: Store, person_id: int, kind: str, round_id: int | None, starts_on: date | None, ends_on: date | None) -> Freed | None:  # fmt: skip
    """The same 免考, 缓考 or 请假 if it is in force already, else None."""
    wanted = kind, round_id, starts_on, ends_on
    found = in_force(store, person_id)
    return next((each for each in found if (each.kind, each.round_id, each.starts_on, each.ends_on) == wanted), None)


def in_force(store: Store, person_id: int) -> list[Freed]:
    """What has been approved for a person and not withdrawn, oldest first; whether it lies in the past or not."""
    which = exemption.c.person_id == person_id, exemption.c.state == "approved", exemption.c.kind.in_((EXEMPT, DEFER, LEAVE))  # fmt: skip
    query = select(*(exemption.c[name] for name in Freed.__slots__)).where(*which).order_by(exemption.c.id)
    return [Freed(*tuple(row)) for row in store.rows(query)]


# Taken back. -----------------------------------------------------------------------------------------------------------


def withdrawn(store: Store, freed: Freed, now: datetime) -> list[Effect]:
    """What taking an approved 免考 back would do to 应考 now: the person is due again wherever nothing else frees them."""
    found = (corrections.effect(store, each, ChangeKind.EXEMPT_WITHDRAWN, now) for each in _freed_lines(store, freed))
    return [each for each in found if each is not None]


def withdraw(store: Store, freed: Freed, reason: str, by: int, now: datetime) -> list[Applied] | None:
    """Take an approved one back, with the reason; the row stays and says so. None if somebody has done so already."""
    corrections.lock(store, freed.person_id)
    ended = update(exemption).where(exemption.c.id == freed.id, exemption.c.state == "approved")
    if store.run(ended.values(state="withdrawn", answer=reason)).rowcount != 1:
        return None
    done = (
        corrections.apply(store, each, ChangeKind.EXEMPT_WITHDRAWN, reason, by, now)
        for each in _freed_lines(store, freed)
    )
    return [each for each in done if each is not None]


def _freed_lines(store: Store, freed: Freed) -> list[int]:
    """The lines that an approved 免考 keeps out of 应考: of its round, or of the rounds now open in its dates, where no other one
    keeps them out too. A round that has closed is corrected only where the 免考 was for that round."""
    if freed.kind != EXEMPT:
        return []
    if freed.round_id is not None:
        lines = corrections.lines_of(store, freed.round_id, freed.person_id)
    else:
        assert freed.starts_on is not None
        lines = corrections.open_lines(store, freed.person_id, freed.starts_on, freed.ends_on)
    query = select(enrolment.c.id, enrolment.c.round_id).where(enrolment.c.id.in_(lines), enrolment.c.exempt.is_(True))
    return [row.id for row in store.rows(query) if not _another(store, freed, rounds.get(store, row.round_id))]


def _another(store: Store, freed: Freed, what: Round) -> bool:
    first = what if what.of_round_id is None else rounds.get(store, what.of_round_id)
    also = exemption.c.person_id == freed.person_id, exemption.c.id != freed.id
    return any(
        store.row(select(exemption.c.id).where(*_approved(EXEMPT, each), *also).limit(1)) is not None
        for each in {what.id: what, first.id: first}.values()
    )


# 当年退休. -------------------------------------------------------------------------------------------------------------


def retiring(store: Store, what: Round) -> list[Person]:
    """Whoever is due in a round (or on the roster, before it opens), retires in its year, has not sat, and has no 免考 for it yet;
    by number. 庆阳2020 and 青海2020 free them on application; the officer decides."""
    first, last = date(what.due_on.year, 1, 1), date(what.due_on.year, 12, 31)
    which = [person.c.retires_on >= max(first, what.due_on), person.c.retires_on <= last]
    if what.state is not State.PLANNED:
        counted = enrolment.c.round_id == what.id, enrolment.c.counted.is_(True), enrolment.c.sat.is_(False)
        which.append(person.c.id.in_(select(enrolment.c.person_id).where(*counted)))
    which.append(person.c.id.not_in(select(exemption.c.person_id).where(*_approved(EXEMPT, what))))
    found = [people.person_of(store, row.id) for row in store.rows(select(person.c.id).where(*which).order_by(person.c.id))]  # fmt: skip
    return [each for each in found if each is not None]
