"""减负: nobody gets two practice rounds on one day, however the plans are written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from pydantic import ValidationError

from quizzes.content.burden_checks import apart, check_burden, common_day
from quizzes.content.plan_shapes import RemindShape
from quizzes.plans import Audience, Plan

DAILY = Plan("daily", "每日一题", time(9), time(18))
OTHER = replace(DAILY, key="more", title="每日再一题", opens_at=time(14))
MONDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 28)


def test_two_practice_plans_for_the_same_people_on_the_same_days_are_one_too_many():
    assert list(check_burden([DAILY, OTHER])) == [(1, "practice_twice_a_day", {"other": "每日一题", "day": "workday"})]


def test_an_assessed_exam_beside_the_daily_quiz_is_none_of_it():
    assert list(check_burden([DAILY, replace(OTHER, counts="assessed", notice="3号")])) == []


@pytest.mark.parametrize(("days", "day"), [
    (("tue", "thu"), "tue"), (("sat",), ""), ((MONDAY,), "2026-11-23"), ((SATURDAY,), ""), ((SATURDAY, MONDAY), "2026-11-23"),
])  # fmt: skip
def test_what_counts_is_whether_both_open_on_one_day(days, day):
    assert common_day(DAILY, replace(OTHER, days=days)) == common_day(replace(OTHER, days=days), DAILY) == day
    assert bool(list(check_burden([DAILY, replace(OTHER, days=days)]))) == bool(day)


@pytest.mark.parametrize(("one", "other", "parted"), [
    (Audience(), Audience(units=("住建局",)), False),
    (Audience(units=("司法局",)), Audience(units=("住建局",)), True),
    (Audience(units=("司法局", "住建局")), Audience(units=("住建局",)), False),
    (Audience(enforcement=True), Audience(enforcement=False), True),
    (Audience(categories=("公务员",)), Audience(ranks=("正科",)), False),
    (Audience(units=("司法局",), ranks=("正科",)), Audience(ranks=("副科",)), True),
])  # fmt: skip
def test_plans_for_different_people_are_fine(one, other, parted):
    assert apart(one, other) == apart(other, one) == parted
    assert bool(list(check_burden([replace(DAILY, who=one), replace(OTHER, who=other)]))) != parted


def test_a_plan_reminds_at_five_times_a_day_at_most():
    times = [f"{hour}:00" for hour in range(10, 16)]
    assert len(RemindShape(at=times[:5]).at) == 5
    with pytest.raises(ValidationError):
        RemindShape(at=times)
