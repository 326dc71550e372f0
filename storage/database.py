"""The database as the rest of the house sees it: reading and writing transactions that are ours from BEGIN to COMMIT; the Store."""

from __future__ import annotations

import sqlite3
import time
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, Insert, Row, make_url
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable as _Statement

from quizzes.questions import Question
from storage.engines import assert_durable, assert_in_place, postgres_engine, sqlite_engines

ASK_AGAIN = 0.05
"""Seconds between two questions to PostgreSQL about a commit whose reply was lost; a restart may take a while."""
ASK_MOST = 100
_READ = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
# In one message PostgreSQL takes the SELECT into the transaction that the BEGIN makes, so the number costs no round trip.
_WRITE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_current_xact_id()::text; BEGIN"}
_IN_TRANSACTION = 2
"""PQTRANS_INTRANS: in a transaction, and no statement of it has failed."""


class TransactionLost(Exception):
    """The database has given up or will not commit the transaction (disk full, a swallowed error): nothing of it is on disk."""


class CommitUnknown(Exception):
    """The reply to COMMIT was lost, and the database cannot be asked what became of it."""


class Found(list[Any]):
    """What a Hot statement found: all its rows, each with its columns as attributes; `rowcount` rows were written."""

    __slots__ = ("rowcount",)

    def __init__(self, rows: Iterable[Any], rowcount: int) -> None:
        super().__init__(rows)
        self.rowcount = rowcount

    def first(self) -> Any:
        """The first row, or None."""
        return self[0] if self else None


class Hot:
    """A Core statement of the answer path: compiled once per dialect and, on SQLite, given straight to the driver (SQLAlchemy's
    execution costs more than the insert itself). Values go in and come out raw: times as microseconds, JSON as text, on SQLite
    dates as text and flags as 0 or 1. No IN over a list."""

    __slots__ = ("_ready", "_statement", "row")

    def __init__(self, statement: _Statement) -> None:
        # Without inline() SQLAlchemy adds RETURNING to an insert, for a number that nobody asks for.
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._ready: dict[str, tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]], dict[str, Any]]] = {}
        self.row: Callable[[Iterable[Any]], Any] | None = None

    def ready(self, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]], dict[str, Any]]:
        """(SQL text, what picks the values in positional order, the values that stand in the statement)."""
        found = self._ready.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]
            if "POSTCOMPILE" in compiled.string:
                raise ValueError("a hot statement cannot hold a list of values")
            fixed: dict[str, Any] = {}
            for bind, name in compiled.bind_names.items():
                if not bind.required:
                    raw = bind.type.dialect_impl(dialect).bind_processor(dialect)
                    fixed[name] = raw(bind.effective_value) if raw else bind.effective_value
            found = self._ready[dialect.name] = (compiled.string, _picker(compiled.positiontup or ()), fixed)
        return found

    def read(self, cursor: Any) -> Found:
        """Everything a driver's cursor holds."""
        if cursor.description is None:
            return Found((), cursor.rowcount)
        if self.row is None:
            names = [column[0] for column in cursor.description]
            self.row = namedtuple("Row", names, rename=True)._make  # type: ignore[attr-defined]  # noqa: PYI024 - known only now
        return Found(map(self.row, cursor.fetchall()), -1)


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    return itemgetter(*names) if len(names) > 1 else lambda values: tuple(values[name] for name in names)


@dataclass(slots=True)
class Memory:
    """What a process may remember of rows that never change. Cleared when a batch is rolled back, since a row read inside
    a transaction that failed may never have existed."""

    revisions: dict[int, Question] = field(default_factory=dict)
    rounds: dict[int, Any] = field(default_factory=dict)
    stirred: bool = False
    """Deliveries may have been added since somebody last looked."""

    def forget(self) -> None:
        """Drop everything."""
        self.revisions.clear()
        self.rounds.clear()


class Store:
    """One transaction's view of the database; the first argument of every repository function."""

    __slots__ = ("_connection", "_driver", "dialect", "memory", "on_postgres")

    def __init__(self, connection: Connection, memory: Memory) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        self.dialect = connection.dialect
        self.memory = memory
        self.on_postgres = connection.dialect.name == "postgresql"

    @property
    def whole(self) -> bool:
        """Whether the transaction is still there and can be committed."""
        if self.on_postgres:
            return bool(self._driver.pgconn.transaction_status == _IN_TRANSACTION)
        return bool(self._driver.in_transaction)

    def run(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Execute a Core statement; many value sets run as one executemany. Raises ValueError for an empty list of them."""
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

    def hot(self, statement: Hot, **values: Any) -> Found:
        """Execute a Hot statement with raw values and read all it finds. Raises KeyError if a value is missing."""
        sql, pick, fixed = statement.ready(self.dialect)
        given = {**fixed, **values} if fixed else values
        if self.on_postgres:
            result = self._connection.exec_driver_sql(sql, given)
            return Found(result.all() if result.returns_rows else (), result.rowcount)
        parameters = pick(given)
        try:
            return statement.read(self._driver.execute(sql, parameters))
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                sql, parameters, error, sqlite3.Error, hide_parameters=True, dialect=self.dialect
            ) from error

    def plain(self, sql: str) -> CursorResult[Any]:
        """Execute a fixed statement without parameters (BEGIN, SAVEPOINT, PRAGMA)."""
        return self._connection.exec_driver_sql(sql)


class Database:
    """Transactions on engines with driver autocommit, so that every BEGIN and COMMIT is ours. On SQLite one connection writes
    and others read; on PostgreSQL one pool does both."""

    def __init__(self, engine: Engine, readers: Engine | None = None) -> None:
        self.engine = engine
        self.memory = Memory()
        self._readers = readers or engine

    @property
    def on_postgres(self) -> bool:
        """Whether this is PostgreSQL (else SQLite)."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """A consistent read-only view; it can be held while others write."""
        connection, _ = _begin(self._readers, _READ)
        with connection:
            try:
                yield Store(connection, Memory())
            finally:
                _undo(connection)

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """One transaction. Raises what its body raised, TransactionLost, DatabaseMissing, CommitUnknown, or the driver's error
        when the connection breaks; after all but CommitUnknown nothing of it is on disk."""
        connection, number = _begin(self.engine, _WRITE)
        with connection:
            try:
                yield (store := Store(connection, self.memory))
                self._commit(connection, store, number)
            except BaseException:
                self.memory.forget()
                _undo(connection)
                raise

    def _commit(self, connection: Connection, store: Store, number: str | None) -> None:
        if not store.whole:
            raise TransactionLost
        if not self.on_postgres:
            assert_in_place(connection)
        try:
            store.plain("COMMIT")
        except DBAPIError as error:
            if number is None or not error.connection_invalidated:
                raise TransactionLost from error
            if not self._committed(number):
                raise

    def _committed(self, number: str) -> bool:
        """PostgreSQL's own word on a transaction whose COMMIT got no reply. Raises CommitUnknown."""
        for _ in range(ASK_MOST):
            try:
                with self.reading() as store:
                    said = store.plain(f"SELECT pg_xact_status('{int(number)}'::xid8)").scalar()
            except DBAPIError:
                said = "unreachable"
            if said in ("committed", "aborted"):
                return bool(said == "committed")
            time.sleep(ASK_AGAIN)
        raise CommitUnknown(number)

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
        self._readers.dispose()


def _begin(engine: Engine, how: Mapping[str, str]) -> tuple[Connection, str | None]:
    """A connection with a transaction begun, and PostgreSQL's number of it. One the server has dropped is replaced, once."""
    for last in (False, True):
        connection = engine.connect()
        try:
            assert_durable(connection)
            begun = connection.exec_driver_sql(how[engine.dialect.name])
            return connection, begun.scalar() if begun.returns_rows else None
        except BaseException as error:
            _undo(connection)
            connection.close()
            if last or not (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise
    raise AssertionError("unreachable")


def _undo(connection: Connection) -> None:
    """Roll back what is still open; the database may have done so itself. A connection that cannot is thrown away."""
    try:
        connection.rollback()
    except Exception:
        connection.invalidate()


def open_database(url: str, *, create: bool = False) -> Database:
    """Open `url` (sqlite:///path or postgresql://...). A missing SQLite file is an error unless `create`, and then belongs to
    its user alone. Raises DatabaseMissing; the first transaction raises Unsafe if a durability setting does not hold."""
    made = make_url(url.replace("postgres://", "postgresql://", 1))
    if made.get_backend_name() == "sqlite":
        return Database(*sqlite_engines(made.database or "", create=create))
    return Database(postgres_engine(made))
