"""What was sent to one person lately, and what their line in a round says: the facts behind 「为什么给我发这个」."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database import Store
from storage.deliveries import TOUCHES
from storage.tables import delivery, enrolment, person, unit


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that cost a touch. `key` says what planned it ("push:3:12", "round:7:card:12")."""

    id: int
    key: str
    kind: str
    round_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OnRoster:
    """A person's line in a round: the unit at opening, and whether it counts."""

    unit: str
    counted: bool


def last_to(store: Store, person_id: int, number: int | None = None) -> Sent | None:
    """The last message that cost the person a touch (or the one of this number, if it is theirs); None: there is none."""
    which = [delivery.c.person_id == person_id, delivery.c.kind.in_(TOUCHES), delivery.c.state != "cancelled"]
    if number is not None:
        which.append(delivery.c.id == number)
    query = select(
        delivery.c.id, delivery.c.key, delivery.c.kind, delivery.c.round_id, delivery.c.created_at, delivery.c.sent_at
    )
    row = store.row(query.where(*which).order_by(delivery.c.created_at.desc(), delivery.c.id.desc()).limit(1))
    return None if row is None else Sent(row.id, row.key, row.kind, row.round_id, row.sent_at or row.created_at)


def on_roster(store: Store, round_id: int, person_id: int) -> OnRoster | None:
    """The person's line in a round, or None."""
    query = select(unit.c.name, enrolment.c.counted).join_from(enrolment, unit, unit.c.id == enrolment.c.unit_id)
    row = store.row(query.where(enrolment.c.round_id == round_id, enrolment.c.person_id == person_id))
    return None if row is None else OnRoster(row.name, bool(row.counted))


def quiet_hours(store: Store, person_id: int) -> tuple[int, int] | None:
    """The hours (from, to; 0 to 23) in which the person asked for quiet, or None."""
    row = store.row(select(person.c.quiet_from, person.c.quiet_to).where(person.c.id == person_id))
    return None if row is None or row.quiet_from is None or row.quiet_to is None else (row.quiet_from, row.quiet_to)
