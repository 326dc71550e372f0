"""Why an account cannot be reached, in words, and what to do about those reasons that somebody in the office can mend."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.words import say

UNREACHABLE = ("blocked", "deactivated", "chat_not_found", "not_visible", "unlicensed", "no_first_word")
"""The platforms' words for a person whom nothing reaches there until something changes; any other refusal concerns one message."""
MENDED = ("not_visible", "unlicensed", "no_first_word")
"""Those that one step mends: by whoever administers WeCom, or by the person's first word."""


def told_apart(why: str) -> str:
    """The platform's word, or "other" for one that has no sentence of its own."""
    return why if why in UNREACHABLE else "other"


def detail(language: str, why: str) -> str:
    """Why, in two or three words."""
    return say(language, f"missing.detail_{told_apart(why)}")


def helps(language: str, whys: Iterable[str]) -> list[str]:
    """One sentence for each of these reasons that can be mended: who does what."""
    found = set(whys)
    return [say(language, f"missing.helps_{why}") for why in MENDED if why in found]
