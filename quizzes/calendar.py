"""Workdays of mainland China: the State Council's yearly arrangement (放假和调休) under the deployment's own overlay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

_LONGEST_BREAK = 31


class UnpublishedYear(LookupError):
    """Nobody can say yet which days of `year` are workdays: its arrangement is neither in the `holidays` library nor in the
    overlay. Never guessed: an ordinary Monday may turn out to be a day off."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"no published holiday arrangement for {year}")


@dataclass(frozen=True, slots=True)
class Overlay:
    """calendar.yaml: single days (True: workday) that win over the arrangement, and the years it writes out in full, in which
    every other day follows the week."""

    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()


class Workdays:
    """Says which days are worked. Thread-safe; the library is loaded at the first question about a day."""

    def __init__(self, overlay: Overlay | None = None) -> None:
        self._overlay = overlay or Overlay()

    def published(self, year: int) -> bool:
        """Whether the arrangement of `year` is known. It usually appears in November of the year before."""
        return year in self._overlay.years or year in _published_years()

    def is_workday(self, day: date) -> bool:
        """Raises `UnpublishedYear` where neither the overlay nor the published arrangement says."""
        if day in self._overlay.days:
            return self._overlay.days[day]
        weekday = day.weekday() < 5
        if day.year in self._overlay.years:
            return weekday
        if not self.published(day.year):
            raise UnpublishedYear(day.year)
        days_off, make_up = _arrangement(day.year)
        return day in make_up or (weekday and day not in days_off)

    def next_workday(self, day: date) -> date:
        """The first workday after `day`. Raises `UnpublishedYear`, or LookupError if a whole month is off."""
        for ahead in range(1, _LONGEST_BREAK + 1):
            if self.is_workday(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        raise LookupError(f"no workday within {_LONGEST_BREAK} days of {day}")


@cache
def _china(year: int | None = None) -> Any:
    """The library costs 0.11 s to load, so it is loaded when a day is first asked about, not at the start of every command."""
    import holidays  # noqa: PLC0415

    return holidays.country_holidays("CN", years=year)


@cache
def _published_years() -> frozenset[int]:
    """Years whose notice (国务院办公厅关于…部分节假日安排的通知) the library holds. Every year since 2001 had 调休."""
    return frozenset(_china().special_public_holidays)


@cache
def _arrangement(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(days off, weekend days that are worked): built once per year and never changed, so threads may share it."""
    china = _china(year)
    return frozenset(china), frozenset(day for day in china.weekend_workdays if day.year == year)
