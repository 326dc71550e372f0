"""Who is who: the tree of units, persons, their dated postings and roles. A posting is closed and followed by another, never rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, insert, or_, select, true, update

from quizzes.enrolling import bureau
from quizzes.people import Person, Posting, PostingKind, Role, RoleName, Unit
from storage.database import Store
from storage.tables import person, posting, role, unit

DISTRICT = "全区"
"""What the root of the tree is called until a roster or the administrator names it."""

_UNIT = (unit.c.id, unit.c.parent_id, unit.c.name, unit.c.position)
_PERSON = (person.c.id, person.c.name, person.c.staff_no, person.c.phone, person.c.category, person.c.rank, person.c.leadership,
           person.c.enforcement, person.c.retires_on, person.c.language)  # fmt: skip
_POSTING = (
    posting.c.id,
    posting.c.person_id,
    posting.c.unit_id,
    posting.c.kind,
    posting.c.starts_on,
    posting.c.ends_on,
)

# Units. ----------------------------------------------------------------------------------------------------------------


def units(store: Store) -> list[Unit]:
    """Every unit in 机构序列: a parent before its children, brothers by position."""
    found = [Unit(*tuple(row)) for row in store.rows(select(*_UNIT).order_by(unit.c.position, unit.c.id))]
    children: dict[int | None, list[Unit]] = {}
    for each in found:
        children.setdefault(each.parent_id, []).append(each)
    ordered: list[Unit] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        each = waiting.pop()
        ordered.append(each)
        waiting.extend(reversed(children.get(each.id, [])))
    return ordered


def district(store: Store, name: str = DISTRICT) -> int:
    """The root of the tree, made with `name` if there is none."""
    found = store.value(select(unit.c.id).where(unit.c.parent_id.is_(None)).order_by(unit.c.id))
    return (
        int(found)
        if found is not None
        else store.new_id(insert(unit), {"parent_id": None, "name": name, "position": 0})
    )


def add_unit(store: Store, name: str, parent_id: int | None, position: int | None = None) -> int:
    """The unit of this name under a parent (None: under the district), made after its brothers (or at `position`) if there is none."""
    parent = district(store) if parent_id is None else parent_id
    found = store.value(select(unit.c.id).where(unit.c.parent_id == parent, unit.c.name == name))
    if found is not None:
        return int(found)
    if position is None:
        last = store.value(select(func.max(unit.c.position)).where(unit.c.parent_id == parent))
        position = 0 if last is None else last + 1
    return store.new_id(insert(unit), {"parent_id": parent, "name": name, "position": position})


def units_named(store: Store, name: str) -> list[Unit]:
    """The units of exactly this name; several bureaux may each have a 办公室."""
    return [each for each in units(store) if each.name == name]


def unit_name(store: Store, unit_id: int | None) -> str:
    """The unit's name; "" for None or an unknown number."""
    return "" if unit_id is None else str(store.value(select(unit.c.name).where(unit.c.id == unit_id)) or "")


def bureau_of(store: Store, unit_id: int) -> int:
    """局办: the ancestor just below the root, or the unit itself."""
    return bureau(unit_id, {each.id: each for each in units(store)})


def bureaux(store: Store) -> dict[int, int]:
    """The bureau of every unit."""
    tree = {each.id: each for each in units(store)}
    return {number: bureau(number, tree) for number in tree}


def units_below(store: Store, unit_ids: Iterable[int]) -> set[int]:
    """The units and everything below them."""
    within = set(unit_ids)
    for each in units(store):
        if each.parent_id in within:
            within.add(each.id)
    return within


# Persons. --------------------------------------------------------------------------------------------------------------


def person_of(store: Store, person_id: int) -> Person | None:
    """One person, or None."""
    found = store.row(select(*_PERSON).where(person.c.id == person_id))
    return None if found is None else Person(*tuple(found))


def people(store: Store) -> list[Person]:
    """Everybody ever on a roster, by number: those who left too, so that who comes back is recognised."""
    return [Person(*tuple(row)) for row in store.rows(select(*_PERSON).order_by(person.c.id))]


@dataclass(frozen=True, slots=True)
class Placed:
    """A person with the unit of the posting in force, 编制 before others."""

    id: int
    name: str
    unit_id: int
    unit: str


def placed(
    store: Store, day: date, *, name: str = "", within: Iterable[int] | None = None, ids: Iterable[int] | None = None
) -> list[Placed]:
    """People in a posting on `day`, each once: all, or those of a name, of units (a posting of any kind there), of these numbers."""
    which = [in_force(day)]
    if name:
        which.append(person.c.name == name)
    if within is not None:
        which.append(
            person.c.id.in_(select(posting.c.person_id).where(in_force(day), posting.c.unit_id.in_(list(within))))
        )
    if ids is not None:
        which.append(person.c.id.in_(list(ids)))
    query = select(person.c.id, person.c.name, posting.c.unit_id, unit.c.name, posting.c.kind).where(*which)
    query = query.join_from(posting, person, posting.c.person_id == person.c.id).join(
        unit, unit.c.id == posting.c.unit_id
    )
    found: dict[int, Placed] = {}
    for row in store.rows(query.order_by(person.c.id, posting.c.starts_on, posting.c.id)):
        if row.id not in found or row.kind == PostingKind.STAFF:
            found[row.id] = Placed(*tuple(row)[:4])
    return list(found.values())


def unit_of(store: Store, person_id: int, day: date) -> int | None:
    """The unit of a person's posting on `day`, or None."""
    found = placed(store, day, ids=[person_id])
    return found[0].unit_id if found else None


def _values(who: Person, now: datetime) -> dict[str, Any]:
    return {"name": who.name, "staff_no": who.staff_no, "phone": who.phone, "category": who.category, "rank": who.rank,
            "leadership": who.leadership, "enforcement": who.enforcement, "retires_on": who.retires_on,
            "language": who.language, "created_at": now}  # fmt: skip


def add_people(store: Store, some: Sequence[Person], now: datetime) -> list[int]:
    """Add persons (their `id` is not looked at) and give their numbers in the same order."""
    if not some:
        return []
    returning = insert(person).returning(person.c.id, sort_by_parameter_order=True)
    return [row.id for row in store.run(returning, [_values(who, now) for who in some])]


def change_people(store: Store, some: Sequence[Person]) -> None:
    """Write name, numbers, category, rank, flags and retirement of persons already known; their language is their own."""
    kept = ("name", "staff_no", "phone", "category", "rank", "leadership", "enforcement", "retires_on")
    changed = (
        update(person)
        .where(person.c.id == bindparam("number"))
        .values({column: bindparam(f"new_{column}") for column in kept})
    )
    if some:
        store.run(
            changed, [{"number": who.id, **{f"new_{column}": getattr(who, column) for column in kept}} for who in some]
        )


# Postings. -------------------------------------------------------------------------------------------------------------


def in_force(day: date) -> ColumnElement[bool]:
    """The condition that a posting covers `day`."""
    return and_(posting.c.starts_on <= day, or_(posting.c.ends_on.is_(None), posting.c.ends_on >= day))


def postings(store: Store, day: date | None = None, *, of: int | None = None) -> list[Posting]:
    """Every posting, or those in force on `day`, or those of one person, by number."""
    which = [in_force(day) if day else true(), true() if of is None else posting.c.person_id == of]
    found = store.rows(select(*_POSTING).where(*which).order_by(posting.c.id))
    return [
        Posting(row.id, row.person_id, row.unit_id, PostingKind(row.kind), row.starts_on, row.ends_on) for row in found
    ]


def add_postings(store: Store, some: Sequence[Posting], by: int | None, now: datetime) -> None:
    """Add dated postings (their `id` is not looked at), with who recorded them."""
    if some:
        rows = [{"person_id": p.person_id, "unit_id": p.unit_id, "kind": p.kind, "starts_on": p.starts_on, "ends_on": p.ends_on,
                 "recorded_at": now, "recorded_by": by} for p in some]  # fmt: skip
        store.run(insert(posting), rows)


def end_postings(store: Store, posting_ids: Sequence[int], first_day_without: date) -> None:
    """Close postings: the day before `first_day_without` is their last. One that began no earlier was never in force."""
    ended = (
        update(posting).where(posting.c.id == bindparam("number")).values(ends_on=first_day_without - timedelta(days=1))
    )
    if posting_ids:
        store.run(ended, [{"number": number} for number in posting_ids])


# Roles. ----------------------------------------------------------------------------------------------------------------


def grant(store: Store, person_id: int, granted: Role, by: int | None, now: datetime) -> bool:
    """Give a role from now on. False if the person has it already."""
    if store.value(select(role.c.id).where(*_same(person_id, granted))) is not None:
        return False
    values: Mapping[str, Any] = {
        "person_id": person_id,
        "name": granted.name,
        "unit_id": granted.unit_id,
        "granted_at": now,
        "granted_by": by,
    }
    store.run(insert(role), values)
    return True


def revoke(store: Store, person_id: int, granted: Role, now: datetime) -> bool:
    """End a role now; the row stays. False if the person does not have it."""
    return store.run(update(role).where(*_same(person_id, granted)).values(revoked_at=now)).rowcount > 0


def _same(person_id: int, granted: Role) -> tuple[ColumnElement[bool], ...]:
    scope = role.c.unit_id.is_(None) if granted.unit_id is None else role.c.unit_id == granted.unit_id
    return role.c.person_id == person_id, role.c.name == granted.name, scope, role.c.revoked_at.is_(None)


def holders(store: Store, name: RoleName | None = None) -> Sequence[Row[Any]]:
    """Rows (person_id, name, unit_id, person) of the roles in force, all or of one kind, oldest first."""
    query = select(role.c.person_id, role.c.name, role.c.unit_id, person.c.name.label("person"))
    query = query.join_from(role, person, role.c.person_id == person.c.id).where(role.c.revoked_at.is_(None))
    return store.rows((query.where(role.c.name == name) if name else query).order_by(role.c.id))
