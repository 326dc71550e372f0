from __future__ import annotations

import pytest

from quizzes.missing import NEXT_STEP, Known, Reason, Step, reason, step


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (Known(), Reason.UNBOUND),
        (Known(refusals=("blocked",)), Reason.UNREACHABLE),
        (Known(refusals=("blocked", ""), card="sent"), Reason.DELIVERED),
        (Known(refusals=("",), card="planned"), Reason.PLANNED),
        (Known(refusals=("",)), Reason.PLANNED),
        (Known(refusals=("",), card="uncertain"), Reason.UNCERTAIN),
        (Known(refusals=("",), card="failed"), Reason.UNDELIVERED),
        (Known(started=True), Reason.STARTED),
        (Known(sat=True, started=True), Reason.FAILED),
        (Known(on_leave=True, started=True), Reason.LEAVE),
        (Known(pending="decision", on_leave=True), Reason.PENDING),
        (Known(pending="opinion", on_leave=True), Reason.OPINION),
        (Known(started=True, attempts=1), Reason.TIME_OVER),
        (Known(started=True, attempts=1, running=True), Reason.STARTED),
        (Known(started=True, attempts=2, left=False), Reason.SPENT),
        (Known(sat=True, attempts=2), Reason.FAILED),
    ],
)
def test_the_reason_is_the_first_that_fits(known: Known, why: Reason) -> None:
    assert reason(known) is why


def test_another_way_comes_before_a_call_or_a_reminder_and_never_before_a_decision() -> None:
    assert step(Reason.UNDELIVERED) is Step.REACH
    assert step(Reason.UNDELIVERED, other_way=True) is Step.CHANNEL
    assert step(Reason.DELIVERED, other_way=True) is Step.CHANNEL
    assert step(Reason.PENDING, other_way=True) is Step.DECIDE


def test_every_reason_says_what_to_do_next() -> None:
    assert set(NEXT_STEP) == set(Reason)
