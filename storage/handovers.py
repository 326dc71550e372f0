"""交办的依据: the tree, the roles and the staff that say who takes over, and who has been told in a round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from quizzes.heirs import Held, Member
from quizzes.people import RoleName, Unit
from storage import people
from storage.database import Store
from storage.tables import delivery

_LOST = ("cancelled", "failed")


def tree(store: Store) -> dict[int, Unit]:
    """Every unit by its number."""
    return {each.id: each for each in people.units(store)}


def roles(store: Store) -> list[Held]:
    """The liaisons and officers, by time of grant."""
    wanted = (RoleName.LIAISON, RoleName.ADMIN)
    return [Held(row.person_id, RoleName(row.name), row.unit_id) for row in people.holders(store) if row.name in wanted]


def staff(store: Store, day: date) -> list[Member]:
    """Everybody in a posting on `day`, by number, each in the unit of their posting (编制 before others)."""
    known = {each.id: each for each in people.people(store)}
    return sorted(
        (Member(known[each.id], each.unit_id) for each in people.placed(store, day)),
        key=lambda member: member.person.id,
    )


def eligible(some: Sequence[Held], members: Sequence[Member]) -> list[int]:
    """Everybody who might take over anything: holders of a role, and whose post or flag may make them head of something."""
    posts = (each.person.id for each in members if each.person.leadership or each.person.rank)
    return sorted({*(held.person_id for held in some), *posts})


def told(store: Store, round_id: int) -> set[int]:
    """Who has been told the names of a round, or is about to be."""
    which = delivery.c.round_id == round_id, delivery.c.kind == "handover", delivery.c.state.not_in(_LOST)
    return {row.person_id for row in store.rows(select(delivery.c.person_id).where(*which))}
