"""What an unquoted word in YAML means here: text unless it is plainly a whole number, true/false, nothing or a date."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Unclear:
    """An unquoted word that some YAML readers take for something else than text (NO, 012, 16:30, 1.50): never guessed."""

    written: str

    def __str__(self) -> str:
        return self.written


class Refused:
    """Stands where an alias, or anything else already reported, was written; nothing more is said about it."""


REFUSED = Refused()

_FIRST = frozenset("-+.0123456789~=<yYnNtTfFoO")
_WORDS: dict[str, object] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_YES_NO = frozenset({"y", "n", "yes", "no", "on", "off"})
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Everything the YAML 1.1 resolver of PyYAML would not leave as text: https://yaml.org/type/ (int, float, timestamp, merge, value).
_SPECIAL = re.compile(
    r"[-+]?[0-9][0-9_]*|[-+]?0[bB][01_]+|[-+]?0[oO]?[0-7_]+|[-+]?0[xX][0-9a-fA-F_]+"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|0[0-9](:[0-5]?[0-9])+"
    r"|[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(inf|Inf|INF|nan|NaN|NAN)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?|<<|="
)


def plain(word: str) -> object:
    """The value of an unquoted word: str, int, bool, None, date or `Unclear`."""
    if word and word[0] not in _FIRST:
        return tidy(word)
    if word in _WORDS:
        return _WORDS[word]
    if _WHOLE.fullmatch(word):
        return int(word)
    if _DAY.fullmatch(word):
        return read_day(word) or Unclear(word)
    if word.lower() in _YES_NO or _SPECIAL.fullmatch(word):
        return Unclear(word)
    return tidy(word)


def tidy(text: str) -> str:
    """Text without space around it, in Unicode normal form C."""
    text = text.strip()
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def read_day(written: str) -> date | None:
    """The date of 「2026-11-01」, or None."""
    try:
        return date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        return None


def fold(text: str) -> str:
    """What two texts must share to look the same to a reader: NFKC, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
