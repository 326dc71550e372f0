"""A copy of the SQLite database made while it is in use, and back again; a copy that does not verify is none."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import NullPool, create_engine, func, select, update

from storage import audit, schema
from storage.database import Database, Memory, Store, open_database
from storage.tables import delivery, response, session


class UsePgDump(Exception):
    """PostgreSQL brings its own tools."""

    def __init__(self) -> None:
        super().__init__("the database is PostgreSQL: use pg_dump and pg_restore, or base backups with WAL archiving")


class BackupBroken(Exception):
    """The copy is damaged, or not a database of this program."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What a verified copy holds. `head` anchors the audit record (see `storage.audit.head`): keep it somewhere else."""

    file: Path
    size: int
    version: str
    responses: int
    head: str


def backup(database: Database, target: Path) -> Copy:
    """Copy the database into the new file `target`, readable by its user alone, as it is at one moment; writers go on meanwhile.
    Raises FileExistsError, BackupBroken, or UsePgDump."""
    if database.on_postgres:
        raise UsePgDump
    with _new(target) as partial:
        with database.reading() as store:
            _copy(store._driver, partial)
        verify(partial)
    return verify(target)


def restore(source: Path, target: Path, now: datetime) -> Copy:
    """Make the new database file `target` from a backup, on this program's tables. What may have been sent since the backup is
    marked uncertain, web sessions end, and the audit record says so. Raises FileExistsError, BackupBroken, SchemaNewer."""
    verify(source)
    for leftover in (target.with_name(target.name + suffix) for suffix in ("-wal", "-shm", "-journal")):
        if leftover.exists():
            raise FileExistsError(f"{leftover} is left from another database: move it away first")
    with _new(target) as partial:
        original = sqlite3.connect(_read_only(source), uri=True)
        try:
            _copy(original, partial)
        finally:
            original.close()
        _settle(partial, source.name, now)
    return verify(target)


def verify(file: Path) -> Copy:
    """Read the whole of a copy: its pages, its references, its audit record. Raises BackupBroken; FileNotFoundError."""
    if not file.is_file():
        raise FileNotFoundError(file)
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(_read_only(file), uri=True), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return _verified(file, Store(connection, Memory()))
    except (sqlite3.DatabaseError, OSError) as error:
        raise BackupBroken(f"{file}: {error}") from error
    finally:
        engine.dispose()


def _verified(file: Path, store: Store) -> Copy:
    try:
        pages = store.plain("PRAGMA integrity_check").scalar()
        dangling = store.plain("PRAGMA foreign_key_check").first()
        version = store.plain("SELECT version_num FROM alembic_version").scalar()
        broken = audit.verify(store)
        responses = store.value(select(func.count()).select_from(response))
        head = audit.head(store)[1]
    except Exception as error:
        raise BackupBroken(f"{file}: {error}") from error
    if pages != "ok" or dangling is not None or broken is not None:
        raise BackupBroken(
            f"{file}: pages {pages}, a reference to a missing row: {dangling is not None}, audit broken at: {broken}"
        )
    return Copy(file, file.stat().st_size, str(version), int(responses), head)


def _settle(file: Path, name: str, now: datetime) -> None:
    opened = open_database(f"sqlite:///{file}")
    try:
        schema.upgrade(opened)
        with opened.writing() as store:
            owed = delivery.c.state.in_(("planned", "sending")) & (delivery.c.not_before <= now)
            store.run(
                update(delivery)
                .where(owed)
                .values(state="uncertain", reason="restored", lease_until=None, not_before=now)
            )
            store.run(update(session).where(session.c.revoked_at.is_(None)).values(revoked_at=now))
            audit.record(store, None, "restore", "database", {"backup": name}, now)
    finally:
        opened.close()
    _single_file(file)


def _copy(source: sqlite3.Connection, file: Path) -> None:
    """All pages in one step: in WAL mode that reads one snapshot and keeps nobody waiting."""
    made = sqlite3.connect(file)
    try:
        source.backup(made, pages=-1)
    finally:
        made.close()
    _single_file(file)


def _single_file(file: Path) -> None:
    """Without a write-ahead log beside it."""
    made = sqlite3.connect(file)
    try:
        made.execute("PRAGMA journal_mode = DELETE").close()
    finally:
        made.close()


@contextmanager
def _new(target: Path) -> Iterator[Path]:
    """A partial file that takes the target's name, on disk and whole, if the body succeeds. Raises FileExistsError."""
    if target.exists():
        raise FileExistsError(target)
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield partial
        _sync(partial)
        if target.exists():
            raise FileExistsError(target)
        partial.rename(target)
        _sync(target.parent)
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_only(file: Path) -> str:
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"
