"""Reminders: only those who have not finished, once a time, within the week's touches, never in quiet hours or on leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from handlers.reach.reminding import remind, reminder, week_start
from handlers.words import say
from storage import accounts, deliveries, reminders, rounds
from tests.engine import DAILY, QUESTIONS, Engine

NAMES = ("张三", "李四", "王五")


@pytest.fixture
def engine(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    for name in NAMES:
        engine.person(name, "住建局")
    engine.with_plan(DAILY).at("09:00").delivered()
    return engine


def reminded(engine):
    return {parcel.address.id.removeprefix("telegram-") for parcel in engine.delivered() if parcel.kind == "reminder"}


def test_everybody_who_has_not_finished_is_reminded_once(engine):
    engine.says("张三", "今日答题")
    for _ in range(3):
        engine.answers("张三", engine.right("张三"))
    engine.at("16:30")
    assert reminded(engine) == {"李四", "王五"}
    engine.after(minutes=1)
    engine.after(minutes=30)
    assert reminded(engine) == set()


def test_two_times_of_a_day_are_two_reminders(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(replace(DAILY, remind_at=(time(11), time(16, 30)))).at("09:00").delivered()
    assert reminded(engine.at("11:00")) == {"张三"}
    assert reminded(engine.at("16:30")) == {"张三"}


def test_a_time_that_passed_more_than_an_hour_ago_is_let_go(engine):
    engine.at("17:31")
    assert reminded(engine) == set()


def test_a_time_missed_by_less_is_made_up_for(engine):
    engine.at("17:29")
    assert reminded(engine) == set(NAMES)


def test_quiet_hours_are_kept_also_past_midnight(engine):
    for name, span in (("张三", "16, quiet_to = 18"), ("李四", "22, quiet_to = 17"), ("王五", "17, quiet_to = 16")):
        engine.write(
            lambda store, name=name, span=span: store.plain(
                f"UPDATE person SET quiet_from = {span} WHERE name = '{name}'"
            )
        )
    engine.at("16:30")
    assert reminded(engine) == {"王五"}


def test_who_cannot_be_reached_is_not_reminded_and_not_counted(engine):
    engine.presses("张三", "/blocked")
    engine.says("李四", "解除绑定 yes")
    what = engine.read(lambda store: rounds.get(store, 1))
    assert engine.write(lambda store: remind(store, what, "by hand", engine.now, engine.house)) == 1
    assert reminded(engine) == {"王五"}


def test_the_same_key_reminds_nobody_twice(engine):
    what = engine.read(lambda store: rounds.get(store, 1))
    for _ in range(2):
        engine.write(lambda store: remind(store, what, "by hand", engine.now, engine.house))
    assert len(engine.delivered()) == 3


def test_only_the_named_are_reminded(engine):
    what = engine.read(lambda store: rounds.get(store, 1))
    assert (
        engine.write(
            lambda store: remind(store, what, "k", engine.now, engine.house, only=[engine.people["李四"], 999])
        )
        == 1
    )
    assert reminded(engine) == {"李四"}


def test_an_exempt_person_is_not_reminded(engine):
    engine.person("管理员", "司法局", role="admin")
    engine.presses("管理员", engine.says("管理员", "免考 张三 2026-11-23 - 病")[0].choices[0])
    assert reminded(engine.at("16:30")) == {"李四", "王五"}


def test_a_plan_taken_back_reminds_nobody(engine):
    engine.with_plan()
    assert reminded(engine.at("16:30")) == set()


def test_a_reminder_goes_to_one_account_of_a_person(engine):
    engine.write(lambda store: accounts.bind(store, engine.people["张三"], "web", "web-张三", engine.now))
    engine.at("16:30")
    assert len(engine.delivered()) + len(engine.delivered("web")) == 3


def test_a_reminder_that_was_not_sent_by_the_close_is_let_go(engine):
    engine.at("16:30")
    engine.now += timedelta(hours=1, minutes=30)
    assert engine.delivered() == []


def test_the_week_begins_on_monday_midnight_here(engine):
    for day in (23, 26, 29):
        now = engine.now.replace(day=day)
        assert week_start(now, engine.house).isoformat() == "2026-11-23T00:00:00+08:00"
    sunday_evening = engine.now.replace(day=22, hour=15, minute=59)
    assert week_start(sunday_evening, engine.house).date() == date(2026, 11, 16)
    assert week_start(sunday_evening + timedelta(minutes=1), engine.house).date() == date(2026, 11, 23)


def test_a_reminder_offers_the_quiz_and_the_reason_why_and_puts_no_pressure():
    text = reminder("zh", "每日一题", "11月23日 18:00", 0)
    assert text.text == say("zh", "quiz.reminder", title="每日一题", closes="11月23日 18:00", left=0)
    assert [button.says for button in text.choices] == ["今日答题", "为什么给我发这个"]
    assert "2" in reminder("zh", "每日一题", "11月23日 18:00", 2).text


def test_a_time_outside_working_hours_waits_for_the_next_working_hour(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(replace(DAILY, closes_after=1, remind_at=(time(20),))).at("09:00").delivered()
    assert reminded(engine.at("20:30")) == set()
    engine.at("08:30", date(2026, 11, 24))
    assert reminded(engine) == {"张三"}


def test_a_time_outside_them_with_no_working_hour_before_the_close_lapses(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(replace(DAILY, closes_at=time(23), remind_at=(time(20),))).at("09:00").delivered()
    assert reminded(engine.at("22:59")) == set()


def test_who_asked_for_quiet_is_reminded_when_it_ends(engine):
    engine.write(lambda store: reminders.set_quiet(store, engine.people["张三"], (16, 17)))
    assert reminded(engine.at("16:30")) == {"李四", "王五"}
    assert reminded(engine.at("17:00")) == {"张三"}


def test_after_as_many_as_the_plan_allows_there_is_a_pause(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(replace(DAILY, remind_at=(time(11), time(13), time(15)), remind_most=2)).at("09:00").delivered()
    assert [bool(reminded(engine.at(clock))) for clock in ("11:00", "13:00", "15:00")] == [True, True, False]


def test_a_reminder_that_waited_is_dropped_when_the_week_is_spent_meanwhile(engine):
    engine.house = replace(engine.house, weekly_touches=2)
    engine.write(lambda store: reminders.set_quiet(store, engine.people["张三"], (16, 17)))
    engine.at("16:30")
    account = engine.read(lambda store: accounts.of_person(store, engine.people["张三"])[0].id)
    engine.write(lambda store: deliveries.plan(store, "n", account, "notice", {"text": "通知"}, engine.now))
    engine.delivered()
    assert reminded(engine.at("17:00")) == set()


def test_a_reminder_that_a_sender_gets_to_only_in_the_evening_is_dropped(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(replace(DAILY, closes_after=1, remind_at=(time(17, 59),))).at("09:00").delivered()
    engine.at("17:59")
    engine.now += timedelta(minutes=2)
    assert reminded(engine) == set()


def test_who_has_a_request_that_waits_is_left_in_peace(engine):
    engine.write(lambda store: store.plain(f"INSERT INTO exemption (person_id, kind, reason, state, requested_at) VALUES ({engine.people['张三']}, '缓考', '病', 'requested', 0)"))  # fmt: skip
    assert reminded(engine.at("16:30")) == {"李四", "王五"}


def test_who_ran_out_of_time_without_an_answer_is_reminded_while_an_attempt_is_left(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    rules = replace(DAILY.rules, minutes=10, attempts=2, release="closed")
    engine.with_plan(replace(DAILY, rules=rules, remind_at=(time(11), time(16, 30)))).at("09:00").delivered()
    for expected in (True, False):
        engine.says("张三", "考试")
        engine.presses("张三", engine.heard["张三"][-1].choices[0])
        engine.after(minutes=12)
        assert bool(reminded(engine.at("11:00" if expected else "16:30"))) is expected
