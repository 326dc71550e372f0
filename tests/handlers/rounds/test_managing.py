"""场次: opened and closed by hand, after showing what will happen; one a plan and day; what never opened gives way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from handlers.rounds import managing
from handlers.words import say, words
from quizzes.plans import Draw
from quizzes.questions import Kind
from quizzes.rounds import State
from storage import recounting, rounds
from storage.tables import audit, enrolment, round_
from tests.engine import DAILY, QUESTIONS, Engine
from tests.handlers.sitting.exams import begins, exam, line, text

ZH = words("zh")
SATURDAY, TUESDAY = date(2026, 11, 28), date(2026, 12, 1)


@pytest.fixture
def engine(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.person("李四", "财政局")
    engine.person("管理员", "司法局", role="admin")
    return engine.with_plan(DAILY).at("10:00", SATURDAY)


def found(engine):
    return engine.read(lambda store: rounds.latest(store, 9, *State))


def of(engine, day):
    return next(what for what in found(engine) if what.due_on == day)


def opens(engine):
    return engine.presses("管理员", engine.says("管理员", "开放答题 daily")[0].choices[0])


def test_what_would_open_is_shown_with_headcounts_and_nothing_opens(engine):
    (reply,) = engine.says("管理员", "开放答题 daily")
    for part in ("每日一题", "3 人", "3 个单位", "11月28日 18:00"):
        assert part in reply.text
    assert SATURDAY not in {what.due_on for what in found(engine)}


def test_confirmed_it_opens_within_a_tick_closes_as_planned_and_is_in_the_audit(engine):
    opens(engine)
    engine.after(seconds=1)
    what = found(engine)[0]
    assert (what.state, what.due_on) == (State.OPEN, SATURDAY)
    assert what.closes_at == what.opens_at + timedelta(hours=8)
    acts = engine.read(lambda store: [(r.act, r.object, r.actor_id) for r in store.rows(select(audit))])
    assert acts == [("round.open", f"round:{what.id}", engine.people["管理员"])]


def test_pressing_twice_opens_once(engine):
    opens(engine)
    (again,) = engine.says("管理员", "开放答题 daily yes")
    assert again.text == say("zh", "rounds.exists", title="每日一题", day="11月28日")
    engine.settle()
    assert [what.due_on for what in found(engine)].count(SATURDAY) == 1


def test_late_in_the_day_it_stays_open_an_hour(engine):
    engine.at("17:30")
    opens(engine)
    what = found(engine)[0]
    assert what.closes_at - what.opens_at == timedelta(hours=1)


def test_what_the_banks_cannot_fill_is_said_and_opens_nothing(engine):
    engine.with_plan(replace(DAILY, draw=(Draw(9, Kind.JUDGE),)))
    (reply,) = engine.says("管理员", "开放答题 daily yes")
    assert reply.text == say("zh", "clock.short", title="每日一题", line=1, wanted=9, found=1)
    assert SATURDAY not in {what.due_on for what in found(engine)}


def test_a_plan_nobody_knows_shows_the_rounds_and_what_can_be_opened(engine):
    (reply,) = engine.says("管理员", "开放答题 nothing")
    assert reply.text == engine.says("管理员", "场次")[0].text
    assert [button.says for button in reply.choices] == ["开放答题 daily", "新考试"]


def test_a_missed_round_is_made_up_for_by_hand_the_same_day_as_the_notice_says(engine):
    engine.at("08:30", TUESDAY)
    engine.at("15:00")
    assert of(engine, TUESDAY).state is State.MISSED
    opens(engine)
    engine.after(seconds=1)
    assert (of(engine, TUESDAY).state, of(engine, TUESDAY).late) == (State.OPEN, False)
    assert (
        engine.read(
            lambda store: store.value(select(func.count()).select_from(round_).where(round_.c.due_on == TUESDAY))
        )
        == 1
    )
    assert engine.says("张三", "今日答题")[0].card


def test_a_round_the_banks_could_not_fill_is_opened_by_hand_once_they_can(engine):
    engine.with_plan(replace(DAILY, draw=(Draw(2, Kind.JUDGE),)))
    engine.at("09:00", date(2026, 11, 30))
    assert found(engine)[0].state is State.CANCELLED
    engine.with_bank(*QUESTIONS, replace(QUESTIONS[2], key="fy-2", stem="复议不收费。"))
    opens(engine)
    engine.settle()
    assert found(engine)[0].state is State.OPEN


def test_a_round_that_has_opened_never_gives_way_to_another(engine):
    opens(engine)
    engine.settle()
    engine.says("管理员", f"结束答题 {found(engine)[0].id} yes")
    engine.after(seconds=11)
    before = engine.read(lambda store: store.value(select(func.count()).select_from(enrolment)))
    assert found(engine)[0].state is State.CLOSED
    (reply,) = engine.says("管理员", "开放答题 daily yes")
    assert reply.text == say("zh", "rounds.exists", title="每日一题", day="11月28日")
    assert engine.read(lambda store: store.value(select(func.count()).select_from(enrolment))) == before
    with engine.database.writing() as store:
        plan = rounds.plan_of(store, "daily")
        assert (
            managing.start(store, plan, managing.by_hand(plan, engine.house, engine.now), b"k", None, engine.now)
            is None
        )


def test_closing_says_how_many_are_missing_and_waits_for_a_yes(engine):
    opens(engine)
    engine.settle()
    number = found(engine)[0].id
    (reply,) = engine.says("管理员", f"结束答题 {number}")
    assert reply.text == say("zh", "rounds.would_close", title="每日一题", waiting=3)
    assert found(engine)[0].state is State.OPEN
    engine.presses("管理员", reply.choices[0])
    engine.after(seconds=11)
    assert found(engine)[0].state is State.CLOSED


@pytest.mark.parametrize(
    ("late", "minutes", "told"), [("cut", 60, True), ("finish", None, True), ("finish", 60, False)]
)
def test_who_sits_an_exam_that_is_ended_early_is_told_and_keeps_what_was_saved(database, late, minutes, told):
    engine = exam(database, late=late, minutes=minutes)
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    engine.at("09:00").delivered()
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    (asked,) = engine.says("管理员", "结束答题 1", channel="wecom")
    assert ("其中 1 人正在作答" in asked.text) is told
    engine.presses("管理员", asked.choices[0], channel="wecom")
    engine.after(minutes=1)
    heard = [text([parcel.reply]) for parcel in engine.delivered()]
    assert [("提前结束" in each, "已保存的作答都算" in each) for each in heard] == [(True, True)] * told
    engine.after(hours=1)
    assert line(engine).score == 3333
    assert engine.read(lambda store: recounting.recount(store, 1)) == []
    assert [text([parcel.reply]) for parcel in engine.delivered() if parcel.kind == "warning"] == [] or not told


def test_closing_what_is_not_open_shows_the_rounds(engine):
    for said in ("结束答题", "结束答题 99", "结束答题 x yes"):
        assert engine.says("管理员", said)[0].text.startswith(ZH["rounds.head"])


def test_the_seed_of_a_round_by_hand_is_no_guess(engine):
    opens(engine)
    other = Engine(engine.database, house=replace(engine.house, secret=b"j" * 32))
    seed = found(engine)[0].seed
    with engine.database.writing() as store:
        plan = replace(rounds.plan_of(store, "daily"), key="twin")
        managing.start(
            store, plan, managing.by_hand(plan, other.house, engine.now), other.house.secret, None, engine.now
        )
        assert rounds.latest(store, 1, State.PLANNED)[0].seed != seed
