"""Finding the unit a roster row means, and proposing the units the tree does not have yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from quizzes.people import Unit
from quizzes.roster_cells import key
from quizzes.roster_rows import RosterRow

_SUGGESTED = 50


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit the file names and the tree lacks. `parent` as written, or ""; `rows` name it; `similar` are names of existing
    units it may be a slip of, best first (said for the first 50 new units only): ask before making it."""

    name: str
    parent: str
    rows: tuple[int, ...]
    similar: tuple[str, ...]


class UnitNames:
    """The tree of units by name; spaces, width and case do not matter."""

    def __init__(self, units: Sequence[Unit]) -> None:
        by_id = {unit.id: unit for unit in units}
        self._names = {key(unit.name): unit.name for unit in units}
        self._ids: dict[str, list[int]] = {}
        self._below: dict[tuple[str, str], list[int]] = {}
        for unit in units:
            above = "" if unit.parent_id is None else key(by_id[unit.parent_id].name)
            self._ids.setdefault(key(unit.name), []).append(unit.id)
            self._below.setdefault((above, key(unit.name)), []).append(unit.id)

    def candidates(self, row: RosterRow) -> list[int]:
        """Ids of the units a row may mean: below its 上级单位 where it names one."""
        if row.parent:
            return self._below.get((key(row.parent), key(row.unit)), [])
        return self._ids.get(key(row.unit), [])

    def new_units(self, rows: Iterable[RosterRow]) -> tuple[NewUnit, ...]:
        """What the rows name and the tree lacks, 上级单位 before what stands below them."""
        wanted: dict[tuple[str, str], tuple[str, str, list[int]]] = {}
        for row in rows:
            if not self.candidates(row):
                if row.parent and key(row.parent) not in self._ids:
                    wanted.setdefault(("", key(row.parent)), (row.parent, "", []))[2].append(row.row)
                place = (key(row.parent), key(row.unit))
                wanted.setdefault(place, (row.unit, row.parent, []))[2].append(row.row)
        parents = {above for above, _ in wanted if above}
        ordered = sorted(wanted.items(), key=lambda item: item[0][1] not in parents)
        return tuple(
            NewUnit(name, parent, tuple(lines), self._similar(name) if number < _SUGGESTED else ())
            for number, (_, (name, parent, lines)) in enumerate(ordered)
        )

    def _similar(self, name: str) -> tuple[str, ...]:
        """The same name elsewhere in the tree, near misses, and the short names by which bureaux go (住建局 for
        住房和城乡建设局)."""
        wanted = key(name)
        if wanted in self._ids:
            return (self._names[wanted],)
        close = get_close_matches(wanted, self._names, n=3, cutoff=0.6)
        short = [other for other in self._names if len(min(wanted, other, key=len)) > 1 and _abbreviates(wanted, other)]
        return tuple(self._names[other] for other in dict.fromkeys([*close, *short]))[:3]


def _abbreviates(one: str, other: str) -> bool:
    """Whether the shorter name's characters stand in the longer one, in order."""
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    return all(character in rest for character in short)
