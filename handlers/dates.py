"""Dates in sentences: 「12月1日至12月10日」, with the year where it is another than this one."""

from __future__ import annotations

from datetime import date

from handlers.turns import Turn


def day(turn: Turn, on: date) -> str:
    """A date as people read it."""
    if on.year == turn.house.today(turn.now).year:
        return turn.house.day(turn.language, on)
    return turn.say("times.full_date", year=on.year, month=on.month, day=on.day)


def span(turn: Turn, starts_on: date, ends_on: date | None) -> str:
    """From a date to a date, both inclusive; None is an open end."""
    if ends_on == starts_on:
        return day(turn, starts_on)
    if ends_on is None:
        return turn.say("times.since", start=day(turn, starts_on))
    return turn.say("times.span", start=day(turn, starts_on), end=day(turn, ends_on))
