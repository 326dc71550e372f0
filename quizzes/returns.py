"""成绩汇总表: the figures of a unit as a printed return has them, and what has changed since one was printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from quizzes.rates import Line, Tally, combined, tally

FIELDS = ("roster", "exempt", "due", "sat", "passed", "excellent")
"""The headcounts of a printed row, in their order."""
PARTS = ("first", "makeup", "total")


@dataclass(frozen=True, slots=True)
class Sums:
    """正考, 补考 and both together; the last divides by the 应考 of the first."""

    first: Tally
    makeup: Tally
    total: Tally

    def to_json(self) -> dict[str, list[int]]:
        """As kept with the return."""
        return {part: list(astuple(getattr(self, part))) for part in PARTS}


@dataclass(frozen=True, slots=True)
class Change:
    """A printed count that the ledger has otherwise by now. `part`: first, makeup, total, or the name of a unit; `field` one of FIELDS."""

    part: str
    field: str
    printed: int
    now: int


def sums(first: Iterable[Line], makeups: Iterable[Line]) -> Sums:
    """The figures of some lines of a first round and of its make-ups; whoever is in several make-ups is counted in 补考 once."""
    lines, own = list(first), list(makeups)
    due = {line.person_id for line in lines if line.counted}
    again: dict[int, Line] = {}
    for line in own:
        if line.person_id in due and line.counted:
            again[line.person_id] = _both(again[line.person_id], line) if line.person_id in again else line
    return Sums(tally(lines), tally(again.values()), tally(combined(lines, own)))


def _both(one: Line, other: Line) -> Line:
    """Two make-ups of one person as one."""
    return replace(
        one, sat=one.sat or other.sat, passed=one.passed or other.passed, excellent=one.excellent or other.excellent
    )


def changes(printed: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """The printed counts that are others by now: of the unit, then of each unit below it. Both are contents of returns."""
    found = [change for part in PARTS for change in _row(part, printed["figures"][part], now["figures"][part])]
    ours = dict(now["bureaux"])
    for name, row in printed["bureaux"]:
        found += _row(name, row, ours.get(name, [0] * len(FIELDS)))
    return found


def moved(printed: Mapping[str, Any], now: Mapping[str, Any]) -> int:
    """How many people stand otherwise in the lists by now: came, went, or have another result."""
    before, after = _people(printed), _people(now)
    return sum(before.get(number) != after.get(number) for number in before.keys() | after.keys())


def _people(content: Mapping[str, Any]) -> dict[int, tuple[Any, ...]]:
    """By person what the list of results says: both scores and the verdict."""
    return {row[0]: tuple(row[3:6]) for row in content["results"]}


def _row(part: str, printed: Sequence[int], now: Sequence[int]) -> list[Change]:
    return [Change(part, field, a, b) for field, a, b in zip(FIELDS, printed, now, strict=True) if a != b]
