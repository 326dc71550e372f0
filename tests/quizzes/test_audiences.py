"""Why somebody is not due: every side that does not hold, and never a side where the rule that enrols says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.audiences import Side, outside
from quizzes.enrolling import UnknownUnits, enrol
from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.plans import Audience
from quizzes.rules import Rules

DAY = date(2026, 12, 4)
UNITS = [Unit(1, None, "城南区", 0), Unit(2, 1, "住建局", 0), Unit(3, 2, "质安站", 0), Unit(4, 1, "司法局", 1)]
WHO = Person(7, "张三", category="公务员", rank="四级主任科员", enforcement=True, retires_on=date(2030, 1, 1))
POSTING = Posting(1, 7, 3, PostingKind.STAFF, date(2020, 1, 1))


EVERYBODY, RULES = Audience(), Rules()


def why(audience: Audience = EVERYBODY, *, who: Person = WHO, postings=(POSTING,), rules: Rules = RULES):
    return outside(who, postings, UNITS, audience, rules, DAY)


def test_nothing_keeps_out_who_is_due():
    assert why() == ()
    assert why(Audience(("住建局",), ("公务员",), ("四级主任科员",), True, (7,))) == ()


@pytest.mark.parametrize(
    ("audience", "side"),
    [(Audience(units=("司法局",)), Side.UNITS), (Audience(categories=("工勤",)), Side.CATEGORIES), (Audience(ranks=("处级",)), Side.RANKS),
     (Audience(enforcement=False), Side.ENFORCEMENT), (Audience(people=(8,)), Side.PEOPLE)],
)  # fmt: skip
def test_each_side_is_named(audience, side):
    assert why(audience) == (side,)


def test_all_sides_that_fail_are_named_at_once():
    everything = Audience(("司法局",), ("工勤",), ("处级",), False, (8,))
    assert why(everything) == (Side.UNITS, Side.CATEGORIES, Side.RANKS, Side.ENFORCEMENT, Side.PEOPLE)


def test_without_a_posting_that_counts_only_that_is_said():
    seconded = replace(POSTING, kind=PostingKind.SECONDED)
    ended = replace(POSTING, ends_on=DAY - timedelta(days=1))
    somebody_else = replace(POSTING, person_id=8)
    for each in (seconded, ended, somebody_else):
        assert why(Audience(units=("司法局",)), postings=(each,)) == (Side.POSTING,)
    assert why(postings=(seconded,), rules=Rules(postings=("借调",))) == ()


def test_who_retired_before_the_day_is_out_and_on_the_day_is_not():
    assert why(who=replace(WHO, retires_on=DAY - timedelta(days=1))) == (Side.RETIRED,)
    assert why(who=replace(WHO, retires_on=DAY)) == ()


def test_a_unit_nobody_has_is_an_error_and_no_answer():
    with pytest.raises(UnknownUnits):
        why(Audience(units=("水务局",)))


some = st.none() | st.sampled_from([("住建局",), ("司法局",)])
audiences = st.builds(
    Audience, some, st.sampled_from([None, ("公务员",), ("工勤",)]), st.sampled_from([None, ("处级",)]), st.sampled_from([None, True, False]),
    st.sampled_from([None, (7,), (8,)]),
)  # fmt: skip


@given(audiences, st.sampled_from(PostingKind), st.dates(date(2026, 12, 1), date(2026, 12, 8)))
def test_somebody_is_kept_out_by_something_exactly_when_not_enrolled(audience, kind, retires):
    who, posting = replace(WHO, retires_on=retires), replace(POSTING, kind=kind)
    enrolled = enrol([who], [posting], UNITS, audience, Rules(), DAY)
    assert bool(why(audience, who=who, postings=(posting,))) is not bool(enrolled)
