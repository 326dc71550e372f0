"""Choices, answers and links as rows of buttons, within what Telegram takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.keyboard import MOST_BUTTONS, MOST_DATA, card_rows, is_judgement, keyboard
from handlers.messages import Choice, Link, QuestionCard, Reply, answer_action, tick_action


def card(*options: str, multiple: bool = False, **settings: str) -> QuestionCard:
    return QuestionCard("第 1/3 题", "题干", options, multiple=multiple, token="tok", **settings)


def labels(rows) -> list[list[str]]:
    return [[button["text"] for button in row] for row in rows]


def data(rows) -> list[str]:
    return [button["callback_data"] for row in rows for button in row]


# Cards. ----------------------------------------------------------------------------------------------------------------


def test_a_single_choice_has_a_letter_for_each_option_four_in_a_row():
    rows = card_rows(card("甲" * 20, "乙", "丙", "丁", "戊"))
    assert labels(rows) == [["A", "B", "C", "D"], ["E"]]
    assert data(rows) == [answer_action("tok", letter) for letter in "ABCDE"]


def test_a_judgement_has_its_two_words_for_buttons():
    judgement = card("对", "错")
    assert is_judgement(judgement)
    assert labels(card_rows(judgement)) == [["对", "错"]]
    assert data(card_rows(judgement)) == [answer_action("tok", "A"), answer_action("tok", "B")]


@pytest.mark.parametrize(
    "options", [("对",), ("对", "错", "不知道"), ("对", "这一个选项太长了"), ("Right", "Not at all")]
)
def test_anything_else_is_no_judgement(options):
    assert is_judgement(card(*options)) is (options == ("Right", "Not at all"))


def test_a_blank_is_answered_by_typing():
    assert card_rows(card()) == []


def test_on_a_multiple_choice_a_press_ticks_and_a_second_unticks():
    rows = card_rows(card("甲", "乙", "丙", multiple=True, chosen="AC", submit_label="提交"))
    assert labels(rows) == [["☑ A", "☐ B", "☑ C"], ["提交"]]
    assert data(rows) == [
        tick_action("tok", "C"),
        tick_action("tok", "ABC"),
        tick_action("tok", "A"),
        answer_action("tok", "AC"),
    ]


def test_nothing_is_submitted_before_something_is_ticked():
    assert labels(card_rows(card("甲", "乙", multiple=True, submit_label="提交"))) == [["☐ A", "☐ B"]]


# Choices and links. ----------------------------------------------------------------------------------------------------


def test_short_buttons_stand_three_in_a_row_and_a_long_one_alone():
    reply = Reply(
        "",
        choices=tuple(
            Choice(label, label) for label in ("今日答题", "我的档案", "帮助", "语言", "这是一个很长的按钮", "好")
        ),
    )
    assert labels(keyboard(reply)[0]) == [["今日答题", "我的档案", "帮助"], ["语言"], ["这是一个很长的按钮"], ["好"]]


def test_letters_count_half_of_a_chinese_character():
    reply = Reply("", choices=(Choice("abcdefghij", "a"), Choice("一二三四五", "b"), Choice("abcdefghijk", "c")))
    assert labels(keyboard(reply)[0]) == [["abcdefghij", "一二三四五"], ["abcdefghijk"]]


def test_a_choice_without_a_label_shows_what_it_says():
    assert labels(keyboard(Reply("", choices=(Choice("", "帮助"),)))[0]) == [["帮助"]]


@pytest.mark.parametrize(
    ("says", "fits"), [("字" * 21, True), ("字" * 21 + "a", True), ("字" * 22, False), ("", False)]
)
def test_what_does_not_fit_a_button_becomes_a_line(says, fits):
    rows, lines = keyboard(Reply("", choices=(Choice("标签", says),)))
    assert (bool(rows), lines) == (fits, [] if fits else ["标签"])


def test_an_address_telegram_does_not_open_becomes_a_line_with_its_address():
    rows, lines = keyboard(
        Reply("", links=(Link("全文", "https://flk.npc.gov.cn/"), Link("本机", "http://localhost:8000/x")))
    )
    assert rows == [[{"text": "全文", "url": "https://flk.npc.gov.cn/"}]]
    assert lines == ["本机: http://localhost:8000/x"]


def test_beyond_a_hundred_buttons_choices_are_lines_and_links_keep_their_address():
    choices = tuple(Choice(str(number), str(number)) for number in range(MOST_BUTTONS))
    reply = Reply("", choices=choices, links=(Link("全文", "https://a.cn/"),), card=card("甲", "乙", "丙"))
    rows, lines = keyboard(reply)
    assert sum(map(len, rows)) == MOST_BUTTONS
    assert lines == ["97", "98", "99", "全文: https://a.cn/"]


texts = st.text(max_size=40)


@given(st.lists(st.builds(Choice, texts, texts), max_size=120), st.none() | st.lists(texts, max_size=10), st.booleans())
def test_whatever_is_offered_telegram_takes_and_nothing_is_lost(choices, options, multiple):
    asked = None if options is None else card(*options, multiple=multiple, submit_label="提交")
    rows, lines = keyboard(Reply("", choices=tuple(choices), card=asked))
    buttons = [button for row in rows for button in row]
    assert len(buttons) <= MOST_BUTTONS
    assert all(1 <= len(button["callback_data"].encode()) <= MOST_DATA for button in buttons)
    assert all(row for row in rows)
    offered = len(buttons) - sum(map(len, card_rows(asked))) if asked else len(buttons)
    assert offered + len(lines) == len(choices)
