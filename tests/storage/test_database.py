"""Opening, reading and writing: the settings a confirmed answer depends on, and transactions that end as they must."""
# ruff: noqa: PT012 - a transaction that is to fail holds more than one statement

import json
import os
import stat
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, event, insert, select, text, tuple_, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from quizzes.questions import Kind, Question
from storage import engines, tables
from storage.columns import EPOCH, micros
from storage.database import Hot, TransactionLost, open_database
from storage.engines import DatabaseMissing, Unsafe

NOW = datetime(2026, 12, 4, 1, 2, 3, 456789, tzinfo=UTC)
KEEP = Hot(insert(tables.keep).values({name: bindparam(name) for name in ("name", "value", "at")}))
NAMES = select(tables.keep.c.name).order_by(tables.keep.c.name)


def keep(store, name):
    store.hot(KEEP, name=name, value="", at=0)


def names(database):
    with database.reading() as store:
        return [row.name for row in store.rows(NAMES)]


# Opening. ----------------------------------------------------------------------------------------------------------------


def test_a_missing_database_is_an_error_and_is_not_made(tmp_path):
    with pytest.raises(DatabaseMissing):
        open_database(f"sqlite:///{tmp_path}/none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_goes_missing_between_opening_and_use_is_not_made(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/x.db", create=True)
    (tmp_path / "x.db").unlink()
    with pytest.raises(DatabaseMissing), database.writing():
        pass
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_confirmed_that_went_into_a_deleted_file(sqlite, tmp_path):
    with sqlite.writing() as store:
        keep(store, "before")
    (tmp_path / "xuefa.db").rename(tmp_path / "away.db")
    with pytest.raises(DatabaseMissing), sqlite.writing() as store:
        keep(store, "lost")
    (tmp_path / "away.db").rename(tmp_path / "xuefa.db")
    with sqlite.writing() as store:
        keep(store, "after")
    assert names(sqlite) == ["after", "before"]


def test_a_database_in_memory_is_refused():
    with pytest.raises(ValueError, match="file"):
        open_database("sqlite://", create=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_a_new_database_belongs_to_its_user_alone(tmp_path):
    open_database(f"sqlite:///{tmp_path}/x.db", create=True).close()
    assert stat.S_IMODE((tmp_path / "x.db").stat().st_mode) == 0o600


def test_a_path_may_hold_any_character(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/学法 100%#1.db", create=True)
    with database.writing() as store:
        store.plain("CREATE TABLE t (x)")
    database.close()
    assert (tmp_path / "学法 100%#1.db").stat().st_size > 0


@pytest.mark.parametrize(
    "broken", ["synchronous = NORMAL", "synchronous = OFF", "journal_mode = DELETE", "foreign_keys = OFF"]
)
def test_a_listener_that_breaks_a_setting_is_found_out(tmp_path, broken):
    database = open_database(f"sqlite:///{tmp_path}/x.db", create=True)
    event.listen(database.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {broken}"))
    with pytest.raises(Unsafe, match=broken.split()[0]), database.writing():
        pass
    database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("value", ["off", "local"])
def test_a_postgres_that_confirms_too_early_is_refused(postgres_url, value):
    joint = "&" if "?" in postgres_url else "?"
    database = open_database(f"{postgres_url}{joint}options=-csynchronous_commit%3D{value}")
    for use in (database.writing, database.reading):
        with pytest.raises(Unsafe, match="synchronous_commit"), use():
            pass
    database.close()


def test_every_sqlite_connection_has_the_settings(sqlite):
    with sqlite.writing() as one, sqlite.reading() as two, sqlite.reading() as three:
        for store in (one, two, three):
            assert store.plain("PRAGMA synchronous").scalar() == 2
            assert store.plain("PRAGMA journal_mode").scalar() == "wal"
            assert store.plain("PRAGMA foreign_keys").scalar() == 1
            assert store.plain("PRAGMA trusted_schema").scalar() == 0


def test_a_lasting_setting_is_asked_once_per_connection(sqlite, monkeypatch):
    asked = []
    monkeypatch.setattr(engines, "_ask_sqlite", asked.append)
    for _ in range(3):
        with sqlite.writing():
            pass
    assert len(asked) == 1


# Reading. ----------------------------------------------------------------------------------------------------------------


def test_reading_cannot_write(database):
    with pytest.raises(DBAPIError, match=r"read.?only"), database.reading() as store:
        keep(store, "x")
    assert names(database) == []


def test_reading_sees_one_moment_while_others_write(database):
    with database.reading() as reader:
        assert reader.rows(NAMES) == []
        with database.writing() as store:
            keep(store, "x")
        assert reader.rows(NAMES) == []
    assert names(database) == ["x"]


def test_a_reader_that_fails_leaves_a_connection_that_reads(database):
    for _ in range(20):
        with pytest.raises(DBAPIError), database.reading() as store:
            store.plain("SELECT nothing FROM nowhere")
    assert names(database) == []


# Writing. ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_whatever_is_raised_undoes_the_transaction(database, error):
    with pytest.raises(error), database.writing() as store:
        keep(store, "x")
        raise error
    with database.writing() as store:
        keep(store, "y")
    assert names(database) == ["y"]


def test_a_commit_that_is_refused_is_undone_and_the_next_works(database):
    with database.writing() as store:
        store.plain("CREATE TABLE late (x INTEGER REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(TransactionLost), database.writing() as store:
        keep(store, "x")
        store.plain("INSERT INTO late VALUES (404)")
    with database.writing() as store:
        assert store.whole
        keep(store, "y")
    assert names(database) == ["y"]


def test_a_swallowed_error_never_becomes_a_silent_rollback(postgres):
    """PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement has failed before."""
    with pytest.raises(TransactionLost), postgres.writing() as store:
        keep(store, "x")
        with pytest.raises(IntegrityError):
            keep(store, "x")
    assert names(postgres) == []


def fill(store, size=300_000):
    store.run(insert(tables.keep), {"name": "large", "value": "x" * size, "at": EPOCH})


def test_a_swallowed_full_disk_never_becomes_a_half_transaction(sqlite):
    """SQLite undoes the whole transaction when the disk is full; what came after would commit by itself."""
    with sqlite.writing() as store:
        store.plain("PRAGMA max_page_count = 1")
    with pytest.raises(TransactionLost), sqlite.writing() as store:
        keep(store, "before")
        with pytest.raises(OperationalError, match="full"):
            fill(store)
        assert not store.whole
    assert names(sqlite) == []


def test_memory_is_forgotten_when_a_transaction_is_undone(database):
    with database.writing() as store:
        store.memory.revisions[1] = Question("q", Kind.JUDGE, "s", (), ("true",), "", (), 1, ())
    assert database.memory.revisions
    with pytest.raises(ValueError), database.writing():
        raise ValueError
    assert not database.memory.revisions


def test_the_errors_of_the_log_name_no_values(database):
    for statement in (
        lambda s: keep(s, "张三"),
        lambda s: s.run(insert(tables.keep), {"name": "张三", "value": "", "at": NOW}),
    ):
        with pytest.raises(IntegrityError) as raised, database.writing() as store:
            statement(store)
            statement(store)
        assert "张三" not in str(raised.value).split("DETAIL")[0]


def test_connections_that_the_server_dropped_are_replaced(postgres, postgres_server):
    with postgres.reading(), postgres.reading():
        pass
    drop_all(postgres_server, postgres)
    assert names(postgres) == []
    drop_all(postgres_server, postgres)
    with postgres.writing() as store:
        keep(store, "x")
    assert names(postgres) == ["x"]


def drop_all(server, database):
    name = database.engine.url.database
    server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


# Hot statements. ---------------------------------------------------------------------------------------------------------


def test_hot_statements_write_and_find_what_core_does(store):
    columns = ("kind", "params", "state", "created_at", "lease_until")
    hot = Hot(insert(tables.job).values({name: bindparam(name) for name in columns}))
    params = {"b": [1, "学"], "a": None}
    written = store.hot(
        hot, kind="hot", params=json.dumps(params), state="waiting", created_at=micros(NOW), lease_until=None
    )
    assert written.rowcount == 1
    store.run(insert(tables.job), {"kind": "core", "params": params, "created_at": NOW})
    by_core = store.rows(select(*[tables.job.c[name] for name in columns[1:]]).order_by(tables.job.c.id))
    assert by_core[0] == by_core[1]
    by_hot = store.hot(Hot(select(tables.job).where(tables.job.c.kind == bindparam("kind"))), kind="core").first()
    assert (json.loads(by_hot.params), by_hot.created_at, by_hot.lease_until, by_hot.done) == (
        params,
        micros(NOW),
        None,
        0,
    )


def test_values_that_stand_in_a_hot_statement_are_bound_as_core_binds_them(store):
    store.run(insert(tables.keep), {"name": "x", "value": "", "at": NOW})
    found = Hot(
        select(tables.keep.c.name).where(tables.keep.c.at == NOW, tables.keep.c.name == bindparam("name")).limit(1)
    )
    assert [row.name for row in store.hot(found, name="x")] == ["x"]
    assert store.hot(found, name="y").first() is None
    assert store.hot(Hot(update(tables.keep).values(value="new", at=NOW))).rowcount == 1


def test_a_hot_statement_that_lacks_a_value_says_so(sqlite):
    with sqlite.writing() as store, pytest.raises(KeyError, match="at"):
        store.hot(KEEP, name="x", value="")


def test_a_hot_statement_with_a_list_is_refused(store):
    pairs = tuple_(tables.keep.c.name, tables.keep.c.value).in_([("a", "b")])
    with pytest.raises(ValueError, match="list"):
        store.hot(Hot(select(tables.keep).where(pairs)))


def test_a_hot_statement_fails_with_the_errors_of_core(database):
    with pytest.raises(IntegrityError), database.writing() as store:
        keep(store, "x")
        keep(store, "x")


def test_readers_in_many_threads_have_their_own_moments(sqlite):
    found, gate = [], threading.Barrier(8)

    def read():
        with sqlite.reading() as store:
            gate.wait(10)
            found.append(store.value(text("SELECT count(*) FROM keep")))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 8
