"""Opening the database, with the settings a confirmed answer depends on asserted at every connect; and the Store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, Row, bindparam, create_engine, event
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.base import Executable as _Statement

from quizzes.questions import Question


class DatabaseMissing(Exception):
    """There is no database where one is expected; nothing is ever created silently in its place."""


class Unsafe(Exception):
    """The database does not keep what it confirms (a setting is not as asked)."""


class Hot:
    """A Core statement of the answer path: compiled once per dialect and run at once by the driver, without SQLAlchemy's
    execution layer. Values go in and come out raw (times as microseconds, JSON as text)."""

    def __init__(self, statement: _Statement) -> None:
        self._statement = statement
        self._ready: dict[str, tuple[str, tuple[str, ...] | None]] = {}

    def ready(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
        """(SQL text, names in positional order or None for named parameters)."""
        found = self._ready.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]
            order = tuple(compiled.positiontup) if compiled.positiontup is not None else None
            found = self._ready[dialect.name] = (str(compiled), order)
        return found


@dataclass(slots=True)
class Memory:
    """What a process may remember of rows that never change. Cleared when a batch is rolled back, since a row read inside
    a transaction that failed may never have existed."""

    revisions: dict[int, Question] = field(default_factory=dict)
    rounds: dict[int, Any] = field(default_factory=dict)

    def forget(self) -> None:
        """Drop everything."""
        self.revisions.clear()
        self.rounds.clear()


class Store:
    """One transaction's view of the database; the first argument of every repository function."""

    __slots__ = ("_connection", "dialect", "memory")

    def __init__(self, connection: Connection, memory: Memory) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        self.memory = memory

    @property
    def on_postgres(self) -> bool:
        """Whether the database is PostgreSQL (else SQLite)."""
        return self.dialect.name == "postgresql"

    def run(self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> CursorResult[Any]:
        """Execute a Core statement; many value sets run as one executemany. An empty list of value sets runs nothing."""
        if isinstance(values, Sequence) and not values:
            raise ValueError("nothing to run: guard empty lists in the caller")
        return self._connection.execute(statement, values)

    def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows of a Core query."""
        return self._connection.execute(statement, values).all()

    def row(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row of a Core query, or None."""
        return self._connection.execute(statement, values).first()

    def value(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self._connection.execute(statement, values).scalar()

    def new_id(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Execute an insert of one row and give its number."""
        key = self._connection.execute(statement, values).inserted_primary_key
        assert key is not None
        return int(key[0])

    def hot(self, statement: Hot, **values: Any) -> CursorResult[Any]:
        """Execute a Hot statement with raw values."""
        sql, order = statement.ready(self.dialect)
        parameters: Any = values if order is None else tuple(values[name] for name in order)
        return self._connection.exec_driver_sql(sql, parameters)

    def plain(self, sql: str) -> CursorResult[Any]:
        """Execute a fixed statement without parameters (BEGIN, SAVEPOINT, PRAGMA)."""
        return self._connection.exec_driver_sql(sql)


class Database:
    """An engine with driver autocommit, so that every BEGIN and COMMIT is ours."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.memory = Memory()

    @property
    def on_postgres(self) -> bool:
        """Whether this is PostgreSQL (else SQLite)."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """A consistent read-only view."""
        with self.engine.connect() as connection:
            store = Store(connection, Memory())
            store.plain("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if self.on_postgres else "BEGIN")
            try:
                if not self.on_postgres:
                    store.plain("PRAGMA query_only = ON")
                yield store
            finally:
                store.plain("ROLLBACK")
                if not self.on_postgres:
                    store.plain("PRAGMA query_only = OFF")

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """One transaction by itself: for commands and tests where no ledger runs."""
        with self.engine.connect() as connection:
            store = Store(connection, self.memory)
            store.plain("BEGIN" if self.on_postgres else "BEGIN IMMEDIATE")
            try:
                yield store
            except BaseException:
                store.plain("ROLLBACK")
                self.memory.forget()
                raise
            store.plain("COMMIT")

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _on_sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF", "busy_timeout = 5000",
                   "cache_size = -16000"):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")
    in_memory = connection.execute("PRAGMA database_list").fetchone()[2] == ""
    for name, wanted in (("journal_mode", "memory" if in_memory else "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            raise Unsafe(f"SQLite answers {name} = {found!r} where {wanted!r} was asked; answers could be lost at a power cut")


def _on_postgres_connect(connection: Any, _record: object) -> None:
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            found = cursor.fetchone()[0]
            if found in ("off", "local"):
                raise Unsafe(f"PostgreSQL answers {name} = {found}; answers could be lost at a power cut")


def open_database(url: str, *, create: bool = False) -> Database:
    """Open `url` (sqlite:///path or postgresql+psycopg://...). A missing SQLite file is an error unless `create`.

    Raises DatabaseMissing, or Unsafe if a durability setting does not hold.
    """
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        if path and not create and not Path(path).is_file():
            raise DatabaseMissing(path)
        engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
        event.listen(engine, "connect", _on_sqlite_connect)
    else:
        engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, pool_size=8)
        event.listen(engine, "connect", _on_postgres_connect)
    return Database(engine)


def named(*names: str) -> list[Any]:
    """Bind parameters for Hot statements, in one line."""
    return [bindparam(name) for name in names]
