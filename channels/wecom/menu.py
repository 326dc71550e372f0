"""The menu below the app's chat: what people ask for most, each entry something that can be typed."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from channels.wecom.words import short

MOST_BYTES = 40
NONE_SET = 46003
"""The errcode for an app without a menu."""
_ENTRIES: Mapping[str, tuple[str, ...]] = {
    "wecom.menu_study": ("today", "exam", "materials"),
    "wecom.menu_mine": ("record", "my_requests", "doors"),
    "wecom.menu_help": ("help", "why", "report_question", "complaint"),
}
"""Three entries at most, each of at most five (document 90231)."""


def menu(words: Mapping[str, str]) -> dict[str, Any]:
    """The menu in one language: what it shows are the first words of the commands, and what a press says is the same."""
    return {
        "button": [
            {"name": words[title], "sub_button": [_entry(words[f"commands.{key}"].partition("|")[0]) for key in keys]}
            for title, keys in _ENTRIES.items()
        ]
    }


def _entry(word: str) -> dict[str, str]:
    name = word if len(word.encode()) <= MOST_BYTES else short(word, MOST_BYTES // 3)
    return {"type": "click", "name": name, "key": word}


def mark(made: Mapping[str, Any]) -> str:
    """What tells one menu from another, so that it is set only when it has changed."""
    return sha256(repr(made).encode()).hexdigest()[:16]
