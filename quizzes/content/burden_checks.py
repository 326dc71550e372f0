"""减负: what plans together ask of one person. Nobody gets more than one practice a day, whoever wrote the plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from quizzes.plans import Audience, Plan

Found = tuple[int, str, dict[str, object]]
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SIDES = ("units", "categories", "ranks")


def check_burden(plans: Sequence[Plan]) -> Iterator[Found]:
    """(index of the later plan, code, values) for every two practice plans that open for some of the same people on one day."""
    practice = [(index, plan) for index, plan in enumerate(plans) if plan.counts == "practice"]
    for (_, one), (index, other) in combinations(practice, 2):
        day = common_day(one, other)
        if day and not apart(one.who, other.who):
            yield index, "practice_twice_a_day", {"other": one.title, "day": day}


def common_day(one: Plan, other: Plan) -> str:
    """A day on which both open, as it is written in a plan: a date, a weekday, or "workday"; "" for none."""
    if one.days == other.days == "workday":
        return "workday"
    first, second = _days(one), _days(other)
    both = [day for day in first if day in second]
    if not both:  # a date against weekdays
        both = [day for day in first if isinstance(day, date) and _WEEK[day.weekday()] in second]
        both += [day for day in second if isinstance(day, date) and _WEEK[day.weekday()] in first]
    return str(both[0]) if both else ""


def _days(plan: Plan) -> tuple[str | date, ...]:
    """Workdays are Monday to Friday here: a Saturday worked in exchange is not known before the calendar is."""
    return _WEEK[:5] if plan.days == "workday" else plan.days


def apart(one: Audience, other: Audience) -> bool:
    """Whether nobody is meant by both. Units of different names are taken for apart: what lies below which, only the roster knows."""
    for side in _SIDES:
        first, second = getattr(one, side), getattr(other, side)
        if first is not None and second is not None and not set(first) & set(second):
            return True
    return one.enforcement is not None and other.enforcement is not None and one.enforcement != other.enforcement
