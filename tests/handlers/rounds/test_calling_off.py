"""取消考试, 恢复考试: taken back before it opens, and put back before its hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from quizzes.rounds import State
from storage import form_plans, rounds, tables
from tests.engine import DAILY, QUESTIONS, Engine
from tests.handlers.rounds.test_planning import FORM, booked, confirm, said


@pytest.fixture
def engine(database) -> Engine:
    made = Engine(database).with_bank(*QUESTIONS)
    made.person("王敏", "司法局", role="admin")
    made.person("张三", "住建局")
    made.says("王敏", "新考试")
    made.says("王敏", FORM)
    confirm(made)
    return made


def test_nothing_is_taken_back_before_the_confirmation(engine):
    text = said(engine, "取消考试 1")
    assert "将取消第 1 号「年度学法考试」，原定 12月1日 09:00 开始" in text
    assert len(booked(engine)) == 1
    assert engine.read(form_plans.keys)


def test_taken_back_it_does_not_open_and_nobody_hears_of_it(engine):
    engine.says("王敏", "取消考试 1 yes")
    assert engine.read(form_plans.keys) == frozenset()
    engine.at("09:30", date(2026, 12, 1))
    assert engine.read(lambda store: rounds.get(store, 1)).state is State.CANCELLED
    assert engine.read(lambda store: store.rows(select(tables.enrolment.c.id))) == []


def test_put_back_it_opens_as_it_was(engine):
    before = engine.read(lambda store: rounds.get(store, 1))
    engine.says("王敏", "取消考试 1 yes")
    assert "已恢复「年度学法考试」（第 1 号）" in said(engine, "恢复考试 1")
    after = engine.read(lambda store: rounds.get(store, 1))
    assert replace(after, seed=0) == replace(before, seed=0)
    assert engine.read(form_plans.keys) == {"exam-20261201"}
    engine.at("09:00", date(2026, 12, 1))
    assert engine.read(lambda store: rounds.get(store, 1)).state is State.OPEN


def test_after_its_hour_it_cannot_be_put_back(engine):
    engine.says("王敏", "取消考试 1 yes")
    engine.at("09:30", date(2026, 12, 1))
    assert "开考时间已经过了" in said(engine, "恢复考试 1")


def test_an_open_exam_is_not_taken_back(engine):
    engine.at("09:00", date(2026, 12, 1))
    assert "已经开始，不能取消" in said(engine, "取消考试 1 yes")
    assert engine.read(lambda store: rounds.get(store, 1)).state is State.OPEN


def test_a_round_of_the_file_is_changed_in_the_file(engine):
    engine.with_plan(replace(DAILY, days=(date(2026, 11, 24),)))
    engine.at("12:00", date(2026, 11, 23))
    [what] = [each for each in booked(engine) if each.plan_key == "daily"]
    assert "写在 plans.yaml 里" in said(engine, f"取消考试 {what.id} yes")
    assert len(booked(engine)) == 2


@pytest.mark.parametrize("asked", ["取消考试", "取消考试 99", "取消考试 年度", "取消考试 99999999999999999999"])
def test_without_a_number_it_asks_which(engine, asked):
    assert "请写明要取消哪一场" in said(engine, asked)


@pytest.mark.parametrize("asked", ["恢复考试", "恢复考试 1", "恢复考试 99"])
def test_what_was_not_taken_back_cannot_be_put_back(engine, asked):
    assert "请写明要恢复哪一场" in said(engine, asked)


def test_twice_is_as_once(engine):
    engine.says("王敏", "取消考试 1 yes")
    assert "已经取消，没有重复操作" in said(engine, "取消考试 1 yes")
    engine.says("王敏", "恢复考试 1")
    assert "请写明要恢复哪一场" in said(engine, "恢复考试 1")
    acts = engine.read(
        lambda store: [row.act for row in store.rows(select(tables.audit.c.act).order_by(tables.audit.c.id))]
    )
    assert [act for act in acts if act.startswith("plan.")] == ["plan.add", "plan.cancel", "plan.restore"]


def test_the_list_of_rounds_offers_to_call_it_off_and_not_to_open_it_by_hand(engine):
    [reply] = engine.says("王敏", "场次")
    assert [each.says for each in reply.choices] == ["取消考试 1", "新考试"]
