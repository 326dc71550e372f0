"""Numbers with their units as people write them (十五日, 15日, 一万元, 50%), so that two ways of writing one are one answer."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from quizzes.numerals import from_chinese

_FINANCIAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_TIMES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "万亿": 1_000_000_000_000}
_ARABIC = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)(万亿|[十百千万亿])?")
_CHINESE = "[零〇一二两三四五六七八九十百千万亿]+"
_YEAR = re.compile("[零〇一二三四五六七八九]{2,}")
_QUANTITY = re.compile(rf"(第?)([0-9][0-9,.]*(?:万亿|[十百千万亿])?|{_CHINESE})\s*([^0-9]{{0,6}})")
_LONGEST = 24


class Quantity(NamedTuple):
    """A number with what stands around it: 「第」 or "", the value, and the unit ("日", "%", ""; at most six characters)."""

    ordinal: str
    value: Decimal
    unit: str


def quantity(text: str) -> Quantity | None:
    """Reads a whole text (NFKC, trimmed) as one number with an optional 第 before it and a unit behind; None if it is none.
    「百分之五十」 reads as 50 %."""
    if len(text) > _LONGEST:
        return None
    text = text.translate(_FINANCIAL)
    if text.startswith("百分之"):
        share = number(text.removeprefix("百分之"))
        return None if share is None else Quantity("", share, "%")
    match = _QUANTITY.fullmatch(text)
    value = number(match[2]) if match else None
    return Quantity(match[1], value, match[3].strip()) if match and value is not None else None


def number(text: str) -> Decimal | None:
    """Reads a whole text as a number, arabic or Chinese (NFKC); None if it is none. A spoken short form such as 「一百五」
    (150 or 105?) is none."""
    text = text.translate(_FINANCIAL)
    if match := _ARABIC.fullmatch(text):
        return Decimal(match[1].replace(",", "")) * _TIMES[match[2] or ""]
    if _YEAR.fullmatch(text):
        return Decimal("".join(str(from_chinese(digit)) for digit in text))
    value = _chinese(text)
    return None if value is None else Decimal(value)


def _chinese(text: str) -> int | None:
    for unit in ("亿", "万"):
        head, found, tail = text.rpartition(unit)
        if found:
            high, low = _chinese(head), _chinese(tail.removeprefix("零")) if tail else 0
            if high is None or low is None or len(tail) == 1 or low >= _TIMES[unit]:
                return None
            return high * _TIMES[unit] + low
    try:
        return from_chinese(text)
    except ValueError:
        return None
