"""成绩入账: what a sheet of scores is held against, and a confirmed batch becoming attempts and results; in chunks, each safe to run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, exists, func, insert, or_, select, update

from quizzes.batches import Entry
from quizzes.papers import Slot
from quizzes.rates import result
from quizzes.rounds import Round, State, instant
from quizzes.score_checks import Book, Outside, Place, Window
from storage import answers, batches, changes, deliveries, figures, people, prints, rounds
from storage.answers import HERE
from storage.batches import Batch
from storage.database import Store
from storage.tables import attempt, enrolment, paper, person, response, round_

STATES = (State.OPEN, State.CLOSING, State.CLOSED)
"""Rounds that scores from outside may be entered for."""
_NOON = time(12)


def family(store: Store, first: Round) -> list[Round]:
    """A round and its make-ups that have been opened, the first round before them."""
    again = [each for each in figures.makeups(store, first.id) if each.state in STATES]
    return [first, *again]


def book(store: Store, first: Round, now: datetime, zone: ZoneInfo) -> Book:
    """What sheets for a round are held against, as of now."""
    some = family(store, first)
    windows = [
        Window(each.id, each.opens_at.astimezone(zone).date(), each.closes_at.astimezone(zone).date(), each.rules)
        for each in some
    ]
    places: dict[int, list[Place]] = {}
    units: dict[int, tuple[int, ...]] = {}
    here, waiting = _here(store, [each.id for each in some]), batches.waiting(store, first.id)
    stands = {key[0]: (key[1], entry) for key, entry in batches.standing(store, first.id).items()}
    sources = batches.sources(store, first.id)
    order = {each.id: number for number, each in enumerate(some)}
    lines = _lines(store, list(order))
    for row in sorted(lines, key=lambda row: order[row.round_id]):
        batch_id, entry = stands.get(row.id, (0, None))
        outside = Outside(batch_id, sources[batch_id], entry.score, entry.day) if entry else None
        places.setdefault(row.person_id, []).append(
            Place(row.id, row.round_id, here.get(row.id), outside, waiting.get(row.id, 0))
        )
        units[row.person_id] = (*units.get(row.person_id, ()), row.unit_id, row.bureau_id)
    printed = prints.by_enrolment(store, lines)
    return Book(people.people(store), people.units(store), units, places, windows, now.astimezone(zone).date(), printed)


def _lines(store: Store, round_ids: Sequence[int]) -> Sequence[Row[Any]]:
    columns = (enrolment.c.id, enrolment.c.round_id, enrolment.c.person_id, enrolment.c.unit_id, enrolment.c.bureau_id)
    return store.rows(select(*columns).where(enrolment.c.round_id.in_(round_ids)).order_by(enrolment.c.id))


def _here(store: Store, round_ids: Sequence[int]) -> dict[int, int]:
    """The best score handed in in this program, by enrolment. One by the clock without any answer is no sitting."""
    query = (
        select(attempt.c.enrolment_id, func.max(attempt.c.score).label("score"))
        .join(enrolment, enrolment.c.id == attempt.c.enrolment_id)
        .where(enrolment.c.round_id.in_(round_ids), attempt.c.source == HERE, attempt.c.handed_in_at.is_not(None))
        .where(or_(attempt.c.automatic.is_(False), exists().where(response.c.attempt_id == attempt.c.id)))
        .group_by(attempt.c.enrolment_id)
    )  # fmt: skip
    return {r.enrolment_id: r.score or 0 for r in store.rows(query)}


def unsat(store: Store, round_id: int, within: set[int] | None = None) -> Sequence[Row[Any]]:
    """The enrolments in 应考 that have not sat: id, person_id, unit_id, bureau_id."""
    which = [enrolment.c.round_id == round_id, enrolment.c.counted.is_(True), enrolment.c.sat.is_(False)]
    which += [] if within is None else [enrolment.c.unit_id.in_(within)]
    columns = (enrolment.c.id, enrolment.c.person_id, enrolment.c.unit_id, enrolment.c.bureau_id)
    return store.rows(select(*columns).where(*which).order_by(enrolment.c.id))


def owners(store: Store, entries: Sequence[Entry]) -> dict[int, Row[Any]]:
    """Whose enrolments these are: (id, person_id, unit_id, bureau_id, round_id, counted) by number."""
    numbers = [each.enrolment_id for each in entries]
    columns = (
        enrolment.c.id,
        enrolment.c.person_id,
        enrolment.c.unit_id,
        enrolment.c.bureau_id,
        enrolment.c.round_id,
        enrolment.c.counted,
    )
    found: dict[int, Row[Any]] = {}
    for start in range(0, len(numbers), 400):
        part = numbers[start : start + 400]
        found |= {r.id: r for r in store.rows(select(*columns).where(enrolment.c.id.in_(part)))}
    return found


def moved_on(store: Store, first: Round, each: Batch) -> list[Entry]:
    """Entries that no longer fit what stands: the person has sat here meanwhile, or another batch changed the score it is about."""
    stands = batches.standing(store, first.id)
    if each.undoes:
        return [entry for entry in each.entries if (entry.enrolment_id, each.undoes) not in stands]
    here = _here(store, [one.id for one in family(store, first)])
    of_enrolment = {key[0]: key[1] for key in stands}
    return [
        entry for entry in each.entries
        if entry.enrolment_id in here or of_enrolment.get(entry.enrolment_id, 0) != entry.replaces
    ]  # fmt: skip


# Onto the books. -------------------------------------------------------------------------------------------------------


def apply(store: Store, each: Batch, entries: Sequence[Entry], zone: ZoneInfo, now: datetime) -> None:
    """Some entries of a confirmed batch: attempts from outside, or of one that takes another back, those put out of force. What counts
    of each enrolment follows from all its attempts; of a closed round the sums are counted again."""
    lines = owners(store, entries)
    _lock(store, sorted({row.person_id for row in lines.values()}))
    whats = {number: rounds.get(store, number) for number in {row.round_id for row in lines.values()}}
    slots = _slots(store)
    for entry in entries:
        line, what = lines[entry.enrolment_id], whats[lines[entry.enrolment_id].round_id]
        if each.undoes:
            _withdraw(store, entry.enrolment_id, each.undoes)
            _restore(store, entry.enrolment_id, entry.replaces)
        elif not _is_there(store, entry.enrolment_id, each.id):
            _withdraw(store, entry.enrolment_id, entry.replaces)
            _add(store, each, entry, _moment(what, entry, zone), slots(entry.print_id, entry.letter))
        _settle(store, what, entry.enrolment_id)
        if each.undoes or not line.counted:  # whoever was once due and sat is due again, and not when it is taken back
            changes.refresh(store, entry.enrolment_id)
        deliveries.cancel(store, what.id, ("reminder", "card"), line.person_id)
    for what in whats.values():
        if what.state is State.CLOSED:
            figures.store_sums(store, what.id, now)


def _lock(store: Store, person_ids: Sequence[int]) -> None:
    """PostgreSQL: no other process takes these people's answers until this transaction ends. SQLite has one writer."""
    if store.on_postgres and person_ids:
        mine = select(person.c.id).where(person.c.id.in_(person_ids)).order_by(person.c.id)
        store.run(mine.with_for_update(key_share=True))


def _slots(store: Store) -> Callable[[int, str], tuple[Slot, ...]]:
    @cache
    def of(print_id: int, letter: str) -> tuple[Slot, ...]:
        return prints.slots(store, print_id, letter) if print_id else ()

    return of


def _moment(what: Round, entry: Entry, zone: ZoneInfo) -> datetime:
    """Noon of the day it was sat on, inside the round's window."""
    return min(max(instant(entry.day, _NOON, zone), what.opens_at), what.closes_at)


def _is_there(store: Store, enrolment_id: int, batch_id: int) -> bool:
    mine = attempt.c.enrolment_id == enrolment_id, attempt.c.batch_id == batch_id
    return store.value(select(attempt.c.id).where(*mine)) is not None


def _add(store: Store, each: Batch, entry: Entry, at: datetime, slots: Sequence[Slot]) -> None:
    """A paper numbered below those drawn here, so that neither stands in the other's way, and its attempt."""
    values = {
        "enrolment_id": entry.enrolment_id,
        "number": -each.id,
        "seed": 0,
        "slots": [slot.to_json() for slot in slots],
    }
    number = store.new_id(insert(paper), values)
    sat = {"id": number, "enrolment_id": entry.enrolment_id, "state": "handed_in", "started_at": at, "handed_in_at": at, "score": entry.score,
           "source": each.source, "batch_id": each.id}  # fmt: skip
    store.run(insert(attempt), sat)


def _withdraw(store: Store, enrolment_id: int, batch_id: int) -> None:
    """Out of force: the attempt stays, with its score and its day, and is handed in no more."""
    mine = attempt.c.enrolment_id == enrolment_id, attempt.c.batch_id == batch_id
    if batch_id:
        store.run(update(attempt).where(*mine).values(state="withdrawn", handed_in_at=None))


def _restore(store: Store, enrolment_id: int, batch_id: int) -> None:
    mine = attempt.c.enrolment_id == enrolment_id, attempt.c.batch_id == batch_id
    if batch_id:
        store.run(update(attempt).where(*mine).values(state="handed_in", handed_in_at=attempt.c.started_at))


def _settle(store: Store, what: Round, enrolment_id: int) -> None:
    """The enrolment's result from all that was handed in, here and outside, under the round's rules."""
    every = answers.hand_ins(store, enrolment_id)
    reached = result(every, what.rules)
    last = select(func.max(attempt.c.handed_in_at)).where(attempt.c.enrolment_id == enrolment_id)
    values: Mapping[str, Any] = {"sat": reached.sat, "passed": reached.passed, "excellent": reached.excellent, "score": reached.score,
                                 "attempts": len(every), "handed_in_at": store.value(last) if reached.sat else None}  # fmt: skip
    store.run(update(enrolment).where(enrolment.c.id == enrolment_id).values(**values))


def choices(store: Store, most: int) -> list[Round]:
    """First rounds that scores may be entered for, those under way before the closed, newest first."""
    query = select(round_.c.id).where(
        round_.c.state.in_(STATES), round_.c.of_round_id.is_(None), round_.c.counts == "assessed"
    )
    found = [
        rounds.get(store, r.id)
        for r in store.rows(query.order_by(round_.c.opens_at.desc(), round_.c.id.desc()).limit(50))
    ]
    return sorted(found, key=lambda each: each.state is State.CLOSED)[:most]
