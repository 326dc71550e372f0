"""Small things remembered by name, and the lock between processes."""
# ruff: noqa: PT012 - a transaction that is to fail holds more than one statement

from __future__ import annotations

from datetime import timedelta

import pytest

from storage import keep
from storage.database import Store
from tests.builders import NOW

HOUR = timedelta(hours=1)


def test_what_is_kept_is_read_and_replaced(store: Store) -> None:
    assert keep.read(store, "offset") == ""
    for value in ("1", "2", ""):
        keep.write(store, "offset", value, NOW)
        assert keep.read(store, "offset") == value
    assert keep.read(store, "token") == ""


def test_once_is_once_for_ever(store: Store) -> None:
    assert keep.once(store, "a", NOW) is True
    assert keep.once(store, "a", NOW + 9999 * HOUR) is False
    assert keep.once(store, "b", NOW) is True


def test_two_transactions_share_one_once(database) -> None:
    found = []
    for _ in range(2):
        with database.writing() as store:
            found.append(keep.once(store, "a", NOW))
    assert found == [True, False]


def test_a_once_that_was_undone_is_not_spent(database) -> None:
    with pytest.raises(ValueError), database.writing() as store:
        keep.once(store, "a", NOW)
        raise ValueError
    with database.writing() as store:
        assert keep.once(store, "a", NOW) is True


def test_once_per_span_is_due_again_when_the_span_is_over(store: Store) -> None:
    moments = [timedelta(0), HOUR - timedelta(microseconds=1), HOUR, HOUR + timedelta(minutes=59), 2 * HOUR]
    assert [keep.once_per(store, "a", HOUR, NOW + at) for at in moments] == [True, False, True, False, True]
    assert keep.once_per(store, "b", HOUR, NOW) is True


def test_a_clock_set_back_is_due_so_that_nothing_waits_for_years(store: Store) -> None:
    assert keep.once_per(store, "a", HOUR, NOW) is True
    assert keep.once_per(store, "a", HOUR, NOW - 9999 * HOUR) is True
    assert keep.once_per(store, "a", HOUR, NOW - 9999 * HOUR) is False


def test_what_came_late_is_next_due_on_the_round_minute(store: Store) -> None:
    minute, late = timedelta(minutes=1), timedelta(seconds=40)
    assert keep.once_per(store, "a", minute, NOW + late, late_by=late) is True
    assert keep.once_per(store, "a", minute, NOW + minute - timedelta(seconds=1)) is False
    assert keep.once_per(store, "a", minute, NOW + minute) is True


def test_a_lock_is_held_by_one_transaction_until_it_ends(postgres) -> None:
    with postgres.writing() as first, postgres.writing() as second:
        assert keep.try_lock(first, "clock") is True
        assert keep.try_lock(first, "clock") is True
        assert keep.try_lock(second, "clock") is False
        assert keep.try_lock(second, "other") is True
    with postgres.writing() as second:
        assert keep.try_lock(second, "clock") is True


def test_sqlite_has_one_writer_and_so_the_lock_is_always_ours(sqlite) -> None:
    with sqlite.writing() as store:
        assert keep.try_lock(store, "clock") is True
