"""The card of an exam's question: letters as shown, time rounded down, buttons that fit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.sitting.exam_cards import Desk, letters_shown, section_name, time_left
from quizzes.papers import Slot
from quizzes.questions import Kind
from quizzes.sections import Section
from storage import answers
from tests.engine import BLANK, HOUSE, QUESTIONS, START
from tests.handlers.sitting.exams import begins, exam

SINGLE, MULTIPLE, JUDGE = QUESTIONS


@pytest.mark.parametrize(
    ("question", "order", "given", "shown"),
    [(SINGLE, (2, 0, 1, 3), ("A",), "B"), (MULTIPLE, (3, 1, 0, 2), ("A", "B"), "BC"), (JUDGE, (0, 1), ("F",), "B"),
     (JUDGE, (0, 1), ("T",), "A"), (BLANK, (), ("二十",), ""), (SINGLE, (0, 1, 2, 3), (), "")],
)  # fmt: skip
def test_an_answer_is_shown_in_the_letters_the_person_saw(question, order, given, shown):
    assert letters_shown(question, Slot(1, order), given) == shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3600, "剩 60 分钟"), (3599, "剩 59 分钟"), (60, "剩 1 分钟"), (59, "剩不到 1 分钟"), (-5, "剩不到 1 分钟")],
)
def test_the_time_left_is_rounded_down(database, seconds, said):
    engine = exam(database).at("09:00")
    begins(engine)

    sat = engine.read(lambda store: answers.open_sittings(store, engine.people["张三"], engine.now))[0]
    assert time_left(sat, Desk(HOUSE, "zh", sat.ends_at - timedelta(seconds=seconds))) == said


def test_without_minutes_the_close_is_said(database):
    engine = exam(database, minutes=None).at("09:00")
    begins(engine)
    assert "11月24日 18:00 截止" in engine.card("张三").heading


def test_sections_are_numbered_as_on_paper_in_both_languages():
    assert section_name(Section(2, Kind.MULTIPLE, 0, 1), "zh") == "二、多选题"
    assert section_name(Section(2, Kind.MULTIPLE, 0, 1), "en") == "Part 2: multiple choice"
    assert section_name(Section(11, Kind.JUDGE, 0, 1), "zh").startswith("11、")
    assert section_name(Section(1, Kind.SINGLE, 0, 1, 150), "zh") == "一、单选题，每题 1.5 分"
    assert section_name(Section(1, Kind.SINGLE, 0, 1, 200), "en") == "Part 1: single choice, 2 points each"


def test_every_button_can_be_typed_and_the_first_question_has_no_way_back(database):
    engine = exam(database).at("09:00")
    [first] = begins(engine)
    assert [each.label for each in first.choices] == ["下一题", "标记", "答题卡", "交卷"]
    assert all(len(each.says.encode()) <= 64 for each in first.choices)
    [last] = engine.says("张三", "第 3")
    assert [each.label for each in last.choices] == ["上一题", "标记", "答题卡", "交卷"]
    assert engine.now > START
