"""The rows of a roster (名册) as read, and what two rows that look like one person say about each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from quizzes import roster_cells as cells
from quizzes.people import PostingKind

BESIDE = frozenset({PostingKind.SECONDED, PostingKind.TEMPORARY, PostingKind.VILLAGE})
"""Kinds that stand beside a person's own post; the others are the own post."""

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One doubt. `row` is the sheet's row (0: the whole file), `column` the file's own label; `code` finds the sentence in
    the texts (roster_problems), to be filled with `row`, `column` and `values`."""

    row: int
    column: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person in one unit, as the file says. "" and None mean that the file does not say. A `faulty` row is not applied;
    it only keeps its person from being taken for somebody who left."""

    row: int
    name: str
    unit: str
    parent: str = ""
    staff_no: str = ""
    phone: str = ""
    category: str = ""
    rank: str = ""
    leadership: bool | None = None
    enforcement: bool | None = None
    retires_on: date | None = None
    kind: PostingKind | None = None
    starts_on: date | None = None
    faulty: bool = False

    @property
    def beside(self) -> bool:
        """Whether this row is a second post (借调, 挂职, 驻村) rather than the person's own."""
        return self.kind in BESIDE


def without_collisions(rows: Sequence[RosterRow], label: Callable[[str], str]) -> tuple[list[RosterRow], list[Problem]]:
    """The rows, with those made `faulty` (or robbed of a doubtful phone) that cannot all be true, and a problem for each.
    A row written twice is read once. Two rows of one person are fine where all but one are a second post."""
    kept, problems = _once(rows, label)
    settled = {row.row: row for row in kept}

    def doubt(row: RosterRow, group: Sequence[RosterRow], name: str, code: str) -> None:
        others = _some([str(other.row) for other in group[: _NAMED + 1] if other.row != row.row], len(group) - 1)
        problems.append(
            Problem(row.row, label(name), code, {"name": row.name, "value": getattr(row, name), "others": others})
        )
        now = settled[row.row]
        settled[row.row] = replace(now, phone="") if code == "duplicate_phone" else replace(now, faulty=True)

    for group in _groups(kept, lambda row: cells.staff_key(row.staff_no)):
        if _several_people(group) or _several_own_posts(group):
            for row in group:
                doubt(row, group, "staff_no", "duplicate_staff_no")
    for group in _groups(kept, lambda row: row.phone):
        several = _several_people(group)
        if several or (_several_own_posts(group) and not all(row.staff_no for row in group)):
            for row in group:
                doubt(row, group, "phone", "duplicate_phone" if several else "person_twice")
    for group in _groups(
        list(settled.values()), lambda row: row.name and (row.name, cells.key(row.unit), cells.key(row.parent))
    ):
        for row in group:
            if not (row.staff_no or row.phone or row.faulty):
                doubt(row, group, "name", "same_name")
    return list(settled.values()), problems


def _once(rows: Iterable[RosterRow], label: Callable[[str], str]) -> tuple[list[RosterRow], list[Problem]]:
    seen: dict[RosterRow, int] = {}
    problems = []
    for row in rows:
        first = seen.setdefault(replace(row, row=0), row.row)
        if first != row.row:
            problems.append(Problem(row.row, label("name"), "row_twice", {"name": row.name, "others": str(first)}))
    kept = set(seen.values())
    return [row for row in rows if row.row in kept], problems


def _some(rows: Sequence[str], of: int) -> str:
    """The first few row numbers, and a mark where there are more."""
    return "、".join(rows[:_NAMED]) + ("…" if of > _NAMED else "")


def _groups(rows: Iterable[RosterRow], by: Callable[[RosterRow], Hashable]) -> list[list[RosterRow]]:
    """Rows that share a key which is not empty, where there are at least two."""
    grouped: dict[Hashable, list[RosterRow]] = {}
    for row in rows:
        if shared := by(row):
            grouped.setdefault(shared, []).append(row)
    return [group for group in grouped.values() if len(group) > 1]


def _several_people(group: Sequence[RosterRow]) -> bool:
    numbers = {cells.staff_key(row.staff_no) for row in group} - {""}
    return len({row.name for row in group}) > 1 or len(numbers) > 1


def _several_own_posts(group: Sequence[RosterRow]) -> bool:
    return sum(not row.beside for row in group) > 1 or len({(cells.key(row.unit), row.kind) for row in group}) < len(
        group
    )
