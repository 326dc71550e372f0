"""Which unit of the tree a department of a platform's directory is: by its path from the top, never by a common name alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quizzes.people import Unit
from quizzes.roster_cells import key, unit_name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads: the deepest unit of the tree on it (None: the tree has no bureau of it), and the name and 上级单位 by which a
    roster row says so. ("", ""): the path says nothing."""

    unit_id: int | None
    name: str
    parent: str = ""


class Departments:
    """The tree of units, asked by paths such as ("城南区", "住建局", "质安站"). Spaces, width and case do not matter."""

    def __init__(self, units: Sequence[Unit], paths: Sequence[Sequence[str]]) -> None:
        self._units = {unit.id: unit for unit in units}
        self._called: dict[str, list[int]] = {}
        for unit in units:
            self._called.setdefault(key(unit.name), []).append(unit.id)
        tops = {key(path[0]) for path in paths if path}
        # What stands at the top of every path is the whole, if bureaux stand below it; else it is the one bureau that is visible.
        whole = len(tops) == 1 and any(self._bureaux(path[1]) for path in paths if len(path) > 1)
        self._whole = tops.pop() if whole else ""

    def place(self, path: Sequence[str]) -> Place:
        """The unit that a path means. A department the tree does not have stands for the one above it, unless that is the district."""
        names = [name for name in map(unit_name, path) if name]
        if names and key(names[0]) == self._whole not in self._called:
            names = names[1:]
        at, last = None, -1
        for number, name in enumerate(names):
            found = self._meant(name, at, first=number == 0)
            if len(found) == 1:
                at, last = found[0], number
        if at is not None and (not self._is_root(at) or last == len(names) - 1):
            unit = self._units[at]
            return Place(at, unit.name, self._units[unit.parent_id].name if unit.parent_id is not None else "")
        return Place(None, names[last + 1]) if names else Place(None, "")

    def above(self, unit_id: int) -> list[int]:
        """Everything above a unit."""
        found: list[int] = []
        at = self._units[unit_id].parent_id
        while at is not None and at not in found:
            found.append(at)
            at = self._units[at].parent_id
        return found

    def _meant(self, name: str, at: int | None, *, first: bool) -> list[int]:
        """The units a name may mean below `at`. Below the district an unknown bureau hides whatever is below it: its 办公室 is not
        another bureau's, so only bureaux are looked for there."""
        called = [unit_id for unit_id in self._called.get(key(name), ()) if unit_id != at]
        if at is None or self._is_root(at):
            return [unit_id for unit_id in self._bureaux(name) if unit_id != at] or (called if first else [])
        below = [unit_id for unit_id in called if at in self.above(unit_id)]
        return [unit_id for unit_id in below if self._units[unit_id].parent_id == at] or below

    def _bureaux(self, name: str) -> list[int]:
        """The bureaux of a name, and the district itself."""
        return [unit_id for unit_id in self._called.get(key(unit_name(name)), ()) if len(self.above(unit_id)) < 2]

    def _is_root(self, unit_id: int) -> bool:
        return self._units[unit_id].parent_id is None
