"""大题: a paper's questions in runs of one kind, as 一、单选题 二、多选题 on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from quizzes.papers import Slot
from quizzes.questions import Kind, Question


@dataclass(frozen=True, slots=True)
class Section:
    """One run: `number` from 1, the kind, and the slots from `first` to `last` (counted from 0, both in it)."""

    number: int
    kind: Kind
    first: int
    last: int

    @property
    def slots(self) -> range:
        """The numbers of its slots."""
        return range(self.first, self.last + 1)


def sections(slots: Sequence[Slot], questions: Sequence[Question]) -> tuple[Section, ...]:
    """The runs of a paper; `questions` are what the slots ask. Items of cases stand in one section, whatever each of them is."""
    kinds = [
        Kind.CASE if slot.item is not None else question.kind for slot, question in zip(slots, questions, strict=True)
    ]
    found: list[Section] = []
    for number, (kind, run) in enumerate(groupby(range(len(kinds)), kinds.__getitem__), 1):
        places = list(run)
        found.append(Section(number, kind, places[0], places[-1]))
    return tuple(found)


def section_of(some: Sequence[Section], slot: int) -> Section:
    """The section a slot stands in. Raises StopIteration for a slot of no section."""
    return next(section for section in some if slot in section.slots)
