"""已有安排: of those who have not sat a round, for whom something is arranged: a make-up, a deferral, scores that wait to be confirmed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from quizzes.rounds import Round
from storage import batches, makeups
from storage.database import Store
from storage.tables import enrolment

_BOUND = 500


@dataclass(frozen=True, slots=True)
class Arranged:
    """Headcounts of those who have sat neither the round nor a make-up of it: each is counted in `missing`, and at most once in
    what is arranged: on the list of a make-up, with a score from outside (paper, a higher platform) that waits for its second
    person, or with an approved 缓考."""

    missing: int = 0
    makeup: int = 0
    entered: int = 0
    deferred: int = 0

    def __add__(self, other: Arranged) -> Arranged:
        return Arranged(
            self.missing + other.missing, self.makeup + other.makeup, self.entered + other.entered, self.deferred + other.deferred
        )  # fmt: skip

    @property
    def anything(self) -> bool:
        """Whether something is arranged for anybody."""
        return bool(self.makeup or self.entered or self.deferred)


def arranged(store: Store, first: Round, within: Collection[int] | None = None) -> dict[int, Arranged]:
    """By bureau at that round, of all units or of these. A make-up is asked for by its first round."""
    entered = _entered(store, first.id)
    found: dict[int, Arranged] = {}
    for each in makeups.candidates(store, first):
        if each.why == "absent" and (within is None or each.unit_id in within):
            makeup, waits = each.arranged is not None, each.person_id in entered
            one = Arranged(1, int(makeup), int(waits and not makeup), int(each.deferred and not makeup and not waits))
            found[each.bureau_id] = found.get(each.bureau_id, Arranged()) + one
    return found


def _entered(store: Store, first_id: int) -> set[int]:
    """People of a round or its make-ups for whom a score from outside has been entered and not confirmed."""
    waiting = batches.waiting(store, first_id)
    numbers = sorted(waiting)
    parts = (numbers[start : start + _BOUND] for start in range(0, len(numbers), _BOUND))
    query = select(enrolment.c.person_id)
    return {row.person_id for part in parts for row in store.rows(query.where(enrolment.c.id.in_(part)))}
