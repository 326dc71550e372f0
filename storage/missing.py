"""未参考名单: who is still missing in a round, in 机构序列, each with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, or_, select

from quizzes.missing import NEXT_STEP, Known, Reason, Step, reason
from quizzes.rounds import Round
from storage import people, rounds
from storage.database import Store
from storage.tables import account, delivery, enrolment, exemption, person, unit

_BOUND = 500
_FURTHEST = ("sent", "uncertain", "sending", "planned", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Missing:
    """One person due who has not reached the end. `detail` is the platform's word for why it cannot reach them, or ""."""

    person_id: int
    name: str
    unit_id: int
    unit: str
    bureau_id: int
    reason: Reason
    detail: str

    @property
    def step(self) -> Step:
        """What to do next."""
        return NEXT_STEP[self.reason]

    @property
    def absent(self) -> bool:
        """未参考, rather than 未合格 with attempts left."""
        return self.reason is not Reason.FAILED


def missing(store: Store, what: Round, day: date, within: Collection[int] | None = None) -> list[Missing]:
    """Everybody due in a round who has not sat it, or has failed with attempts left; of all units or of these (by the unit at
    opening). Whoever is exempt or was never due is not in it. By unit, then in the order of enrolment."""
    lines = _lines(store, what, within)
    numbers = [line.person_id for line in lines]
    refusals, cards = _refusals(store, numbers), _cards(store, what.id, numbers)
    pending, resting = _pending(store, what.id), rounds.on_leave(store, day)
    place = {each.id: number for number, each in enumerate(people.units(store))}
    found = []
    for line in sorted(lines, key=lambda line: (place[line.unit_id], line.id)):
        known = Known(line.person_id in pending, line.person_id in resting, bool(line.sat), bool(line.started),
                      tuple(refusals.get(line.person_id, ())), cards.get(line.person_id, ""))  # fmt: skip
        why, detail = reason(known)
        found.append(Missing(line.person_id, line.name, line.unit_id, line.unit, line.bureau_id, why, detail))
    return found


def _lines(store: Store, what: Round, within: Collection[int] | None) -> Sequence[Row[Any]]:
    again = and_(enrolment.c.passed.is_(False), enrolment.c.attempts < what.rules.attempts + enrolment.c.granted)
    query = select(
        enrolment.c.id, enrolment.c.person_id, enrolment.c.unit_id, enrolment.c.bureau_id, enrolment.c.sat, enrolment.c.started,
        person.c.name, unit.c.name.label("unit"),
    ).join_from(enrolment, person, person.c.id == enrolment.c.person_id)  # fmt: skip
    query = query.join(unit, unit.c.id == enrolment.c.unit_id)
    query = query.where(
        enrolment.c.round_id == what.id, enrolment.c.counted.is_(True), or_(enrolment.c.sat.is_(False), again)
    )
    return store.rows(query if within is None else query.where(enrolment.c.unit_id.in_(within)))


def _parts(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + _BOUND] for start in range(0, len(numbers), _BOUND))


def _refusals(store: Store, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Per person, one entry for each live account: "" where it can be reached, else why not."""
    found: dict[int, list[str]] = {}
    query = (
        select(account.c.person_id, account.c.unreachable).where(account.c.ended_at.is_(None)).order_by(account.c.id)
    )
    for part in _parts(numbers):
        for row in store.rows(query.where(account.c.person_id.in_(part))):
            found.setdefault(row.person_id, []).append(row.unreachable)
    return found


def _cards(store: Store, round_id: int, numbers: Sequence[int]) -> dict[int, str]:
    """How far the round's card came to each person, the furthest if there were several."""
    found: dict[int, str] = {}
    query = select(delivery.c.person_id, delivery.c.state).where(
        delivery.c.round_id == round_id, delivery.c.kind == "card"
    )
    for part in _parts(numbers):
        for row in store.rows(query.where(delivery.c.person_id.in_(part))):
            found[row.person_id] = min(found.get(row.person_id, row.state), row.state, key=_FURTHEST.index)
    return found


def _pending(store: Store, round_id: int) -> set[int]:
    """People whose 免考 or 缓考 for this round (or for a span of dates) waits for a decision."""
    asked = exemption.c.kind.in_(("免考", "缓考")), exemption.c.decided_at.is_(None)
    query = select(exemption.c.person_id).where(
        *asked, or_(exemption.c.round_id.is_(None), exemption.c.round_id == round_id)
    )
    return {row.person_id for row in store.rows(query)}
