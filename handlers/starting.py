"""A new workspace: the starter banks, notes, plan and commented settings, and the first administrator."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

OURS = ("xuefa.toml", "plans.yaml", "banks", "materials")


class NotEmpty(Exception):
    """The folder holds a workspace already; nothing was written."""


def init(folder: Path) -> list[str]:
    """Write the starter files into a folder and give their names. Raises NotEmpty rather than overwrite anything of ours."""
    if any((folder / name).exists() for name in OURS):
        raise NotEmpty(str(folder))
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
