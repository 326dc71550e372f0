"""Closing a round: hand in what was begun, store the sums, and cancel what would still be sent; in chunks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quizzes.rates import HandIn, Result, result
from quizzes.rounds import GRACE, Round, State
from quizzes.scoring import scored
from storage import accounts, answers, changes, deliveries, figures, rounds, rulings
from storage.answers import Sitting
from storage.database import Store

CHUNK = 200


def begin(store: Store, what: Round, now: datetime) -> None:
    """No answer that arrives from here on counts; everything that arrived before has been written, in order."""
    if rounds.move(store, what, State.CLOSING, now):
        deliveries.cancel(store, what.id, ("card", "reminder"))


def continue_closing(store: Store, what: Round, now: datetime) -> bool:
    """One chunk of 自动交卷: papers with at least one answer count, the unanswered questions as wrong. True when closed."""
    waiting = answers.open_attempts(store, what.id, rounds.progress(store, what.id), CHUNK + 1)
    accounts.lock_sitters(store, attempts=waiting[:CHUNK])
    for attempt_id in waiting[:CHUNK]:
        end(store, attempt_id, now)
    if waiting:
        rounds.set_progress(store, what.id, waiting[:CHUNK][-1])
    if len(waiting) > CHUNK:
        return False
    if rounds.move(store, what, State.CLOSED, now):
        figures.store_sums(store, what.id, now)
        return True
    return False


def time_up(store: Store, now: datetime) -> bool:
    """One chunk of sittings whose minutes are over: handed in with what was answered. True if there were any."""
    over = answers.time_up(store, now - GRACE, CHUNK)
    accounts.lock_sitters(store, attempts=over)
    for attempt_id in over:
        end(store, attempt_id, now)
    return bool(over)


def end(store: Store, attempt_id: int, now: datetime) -> None:
    """Hand in a sitting whose time is over, with what was answered; a device that others use too is signed out by it."""
    found = answers.sitting(store, attempt_id)
    assert found is not None
    if found.attempt_state == "handed_in":  # meanwhile, by the person, in another process
        return
    hand_in(store, found, now, automatic=True)
    deliveries.cancel(store, found.round_id, ("warning",), found.person_id)
    accounts.leave_seats(store, found.person_id, now)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What 交卷 came to: the score of this sitting, and what the person's sittings of the round come to together."""

    score: int
    result: Result


def hand_in(store: Store, sat: Sitting, now: datetime, *, automatic: bool) -> HandedIn:
    """交卷: graded from the responses. One by the clock that holds no answer uses up the sitting and counts as no sitting at all."""
    rulings.hold(store, sat.round_id)
    given = answers.answered(store, sat.paper_id)
    paper = answers.paper_of(store, sat)
    decided = rulings.of_round(store, sat.round_id)
    marked = scored(paper, {slot: each.answer for slot, each in given.items()}, sat.rules, decided)
    mine = HandIn(marked.score, len(given), automatic=automatic)
    every = answers.hand_ins(store, sat.enrolment_id, (sat.paper_id, mine)) if sat.attempts else [mine]
    reached = result(every, sat.rules)
    at = max(
        [now, *(each.at for each in decided)]
    )  # a clock set back must not put it before a ruling that it was counted under
    answers.hand_in(store, sat, marked.score, reached, at, automatic=automatic)
    # Whoever was once due and sat is due again, whatever came between; by the clock also what another process decides this moment.
    if not sat.counted or (automatic and store.on_postgres):
        changes.refresh(store, sat.enrolment_id)
    return HandedIn(marked.score, reached)
