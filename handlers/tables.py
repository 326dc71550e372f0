"""The one place that reads foreign tables: .xlsx, .xls and .csv into rows of trimmed text, with the sheet's own row numbers."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

from handlers.foreign import Unreadable

MOST_ROWS, MOST_COLUMNS, MOST_UNPACKED, MOST_RATIO, MOST_MEMBERS = 20_000, 60, 64 << 20, 100, 2_000
"""Limits of one table; the sizes are those a zip declares, at which Python stops reading it."""

WITH_MACROS = (".xlsm", ".xltm", ".xlam", ".xlsb", ".docm", ".dotm", ".pptm")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(name: str, content: bytes) -> dict[str, Any]:
    """{"sheet": name, "others": names of sheets with content that were not read, "rows": [[row number, [cell, ...]], ...]}.

    Cells are text; merged cells carry their value in each of their places; empty rows are left out. Raises Unreadable.
    """
    if name.lower().endswith(WITH_MACROS):
        raise Unreadable("macros")
    if not content.strip():
        raise Unreadable("empty")
    if content.startswith(_ZIP):
        _weigh(content)
        sheet, others, rows = _workbook(content)
    elif content.startswith(_OLE):
        sheet, others, rows = _workbook(content)
    elif name.lower().endswith((".csv", ".txt", ".tsv")):
        sheet, others, rows = "", [], _separated(content)
    else:
        raise Unreadable("unknown_kind")
    if len(rows) > MOST_ROWS:
        raise Unreadable("too_many_rows", most=MOST_ROWS)
    kept = [[number, cells] for number, cells in enumerate(rows, 1) if any(cells)]
    if max((len(_trimmed(cells)) for _, cells in kept), default=0) > MOST_COLUMNS:  # type: ignore[arg-type]
        raise Unreadable("too_many_columns", most=MOST_COLUMNS)
    if not kept:
        raise Unreadable("empty")
    return {"sheet": sheet, "others": others, "rows": [[number, _trimmed(cells)] for number, cells in kept]}  # type: ignore[arg-type]


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


# Workbooks. ------------------------------------------------------------------------------------------------------------


def _weigh(content: bytes) -> None:
    """Refuse a zip by what it declares, before anything is unpacked."""
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except Exception:
        raise Unreadable("broken") from None  # zipfile answers a spoiled directory with many kinds of error
    unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 1):
        raise Unreadable("bomb")
    names = {member.filename.lower() for member in members}
    if any(each.endswith("vbaproject.bin") for each in names):
        raise Unreadable("macros")
    if not any(each.startswith("xl/") for each in names):
        raise Unreadable("unknown_kind")


def _workbook(content: bytes) -> tuple[str, list[str], list[list[str]]]:
    """(sheet, other sheets with content, rows) of the first visible sheet that has any."""
    import python_calamine as calamine  # noqa: PLC0415

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [s.name for s in book.sheets_metadata if s.visible == calamine.SheetVisibleEnum.Visible]
        sheets = [sheet for sheet in map(book.get_sheet_by_name, visible) if sheet.end is not None]
        if not sheets:
            raise Unreadable("empty")
        return sheets[0].name, [sheet.name for sheet in sheets[1:]], _cells(sheets[0])
    except calamine.PasswordError:
        raise Unreadable("password") from None
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError, calamine.WorksheetNotFound):
        raise Unreadable("broken") from None


def _cells(sheet: Any) -> list[list[str]]:
    if sheet.end[0] >= MOST_ROWS:
        raise Unreadable("too_many_rows", most=MOST_ROWS)
    rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])
    return rows


def _text(cell: object) -> str:
    """A cell as one reads it: whole numbers without a point, dates as 2026-11-24."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).strip()


# Text. -----------------------------------------------------------------------------------------------------------------


def _separated(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    head = text[: text.find("\n") if "\n" in text else len(text)]
    delimiter = max(",\t;，", key=head.count)
    try:
        return [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error:
        raise Unreadable("broken") from None


def _decoded(content: bytes) -> str:
    """The text of a CSV as Excel, WPS and others write it: UTF-8 with or without mark, UTF-16 with mark, GB18030."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("encoding")
