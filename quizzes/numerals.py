"""Chinese numerals as statutes write them (一千二百五十四) to whole numbers and back."""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"
NUMERAL = "[0-9零〇一二两三四五六七八九十百千]+"
_UNITS = {"十": 10, "百": 100, "千": 1000}


def to_chinese(number: int) -> str:
    """「一千二百五十四」 for 1254. Raises ValueError outside 0..9999."""
    if not 0 <= number <= 9999:
        raise ValueError(number)
    if number < 10:
        return DIGITS[number]
    written, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            written += ("零" if gap else "") + DIGITS[digit] + name
        gap = bool(written) and not digit
    return written.removeprefix("一") if written.startswith("一十") else written


def from_chinese(written: str) -> int:
    """1254 for 「一千二百五十四」, 「1254」 or 「一二五四」. Raises ValueError for anything that is no such numeral."""
    plain = written.replace("〇", "零").replace("两", "二")
    if plain.isascii() and plain.isdigit() and len(plain) <= 4:
        return int(plain)
    digits = [DIGITS.find(character) for character in plain]
    if plain and len(plain) <= 4 and min(digits) >= 0:
        return int("".join(map(str, digits)))
    number = _from_units(plain)
    if to_chinese(number).removeprefix("一") != plain.removeprefix("一"):
        raise ValueError(written)
    return number


def _from_units(plain: str) -> int:
    number, digit = 0, 0
    for character in plain:
        if character in _UNITS:
            number += (digit or 1) * _UNITS[character]
            digit = 0
        elif character in DIGITS:
            digit = DIGITS.index(character)
        else:
            raise ValueError(plain)
    return number + digit
