"""集中考试: halls where people sit a round together, who has taken a seat, and when 开考 was pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Store
from storage.invitations import digest
from storage.tables import attempt, enrolment, hall, person, seat, unit


@dataclass(frozen=True, slots=True)
class Hall:
    """One hall of one round. `started_at`: when 开考 was pressed; `ended_at`: when the officer closed it."""

    id: int
    round_id: int
    place: str
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def state(self) -> str:
        """waiting, started or ended."""
        return "ended" if self.ended_at else "started" if self.started_at else "waiting"


def _hall(found: Row[Any]) -> Hall:
    return Hall(found.id, found.round_id, found.place, found.started_at, found.ended_at)


def make(store: Store, round_id: int, place: str, token: str, by: int, now: datetime) -> int:
    """A hall whose door is a link with this token; gives its number."""
    values = {"round_id": round_id, "place": place, "token_hash": digest(token), "created_at": now, "created_by": by}
    return store.new_id(insert(hall), values)


def get(store: Store, hall_id: int) -> Hall | None:
    """A hall by its number."""
    found = store.row(select(hall).where(hall.c.id == hall_id))
    return None if found is None else _hall(found)


def behind(store: Store, token: str) -> Hall | None:
    """The hall a token opens, or None. Looking takes no seat."""
    found = store.row(select(hall).where(hall.c.token_hash == digest(token)))
    return None if found is None else _hall(found)


def of_round(store: Store, round_id: int) -> list[Hall]:
    """The halls of a round in the order they were made."""
    return [_hall(r) for r in store.rows(select(hall).where(hall.c.round_id == round_id).order_by(hall.c.id))]


def sit(store: Store, hall_id: int, person_id: int, channel: str, now: datetime) -> bool:
    """Take a seat; False for somebody who has one there already, and comes back to it if they went to another hall meanwhile."""
    dialect = postgresql if store.on_postgres else sqlite
    values = {"hall_id": hall_id, "person_id": person_id, "arrived_at": now, "channel": channel}
    once = dialect.insert(seat).values(values).on_conflict_do_nothing(index_elements=["hall_id", "person_id"])
    if store.value(once.returning(seat.c.id)) is not None:
        return True
    there = seat.c.hall_id == hall_id, seat.c.person_id == person_id
    store.run(update(seat).where(*there).values(arrived_at=now, channel=channel))
    return False


def start(store: Store, hall_id: int, now: datetime) -> bool:
    """开考. False if it was pressed before: nobody gets another start."""
    waiting = hall.c.id == hall_id, hall.c.started_at.is_(None), hall.c.ended_at.is_(None)
    return store.run(update(hall).where(*waiting).values(started_at=now)).rowcount > 0


def end(store: Store, hall_id: int, now: datetime) -> bool:
    """Close the hall: nobody begins there any more; who has begun goes on to the end of their minutes."""
    return (
        store.run(update(hall).where(hall.c.id == hall_id, hall.c.ended_at.is_(None)).values(ended_at=now)).rowcount > 0
    )


def seat_of(store: Store, round_id: int, person_id: int) -> Hall | None:
    """The hall of a round in which a person sits: where they came last, if there are several."""
    query = select(hall).join(seat, seat.c.hall_id == hall.c.id)
    mine = hall.c.round_id == round_id, seat.c.person_id == person_id
    found = store.row(query.where(*mine).order_by(seat.c.arrived_at.desc(), seat.c.id.desc()).limit(1))
    return None if found is None else _hall(found)


def seats(store: Store, hall_id: int) -> Sequence[Row[Any]]:
    """Who sits in a hall, as they came: person_id, name, unit (that of the roster), arrived_at, started, sat."""
    query = (
        select(seat.c.person_id, seat.c.arrived_at, person.c.name, unit.c.name.label("unit"), enrolment.c.started, enrolment.c.sat)
        .join_from(seat, hall, hall.c.id == seat.c.hall_id).join(person, person.c.id == seat.c.person_id)
        .outerjoin(enrolment, (enrolment.c.round_id == hall.c.round_id) & (enrolment.c.person_id == seat.c.person_id))
        .outerjoin(unit, unit.c.id == enrolment.c.unit_id)
    )  # fmt: skip
    return store.rows(query.where(seat.c.hall_id == hall_id).order_by(seat.c.id))


@dataclass(frozen=True, slots=True)
class Together:
    """Sittings of several people from one browser in one round: nothing but a fact for the officer to look at."""

    device: str
    people: tuple[tuple[int, str, str], ...]


def one_device(store: Store, round_id: int) -> list[Together]:
    """Where two or more people sat a round from the same browser: (person, name, unit) of each, in the order they began."""
    mine = enrolment.c.round_id == round_id, attempt.c.device != ""
    joined = attempt.join(enrolment, enrolment.c.id == attempt.c.enrolment_id)
    several = (
        select(attempt.c.device).select_from(joined).where(*mine)
        .group_by(attempt.c.device).having(func.count(enrolment.c.person_id.distinct()) > 1)
    )  # fmt: skip
    query = (
        select(attempt.c.device, person.c.id, person.c.name, unit.c.name.label("unit"))
        .select_from(joined.join(person, person.c.id == enrolment.c.person_id).join(unit, unit.c.id == enrolment.c.unit_id))
        .where(*mine, attempt.c.device.in_(several)).order_by(attempt.c.started_at, attempt.c.id)
    )  # fmt: skip
    found: dict[str, dict[int, tuple[int, str, str]]] = {}
    for row in store.rows(query):
        found.setdefault(row.device, {})[row.id] = (row.id, row.name, row.unit)
    return [Together(device, tuple(people.values())) for device, people in found.items()]
