"""A real PostgreSQL for the tests: the one named by XUEFA_TEST_POSTGRES_URL, else a throwaway one from the binaries found here."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

NAMED = "XUEFA_TEST_POSTGRES_URL"
_SETTINGS = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "listen_addresses=", "max_connections=60",
             "shared_buffers=32MB", "deadlock_timeout=50ms", "logging_collector=off")  # fmt: skip


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of a server, without a database's name in it ("{}" stands there). Skips if there is none to be had."""
    if named := os.environ.get(NAMED):
        yield named if "{}" in named else named.rstrip("/") + "/{}"
        return
    binaries = _binaries()
    if binaries is None or os.name != "posix":
        pytest.skip(f"no PostgreSQL: neither {NAMED} nor initdb and postgres on this machine")
    folder = Path(tempfile.mkdtemp(prefix="xuefa-pg-", dir=_place()))
    user = _user()
    try:
        if user is not None:
            shutil.chown(folder, user)
        _run(
            [
                binaries / "initdb",
                "--no-sync",
                "-A",
                "trust",
                "--no-locale",
                "-E",
                "UTF8",
                "-U",
                "postgres",
                "-D",
                folder / "data",
            ],
            user,
        )
        server = _start(binaries, folder, user)
        try:
            yield f"postgresql://postgres@/{{}}?host={folder}"
        finally:
            server.send_signal(signal.SIGQUIT)  # no checkpoint: the data is thrown away
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    """The newest folder that holds both programs."""
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True
    )
    on_path = shutil.which("postgres")
    for folder in [*packaged, *([Path(on_path).parent] if on_path else [])]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    return None


def _place() -> str:
    """In memory where there is room: the settings are those of a durable server, but no test pulls the plug."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    return str(memory) if roomy else "/tmp"


def _user() -> str | None:
    """PostgreSQL refuses root: somebody else, if we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _run(command: list[str | Path], user: str | None) -> None:
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no PostgreSQL: {command[0]} says {done.stderr.strip()[-300:]}")


def _start(binaries: Path, folder: Path, user: str | None) -> subprocess.Popen[str]:
    """A server on a socket in `folder`, accepting connections."""
    options = [part for setting in _SETTINGS for part in ("-c", setting)]
    command = [binaries / "postgres", "-D", folder / "data", "-k", folder, *options]
    server = subprocess.Popen(command, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    said = []
    for line in server.stderr:
        said.append(line)
        if "ready to accept connections" in line:
            _drain(server)
            return server
    server.wait()
    pytest.skip(f"no PostgreSQL: {''.join(said)[-500:]}")


def _drain(server: subprocess.Popen[str]) -> None:
    """Nobody reads what the server goes on to say, and it must not block on that."""
    from threading import Thread

    def read() -> None:
        with server.stderr as pipe:
            for _ in pipe:
                pass

    Thread(target=read, daemon=True).start()


class Server:
    """A running PostgreSQL with one migrated database, of which every test gets a copy."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._made = 0
        self._own = f"xuefa_{os.getpid()}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Statements on their own, outside any transaction."""
        with psycopg.connect(self.url.format(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def create(self, template: str = "template0") -> str:
        """A new database's name."""
        self._made += 1
        name = f"{self._own}_{self._made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """The end of a database."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")
