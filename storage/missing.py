"""未参考名单: who is still missing in a round, in 机构序列, each with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from quizzes.missing import Known, Reason, Step, reason, step
from quizzes.rounds import Round
from storage import people, requests, rounds
from storage.database import Store
from storage.tables import account, attempt, delivery, enrolment, exemption, person, unit

_BOUND = 500
FURTHEST = ("sent", "uncertain", "sending", "planned", "failed", "cancelled")
"""The states of a delivery, from the one in which a message came furthest."""


@dataclass(frozen=True, slots=True)
class Way:
    """A live account of a person: where they may be reached. `refused`: "" or the platform's word for why not."""

    account_id: int
    channel: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """How far the round's card came to a person, on which account; `why` is the platform's word for a failure."""

    state: str
    account_id: int
    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class Missing:
    """One person due who has not reached the end. `refused`: (channel, why) of each way that does not lead to them. `other`: a way
    that does, where the one the card went is lost; else None. `left`: sittings they may still begin."""

    person_id: int
    name: str
    unit_id: int
    unit: str
    bureau_id: int
    reason: Reason
    refused: tuple[tuple[str, str], ...] = ()
    other: Way | None = None
    enrolment_id: int = 0
    left: int = 0

    @property
    def step(self) -> Step:
        """What to do next."""
        return step(self.reason, other_way=self.other is not None)

    @property
    def detail(self) -> str:
        """The platform's word for why the last of their ways does not lead to them, or ""."""
        return self.refused[-1][1] if self.refused else ""

    @property
    def absent(self) -> bool:
        """未参考, rather than 未合格 with attempts left."""
        return self.reason is not Reason.FAILED


def missing(store: Store, what: Round, day: date, within: Collection[int] | None = None) -> list[Missing]:
    """Everybody due in a round who has not sat it, or has failed with attempts left; of all units or of these (by the unit at
    opening). Whoever is exempt or was never due is not in it. By unit, then in the order of enrolment."""
    lines = _lines(store, what, within)
    numbers = [line.person_id for line in lines]
    ways, cards, running = _ways(store, numbers), _cards(store, what.id, numbers), _running(store, what.id)
    waiting, resting = pending(store, what), rounds.on_leave(store, day)
    place = {each.id: number for number, each in enumerate(people.units(store))}
    found = []
    for line in sorted(lines, key=lambda line: (place[line.unit_id], line.id)):
        mine, card = ways.get(line.person_id, []), cards.get(line.person_id)
        left = max(what.rules.attempts + line.granted - line.attempts, 0)
        known = Known(waiting.get(line.person_id, ""), line.person_id in resting, bool(line.sat), bool(line.started),
                      tuple(way.refused for way in mine), card.state if card else "", line.attempts, left > 0,
                      line.id in running)  # fmt: skip
        why = reason(known)
        found.append(Missing(line.person_id, line.name, line.unit_id, line.unit, line.bureau_id, why, _refused(why, mine, card),
                             _other(mine, card), line.id, left))  # fmt: skip
    return found


def _refused(why: Reason, mine: Sequence[Way], card: Card | None) -> tuple[tuple[str, str], ...]:
    """The ways that are closed, where that is the reason: all of them, or the one on which the card failed."""
    if why is Reason.UNREACHABLE:
        return tuple((way.channel, way.refused) for way in mine)
    return ((card.channel, card.why),) if why is Reason.UNDELIVERED and card else ()


def _other(mine: Sequence[Way], card: Card | None) -> Way | None:
    """Another way to somebody whose card went to an account that is closed or gone, or failed there; not the web if it can be
    helped, since nobody is told there."""
    if card is None or card.state not in ("sent", "uncertain", "failed"):
        return None
    lost = card.state == "failed" or all(way.refused for way in mine if way.account_id == card.account_id)
    open_ = [way for way in mine if not way.refused and way.account_id != card.account_id]
    return max(open_, key=lambda way: (way.channel != "web", way.account_id)) if lost and open_ else None


def _lines(store: Store, what: Round, within: Collection[int] | None) -> Sequence[Row[Any]]:
    again = and_(enrolment.c.passed.is_(False), enrolment.c.attempts < what.rules.attempts + enrolment.c.granted)
    query = select(
        enrolment.c.id, enrolment.c.person_id, enrolment.c.unit_id, enrolment.c.bureau_id, enrolment.c.sat, enrolment.c.started,
        enrolment.c.attempts, enrolment.c.granted, person.c.name, unit.c.name.label("unit"),
    ).join_from(enrolment, person, person.c.id == enrolment.c.person_id)  # fmt: skip
    query = query.join(unit, unit.c.id == enrolment.c.unit_id)
    query = query.where(
        enrolment.c.round_id == what.id, enrolment.c.counted.is_(True), or_(enrolment.c.sat.is_(False), again)
    )
    return store.rows(query if within is None else query.where(enrolment.c.unit_id.in_(within)))


def _parts(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + _BOUND] for start in range(0, len(numbers), _BOUND))


def _ways(store: Store, numbers: Sequence[int]) -> dict[int, list[Way]]:
    """The live accounts of each person, oldest first."""
    found: dict[int, list[Way]] = {}
    query = select(account.c.person_id, account.c.id, account.c.channel, account.c.unreachable)
    query = query.where(account.c.ended_at.is_(None)).order_by(account.c.id)
    for part in _parts(numbers):
        for row in store.rows(query.where(account.c.person_id.in_(part))):
            found.setdefault(row.person_id, []).append(Way(row.id, row.channel, row.unreachable))
    return found


def _cards(store: Store, round_id: int, numbers: Sequence[int]) -> dict[int, Card]:
    """How far the round's card came to each person: the furthest if there were several, of equals the last."""
    found: dict[int, Card] = {}
    query = select(delivery.c.person_id, delivery.c.state, delivery.c.account_id, delivery.c.channel, delivery.c.reason)
    query = query.where(delivery.c.round_id == round_id, delivery.c.kind == "card").order_by(delivery.c.id)
    for part in _parts(numbers):
        for row in store.rows(query.where(delivery.c.person_id.in_(part))):
            card, known = Card(row.state, row.account_id, row.channel, row.reason), found.get(row.person_id)
            if known is None or FURTHEST.index(card.state) <= FURTHEST.index(known.state):
                found[row.person_id] = card
    return found


def _running(store: Store, round_id: int) -> set[int]:
    """Enrolments of a round with a sitting that has begun and is not handed in."""
    query = select(attempt.c.enrolment_id).join(enrolment, enrolment.c.id == attempt.c.enrolment_id)
    which = enrolment.c.round_id == round_id, enrolment.c.sat.is_(False), enrolment.c.attempts > 0
    return {row.enrolment_id for row in store.rows(query.where(*which, attempt.c.state == "open"))}


def pending(store: Store, what: Round) -> dict[int, str]:
    """Whose 免考 or 缓考 for this round (or for dates that hold its day) waits: for the unit's "opinion" where somebody speaks for
    it, else for the "decision"."""
    holds = and_(exemption.c.round_id.is_(None), func.coalesce(exemption.c.starts_on, what.due_on) <= what.due_on,
                 func.coalesce(exemption.c.ends_on, what.due_on) >= what.due_on)  # fmt: skip
    asked = exemption.c.kind.in_(("免考", "缓考")), exemption.c.decided_at.is_(None), exemption.c.state == "requested"
    query = select(exemption.c.person_id, exemption.c.opinion, enrolment.c.unit_id)
    query = query.join(enrolment, and_(enrolment.c.person_id == exemption.c.person_id, enrolment.c.round_id == what.id))
    found = store.rows(query.where(*asked, or_(holds, exemption.c.round_id == what.id)).order_by(exemption.c.id))
    return {
        row.person_id: "decision" if row.opinion or not requests.liaisons(store, row.unit_id) else "opinion"
        for row in found
    }
