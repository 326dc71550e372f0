"""One serving process per SQLite file: a lock that the system itself takes back when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FAR = 1 << 30
"""Windows locks bytes, and nobody else can read them: one far behind the number, which stays readable."""


class AlreadyServed(Exception):
    """Another process holds the database; `pid` is its number, or None where it cannot be read."""

    def __init__(self, file: Path, pid: int | None) -> None:
        super().__init__(f"{file} is served by process {pid or '?'}: stop it first")
        self.file, self.pid = file, pid


@contextmanager
def served(database: Path) -> Iterator[None]:
    """Hold the database file for this process. Raises AlreadyServed at once. The lock is `<database>.lock` beside the file (behind
    symbolic links), which stays there: to delete it would let two processes hold two locks of one name."""
    database = database.resolve()
    with _lock_file(database).open("a+b") as lock:
        for tries in range(5):
            if _take(lock.fileno()):
                break
            if (pid := _pid(database)) is not None or tries == 4:
                raise AlreadyServed(database, pid)
            time.sleep(0.05)  # somebody only asks who serves, and will be gone in a moment
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def server_of(database: Path) -> int | None:
    """The number of the process that holds the database, or None."""
    database = database.resolve()
    try:
        with _lock_file(database).open("r+b") as lock:
            return None if _take(lock.fileno()) else _pid(database)
    except FileNotFoundError:
        return None


def _lock_file(database: Path) -> Path:
    return database.with_name(database.name + ".lock")


def _pid(database: Path) -> int | None:
    said = _lock_file(database).read_bytes()
    return int(said) if said.isdigit() else None


def _take(file: int) -> bool:
    """Lock an open file until it is closed, without waiting."""
    try:
        if sys.platform == "win32":
            os.lseek(file, _FAR, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
