"""成绩批次: what one sheet of scores from outside puts on the books, and what of all batches is in force after corrections and undoing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Source(StrEnum):
    """Where a score came from, as attempts and reports say it."""

    PAPER = "纸质"
    PLATFORM = "上级平台"


class BatchState(StrEnum):
    """The states of a batch. Only an `applied` one counts; none is ever deleted."""

    DRAFT = "draft"
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    APPLIED = "applied"
    RETURNED = "returned"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Entry:
    """One score: of which enrolment, in hundredths of a point, sat on which (local) day. `replaces`: the batch whose score of the same
    person it corrects, 0 for none; `before` is that score. `print_id`: the printed papers it was written on, 0 for unknown."""

    row: int
    enrolment_id: int
    score: int
    day: date
    letter: str = ""
    print_id: int = 0
    replaces: int = 0
    before: int = 0

    def to_json(self) -> list[Any]:
        """As kept with its batch."""
        return [
            self.row,
            self.enrolment_id,
            self.score,
            self.day.isoformat(),
            self.letter,
            self.print_id,
            self.replaces,
            self.before,
        ]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Entry:
        """The inverse of `to_json`."""
        row, enrolment_id, score, day, *rest = data
        return cls(row, enrolment_id, score, date.fromisoformat(day), *rest)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A batch that counts. `undoes`: the batch it takes back, 0 for none; then its entries are those it takes back."""

    id: int
    entries: tuple[Entry, ...]
    undoes: int = 0


Standing = dict[tuple[int, int], Entry]
"""The entries in force, by (enrolment, batch)."""


def in_force(batches: Iterable[Confirmed]) -> Standing:
    """What stands after these batches, in the order they were confirmed: a correction takes the place of what it replaces, and a
    batch taken back gives it back its place."""
    stands: Standing = {}
    known: dict[tuple[int, int], Entry] = {}
    for batch in batches:
        for each in batch.entries:
            person = each.enrolment_id
            if batch.undoes:
                stands.pop((person, batch.undoes), None)
                earlier = known.get((person, each.replaces))
                if earlier is not None:
                    stands[person, each.replaces] = earlier
                continue
            stands.pop((person, each.replaces), None)
            stands[person, batch.id] = known[person, batch.id] = each
    return stands


def fingerprint(entries: Sequence[Entry], undoes: int = 0) -> str:
    """Eight hexadecimal digits that change with whatever a second person was shown, so that nothing else can be confirmed."""
    said = json.dumps([undoes, [each.to_json() for each in entries]], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:8]
