"""Why somebody due in a round is still missing, and what to do about it: the last mile to 100 %."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a person is missing; the first that fits, in this order."""

    PENDING = "pending"
    LEAVE = "leave"
    FAILED = "failed"
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
    INVITE = "invite"
    REACH = "reach"
    REMIND = "remind"
    RETAKE = "retake"
    WAIT = "wait"
    REST = "rest"


NEXT_STEP: dict[Reason, Step] = {
    Reason.PENDING: Step.DECIDE,
    Reason.UNBOUND: Step.INVITE,
    Reason.UNREACHABLE: Step.REACH,
    Reason.UNDELIVERED: Step.REACH,
    Reason.STARTED: Step.REMIND,
    Reason.DELIVERED: Step.REMIND,
    Reason.FAILED: Step.RETAKE,
    Reason.UNCERTAIN: Step.WAIT,
    Reason.PLANNED: Step.WAIT,
    Reason.LEAVE: Step.REST,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a missing person. `refusals` has one entry per live account: "" where it can be reached, else why not;
    `card` is how far the round's card came (sent, uncertain, planned, sending, failed, cancelled, or "" for none)."""

    pending: bool = False
    on_leave: bool = False
    sat: bool = False
    started: bool = False
    refusals: tuple[str, ...] = ()
    card: str = ""


def reason(known: Known) -> tuple[Reason, str]:
    """(why, the platform's word for it or "") somebody due has not reached the end."""
    first = (
        (known.pending, Reason.PENDING),
        (known.on_leave, Reason.LEAVE),
        (known.sat, Reason.FAILED),
        (known.started, Reason.STARTED),
        (not known.refusals, Reason.UNBOUND),
    )
    for holds, why in first:
        if holds:
            return why, ""
    if all(known.refusals):
        return Reason.UNREACHABLE, known.refusals[-1]
    return _BY_CARD.get(known.card, Reason.PLANNED), ""


_BY_CARD = {"sent": Reason.DELIVERED, "uncertain": Reason.UNCERTAIN, "failed": Reason.UNDELIVERED}
