"""The shapes of plans.yaml and calendar.yaml: what a field may hold, and what must hold between two."""

from __future__ import annotations

from datetime import date, time

import pytest
from pydantic import ValidationError

from quizzes.content.paper_shapes import AudienceShape
from quizzes.content.plan_shapes import (
    CalendarShape,
    ClosesShape,
    DayShape,
    OpensShape,
    PlanShape,
    RemindShape,
    ReportShape,
    RulesShape,
)
from quizzes.content.rules_shapes import ParametersShape

PLAN = {
    "plan": "daily", "title": "每日一题", "opens": {"every": "workday", "at": "09:00"}, "closes": {"at": "18:00"},
    "paper": {"draw": [{"count": 1}]},
}  # fmt: skip


def codes(shape, **data):
    with pytest.raises(ValidationError) as raised:
        shape(**data)
    return [error["type"] for error in raised.value.errors()]


def test_the_shortest_plan_has_its_defaults():
    found = PlanShape(**PLAN)
    assert (found.counts, found.notice, found.who, found.remind, found.report) == ("practice", "", "all", None, None)
    assert found.rules == RulesShape(preset="daily")
    assert (found.closes.after, found.paper.avoid_repeats_days) == (0, 0)


@pytest.mark.parametrize("missing", PLAN)
def test_what_every_plan_needs_is_asked_for(missing):
    assert codes(PlanShape, **{k: v for k, v in PLAN.items() if k != missing}) == ["missing"]


@pytest.mark.parametrize("when", [{"every": "workday"}, {"every": ["mon", "sun"]}, {"dates": ["2026-12-04"]}], ids=str)
def test_a_plan_opens_on_workdays_on_weekdays_or_on_dates(when):
    assert OpensShape(**when, at="09:00").at == time(9)


@pytest.mark.parametrize("when", [{}, {"every": "workday", "dates": ["2026-12-04"]}], ids=str)
def test_a_plan_opens_by_one_rule_and_not_by_none_or_two(when):
    assert codes(OpensShape, **when, at="09:00") == ["opens_every_or_dates"]


@pytest.mark.parametrize("every", ["daily", ["monday"], [], ["mon"] * 8, {"a": 1}, 1], ids=str)
def test_a_rule_that_nobody_knows_gives_one_error(every):
    assert len(codes(OpensShape, every=every, at="09:00")) == 1


@pytest.mark.parametrize("at", ["9:00", "24:00", "09:60", "0900", "", None, 900, time(9)], ids=str)
def test_what_is_no_time_of_the_day_is_refused(at):
    assert codes(ClosesShape, at=at) == ["time_expected"]


@pytest.mark.parametrize(
    ("after", "fine"), [(0, True), (366, True), (-1, False), (367, False), ("1", False), (1.0, False)]
)
def test_a_round_closes_within_a_year(after, fine):
    if fine:
        assert ClosesShape(at="18:00", after=after).after == after
    else:
        assert len(codes(ClosesShape, at="18:00", after=after)) == 1


def test_a_plan_is_for_all_or_for_an_audience():
    assert codes(PlanShape, **PLAN, who="everybody") == ["literal_error"]
    assert PlanShape(**PLAN, who={"units": ["住建局"]}).who == AudienceShape(units=["住建局"])


def test_rules_stand_on_a_preset_that_exists():
    assert RulesShape().preset == "daily"
    assert codes(RulesShape, preset="weekly") == ["unknown_preset"]
    assert set(RulesShape.model_fields) == {"preset", *ParametersShape.model_fields}


def test_reminders_are_few_and_reports_go_to_somebody():
    assert codes(RemindShape, at=[]) == ["too_short"]
    assert codes(RemindShape, at=["09:00"] * 6) == ["too_long"]
    assert codes(RemindShape, at=["09:00"], most=0, hand_over_days=-1) == ["greater_than_equal"] * 2
    assert codes(ReportShape, to="everybody") == ["literal_error"]
    assert codes(ReportShape, every="fri") == ["literal_error"]


def test_a_day_of_the_calendar_is_off_or_work_and_not_both():
    assert DayShape(date="2026-12-31", off=True).date == date(2026, 12, 31)
    for both in ({}, {"off": True, "work": True}):
        assert codes(DayShape, date="2026-12-31", **both) == ["day_off_or_work"]
    assert "literal_error" in codes(DayShape, date="2026-12-31", off=False)


def test_a_calendar_may_be_empty_and_its_years_are_of_this_century():
    assert CalendarShape() == CalendarShape(days=[], years=[])
    assert codes(CalendarShape, years=[1999]) == ["greater_than_equal"]
