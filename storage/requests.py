"""申请: a 免考, 缓考 or 请假 that somebody asks for, a joiner or leaver that a unit reports; each waits until it is decided, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import insert, select, update

from quizzes.people import RoleName
from storage import corrections, people
from storage.database import Store
from storage.exemptions import DEFER, EXEMPT, LEAVE
from storage.tables import exemption

JOIN, DEPART = "补录", "调出"
KINDS = (EXEMPT, DEFER, LEAVE, JOIN, DEPART)
AGREE, DISAGREE = "agree", "disagree"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. It is for one round, or from a date to a date. `category` is the key of a reason, `reason` its words; `opinion`
    begins with AGREE or DISAGREE, then the sentence, or is ""; `state` requested, approved, refused or withdrawn."""

    id: int
    person_id: int
    kind: str
    round_id: int | None
    starts_on: date | None
    ends_on: date | None
    category: str
    reason: str
    state: str
    requested_at: datetime
    requested_by: int | None
    opinion: str
    opinion_by: int | None
    file_id: int | None
    answer: str
    decided_at: datetime | None
    decided_by: int | None

    @property
    def verdict(self) -> str:
        """AGREE, DISAGREE, or "" while the unit has said nothing."""
        return self.opinion.partition(" ")[0]

    @property
    def sentence(self) -> str:
        """What the unit said besides."""
        return self.opinion.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, for whom and by whom, before it has a number."""

    person_id: int
    kind: str
    requested_by: int
    round_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    category: str = ""
    reason: str = ""
    file_id: int | None = None


_ALL = select(*(exemption.c[each.name] for each in fields(Request)))


def add(store: Store, asked: Asked, now: datetime) -> tuple[int, bool]:
    """Record a request; (its number, True), or (the number of the same one that waits already, False)."""
    corrections.lock(store, asked.person_id)
    span = asked.round_id, asked.starts_on, asked.ends_on
    for each in of_person(store, asked.person_id):
        if each.state == "requested" and each.kind == asked.kind and span == (each.round_id, each.starts_on, each.ends_on):  # fmt: skip
            return each.id, False
    values = {each.name: getattr(asked, each.name) for each in fields(Asked)}
    return store.new_id(insert(exemption), {**values, "state": "requested", "requested_at": now}), True


def get(store: Store, number: int) -> Request | None:
    """A request, or None."""
    found = store.row(_ALL.where(exemption.c.id == number))
    return None if found is None else Request(*tuple(found))


def of_person(store: Store, person_id: int) -> list[Request]:
    """What has been asked for or decided for a person, newest first."""
    query = _ALL.where(exemption.c.person_id == person_id).order_by(exemption.c.id.desc())
    return [Request(*tuple(row)) for row in store.rows(query)]


def asked_by(store: Store, person_id: int) -> list[Request]:
    """What somebody asked for others and nobody has decided, oldest first."""
    which = exemption.c.requested_by == person_id, exemption.c.person_id != person_id, exemption.c.state == "requested"
    return [Request(*tuple(row)) for row in store.rows(_ALL.where(*which).order_by(exemption.c.id))]


def waiting(store: Store, person_ids: Iterable[int] | None = None) -> list[Request]:
    """What nobody has decided, oldest first: of everybody, or of these people."""
    query = _ALL.where(exemption.c.state == "requested").order_by(exemption.c.id)
    found = [Request(*tuple(row)) for row in store.rows(query)]
    if person_ids is None:
        return found
    wanted = set(person_ids)
    return [each for each in found if each.person_id in wanted]


def opine(store: Store, number: int, verdict: str, sentence: str, by: int) -> bool:
    """Record the unit's opinion; a later one takes the place of the first. False if it has been decided already."""
    said = update(exemption).where(exemption.c.id == number, exemption.c.state == "requested")
    return store.run(said.values(opinion=f"{verdict} {sentence}".strip(), opinion_by=by)).rowcount == 1


def decide(store: Store, number: int, state: str, answer: str, by: int, now: datetime) -> bool:
    """Approve, refuse or withdraw: written by exactly one of those who try. False if it has been decided already."""
    ended = update(exemption).where(exemption.c.id == number, exemption.c.state == "requested")
    values = {"state": state, "answer": answer, "decided_at": now, "decided_by": by}
    return store.run(ended.values(**values)).rowcount == 1


def liaisons(store: Store, unit_id: int) -> list[int]:
    """The liaisons who speak for a unit: its own, or those of a unit above it, the nearest first that has any."""
    parents = {each.id: each.parent_id for each in people.units(store)}
    held = people.holders(store, RoleName.LIAISON)
    above: int | None = unit_id
    while above is not None:
        if found := sorted({row.person_id for row in held if row.unit_id == above}):
            return found
        above = parents.get(above)
    return []
