"""Files that strangers made are parsed in a child process with little memory and time, so that none can harm the service.

The child is `python -m handlers.foreign KIND NAME`: the file on its standard input, the result as JSON on its standard output.
It is given no settings and no secrets.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import structlog

KINDS = {"table": "handlers.tables:read"}
"""Who reads which kind: a function from a file's name and content to what JSON can say, raising Unreadable."""

MEMORY, PROCESSOR, PATIENCE, ANSWER, OPEN_FILES = 512 << 20, 20, 40, 16 << 20, 64
"""Bytes, seconds of processor, seconds of waiting, bytes of result, open files."""
log = structlog.get_logger()


class Unreadable(Exception):
    """A file that cannot be read. `code` finds the sentence (`tables.<code>`), `values` fill it."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def parse_in_child(kind: str, name: str, content: bytes) -> Any:
    """What the reader of `kind` makes of a file. Raises Unreadable: with the reader's own code, or "broken" when the child
    crashed, grew over its memory, or was too slow."""
    with TemporaryFile() as given, TemporaryFile() as answer:
        given.write(content)
        given.seek(0)
        try:
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-P", "-m", "handlers.foreign", kind, name[-200:]], stdin=given, stdout=answer, stderr=subprocess.DEVNULL,
                env=environment(), timeout=PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            log.warning("foreign_file_too_slow", kind=kind, bytes=len(content))
            raise Unreadable("broken") from None
        answer.seek(0)
        said = answer.read(ANSWER + 1)
    if done.returncode != 0 or len(said) > ANSWER:
        log.warning("foreign_file_broke_its_reader", kind=kind, bytes=len(content), exit=done.returncode)
        raise Unreadable("broken")
    result = json.loads(said)
    if "error" in result:
        raise Unreadable(result["error"], **result["values"])
    return result["ok"]


def environment() -> dict[str, str]:
    """All that the child is told: where programs, modules and temporary files are."""
    root = str(Path(__file__).resolve().parent.parent)
    kept = {
        key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG") if key in os.environ
    }
    return {**kept, "PYTHONPATH": os.pathsep.join([root, *filter(None, sys.path)]), "PYTHONUTF8": "1"}


def _limit() -> None:
    """Bound this process. Windows has no such limits; there the parent's patience is all."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, PROCESSOR), (resource.RLIMIT_FSIZE, ANSWER + 1),
        (resource.RLIMIT_NOFILE, OPEN_FILES), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main(kind: str, name: str) -> None:
    """The child: read standard input, write the result."""
    _limit()
    module, function = KINDS[kind].split(":")
    result: dict[str, Any]
    try:
        result = {"ok": getattr(import_module(module), function)(name, sys.stdin.buffer.read())}
    except Exception as problem:
        # Run as __main__, this module exists twice; the class is recognised by its name.
        if type(problem).__name__ != "Unreadable":
            raise
        result = {"error": problem.code, "values": problem.values}  # type: ignore[attr-defined]
    sys.stdout.buffer.write(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:3])
