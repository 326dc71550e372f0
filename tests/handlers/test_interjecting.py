"""An answer typed in the middle of another conversation is still an answer, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from storage.tables import feedback, response
from tests.engine import DAILY, QUESTIONS, Engine


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(DAILY).at("09:00")
    engine.says("张三", "投诉建议")
    return engine


def number(engine, table):
    return engine.read(lambda store: store.value(select(func.count()).select_from(table)))


def test_a_letter_is_recorded_as_an_answer_and_the_conversation_waits(engine):
    engine.says("张三", "b")
    assert (number(engine, response), number(engine, feedback)) == (1, 0)
    engine.says("张三", "发得太早")
    assert (number(engine, response), number(engine, feedback)) == (1, 1)


def test_对_answers_a_judgement(engine):
    engine.says("张三", "A")
    engine.says("张三", "AC")
    engine.says("张三", "对")
    assert (number(engine, response), number(engine, feedback)) == (3, 0)


@pytest.mark.parametrize("text", ["B 的解析有误", "对的人太少", "好", "1", "A。"])
def test_a_sentence_that_only_begins_like_an_answer_is_what_was_meant(engine, text):
    engine.says("张三", text)
    assert (number(engine, response), number(engine, feedback)) == (0, 1)


def test_with_no_card_open_a_letter_is_a_sentence(engine):
    engine.at("18:01")
    engine.says("张三", "投诉建议")
    engine.says("张三", "B")
    assert (number(engine, response), number(engine, feedback)) == (0, 1)
