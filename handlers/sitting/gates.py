"""Whether somebody may begin a sitting now, and until when it will run: asked on the server, at the moment of beginning."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.turns import Deployment
from handlers.words import say
from quizzes.rounds import State
from storage import answers, halls
from storage.answers import Sitting
from storage.database import Store
from storage.halls import Hall

STATES = (State.OPEN,)


def refusal(store: Store, sat: Sitting, house: Deployment, language: str, now: datetime) -> str:
    """Why this sitting cannot begin now, as a sentence that says what to do next; "" if it can."""
    if now < sat.opens_at or sat.state in (State.PLANNED, State.OPENING):
        return say(language, "exam.not_open_yet", title=sat.title, at=house.moment(language, sat.opens_at))
    if sat.state not in STATES or now >= sat.closes_at:
        return say(language, "exam.closed", title=sat.title)
    other = under_way(store, sat.person_id, now)
    if other is not None and other.paper_id != sat.paper_id:
        return say(language, "exam.other_under_way", title=other.title)
    return _hall_refusal(store, sat, language) if sat.rules.hall else ""


def under_way(store: Store, person_id: int, now: datetime) -> Sitting | None:
    """The exam a person has begun and not handed in; of several, the one that ends first."""
    mine = [
        sat
        for sat in answers.open_sittings(store, person_id, now)
        if sat.rules.exam and sat.attempt_state == "open" and now < sat.until
    ]
    return min(mine, key=lambda sat: sat.until, default=None)


def end_of(store: Store, sat: Sitting, now: datetime) -> datetime | None:
    """When a sitting begun now ends by itself; None: with the round. In a hall everybody's minutes run from 开考."""
    if sat.rules.minutes is None:
        return None
    hall = _hall(store, sat) if sat.rules.hall else None
    begins = hall.started_at if hall and hall.started_at else now
    ends = begins + timedelta(minutes=sat.rules.minutes)
    return min(ends, sat.closes_at) if sat.rules.late == "cut" else ends


def _hall(store: Store, sat: Sitting) -> Hall | None:
    return halls.seat_of(store, sat.round_id, sat.person_id)


def _hall_refusal(store: Store, sat: Sitting, language: str) -> str:
    hall = _hall(store, sat)
    state = hall.state if hall else "none"
    return (
        ""
        if state == "started"
        else say(language, f"exam.hall_{state}", place=hall.place if hall else "", title=sat.title)
    )
