"""Engines: no database is made where one is missed, and no connection confirms what it may lose."""

from __future__ import annotations

import pytest
from sqlalchemy import event, make_url

from storage.engines import (
    DatabaseMissing,
    Unsafe,
    assert_durable,
    assert_in_place,
    postgres_engine,
    sqlite_engines,
)


def asked(connection, name):
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.fixture
def engines(tmp_path):
    made = sqlite_engines(str(tmp_path / "x.db"), create=True)
    yield made
    for engine in made:
        engine.dispose()


def test_a_missing_file_is_refused_and_not_made(tmp_path):
    with pytest.raises(DatabaseMissing, match="none"):
        sqlite_engines(str(tmp_path / "none.db"), create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_database(tmp_path):
    with pytest.raises(DatabaseMissing):
        sqlite_engines(str(tmp_path), create=False)


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_what_keeps_nothing_is_refused(path):
    with pytest.raises(ValueError, match="file"):
        sqlite_engines(path, create=True)


def test_creating_where_there_is_one_leaves_it_as_it_is(tmp_path):
    (tmp_path / "x.db").write_bytes(b"somebody's")
    sqlite_engines(str(tmp_path / "x.db"), create=True)
    assert (tmp_path / "x.db").read_bytes() == b"somebody's"


def test_the_writer_is_one_connection_and_a_reader_cannot_write(engines):
    writer, readers = engines
    assert (writer.pool.size(), readers.pool.size()) == (1, 16)
    with writer.connect() as one, readers.connect() as other:
        assert (asked(one, "query_only"), asked(other, "query_only")) == (0, 1)


@pytest.mark.parametrize("which", [0, 1])
def test_every_connection_is_durable(engines, which):
    with engines[which].connect() as connection:
        assert_durable(connection)
        found = [asked(connection, name) for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]
        assert found == ["wal", 2, 1, 5000]


def test_a_stricter_setting_than_asked_for_is_fine(engines):
    event.listen(engines[0], "connect", lambda connection, _: connection.execute("PRAGMA synchronous = EXTRA"))
    with engines[0].connect() as connection:
        assert_durable(connection)
        assert asked(connection, "synchronous") == 3


def test_an_unsafe_connection_is_refused_every_time_and_not_only_once(engines):
    event.listen(engines[0], "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    with engines[0].connect() as connection:
        for _ in range(2):
            with pytest.raises(Unsafe, match="synchronous = 0 where 2 was asked"):
                assert_durable(connection)


def test_a_replaced_file_is_missed(engines, tmp_path):
    with engines[0].connect() as connection:
        assert_in_place(connection)
        (tmp_path / "x.db").rename(tmp_path / "away.db")
        (tmp_path / "x.db").touch()
        with pytest.raises(DatabaseMissing):
            assert_in_place(connection)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_postgres_is_spoken_to_by_psycopg_3_whatever_the_url_names(scheme):
    engine = postgres_engine(make_url(f"{scheme}://xuefa:hush@127.0.0.1/xuefa"))
    assert engine.driver == "psycopg"
    assert "hush" not in repr(engine)


@pytest.mark.postgres
def test_a_durable_postgres_is_asked_once_per_connection(postgres):
    with postgres.engine.connect() as connection:
        assert_durable(connection)
        seen = []
        event.listen(postgres.engine, "before_cursor_execute", lambda *_: seen.append(1))
        assert_durable(connection)
        assert seen == []
