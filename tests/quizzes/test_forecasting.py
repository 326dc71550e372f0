"""The forecast, on constructed histories; and its bounds, whatever the history."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.forecasting import MINIMUM_CASES, At, Evidence, Forecast, Waiting, calls, evidence, forecast, needed

STEADY = [{At.DELIVERED: (40, 30), At.UNBOUND: (10, 1)}, {At.DELIVERED: (40, 30), At.UNBOUND: (10, 1)}]
"""Two past rounds alike: three of four who had the card finished, one of ten who was never bound."""


def test_what_came_of_people_in_the_same_state_is_what_is_expected():
    found = forecast(100, 60, {At.DELIVERED: 20, At.UNBOUND: 20}, evidence(STEADY))
    assert found is not None
    assert found.expected == 60 + 15 + 2
    assert 60 <= found.low < 77 < found.high <= 100


def test_an_expectation_is_rounded_down():
    found = forecast(11, 0, {At.DELIVERED: 11}, evidence(STEADY))
    assert found is not None
    assert found.expected == 8


def test_rounds_that_differed_widen_the_range():
    wild = [{At.DELIVERED: (40, 20), At.UNBOUND: (10, 1)}, {At.DELIVERED: (40, 40), At.UNBOUND: (10, 1)}]
    calm, rough = (forecast(100, 0, {At.DELIVERED: 80}, evidence(past)) for past in (STEADY, wild))
    assert calm is not None
    assert rough is not None
    assert (calm.expected, rough.expected) == (60, 60)
    assert rough.high - rough.low > 1.5 * (calm.high - calm.low)


def test_nobody_waiting_needs_no_evidence():
    assert forecast(5, 5, {}, evidence([])) == Forecast(5, 5, 5, 5)
    assert forecast(5, 3, {}, evidence([])) == Forecast(5, 3, 3, 3)


@pytest.mark.parametrize(
    "past", [[], STEADY[:1], [{At.DELIVERED: (14, 9)}, {At.DELIVERED: (15, 9)}], [{}, {At.DELIVERED: (60, 30)}]]
)
def test_below_the_minimum_of_evidence_nothing_is_forecast(past):
    assert not evidence(past).enough
    assert forecast(10, 5, {At.DELIVERED: 5}, evidence(past)) is None


def test_the_minimum_itself_is_enough():
    assert evidence([{At.DELIVERED: (MINIMUM_CASES - 1, 9)}, {At.DELIVERED: (1, 0)}]).enough


def test_a_state_with_too_few_cases_takes_the_share_of_those_whom_messages_reach():
    known = evidence([{At.DELIVERED: (30, 20), At.STARTED: (4, 4)}, {At.DELIVERED: (30, 20), At.STARTED: (4, 4)}])
    assert not known.shares[At.STARTED].own
    assert known.chance(At.STARTED) == Fraction(48, 68)
    assert known.shares[At.DELIVERED].own


def test_the_unbound_take_no_share_from_others_and_stay_open():
    known = evidence([{At.DELIVERED: (30, 20)}, {At.DELIVERED: (30, 20), At.UNBOUND: (9, 9)}])
    assert known.chance(At.UNBOUND) == 0
    assert forecast(5, 0, {At.UNBOUND: 5}, known) == Forecast(5, 0, 0, 5)


def test_who_is_away_is_never_forecast():
    known = evidence([{At.AWAY: (50, 50), At.DELIVERED: (30, 30)}, {At.AWAY: (50, 50), At.DELIVERED: (30, 30)}])
    assert known.chance(At.AWAY) == 0


def test_a_share_of_all_is_not_called_certain():
    known = evidence([{At.STARTED: (20, 20)}, {At.STARTED: (20, 20)}])
    found = forecast(50, 0, {At.STARTED: 50}, known)
    assert found is not None
    assert found.expected == 50
    assert found.low < 50


def test_contradicting_counts_are_refused():
    for due, done, waiting in ((3, 3, {At.STARTED: 1}), (3, -1, {}), (3, 0, {At.STARTED: -1})):
        with pytest.raises(ValueError, match="contradict"):
            forecast(due, done, waiting, evidence(STEADY))


@pytest.mark.parametrize(
    ("due", "percent", "people"), [(186, 100, 186), (186, 95, 177), (10, 95, 10), (0, 100, 0), (1, 1, 1)]
)
def test_a_target_is_reached_or_not(due, percent, people):
    assert needed(due, percent) == people


def test_the_least_likely_are_called_first_and_no_more_than_needed():
    some = [Waiting(1, At.DELIVERED), Waiting(2, At.UNBOUND), Waiting(3, At.DELIVERED), Waiting(4, At.UNBOUND)]
    assert calls(6, 8, some, evidence(STEADY)) == ()
    assert calls(6, 9, some, evidence(STEADY)) == (2,)
    assert calls(6, 10, some, evidence(STEADY)) == (2, 4)


def test_at_a_hundred_percent_everybody_uncertain_enough_is_called():
    some = [Waiting(number, At.DELIVERED) for number in range(10)]
    assert len(calls(0, 10, some, evidence(STEADY))) == 8


def test_who_cannot_be_helped_by_a_call_is_not_called():
    some = [Waiting(1, At.AWAY, callable_=False), Waiting(2, At.UNBOUND)]
    assert calls(0, 2, some, evidence(STEADY)) == (2,)


def test_without_evidence_everybody_who_can_be_called_is():
    some = [Waiting(1, At.AWAY, callable_=False), Waiting(2, At.UNBOUND), Waiting(3, At.STARTED)]
    assert calls(0, 3, some, None) == (2, 3)
    assert calls(0, 3, some, evidence(STEADY[:1])) == (2, 3)
    assert calls(3, 3, some, None) == ()


ONE = st.integers(0, 60).flatmap(lambda cases: st.tuples(st.just(cases), st.integers(0, cases)))
PAST = st.lists(st.dictionaries(st.sampled_from(list(At)), ONE, max_size=5), max_size=6)
NOW = st.dictionaries(st.sampled_from(list(At)), st.integers(0, 300), max_size=7)


@given(past=PAST, waiting=NOW, done=st.integers(0, 500), others=st.integers(0, 50))
def test_a_forecast_stays_between_what_is_done_and_what_is_possible(past, waiting, done, others):
    due = done + sum(waiting.values()) + others
    found = forecast(due, done, waiting, evidence(past))
    if found is not None:
        assert 0 <= done <= found.low <= found.expected <= found.high <= due - others <= due


@given(
    past=PAST,
    states=st.lists(st.sampled_from(list(At)), max_size=30),
    done=st.integers(0, 50),
    missing=st.integers(0, 30),
)
def test_the_calls_close_the_gap_or_are_everybody_and_none_can_be_spared(past, states, done, missing):
    known = evidence(past)
    some = [Waiting(number, at, at is not At.AWAY) for number, at in enumerate(states)]
    wanted = done + min(missing, len(some))
    chosen = calls(done, wanted, some, known)
    able = [each.number for each in some if each.callable_]
    assert list(chosen) == [number for number in able if number in chosen]
    if not known.enough:
        return
    hope = done + sum(1 if each.number in chosen else known.chance(each.at) for each in some)
    assert hope >= wanted - Fraction(1, 2) or list(chosen) == able
    if chosen:
        spared = min(1 - known.chance(some[number].at) for number in chosen)
        assert hope - spared < wanted - Fraction(1, 2)


def test_the_same_history_gives_the_same_answer():
    first, again = (forecast(90, 10, {At.STARTED: 30, At.DELIVERED: 30}, evidence(STEADY)) for _ in range(2))
    assert first == again
    assert isinstance(evidence(STEADY), Evidence)
