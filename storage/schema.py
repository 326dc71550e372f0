"""Bringing a database to the tables of this program: asked with plain SQL, and Alembic is loaded only if something is to be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from storage.database import Database, Store
from storage.migrations import triggers
from storage.tables import APPEND_ONLY

if TYPE_CHECKING:
    from alembic.config import Config

VERSIONS = Path(__file__).parent / "migrations" / "versions"
KNOWN = sorted(file.name[:4] for file in VERSIONS.glob("[0-9]*.py"))
"""The migrations of this program, in order."""
HEAD = KNOWN[-1] if KNOWN else "0000"
_THERE = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"),
    "postgresql": text("SELECT to_regclass('alembic_version')"),
}
_VERSION = text("SELECT version_num FROM alembic_version")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(6081998)")


class SchemaNewer(Exception):
    """The database was written by a newer program; this one would not understand it."""


class SchemaBroken(Exception):
    """A migration would have left references to rows that are not there; it was undone. (PRAGMA foreign_key_check lists them.)"""


def current(database: Database) -> str | None:
    """The version of the database's tables; None if it has none yet."""
    with database.reading() as store:
        return _version(store)


def _version(store: Store) -> str | None:
    if store.value(_THERE[store.dialect.name]) is None:
        return None
    found = store.value(_VERSION)
    return None if found is None else str(found)


def is_current(database: Database) -> bool:
    """Whether the tables are this program's. Raises SchemaNewer."""
    return _checked(current(database)) == HEAD


def _checked(version: str | None) -> str | None:
    if version is not None and version not in KNOWN:
        raise SchemaNewer(f"the database is at version {version}, this program knows {HEAD}: install the newer program")
    return version


def upgrade(database: Database) -> str | None:
    """Bring the tables to this program's version, all or nothing; gives the version they had. Raises SchemaNewer, SchemaBroken."""
    before = _checked(current(database))
    if before == HEAD:
        return before
    from alembic import command  # noqa: PLC0415 - 290 ms, which no start but the first should pay

    with _enforcement_off(database), database.writing() as store:
        if store.on_postgres:
            store.run(_ONE_AT_A_TIME)
        before = _checked(_version(store))
        if before != HEAD:
            command.upgrade(config(store._connection), HEAD)
            triggers.install(store._connection, APPEND_ONLY)
            if not store.on_postgres and store.plain("PRAGMA foreign_key_check").first():
                raise SchemaBroken
    return before


@contextmanager
def _enforcement_off(database: Database) -> Iterator[None]:
    """SQLite remakes tables to change them, which its foreign keys forbid; they are checked as a whole before the commit instead."""
    if database.on_postgres:
        yield
        return
    with database.writing():  # the settings as they always are have been asserted before one is changed
        pass
    _set_enforcement(database, "OFF")
    try:
        yield
    finally:
        _set_enforcement(database, "ON")


def _set_enforcement(database: Database, state: str) -> None:
    with database.engine.connect() as connection:  # the writer is one connection, the same that upgrades
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {state}")


def config(connection: Connection) -> Config:
    """Alembic's settings: these migrations, on this connection. No file is read."""
    from alembic.config import Config  # noqa: PLC0415

    made = Config()
    made.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    return made
