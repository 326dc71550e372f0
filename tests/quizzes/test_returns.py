"""The figures of a printed return are those of the rates, and what has changed since is named count by count."""

from __future__ import annotations

from quizzes.rates import Line, Tally, combined, tally
from quizzes.returns import FIELDS, Change, changes, moved, sums

FIRST = [
    Line(1, 10, True, sat=True, passed=True, excellent=True),
    Line(2, 10, True, sat=True),
    Line(3, 10, True),
    Line(4, 10, False, exempt=True),
    Line(5, 10, False, sat=True),
]
AGAIN = [
    Line(2, 10, True, sat=True, passed=True),
    Line(3, 10, True),
    Line(3, 10, True, sat=True),
    Line(5, 10, True, sat=True),
]


def test_both_together_divide_by_the_first_and_nobody_is_counted_twice_in_the_make_ups():
    found = sums(FIRST, AGAIN)
    assert found.first == Tally(4, 1, 3, 2, 1, 1)
    assert found.makeup == Tally(2, 0, 2, 2, 1, 0)  # 2 and 3; 3 was in two make-ups, 5 was never due
    assert found.total == tally(combined(FIRST, AGAIN)) == Tally(4, 1, 3, 3, 2, 1)


def content(total, results=(), bureaux=()):
    none = [0] * len(FIELDS)
    return {
        "figures": {"first": none, "makeup": none, "total": list(total)},
        "bureaux": list(bureaux),
        "results": list(results),
    }


def test_each_count_that_is_another_by_now_is_named():
    printed = content((9, 1, 8, 7, 6, 5), bureaux=[["住建局", [4, 0, 4, 4, 4, 4]], ["司法局", [5, 1, 4, 3, 2, 1]]])
    now = content((9, 2, 7, 7, 6, 5), bureaux=[["住建局", [4, 0, 4, 4, 4, 4]], ["司法局", [5, 2, 3, 3, 2, 1]]])
    assert changes(printed, printed) == []
    assert changes(printed, now) == [
        Change("total", "exempt", 1, 2), Change("total", "due", 8, 7), Change("司法局", "exempt", 1, 2), Change("司法局", "due", 4, 3),
    ]  # fmt: skip


def test_a_change_that_leaves_every_count_is_seen_in_the_lists():
    one, other = [1, "张三", "住建局", 8000, None, "passed", []], [2, "李四", "住建局", 7000, None, "passed", []]
    swapped = [[1, "张三", "住建局", 7000, None, "passed", []], [2, "李四", "住建局", 8000, None, "passed", []]]
    same = content((2, 0, 2, 2, 2, 0), [one, other])
    assert moved(same, same) == 0
    assert moved(same, content((2, 0, 2, 2, 2, 0), swapped)) == 2
    assert moved(same, content((1, 0, 1, 1, 1, 0), [one])) == 1
