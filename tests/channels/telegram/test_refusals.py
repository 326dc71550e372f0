"""What an error of the Bot API means for the message that met it."""

from __future__ import annotations

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)

from channels.telegram.refusals import cannot_edit, unchanged, verdict
from channels.telegram.request import NotSent


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), ("failed", "blocked")),
        (Forbidden("Forbidden: user is deactivated"), ("failed", "deactivated")),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), ("failed", "chat_not_found")),
        (BadRequest("Chat not found"), ("failed", "chat_not_found")),
        (BadRequest("PEER_ID_INVALID"), ("failed", "chat_not_found")),
        (BadRequest("User not found"), ("failed", "chat_not_found")),
        (ChatMigrated(-100), ("failed", "chat_not_found")),
        (BadRequest("Can't parse entities"), ("failed", "rejected")),
        (BadRequest("Message is too long"), ("failed", "rejected")),
        (NotSent("no route"), ("retry", "unreachable")),
        (InvalidToken(), ("retry", "token")),
        (Conflict("terminated by other getUpdates request"), ("retry", "token")),
        (TimedOut(), ("uncertain", "TimedOut")),
        (NetworkError("reset"), ("uncertain", "NetworkError")),
        (TelegramError("Bad Gateway"), ("uncertain", "TelegramError")),
        (RuntimeError("a bug"), ("uncertain", "RuntimeError")),
    ],
    ids=lambda part: type(part).__name__ if isinstance(part, Exception) else part[1],
)
def test_an_error_becomes_the_state_of_its_message(error, expected):
    assert verdict(error) == expected


@pytest.mark.parametrize(
    ("error", "same", "gone"),
    [
        (BadRequest("Message is not modified: specified new message content is exactly the same"), True, False),
        (BadRequest("Message to edit not found"), False, True),
        (BadRequest("Message can't be edited"), False, True),
        (BadRequest("MESSAGE_ID_INVALID"), False, True),
        (BadRequest("There is no text in the message to edit"), False, True),
        (BadRequest("Can't parse entities"), False, False),
        (NetworkError("message to edit not found"), False, False),
        (Forbidden("message is not modified"), False, False),
    ],
    ids=str,
)
def test_an_edit_that_changes_nothing_is_done_and_one_without_its_message_needs_a_new_one(error, same, gone):
    assert (unchanged(error), cannot_edit(error)) == (same, gone)
