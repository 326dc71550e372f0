"""What stands behind the colons of the exam form: dates, numbers, kinds with their points, whom, and when to make it up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

from quizzes.content.scalars import tidy
from quizzes.content.sources import UNSEEN
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from quizzes.rules import Makeup, Who
from quizzes.spans import read_span

KINDS = {
    "单选": Kind.SINGLE, "单项选择": Kind.SINGLE, "多选": Kind.MULTIPLE, "多项选择": Kind.MULTIPLE, "判断": Kind.JUDGE, "填空": Kind.BLANK,
    "案例分析": Kind.CASE, "案例": Kind.CASE, **{kind.value: kind for kind in Kind},
}  # fmt: skip
"""What notices call the kinds of questions."""
NONE = {"无", "没有", "不设", "不补考", "不提醒", "不限", "不限时", "none", "no"}
_MOMENT = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*(\d{1,2})\s*(?::|时|点)\s*(?:(\d{1,2})\s*分?)?"
)
_NUMBER = re.compile(r"(\d{1,4})\s*(?:分钟|分|次|minutes?|points?|times?)?", re.IGNORECASE)
_KIND = "|".join(KINDS)
_PART = re.compile(
    rf"(?:(?P<kind>{_KIND})题?[\s:]*(?P<count>\d{{1,3}})\s*[题道个]?|(?P<count2>\d{{1,3}})\s*[题道个]?\s*(?P<kind2>{_KIND})题?)"
    r"(?:[\s,、(]*(?:(?:每|各)\s*小?[题道个]?|[x×*])\s*(?P<worth>\d{1,3}(?:\.\d{1,2})?)\s*分?\s*\)?)?",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"(?:共|合计|总分|满分|总计|total)\s*\d+\s*分?(?:题)?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,、;。，；]+")
_CLOCK = re.compile(r"([01]?\d|2[0-3])\s*(?::|时|点)\s*([0-5]\d)?")
_AFTER = re.compile(
    r"(?:结束后|截止后)?第?\s*(\d{1,3})\s*天\s*(?:后|起)(?:开始)?|after\s*(\d{1,3})\s*days?", re.IGNORECASE
)
_LASTS = re.compile(r"(?:共|为期|开放)?\s*(\d{1,3})\s*天|for\s*(\d{1,3})\s*days?", re.IGNORECASE)
_WHO: dict[Who, re.Pattern[str]] = {
    "absent": re.compile(r"缺考(?:的|人员|者)?|未参加(?:的|人员)?|absent"),
    "failed": re.compile(r"(?:不合格|未合格|不及格|未通过)(?:的|人员|者)?|failed"),
}
_AND = re.compile(r"[\s,、;。和及与]|and")


class Unfit(Exception):
    """A value nobody can read. `code` finds the sentence that says what to write instead; `values` fill it."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, {name: str(value) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """What an audience may name: units, categories and ranks that exist."""

    units: Sequence[str] = ()
    categories: Sequence[str] = ()
    ranks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """Kinds with their numbers, and with points where the form gives them: hundredths, () for equal weights."""

    draw: tuple[Draw, ...]
    points: tuple[tuple[Kind, int], ...]


def plain(text: str) -> str:
    """Text with its full-width digits, letters and marks made ordinary."""
    return unicodedata.normalize("NFKC", text).strip()


def moment(text: str) -> datetime:
    """「2026-12-01 09:00」, 「2026年12月1日9时30分」: a local time without a zone."""
    found = _MOMENT.fullmatch(plain(text))
    try:
        parts = [int(part or 0) for part in found.groups()] if found else []
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 (local, as written; the caller knows the zone)
    except (TypeError, ValueError):
        raise Unfit("moment", written=text) from None


def number(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from `low` to `high`, with or without their unit."""

    def read(text: str) -> int:
        found = _NUMBER.fullmatch(plain(text))
        if found is None or not low <= int(found[1]) <= high:
            raise Unfit("number", written=text, low=low, high=high)
        return int(found[1])

    return read


def minutes(text: str) -> int | None:
    """「60」, 「60分钟」, 「不限」."""
    return None if plain(text).casefold() in NONE else number(1, 600)(text)


def one_of(choices: dict[str, str], code: str) -> Callable[[str], str]:
    """A reader of one of a few words: fragment -> what it means; the first fragment found decides."""

    def read(text: str) -> str:
        folded = plain(text).casefold()
        for fragment, meant in choices.items():
            if fragment in folded:
                return meant
        raise Unfit(code, written=text)

    return read


def paper(text: str) -> Paper:
    """「单选40题每题1分、多选20题每题2分、判断20题每题1分」: what is left after reading must be nothing."""
    folded = plain(text)
    parts = list(_PART.finditer(folded))
    left = _BETWEEN.sub("", _TOTAL.sub("", _PART.sub("", folded)))
    if left or not parts:
        raise Unfit("paper", written=left or text)
    lines = [(KINDS[(p["kind"] or p["kind2"]).casefold()], int(p["count"] or p["count2"]), p["worth"]) for p in parts]
    if twice := [kind for n, (kind, _, _) in enumerate(lines) if kind in {other for other, _, _ in lines[:n]}]:
        raise Unfit("kind_twice", kind=twice[0])
    if odd := [count for _, count, _ in lines if not 1 <= count <= 200]:
        raise Unfit("count", count=odd[0])
    worth = [(kind, _hundredths(said)) for kind, _, said in lines if said is not None]
    if worth and len(worth) < len(lines):
        raise Unfit("worth_missing", kind=next(kind for kind, _, said in lines if said is None))
    order = list(Kind)
    return Paper(
        tuple(Draw(count, kind) for kind, count, _ in lines),
        tuple(sorted(worth, key=lambda each: order.index(each[0]))),
    )


def _hundredths(said: str) -> int:
    hundredths = int(Decimal(said) * 100)
    if hundredths % 50 or not 0 < hundredths <= 10_000:
        raise Unfit("worth", written=said)
    return hundredths


def makeup(text: str, base: Makeup, closes_on: date) -> Makeup | None:
    """「缺考、未合格，2027-01-10 至 2027-01-12」, 「未合格，结束后7天起，共3天」, 「无」. What it does not say is as in `base`."""
    folded = plain(text)
    if folded.casefold() in NONE:
        return None
    who = tuple(each for each, pattern in _WHO.items() if pattern.search(folded))
    rest = folded
    for pattern in _WHO.values():
        rest = pattern.sub(" ", rest)
    found = replace(base, who=who) if who else base
    rest = " ".join(_AND.sub(" ", rest).split())
    if not rest:
        return found
    if (span := read_span(rest, closes_on)) is not None and span[1] is not None:
        return _between(found, span[0], span[1], closes_on)
    return _counted(found, rest, text)


def _between(found: Makeup, begins: date, ends: date, closes_on: date) -> Makeup:
    if begins < closes_on:
        raise Unfit("makeup_before_close", day=begins, closes=closes_on)
    if (ends - closes_on).days > 366:
        raise Unfit("makeup_far", day=ends)
    return replace(found, after_days=(begins - closes_on).days, days=(ends - begins).days + 1)


def _counted(found: Makeup, rest: str, text: str) -> Makeup:
    after = _AFTER.search(rest)
    rest = _AFTER.sub(" ", rest, count=1)
    lasts = _LASTS.search(rest)
    left = _LASTS.sub(" ", rest, count=1).strip()
    days = int((lasts[1] or lasts[2]) if lasts else found.days)
    begins = int(after[1] or after[2]) if after else found.after_days
    if left or not (after or lasts) or not 1 <= days <= 366 or begins > 366:
        raise Unfit("makeup", written=text)
    return replace(found, after_days=begins, days=days)


def audience(text: str, known: Known) -> Audience:
    """「全体」, or names of units, categories and ranks, and 执法人员."""
    words = [word for word in _BETWEEN.split(plain(text)) if word]
    if plain(text).casefold() in {"全体", "所有人", "全体人员", "全部", "all", "everybody"}:
        return Audience()
    sides: dict[Literal["units", "categories", "ranks"], list[str]] = {"units": [], "categories": [], "ranks": []}
    enforcement: bool | None = None
    unknown: list[str] = []
    for word in words:
        side = next((side for side in sides if word in {plain(name) for name in getattr(known, side)}), None)
        if side:
            sides[side].append(word)
        elif word in ("执法人员", "enforcement"):
            enforcement = True
        else:
            unknown.append(word)
    if unknown:
        everything = [*known.units, *known.categories, *known.ranks]
        close = get_close_matches(unknown[0], everything, n=1, cutoff=0.4)
        raise Unfit("who_close" if close else "who", written="、".join(unknown), close="".join(close))
    named = {side: tuple(names) for side, names in sides.items() if names}
    return Audience(named.get("units"), named.get("categories"), named.get("ranks"), enforcement)


def clocks(text: str) -> tuple[time, ...]:
    """「10:00、16:00」, at most five; 「不提醒」 is none."""
    folded = plain(text)
    if folded.casefold() in NONE:
        return ()
    found = sorted({time(int(each[1]), int(each[2] or 0)) for each in _CLOCK.finditer(folded)})
    if not found or len(found) > 5 or _BETWEEN.sub("", _CLOCK.sub("", folded)):
        raise Unfit("clocks", written=text)
    return tuple(found)


def text_of(most: int) -> Callable[[str], str]:
    """A reader of a text of at most `most` characters; those nobody sees, which phones slip in, are left out."""

    def read(text: str) -> str:
        seen = tidy(UNSEEN.sub("", text))
        if not 1 <= len(seen) <= most:
            raise Unfit("too_long" if seen else "needed", most=most)
        return seen

    return read
