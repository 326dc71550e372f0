"""Questions as stored, and the hash that tells one content from another."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.questions import LETTERS, Kind, Question
from tests.engine import BLANK, QUESTIONS

ASKED = QUESTIONS[1]
OTHERWISE = {
    "key": "cf-2", "kind": Kind.SINGLE, "stem": "下列哪些不属于行政处罚？", "options": ("警告", "罚款"), "answer": ("A",), "explain": "见法条。",
    "cites": ("刑法 第三十四条",), "difficulty": 4, "topics": (), "items": (QUESTIONS[0],),
}  # fmt: skip
texts = st.text(max_size=6)
several = st.lists(texts, max_size=4).map(tuple)
simple = st.builds(
    Question, texts, st.sampled_from(Kind), texts, several, several, texts, several, st.integers(1, 5), several
)
questions = simple | st.builds(
    lambda case, items: replace(case, items=items), simple, st.lists(simple, min_size=1, max_size=3).map(tuple)
)
STORED = [field.name for field in fields(Question) if field.name != "background"]
"""A background belongs to an item taken out of its case, and is stored with the case."""


def stored(question):
    """As the database gives it back."""
    return json.loads(json.dumps(question.to_json(), ensure_ascii=False))


@pytest.mark.parametrize("question", [*QUESTIONS, BLANK], ids=lambda question: question.key)
def test_a_question_survives_being_stored(question):
    found = Question.from_json(stored(question))
    assert found == question
    assert found.content_hash == question.content_hash
    assert isinstance(found.kind, Kind)


@given(questions)
def test_any_question_survives_being_stored(question):
    assert Question.from_json(stored(question)) == question


def test_the_hash_never_changes_from_one_version_of_the_program_to_the_next():
    """A revision is found again by it: if this fails, every unchanged question would get a new revision at the next start."""
    assert ASKED.content_hash == "7de28cd6d000c4ef4dde58139b720dbdfd296ba00bf6438d68e1027ee1062d0d"


@pytest.mark.parametrize("name", STORED)
def test_the_hash_changes_with_any_field(name):
    assert set(OTHERWISE) == set(STORED)
    assert replace(ASKED, **{name: OTHERWISE[name]}).content_hash != ASKED.content_hash


def test_the_hash_changes_with_the_order_of_options():
    assert replace(ASKED, options=tuple(reversed(ASKED.options))).content_hash != ASKED.content_hash


@given(questions, questions)
def test_equal_content_and_only_that_has_an_equal_hash(one, other):
    assert (one.content_hash == other.content_hash) == (one == other)


@pytest.mark.parametrize("missing", [name for name in STORED if name != "items"])
def test_a_stored_content_that_lacks_a_field_is_a_bug(missing):
    data = stored(ASKED)
    del data[missing]
    with pytest.raises(KeyError):
        Question.from_json(data)


def test_there_are_letters_for_ten_options():
    assert LETTERS == "ABCDEFGHIJ"


def test_an_item_of_a_case_is_asked_with_the_text_of_the_case():
    case = replace(
        ASKED, key="al-1", kind=Kind.CASE, stem="某局查处一起案件。", options=(), answer=(), items=QUESTIONS[:2]
    )
    assert case.item(1) == replace(QUESTIONS[1], background="某局查处一起案件。")
    assert ASKED.item(None) is ASKED
    assert Question.from_json(stored(case)) == case
