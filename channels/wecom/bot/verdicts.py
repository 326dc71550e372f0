"""What an error of the long connection means for the message that met it (documents 90313 and 101463)."""

from __future__ import annotations

from channels.wecom.refusals import SAME_TASK, Refused, Trouble
from channels.wecom.refusals import verdict as of_the_app

TOO_MUCH = 45009
SECONDS_OF_REST = 60.0
NO_FIRST_WORD = frozenset({846607, 93006, 93001})
CLOSED_DOOR = frozenset({846604, 846605, 846606, 846608})
"""The callback can no longer be answered: a message of its own must do."""
_SAME = frozenset({SAME_TASK, 846625})
_MEDIA = frozenset({40004, 40006, 40007, 40145})
_MISSING = frozenset({846601, 846609, 853000})


def verdict(error: Trouble) -> tuple[str, str]:
    """The Outcome state and reason of a send that raised: failed (no_first_word: this person has never written to the bot; rejected),
    retry (surely not sent) or uncertain."""
    if isinstance(error, Refused):
        if error.code in NO_FIRST_WORD:
            return "failed", "no_first_word"
        if error.code in CLOSED_DOOR | {846616}:
            return "failed", "rejected"
        if error.code in _MISSING:
            return "retry", f"errcode_{error.code}"
    return of_the_app(error)


def is_there_already(error: Refused) -> bool:
    """A card under this number was taken before: an earlier try, whose ack was lost, has arrived."""
    return error.code in _SAME


def media_is_gone(error: Refused) -> bool:
    """The uploaded file is not known any more."""
    return error.code in _MEDIA
