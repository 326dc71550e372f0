"""Whether the banks can fill what a plan draws: banks that exist, and enough questions for all lines together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import combinations

from quizzes.content.banks import Bank
from quizzes.content.question_checks import Finding
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind

_MOST_LINES = 10  # all subsets of so many lines are looked at; of more, only each line and all of them


def check_draws(plan: Plan, banks: Sequence[Bank]) -> Iterator[Finding]:
    """Findings placed inside the plan, for its paper and each paper `for` some."""
    yield from check_draw(plan.draw, banks)
    for number, variant in enumerate(plan.variants):
        yield from check_draw(variant.draw, banks, ("paper", "for", number, "draw"))


def check_draw(
    draw: Sequence[Draw], banks: Sequence[Bank], where: tuple[str | int, ...] = ("paper", "draw")
) -> Iterator[Finding]:
    """Findings about one draw that stands at `where`."""
    names = [bank.header.name for bank in banks]
    known = True
    for line, want in enumerate(draw):
        for index, name in enumerate(want.banks or ()):
            if name not in names:
                known = False
                yield (*where, line, "banks", index), *_unknown(name, names)
    if known:
        for line, code, values in _check_counts(draw, _supply(draw, banks)):
            yield (*where, line), code, values


def _unknown(name: str, names: list[str]) -> tuple[str, dict[str, object]]:
    if close := get_close_matches(name, names, n=1, cutoff=0.3):
        return "unknown_bank_close", {"bank": name, "close": close[0]}
    return "unknown_bank", {"bank": name}


def _supply(draw: Sequence[Draw], banks: Iterable[Bank]) -> Counter[frozenset[int]]:
    """How many questions fit exactly which lines."""
    supply: Counter[frozenset[int]] = Counter()
    for bank in banks:
        for (kind, difficulty, topics), count in bank.census.items():
            lines = frozenset(
                line
                for line, want in enumerate(draw)
                if (kind is not Kind.CASE if want.kind is None else want.kind is kind)
                and (want.topic is None or want.topic in topics)
                and (want.difficulty is None or want.difficulty[0] <= difficulty <= want.difficulty[1])
                and (want.banks is None or bank.header.name in want.banks)
            )
            supply[lines] += count
    return supply


def _check_counts(
    draw: Sequence[Draw], supply: Counter[frozenset[int]]
) -> Iterator[tuple[int, str, dict[str, object]]]:
    """By Hall's theorem a paper can be drawn exactly if no set of lines asks for more than what fits any of them."""
    short: set[int] = set()
    sizes = range(1, len(draw) + 1) if len(draw) <= _MOST_LINES else (1, len(draw))
    for size in sizes:
        for lines in combinations(range(len(draw)), size):
            wanted = sum(draw[line].count for line in lines)
            found = sum(count for fits, count in supply.items() if not fits.isdisjoint(lines))
            if wanted <= found or not short.isdisjoint(lines):
                continue
            short.update(lines)
            numbers = ", ".join(str(line + 1) for line in lines)
            code = "draw_too_many" if size == 1 else "draws_too_many"
            yield lines[0], code, {"lines": numbers, "count": wanted, "found": found}
