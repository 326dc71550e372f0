"""Why somebody is not among those due: which sides of an audience do not hold, asked of the very rule that enrols."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

from quizzes.enrolling import enrol
from quizzes.people import Person, Posting, Unit
from quizzes.plans import Audience
from quizzes.rules import Rules


class Side(StrEnum):
    """What may keep a person out: no 人事关系 that counts, retired, or a side of the audience."""

    POSTING = "posting"
    RETIRED = "retired"
    UNITS = "units"
    CATEGORIES = "categories"
    RANKS = "ranks"
    ENFORCEMENT = "enforcement"
    PEOPLE = "people"


def outside(
    person: Person, postings: Iterable[Posting], units: Sequence[Unit], audience: Audience, rules: Rules, day: date
) -> tuple[Side, ...]:
    """Everything that keeps a person out on `day`, in the order of `Side`; empty for somebody who is due. Without a posting that
    counts nothing is said of the units. Raises UnknownUnits."""
    mine = [posting for posting in postings if posting.person_id == person.id]
    still = replace(person, retires_on=None)

    def due(who: Person, to: Audience) -> bool:
        return bool(enrol([who], mine, units, to, rules, day))

    posted = due(still, Audience())
    found = [] if posted else [Side.POSTING]
    if person.retires_on is not None and person.retires_on < day:
        found.append(Side.RETIRED)
    anywhere = mine if posted else []
    for side in (Side.UNITS, Side.CATEGORIES, Side.RANKS, Side.ENFORCEMENT, Side.PEOPLE):
        only = Audience(**{side.value: getattr(audience, side.value)})
        if anywhere and not due(still, only):
            found.append(side)
    return tuple(found)
