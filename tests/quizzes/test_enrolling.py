"""应考: who must sit, and what may change that."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.enrolling import (
    Change,
    ChangeKind,
    Enrolled,
    Facts,
    Status,
    UnknownUnits,
    bureau,
    counted,
    counting_postings,
    draws,
    enrol,
    status,
    unknown_units,
)
from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.plans import Audience, Draw, Variant
from quizzes.rules import Rules

DAY = date(2026, 12, 1)
ALL = Audience()
RULES = Rules()
DISTRICT, HOUSING, SQUAD, JUSTICE = 1, 2, 3, 4
UNITS = [
    Unit(DISTRICT, None, "示例区", 0),
    Unit(HOUSING, DISTRICT, "住建局", 1),
    Unit(SQUAD, HOUSING, "执法大队", 1),
    Unit(JUSTICE, DISTRICT, "司法局", 2),
]
ZHANG = Person(1, "张三", category="公务员", rank="四级主任科员", enforcement=True)
LI = Person(2, "李四", category="聘用")

OPENED = datetime(2026, 12, 1, 1, tzinfo=UTC)
CLOSED = OPENED + timedelta(days=10)
BEFORE = OPENED + timedelta(days=3)
AFTER = CLOSED + timedelta(days=2)


def posting(number, person, unit, kind=PostingKind.STAFF, starts=date(2020, 1, 1), ends=None):
    return Posting(number, person.id, unit, kind, starts, ends)


def at_home(person=ZHANG, unit=HOUSING):
    return [posting(1, person, unit)]


def enrolled(postings, people=(ZHANG,), audience=ALL, rules=RULES, day=DAY):
    return enrol(people, postings, UNITS, audience, rules, day)


def change(kind, at=BEFORE, reason="区委组织部通知"):
    return Change(ChangeKind(kind), at, reason, approver_id=9)


def test_a_person_on_the_roster_is_due_in_the_unit_and_bureau_of_that_day():
    assert enrolled(at_home(unit=SQUAD)) == [Enrolled(ZHANG.id, SQUAD, HOUSING)]


def test_a_person_who_never_bound_an_account_is_due_like_everybody():
    """Accounts are no argument of `enrol`: there is nothing a person could leave undone to leave 应考."""
    assert enrolled(at_home()) == [Enrolled(ZHANG.id, HOUSING, HOUSING)]


def test_staff_of_the_district_itself_count_under_the_district():
    assert enrolled(at_home(unit=DISTRICT)) == [Enrolled(ZHANG.id, DISTRICT, DISTRICT)]


def test_a_seconded_person_stays_with_the_unit_of_the_staff_post():
    seconded = [posting(1, ZHANG, HOUSING), posting(2, ZHANG, JUSTICE, PostingKind.SECONDED, date(2026, 6, 1))]
    assert enrolled(seconded) == [Enrolled(ZHANG.id, HOUSING, HOUSING)]


def test_a_person_seconded_from_outside_is_not_due_in_the_host_unit():
    assert enrolled([posting(1, ZHANG, JUSTICE, PostingKind.SECONDED)]) == []
    assert enrolled([posting(1, ZHANG, JUSTICE, PostingKind.DISPATCHED)]) == []


def test_rules_that_count_seconded_people_in_the_host_unit_are_followed():
    seconded = [posting(1, ZHANG, HOUSING), posting(2, ZHANG, JUSTICE, PostingKind.SECONDED)]
    assert enrolled(seconded, rules=Rules(postings=("借调", "编制"))) == [Enrolled(ZHANG.id, JUSTICE, JUSTICE)]


def test_a_person_with_several_posts_counts_once():
    several = [
        posting(3, ZHANG, JUSTICE, PostingKind.VILLAGE),
        posting(2, ZHANG, SQUAD, PostingKind.TEMPORARY),
        *at_home(),
    ]
    assert enrolled(several) == [Enrolled(ZHANG.id, HOUSING, HOUSING)]


def test_of_two_posts_of_one_kind_the_later_counts_then_the_lower_number():
    later = [posting(1, ZHANG, HOUSING), posting(2, ZHANG, JUSTICE, starts=date(2025, 1, 1))]
    assert enrolled(later)[0].unit_id == JUSTICE
    same_day = [posting(8, ZHANG, JUSTICE), posting(7, ZHANG, HOUSING)]
    assert enrolled(same_day)[0].unit_id == HOUSING


@pytest.mark.parametrize(
    ("starts", "ends", "due"),
    [
        (DAY, None, True),
        (DAY + timedelta(days=1), None, False),
        (date(2020, 1, 1), DAY, True),
        (date(2020, 1, 1), DAY - timedelta(days=1), False),
    ],
)
def test_a_post_counts_from_its_first_day_to_its_last(starts, ends, due):
    assert bool(enrolled([posting(1, ZHANG, HOUSING, starts=starts, ends=ends)])) is due


@pytest.mark.parametrize(("retires", "due"), [(DAY - timedelta(days=1), False), (DAY, True), (None, True)])
def test_a_retired_person_is_not_due_from_the_day_after(retires, due):
    assert bool(enrolled(at_home(), people=[replace(ZHANG, retires_on=retires)])) is due


@pytest.mark.parametrize(
    ("audience", "due"),
    [
        (Audience(units=("住建局",)), True),
        (Audience(units=("执法大队",)), True),
        (Audience(units=("住建局/执法大队",)), True),
        (Audience(units=("示例区",)), True),
        (Audience(units=("司法局",)), False),
        (Audience(categories=("公务员", "参公")), True),
        (Audience(categories=("事业",)), False),
        (Audience(ranks=("四级主任科员",)), True),
        (Audience(ranks=("二级主任科员",)), False),
        (Audience(people=(1, 9)), True),
        (Audience(people=(2,)), False),
        (Audience(enforcement=True), True),
        (Audience(enforcement=False), False),
        (Audience(units=("住建局",), categories=("事业",)), False),
    ],
)
def test_an_audience_takes_in_its_units_with_all_below_and_all_its_sides_hold(audience, due):
    assert bool(enrolled(at_home(unit=SQUAD), audience=audience)) is due


def test_an_audience_of_a_unit_that_does_not_exist_is_refused_rather_than_empty():
    audience = Audience(units=("住建局", "城管局"))
    assert unknown_units(audience, UNITS) == ["城管局"]
    with pytest.raises(UnknownUnits) as caught:
        enrolled(at_home(), audience=audience)
    assert caught.value.names == ("城管局",)


def test_people_come_out_in_the_order_they_went_in():
    postings = [posting(1, ZHANG, HOUSING), posting(2, LI, JUSTICE)]
    assert [e.person_id for e in enrolled(postings, people=[LI, ZHANG])] == [LI.id, ZHANG.id]


def test_a_tree_in_a_circle_is_refused():
    circle = {1: Unit(1, 2, "甲", 0), 2: Unit(2, 1, "乙", 0)}
    with pytest.raises(ValueError, match="circle"):
        bureau(1, circle)


# What happens after opening. -------------------------------------------------------------------------------------------

HERE, JOINED = Facts(at_opening=True, sat=False), Facts(at_opening=False, sat=False)
SAT, JOINED_AND_SAT = replace(HERE, sat=True), replace(JOINED, sat=True)
CASES = [
    ("enrolled at opening", HERE, [], Status.DUE),
    ("on leave, which is no change of 应考", HERE, [], Status.DUE),
    ("deferred (缓考), which is no change of 应考", HERE, [], Status.DUE),
    ("moved to another bureau mid-round: no change either", HERE, [], Status.DUE),
    ("never bound and never sat", HERE, [], Status.DUE),
    ("exemption approved", HERE, [change("exempted")], Status.EXEMPT),
    ("exemption approved, but sat all the same", SAT, [change("exempted")], Status.DUE),
    ("exemption withdrawn", HERE, [change("exempted"), change("exempt_withdrawn")], Status.DUE),
    ("departure approved", HERE, [change("departed")], Status.DEPARTED),
    ("left after sitting", SAT, [change("departed")], Status.DUE),
    ("left, then came back", HERE, [change("departed"), change("added")], Status.DUE),
    ("exempt, then left", HERE, [change("exempted"), change("departed")], Status.DEPARTED),
    ("joined after opening", JOINED, [], Status.NEVER_DUE),
    ("joined after opening and sat", JOINED_AND_SAT, [], Status.NEVER_DUE),
    ("joined after opening and was added", JOINED, [change("added")], Status.DUE),
    ("joined, was added, sat and left", JOINED_AND_SAT, [change("added"), change("departed")], Status.DUE),
    ("joined and exempted without being added", JOINED, [change("exempted")], Status.NEVER_DUE),
    ("joined and left without being added", JOINED, [change("departed")], Status.NEVER_DUE),
]


@pytest.mark.parametrize(("facts", "changes", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_each_case_stands_where_the_definition_puts_it(facts, changes, expected):
    assert status(facts, changes) is expected
    assert counted(facts, changes) is (expected is Status.DUE)


AFTER_CLOSE = [
    ("exemption approved before close", HERE, [change("exempted")], Status.EXEMPT),
    ("exemption approved after close alone", HERE, [change("exempted", AFTER)], Status.DUE),
    ("and then printed as a correction", HERE, [change("exempted", AFTER), change("corrected", AFTER)], Status.EXEMPT),
    ("corrected, though sat", SAT, [change("exempted", AFTER), change("corrected", AFTER)], Status.DUE),
    (
        "forgotten at opening, added by correction",
        JOINED,
        [change("added", AFTER), change("corrected", AFTER)],
        Status.DUE,
    ),
    ("a departure after close alone", HERE, [change("departed", AFTER)], Status.DUE),
    (
        "a correction carries nothing dated later",
        HERE,
        [change("corrected", BEFORE), change("exempted", AFTER)],
        Status.DUE,
    ),
]


@pytest.mark.parametrize(
    ("facts", "changes", "expected"), [c[1:] for c in AFTER_CLOSE], ids=[c[0] for c in AFTER_CLOSE]
)
def test_after_close_only_a_printed_correction_changes_who_was_due(facts, changes, expected):
    assert status(replace(facts, closed_at=CLOSED), changes) is expected


def test_a_person_who_moves_bureau_mid_round_stays_with_the_bureau_at_opening():
    moved = [
        posting(1, ZHANG, HOUSING, ends=DAY + timedelta(days=2)),
        posting(2, ZHANG, JUSTICE, starts=DAY + timedelta(days=3)),
    ]
    assert enrolled(moved) == [Enrolled(ZHANG.id, HOUSING, HOUSING)]
    assert enrolled(moved, day=DAY + timedelta(days=3)) == [Enrolled(ZHANG.id, JUSTICE, JUSTICE)]


def test_changes_take_effect_in_the_order_of_their_dates_whatever_order_they_are_read_in():
    withdrawn = change("exempt_withdrawn", BEFORE + timedelta(hours=1))
    assert status(HERE, [withdrawn, change("exempted", BEFORE)]) is Status.DUE


def test_a_change_without_a_reason_does_not_exist():
    with pytest.raises(ValueError, match="reason"):
        change("exempted", reason=" ")


kinds = st.sampled_from(list(ChangeKind))
histories = st.lists(st.builds(change, kinds, st.sampled_from([BEFORE, CLOSED, AFTER])), max_size=6)


@given(st.booleans(), histories)
@settings(derandomize=True, deadline=None)
def test_nobody_who_was_due_at_opening_and_sat_can_be_taken_out(closed, history):
    assert counted(replace(SAT, closed_at=CLOSED if closed else None), history)


@given(st.booleans(), st.booleans(), histories)
@settings(derandomize=True, deadline=None)
def test_sitting_alone_never_makes_anybody_due(closed, sat, history):
    facts = Facts(at_opening=False, sat=sat, closed_at=CLOSED if closed else None)
    assert any(c.kind is ChangeKind.ADDED for c in history) or not counted(facts, history)


posts = st.builds(
    Posting,
    st.integers(1, 99),
    st.sampled_from([ZHANG.id, LI.id]),
    st.sampled_from([u.id for u in UNITS]),
    st.sampled_from(list(PostingKind)),
    st.dates(date(2026, 11, 1), date(2026, 12, 31)),
    st.none() | st.dates(date(2026, 11, 1), date(2026, 12, 31)),
)


@given(st.lists(posts, max_size=12, unique_by=lambda p: p.id), st.randoms(use_true_random=False))
@settings(derandomize=True, deadline=None)
def test_each_person_counts_once_whatever_order_the_posts_are_read_in(postings, random):
    mixed = random.sample(postings, len(postings))
    held = counting_postings(postings, RULES.postings, DAY)
    assert held == counting_postings(mixed, RULES.postings, DAY)
    due = enrolled(postings, people=(ZHANG, LI))
    assert len({e.person_id for e in due}) == len(due)
    assert {e.person_id for e in due} == {p.person_id for p in postings if p.covers(DAY) and p.kind in RULES.postings}


# Papers by rank or unit. ------------------------------------------------------------------------------------------------

LONG, SHORT, USUAL = (Draw(50),), (Draw(20),), (Draw(30),)


def drawn(*variants):
    """Which draw 张三 (执法大队 of 住建局, an enforcement officer) and 李四 (司法局) get."""
    found = enrol([ZHANG, LI], [posting(1, ZHANG, SQUAD), posting(2, LI, JUSTICE)], UNITS, ALL, RULES, DAY)
    return draws(found, [ZHANG, LI], UNITS, variants, USUAL)


def test_the_first_variant_meant_for_a_person_decides_and_others_get_the_usual_paper():
    enforcers, housing = Audience(enforcement=True), Audience(units=("住建局",))
    assert drawn() == {1: USUAL, 2: USUAL}
    assert drawn(Variant(enforcers, LONG), Variant(housing, SHORT)) == {1: LONG, 2: USUAL}
    assert drawn(Variant(housing, SHORT), Variant(enforcers, LONG)) == {1: SHORT, 2: USUAL}
    assert drawn(Variant(Audience(categories=("聘用",)), SHORT)) == {1: USUAL, 2: SHORT}


def test_a_variant_for_a_unit_nobody_has_is_refused():
    with pytest.raises(UnknownUnits):
        drawn(Variant(Audience(units=("不存在局",)), SHORT))
