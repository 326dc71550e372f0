"""The audit record: whatever somebody with the database in hand changes, the chain shows where."""
# ruff: noqa: PT012 - a transaction that is to fail holds more than one statement

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from storage import audit, tables

NOW = datetime(2026, 12, 4, 1, 2, 3, 456789, tzinfo=UTC)


def write(store, lines=5):
    """Some lines; gives their numbers."""
    store.run(insert(tables.person), {"name": "王敏", "created_at": NOW})
    details = [{"reason": "长期病假", "days": 3, "list": [1.5, None, True]}, {}, {"b": 1, "a": {"z": "", "y": []}}]
    return [
        audit.record(store, 1 if n % 2 else None, "exempt", f"person:{n}", details[n % 3], NOW + timedelta(seconds=n))
        for n in range(lines)
    ]


def unlock(store):
    """What an administrator of the database can always do."""
    if store.on_postgres:
        store.plain("ALTER TABLE audit DISABLE TRIGGER ALL")
    else:
        store.plain("DROP TRIGGER audit_no_update")
        store.plain("DROP TRIGGER audit_no_delete")


def test_an_untouched_record_holds(store):
    assert audit.head(store) == (0, "")
    assert audit.verify(store) is None
    numbers = write(store)
    assert audit.verify(store) is None
    assert audit.head(store)[0] == numbers[-1]


@pytest.mark.parametrize(("column", "value"), [
    ("at", "at + 1"), ("actor_id", "1"), ("actor_id", "NULL"), ("act", "'grant'"), ("object", "'person:9'"), ("details", "'{}'"),
    ("details", "'{\"days\":4}'"), ("details", "'broken'"), ("details", "' ' || details"), ("previous_hash", "'0'"), ("hash", "'0'"),
])  # fmt: skip
def test_a_changed_line_is_found(store, column, value):
    numbers = write(store)
    unlock(store)
    changed = numbers[2]
    before = store.row(select(tables.audit.c[column]).where(tables.audit.c.id == changed))
    store.plain(f"UPDATE audit SET {column} = {value} WHERE id = {changed}")
    after = store.plain(f"SELECT {column} FROM audit WHERE id = {changed}").scalar()
    if column == "actor_id" and value == "NULL":
        assert (before[0], after, audit.verify(store)) == (None, None, None)  # nothing was changed
    else:
        assert audit.verify(store) == changed


def test_a_line_sealed_anew_breaks_the_line_behind_it(store):
    numbers = write(store)
    unlock(store)
    line = store.row(select(tables.audit).where(tables.audit.c.id == numbers[2]))
    forged = audit.seal(line.previous_hash, audit.micros(line.at), None, "grant", line.object, line.details)
    store.plain(f"UPDATE audit SET act = 'grant', actor_id = NULL, hash = '{forged}' WHERE id = {numbers[2]}")
    assert audit.verify(store) == numbers[3]


@pytest.mark.parametrize("gone", [0, 2])
def test_a_removed_line_is_found_by_the_next(store, gone):
    numbers = write(store)
    unlock(store)
    store.plain(f"DELETE FROM audit WHERE id = {numbers[gone]}")
    assert audit.verify(store) == numbers[gone + 1]


def test_lines_that_change_places_are_found(store):
    numbers = write(store)
    unlock(store)
    for old, new in ((numbers[1], 1000), (numbers[2], numbers[1]), (1000, numbers[2])):
        store.plain(f"UPDATE audit SET id = {new} WHERE id = {old}")
    assert audit.verify(store) == numbers[1]


def test_a_tail_cut_off_is_found_with_the_anchor_kept_elsewhere(store):
    numbers = write(store)
    anchor = audit.head(store)[1]
    assert audit.verify(store, anchor) is None
    unlock(store)
    store.plain(f"DELETE FROM audit WHERE id = {numbers[-1]}")
    assert audit.verify(store) is None
    assert audit.verify(store, anchor) == 0


def test_a_line_inserted_by_hand_is_found(store):
    write(store)
    values = {
        "at": NOW,
        "act": "grant",
        "object": "person:1",
        "details": {},
        "previous_hash": audit.head(store)[1],
        "hash": "0" * 64,
    }
    number = store.new_id(insert(tables.audit), values)
    assert audit.verify(store) == number


def test_two_processes_write_one_chain(postgres):
    """The second waits for the first to end, and then follows it."""
    with postgres.writing() as first:
        audit.record(first, None, "a", "x", {}, NOW)
        with pytest.raises(Exception, match="lock timeout"), postgres.writing() as second:
            second.plain("SET LOCAL lock_timeout = 1")
            audit.record(second, None, "b", "x", {}, NOW)
    with postgres.writing() as second:
        audit.record(second, None, "b", "x", {}, NOW)
        assert audit.verify(second) is None


def test_more_lines_than_are_read_at_once(sqlite, monkeypatch):
    monkeypatch.setattr(audit, "PART", 2)
    with sqlite.writing() as store:
        write(store, 5)
        assert audit.verify(store) is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_the_seal_of_details_is_the_same_after_they_were_stored(details):
    text = audit._canonical(details)
    assert audit._canonical(json.loads(text)) == text
