"""A round as people name it: by its number."""

from __future__ import annotations

from handlers.commands import as_number
from quizzes.rounds import Round
from storage import rounds
from storage.database import Store


def named(store: Store, word: str) -> Round | None:
    """The round a word names by its number; None for what is no number, or no round."""
    return rounds.find(store, as_number(word)) if word.isdecimal() else None
