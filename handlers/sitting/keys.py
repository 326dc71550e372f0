"""The key in force: what is right after a 改判, and what is said after an answer to a quiz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from handlers.sitting import cards
from handlers.words import say
from quizzes.grading import is_correct
from quizzes.questions import Question
from quizzes.scoring import Asked, Ruling, corrected
from storage import answers, rulings
from storage.answers import Answered, Sitting
from storage.database import Store


def in_force(store: Store, sat: Sitting, slot: int, decided: Sequence[Ruling]) -> tuple[Question, bool]:
    """(what a slot asks with the key in force, whether it was voided)."""
    asked = answers.shown(store, sat.slots[slot])
    return corrected(Asked(sat.slots[slot], asked, Fraction(1)), decided) if decided else (asked, False)


def explained(store: Store, language: str, sat: Sitting, slot: int, given: tuple[str, ...]) -> str:
    """The verdict by the key in force, the right answer where it was missed, the explanation and the articles."""
    question, void = in_force(store, sat, slot, rulings.of_round(store, sat.round_id))
    said = cards.explained(language, question, sat.slots[slot], void or is_correct(question, given))
    return say(language, "rekeying.was_voided") + "\n" + said if void else said


def right(store: Store, sat: Sitting, given: Mapping[int, Answered]) -> int:
    """How many answers are right by the keys in force."""
    decided = rulings.of_round(store, sat.round_id)
    if not decided:
        return sum(each.correct for each in given.values())
    asked = {slot: in_force(store, sat, slot, decided) for slot in given}
    return sum(void or is_correct(question, given[slot].answer) for slot, (question, void) in asked.items())
