"""The shapes of plans.yaml and calendar.yaml: what a field may hold, and what must hold between two."""

from __future__ import annotations

from datetime import date, time

import pytest
from pydantic import ValidationError

from quizzes.content.plan_shapes import (
    AudienceShape,
    CalendarShape,
    ClosesShape,
    DayShape,
    DrawShape,
    OpensShape,
    PlanShape,
    RemindShape,
    ReportShape,
    RulesShape,
)

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


def test_a_side_of_the_audience_that_is_named_names_somebody():
    assert AudienceShape() == AudienceShape(units=None)
    assert codes(AudienceShape, units=[]) == ["too_short"]
    assert codes(AudienceShape, enforcement="yes") == ["bool_type"]
    assert codes(PlanShape, **PLAN, who="everybody") == ["literal_error"]
    assert PlanShape(**PLAN, who={"units": ["住建局"]}).who == AudienceShape(units=["住建局"])


@pytest.mark.parametrize("levels", [None, 3, [2, 4], [3, 3]], ids=str)
def test_a_difficulty_is_a_level_or_from_one_to_another(levels):
    assert DrawShape(count=1, difficulty=levels).difficulty == levels


@pytest.mark.parametrize(("levels", "code"), [
    ([4, 2], "levels_fall"), ([1], "too_short"), ([1, 2, 3], "too_long"), (0, "greater_than_equal"), ([1, 6], "less_than_equal"),
])  # fmt: skip
def test_levels_that_cannot_be_are_refused(levels, code):
    assert codes(DrawShape, count=1, difficulty=levels) == [code]


@pytest.mark.parametrize("count", [0, 201, "5", None, True])
def test_a_line_draws_one_to_two_hundred(count):
    assert len(codes(DrawShape, count=count)) == 1


def test_rules_are_bounded_and_an_unknown_one_is_refused():
    assert RulesShape(minutes=None).minutes is None
    assert codes(RulesShape, pass_line=101) == ["less_than_equal"]
    assert codes(RulesShape, attempts=0) == ["greater_than_equal"]
    assert codes(RulesShape, postings=["兼职"]) == ["literal_error"]
    assert codes(RulesShape, postings=[]) == ["too_short"]
    assert codes(RulesShape, makeup=True) == ["extra_forbidden"]
    assert codes(RulesShape, preset="weekly") == ["unknown_preset"]


def test_reminders_are_few_and_reports_go_to_somebody():
    assert codes(RemindShape, at=[]) == ["too_short"]
    assert codes(RemindShape, at=["09:00"] * 6) == ["too_long"]
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
