"""计分: from the answers of one sitting to its score, under the round's rules and under what was decided about wrong keys.

A score is a whole number of hundredths of a point, rounded down once, at the end; in between there are fractions, never floats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from quizzes import grading
from quizzes.papers import Slot
from quizzes.questions import Kind, Question
from quizzes.rules import Rules


class Action(StrEnum):
    """What is decided about a question that was wrong: another key, or 作废 (everybody gets its points)."""

    REKEY = "rekey"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Ruling:
    """改判: one approved decision about one question (of a case: one item) of one round. `answer` is the canonical new key, () for a
    void; `keeps`: nobody's score falls by it, which is the default."""

    revision_id: int
    item: int | None
    action: Action
    at: datetime
    answer: tuple[str, ...] = ()
    keeps: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it stands in a paper. `question` is what is asked (an item of a case by itself); `weight` its hundredths."""

    slot: Slot
    question: Question
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Scored:
    """`first`: by the keys as they were; `score`: after all rulings, which is what counts. Both in hundredths."""

    first: int
    score: int


def asked(slots: Sequence[Slot], questions: Mapping[int, Question], rules: Rules) -> tuple[Asked, ...]:
    """The questions of a paper with what each weighs; `questions` by revision id. Points come from the rules, a case's divided over
    its items; without points in the rules the paper has 100 points and every slot weighs the same.
    Raises ValueError for a paper without questions, or with a kind the rules give no points: it has no score."""
    if not slots:
        raise ValueError("a paper without questions has no score")
    points = dict(rules.points)
    size = Counter(slot.revision_id for slot in slots)

    def weight(slot: Slot) -> Fraction:
        if not points:
            return Fraction(grading.FULL_MARKS, len(slots))
        whole = questions[slot.revision_id]
        if whole.kind not in points:
            raise ValueError(f"the rules give no points for {whole.kind.value}")
        return Fraction(points[whole.kind], size[slot.revision_id] if whole.kind is Kind.CASE else 1)

    return tuple(Asked(slot, questions[slot.revision_id].item(slot.item), weight(slot)) for slot in slots)


def credit(question: Question, given: Sequence[str], rules: Rules) -> Fraction:
    """What part of a question's points a canonical answer earns: all, nothing, or half for a correct but incomplete choice where
    the rules say so (少选得一半，错选不得分)."""
    if grading.is_correct(question, tuple(given)):
        return Fraction(1)
    incomplete = question.kind is Kind.MULTIPLE and bool(given) and set(given) < set(question.answer)
    return Fraction(1, 2) if incomplete and rules.partial == "half" else Fraction(0)


def scored(
    paper: Sequence[Asked], given: Mapping[int, Sequence[str]], rules: Rules, rulings: Iterable[Ruling] = ()
) -> Scored:
    """The scores of one sitting. `given` maps the number of a slot to its canonical answer; unanswered slots earn nothing, except
    where a void gives them to everybody. `rulings` in the order they were made, whatever clock stamped them: each is applied on those
    before it; under one that `keeps`, no score falls."""
    in_force: list[Ruling] = []
    first = score = _score(paper, given, rules, in_force)
    for ruling in rulings:
        in_force.append(ruling)
        again = _score(paper, given, rules, in_force)
        score = max(score, again) if ruling.keeps else again
    return Scored(first, score)


def full(paper: Sequence[Asked]) -> int:
    """The points a paper has, in hundredths."""
    return int(sum((each.weight for each in paper), Fraction(0)))


def corrected(each: Asked, rulings: Iterable[Ruling]) -> tuple[Question, bool]:
    """(the question with the key in force, whether it was voided)."""
    question, void = each.question, False
    for ruling in rulings:
        if (ruling.revision_id, ruling.item) == (each.slot.revision_id, each.slot.item):
            void = ruling.action is Action.VOID
            question = question if void else replace(question, answer=ruling.answer)
    return question, void


def _score(paper: Sequence[Asked], given: Mapping[int, Sequence[str]], rules: Rules, rulings: Sequence[Ruling]) -> int:
    total = Fraction(0)
    for number, each in enumerate(paper):
        question, void = corrected(each, rulings)
        earned = Fraction(1) if void else credit(question, given[number], rules) if number in given else Fraction(0)
        total += earned * each.weight
    return int(total)
