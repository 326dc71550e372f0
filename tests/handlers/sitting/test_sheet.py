"""The answer sheet: what is answered, open and flagged, by section, and the way there."""

from __future__ import annotations

from handlers.messages import Address, Incoming
from handlers.sitting.under_way import numbers
from handlers.turns import Turn
from tests.engine import HOUSE, START
from tests.handlers.sitting.exams import begins, exam, text


def test_the_sheet_tells_by_section_what_is_open_and_flagged(database):
    engine = exam(database).at("09:00")
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.says("张三", "标记 3")
    [sheet] = engine.says("张三", "答题卡")
    assert "已答 1/3 题，剩 60 分钟" in sheet.text
    assert "一、单选题（第 1–1 题）：已答 1" in sheet.text
    assert "二、多选题（第 2–2 题）：已答 0；未答 2" in sheet.text
    assert "三、判断题（第 3–3 题）：已答 0；未答 3；标记 3" in sheet.text
    assert [each.label for each in sheet.choices] == ["看第 3 题", "去答未答的题", "交卷"]
    engine.presses("张三", sheet.choices[0])
    assert "第 3/3 题" in text(engine.heard["张三"])
    engine.says("张三", "标记 3")
    assert "第 3 题已取消标记" in text(engine.heard["张三"])


def test_without_an_exam_under_way_there_is_no_sheet(database):
    engine = exam(database).at("09:00")
    assert "没有正在作答的考试" in text(engine.says("张三", "答题卡"))


def test_a_long_paper_still_fits_a_message():

    turn = Turn(Incoming("k", Address("web", "a"), START), START, HOUSE)
    assert len(numbers(turn, list(range(100)), 100)) < 400
    assert numbers(turn, list(range(30))) == "、".join(map(str, range(1, 21))) + " 等共 30"
