"""已有安排: how many are missing and what is arranged for them, in headcounts and words that leaders may read."""

from __future__ import annotations

from handlers.rights import scope_of
from handlers.words import say
from quizzes.people import Person
from storage import accounts, arrangements, people, rounds
from storage.arrangements import Arranged
from storage.database import Store


def arranged_text(language: str, each: Arranged) -> str:
    """「还差3人：已安排补考2人、成绩待确认1人」."""
    if not each.anything:
        return say(language, "road.missing", missing=each.missing)
    parts = [
        say(language, f"road.arranged_{name}", people=number)
        for name, number in (("makeup", each.makeup), ("entered", each.entered), ("deferred", each.deferred)) if number
    ]  # fmt: skip
    return say(
        language, "road.missing_arranged", missing=each.missing, arranged=say(language, "missing.comma").join(parts)
    )


def figures_lines(store: Store, me: Person, round_id: int) -> list[str]:
    """What the figures of a round add within what somebody may see; nothing where nothing is arranged."""
    scope = scope_of(accounts.roles_of(store, me.id), "figures.read")
    units = None if scope.everything else people.units_below(store, scope.units)
    total = sum(arrangements.arranged(store, rounds.get(store, round_id), units).values(), start=Arranged())
    return [say(me.language, "road.in_figures", state=arranged_text(me.language, total))] if total.anything else []
