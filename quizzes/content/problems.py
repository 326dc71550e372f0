"""What is wrong in a content file, and where: every finding has a place and a code; the sentences live in handlers/texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

MOST_PER_FILE = 200


class Mark(Protocol):
    """A place as YAML counts it: both from 0, the column in characters."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """A `Mark` of our own making."""

    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding, sorted by place. `line` and `column` count from 1, as editors do; `values` fill the sentence of `code`."""

    file: str
    line: int
    column: int
    code: str
    values: dict[str, str] = field(default_factory=dict, compare=False)


class Problems:
    """Collects the findings of one file. Keeps the first 200 and counts the rest, so a hopeless file stays cheap."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self._kept: list[Problem] = []

    def __bool__(self) -> bool:
        return self.count > 0

    def add(self, mark: Mark, code: str, /, **values: object) -> None:
        """Note a finding at `mark`."""
        self.count += 1
        if len(self._kept) < MOST_PER_FILE:
            filled = {name: str(value) for name, value in values.items()}
            self._kept.append(Problem(self.file, mark.line + 1, mark.column + 1, code, filled))

    def found(self) -> list[Problem]:
        """All kept findings by place; if some were only counted, a last `more_problems` says how many."""
        kept = sorted(self._kept)
        if self.count > len(kept):
            last = kept[-1]
            more = {"count": str(self.count - len(kept))}
            kept.append(Problem(self.file, last.line, last.column, "more_problems", more))
        return kept


class ContentRefused(Exception):
    """A content file cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.file}:{p.line}:{p.column}: {p.code}" for p in self.problems[:5]))
