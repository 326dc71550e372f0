"""When a sitting may begin and when it ends: asked on the server, whatever the page or the card says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.sitting import gates
from quizzes.rules import Rules
from storage import answers
from tests.engine import HOUSE
from tests.handlers.sitting.exams import EXAM, begins, exam


@pytest.fixture
def engine(database):
    return exam(database).at("09:00")


def sitting(engine, name="张三"):
    return engine.read(lambda store: answers.open_sittings(store, engine.people[name], engine.now))[0]


def refusal(engine, sat, now=None):
    return engine.read(lambda store: gates.refusal(store, sat, HOUSE, "zh", now or engine.now))


def test_an_open_exam_may_begin_from_its_opening_to_its_close_and_not_a_moment_longer(engine):
    sat = sitting(engine)
    assert refusal(engine, sat) == ""
    assert refusal(engine, sat, sat.opens_at) == ""
    assert "还没有开始" in refusal(engine, sat, sat.opens_at - timedelta(microseconds=1))
    assert refusal(engine, sat, sat.closes_at - timedelta(microseconds=1)) == ""
    assert "已经截止" in refusal(engine, sat, sat.closes_at)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("planned", "还没有开始"),
        ("opening", "还没有开始"),
        ("closing", "已经截止"),
        ("closed", "已经截止"),
        ("cancelled", "已经截止"),
    ],
)
def test_only_an_open_round_can_be_begun(engine, state, said):
    assert said in refusal(engine, replace(sitting(engine), state=state))


def test_another_exam_that_is_not_handed_in_comes_first(engine):
    begins(engine)
    mine = sitting(engine)
    assert "还有一场没有交卷" in refusal(engine, replace(mine, paper_id=999))
    assert refusal(engine, mine) == ""
    assert refusal(engine, replace(mine, paper_id=999), mine.until) == ""


@pytest.mark.parametrize(
    ("rules", "before", "lasts"),
    [
        (Rules(minutes=60), 90, 60),
        (Rules(minutes=60), 20, 20),
        (Rules(minutes=60, late="finish"), 20, 60),
        (Rules(), 20, None),
    ],
)
def test_a_sitting_lasts_its_minutes_and_to_the_close_at_most_unless_it_may_finish(engine, rules, before, lasts):
    sat = replace(sitting(engine), rules=rules)
    now = sat.closes_at - timedelta(minutes=before)
    ends = engine.read(lambda store: gates.end_of(store, sat, now))
    assert ends == (None if lasts is None else now + timedelta(minutes=lasts))
    assert EXAM.rules.minutes == 60
