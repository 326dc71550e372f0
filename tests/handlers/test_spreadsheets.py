from __future__ import annotations

import io

import openpyxl

from handlers.spreadsheets import Sheet, workbook
from tests.builders import NOW


def test_what_looks_like_a_formula_or_a_link_stays_text() -> None:
    hostile = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "http://x", "张三"]
    book = openpyxl.load_workbook(io.BytesIO(workbook([Sheet("名单", ["姓名"], [[text] for text in hostile])], NOW)))
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == hostile
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_the_header_stays_in_sight_and_numbers_are_numbers() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([Sheet("数", ["序号"], [[1], [2]])], NOW)))
    assert book.worksheets[0].freeze_panes == "A2"
    assert book.worksheets[0]["A3"].value == 2


def test_an_empty_list_still_makes_a_sheet_with_its_header() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([Sheet("空", ["姓名", "单位"], [])], NOW)))
    assert [cell.value for cell in book.worksheets[0][1]] == ["姓名", "单位"]
