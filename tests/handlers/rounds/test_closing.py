"""Closing: what was begun is handed in, once, in chunks; the sums are kept; what would still go out is not sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from handlers import dispatch
from handlers.messages import answer_action
from handlers.rounds import clock, closing, opening
from quizzes.rounds import State
from quizzes.rules import Rules
from storage import accounts, answers, figures, recounting, rounds
from storage.tables import attempt, delivery, enrolment, response
from tests.engine import DAILY, QUESTIONS, Engine
from tests.handlers.sitting import exams
from tests.handlers.sitting.exams import exam
from tests.storage.test_corrections import meanwhile

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


@pytest.mark.parametrize(("score", "counts"), [("best", 10_000), ("last", 3333)])
def test_the_best_attempt_counts_or_the_last_as_the_rules_say(engine, score, counts):
    """Two sittings: all right, then one of three."""
    begins(engine, NAMES[0], 3)
    who = engine.people[NAMES[0]]

    def again(store):
        sat = answers.open_sittings(store, who, engine.now)[-1]
        opening.draw_again(store, sat)
        sat = answers.open_sittings(store, who, engine.now)[-1]
        question = answers.shown(store, sat.slots[0])
        answers.start(store, sat, engine.now)
        answers.respond(
            store,
            sat,
            0,
            0,
            question.answer,
            True,
            arrived_at=engine.now,
            platform_at=None,
            channel="web",
            inbox_key="k",
        )
        return closing.hand_in(store, replace(sat, rules=Rules(attempts=2, score=score)), engine.now, automatic=False)

    reached = engine.write(again)
    assert (reached.score, reached.result.score) == (3333, counts)
    assert engine.read(lambda store: store.value(select(enrolment.c.score).where(enrolment.c.sat.is_(True)))) == counts


def test_a_sitting_whose_time_was_over_without_an_answer_is_no_sitting(engine):
    begins(engine, NAMES[0], 0)
    who = engine.people[NAMES[0]]

    def begin(store):
        sat = answers.open_sittings(store, who, engine.now)[0]
        answers.start(store, sat, engine.now, ends_at=engine.now + timedelta(minutes=5))

    engine.write(begin)
    engine.after(minutes=5, seconds=10)
    row = enrolment.c.person_id == who
    found = engine.read(lambda store: store.row(select(enrolment).where(row)))
    assert (bool(found.sat), found.attempts) == (False, 0)
    engine.after(seconds=1)
    found = engine.read(lambda store: store.row(select(enrolment).where(row)))
    assert (bool(found.sat), found.score, found.attempts) == (False, None, 1)
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


# Two processes at the same moment. -------------------------------------------------------------------------------------


def on_its_way(engine, name, action, channel="telegram"):
    """A turn as the ledger takes it, with its person's row locked first."""
    incoming = engine.incoming(name, channel, action=action, origin="1")

    def run(store):
        accounts.lock_people(store, [(incoming.account.channel, incoming.account.id)])
        return dispatch.take(store, incoming, engine.house)

    return run


@pytest.fixture
def nearly_over(postgres):
    """The last question is shown, and the grace of the sitting has a second left."""
    engine = exam(postgres).at("09:00")
    exams.begins(engine)
    for _ in range(2):
        engine.answers("张三", engine.right("张三"))
    engine.now += timedelta(minutes=60, seconds=9)
    return engine


def times_up(engine):
    later = engine.now + timedelta(seconds=2)
    return lambda store: closing.time_up(store, later)


@pytest.mark.postgres
def test_the_clock_waits_for_an_answer_that_another_process_is_recording(postgres, nearly_over):
    answer = on_its_way(nearly_over, "张三", answer_action(nearly_over.card("张三").token, nearly_over.right("张三")))
    meanwhile(postgres, answer, times_up(nearly_over))
    assert exams.line(nearly_over).score == 10000
    assert nearly_over.read(lambda store: recounting.recount(store, 1)) == []


@pytest.mark.postgres
def test_the_clock_does_not_hand_in_what_another_process_is_handing_in(postgres, nearly_over):
    meanwhile(postgres, on_its_way(nearly_over, "张三", "确认交卷 1"), times_up(nearly_over))
    assert attempts(nearly_over) == [("handed_in", 6666, False)]
    assert exams.line(nearly_over).attempts == 1


@pytest.mark.postgres
def test_begun_and_handed_in_on_two_channels_at_once_is_one_sitting(postgres):
    engine = exam(postgres).at("09:00")
    engine.write(lambda store: accounts.bind(store, engine.people["张三"], "wecom", "wecom-张三", engine.now))
    for said in ("开始考试 1", "确认交卷 1"):
        meanwhile(postgres, on_its_way(engine, "张三", said), on_its_way(engine, "张三", said, "wecom"))
        assert len(attempts(engine)) == 1
    assert exams.line(engine).attempts == 1
