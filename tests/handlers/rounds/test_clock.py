"""The clock: rounds open on workdays, remind only those missing, close, and neither an outage nor a second process loses or doubles one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from handlers.rounds import clock
from handlers.rounds.clock import Calendar
from quizzes.plans import Draw, Report
from quizzes.questions import Kind
from quizzes.rounds import State
from storage import rounds
from storage.tables import delivery, enrolment, paper, round_
from tests.engine import DAILY, QUESTIONS, WORKDAYS, Engine

TUESDAY = date(2026, 11, 24)


@pytest.fixture
def engine(database):
    made = Engine(database).with_bank(*QUESTIONS)
    for number in range(4):
        made.person(f"干部{number}", "住建局")
    made.person("未绑定", "住建局", channel="")
    made.person("管理员", "司法局", role="admin")
    made.person("领导", "政府办", role="leader")
    return made.with_plan(replace(DAILY, report=Report()))


def states(engine):
    return [what.state for what in engine.read(lambda store: rounds.latest(store, 50, *State))]


def number_of(engine, table, **values):
    query = select(func.count()).select_from(table)
    for name, value in values.items():
        query = query.where(table.c[name] == value)
    return engine.read(lambda store: store.value(query))


def test_a_workday_round_opens_at_its_hour_with_a_paper_for_everybody_and_a_card_for_everybody_reachable(engine):
    engine.at("08:59")
    assert states(engine) == [State.PLANNED]
    engine.at("09:00")
    assert states(engine) == [State.OPEN]
    assert number_of(engine, enrolment) == 7
    assert number_of(engine, paper) == 7
    assert {p.address.id for p in engine.delivered()} == {
        f"telegram-{name}" for name in ("干部0", "干部1", "干部2", "干部3", "管理员", "领导")
    }


def test_no_round_opens_on_a_day_off(engine):
    engine.at("09:00", date(2026, 11, 28))
    assert State.OPEN not in states(engine)


def test_it_closes_after_the_grace_and_stores_its_sums(engine):
    engine.at("09:00")
    engine.says("干部0", "今日答题")
    for _ in range(3):
        engine.answers("干部0", engine.right("干部0"))
    engine.at("18:00")
    assert state_of_first(engine) is State.OPEN
    engine.after(seconds=11)
    assert state_of_first(engine) is State.CLOSED


def state_of_first(engine):
    return engine.read(lambda store: rounds.get(store, 1)).state


def test_what_was_begun_is_handed_in_at_the_close_and_what_was_never_answered_is_not(engine):
    engine.at("09:00")
    for name in ("干部0", "干部1"):
        engine.says(name, "今日答题")
    engine.answers("干部0", engine.right("干部0"))
    engine.at("18:01")
    rows = engine.read(lambda store: store.rows(select(enrolment).where(enrolment.c.sat.is_(True))))
    assert [(row.person_id, row.score, row.passed) for row in rows] == [(engine.people["干部0"], 3333, False)]


def test_reminders_go_only_to_those_who_have_not_finished_and_to_those_who_began(engine):
    engine.at("09:00")
    engine.delivered()
    for name, presses in (("干部0", 3), ("干部1", 1)):
        engine.says(name, "今日答题")
        for _ in range(presses):
            engine.answers(name, engine.right(name))
    engine.at("16:30")
    reminded = {p.address.id: p.reply.text for p in engine.delivered()}
    assert "telegram-干部0" not in reminded
    assert "还差 2 题" in reminded["telegram-干部1"]
    assert "没有答完" in reminded["telegram-干部2"]
    assert engine.at("16:31").delivered() == []


def test_the_weekly_budget_of_touches_bounds_reminders(engine):
    engine.house = replace(engine.house, weekly_touches=2)
    for day in (23, 24, 25):
        engine.at("09:00", date(2026, 11, day))
        engine.delivered()
        engine.at("16:30")
        reminded = len(engine.delivered())
        engine.at("18:01")
        assert reminded == (6 if day == 23 else 0)


def test_the_week_begins_anew_on_monday(engine):
    engine.house = replace(engine.house, weekly_touches=2)
    engine.at("09:00")
    engine.at("16:30")
    engine.at("09:00", date(2026, 11, 30))
    engine.delivered()
    assert len(engine.at("16:30").delivered()) == 6


def test_a_short_outage_opens_the_round_late_and_closes_it_later_by_as_much(engine):
    engine.at("08:30")
    engine.now += timedelta(minutes=50)
    engine.settle()
    what = engine.read(lambda store: rounds.get(store, 1))
    assert (what.state, what.late) == (State.OPEN, True)
    assert what.closes_at - what.opens_at == timedelta(hours=9, minutes=20)
    assert "补发" in engine.delivered()[0].reply.text


def test_a_long_outage_records_the_round_as_missed_and_tells_the_admin_once(engine):
    engine.at("08:30")
    engine.at("15:00")
    assert state_of_first(engine) is State.MISSED
    assert number_of(engine, enrolment) == 0
    told = engine.delivered()
    assert [p.address.id for p in told] == ["telegram-管理员"]
    assert "已记为错过" in told[0].reply.text
    assert engine.after(hours=1).delivered() == []


def test_a_week_down_records_every_missed_round(engine):
    engine.at("08:30")
    engine.at("08:00", date(2026, 11, 30))
    assert states(engine).count(State.MISSED) == 5


def test_a_clock_set_back_opens_nothing_twice(engine):
    engine.at("09:00")
    engine.now -= timedelta(hours=3)
    engine.settle()
    engine.at("09:00")
    assert number_of(engine, round_, plan_key="daily", due_on=date(2026, 11, 23)) == 1
    assert number_of(engine, delivery, kind="card") == 6


def test_a_draw_the_banks_cannot_fill_opens_nothing_and_says_which_line(engine):
    engine.with_plan(replace(DAILY, draw=(Draw(1, Kind.SINGLE), Draw(5, Kind.JUDGE))))
    engine.at("09:00")
    assert state_of_first(engine) is State.CANCELLED
    assert "第 2 行需要 5 题" in engine.delivered()[0].reply.text


def test_leaders_get_the_figures_on_friday_at_the_close(engine):
    friday = date(2026, 11, 27)
    engine.at("09:00", friday)
    engine.delivered()
    engine.at("17:59", friday)
    engine.delivered()
    engine.at("18:00", friday)
    reports = [p for p in engine.delivered() if p.kind == "report"]
    assert [p.address.id for p in reports] == ["telegram-领导"]
    assert "应考7人" in reports[0].reply.text


def test_from_november_on_the_admin_hears_once_a_week_that_next_year_is_not_published(engine):
    engine.calendar = Calendar(WORKDAYS.is_workday, lambda year: year < 2027)
    engine.with_plan()

    def told():
        return ["2027 年的放假安排" in parcel.reply.text for parcel in engine.delivered()]

    assert engine.settle()
    assert told() == [True]
    assert engine.after(days=6)
    assert told() == []
    assert engine.after(days=2)
    assert told() == [True]
    engine.calendar = WORKDAYS
    assert engine.after(days=8)
    assert told() == []


def test_a_bank_changed_while_a_round_runs_changes_nothing_in_it(engine):
    engine.at("09:00")
    engine.with_bank(QUESTIONS[0])
    engine.says("干部0", "今日答题")
    for _ in range(3):
        engine.answers("干部0", engine.right("干部0"))
    assert "答对 3 题" in engine.heard["干部0"][0].text


def test_two_clocks_on_postgres_pass_each_other(postgres):
    engine = Engine(postgres).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(DAILY)
    engine.now += timedelta(minutes=30)
    with postgres.writing() as first, postgres.writing() as second:
        clock.tick(first, engine.now, engine.house, engine.calendar, engine.rng)
        assert clock.tick(second, engine.now, engine.house, engine.calendar, engine.rng) is False
