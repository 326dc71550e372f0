"""大题: a paper's questions in runs of one kind, as 一、单选题（每题 1 分）二、多选题 on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from quizzes.grading import FULL_MARKS
from quizzes.papers import Slot
from quizzes.questions import Kind, Question
from quizzes.rules import Rules


@dataclass(frozen=True, slots=True)
class Section:
    """One run: `number` from 1, the kind, and the slots from `first` to `last` (counted from 0, both in it). `points`: hundredths that
    each of its slots is worth, None where they differ or are no whole hundredths."""

    number: int
    kind: Kind
    first: int
    last: int
    points: int | None = None

    @property
    def slots(self) -> range:
        """The numbers of its slots."""
        return range(self.first, self.last + 1)


def sections(slots: Sequence[Slot], questions: Sequence[Question], rules: Rules | None = None) -> tuple[Section, ...]:
    """The runs of a paper; `questions` are what the slots ask. Items of cases stand in one section, whatever each of them is.
    Points are told under `rules`."""
    kinds = [
        Kind.CASE if slot.item is not None else question.kind for slot, question in zip(slots, questions, strict=True)
    ]
    found: list[Section] = []
    for number, (kind, run) in enumerate(groupby(range(len(kinds)), kinds.__getitem__), 1):
        places = list(run)
        points = None if rules is None else _points(kind, slots[places[0] : places[-1] + 1], len(slots), rules)
        found.append(Section(number, kind, places[0], places[-1], points))
    return tuple(found)


def section_of(some: Sequence[Section], slot: int) -> Section:
    """The section a slot stands in. Raises StopIteration for a slot of no section."""
    return next(section for section in some if slot in section.slots)


def _points(kind: Kind, run: Sequence[Slot], total: int, rules: Rules) -> int | None:
    """What each slot of a run is worth, as quizzes.scoring weighs it: a case's points are divided over its items."""
    if not rules.points:
        each = Fraction(FULL_MARKS, total)
    else:
        sizes = set(Counter(slot.revision_id for slot in run).values()) if kind is Kind.CASE else {1}
        whole = dict(rules.points).get(kind)
        if whole is None or len(sizes) != 1:
            return None
        each = Fraction(whole, sizes.pop())
    return each.numerator if each.denominator == 1 else None
