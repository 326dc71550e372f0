"""What the parts of one plan ask of each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from quizzes.content.plan_checks import as_points, check_plan, check_points, check_rules
from quizzes.plans import Audience, Draw, Plan, Variant
from quizzes.questions import Kind
from quizzes.rules import Makeup, Rules

EXAM = Rules(minutes=60, release="closed")
PLAN = Plan("p", "考试", time(9), time(17), closes_after=3, draw=(Draw(10, Kind.SINGLE),), rules=EXAM)


def found(rules):
    return [(where, code) for where, code, _ in check_rules(rules)]


def test_sound_rules_have_no_findings():
    assert (
        found(Rules()) == found(EXAM) == found(replace(EXAM, hall=True, makeup=Makeup(pass_line=90, minutes=30))) == []
    )


@pytest.mark.parametrize(("rules", "where", "code"), [
    (Rules(excellent_line=59), ("rules",), "lines_crossed"),
    (Rules(minutes=60), ("rules", "minutes"), "minutes_without_exam"),
    (Rules(release="never", hall=True), ("rules", "hall"), "hall_without_minutes"),
    (Rules(release="handed_in", attempts=2), ("rules", "release"), "key_between_sittings"),
    (Rules(makeup=Makeup(pass_line=91)), ("rules", "makeup", "pass_line"), "lines_crossed"),
    (Rules(makeup=Makeup(minutes=30)), ("rules", "makeup", "minutes"), "minutes_without_exam"),
])  # fmt: skip
def test_rules_that_contradict_each_other_are_found(rules, where, code):
    assert found(rules) == [(where, code)]


def test_equal_lines_are_fine_for_both_are_inclusive():
    assert found(Rules(pass_line=90, makeup=Makeup(pass_line=90))) == []


def points(draw, **worth):
    rules = Rules(points=tuple((Kind(kind), value) for kind, value in worth.items()))
    return list(check_points(rules, draw, ("d",)))


def test_a_paper_adds_up_to_a_hundred_and_cases_count_as_a_whole():
    draw = [Draw(40, Kind.SINGLE), Draw(4, Kind.CASE)]
    assert points(draw, single=150, case=1000) == []
    assert points(draw, single=100, case=1000) == [(("d",), "paper_not_100", {"sum": "80"})]
    assert points(draw, single=175, case=1050) == [(("d",), "paper_not_100", {"sum": "112"})]
    assert points([Draw(1, Kind.JUDGE)], judge=9950) == [(("d",), "paper_not_100", {"sum": "99.5"})]


def test_every_line_names_its_kind_and_every_kind_has_points():
    found = points([Draw(1), Draw(1, Kind.JUDGE), Draw(1, Kind.SINGLE)], single=100)
    assert [(where, code) for where, code, _ in found] == [
        (("d", 0), "points_without_kind"),
        (("d", 1, "kind"), "kind_without_points"),
    ]


def test_points_of_kinds_that_nobody_draws_disturb_nobody():
    assert points([Draw(100, Kind.SINGLE)], single=100, case=1000) == []


def test_every_paper_of_a_plan_is_added_up():
    rules = replace(EXAM, points=((Kind.SINGLE, 1000),))
    variants = (Variant(Audience(ranks=("处级",)), (Draw(9, Kind.SINGLE),)),)
    assert list(check_plan(replace(PLAN, rules=rules))) == []
    assert list(check_plan(replace(PLAN, rules=rules, variants=variants))) == [
        (("paper", "for", 0, "draw"), "paper_not_100", {"sum": "90"})
    ]


def test_without_points_any_paper_has_a_hundred():
    assert list(check_plan(replace(PLAN, draw=(Draw(7),)))) == []


def test_names_are_handed_over_while_the_round_is_open():
    assert list(check_plan(replace(PLAN, hand_over_days=3))) == []
    [(where, code, values)] = check_plan(replace(PLAN, hand_over_days=4))
    assert (where, code, values) == (("remind", "hand_over_days"), "hand_over_before_opening", {"days": 4, "after": 3})


@pytest.mark.parametrize(("hundredths", "said"), [(100, "1"), (250, "2.5"), (10_000, "100"), (50, "0.5")])
def test_points_are_said_without_needless_digits(hundredths, said):
    assert as_points(hundredths) == said
