"""Closing a round: hand in what was begun, store the sums, and cancel what would still be sent; in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quizzes import grading
from quizzes.rounds import Round, State
from storage import answers, changes, deliveries, figures, rounds
from storage.answers import Sitting
from storage.database import Store

CHUNK = 200


def begin(store: Store, what: Round, now: datetime) -> None:
    """No answer that arrives from here on counts; everything that arrived before has been written, in order."""
    if rounds.move(store, what, State.CLOSING, now):
        deliveries.cancel(store, what.id, ("card", "reminder"))


def continue_closing(store: Store, what: Round, now: datetime) -> bool:
    """One chunk of 自动交卷: papers with at least one answer count, the unanswered questions as wrong. True when closed."""
    waiting = rounds.open_attempts(store, what.id, rounds.progress(store, what.id), CHUNK + 1)
    for attempt_id in waiting[:CHUNK]:
        found = answers.sitting(store, attempt_id)
        assert found is not None
        given = answers.answered(store, attempt_id)
        marks = [slot in given and given[slot].correct for slot in range(len(found.slots))]
        hand_in(store, found, marks, now, automatic=True)
    if waiting:
        rounds.set_progress(store, what.id, waiting[:CHUNK][-1])
    if len(waiting) > CHUNK:
        return False
    if rounds.move(store, what, State.CLOSED, now):
        figures.store_sums(store, what.id, now)
        return True
    return False


def hand_in(store: Store, sat: Sitting, marks: Sequence[bool], now: datetime, *, automatic: bool) -> tuple[int, int]:
    """交卷: `marks` has one verdict per question of the paper. Gives this attempt's score and the one that counts under the
    rules (best or last), in hundredths."""
    score = grading.score(marks)
    best = score if sat.score is None or sat.rules.score == "last" else max(sat.score, score)
    answers.hand_in(
        store,
        sat,
        score,
        best,
        grading.passed(best, sat.rules),
        grading.excellent(best, sat.rules),
        now,
        automatic=automatic,
    )
    if not sat.counted:  # whoever was once due and sat is due again, whatever came between
        changes.refresh(store, sat.enrolment_id)
    return score, best
