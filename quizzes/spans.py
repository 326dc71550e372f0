"""Dates as people type them: 「2026-12-01 2026-12-10」, 「12月1日至12月10日」, 「12.1-12.10」, 「12月1日起」."""

from __future__ import annotations

import re
from datetime import date

Span = tuple[date, date | None]
"""From a date to a date, both inclusive; None is an open end."""
_DAY = r"(?:(\d{4})\s*[-./年]\s*)?(\d{1,2})\s*[-./月]\s*(\d{1,2})日?"
_SPAN = re.compile(rf"{_DAY}(?:\s*(?:至|到|to|[-—–~～]|\s)\s*(?:{_DAY}|(-|长期)))?\s*(起|on)?", re.IGNORECASE)


def read_span(text: str, today: date) -> Span | None:
    """The dates in a text and nothing else, or None. One date is that day alone, with 「起」 or "-" behind it an open end. A date
    without a year is of this year; a second one that would lie before the first, of the next."""
    found = _SPAN.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    start = _day(found[1], found[2], found[3], today.year)
    if start is None or (found[5] is None and (found[7] or found[8])):
        return (start, None) if start is not None else None
    if found[5] is None:
        return start, start
    end = _day(found[4], found[5], found[6], start.year)
    if end is not None and end < start and found[4] is None:
        end = _day(None, found[5], found[6], start.year + 1)
    return (start, end) if end is not None and end >= start and not found[8] else None


def _day(year: str | None, month: str, day: str, otherwise: int) -> date | None:
    try:
        return date(int(year) if year else otherwise, int(month), int(day))
    except ValueError:
        return None
