"""Opening a content file safely: its size, its hash, its encoding, and no character that a reader cannot see."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from quizzes.content.problems import Problems, Spot

BANK_BYTES = 100_000_000  # 100,000 questions take 68 to 78 MB
SMALL_BYTES = 2_000_000
_CHUNK = 1 << 20

# Controls (tab, line feed and carriage return are fine), bidi marks and embeddings, zero-width characters and fillers,
# line separators that YAML counts and editors do not, private use, the replacement character, tags, variation selectors.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff\U000e0000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A scanned file: `open` gives its bytes from the start; `file_hash` is SHA-256, hex."""

    file: str
    open: Callable[[], BinaryIO]
    file_hash: str

    def line(self, number: int) -> str:
        """One line of its text, counted from 0; empty if there is none. For explaining a syntax error."""
        with self.open() as stream:
            for at, line in enumerate(stream):
                if at == number:
                    return line.decode("utf-8", "replace").rstrip()
        return ""


def from_bytes(file: str, content: bytes) -> Source:
    """A source of bytes that are already in memory (and were scanned)."""
    return Source(file, partial(BytesIO, content), hashlib.sha256(content).hexdigest())


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hex: whether it changed since it was last applied (0.1 s for 78 MB). Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def scan(path: Path, problems: Problems, most: int = SMALL_BYTES) -> Source | None:
    """The file, ready to read, or None if it cannot be read at all. Unseen characters are noted and reading may go on,
    except those that YAML itself refuses."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            problems.add(Spot(), "not_a_file")
            return None
        if size > most:
            problems.add(Spot(), "file_too_large", size=round(size / 1e6), most=round(most / 1e6))
            return None
        with path.open("rb") as stream:
            digest, readable = _scan_stream(stream, problems)
    except OSError as error:
        problems.add(Spot(), "file_unreadable", reason=error.strerror or type(error).__name__)
        return None
    return Source(problems.file, partial(_open, path), digest) if readable else None


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _scan_stream(stream: BinaryIO, problems: Problems) -> tuple[str, bool]:
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    readable, line, column = True, 0, 0
    for data in _chunks(stream):
        digest.update(data)
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode("utf-8")
            problems.add(Spot(*_after(good, line, column)), "not_utf8")
            return "", False
        if line == column == 0:
            text = text.removeprefix("\ufeff")  # Windows Notepad writes one; YAML does not count it.
        done = 0
        for found in UNSEEN.finditer(text):
            line, column = _after(text[done : found.start()], line, column)
            done = found.start()
            code = ord(found.group())
            problems.add(Spot(line, column), "unseen_character", character=f"U+{code:04X}")
            readable = readable and code >= 0xA0 and code not in (0xFEFF, 0xFFFE, 0xFFFF)
        line, column = _after(text[done:], line, column)
    return digest.hexdigest(), readable


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while data := stream.read(_CHUNK):
        yield data
    yield b""


def _after(text: str, line: int, column: int) -> tuple[int, int]:
    """Where one stands after `text` that began at (line, column)."""
    breaks = text.count("\n")
    return (line + breaks, len(text) - text.rindex("\n") - 1) if breaks else (line, column + len(text))
