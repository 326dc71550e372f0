"""交办: who takes over the names of those still missing in a unit, and in which order; one rule for the whole house.

1. the unit's liaison (普法联络员), then that of the unit above it, up to the district;
2. the unit's office head: whose post is 办公室主任 (never a deputy), in the unit or one directly below it; then that of the unit above;
3. the unit's head: the first of its 班子成员 who is no deputy, else its first 班子成员; then that of the unit above;
4. the officer (管理员).

The district's own office and leaders are never asked: what nobody in the bureau takes over stays with the officer. Of several
liaisons of a unit the one named first comes first; of several people in the same place, the one on the roster first."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from quizzes.people import Person, RoleName, Unit

_DEPUTY = "副"
_OFFICE, _OFFICE_HEAD = "办公室", "办公室主任"
_OF_AN_OFFICE = ("主任", "负责人")


class As(StrEnum):
    """As what somebody takes over."""

    LIAISON = "liaison"
    OFFICE = "office"
    HEAD = "head"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Held:
    """A role somebody holds now; `unit_id` None is the district."""

    person_id: int
    name: RoleName
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with the unit of the posting in force. `person.rank` is 职务 or 职级 as the roster has it."""

    person: Person
    unit_id: int


@dataclass(frozen=True, slots=True)
class Heir:
    """Who takes over, as what."""

    person_id: int
    as_: As


def heirs_of(
    unit_id: int, units: Mapping[int, Unit], roles: Sequence[Held], staff: Sequence[Member]
) -> tuple[Heir, ...]:
    """Everybody who might take over for a unit, the first choice first, nobody twice. `roles` by time of grant, `staff` by number."""
    path = _upwards(unit_id, units)
    bureaux = [each for each in path if units[each].parent_id is not None] or path
    root = path[-1]
    found = [
        Heir(held.person_id, As.LIAISON)
        for at in path
        for held in roles
        if held.name is RoleName.LIAISON and _at(held, root) == at
    ]
    found += [Heir(each.person.id, As.OFFICE) for at in bureaux for each in staff if _heads_office(each, at, units)]
    found += [Heir(number, As.HEAD) for at in bureaux for number in _heads(at, staff)]
    found += [Heir(held.person_id, As.OFFICER) for held in roles if held.name is RoleName.ADMIN]
    first: dict[int, Heir] = {}
    for heir in found:
        first.setdefault(heir.person_id, heir)
    return tuple(first.values())


def heir_of(candidates: Iterable[Heir], able: Container[int], but: int = 0) -> Heir | None:
    """The first of them who can be reached (`able`) and is not the person concerned (`but`); None: nobody."""
    return next((each for each in candidates if each.person_id != but and each.person_id in able), None)


def _upwards(unit_id: int, units: Mapping[int, Unit]) -> list[int]:
    path: list[int] = []
    at: int | None = unit_id
    while at is not None and at not in path:
        path.append(at)
        at = units[at].parent_id
    return path


def _at(held: Held, root: int) -> int:
    return root if held.unit_id is None else held.unit_id


def _heads_office(each: Member, at: int, units: Mapping[int, Unit]) -> bool:
    own, rank = units[each.unit_id], each.person.rank
    if _DEPUTY in rank or at not in (own.id, own.parent_id):
        return False
    return _OFFICE_HEAD in rank or (_OFFICE in own.name and any(word in rank for word in _OF_AN_OFFICE))


def _heads(at: int, staff: Sequence[Member]) -> list[int]:
    """The 班子成员 of a unit: no deputies first, among them those whose post is known; else as they stand on the roster."""
    leaders = [each.person for each in staff if each.unit_id == at and each.person.leadership]
    return [each.id for each in sorted(leaders, key=lambda who: (_DEPUTY in who.rank, not who.rank))]
