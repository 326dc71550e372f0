"""Engines whose every connection keeps what it confirms: the settings are made at connect and asserted before first use."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

_PRAGMAS = (
    "busy_timeout = 5000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "trusted_schema = OFF",
)
_WRITER = (*_PRAGMAS, "cache_size = -16000")
_READER = (*_PRAGMAS, "cache_size = -4000", "query_only = ON")
_DURABLE = {"journal_mode": ("wal",), "synchronous": (2, 3), "foreign_keys": (1,)}
_PLAIN: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None, "hide_parameters": True}


class DatabaseMissing(Exception):
    """There is no database where one is expected; nothing is ever created silently in its place."""


class Unsafe(Exception):
    """The database does not keep what it confirms (a setting is not as asked)."""


def sqlite_engines(path: str, *, create: bool) -> tuple[Engine, Engine]:
    """(writer, readers) of a file. It is opened as one that exists, so that a deleted one is missed and not made anew.
    Raises DatabaseMissing; ValueError for a database in memory, which keeps nothing."""
    if path in ("", ":memory:"):
        raise ValueError("a database lives in a file")
    file = Path(path).absolute()
    if create:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    elif not file.is_file():
        raise DatabaseMissing(path)
    return _of_file(file, _WRITER, most=1), _of_file(file, _READER, most=16)


def _of_file(file: Path, pragmas: tuple[str, ...], *, most: int) -> Engine:
    def connect() -> sqlite3.Connection:
        try:
            return sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, check_same_thread=False)
        except sqlite3.OperationalError:
            if not file.exists():
                raise DatabaseMissing(str(file)) from None
            raise

    def on_connect(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()
        record.info["file"] = file, _identity(file)

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=most, max_overflow=0, pool_use_lifo=True, **_PLAIN
    )
    event.listen(engine, "connect", on_connect)
    return engine


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def postgres_engine(url: URL) -> Engine:
    """An engine for psycopg 3, whatever driver the URL names."""
    return create_engine(url.set(drivername="postgresql+psycopg"), pool_size=8, pool_use_lifo=True, **_PLAIN)


def assert_durable(connection: Connection) -> None:
    """Ask the database itself, once per connection and after everybody's connect listeners. Raises Unsafe."""
    if "durable" in connection.info:
        return
    if connection.dialect.name == "postgresql":
        _ask_postgres(connection)
    else:
        _ask_sqlite(connection)
    connection.info["durable"] = True


def _ask_sqlite(connection: Connection) -> None:
    for name, wanted in _DURABLE.items():
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        if found not in wanted:
            raise Unsafe(
                f"SQLite answers {name} = {found!r} where {wanted[0]!r} was asked; answers could be lost at a power cut"
            )


def _ask_postgres(connection: Connection) -> None:
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        found = connection.exec_driver_sql(f"SHOW {name}").scalar()
        if found in ("off", "local"):
            raise Unsafe(f"PostgreSQL answers {name} = {found}; answers could be lost at a power cut")


def assert_in_place(connection: Connection) -> None:
    """SQLite writes on into a file that somebody has deleted or replaced, where nobody will find it. Raises DatabaseMissing."""
    file, identity = connection.info["file"]
    if _identity(file) != identity:
        connection.invalidate()
        raise DatabaseMissing(str(file))
