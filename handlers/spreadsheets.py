"""The one place that writes Excel: text stays text (no formula can be smuggled in), headers stay in sight, definitions come along."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST = 48


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title (at most 31 characters), the header, and rows of text and whole numbers."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | int]]


def workbook(sheets: Sequence[Sheet], now: datetime) -> bytes:
    """An .xlsx of these sheets, marked as made at `now`; the same data give the same cells. Nothing is ever a formula or a link."""
    import xlsxwriter  # noqa: PLC0415

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": now.replace(tzinfo=None)})
    heading = book.add_format(
        {"bold": True, "bg_color": "#EDF1F4", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    )
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.title[:31])
        page.freeze_panes(1, 0)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        for column, width in enumerate(_widths(sheet)):
            page.set_column(column, column, width)
        for column, name in enumerate(sheet.header):
            page.write_string(0, column, name, heading)
        for number, row in enumerate(sheet.rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    page.write_number(number, column, value, plain)
                else:
                    page.write_string(number, column, value, plain)
    book.close()
    return out.getvalue()


def _widths(sheet: Sheet) -> list[int]:
    columns = [[name, *(row[column] for row in sheet.rows[:500])] for column, name in enumerate(sheet.header)]
    return [min(_WIDEST, 2 + max(_width(str(value)) for value in column)) for column in columns]


def _width(text: str) -> int:
    """In columns of a fixed-width font: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
