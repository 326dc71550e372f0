"""更正: what one dated change does to the 应考 of a round, said before it is done; and the doing, once, whoever presses twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from quizzes.enrolling import Change, ChangeKind, Facts, Status, status
from quizzes.rounds import Round, State
from storage import changes, deliveries, figures, rounds
from storage.database import Store
from storage.people import Placed
from storage.tables import enrolment, person, round_, unit

UNDER_WAY = (State.OPENING, State.OPEN)
Sums = dict[int, tuple[int, ...]]
"""Stored headcounts by bureau, in the order of a Tally's fields."""


class StillClosing(Exception):
    """The round is being closed this moment: its sums are not stored yet, so nothing can be corrected. A few seconds later it can."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to a round, as of now: 应考 of the whole round `before` and `after`. `closed`: only as a printed correction."""

    enrolment_id: int
    round_id: int
    title: str
    before: int
    after: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that was made. Of a closed round, the sums that were printed and those that are from now on."""

    effect: Effect
    sums_before: Sums
    sums_after: Sums


def lock(store: Store, person_id: int) -> None:
    """PostgreSQL: no other process changes this person's lines, takes their answers or hands in for them until this transaction ends.
    SQLite has one writer."""
    if store.on_postgres:
        store.run(select(person.c.id).where(person.c.id == person_id).with_for_update(key_share=True))
        theirs = select(enrolment.c.id).where(enrolment.c.person_id == person_id).order_by(enrolment.c.id)
        store.run(theirs.with_for_update(key_share=True))


def line(store: Store, round_id: int, person_id: int) -> int | None:
    """The person's line in a round, or None."""
    which = enrolment.c.round_id == round_id, enrolment.c.person_id == person_id
    found = store.value(select(enrolment.c.id).where(*which))
    return None if found is None else int(found)


def enrolled_people(store: Store, wanted: str) -> list[Placed]:
    """Whoever is or was on a roster of rounds, by name or number, with the unit of the latest: a leaver may be on none any more."""
    same = (
        person.c.id == int(wanted)
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 19
        else person.c.name == wanted
    )
    query = select(person.c.id, person.c.name, enrolment.c.unit_id, unit.c.name.label("unit")).join_from(
        enrolment, person, person.c.id == enrolment.c.person_id).join(unit, unit.c.id == enrolment.c.unit_id)  # fmt: skip
    found = store.rows(query.where(same).order_by(enrolment.c.id))
    return list({row.id: Placed(*tuple(row)) for row in found}.values())


def has_sat(store: Store, enrolment_id: int) -> bool:
    """Whether the person has handed in, and so stays in 应考 whatever is decided."""
    return bool(store.value(select(enrolment.c.sat).where(enrolment.c.id == enrolment_id)))


def open_lines(store: Store, person_id: int, starts_on: date, ends_on: date | None) -> list[int]:
    """The person's lines in rounds now open whose day lies in these dates, by round."""
    query = select(enrolment.c.id).join(round_, enrolment.c.round_id == round_.c.id).order_by(round_.c.id)
    which = [
        enrolment.c.person_id == person_id,
        round_.c.state.in_(UNDER_WAY),
        round_.c.due_on >= starts_on,
        *([round_.c.due_on <= ends_on] if ends_on else []),
    ]
    return [row.id for row in store.rows(query.where(*which))]


def lines_of(store: Store, round_id: int, person_id: int) -> list[int]:
    """The person's line in a round, and in those of its make-ups that are open now: out of the one is out of the other."""
    again = (round_.c.of_round_id == round_id) & round_.c.state.in_(UNDER_WAY)
    query = select(enrolment.c.id).join(round_, enrolment.c.round_id == round_.c.id).order_by(round_.c.id)
    return [row.id for row in store.rows(query.where(enrolment.c.person_id == person_id, (round_.c.id == round_id) | again))]  # fmt: skip


def stands(store: Store, enrolment_id: int) -> Status:
    """Where a line stands now. Raises KeyError."""
    _, known = _facts(store, enrolment_id)
    return status(known, changes.history(store, enrolment_id))


def effect(store: Store, enrolment_id: int, kind: ChangeKind, now: datetime) -> Effect | None:
    """What a change of this kind would do; None if the line would stand as it stands now (they have sat; it was done before)."""
    what, known = _facts(store, enrolment_id)
    every = changes.history(store, enrolment_id)
    kinds = (kind, ChangeKind.CORRECTED) if known.closed_at else (kind,)
    was, would_be = status(known, every), status(known, [*every, *(Change(each, now, "?", 0) for each in kinds)])
    if was is would_be:
        return None
    before = due(store, what.id)
    after = before + (would_be is Status.DUE) - (was is Status.DUE)
    return Effect(enrolment_id, what.id, what.title, before, after, known.closed_at is not None)


def apply(store: Store, enrolment_id: int, kind: ChangeKind, reason: str, by: int | None, now: datetime) -> Applied | None:  # fmt: skip
    """Make a change, with its reason and approver; in a closed round together with the printed correction that carries it, and with
    the sums counted again. None if it changes nothing, and then nothing is written. Raises StillClosing, ValueError without a reason."""
    lock(store, _whose(store, enrolment_id))
    done = effect(store, enrolment_id, kind, now)
    if done is None:
        return None
    if rounds.get(store, done.round_id).state is State.CLOSING:
        raise StillClosing
    if changes.record(store, enrolment_id, Change(kind, now, reason, by or 0)) in (Status.EXEMPT, Status.DEPARTED):
        deliveries.cancel(store, done.round_id, ("card", "reminder", "warning"), _whose(store, enrolment_id))
    if not done.closed:
        return Applied(done, {}, {})
    before = figures.kept(store, done.round_id)
    changes.record(store, enrolment_id, Change(ChangeKind.CORRECTED, now, reason, by or 0))
    figures.store_sums(store, done.round_id, now)
    return Applied(done, before, figures.kept(store, done.round_id))


def due(store: Store, round_id: int) -> int:
    """应考 of a round, from its lines."""
    which = enrolment.c.round_id == round_id, enrolment.c.counted.is_(True)
    return int(store.value(select(func.count()).select_from(enrolment).where(*which)))


def _whose(store: Store, enrolment_id: int) -> int:
    return rounds.enrolled(store, enrolment_id).person_id


def _facts(store: Store, enrolment_id: int) -> tuple[Round, Facts]:
    found = store.row(
        select(enrolment.c.round_id, enrolment.c.at_opening, enrolment.c.sat).where(enrolment.c.id == enrolment_id)
    )
    if found is None:
        raise KeyError(enrolment_id)
    what = rounds.get(store, found.round_id)
    return what, Facts(bool(found.at_opening), bool(found.sat), what.closed_at)
