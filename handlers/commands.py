"""What can be typed or pressed: every command with its right and its conversation. Words come from `texts/*/commands.toml`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.messages import Choice, Reply
from handlers.turns import Turn
from handlers.words import LANGUAGES, say, words
from storage.database import Store

Conversation = Callable[[Turn, Store], list[Reply]]
BEYOND = 2**63 - 1
"""A number that no row has."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Its words are `commands.<key>` in each language, several split by "|"; the first is what buttons say.
    `right` is its line in the rights table; what follows the word are its arguments."""

    key: str
    right: str
    run: Conversation


def spoken(key: str) -> list[str]:
    """Every way to say a command, lower case, in all languages, and /key."""
    said = [word for language in LANGUAGES for word in words(language)[f"commands.{key}"].lower().split("|")]
    return [*said, f"/{key}"]


def choice(language: str, key: str, *arguments: object, label: str = "") -> Choice:
    """A button for a command with arguments: it says what one could type."""
    word = say(language, f"commands.{key}").split("|")[0]
    return Choice(label or word, " ".join([word, *map(str, arguments)]))


def as_number(word: str) -> int:
    """A number as typed; of one too long for any row, one that no row has. Raises ValueError for what is no number."""
    return int(word) if len(word) < 19 or not word.isdecimal() else BEYOND
