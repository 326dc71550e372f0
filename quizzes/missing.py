"""Why somebody due in a round is still missing, and what to do about it: the last mile to 100 %."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a person is missing; the first that fits, in this order. `opinion`: a request of theirs waits for the unit's opinion;
    `pending`: for the officer's decision. `spent`: the time of every sitting ran out without an answer; `time_over`: of one, and
    there is another."""

    OPINION = "opinion"
    PENDING = "pending"
    LEAVE = "leave"
    FAILED = "failed"
    SPENT = "spent"
    TIME_OVER = "time_over"
    STARTED = "started"
    UNBOUND = "unbound"
    UNREACHABLE = "unreachable"
    UNDELIVERED = "undelivered"
    UNCERTAIN = "uncertain"
    PLANNED = "planned"
    DELIVERED = "delivered"


class Step(StrEnum):
    """What to do next; lists are grouped in this order."""

    DECIDE = "decide"
    OPINION = "opinion"
    INVITE = "invite"
    CHANNEL = "channel"
    REACH = "reach"
    GRANT = "grant"
    REMIND = "remind"
    RETAKE = "retake"
    WAIT = "wait"
    REST = "rest"


NEXT_STEP: dict[Reason, Step] = {
    Reason.OPINION: Step.OPINION,
    Reason.PENDING: Step.DECIDE,
    Reason.LEAVE: Step.REST,
    Reason.FAILED: Step.RETAKE,
    Reason.SPENT: Step.GRANT,
    Reason.TIME_OVER: Step.REMIND,
    Reason.STARTED: Step.REMIND,
    Reason.UNBOUND: Step.INVITE,
    Reason.UNREACHABLE: Step.REACH,
    Reason.UNDELIVERED: Step.REACH,
    Reason.UNCERTAIN: Step.WAIT,
    Reason.PLANNED: Step.WAIT,
    Reason.DELIVERED: Step.REMIND,
}
_BY_MESSAGE = (Step.REACH, Step.REMIND, Step.RETAKE, Step.WAIT)
"""Steps that a message takes: where the way it went is lost and there is another, the other way comes first."""
IN_PEACE = (Reason.OPINION, Reason.PENDING, Reason.LEAVE)
"""Nobody is reminded while a request of theirs waits, or on leave."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a missing person. `refusals` has one entry per live account: "" where it can be reached, else why not;
    `card` is how far the round's card came (sent, uncertain, planned, sending, failed, cancelled, or "" for none). `pending`: "" or
    whose turn it is on a request ("opinion": the unit's, "decision": the officer's). `attempts`: sittings used up; `left`: more
    are allowed."""

    pending: str = ""
    on_leave: bool = False
    sat: bool = False
    started: bool = False
    refusals: tuple[str, ...] = ()
    card: str = ""
    attempts: int = 0
    left: bool = True
    running: bool = False


def reason(known: Known) -> Reason:
    """Why somebody due has not reached the end."""
    over = known.attempts > 0 and not known.running
    first = (
        (known.pending == "opinion", Reason.OPINION),
        (bool(known.pending), Reason.PENDING),
        (known.on_leave, Reason.LEAVE),
        (known.sat, Reason.FAILED),
        (over and not known.left, Reason.SPENT),
        (over, Reason.TIME_OVER),
        (known.started, Reason.STARTED),
        (not known.refusals, Reason.UNBOUND),
        (bool(known.refusals) and all(known.refusals), Reason.UNREACHABLE),
    )
    return next((why for holds, why in first if holds), _BY_CARD.get(known.card, Reason.PLANNED))


def step(why: Reason, *, other_way: bool = False) -> Step:
    """What to do next. `other_way`: the account the card went to cannot be reached, and the person has another that can."""
    usual = NEXT_STEP[why]
    return Step.CHANNEL if other_way and usual in _BY_MESSAGE else usual


_BY_CARD = {"sent": Reason.DELIVERED, "uncertain": Reason.UNCERTAIN, "failed": Reason.UNDELIVERED}
