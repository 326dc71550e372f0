"""What each error means for the message that met it."""

import pytest

from channels.base import GONE
from channels.wecom.bot.verdicts import is_there_already, media_is_gone, verdict
from channels.wecom.refusals import NotSent, Refused, Unsure


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refused(846607), ("failed", "no_first_word")),
        (Refused(93006), ("failed", "no_first_word")),
        (Refused(93001), ("failed", "no_first_word")),
        (Refused(846605), ("failed", "rejected")),
        (Refused(40008), ("failed", "rejected")),
        (Refused(45002), ("failed", "rejected")),
        (Refused(42045), ("failed", "rejected")),
        (Refused(846609), ("retry", "errcode_846609")),
        (Refused(-1), ("retry", "errcode_-1")),
        (NotSent("x"), ("retry", "unreachable")),
        (Unsure("x"), ("uncertain", "no_answer")),
    ],
)
def test_an_error_is_final_or_surely_nothing_or_unknown(error, expected):
    assert verdict(error) == expected


def test_who_never_wrote_cannot_be_reached():
    assert verdict(Refused(846607))[1] in GONE


def test_a_card_that_is_there_already_and_a_file_that_is_not_any_more():
    assert is_there_already(Refused(846625))
    assert not is_there_already(Refused(42045))
    assert media_is_gone(Refused(40145))
    assert not media_is_gone(Refused(45009))
