"""Small things remembered by name: a platform's token, when something was last done; and a lock between processes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Store
from storage.tables import keep


def read(store: Store, name: str) -> str:
    """What is kept under a name; "" if nothing."""
    return str(store.value(select(keep.c.value).where(keep.c.name == name)) or "")


def write(store: Store, name: str, value: str, now: datetime) -> None:
    """Keep a value under a name, in place of what was there."""
    dialect = postgresql if store.on_postgres else sqlite
    statement = dialect.insert(keep).values(name=name, value=value, at=now)
    store.run(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value, "at": now}))


def once(store: Store, name: str, now: datetime) -> bool:
    """True the first time a name is asked for, for ever."""
    dialect = postgresql if store.on_postgres else sqlite
    statement = dialect.insert(keep).values(name=name, value="", at=now).on_conflict_do_nothing(index_elements=["name"])
    return store.value(statement.returning(keep.c.name)) is not None


def once_per(store: Store, name: str, span: timedelta, now: datetime, *, late_by: timedelta = timedelta(0)) -> bool:
    """True at most once per span of time. A clock that was set back counts as due, so that nothing waits for years.
    `late_by` is taken off the time remembered, so that the next one falls on the round minute."""
    at = store.value(select(keep.c.at).where(keep.c.name == name))
    if at is not None and timedelta(0) <= now - at < span:
        return False
    write(store, name, "", now - late_by)
    return True


def try_lock(store: Store, name: str) -> bool:
    """PostgreSQL: hold a named lock until the transaction ends, or False if another process holds it. SQLite has one writer."""
    if not store.on_postgres:
        return True
    number = int.from_bytes(hashlib.sha256(f"xuefa:{name}".encode()).digest()[:8], "big", signed=True)
    return bool(store.value(select(func.pg_try_advisory_xact_lock(number))))
