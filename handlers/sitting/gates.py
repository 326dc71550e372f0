"""Whether somebody may begin a sitting now, until when it will run, and whether it still takes answers: asked on the server, each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.turns import Deployment
from handlers.words import say
from quizzes.enrolling import enrol, unknown_units
from quizzes.rounds import GRACE, Round, State
from storage import answers, halls, people, rounds
from storage.answers import Sitting
from storage.database import Store
from storage.halls import Hall

STATES = (State.OPEN,)
SOON = timedelta(days=60)
"""How long before its opening an exam is announced."""


def refusal(store: Store, sat: Sitting, house: Deployment, language: str, now: datetime) -> str:
    """Why this sitting cannot begin now, as a sentence that says what to do next; "" if it can."""
    if now < sat.opens_at or sat.state in (State.PLANNED, State.OPENING):
        return say(language, "exam.not_open_yet", title=sat.title, at=house.moment(language, sat.opens_at))
    if sat.state not in STATES or now >= sat.closes_at:
        return say(language, "exam.closed", title=sat.title)
    if not sat.attempt_state and sat.attempts and not sat.attempts_left:
        return say(language, "outside.sat_elsewhere", title=sat.title)
    other = under_way(store, sat.person_id, now)
    if other is not None and other.paper_id != sat.paper_id:
        return say(language, "exam.other_under_way", title=other.title)
    return _hall_refusal(store, sat, language, now) if sat.rules.hall else ""


def takes_answers(sat: Sitting, now: datetime) -> bool:
    """Whether an answer given now counts: the sitting is begun and not handed in, and its time is not over, with the grace for what
    was on its way."""
    return sat.attempt_state == "open" and sat.state in (State.OPEN, State.CLOSING) and now <= sat.until + GRACE


def under_way(store: Store, person_id: int, now: datetime) -> Sitting | None:
    """The exam a person has begun and not handed in; of several, the one that ends first."""
    mine = [sat for sat in answers.open_sittings(store, person_id, now) if sat.rules.exam and takes_answers(sat, now)]
    return min(mine, key=lambda sat: sat.until, default=None)


def end_of(store: Store, sat: Sitting, now: datetime) -> datetime | None:
    """When a sitting begun now ends by itself; None: with the round. In a hall everybody's minutes run from 开考."""
    if sat.rules.minutes is None:
        return None
    hall = _hall(store, sat) if sat.rules.hall else None
    begins = hall.started_at if hall and hall.started_at else now
    ends = begins + timedelta(minutes=sat.rules.minutes)
    return min(ends, sat.closes_at) if sat.rules.late == "cut" else ends


def announced(store: Store, person_id: int, house: Deployment, now: datetime) -> list[Round]:
    """Exams planned for the next weeks that mean this person, as things are today; of a make-up, only once it has opened."""
    planned = [
        each
        for each in rounds.in_state(store, State.PLANNED, State.OPENING)
        if each.rules.exam and each.opens_at - now < SOON and each.of_round_id is None
    ]
    who, day = people.person_of(store, person_id), house.today(now)
    if not planned or who is None:
        return []
    held, units = people.postings(store, day, of=who.id), people.units(store)
    return [
        each
        for each in planned
        if not unknown_units(each.audience, units) and enrol([who], held, units, each.audience, each.rules, day)
    ]


def _hall(store: Store, sat: Sitting) -> Hall | None:
    return halls.seat_of(store, sat.round_id, sat.person_id)


def _hall_refusal(store: Store, sat: Sitting, language: str, now: datetime) -> str:
    """Why not in the hall; who comes when its minutes are over would only use up a sitting."""
    hall, ends = _hall(store, sat), end_of(store, sat, now)
    state = "none" if hall is None else "ended" if ends is not None and ends <= now else hall.state
    return (
        ""
        if state == "started"
        else say(language, f"exam.hall_{state}", place=hall.place if hall else "", title=sat.title)
    )
