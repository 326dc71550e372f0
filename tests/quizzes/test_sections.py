"""A paper's sections: runs of one kind, with all items of cases in one."""

from __future__ import annotations

import pytest

from quizzes.papers import Slot
from quizzes.questions import Kind
from quizzes.sections import Section, section_of, sections
from tests.engine import QUESTIONS

SINGLE, MULTIPLE, JUDGE = QUESTIONS


def of(*some):
    """(question, item or None) in paper order."""
    return sections([Slot(1, (), item) for _, item in some], [question for question, _ in some])


def test_questions_of_one_kind_stand_together_in_the_order_of_the_paper():
    found = of((SINGLE, None), (SINGLE, None), (JUDGE, None), (SINGLE, None))
    assert found == (Section(1, Kind.SINGLE, 0, 1), Section(2, Kind.JUDGE, 2, 2), Section(3, Kind.SINGLE, 3, 3))
    assert [list(section.slots) for section in found] == [[0, 1], [2], [3]]


def test_the_items_of_cases_are_one_section_whatever_each_of_them_is():
    assert of((SINGLE, 0), (MULTIPLE, 1), (JUDGE, 0), (JUDGE, None)) == (
        Section(1, Kind.CASE, 0, 2),
        Section(2, Kind.JUDGE, 3, 3),
    )


def test_every_slot_stands_in_one_section():
    found = of((SINGLE, None), (JUDGE, None))
    assert section_of(found, 1) == found[1]
    with pytest.raises(StopIteration):
        section_of(found, 2)
