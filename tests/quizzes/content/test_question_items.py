"""What questions and items of cases share."""

from __future__ import annotations

import pytest

from quizzes.content.problems import Problems, Spot
from quizzes.content.question_checks import Draft
from quizzes.content.question_items import Seen, canonical, checked
from quizzes.content.reading import Node


@pytest.mark.parametrize(("written", "answer"), [
    (True, ("T",)), (False, ("F",)), ("d、aＣ", ("A", "C", "D")), (["三十日", "30日"], ("三十日", "30日")),
])  # fmt: skip
def test_an_answer_is_kept_in_one_form(written, answer):
    assert canonical(written) == answer


def test_an_id_is_taken_once_over_all_files():
    seen, first, second = Seen(), Problems("a.yaml"), Problems("b.yaml")
    seen.take_id(Node({}, Spot(4)), {"id": "a-1"}, first)
    seen.take_id(Node({}, Spot(7)), {}, first)
    seen.take_id(Node({}, Spot(9)), {"id": "a-1"}, second)
    assert not first
    assert [(p.line, p.code, p.values["other"]) for p in second.found()] == [(10, "duplicate_id", "a.yaml:5")]


def test_options_in_another_order_make_no_other_question():
    seen, problems = Seen(), Problems("a.yaml")
    for line, options in enumerate((("甲", "乙"), ("乙", "甲"), ("甲", "丙"))):
        seen.take_content(Node({}, Spot(line)), Draft("single", "哪一个？", options), problems)
    assert [(p.line, p.code) for p in problems.found()] == [(2, "duplicate_question")]


def test_what_is_broken_already_is_compared_with_nothing():
    seen, problems = Seen(), Problems("a.yaml")
    for _ in range(2):
        seen.take_content(Node({}, Spot()), Draft("single", None, ("甲",)), problems)
        seen.take_content(Node({}, Spot()), Draft("single", "哪一个？", None), problems)
    assert not problems


def test_the_checks_fill_in_the_citations():
    problems = Problems("a.yaml")
    sound = {"kind": "judge", "stem": "对吗？", "answer": True, "cites": ["第七条", "某条"]}
    found = checked(Node(sound, Spot()), sound, "行政处罚法", problems)
    assert found.citations == ["行政处罚法 第七条"]
    assert [p.code for p in problems.found()] == ["cite_unparsable"]
