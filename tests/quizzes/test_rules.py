"""Rules as frozen into a round."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.questions import Kind
from quizzes.rules import Makeup, Rules

points = st.integers(1, 100)
makeups = st.builds(
    Makeup, st.sampled_from([("absent",), ("failed",), ("absent", "failed")]), st.integers(0, 30), st.integers(1, 30),
    st.none() | st.integers(1, 5), st.none() | st.integers(1, 200), st.none() | st.integers(1, 100),
)  # fmt: skip
rules = st.builds(Rules, points, points, st.integers(1, 100), st.none() | st.integers(1, 600), st.sampled_from(["best", "last"]),
                  st.lists(st.sampled_from(["编制", "挂职", "借调"]), min_size=1).map(tuple),
                  st.dictionaries(st.sampled_from(Kind), st.integers(50, 2000)).map(lambda some: tuple(some.items())),
                  st.sampled_from(["none", "half"]), st.sampled_from(["cut", "finish"]),
                  st.sampled_from(["answered", "handed_in", "closed", "never"]), st.booleans(), st.none() | makeups)  # fmt: skip


@given(rules)
def test_any_rules_survive_being_frozen(some):
    assert Rules.from_json(json.loads(json.dumps(some.to_json(), ensure_ascii=False))) == some


def test_everything_is_frozen_and_nothing_left_to_a_later_default():
    assert set(Rules().to_json()) == {field.name for field in fields(Rules)}


def test_a_rule_this_version_does_not_know_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"unknown to this version: gate, streak"):
        Rules.from_json({**Rules().to_json(), "streak": True, "gate": 1})


def test_a_rule_an_earlier_version_did_not_know_has_its_default():
    assert Rules.from_json({}) == Rules()
    assert Rules.from_json({"pass_line": 80}) == Rules(pass_line=80)


def test_the_default_counts_the_own_post_and_no_secondment():
    assert Rules().postings == ("编制", "挂职", "驻村")
    assert (Rules().pass_line, Rules().excellent_line, Rules().attempts, Rules().minutes) == (60, 90, 1, None)


def test_a_quiz_explains_at_once_and_an_exam_does_not():
    assert not Rules().exam
    assert all(Rules(release=release).exam for release in ("handed_in", "closed", "never"))


def test_a_make_up_has_the_rules_of_the_first_sitting_but_for_its_own():
    first = Rules(attempts=3, minutes=60, pass_line=80, makeup=Makeup(attempts=1))
    assert first.for_makeup() == Rules(attempts=1, minutes=60, pass_line=80)
    other = Rules(minutes=60, makeup=Makeup(minutes=90, pass_line=70))
    assert other.for_makeup() == Rules(minutes=90, pass_line=70)
    assert Rules(attempts=2).for_makeup() == Rules(attempts=2)
