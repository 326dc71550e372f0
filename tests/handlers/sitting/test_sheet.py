"""The answer sheet: what is answered, open and flagged, by section, and the way there."""

from __future__ import annotations

from dataclasses import replace

from quizzes.plans import Draw
from quizzes.questions import Kind, Question
from tests.handlers.sitting.exams import EXAM, begins, exam, text


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


def test_the_sheet_of_a_hundred_questions_fits_a_message(database):
    many = tuple(
        Question(f"q-{n}", Kind.JUDGE, f"第{n}个说法。", (), ("T",), "如此。", ("宪法 第五条",)) for n in range(100)
    )
    engine = exam(database, replace(EXAM, draw=(Draw(100, Kind.JUDGE),)), many).at("09:00")
    begins(engine)
    for number in range(80, 101):
        engine.says("张三", f"标记 {number}")
    [sheet] = engine.says("张三", "答题卡")
    assert "一、判断题，每题 1 分（第 1–100 题）：已答 0；未答 1、2、" in sheet.text
    assert len(sheet.text) < 1000
    assert [each.label for each in sheet.choices][:2] == ["看第 80 题", "看第 81 题"]
    assert len(sheet.choices) == 8
    assert all(len(each.says.encode()) <= 64 for each in sheet.choices)
