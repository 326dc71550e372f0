"""An answer to an open card, typed in the middle of another conversation, is still an answer: 「B」, 「ACD」, 「对」."""

from __future__ import annotations

import re

from handlers.messages import Reply
from handlers.sitting import answering
from handlers.turns import Turn
from storage.database import Store

_ANSWERS = re.compile(r"[A-Ja-j]{1,10}|[对错√×]")


def answered(turn: Turn, store: Store) -> list[Reply] | None:
    """The replies to the answer, or None if the text reads like none or no card is open."""
    return answering.typed(turn, store) if _ANSWERS.fullmatch(turn.said) else None
