"""Starting: a new workspace with the starter content, its database, and the lock that one process holds on it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from handlers.console import content
from handlers.messages import BotError
from storage import lock, schema
from storage.database import Database, Store, open_database
from storage.engines import DatabaseMissing

OURS = ("xuefa.toml", "plans.yaml", "calendar.yaml", "banks", "materials")


def init(folder: Path) -> list[str]:
    """Write the starter files into a folder and give their names. Raises BotError rather than overwrite anything of ours."""
    if any((folder / name).exists() for name in OURS):
        raise BotError("terminal.not_empty", folder=folder)
    written = []
    for name, source in _walk(files("quizzes") / "starter", ""):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        written.append(name)
    return written


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif not entry.name.endswith((".py", ".pyc")):
            yield prefix + entry.name, entry


def is_workspace(folder: Path) -> bool:
    """Whether a folder is one of ours."""
    return any((folder / name).exists() for name in (*OURS, "xuefa.sqlite3"))


def secret_of(folder: Path) -> bytes:
    """The secret that signs cards, made on first use in a file that only its user can read."""
    path = folder / ".secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return bytes.fromhex(path.read_text(encoding="ascii"))


def opened(url: str, folder: Path, *, create: bool = False, upgrade: bool = True) -> Database:
    """The database, with its tables up to date. A missing one is never made silently: only a new workspace creates. Raises BotError."""
    try:
        database = open_database(url, create=create)
        if upgrade:
            schema.upgrade(database)
    except DatabaseMissing as error:
        raise BotError("terminal.database_missing", path=error, folder=folder) from error
    except schema.SchemaNewer as error:
        raise BotError("terminal.schema_newer", why=error) from error
    return database


def furnish(url: str, folder: Path, now: datetime) -> None:
    """A new workspace's database, with its content applied."""
    with closing(opened(url, folder, create=True)) as database:

        def write(run: Callable[[Store], Any]) -> Any:
            with database.writing() as store:
                return run(store)

        content.apply(folder, write, now)


@contextmanager
def served(path: Path | None) -> Iterator[None]:
    """Hold a SQLite file for this process; None is PostgreSQL, which lets several serve. Raises BotError."""
    if path is None:
        yield
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(lock.served(path))
        except lock.AlreadyServed as error:
            raise BotError("terminal.already_serving", pid=error.pid or "?") from error
        yield
