"""The form to fill in holds who is missing, and comes back as what it is."""

from __future__ import annotations

import io

import openpyxl
import pytest

from handlers.messages import File
from tests.handlers.rounds.offices import DAY, confirmed, drop, office, say


@pytest.fixture
def engine(database):
    return office(database)


def form(engine, said="成绩登记表 1"):
    assert "正在做" in say(engine, "王敏", said).text
    engine.settle()
    [reply] = [parcel.reply for parcel in engine.delivered("web") if parcel.kind == "answer"]
    return reply


def rows_of(file):
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    return book.sheetnames, list(book.worksheets[0].iter_rows(values_only=True))


def test_it_lists_everybody_still_missing_with_the_day(engine):
    confirmed(engine, ("T003", "张三", "住建局", 86, "A", DAY))
    engine.delivered("web")
    reply = form(engine)
    assert "4 人还没有成绩，考试日期先填了 2026-11-23" in reply.text
    sheets, rows = rows_of(reply.files[0])
    assert sheets[0] == "纸质成绩-1"
    assert rows[0] == ("工号", "姓名", "单位", "得分", "试卷(A/B)", "考试日期", "备注")
    assert {row[1] for row in rows[1:]} == {"王敏", "周杰", "李四", "吴九"}
    assert {row[5] for row in rows[1:]} == {DAY}


def test_a_unit_and_a_day_may_be_named(engine):
    _, rows = rows_of(form(engine, "成绩登记表 1 住建局 11月25日").files[0])
    assert {(row[1], row[5]) for row in rows[1:]} == {("张三", "2026-11-25"), ("李四", "2026-11-25")}


def test_filled_in_it_is_known_by_its_sheet_without_asking(engine):
    file = form(engine, "成绩登记表 1 住建局").files[0]
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    book.worksheets[0]["D2"] = 86.5
    out = io.BytesIO()
    book.save(out)
    reply = drop(engine, File("填好.xlsx", file.media_type, out.getvalue()))
    assert "归入：年度学法考试（场次 1），来源：纸质" in reply.text
    assert "可以入账 1 人，与已入账的相同 0 人，没有得分 1 行" in reply.text


def test_filled_in_in_english_it_comes_back_too(engine):
    say(engine, "王敏", "语言 en")
    say(engine, "王敏", "score form 1 住建局")
    engine.settle()
    [file] = next(parcel.reply for parcel in engine.delivered("web") if parcel.kind == "answer").files
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    book.worksheets[0]["D2"] = 86.5
    out = io.BytesIO()
    book.save(out)
    assert "To enter: 1 people" in drop(engine, File("filled.xlsx", file.media_type, out.getvalue())).text


@pytest.mark.parametrize(("said", "answer"), [("成绩登记表", "要哪一场的成绩登记表"), ("成绩登记表 9", "不能登记成绩"), ("成绩登记表 1 水务局", "既不是单位也不是日期")])  # fmt: skip
def test_what_is_not_understood_is_asked(engine, said, answer):
    assert answer in say(engine, "王敏", said).text
