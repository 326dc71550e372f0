"""The shapes of a paper: whom it is for, and what it is drawn from."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from quizzes.content.paper_shapes import AudienceShape, DrawShape, PaperShape, audience_of, draw_of, variants_of
from quizzes.plans import Audience, Draw, Variant
from quizzes.questions import Kind


def codes(shape, **data):
    with pytest.raises(ValidationError) as raised:
        shape(**data)
    return [error["type"] for error in raised.value.errors()]


def test_a_side_of_the_audience_that_is_named_names_somebody():
    assert AudienceShape() == AudienceShape(units=None)
    assert codes(AudienceShape, units=[]) == ["too_short"]
    assert codes(AudienceShape, enforcement="yes") == ["bool_type"]
    assert audience_of("all") == Audience()
    assert audience_of(AudienceShape(units=["住建局"], enforcement=False)) == Audience(("住建局",), enforcement=False)


@pytest.mark.parametrize("levels", [None, 3, [2, 4], [3, 3]], ids=str)
def test_a_difficulty_is_a_level_or_from_one_to_another(levels):
    assert DrawShape(count=1, difficulty=levels).difficulty == levels


@pytest.mark.parametrize(("levels", "code"), [
    ([4, 2], "levels_fall"), ([1], "too_short"), ([1, 2, 3], "too_long"), (0, "greater_than_equal"), ([1, 6], "less_than_equal"),
])  # fmt: skip
def test_levels_that_cannot_be_are_refused(levels, code):
    assert codes(DrawShape, count=1, difficulty=levels) == [code]


@pytest.mark.parametrize("count", [0, 201, "5", None, True])
def test_a_line_draws_one_to_two_hundred(count):
    assert len(codes(DrawShape, count=count)) == 1


def test_a_line_of_a_draw_may_ask_for_cases():
    assert draw_of([DrawShape(count=2, kind="case")]) == (Draw(2, Kind.CASE),)
    assert codes(DrawShape, count=1, kind="essay") == ["literal_error"]


def test_another_paper_says_for_whom_it_is():
    line = {"count": 1}
    found = PaperShape(**{"draw": [line], "for": [{"who": {"ranks": ["处级"]}, "draw": [line]}]})
    assert variants_of(found) == (Variant(Audience(ranks=("处级",)), (Draw(1),)),)
    assert codes(PaperShape, draw=[line], **{"for": [{"draw": [line]}]}) == ["missing"]
    assert codes(PaperShape, draw=[line], **{"for": [{"who": "all", "draw": [line]}]}) == ["model_type"]
    assert codes(PaperShape, draw=[line], variants=[]) == ["extra_forbidden"]
