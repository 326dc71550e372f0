"""A paper's sections: runs of one kind, with all items of cases in one."""

from __future__ import annotations

import pytest

from quizzes.papers import Slot
from quizzes.questions import Kind
from quizzes.rules import Rules
from quizzes.scoring import asked
from quizzes.sections import Section, section_of, sections
from tests.engine import QUESTIONS

SINGLE, MULTIPLE, JUDGE = QUESTIONS


def of(*some, rules=None):
    """(question, item or None) in paper order."""
    return sections([Slot(1, (), item) for _, item in some], [question for question, _ in some], rules)


def test_questions_of_one_kind_stand_together_in_the_order_of_the_paper():
    found = of((SINGLE, None), (SINGLE, None), (JUDGE, None), (SINGLE, None))
    assert found == (Section(1, Kind.SINGLE, 0, 1), Section(2, Kind.JUDGE, 2, 2), Section(3, Kind.SINGLE, 3, 3))
    assert [list(section.slots) for section in found] == [[0, 1], [2], [3]]


def test_the_items_of_cases_are_one_section_whatever_each_of_them_is():
    assert of((SINGLE, 0), (MULTIPLE, 1), (JUDGE, 0), (JUDGE, None)) == (
        Section(1, Kind.CASE, 0, 2),
        Section(2, Kind.JUDGE, 3, 3),
    )


@pytest.mark.parametrize(
    ("some", "points", "told"),
    [
        ([(SINGLE, None)] * 2 + [(JUDGE, None)] * 2, (), [2500, 2500]),
        ([(SINGLE, None)] * 3, (), [None]),
        ([(SINGLE, None), (JUDGE, None)], ((Kind.SINGLE, 150), (Kind.JUDGE, 50)), [150, 50]),
        ([(SINGLE, None), (JUDGE, None)], ((Kind.SINGLE, 150),), [150, None]),
        ([(SINGLE, 0), (JUDGE, 1)], ((Kind.CASE, 1000),), [500]),
        ([(SINGLE, 0), (JUDGE, 1), (JUDGE, 2)], ((Kind.CASE, 1000),), [None]),
    ],
)
def test_the_points_of_a_section_are_told_where_each_of_its_questions_has_the_same(some, points, told):
    assert [section.points for section in of(*some, rules=Rules(points=points))] == told


def test_points_told_are_those_that_the_score_gives():
    questions = (*[SINGLE] * 2, *[JUDGE] * 4)
    slots = [Slot(number, ()) for number, _ in enumerate(questions)]
    rules = Rules(points=((Kind.SINGLE, 2000), (Kind.JUDGE, 1500)))
    weights = [each.weight for each in asked(slots, dict(enumerate(questions)), rules)]
    for section in sections(slots, questions, rules):
        assert {weights[slot] for slot in section.slots} == {section.points}


def test_cases_of_different_lengths_have_no_points_for_each_question():
    slots = [Slot(1, (), 0), Slot(1, (), 1), Slot(2, (), 0)]
    [section] = sections(slots, [SINGLE, JUDGE, JUDGE], Rules(points=((Kind.CASE, 1000),)))
    assert section.points is None


def test_every_slot_stands_in_one_section():
    found = of((SINGLE, None), (JUDGE, None))
    assert section_of(found, 1) == found[1]
    with pytest.raises(StopIteration):
        section_of(found, 2)
