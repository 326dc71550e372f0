"""What the clock tells people: leaders their figures once, at their time; admins what went wrong, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.reports import reporting
from quizzes.plans import Report
from tests.engine import DAILY, QUESTIONS, Engine

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.person("李四", "财政局")
    engine.person("管理员", "司法局", role="admin")
    engine.person("领导", "政府办", role="leader")
    engine.person("分管", "政府办", role="leader", on="住建局")
    return engine


def reports(engine, channel="telegram"):
    return {
        p.address.id.removeprefix("telegram-"): p.reply.text for p in engine.delivered(channel) if p.kind == "report"
    }


def test_a_plan_that_reports_at_its_close_sends_final_figures_once(engine):
    engine.with_plan(replace(DAILY, report=Report(every="close"))).at("09:00")
    engine.at("18:00")
    assert reports(engine) == {}
    engine.after(seconds=11)
    told = reports(engine)
    assert set(told) == {"领导", "分管"}
    assert "缺考" in told["领导"]
    engine.after(minutes=5)
    assert reports(engine) == {}


def test_a_leader_of_one_bureau_gets_that_bureau_only(engine):
    engine.with_plan(replace(DAILY, report=Report(every="close"))).at("09:00").at("18:01")
    told = reports(engine)
    assert "应考1人" in told["分管"]
    assert "财政局" not in told["分管"]
    assert "应考5人" in told["领导"]
    assert "财政局" in told["领导"]


def test_a_weekly_report_comes_on_its_day_and_not_on_others(engine):
    engine.at("08:30", date(2026, 11, 25)).with_plan(replace(DAILY, report=Report(every="friday")))
    for day in (25, 26):
        engine.at("09:00", date(2026, 11, day)).at("18:01")
        assert reports(engine) == {}
    engine.at("09:00", FRIDAY)
    engine.at("18:00", FRIDAY)
    assert set(reports(engine)) == {"领导", "分管"}
    engine.after(minutes=1)
    assert reports(engine) == {}


def test_a_report_names_nobody(engine):
    engine.with_plan(replace(DAILY, report=Report(every="close"))).at("09:00").at("18:01")
    text = reports(engine)["领导"]
    assert not any(name in text for name in ("张三", "李四", "管理员"))


def test_a_plan_without_a_report_sends_none(engine):
    engine.at("08:30", FRIDAY).with_plan(DAILY).at("09:00").at("18:01")
    assert reports(engine) == {}


def test_admins_are_told_once_each_in_their_language(engine):
    engine.person("另一位", "司法局", role="admin")
    engine.says("另一位", "language en")
    for _ in range(2):
        engine.write(
            lambda store: reporting.tell_admins(
                store, "k", "clock.missed", engine.now, title="每日一题", day="11月23日"
            )
        )
    told = reports(engine)
    assert set(told) == {"管理员", "另一位"}
    assert "错过" in told["管理员"]
    assert "missed" in told["另一位"]


def test_somebody_who_is_no_admin_any_more_is_not_told(engine):
    engine.write(
        lambda store: store.plain(f"UPDATE role SET revoked_at = 1 WHERE person_id = {engine.people['管理员']}")
    )
    engine.write(
        lambda store: reporting.tell_admins(store, "k", "clock.missed", engine.now, title="每日一题", day="11月23日")
    )
    assert reports(engine) == {}
