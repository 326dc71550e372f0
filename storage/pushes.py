"""推送给谁: what an officer pushed, to whom, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select

from storage import missing, people, rounds
from storage.database import Store
from storage.tables import account, delivery, posting, push

MATERIAL, NOTICE = "material", "notice"
_LOOKED_BACK = 300


@dataclass(frozen=True, slots=True)
class Audience:
    """To whom: everybody, units (and below), people by number, or those missing in a round; together they add up."""

    everybody: bool = False
    units: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    missing_in: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As stored."""
        return {
            "everybody": self.everybody,
            "units": list(self.units),
            "people": list(self.people),
            "missing_in": self.missing_in,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Audience:
        """The inverse of `to_json`."""
        return cls(data["everybody"], tuple(data["units"]), tuple(data["people"]), data["missing_in"])


@dataclass(frozen=True, slots=True)
class Push:
    """One push. `people` and `reachable` are the headcounts its officer confirmed."""

    id: int
    kind: str
    material_id: int | None
    text: str
    audience: Audience
    people: int
    reachable: int
    created_at: datetime
    by: int


def add(store: Store, to: Audience, by: int, now: datetime, *, material_id: int | None = None, text: str = "", people: int,
        reachable: int) -> int:  # fmt: skip
    """Record a push of a material, or of a notice by its text, with the headcounts its officer saw; give its number."""
    kind = NOTICE if material_id is None else MATERIAL
    values = {"kind": kind, "material_id": material_id, "text": text, "audience": to.to_json(), "people": people, "reachable": reachable,
              "created_at": now, "person_id": by}  # fmt: skip
    return store.new_id(insert(push), values)


def get(store: Store, push_id: int) -> Push | None:
    """A push, or None."""
    row = store.row(select(push).where(push.c.id == push_id))
    if row is None:
        return None
    return Push(row.id, row.kind, row.material_id, row.text, Audience.from_json(row.audience), row.people, row.reachable, row.created_at,
                row.person_id)  # fmt: skip


def last(store: Store) -> Push | None:
    """The latest push, or None."""
    number = store.value(select(func.max(push.c.id)))
    return None if number is None else get(store, number)


def recipients(store: Store, to: Audience, day: date) -> list[int]:
    """Everybody in a posting on `day` whom an audience means, each once, by number."""
    if to.everybody:
        return sorted(each.id for each in people.placed(store, day))
    found: set[int] = set()
    if to.units:
        found |= {each.id for each in people.placed(store, day, within=people.units_below(store, to.units))}
    if to.people:
        found |= {each.id for each in people.placed(store, day, ids=to.people)}
    if to.missing_in is not None:
        what = rounds.get(store, to.missing_in)
        found |= {each.person_id for each in missing.missing(store, what, day) if each.absent}
    return sorted(found)


def bound(store: Store) -> set[int]:
    """Everybody with a live account, reachable or not."""
    return {row.person_id for row in store.rows(select(account.c.person_id).where(account.c.ended_at.is_(None)))}


def key(push_id: int, person_id: int | str = "") -> str:
    """The key of one person's delivery of a push; without a person, what such keys begin with."""
    return f"push:{push_id}:{person_id}"


def states(store: Store, push_id: int) -> dict[str, int]:
    """How far a push came to how many people; who was tried on several accounts counts once, by the furthest."""
    return dict(Counter(state for state, _ in _furthest(store, push_id).values()))


def refusals(store: Store, push_id: int) -> dict[str, int]:
    """How many people a push did not reach, by the platform's word for why, of several the last."""
    return dict(Counter(reason for state, reason in _furthest(store, push_id).values() if state == "failed"))


def _furthest(store: Store, push_id: int) -> dict[int, tuple[str, str]]:
    """The (state, reason) of a push by person."""
    found: dict[int, tuple[str, str]] = {}
    query = select(delivery.c.person_id, delivery.c.state, delivery.c.reason)
    for row in store.rows(
        query.where(delivery.c.key.startswith(key(push_id), autoescape=True)).order_by(delivery.c.id)
    ):
        known = found.get(row.person_id)
        if known is None or missing.FURTHEST.index(row.state) <= missing.FURTHEST.index(known[0]):
            found[row.person_id] = row.state, row.reason
    return found


def pushed_to(store: Store, person_id: int) -> dict[int, datetime]:
    """The materials pushed to a person (number -> when last), whether or not the message itself was sent."""
    held = store.rows(
        select(posting.c.unit_id, posting.c.starts_on, posting.c.ends_on).where(posting.c.person_id == person_id)
    )
    parents = {each.id: each.parent_id for each in people.units(store)}
    above = {row.unit_id: _above(row.unit_id, parents) for row in held}
    mine = {
        row.key
        for row in store.rows(
            select(delivery.c.key).where(delivery.c.person_id == person_id, delivery.c.kind == MATERIAL)
        )
    }
    found: dict[int, datetime] = {}
    recent = select(push).where(push.c.kind == MATERIAL).order_by(push.c.id.desc()).limit(_LOOKED_BACK)
    for row in reversed(store.rows(recent)):
        to, day = Audience.from_json(row.audience), row.created_at.date()
        units = {
            unit_id
            for p in held
            if p.starts_on <= day and (p.ends_on is None or day <= p.ends_on)
            for unit_id in above[p.unit_id]
        }
        if (
            (to.everybody and units)
            or units & set(to.units)
            or person_id in to.people
            or key(row.id, person_id) in mine
        ):
            found[row.material_id] = row.created_at
    return found


def _above(unit_id: int, parents: dict[int, int | None]) -> set[int]:
    """The unit and everything above it."""
    found: set[int] = set()
    at: int | None = unit_id
    while at is not None and at not in found:
        found.add(at)
        at = parents[at]
    return found
