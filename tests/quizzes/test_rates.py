"""What is divided by what."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.rates import HandIn, Line, Tally, by_bureau, combined, percent, result, tally
from quizzes.rules import Rules

quick = settings(derandomize=True, deadline=None)
RULES = Rules(pass_line=60, excellent_line=90, attempts=3)


@st.composite
def lines(draw):
    sat = draw(st.booleans())
    passed = sat and draw(st.booleans())
    counted = draw(st.booleans())
    return Line(
        person_id=draw(st.integers(1, 40)),
        bureau_id=draw(st.integers(1, 5)),
        counted=counted,
        exempt=not counted and draw(st.booleans()),
        sat=sat,
        passed=passed,
        excellent=passed and draw(st.booleans()),
    )


rolls = st.lists(lines(), max_size=60, unique_by=lambda line: line.person_id)


def test_the_example_of_the_notice_comes_out_as_printed():
    due = [Line(n, 1, counted=True, sat=n <= 184, passed=n <= 183) for n in range(1, 187)]
    exempt = [Line(n, 1, counted=False, exempt=True) for n in range(187, 196)]
    counts = tally(due + exempt)
    assert counts == Tally(roster=195, exempt=9, due=186, sat=184, passed=183, excellent=0)
    assert percent(counts.sat, counts.due) == "98.92%"
    assert percent(counts.passed, counts.sat) == "99.45%"
    assert percent(counts.passed, counts.due) == "98.38%"
    assert percent(counts.excellent, counts.sat) == "0.00%"
    assert counts.absent == 2
    assert counts.participation == Fraction(184, 186)
    assert counts.pass_rate == Fraction(183, 184)
    assert counts.overall_pass == Fraction(183, 186)
    assert counts.excellence == 0


def test_a_later_joiner_who_sat_is_in_no_count():
    assert tally([Line(1, 1, counted=False, sat=True, passed=True)]) == Tally()


def test_a_bureau_of_exempt_people_only_has_no_rate():
    counts = tally([Line(1, 1, counted=False, exempt=True)])
    assert counts == Tally(roster=1, exempt=1)
    assert (counts.participation, counts.pass_rate, counts.overall_pass, counts.excellence) == (None,) * 4


@given(rolls)
@quick
def test_the_bureaux_sum_up_to_the_district(roll):
    assert sum(by_bureau(roll).values(), Tally()) == tally(roll)


@given(rolls)
@quick
def test_no_more_sit_than_are_due_and_no_more_pass_than_sit(roll):
    counts = tally(roll)
    assert counts.excellent <= counts.passed <= counts.sat <= counts.due <= counts.roster
    assert counts.roster == counts.due + counts.exempt


@given(rolls, rolls)
@quick
def test_a_make_up_never_changes_who_is_due_and_takes_nothing_away(first, makeup):
    alone, together = tally(first), tally(combined(first, makeup))
    assert (together.roster, together.exempt, together.due) == (alone.roster, alone.exempt, alone.due)
    assert together.sat >= alone.sat
    assert together.passed >= alone.passed


def test_the_absent_and_the_failed_who_pass_the_make_up_count_as_passed():
    first = [
        Line(1, 1, counted=True, sat=True, passed=True),
        Line(2, 1, counted=True, sat=True),
        Line(3, 1, counted=True),
        Line(4, 1, counted=True),
    ]
    makeup = [
        Line(2, 1, counted=True, sat=True, passed=True),
        Line(3, 1, counted=True, sat=True, passed=True),
        Line(4, 1, True),
    ]
    assert tally(first) == Tally(roster=4, due=4, sat=2, passed=1)
    assert tally(makeup) == Tally(roster=3, due=3, sat=2, passed=2)
    assert tally(combined(first, makeup)) == Tally(roster=4, due=4, sat=3, passed=3)


def test_counts_that_contradict_each_other_are_refused():
    for wrong in ({"sat": 1}, {"roster": 2, "due": 1}, {"roster": 1, "due": 1, "passed": 1}, {"roster": -1, "due": -1}):
        with pytest.raises(ValueError, match="contradict"):
            Tally(**wrong)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
@quick
def test_a_rate_is_rounded_down_and_100_only_when_both_are_equal(one, other):
    numerator, denominator = sorted((one, other))
    shown = percent(numerator, denominator)
    if denominator == 0:
        assert shown == "—"
    elif numerator == denominator:
        assert shown == "100%"
    else:
        value = Fraction(shown.removesuffix("%"))
        assert value <= Fraction(100 * numerator, denominator) < value + Fraction(1, 100)
        assert value < 100


def test_one_of_a_hundred_thousand_missing_is_not_100():
    assert percent(99_999, 100_000) == "99.99%"
    assert percent(0, 7) == "0.00%"
    assert percent(1, 3) == "33.33%"
    assert percent(2, 3) == "66.66%"


def test_what_is_no_rate_is_refused():
    for numerator, denominator in ((2, 1), (1, 0), (-1, 1)):
        with pytest.raises(ValueError, match="not a rate"):
            percent(numerator, denominator)


def test_who_never_handed_in_did_not_sit():
    assert not result([], RULES).sat
    assert result([], RULES).score is None


def test_started_and_never_answered_did_not_sit_though_time_ran_out():
    assert not result([HandIn(0, answered=0, automatic=True)], RULES).sat


def test_an_automatic_hand_in_with_one_answer_counts():
    assert result([HandIn(0, answered=1, automatic=True)], RULES).sat


def test_an_empty_paper_handed_in_by_the_person_counts_as_sat_and_failed():
    reached = result([HandIn(0, answered=0)], RULES)
    assert reached.sat
    assert not reached.passed


def test_a_paper_handed_in_late_does_not_count():
    assert not result([HandIn(10_000, answered=5, in_time=False)], RULES).sat


def test_the_best_or_the_last_sitting_counts_as_the_rules_say():
    sittings = [HandIn(5000, 3), HandIn(9500, 3), HandIn(6000, 3)]
    best, last = result(sittings, RULES), result(sittings, Rules(score="last"))
    assert (best.score, best.passed, best.excellent) == (9500, True, True)
    assert (last.score, last.passed, last.excellent) == (6000, True, False)


def test_a_last_sitting_that_does_not_count_leaves_the_one_before():
    assert result([HandIn(9000, 3), HandIn(0, 0, automatic=True)], Rules(score="last")).score == 9000
