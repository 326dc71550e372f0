"""When a sitting may begin, when it ends, and until when it takes answers: asked on the server, whatever the page or the card says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.sitting import gates
from quizzes.plans import Audience
from quizzes.rounds import GRACE
from quizzes.rules import Rules
from storage import answers
from tests.engine import HOUSE
from tests.handlers.sitting.exams import EXAM, begins, exam

MOMENT = timedelta(microseconds=1)


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
    assert "还没有开始" in refusal(engine, sat, sat.opens_at - MOMENT)
    assert refusal(engine, sat, sat.closes_at - MOMENT) == ""
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
    assert "还有一场没有交卷" in refusal(engine, replace(mine, paper_id=999), mine.until + GRACE)
    assert refusal(engine, replace(mine, paper_id=999), mine.until + GRACE + MOMENT) == ""


def test_a_begun_sitting_takes_answers_to_its_end_and_what_was_on_its_way_a_grace_longer(engine):
    assert not gates.takes_answers(sitting(engine), engine.now)
    begins(engine)
    mine = sitting(engine)
    for at, takes in ((engine.now, True), (mine.until + GRACE, True), (mine.until + GRACE + MOMENT, False)):
        assert gates.takes_answers(mine, at) is takes
    assert gates.takes_answers(replace(mine, state="closing"), engine.now)
    assert not gates.takes_answers(replace(mine, state="closed"), engine.now)
    assert not gates.takes_answers(replace(mine, attempt_state="handed_in"), engine.now)


def test_exams_of_the_next_weeks_are_announced_to_whom_they_mean(database):
    engine = exam(database, replace(EXAM, who=Audience(units=("住建局",))))
    engine.person("王敏", "司法局")

    def announced(name):
        found = engine.read(lambda store: gates.announced(store, engine.people[name], HOUSE, engine.now))
        return [each.title for each in found]

    engine.at("08:50")
    assert announced("张三") == ["年度学法考试"]
    assert announced("王敏") == []
    engine.at("09:00")
    assert announced("张三") == []


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


def test_whoever_has_a_score_from_outside_and_no_sitting_left_does_not_begin_one(engine):
    sat = sitting(engine)
    assert "不用再考" in refusal(engine, replace(sat, attempts=sat.rules.attempts))
    assert refusal(engine, replace(sat, attempts=sat.rules.attempts, granted=1)) == ""
