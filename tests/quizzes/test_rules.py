"""Rules as frozen into a round."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules import PRESETS, Rules

points = st.integers(1, 100)
rules = st.builds(Rules, points, points, st.integers(1, 100), st.none() | st.integers(1, 600), st.sampled_from(["best", "last"]),
                  st.lists(st.sampled_from(["编制", "挂职", "借调"]), min_size=1).map(tuple))  # fmt: skip


@given(rules)
def test_any_rules_survive_being_frozen(some):
    assert Rules.from_json(json.loads(json.dumps(some.to_json(), ensure_ascii=False))) == some


def test_everything_is_frozen_and_nothing_left_to_a_later_default():
    assert set(Rules().to_json()) == {field.name for field in fields(Rules)}


def test_a_rule_this_version_does_not_know_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"unknown to this version: gate, makeup"):
        Rules.from_json({**Rules().to_json(), "makeup": True, "gate": 1})


def test_a_rule_an_earlier_version_did_not_know_has_its_default():
    assert Rules.from_json({}) == Rules()
    assert Rules.from_json({"pass_line": 80}) == Rules(pass_line=80)


def test_the_default_counts_the_own_post_and_no_secondment():
    assert Rules().postings == ("编制", "挂职", "驻村")
    assert (Rules().pass_line, Rules().excellent_line, Rules().attempts, Rules().minutes) == (60, 90, 1, None)


def test_the_presets_are_sound():
    for preset in PRESETS.values():
        assert preset.pass_line <= preset.excellent_line
        assert Rules.from_json(preset.to_json()) == preset
