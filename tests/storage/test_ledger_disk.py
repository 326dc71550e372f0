"""The writer when the disk, the file or another program is in the way: told, undone, and going on afterwards."""

import sqlite3

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import OperationalError

from storage import tables
from storage.columns import EPOCH
from storage.ledger import Entry, Ledger, NotRecorded
from tests.storage.test_ledger import keeping, names, put_together


def limit_pages(ledger, extra):
    def run(store):
        pages = store.plain("PRAGMA page_count").scalar()
        store.plain(f"PRAGMA max_page_count = {pages + extra}")

    ledger.write(run)


def filling(name, size):
    return lambda store: store.run(insert(tables.keep), {"name": name, "value": "x" * size, "at": EPOCH})


@pytest.fixture
def on_sqlite(sqlite):
    running = Ledger(sqlite)
    running.start()
    yield running
    running.stop()


def test_a_full_disk_records_nothing_says_so_and_goes_on_when_there_is_room(on_sqlite, sqlite):
    limit_pages(on_sqlite, 0)
    futures = put_together(on_sqlite, *(Entry(filling(f"k{n}", 50_000), lambda *_: "quarantined") for n in range(5)))
    for future in futures:
        assert isinstance(future.exception(), NotRecorded)
    assert names(sqlite) == set()
    limit_pages(on_sqlite, 1000)
    on_sqlite.write(filling("later", 50_000))
    assert names(sqlite) == {"later"}


def test_one_turn_too_large_for_the_disk_does_not_take_the_small_ones_with_it(on_sqlite, sqlite):
    limit_pages(on_sqlite, 8)
    a, large, b = put_together(on_sqlite, Entry(keeping("a")), Entry(filling("large", 500_000)), Entry(keeping("b")))
    assert isinstance(large.exception(), NotRecorded)
    a.result()
    b.result()
    assert names(sqlite) == {"a", "b"}


def test_a_database_file_that_is_gone_records_nothing_and_says_so(on_sqlite, sqlite, tmp_path):
    on_sqlite.write(keeping("before"))
    (tmp_path / "xuefa.db").rename(tmp_path / "away.db")
    for future in put_together(on_sqlite, Entry(keeping("a")), Entry(keeping("b"))):
        with pytest.raises(NotRecorded, match="DatabaseMissing"):
            future.result()
    (tmp_path / "away.db").rename(tmp_path / "xuefa.db")
    on_sqlite.write(keeping("after"))
    assert names(sqlite) == {"before", "after"}


def test_a_commit_that_fails_records_nothing_of_its_turn_and_all_of_the_others(on_sqlite, sqlite):
    def dangling(store):
        store.plain("PRAGMA defer_foreign_keys = ON")
        store.plain("INSERT INTO role (person_id, name, granted_at) VALUES (404, 'admin', 0)")

    a, bad, b = put_together(on_sqlite, Entry(keeping("a")), Entry(dangling), Entry(keeping("b")))
    with pytest.raises(NotRecorded, match="TransactionLost"):
        bad.result()
    a.result()
    b.result()
    assert names(sqlite) == {"a", "b"}


def test_a_lock_held_by_another_program_is_waited_for(on_sqlite, sqlite, tmp_path):
    holder = sqlite3.connect(tmp_path / "xuefa.db", isolation_level=None, check_same_thread=False)
    refused = []
    on_sqlite.write(lambda store: store.plain("PRAGMA busy_timeout = 1"))
    holder.execute("BEGIN IMMEDIATE")

    @event.listens_for(sqlite.engine, "handle_error")
    def leave(context):
        refused.append(context.original_exception.sqlite_errorname)
        holder.execute("ROLLBACK")

    on_sqlite.write(keeping("x"))
    holder.close()
    assert refused == ["SQLITE_BUSY"]
    assert names(sqlite) == {"x"}


def test_a_lock_that_is_never_given_back_is_told(on_sqlite, sqlite, tmp_path):
    holder = sqlite3.connect(tmp_path / "xuefa.db", isolation_level=None)
    on_sqlite.write(lambda store: store.plain("PRAGMA busy_timeout = 1"))
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotRecorded, match="OperationalError"):
        on_sqlite.write(keeping("x"))
    holder.close()
    on_sqlite.write(keeping("y"))
    assert names(sqlite) == {"y"}


def test_an_error_before_any_turn_is_told_to_all(sqlite):
    ledger = Ledger(sqlite)
    ledger.start()

    @event.listens_for(sqlite.engine, "before_cursor_execute")
    def refuse(*_):
        raise OperationalError("BEGIN", {}, Exception("broken"))

    with pytest.raises(NotRecorded, match="OperationalError"):
        ledger.write(keeping("x"))
    event.remove(sqlite.engine, "before_cursor_execute", refuse)
    ledger.write(keeping("y"))
    ledger.stop()
    assert names(sqlite) == {"y"}
