"""Reading a roster (名册) out of a table as offices keep it, with every doubt said and none of them guessed away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from quizzes import roster_cells as cells
from quizzes.roster_cells import Cell
from quizzes.roster_columns import NAMES, REQUIRED, Columns, SheetRow, find_columns
from quizzes.roster_rows import Problem, RosterRow, without_collisions

_TOTALS = frozenset({"合计", "总计", "小计", "共计"})
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What a table came to. `dropped_columns` held 身份证号 and were not read; `unused_columns` mean nothing here."""

    rows: tuple[RosterRow, ...]
    problems: tuple[Problem, ...]
    dropped_columns: tuple[str, ...]
    unused_columns: tuple[str, ...] = ()


def read_roster(table: Sequence[SheetRow]) -> RosterFile:
    """Rows and problems of a table (pairs of sheet row number and cells). Without a 姓名 or 单位 column there is one problem
    and no row. Empty rows, sums and repeated headers are skipped."""
    table = [SheetRow(*row) for row in table]
    columns = find_columns(table)
    if columns.missing:
        lacking = Problem(0, "", "missing_columns", {"columns": "、".join(columns.missing)})
        return RosterFile((), (lacking,), columns.dropped, columns.unused)
    reader = _Reader(columns)
    read = [row for sheet_row in table[columns.header + 1 :] if (row := reader.read(sheet_row))]
    rows, collisions = without_collisions(read, reader.label)
    dropped = [Problem(0, label, "id_column_dropped") for label in columns.dropped]
    empty = [] if rows else [Problem(0, "", "no_rows")]
    problems = sorted([*dropped, *empty, *reader.problems, *collisions], key=lambda problem: problem.row)
    return RosterFile(tuple(rows), tuple(problems), columns.dropped, columns.unused)


class _Reader:
    """Reads row after row and gathers what was wrong."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.problems: list[Problem] = []

    def label(self, field: str) -> str:
        """What the file calls a field, or its usual name where the file lacks it."""
        return self.columns.labels.get(field, NAMES[field][0])

    def read(self, sheet_row: SheetRow) -> RosterRow | None:
        """The row, or None where nothing stands in it that a roster could mean."""
        given = self._cells(sheet_row)
        name, unit = cells.name(given["name"]), cells.unit_name(given["unit"])
        if not any(map(cells.plain, given.values())) or name in _TOTALS or unit in _TOTALS or self._is_header(given):
            return None
        number = sheet_row.number
        for field in [field for field, text in (("name", name), ("unit", unit)) if not text]:
            self._say(number, field, f"no_{field}", name=name)
        get = partial(self._value, number, given)
        kind = get("kind", cells.kind)
        return RosterRow(
            row=number,
            name=name,
            unit=unit,
            parent=cells.unit_name(given.get("parent")),
            staff_no=cells.staff_no(given.get("staff_no")),
            phone=get("phone", cells.phone) or "",
            category=self._category(number, given.get("category")),
            rank=cells.unit_name(given.get("rank")),
            leadership=get("leadership", cells.yes),
            enforcement=get("enforcement", partial(cells.yes, licence=True)),
            retires_on=get("retires_on", partial(cells.day, end_of_month=True)),
            kind=kind,
            starts_on=get("starts_on", cells.day),
            faulty=not (name and unit) or (kind is None and bool(cells.filled(given.get("kind")))),
        )

    def _cells(self, sheet_row: SheetRow) -> dict[str, Cell]:
        size = len(sheet_row.cells)
        given = {f: sheet_row.cells[place] if place < size else None for f, place in self.columns.places.items()}
        for field in [field for field, cell in given.items() if cells.is_id_number(cell)]:
            self._say(sheet_row.number, field, "id_number_in_cell")
            given[field] = None
        return given

    def _is_header(self, given: Mapping[str, Cell]) -> bool:
        return all(cells.plain(given[field]) == self.columns.labels[field] for field in REQUIRED)

    def _category(self, number: int, cell: Cell) -> str:
        category = cells.category(cell)
        if category and category not in cells.CATEGORIES:
            self._say(number, "category", "unknown_category", value=category, known="、".join(cells.CATEGORIES))
        return category

    def _value(
        self, number: int, given: Mapping[str, Cell], field: str, read: Callable[[Cell], _Value]
    ) -> _Value | None:
        if field not in given:
            return None
        try:
            return read(given[field])
        except ValueError:
            self._say(number, field, f"bad_{field}", value=cells.plain(given[field]))
            return None

    def _say(self, row: int, field: str, code: str, **values: str) -> None:
        self.problems.append(Problem(row, self.label(field), code, values))
