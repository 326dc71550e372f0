"""Batches of scores: their states, what stands, and what contradicts them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from quizzes.batches import BatchState
from storage import batches, rounds, scorebook, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, district, from_outside


def test_a_batch_that_waits_puts_nothing_on_the_books(store: Store) -> None:
    d = district(store)
    number = from_outside(store, d, d.round_id, {"张三": 8000}, state=BatchState.ENTERED)
    assert batches.standing(store, d.round_id) == {}
    assert list(batches.waiting(store, d.round_id).values()) == [number]
    assert store.row(select(tables.attempt)) is None


def test_only_the_first_of_two_decisions_counts(store: Store) -> None:
    d = district(store)
    each = batches.get(store, from_outside(store, d, d.round_id, {"张三": 8000}, state=BatchState.ENTERED))
    assert each is not None
    assert batches.move(store, each, BatchState.CONFIRMED, by=d.people["周杰"], now=NOW)
    assert not batches.move(store, each, BatchState.RETURNED, by=d.people["周杰"], now=NOW, note="不对")
    after = batches.get(store, each.id)
    assert after is not None
    assert (after.state, after.note, after.decided_by) == (BatchState.CONFIRMED, "", d.people["周杰"])


def test_a_file_is_known_again_by_its_content_unless_its_batch_was_dropped(store: Store) -> None:
    d = district(store)
    each = batches.get(store, from_outside(store, d, d.round_id, {"张三": 8000}, state=BatchState.ENTERED))
    assert each is not None
    assert batches.with_file(store, d.round_id, each.content["sha"]) == each
    batches.move(store, each, BatchState.CANCELLED)
    assert batches.with_file(store, d.round_id, each.content["sha"]) is None
    assert batches.latest(store, 5) == []


def test_the_books_agree_after_a_correction(store: Store) -> None:
    d = district(store)
    first = from_outside(store, d, d.round_id, {"张三": 5000, "李四": 7000}, source="上级平台")
    from_outside(
        store,
        d,
        d.round_id,
        {"张三": 8000},
        source="上级平台",
        replaces=first,
        before=5000,
        now=NOW + timedelta(hours=1),
    )
    assert batches.contradictions(store, rounds.get(store, d.round_id)) == []


def test_an_attempt_from_outside_without_a_batch_is_found(store: Store) -> None:
    d = district(store)
    from_outside(store, d, d.round_id, {"张三": 5000})
    store.run(update(tables.attempt).values(batch_id=None))
    found = batches.contradictions(store, rounds.get(store, d.round_id))
    assert [(bool(each.attempt_id), each.stored, each.expected) for each in found] == [
        (True, "5000", ""),
        (False, "", "5000"),
    ]


def test_a_confirmed_score_that_stands_nowhere_is_found(store: Store) -> None:
    d = district(store)
    number = from_outside(store, d, d.round_id, {"张三": 5000}, state=BatchState.CONFIRMED)
    store.run(update(tables.batch).values(state="applied"))
    found = batches.contradictions(store, rounds.get(store, d.round_id))
    assert [(each.attempt_id, each.number, each.expected) for each in found] == [(0, number, "5000")]


def test_only_batches_confirmed_after_the_close_are_corrections(store: Store) -> None:
    d = district(store)
    from_outside(store, d, d.round_id, {"张三": 8000})
    late = from_outside(store, d, d.round_id, {"李四": 8000}, now=NOW + timedelta(hours=2))
    open_round = rounds.get(store, d.round_id)
    assert batches.after_close(store, [open_round]) == []
    store.run(update(tables.round_).values(state="closed", closed_at=NOW + timedelta(hours=1)))
    assert [each.id for each in batches.after_close(store, [rounds.get(store, d.round_id)])] == [late]


def test_a_correction_half_way_onto_the_books_is_no_contradiction(store: Store) -> None:
    d = district(store)
    first = from_outside(store, d, d.round_id, {"张三": 5000, "李四": 7000})
    number = from_outside(
        store, d, d.round_id, {"张三": 8000, "李四": 8000}, replaces=first, state=BatchState.CONFIRMED
    )
    each = batches.get(store, number)
    assert each is not None
    scorebook.apply(store, each, each.entries[:1], HOUSE.zone, NOW)
    assert batches.contradictions(store, rounds.get(store, d.round_id)) == []
    scorebook.apply(store, each, each.entries, HOUSE.zone, NOW)
    batches.move(store, each, BatchState.APPLIED)
    assert batches.contradictions(store, rounds.get(store, d.round_id)) == []
