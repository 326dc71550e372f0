"""提醒的账: who was reminded how often, what of the week is left, when each asked for quiet, and what each reminder came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, not_, or_, select, update

from quizzes.reminding import Quiet
from quizzes.rounds import Round
from storage.answers import HERE
from storage.database import Store
from storage.deliveries import TOUCHES
from storage.tables import attempt, delivery, enrolment, paper, person, response

_BOUND = 500
_AHEAD = timedelta(days=31)
"""Nothing that costs a touch is planned further ahead."""
_LOST = ("cancelled", "failed")
WEEK, A_DAY = timedelta(days=7), timedelta(hours=24)


def _parts(numbers: Iterable[int]) -> Iterator[Sequence[int]]:
    every = list(numbers)
    return (every[start : start + _BOUND] for start in range(0, len(every), _BOUND))


def spent(store: Store, week: datetime, whose: Iterable[int]) -> dict[int, int]:
    """How many messages that cost a touch go, or went, to each of these people in the week that begins then."""
    found: dict[int, int] = {}
    which = (
        delivery.c.created_at >= week - _AHEAD, delivery.c.not_before >= week, delivery.c.not_before < week + WEEK,
        delivery.c.kind.in_(TOUCHES), delivery.c.state.not_in(_LOST),
    )  # fmt: skip
    query = select(delivery.c.person_id, func.count().label("touches")).where(*which).group_by(delivery.c.person_id)
    for part in _parts(whose):
        found |= {row.person_id: row.touches for row in store.rows(query.where(delivery.c.person_id.in_(part)))}
    return found


def already_sent(store: Store, week: datetime, person_id: int, but: int) -> int:
    """How many messages that cost a touch have gone to a person in the week that begins then, one delivery (`but`) left out."""
    which = (
        delivery.c.person_id == person_id, delivery.c.created_at >= week - _AHEAD, delivery.c.not_before >= week, delivery.c.id != but,
        delivery.c.not_before < week + WEEK, delivery.c.kind.in_(TOUCHES), delivery.c.state.in_(("sending", "sent", "uncertain")),
    )  # fmt: skip
    return int(store.value(select(func.count()).select_from(delivery).where(*which)) or 0)


def unfinished(store: Store, what: Round) -> Sequence[Row[Any]]:
    """Lines (id, person_id) of a round that have not handed in and may still sit it, counted or not; by person."""
    able = enrolment.c.attempts < what.rules.attempts + enrolment.c.granted
    which = enrolment.c.round_id == what.id, enrolment.c.sat.is_(False), enrolment.c.exempt.is_(False), able
    return store.rows(select(enrolment.c.id, enrolment.c.person_id).where(*which).order_by(enrolment.c.person_id))


def newest_paper(store: Store, enrolment_id: int) -> int | None:
    """The number of the paper drawn last for a line, or None."""
    query = select(paper.c.id).where(paper.c.enrolment_id == enrolment_id).order_by(paper.c.number.desc()).limit(1)
    found = store.value(query)
    return None if found is None else int(found)


@dataclass(frozen=True, slots=True)
class Told:
    """How often a person was reminded in a round, and whether a reminder still waits to go."""

    times: int = 0
    waiting: bool = False


def told(store: Store, round_id: int) -> dict[int, Told]:
    """Everybody who has been reminded in a round, or is about to be."""
    query = select(delivery.c.person_id, delivery.c.state).where(
        delivery.c.round_id == round_id, delivery.c.kind == "reminder", delivery.c.state.not_in(_LOST)
    )
    found: dict[int, Told] = {}
    for row in store.rows(query):
        known = found.get(row.person_id, Told())
        found[row.person_id] = Told(known.times + 1, known.waiting or row.state == "planned")
    return found


# Quiet hours. ----------------------------------------------------------------------------------------------------------


def quiet_spans(store: Store) -> dict[int, Quiet]:
    """Everybody who asked for quiet: from which full hour to which."""
    query = select(person.c.id, person.c.quiet_from, person.c.quiet_to)
    return {row.id: (row.quiet_from, row.quiet_to) for row in store.rows(query.where(person.c.quiet_from.is_not(None)))}


def quiet_of(store: Store, person_id: int) -> Quiet | None:
    """When one person asked for quiet, or None."""
    row = store.row(select(person.c.quiet_from, person.c.quiet_to).where(person.c.id == person_id))
    return None if row is None or row.quiet_from is None else (row.quiet_from, row.quiet_to)


def set_quiet(store: Store, person_id: int, quiet: Quiet | None) -> None:
    """Keep from which full hour to which a person wants quiet; None: no longer."""
    start, end = quiet or (None, None)
    store.run(update(person).where(person.c.id == person_id).values(quiet_from=start, quiet_to=end))


# What they came to. ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effect:
    """One reminder: its key without the person, when the first of it went, how many it went to, how many of them handed in within
    24 hours of theirs, and by now (at most until the close)."""

    key: str
    at: datetime
    sent: int
    within_a_day: int
    finished: int


def first_hand_ins(store: Store, round_id: int) -> dict[int, datetime]:
    """When each person who sat a round here handed in for the first time. An automatic one without an answer is none."""
    given = select(response.c.id).where(response.c.attempt_id == attempt.c.id).exists()
    query = select(enrolment.c.person_id, func.min(attempt.c.handed_in_at).label("at"))
    query = query.join(attempt, attempt.c.enrolment_id == enrolment.c.id).group_by(enrolment.c.person_id)
    which = (
        enrolment.c.round_id == round_id,
        enrolment.c.sat.is_(True),
        attempt.c.source == HERE,
        attempt.c.handed_in_at.is_not(None),
    )
    return {row.person_id: row.at for row in store.rows(query.where(*which, or_(not_(attempt.c.automatic), given)))}


def effects(store: Store, round_id: int) -> list[Effect]:
    """What each reminder of a round came to, earliest first."""
    handed_in = first_hand_ins(store, round_id)
    which = delivery.c.round_id == round_id, delivery.c.kind == "reminder", delivery.c.state == "sent"
    query = select(delivery.c.key, delivery.c.person_id, delivery.c.sent_at).where(
        *which, delivery.c.sent_at.is_not(None)
    )
    found: dict[str, list[tuple[int, datetime]]] = {}
    for row in store.rows(query):
        found.setdefault(row.key.rpartition(":")[0], []).append((row.person_id, row.sent_at))
    counted = []
    for key, went in found.items():
        after = [handed_in[who] - at for who, at in went if who in handed_in and handed_in[who] > at]
        first = min(at for _, at in went)
        counted.append(Effect(key, first, len(went), sum(span <= A_DAY for span in after), len(after)))
    return sorted(counted, key=lambda effect: (effect.at, effect.key))
