"""Reading what people type, and the key that decides."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.grading import (
    LONGEST,
    excellent,
    is_correct,
    passed,
    read_answer,
    shown_answer,
    shown_options,
)
from quizzes.questions import Kind, Question
from quizzes.rules import Rules

quick = settings(derandomize=True, deadline=None)
OPTIONS = ("不予行政处罚", "从轻处罚", "减轻处罚", "警告")
AS_WRITTEN = (0, 1, 2, 3)
MIXED = (2, 0, 3, 1)


def question(kind, answer, options=OPTIONS):
    return Question("k", kind, "题干", options, answer, "", ())


SINGLE = question(Kind.SINGLE, ("A",))
MULTIPLE = question(Kind.MULTIPLE, ("A", "C"))
JUDGE = question(Kind.JUDGE, ("T",), ())


def blank(*accepted):
    return question(Kind.BLANK, accepted, ())


@pytest.mark.parametrize(
    "typed", ["a", "A", "Ａ", " a ", "A.", "（A）", "a。", "选A", "我选 A", "答案：A", "A 不予行政处罚", "不予行政处罚"]
)
def test_a_single_letter_is_read_however_a_phone_types_it(typed):
    assert read_answer(SINGLE, AS_WRITTEN, typed) == ("A",)


@pytest.mark.parametrize(
    "typed",
    ["ac", "AC", "ca", "a c", "A、C", "A，C", "Ａ　Ｃ", "a,c。", "A和C", "A/C", "C；A", "选ac", "A\nC", "A\u200bC"],
)
def test_several_letters_are_read_in_any_order_and_with_any_separator(typed):
    assert read_answer(MULTIPLE, AS_WRITTEN, typed) == ("A", "C")


@pytest.mark.parametrize("typed", ["", " ", "e", "AB", "aa", "1", "你好", "A 从轻处罚", "。", "帮助", "A?B", "ABCDE"])
def test_what_is_not_an_answer_to_a_single_choice_is_not_guessed(typed):
    assert read_answer(SINGLE, AS_WRITTEN, typed) is None


@pytest.mark.parametrize("typed", ["", "acc", "AE", "abcde", "对", "help"])
def test_what_is_not_an_answer_to_a_multiple_choice_is_not_guessed(typed):
    assert read_answer(MULTIPLE, AS_WRITTEN, typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "对",
        "是",
        "√",
        "✓",
        "✔",
        "✔️",
        "正确",
        "T",
        "t",
        "Ｔ",
        "true",
        "TRUE",
        "yes",
        "Y",
        "A",
        "a",
        "对。",
        "正确的",
        "是的",
        "✅",
    ],
)
def test_true_is_understood(typed):
    assert read_answer(JUDGE, (0, 1), typed) == ("T",)


@pytest.mark.parametrize(
    "typed",
    [
        "错",
        "否",
        "×",
        "✗",
        "✘",
        "❌",
        "x",
        "X",
        "错误",
        "F",
        "f",
        "Ｆ",
        "false",
        "No",
        "n",
        "B",
        "b",
        "错！",
        "不对",
        "不正确",
    ],
)
def test_false_is_understood(typed):
    assert read_answer(JUDGE, (0, 1), typed) == ("F",)


@pytest.mark.parametrize("typed", ["", "对错", "AB", "C", "大概对", "T/F", "1"])
def test_what_is_neither_true_nor_false_is_asked_again(typed):
    assert read_answer(JUDGE, (0, 1), typed) is None


def test_letters_are_those_the_person_saw():
    assert read_answer(SINGLE, MIXED, "B") == ("A",)
    assert read_answer(MULTIPLE, MIXED, "ab") == ("A", "C")
    assert read_answer(SINGLE, MIXED, "A 减轻处罚") == ("C",)
    assert read_answer(SINGLE, MIXED, "不予行政处罚") == ("A",)


def test_an_option_written_twice_is_not_guessed_from_its_text():
    twice = question(Kind.SINGLE, ("A",), ("甲", "甲"))
    assert read_answer(twice, (0, 1), "甲") is None
    assert read_answer(twice, (0, 1), "B") == ("B",)


def test_a_judge_question_always_shows_right_then_wrong():
    assert shown_options(JUDGE, (1, 0)) == ("对", "错")
    assert read_answer(JUDGE, (1, 0), "A") == ("T",)
    assert shown_answer(JUDGE, (1, 0)) == "A. 对"
    assert shown_answer(question(Kind.JUDGE, ("F",), ()), ()) == "B. 错"


def test_the_right_answer_is_shown_in_the_letters_the_person_saw():
    assert shown_answer(SINGLE, MIXED) == "B. 不予行政处罚"
    assert shown_answer(MULTIPLE, MIXED) == "A. 减轻处罚；B. 不予行政处罚"
    assert shown_answer(blank("十五日", "15日"), ()) == "十五日 / 15日"


def test_a_blank_keeps_what_was_typed_without_its_noise():
    assert read_answer(blank("十五"), (), "　十五 \u200b") == ("十五",)
    assert read_answer(blank("十五"), (), "１５ 日") == ("15 日",)
    assert read_answer(blank("十五"), (), " 。 ") is None
    assert read_answer(blank("十五"), (), "a\x00b") == ("ab",)


@pytest.mark.parametrize(
    ("accepted", "typed"),
    [
        ("十五", "15"),
        ("15", "十五"),
        ("十五日", "１５日。"),
        ("15日", "十五 日"),
        ("《宪法》", "宪法"),
        ("宪法", "“宪法”"),
        ("Law", "LAW"),
        ("行政处罚", "行政 处罚"),
        ("50%", "百分之五十"),
        ("一万元", "10000元"),
        ("第三十三条", "第33条"),
        ("二〇二五年", "2025年"),
    ],
)
def test_a_blank_is_right_where_only_the_writing_differs(accepted, typed):
    given_answer = read_answer(blank(accepted), (), typed)
    assert given_answer is not None
    assert is_correct(blank(accepted), given_answer)


@pytest.mark.parametrize(
    ("accepted", "typed"),
    [
        ("15日", "15"),
        ("15日", "15天"),
        ("50%", "50"),
        ("宪法", "宪法法"),
        ("15", "51"),
        ("一百五十", "一百五"),
        ("C", "C+"),
    ],
)
def test_a_blank_is_wrong_where_the_thing_differs(accepted, typed):
    assert not is_correct(blank(accepted), read_answer(blank(accepted), (), typed))


def test_any_accepted_text_of_a_blank_will_do():
    assert is_correct(blank("国家主席", "主席"), ("主席",))


def test_a_multiple_choice_is_right_only_with_all_letters_and_no_other():
    assert is_correct(MULTIPLE, ("A", "C"))
    assert not is_correct(MULTIPLE, ("A",))
    assert not is_correct(MULTIPLE, ("A", "B", "C"))
    assert not is_correct(MULTIPLE, ())


@given(st.integers(0, 10_000), st.sets(st.sampled_from("ABCD"), min_size=1))
@quick
def test_pressing_the_shown_letters_of_the_right_options_is_always_right(seed, right):
    order = list(AS_WRITTEN)
    Random(seed).shuffle(order)
    asked = question(Kind.MULTIPLE, tuple(sorted(right)))
    pressed = "".join("ABCD"[place] for place, index in enumerate(order) if "ABCD"[index] in right)
    assert is_correct(asked, read_answer(asked, tuple(order), pressed))
    assert [part[0] for part in shown_answer(asked, tuple(order)).split("；")] == list(pressed)


@given(st.text(), st.sampled_from([SINGLE, MULTIPLE, JUDGE, blank("十五日")]))
@settings(derandomize=True, deadline=None, max_examples=500)
def test_nothing_a_person_types_breaks_the_reading(text, asked):
    answer = read_answer(asked, (0, 1) if asked is JUDGE else MIXED, text)
    assert answer is None or isinstance(is_correct(asked, answer), bool)


def test_the_lines_are_inclusive():
    rules = Rules(pass_line=60, excellent_line=90)
    assert passed(6000, rules)
    assert not passed(5999, rules)
    assert excellent(9000, rules)
    assert not excellent(8999, rules)


def test_the_words_behind_the_blank_may_be_typed_with_the_answer():
    asked = Question(
        "b", Kind.BLANK, "应当在受理之日起____日内作出决定。", (), ("二十",), "。", ("行政许可法 第四十二条",)
    )
    for typed in ("20", "二十", "20日", "二十日内", " ２０ 日。"):
        assert is_correct(asked, (typed,)), typed
    for typed in ("20月", "30日", "日", "120日"):
        assert not is_correct(asked, (typed,)), typed


def test_what_is_too_long_for_a_message_fills_no_blank():
    assert read_answer(blank("十五"), (), "长" * LONGEST) == ("长" * LONGEST,)
    assert read_answer(blank("十五"), (), "长" * (LONGEST + 1)) is None
