"""Dates in sentences."""

from __future__ import annotations

from datetime import date

from handlers import dates
from storage.database import Store
from tests.builders import district, turn


def test_the_year_is_shown_only_where_it_is_another(store: Store) -> None:
    here = turn(store, district(store), "张三", "帮助")
    assert dates.day(here, date(2026, 12, 1)) == "12月1日"
    assert dates.day(here, date(2027, 1, 4)) == "2027年1月4日"


def test_a_span_is_one_day_two_days_or_open(store: Store) -> None:
    here = turn(store, district(store), "张三", "帮助")
    first = date(2026, 12, 1)
    assert dates.span(here, first, first) == "12月1日"
    assert dates.span(here, first, date(2027, 1, 3)) == "12月1日至2027年1月3日"
    assert dates.span(here, first, None) == "12月1日起"
