from __future__ import annotations

import pytest

from quizzes.missing import NEXT_STEP, Known, Reason, reason


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
        (Known(pending=True, on_leave=True), Reason.PENDING),
    ],
)
def test_the_reason_is_the_first_that_fits(known: Known, why: Reason) -> None:
    assert reason(known)[0] is why


def test_an_unreachable_person_comes_with_the_platforms_word_for_it() -> None:
    assert reason(Known(refusals=("chat_not_found", "blocked"))) == (Reason.UNREACHABLE, "blocked")


def test_every_reason_says_what_to_do_next() -> None:
    assert set(NEXT_STEP) == set(Reason)
