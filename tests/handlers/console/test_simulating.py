"""Simulated people answer through the real engine, as often and as well as their habits say, the same for the same seed."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import func, select

from handlers.console import simulating
from handlers.console.simulating import Habit, pick
from quizzes.grading import is_correct, read_answer
from quizzes.rounds import State
from storage import recounting, rounds
from storage.tables import attempt, enrolment, inbox, response
from tests.engine import BLANK, DAILY, HOUSE, QUESTIONS, WORKDAYS, Engine


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    for number in range(12):
        engine.person(f"干部{number}", "住建局", channel="web")
    return engine.with_plan(DAILY)


def plays(engine, seed, **habit):
    rng = Random(seed)
    at = engine.now.replace(hour=1, minute=0)
    simulating.tick_through(engine.database, at, HOUSE, WORKDAYS, rng)
    what = engine.read(lambda store: simulating.open_round(store, "daily"))
    habits = [
        Habit(number, f"web-{name}", **{"takes_part": 1.0, "knows": 1.0, "breaks_off": 0.0, **habit})
        for name, number in engine.people.items()
    ]
    simulating.sit(engine.database, what, habits, HOUSE, rng, what.closes_at)
    simulating.tick_through(engine.database, what.closes_at.replace(minute=1), HOUSE, WORKDAYS, rng)


def number(engine, table, *which):
    return engine.read(lambda store: store.value(select(func.count()).select_from(table).where(*which)))


def test_who_always_knows_scores_a_hundred(engine):
    plays(engine, 1)
    assert number(engine, enrolment, enrolment.c.score == 10_000) == 12
    assert engine.read(lambda store: rounds.get(store, 1)).state is State.CLOSED
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_who_never_knows_scores_nothing(engine):
    plays(engine, 1, knows=0.0)
    assert number(engine, enrolment, enrolment.c.score == 0) == 12


def test_who_never_takes_part_is_absent(engine):
    plays(engine, 1, takes_part=0.0)
    assert (number(engine, response), number(engine, attempt)) == (0, 0)


def test_who_breaks_off_is_handed_in_by_the_clock(engine):
    plays(engine, 1, breaks_off=1.0)
    assert number(engine, attempt, attempt.c.automatic.is_(True)) == 12
    assert number(engine, response) == 24


def test_everything_goes_through_the_inbox_inside_the_hours_of_the_round(engine):
    plays(engine, 1)
    what = engine.read(lambda store: rounds.get(store, 1))
    times = engine.read(lambda store: [row.arrived_at for row in store.rows(select(inbox.c.arrived_at))])
    assert len(times) == 36
    assert all(what.opens_at < at < what.closes_at for at in times)


@pytest.mark.parametrize("question", [*QUESTIONS, BLANK], ids=lambda question: question.kind.value)
def test_what_is_picked_is_an_answer_and_right_or_wrong_as_wanted(question):
    for seed in range(50):
        rng = Random(seed)
        order = tuple(rng.sample(range(len(question.options)), len(question.options)))
        for right in (True, False):
            answer = read_answer(question, order, pick(question, order, right, rng))
            assert answer is not None
            assert is_correct(question, answer) is right
