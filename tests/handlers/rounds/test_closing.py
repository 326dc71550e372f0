"""Closing: what was begun is handed in, once, in chunks; the sums are kept; what would still go out is not sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from handlers.rounds import clock, closing
from quizzes.rounds import State
from quizzes.rules import Rules
from storage import answers, figures, recounting, rounds
from storage.tables import attempt, delivery, enrolment, response
from tests.engine import DAILY, QUESTIONS, Engine

NAMES = tuple(f"干部{n}" for n in range(7))


@pytest.fixture
def engine(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    for name in NAMES:
        engine.person(name, "住建局")
    return engine.with_plan(DAILY).at("09:00")


def begins(engine, name, presses=1):
    engine.says(name, "今日答题")
    for _ in range(presses):
        engine.answers(name, engine.right(name))


class PowerCut(Exception):
    """The transaction never came to its end."""


def cut_short(engine, store):
    clock.tick(store, engine.now, engine.house, engine.calendar, engine.rng)
    raise PowerCut


def tick(engine):
    return engine.write(lambda store: clock.tick(store, engine.now, engine.house, engine.calendar, engine.rng))


def attempts(engine):
    query = select(attempt.c.state, attempt.c.score, attempt.c.automatic).order_by(attempt.c.id)
    return [(row.state, row.score, bool(row.automatic)) for row in engine.read(lambda store: store.rows(query))]


def state(engine):
    return engine.read(lambda store: rounds.get(store, 1)).state


def test_what_was_begun_is_handed_in_with_what_was_answered_and_marked_automatic(engine):
    begins(engine, NAMES[0], 2)
    begins(engine, NAMES[1], 3)
    begins(engine, NAMES[2], 0)
    engine.at("18:01")
    assert sorted(attempts(engine)) == [("handed_in", 6666, True), ("handed_in", 10_000, False)]


def test_the_close_is_cut_into_chunks_and_a_crash_between_them_loses_and_doubles_nothing(engine, monkeypatch):
    monkeypatch.setattr(closing, "CHUNK", 2)
    for name in NAMES[:5]:
        begins(engine, name)
    engine.now = engine.now.replace(hour=10, second=11)
    tick(engine)
    tick(engine)
    assert state(engine) is State.CLOSING
    assert [kind for kind, *_ in attempts(engine)].count("handed_in") == 2
    with pytest.raises(PowerCut):
        engine.write(partial(cut_short, engine))
    engine.database.memory.forget()
    engine.settle()
    assert state(engine) is State.CLOSED
    assert attempts(engine) == [("handed_in", 3333, True)] * 5
    tries = engine.read(
        lambda store: [r.attempts for r in store.rows(select(enrolment.c.attempts).order_by(enrolment.c.id))]
    )
    assert tries == [1] * 5 + [0] * 2
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_nothing_of_a_closing_round_is_answered_any_more(engine):
    begins(engine, NAMES[0])
    token = engine.card(NAMES[0]).token
    engine.now = engine.now.replace(hour=10, second=11)
    tick(engine)
    (reply,) = engine.presses(NAMES[0], f"={token}:A")
    assert "截止" in reply.text
    assert engine.read(lambda store: store.value(select(func.count()).select_from(response))) == 1
    engine.settle()
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_cards_and_reminders_still_waiting_are_cancelled_at_the_close(engine):
    engine.at("16:30")
    engine.now = engine.now.replace(hour=10, minute=0, second=11)
    tick(engine)
    states = engine.read(lambda store: {r.state for r in store.rows(select(delivery.c.state))})
    assert states == {"cancelled"}
    assert engine.delivered() == []


def test_an_officer_can_end_a_round_early_and_answers_until_then_count(engine):
    engine.person("管理员", "司法局", role="admin")
    begins(engine, NAMES[0], 2)
    begins(engine, NAMES[1], 3)
    (asked,) = engine.says("管理员", "结束答题 1")
    assert state(engine) is State.OPEN
    engine.presses("管理员", asked.choices[0])
    engine.now += timedelta(seconds=11)
    engine.settle()
    assert state(engine) is State.CLOSED
    assert engine.read(lambda store: figures.sums(store, 1))[engine.units["住建局"]].sat == 2


def test_the_best_attempt_counts_or_the_last_as_the_rules_say(engine):
    begins(engine, NAMES[0], 3)

    def hand_in_again(store, rules):
        sat = replace(answers.sitting(store, _paper(store)), rules=rules)
        return closing.hand_in(store, sat, [True, False, False], engine.now, automatic=False)

    def _paper(store):
        return store.value(select(attempt.c.id))

    assert engine.write(lambda store: hand_in_again(store, Rules(score="best"))) == (3333, 10_000)
    assert engine.write(lambda store: hand_in_again(store, Rules(score="last"))) == (3333, 3333)
    assert engine.read(lambda store: store.value(select(enrolment.c.score).where(enrolment.c.sat.is_(True)))) == 3333
