"""The shape of rules: every parameter bounded, and what is left out comes from elsewhere."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from quizzes.content.rules_shapes import MakeupShape, ParametersShape, PointsShape, rules_of
from quizzes.content.scalars import Unclear
from quizzes.questions import Kind
from quizzes.rules import Makeup, Rules


def codes(shape, **data):
    with pytest.raises(ValidationError) as raised:
        shape(**data)
    return [error["type"] for error in raised.value.errors()]


@pytest.mark.parametrize(("written", "code"), [
    ({"pass_line": 101}, "less_than_equal"), ({"attempts": 0}, "greater_than_equal"), ({"minutes": 601}, "less_than_equal"),
    ({"postings": ["兼职"]}, "literal_error"), ({"postings": []}, "too_short"), ({"makeup": True}, "model_type"),
    ({"hall": 1}, "bool_type"), ({"score": "mean"}, "literal_error"), ({"partial": "all"}, "literal_error"),
    ({"late": "never"}, "literal_error"), ({"release": "soon"}, "literal_error"), ({"points": {"essay": 1}}, "extra_forbidden"),
    ({"makeup": {"who": []}}, "too_short"), ({"makeup": {"who": ["late"]}}, "literal_error"), ({"makeup": {"days": 0}}, "greater_than_equal"),
])  # fmt: skip
def test_rules_are_bounded_and_an_unknown_one_is_refused(written, code):
    assert codes(ParametersShape, **written) == [code]


@pytest.mark.parametrize(
    ("written", "hundredths"),
    [(1, 100), (Unclear("2.5"), 250), (Unclear("0.5"), 50), (Unclear("3.0"), 300), (100, 10_000)],
)
def test_points_are_whole_or_half(written, hundredths):
    assert PointsShape(single=written).single == hundredths


@pytest.mark.parametrize(
    "written",
    [0, -1, 101, Unclear("2.25"), Unclear("1e2"), "2", True, None, Unclear("0.0"), Unclear("100.5")],
    ids=repr,
)
def test_other_points_are_refused(written):
    assert codes(PointsShape, single=written) == ["worth_expected"]


def test_only_what_is_written_changes_the_rules():
    base = Rules(pass_line=80, minutes=60, release="closed", points=((Kind.SINGLE, 100),), makeup=Makeup(days=4))
    assert rules_of(ParametersShape(), base) == base
    assert rules_of(ParametersShape(minutes=None, makeup=None, points=PointsShape()), base) == Rules(
        pass_line=80, release="closed"
    )


def test_points_stand_in_the_order_of_the_kinds_and_a_make_up_has_its_defaults():
    found = rules_of(
        ParametersShape(points=PointsShape(case=10, single=1), makeup=MakeupShape(who=["failed", "failed"])), Rules()
    )
    assert found.points == ((Kind.SINGLE, 100), (Kind.CASE, 1000))
    assert found.makeup == Makeup(("failed",))
    assert rules_of(ParametersShape(makeup=MakeupShape()), Rules()).makeup == Makeup()


def test_a_make_up_in_a_file_has_every_parameter_of_one():
    assert tuple(MakeupShape.model_fields) == Makeup.__match_args__
    assert set(PointsShape.model_fields) == set(Kind)
