"""Scores and verdicts as people read them."""

from __future__ import annotations

import pytest

from handlers.sitting.scores import points, verdict
from quizzes.rules import Rules


@pytest.mark.parametrize(("score", "said"), [(6666, "66.66"), (10_000, "100"), (0, "0"), (5950, "59.5"), (None, "0")])
def test_points_are_written_without_empty_decimals(score, said):
    assert points(score) == said


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (9000, "优秀"),
        (8999, "合格"),
        (8000, "合格"),
        (7999, "未合格（合格线 80 分）"),
        (None, "未合格（合格线 80 分）"),
    ],
)
def test_lines_are_inclusive(score, said):
    assert verdict("zh", score, Rules(pass_line=80)) == said
