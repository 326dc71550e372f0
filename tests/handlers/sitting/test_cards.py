"""Question cards: tokens nobody else can make, options in the person's own order, and what is said after an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.sitting import cards
from handlers.words import say, words
from quizzes.grading import shown_answer
from quizzes.papers import Slot
from quizzes.rules import Rules
from storage.answers import Sitting
from tests.engine import BLANK, QUESTIONS

SECRET = b"k" * 32
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SINGLE, MULTIPLE, JUDGE = QUESTIONS
SLOTS = (Slot(1, (2, 0, 3, 1)), Slot(2, (3, 2, 1, 0)), Slot(3, (0, 1)), Slot(4, ()))
SITTING = Sitting(7, 1, SLOTS, 1, 1, 1, "每日一题", "practice", "open", NOW, NOW, Rules(), 0, None, True, "")


def card(slot, question, language="zh", chosen=""):
    return cards.card(SECRET, language, SITTING, slot, question, chosen)


@given(st.integers(0, 10**17), st.integers(0, 10**4))
def test_a_token_says_which_question_of_which_paper(paper_id, slot):
    assert cards.read_token(SECRET, cards.sign(SECRET, paper_id, slot)) == (paper_id, slot)


@given(st.integers(1, 10**9), st.integers(0, 99), st.binary(min_size=1, max_size=40))
def test_a_token_of_another_secret_is_none(paper_id, slot, other):
    if other != SECRET:
        assert cards.read_token(SECRET, cards.sign(other, paper_id, slot)) is None


@given(st.text())
def test_no_text_is_taken_for_a_token(text):
    assert cards.read_token(SECRET, text) is None


def test_a_token_with_any_sign_changed_is_none():
    token = cards.sign(SECRET, 7, 1)
    for place in range(len(token)):
        for sign in "09A.-_ ":
            changed = token[:place] + sign + token[place + 1 :]
            assert changed == token or cards.read_token(SECRET, changed) is None


@pytest.mark.parametrize(
    "token", ["", "..", "1.0", "1.0.", "007.1.x", "-1.0.x", "1.0.x.y", "１.0.x", "9" * 30 + ".0.x"]
)
def test_what_we_never_signed_is_none(token):
    assert cards.read_token(SECRET, token) is None


def test_options_stand_in_this_papers_order():
    assert card(0, SINGLE).options == ("刑法", "宪法", "预算法", "民法典")
    assert card(1, MULTIPLE).options == tuple(reversed(MULTIPLE.options))


def test_a_heading_says_the_round_the_place_and_the_kind():
    assert card(0, SINGLE).heading == say(
        "zh", "quiz.heading", title="每日一题", number=1, total=4, kind=words("zh")["quiz.kind_single"]
    )
    assert card(2, JUDGE).heading.count("3/4") == 1


def test_only_several_choices_have_something_to_submit():
    assert [card(n, q).multiple for n, q in enumerate((*QUESTIONS, BLANK))] == [False, True, False, False]
    assert [bool(card(n, q).submit_label) for n, q in enumerate((*QUESTIONS, BLANK))] == [False, True, False, False]


def test_a_judgement_has_two_options_in_the_readers_language_and_a_blank_has_none():
    assert card(2, JUDGE).options == (words("zh")["quiz.true"], words("zh")["quiz.false"])
    assert card(2, JUDGE, "en").options == (words("en")["quiz.true"], words("en")["quiz.false"])
    assert card(3, BLANK).options == ()


def test_after_a_wrong_answer_the_right_one_is_named_by_its_letter_on_this_paper():
    said = cards.explained("zh", SINGLE, SLOTS[0], False)
    assert said.splitlines()[1] == say("zh", "quiz.key", answer=shown_answer(SINGLE, SLOTS[0].order))
    assert "B" in said.splitlines()[1]
    assert SINGLE.explain in said
    assert "宪法 第八十六条" in said


def test_after_a_right_answer_the_key_is_not_repeated():
    said = cards.explained("zh", SINGLE, SLOTS[0], True)
    assert said.splitlines()[0] == words("zh")["quiz.right"]
    assert len(said.splitlines()) == 3


def test_a_card_never_holds_the_answer():
    shown = card(0, replace(SINGLE, explain="解析在此"))
    assert "解析在此" not in repr(shown)
    assert shown.chosen == ""


def test_who_says_no_answer_reads_how_to_give_one_and_an_essay_is_called_too_long():
    assert cards.how("zh", BLANK.kind, "。") == words("zh")["quiz.how_blank"]
    assert "500" in cards.how("zh", BLANK.kind, "长" * 501)
    assert cards.how("zh", SINGLE.kind, "长" * 501) == words("zh")["quiz.how_single"]
