"""Dates as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.spans import read_span

TODAY = date(2026, 11, 23)
FIRST, TENTH = date(2026, 12, 1), date(2026, 12, 10)


@pytest.mark.parametrize(
    "text",
    ["2026-12-01 2026-12-10", "2026-12-01 至 2026-12-10", "12月1日至12月10日", "12月1日到10日"[:5] + "到12月10日", "12.1-12.10",
     "2026年12月1日—2026年12月10日", "12/1~12/10", " 12-1   12-10 ", "2026-12-1 to 2026-12-10"],
)  # fmt: skip
def test_two_dates_are_read_however_they_are_written(text):
    assert read_span(text, TODAY) == (FIRST, TENTH)


def test_one_date_is_that_day_alone():
    assert read_span("12月1日", TODAY) == (FIRST, FIRST)


@pytest.mark.parametrize("text", ["12月1日起", "2026-12-01 -", "2026-12-01 长期", "12月1日 至 长期"])
def test_an_open_end_is_said(text):
    assert read_span(text, TODAY) == (FIRST, None)


def test_a_second_date_without_a_year_may_be_of_the_next():
    assert read_span("12月28日至1月3日", TODAY) == (date(2026, 12, 28), date(2027, 1, 3))
    assert read_span("2027-12-28 1-3", TODAY) == (date(2027, 12, 28), date(2028, 1, 3))


@pytest.mark.parametrize("text", ["", "昨天", "12", "1", "2026-12-10 2026-12-01", "2026-02-30", "12月1日 病假", "病假 12月1日",
                                  "2026-12-01 2026-12-10 起", "13月1日", "2026-11-23 - 病假"])  # fmt: skip
def test_anything_else_is_no_dates(text):
    assert read_span(text, TODAY) is None


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_dates_with_years_are_read_as_they_are_or_refused_when_they_run_backwards(start, end):
    assert read_span(f"{start} {end}", TODAY) == ((start, end) if start <= end else None)


@given(st.text(max_size=30))
def test_no_text_makes_it_fall(text):
    found = read_span(text, TODAY)
    assert found is None or found[1] is None or found[0] <= found[1]
