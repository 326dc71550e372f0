"""Reading a sheet of scores: one filled in after an exam on paper, or the result file of a higher platform."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any, TypeVar

from quizzes import roster_cells as cells
from quizzes.roster_cells import Cell
from quizzes.roster_columns import NAMES as ROSTER
from quizzes.roster_columns import SheetRow, find_columns

NAMES: dict[str, tuple[str, ...]] = {
    **{field: ROSTER[field] for field in ("name", "unit", "staff_no", "phone")},
    "score": (
        "得分", "最终成绩", "最终得分", "最好成绩", "最高成绩", "最高分", "总成绩", "总分", "总得分", "考试成绩", "考试得分", "考试分数",
        "成绩", "分数", "卷面分", "卷面成绩", "score",
    ),
    "letter": ("试卷", "卷别", "卷号", "卷型", "试卷类型", "试卷类别", "试卷号", "ab卷", "paper"),
    "day": (
        "考试日期", "完成时间", "完成日期", "交卷时间", "提交时间", "考试时间", "考试完成时间", "答题时间", "参考时间", "date",
    ),
    "passed": ("是否合格", "是否通过", "是否及格", "合格情况", "合格", "考试结果", "passed"),
    "note": ("备注", "说明", "note"),
}  # fmt: skip
REQUIRED = ("name", "score")
MARK = "纸质成绩-"
"""What the name of the sheet of an entry form begins with; the number of the round follows."""

_ABSENT = frozenset(
    ["缺考", "未考", "未参考", "未参加", "未参加考试", "弃考", "免考", "缓考", "请假", "未完成", "absent"]
)
_PASSED = {"合格": True, "及格": True, "通过": True, "已通过": True, "优秀": True, "良好": True, "不合格": False, "不及格": False,
           "未通过": False, "不通过": False, "未合格": False}  # fmt: skip
_TOTALS = frozenset({"合计", "总计", "小计", "共计", "平均", "平均分"})
_LETTER = re.compile(r"(?:试卷)?(?:([0-9A-Z]{4,})-?)?([AB])卷?")
_MARKED = re.compile(rf"{MARK}(\d{{1,18}})")
_MOST = Decimal(10**6)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One row as the sheet says it; `row` is the sheet's own number. `score` in hundredths of a point, None where there is none;
    `absent`: nothing stands there, or a word for it (缺考). `wrong`: (code, what stands in the cell) of each cell that cannot be read."""

    row: int
    name: str
    unit: str = ""
    staff_no: str = ""
    phone: str = ""
    score: int | None = None
    absent: bool = False
    letter: str = ""
    code: str = ""
    day: date | None = None
    passed: bool | None = None
    note: str = ""
    wrong: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As kept with a batch, without what is empty."""
        kept = {name: value for name, value in asdict(self).items() if value not in (None, "", (), False)}
        if self.passed is not None:
            kept["passed"] = self.passed
        if self.score is not None:
            kept["score"] = self.score
        return kept | ({"day": self.day.isoformat()} if self.day else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ScoreRow:
        """The inverse of `to_json`."""
        day = date.fromisoformat(data["day"]) if data.get("day") else None
        return cls(**{**data, "day": day, "wrong": tuple((code, value) for code, value in data.get("wrong", ()))})


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """What a sheet came to. `round_id`: the round an entry form was made for, else None. `dropped` columns held 身份证号 and were not
    read; `dated`: the sheet has a column of dates."""

    rows: tuple[ScoreRow, ...]
    round_id: int | None
    dropped: tuple[str, ...]
    dated: bool


def is_score_sheet(table: Sequence[SheetRow]) -> bool:
    """Whether a table is one of scores: it names people and points. A roster has no points."""
    return not find_columns([SheetRow(*row) for row in table], NAMES, REQUIRED).missing


def marked(sheet: str) -> int | None:
    """The round an entry form was made for, by the name of its sheet."""
    found = _MARKED.match(sheet)
    return int(found[1]) if found else None


def read_scores(sheet: str, table: Sequence[SheetRow]) -> ScoreFile:
    """The rows of a sheet; the header may stand anywhere in the first 20 rows. Sums, empty rows and repeated headers are skipped.
    Raises ValueError if it is no sheet of scores."""
    rows = [SheetRow(*row) for row in table]
    columns = find_columns(rows, NAMES, REQUIRED)
    if columns.missing:
        raise ValueError("、".join(columns.missing))
    read = (_row(row, columns.places, columns.labels["name"]) for row in rows[columns.header + 1 :])
    return ScoreFile(tuple(row for row in read if row), marked(sheet), columns.dropped, "day" in columns.places)


def _row(sheet_row: SheetRow, places: Mapping[str, int], header: str) -> ScoreRow | None:
    size = len(sheet_row.cells)
    given: dict[str, Cell] = {f: sheet_row.cells[place] if place < size else None for f, place in places.items()}
    given = {field: None if cells.is_id_number(cell) else cell for field, cell in given.items()}
    name = cells.name(given["name"])
    if not any(map(cells.plain, given.values())) or name in _TOTALS or cells.plain(given["name"]) == header:
        return None
    wrong: list[tuple[str, str]] = [] if name else [("no_name", "")]

    def get(field: str, read: Callable[[Cell], _Value]) -> _Value | None:
        try:
            return read(given.get(field))
        except ValueError:
            wrong.append((f"bad_{field}", cells.plain(given.get(field))))
            return None

    score, letter = get("score", points), get("letter", _letter) or ("", "")
    return ScoreRow(
        sheet_row.number, name, cells.unit_name(given.get("unit")), cells.staff_no(given.get("staff_no")), get("phone", cells.phone) or "",
        score, absent=_is_absent(given["score"]), letter=letter[0], code=letter[1], day=get("day", cells.day),
        passed=get("passed", _passed), note=cells.plain(given.get("note")), wrong=tuple(wrong),
    )  # fmt: skip


def points(cell: Cell) -> int | None:
    """A score in hundredths, from 86, 86.5 or 86分; more decimals are rounded down, as everywhere. None for a blank or a word that
    says the person did not sit. Raises ValueError for anything else."""
    if _is_absent(cell):
        return None
    text = unicodedata.normalize("NFKC", cells.plain(cell)).removesuffix("分").strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite() or abs(number) > _MOST:
        raise ValueError(text)
    # Excel writes 86.3 as 86.29999999999999.
    return int((number.quantize(Decimal("0.000001")) * 100).to_integral_value(ROUND_DOWN))


def _is_absent(cell: Cell) -> bool:
    text = cells.filled(cell)
    return not text or cells.key(text) in _ABSENT


def _letter(cell: Cell) -> tuple[str, str]:
    """(letter, code of the printed papers) of 「A」, 「B卷」, 「K3F9T2-A」."""
    text = cells.key(cells.filled(cell)).upper()
    if not text:
        return "", ""
    found = _LETTER.fullmatch(text)
    if not found:
        raise ValueError(text)
    return found[2], found[1] or ""


def _passed(cell: Cell) -> bool | None:
    text = cells.key(cells.filled(cell))
    if not text or text in _ABSENT:
        return None
    return _PASSED[text] if text in _PASSED else cells.yes(cell)
