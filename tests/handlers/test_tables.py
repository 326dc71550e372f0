"""Foreign tables are read as offices make them, refused before they can harm, and always through the limited child."""

import contextlib
import io
import os
import subprocess
import sys
import zipfile
from datetime import date

import openpyxl
import pytest
import xlsxwriter

from handlers import foreign, tables
from handlers.foreign import Unreadable, parse_in_child


def workbook(rows, *, merged=(), sheet="名册", more=()):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    for title in more:
        book.create_sheet(title).append(["另一张"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows(content, name="名册.xlsx"):
    return tables.read(name, content)["rows"]


def refusal(name, content):
    with pytest.raises(Unreadable) as caught:
        tables.read(name, content)
    return caught.value.code


def test_cells_come_as_one_reads_them():
    content = workbook(
        [["姓名", "手机", "日期", "在编"], [" 张三 ", 13800000001, date(2026, 11, 24), True], [None, 12.5, None, False]]
    )
    assert rows(content) == [
        [1, ["姓名", "手机", "日期", "在编"]],
        [2, ["张三", "13800000001", "2026-11-24", "是"]],
        [3, ["", "12.5", "", "否"]],
    ]


def test_rows_keep_the_numbers_the_sheet_shows_though_empty_ones_are_left_out():
    assert [number for number, _ in rows(workbook([["名册"], [], [], ["姓名", "单位"], [], ["张三", "住建局"]]))] == [
        1,
        4,
        6,
    ]


def test_a_merged_cell_carries_its_value_down_and_right():
    content = workbook(
        [["全区名册", None, None], ["住建局", "张三", "科员"], [None, "李四", "科长"]], merged=["A1:C1", "A2:A3"]
    )
    assert rows(content) == [[1, ["全区名册"] * 3], [2, ["住建局", "张三", "科员"]], [3, ["住建局", "李四", "科长"]]]


def test_the_first_visible_sheet_with_content_is_read_and_the_others_are_named():
    book = openpyxl.Workbook()
    book.active.title = "空"
    book.create_sheet("藏").append(["不读"])
    book["藏"].sheet_state = "hidden"
    book.create_sheet("名册").append(["姓名"])
    book.create_sheet("附表").append(["x"])
    out = io.BytesIO()
    book.save(out)
    found = tables.read("a.xlsx", out.getvalue())
    assert (found["sheet"], found["others"], found["rows"]) == ("名册", ["附表"], [[1, ["姓名"]]])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
def test_a_csv_is_read_in_every_encoding_offices_use(encoding):
    assert rows("姓名,单位\r\n张三, 住建局 \r\n\r\n李四,司法局\r\n".encode(encoding), "a.csv") == [
        [1, ["姓名", "单位"]],
        [2, ["张三", "住建局"]],
        [4, ["李四", "司法局"]],
    ]


def test_a_csv_may_be_separated_by_tabs_or_semicolons():
    assert rows("姓名\t单位\n张三\t住建局".encode(), "a.csv")[1] == [2, ["张三", "住建局"]]
    assert rows("姓名;单位\n张三;住建局".encode(), "a.csv")[1] == [2, ["张三", "住建局"]]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsm", b"PK\x03\x04", "macros"),
        ("a.docm", b"PK\x03\x04", "macros"),
        ("a.xlsx", b"", "empty"),
        ("a.xlsx", b"PK\x03\x04 not a zip", "broken"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken"),
        ("a.xls", b"<html><table></table></html>", "unknown_kind"),
        ("a.pdf", b"%PDF-1.7", "unknown_kind"),
        ("a.csv", b"\xff\x81\x30\x00\x00", "encoding"),
        ("a.csv", b'"' + b"x" * 200_000 + b'"', "broken"),
        ("a.csv", b"a\n" * 20_001, "too_many_rows"),
        ("a.csv", b",".join([b"a"] * 61), "too_many_columns"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_own_sentence(name, content, code):
    assert refusal(name, content) == code


def packed(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def test_a_zip_bomb_is_refused_by_what_it_declares():
    assert refusal("a.xlsx", packed({"xl/worksheets/sheet1.xml": b"0" * (8 << 20)})) == "bomb"


def test_macros_are_refused_under_any_name():
    assert refusal("a.xlsx", packed({"xl/vbaProject.bin": b"x", "xl/workbook.xml": b"x"})) == "macros"


def test_another_office_file_is_no_table():
    assert refusal("a.xlsx", packed({"word/document.xml": b"x"})) == "unknown_kind"


def test_more_than_twenty_thousand_rows_are_refused():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number in range(20_001):
            sheet.write(number, 0, f"{number} 张三")
    assert refusal("a.xlsx", out.getvalue()) == "too_many_rows"


# The child. ------------------------------------------------------------------------------------------------------------


def test_the_child_gives_what_the_reader_gives():
    content = workbook([["姓名", "单位"], ["张三", "住建局"]])
    assert parse_in_child("table", "名册.xlsx", content) == tables.read("名册.xlsx", content)


def test_a_refusal_in_the_child_keeps_its_code():
    with pytest.raises(Unreadable) as caught:
        parse_in_child("table", "a.csv", b"a\n" * 20_001)
    assert (caught.value.code, caught.value.values) == ("too_many_rows", {"most": 20_000})


def test_a_far_cell_that_would_fill_the_memory_kills_only_the_child():
    book = openpyxl.Workbook()
    book.active["A1"] = "姓名"
    book.active["XFD1048576"] = "远"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Unreadable) as caught:
        parse_in_child("table", "a.xlsx", out.getvalue())
    assert caught.value.code in ("broken", "too_many_rows")


def test_a_child_that_sleeps_is_given_up(monkeypatch):
    monkeypatch.setattr(foreign, "PATIENCE", 0.01)
    with pytest.raises(Unreadable, match="broken"):
        parse_in_child("table", "a.csv", b"a")


def test_the_child_is_given_no_secrets(monkeypatch, tmp_path):
    (tmp_path / "spy_reader.py").write_text("import os\ndef read(name, content):\n    return sorted(os.environ)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("TELEGRAM_TOKEN", "123:secret")
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1]); from handlers import foreign; "
        "foreign.KINDS['spy'] = 'spy_reader:read'; foreign.main('spy', 'x')"
    )
    said = subprocess.run(
        [sys.executable, "-c", probe, str(tmp_path)],
        stdin=subprocess.DEVNULL,
        env=foreign.environment(),
        capture_output=True,
        check=False,
    )
    assert b"PYTHONPATH" in said.stdout, said.stderr
    assert b"TELEGRAM_TOKEN" not in said.stdout
    assert "TELEGRAM_TOKEN" in os.environ


def test_five_hundred_spoiled_workbooks_never_escape_as_anything_but_unreadable():
    whole = bytearray(workbook([["姓名", "单位"], *[[f"张{n}", "住建局"] for n in range(30)]]))
    for seed in range(500):
        spoiled = bytearray(whole)
        for step in range(1, 5):
            spoiled[(seed * 7919 * step) % len(spoiled)] ^= (seed % 255) + 1
        with contextlib.suppress(Unreadable):
            tables.read("a.xlsx", bytes(spoiled))
