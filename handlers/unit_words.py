"""Units as buttons and as typed: by name, or 「单位12」 where the name is too long for a button or shared by several."""

from __future__ import annotations

import re

from handlers.commands import choice
from handlers.messages import Choice
from quizzes.people import Unit
from storage import people
from storage.database import Store

PAYLOAD = 64
"""What pressing a button may say, in bytes of UTF-8 (Bot API, callback_data)."""
_NUMBERED = re.compile(r"(?:单位|unit)(\d{1,9})", re.IGNORECASE)


def unit_choice(store: Store, language: str, key: str, unit: Unit, *before: object) -> Choice:
    """A button for a command about a unit, labelled with its name; `before` are the arguments that come first."""
    named = choice(language, key, *before, unit.name, label=unit.name)
    if len(named.says.encode()) <= PAYLOAD and " " not in unit.name and len(people.units_named(store, unit.name)) == 1:
        return named
    return choice(language, key, *before, f"单位{unit.id}" if language == "zh" else f"unit{unit.id}", label=unit.name)


def units_meant(store: Store, word: str) -> list[Unit]:
    """The units a word means: those of exactly this name, or the one of this number."""
    if found := people.units_named(store, word):
        return found
    number = _NUMBERED.fullmatch(word)
    return [each for each in people.units(store) if each.id == int(number[1])] if number else []
