"""Which column of a roster is which: the header row, the many names of one column, and the columns never read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from quizzes.roster_cells import Cell, is_id_number, plain


class SheetRow(NamedTuple):
    """One row as read from Excel or CSV: its number in the sheet (from 1) and its cells. Merged cells come filled, or blank."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands (`places`) and what the file calls it (`labels`). `dropped` columns hold 身份证号 and are not
    read; `unused` ones have a name nobody asked for. Both by label; a column without one is 「E列」. `missing`: the labels of columns
    without which nothing can be read."""

    header: int
    places: dict[str, int]
    labels: dict[str, str]
    dropped: tuple[str, ...]
    unused: tuple[str, ...]
    missing: tuple[str, ...]


Names = Mapping[str, tuple[str, ...]]
REQUIRED = ("name", "unit")
# Per field the names it goes by. Where a file has two of them, the one written first here counts.
NAMES: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "人员姓名", "干部姓名", "名字", "name"),
    "unit": ("单位", "单位名称", "工作单位", "所在单位", "所属单位", "局办", "部门", "所在部门", "部门名称", "所属部门", "unit"),
    "parent": ("上级单位", "主管单位", "上级部门", "主管部门", "上级", "parent"),
    "staff_no": ("工号", "人员编号", "职工编号", "员工编号", "职工号", "员工号", "干部编号", "人员代码", "staffno"),
    "phone": ("手机号", "手机", "手机号码", "移动电话", "联系电话", "电话", "电话号码", "联系方式", "phone", "mobile"),
    "category": ("人员类别", "人员类型", "人员身份", "人员性质", "身份", "身份类别", "编制类别", "编制类型", "category"),
    "rank": ("职级", "职务职级", "职务与职级", "现任职级", "职务", "现任职务", "rank"),
    "leadership": ("班子成员", "是否班子成员", "领导班子成员", "是否领导班子成员", "leadership"),
    "enforcement": (
        "执法人员", "是否执法人员", "行政执法人员", "执法证", "执法证号", "行政执法证", "行政执法证号", "执法证件号",
        "是否持执法证", "是否持有执法证", "enforcement",
    ),
    "retires_on": ("退休日期", "退休时间", "预计退休日期", "预计退休时间", "退休年月", "到龄退休时间", "retireson"),
    "kind": ("人事关系", "工作关系", "人事关系类型", "工作关系类型", "用工形式", "关系类型", "kind"),
    "starts_on": (
        "起始日期", "调入日期", "开始日期", "到岗日期", "入职日期", "调入时间", "到岗时间", "起始时间", "startson",
    ),
}  # fmt: skip
_ID_HEADER = re.compile("^(?:居民|公民|本人)?身份证|公民身份|^(?:有效)?证件号|^身份号")
_BRACKETS = re.compile(r"[(\[【][^)\]】]*[)\]】]")
_NOISE = re.compile(r"[\s*:_\-]+")
_SEARCHED = 20


def find_columns(table: Sequence[SheetRow], names: Names = NAMES, required: Sequence[str] = REQUIRED) -> Columns:
    """The columns by the best header row among the first 20 rows; titles may stand above it. `missing` says what is lacking. Other
    tables than rosters give the `names` of their own fields."""
    fields = {name: (field, order) for field, known in names.items() for order, name in enumerate(known)}
    lacking = {field: names[field][0] for field in required}
    candidates = [_columns(table, index, fields, lacking) for index in range(min(_SEARCHED, len(table)))]
    nothing = Columns(0, {}, {}, (), (), tuple(lacking.values()))
    return max(candidates, key=lambda c: (-len(c.missing), len(c.places), -c.header), default=nothing)


def _columns(
    table: Sequence[SheetRow], header: int, fields: Mapping[str, tuple[str, int]], lacking: Mapping[str, str]
) -> Columns:
    texts = [plain(cell) for cell in table[header].cells]
    named = {place: found for place, text in enumerate(texts) if (found := _field(text, fields))}
    ids = {place for place, text in enumerate(texts) if _ID_HEADER.search(_folded(text))}
    if any(field == "name" for field, _ in named.values()):
        ids |= _places_of_ids(table[header + 1 :])
    places: dict[str, int] = {}
    for place, (field, _) in sorted(named.items(), key=lambda item: item[1][1]):
        if place not in ids:
            places.setdefault(field, place)
    unused = [place for place, text in enumerate(texts) if text and place not in ids and place not in places.values()]
    return Columns(
        header=header,
        places=places,
        labels={field: texts[place] for field, place in places.items()},
        dropped=tuple(_label(texts, place) for place in sorted(ids)),
        unused=tuple(texts[place] for place in unused),
        missing=tuple(label for field, label in lacking.items() if field not in places),
    )


def _field(text: str, fields: Mapping[str, tuple[str, int]]) -> tuple[str, int] | None:
    """The field a header names, and how far down its list: 「* 姓名（必填）」, 「手机/联系电话」, 「职务／职级」."""
    folded = _folded(text)
    parts = [folded.replace("/", ""), *folded.split("/")]
    return next((fields[part] for part in parts if part in fields), None)


def _folded(text: str) -> str:
    return _NOISE.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", text))).casefold()


def _places_of_ids(rows: Sequence[SheetRow]) -> set[int]:
    """Columns at least half of whose filled cells look like id numbers, whatever their header says."""
    seen: dict[int, list[int]] = {}
    for row in rows:
        for place, cell in enumerate(row.cells):
            if cell is not None and cell != "":
                counts = seen.setdefault(place, [0, 0])
                counts[0] += 1
                counts[1] += is_id_number(cell)
    return {place for place, (cells, ids) in seen.items() if ids and 2 * ids >= cells}


def _label(texts: Sequence[str], place: int) -> str:
    return texts[place] if place < len(texts) and texts[place] else f"{_letters(place)}列"


def _letters(place: int) -> str:
    """A, B, …, Z, AA as Excel counts columns."""
    head, last = divmod(place, 26)
    return (_letters(head - 1) if head else "") + chr(ord("A") + last)
