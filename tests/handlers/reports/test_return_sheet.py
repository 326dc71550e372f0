"""The return as printed: every fraction beside its rate, nothing but what its reader may see, and the same on the spreadsheet."""

from __future__ import annotations

import io

import openpyxl
import pytest

from handlers.reports import return_sheet, returning
from quizzes.documents import code, short, shown_code
from storage import documents, rounds
from storage.database import Store
from storage.documents import RETURN, Document
from tests.builders import HOUSE, NOW, District
from tests.handlers.reports.returning_district import closed
from tests.handlers.test_typesetting import pages


@pytest.fixture
def d(store: Store) -> District:
    return closed(store)


def kept(
    store: Store, d: District, unit: str = "住建局", language: str = "zh", *, reasons: bool = True, **other
) -> Document:
    said = (
        returning.content(store, rounds.get(store, d.round_id), d.units[unit], language, HOUSE, NOW, reasons=reasons)
        | other
    )
    number = documents.issue(
        store,
        RETURN,
        code(len(documents.returns(store, d.round_id, d.units[unit])) + 100 * d.units[unit]),
        d.round_id,
        said,
        None,
        NOW,
        unit_id=d.units[unit],
    )
    return documents.get(store, number)


def test_the_figures_stand_apart_and_together_each_rate_with_its_fraction(store: Store, d: District) -> None:
    made = return_sheet.page(kept(store, d), HOUSE, NOW)
    assert made["sums"]["rows"] == [
        ["正考", "5", "3", "2", "1", "60.00%\n3/5", "66.66%\n2/3", "40.00%\n2/5", "33.33%\n1/3"],
        ["补考", "2", "1", "1", "0", "50.00%\n1/2", "100%\n1/1", "50.00%\n1/2", "0.00%\n0/1"],
        ["合计", "5", "3", "3", "1", "60.00%\n3/5", "100%\n3/3", "60.00%\n3/5", "33.33%\n1/3"],
    ]
    assert made["facts"] == [
        "单位：住建局",
        "时间：2026年12月1日 10:00 至 2026年12月11日 10:00",
        "依据：城南普法〔2026〕3号",
        "合格线 60 分，优秀线 90 分，均含本数",
    ]


def test_without_a_make_up_there_is_one_line(store: Store, d: District) -> None:
    assert [row[0] for row in return_sheet.page(kept(store, d, makeups=[]), HOUSE, NOW)["sums"]["rows"]] == ["合计"]


def test_the_lists_say_who_reached_what_and_who_is_missing(store: Store, d: District) -> None:
    made = return_sheet.page(kept(store, d), HOUSE, NOW)
    assert made["results"]["rows"][1:4] == [
        ["2", "刘洋", "住建局", "40", "60", "合格", ""], ["3", "张三", "住建局", "75", "", "合格", "纸质"], ["4", "李四", "住建局", "", "", "缺考", ""],
    ]  # fmt: skip
    assert made["missing"]["heading"] == "三、缺考名单及原因（2 人）"
    assert [row[:3] for row in made["missing"]["rows"]] == [["1", "李四", "住建局"], ["2", "孙七", "质安站"]]


def test_a_leaders_return_has_no_column_for_reasons(store: Store, d: District) -> None:
    made = return_sheet.page(kept(store, d, reasons=False), HOUSE, NOW)
    assert made["missing"]["columns"] == ["序号", "姓名", "单位"]
    assert made["missing"]["heading"] == "三、缺考名单（2 人）"


def test_before_the_close_nobody_is_absent(store: Store, d: District) -> None:
    made = return_sheet.page(kept(store, d, closed=False), HOUSE, NOW)
    assert made["missing"]["heading"].startswith("三、未参考名单")
    assert made["results"]["rows"][3][5] == "未参考"
    assert "考试还没有结束" in made["facts"][-1]


def test_the_code_and_the_seal_are_printed_with_the_time(store: Store, d: District) -> None:
    found = kept(store, d)
    made = return_sheet.page(found, HOUSE, NOW)
    assert shown_code(found.code) in made["confirm"]
    assert short(found.hash) in made["confirm"]
    assert made["foot"] == f"打印于 2026年12月4日 10:00　核对码 {shown_code(found.code)}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_a_pdf_that_grows_with_its_lists(store: Store, d: District, language: str) -> None:
    few = kept(store, d, language=language)
    many = kept(
        store,
        d,
        "城南区",
        language,
        results=[[n, "张三", "住建局", 8000, None, "passed", ["本系统"]] for n in range(300)],
    )
    assert pages(return_sheet.pdf(few, HOUSE, NOW)) < pages(return_sheet.pdf(many, HOUSE, NOW))


@pytest.mark.parametrize("name", ["#panic()", "*张*三_", "=1+1", '"; #read("/etc/passwd")'])
def test_a_name_is_printed_as_written_whatever_it_holds(store: Store, d: District, name: str) -> None:
    found = kept(store, d, missing=[[1, name, "住建局", name]])
    assert return_sheet.pdf(found, HOUSE, NOW).startswith(b"%PDF-")
    book = openpyxl.load_workbook(io.BytesIO(return_sheet.xlsx(found, HOUSE, NOW)))
    assert book["未参考名单"]["B2"].value == name


def test_the_spreadsheet_says_the_same_with_counts_as_numbers(store: Store, d: District) -> None:
    book = openpyxl.load_workbook(io.BytesIO(return_sheet.xlsx(kept(store, d, "城南区"), HOUSE, NOW)))
    assert book.sheetnames == ["成绩汇总", "各单位", "成绩名单", "未参考名单", "附注"]
    assert [cell.value for cell in book["成绩汇总"][4]][:6] == ["合计", 9, 5, 4, 1, "55.55%　5/9"]
    assert [row[0].value for row in book["各单位"].iter_rows(min_row=2)] == ["政府办", "住建局", "司法局"]
    notes = [row[0].value for row in book["附注"].iter_rows()]
    assert any("核对码" in line for line in notes)
