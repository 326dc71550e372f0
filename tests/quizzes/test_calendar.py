"""Workdays of mainland China."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from quizzes.calendar import Overlay, UnpublishedYear, Workdays


def days_of(year):
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", range(2008, 2027))
def test_a_published_year_agrees_with_an_independent_calendar(year):
    workdays = Workdays()
    differ = [day for day in days_of(year) if workdays.is_workday(day) != chinese_calendar.is_workday(day)]
    assert differ == []


def test_a_make_up_sunday_is_worked_and_the_bridged_friday_is_not():
    workdays = Workdays()
    assert workdays.is_workday(date(2026, 1, 4))
    assert not workdays.is_workday(date(2026, 1, 2))


def test_a_year_without_an_arrangement_is_never_guessed():
    workdays = Workdays()
    assert workdays.published(2026)
    assert not workdays.published(2199)
    with pytest.raises(UnpublishedYear) as unknown:
        workdays.is_workday(date(2199, 3, 4))
    assert unknown.value.year == 2199


def test_the_overlay_wins_over_the_arrangement():
    workdays = Workdays(Overlay({date(2026, 12, 31): False, date(2026, 10, 1): True}))
    assert not workdays.is_workday(date(2026, 12, 31))
    assert workdays.is_workday(date(2026, 10, 1))


def test_the_overlay_speaks_for_its_days_even_in_an_unpublished_year():
    assert not Workdays(Overlay({date(2199, 3, 4): False})).is_workday(date(2199, 3, 4))


def test_a_year_written_out_in_the_overlay_follows_the_week_elsewhere():
    workdays = Workdays(Overlay({date(2199, 1, 1): False, date(2199, 1, 5): True}, frozenset({2199})))
    assert workdays.published(2199)
    assert not workdays.is_workday(date(2199, 1, 1))  # a Tuesday
    assert workdays.is_workday(date(2199, 1, 2))
    assert workdays.is_workday(date(2199, 1, 5))  # a Saturday
    assert not workdays.is_workday(date(2199, 1, 6))


def test_the_next_workday_is_after_the_holiday():
    assert Workdays().next_workday(date(2026, 9, 30)) == date(2026, 10, 8)


def test_the_next_workday_is_not_guessed_across_an_unpublished_new_year():
    with pytest.raises(UnpublishedYear):
        Workdays(Overlay({}, frozenset({2198}))).next_workday(date(2198, 12, 31))


def test_an_overlay_without_any_workday_is_an_error_and_not_a_loop():
    days = {date(2026, 1, 1) + timedelta(days=n): False for n in range(60)}
    with pytest.raises(LookupError, match="no workday"):
        Workdays(Overlay(days)).next_workday(date(2026, 1, 1))
