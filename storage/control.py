"""Commands beside a running server: it does them, asked over loopback with a token that only its user can read."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE = ".control"
MOST = 1 << 20
"""Bytes of a command or its answer; files are named by their paths, not sent."""
SPEAK_WITHIN = 10.0
"""Seconds in which a caller must have said what it wants."""
Answer = dict[str, Any]


class CommandFailed(Exception):
    """The server could not do it; the text is the server's."""


@contextmanager
def answering(folder: Path, call: Callable[[str, Answer], Answer]) -> Iterator[None]:
    """Answer commands for the workspace `folder` while the body runs: `call(name, arguments)` runs in a thread per command, and
    what it raises is told to the caller. Only the holder of the database's lock may do this."""
    token = secrets.token_urlsafe(32)
    with _Server(("127.0.0.1", 0), _Caller) as server:
        server.token, server.call = token.encode(), call
        _write(folder / FILE, json.dumps({"port": server.server_address[1], "token": token}))
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="control", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            (folder / FILE).unlink(missing_ok=True)
            server.shutdown()
            thread.join()


def ask(folder: Path, name: str, arguments: Answer, *, within: float = 600.0) -> Answer | None:
    """What the workspace's server answers, or None if none is there. (`lock.server_of` says so first; a file left behind by a
    dead server may lead to a stranger.) Raises CommandFailed; TimeoutError after `within` seconds without a word, in which the
    command may have been done."""
    try:
        door = json.loads((folder / FILE).read_text("utf-8"))
        connection = socket.create_connection(("127.0.0.1", door["port"]), timeout=within)
    except (FileNotFoundError, ConnectionError, ValueError):
        return None
    with connection, connection.makefile("rwb") as wire:
        wire.write(json.dumps({"token": door["token"], "name": name, "arguments": arguments}).encode() + b"\n")
        wire.flush()
        try:
            said = json.loads(wire.readline(MOST + 1))
        except (ConnectionError, ValueError) as error:
            raise CommandFailed(
                "the server ended before it answered: look at what was done before asking again"
            ) from error
    if "refused" in said:
        return None
    if "failed" in said:
        raise CommandFailed(said["failed"])
    answer: Answer = said["answer"]
    return answer


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = False
    token: bytes
    call: Callable[[str, Answer], Answer]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is its own affair."""


class _Caller(socketserver.StreamRequestHandler):
    timeout = SPEAK_WITHIN
    server: _Server

    def handle(self) -> None:
        """One command: a line of JSON in, a line of JSON out."""
        line = self.rfile.readline(MOST + 1)
        if line.endswith(b"\n"):
            self.wfile.write(json.dumps(self._answer(json.loads(line)), ensure_ascii=False).encode() + b"\n")

    def _answer(self, said: Answer) -> Answer:
        if not hmac.compare_digest(str(said["token"]).encode(), self.server.token):
            return {"refused": True}
        try:
            return {"answer": self.server.call(str(said["name"]), dict(said["arguments"]))}
        except Exception as error:
            return {"failed": str(error) or type(error).__name__}


def _write(file: Path, text: str) -> None:
    """Put a file that was never readable by anybody else in the place of an old one."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)
    fresh.replace(file)
