"""A、B 卷: two different papers of one composition for an exam on paper, drawn from stored seeds; one pair for each kind of paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from quizzes.enrolling import Enrolled, draws
from quizzes.papers import Pool, Slot, draw, paper_seed
from quizzes.people import Person, Unit
from quizzes.plans import Draw, Variant

LETTERS = ("A", "B")


@dataclass(frozen=True, slots=True)
class Printed:
    """One of the two papers: its letter, the seed it was drawn from, and its questions in their order with the order of options."""

    letter: str
    seed: int
    slots: tuple[Slot, ...]

    def to_json(self) -> list[Any]:
        """As kept with the print."""
        return [self.letter, self.seed, [slot.to_json() for slot in self.slots]]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Printed:
        """The inverse of `to_json`."""
        return cls(data[0], data[1], tuple(Slot.from_json(each) for each in data[2]))


def two_papers(pool: Pool, lines: tuple[Draw, ...], round_seed: int, kind: int) -> tuple[Printed, ...]:
    """A and B; B takes other questions than A as far as the pool has them. `kind`: 0 for the round's own draw, else the number of the
    variant. Raises PoolTooSmall."""
    made: list[Printed] = []
    keys = {item.revision_id: item.key for item in pool.items}
    for number, letter in enumerate(LETTERS, 1):
        seed = paper_seed(round_seed, -1 - kind, number)  # no person has a number below 1
        avoid = {keys[slot.revision_id] for each in made for slot in each.slots}
        made.append(Printed(letter, seed, draw(pool, lines, Random(seed), avoid)))  # noqa: S311 (a stored seed, not a secret)
    return tuple(made)


def kinds(
    enrolled: Iterable[Enrolled], people: Iterable[Person], units: Iterable[Unit], variants: Sequence[Variant]
) -> dict[int, int]:
    """Which kind of paper each person gets: the number of the first variant meant for them, 0 for the round's own draw."""
    numbered = [replace(each, draw=(Draw(number),)) for number, each in enumerate(variants, 1)]
    found = draws(enrolled, people, units, numbered, ())
    return {person_id: lines[0].count if lines else 0 for person_id, lines in found.items()}
