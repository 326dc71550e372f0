"""The rates, as defined once for everybody: what a line of the 应考名册 counts as, and what is divided by what.

应考 = enrolled at opening + approved additions - approved departures - approved 免考; anyone who sat stays (`enrolling`).
实考 = handed in at least once in time; an automatic hand-in counts when it holds at least one answer.
参考率 = 实考 / 应考. 合格率 = 合格 / 实考. 应考合格率 = 合格 / 应考. 优秀率 = 优秀 / 实考. Lines are inclusive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from quizzes.grading import excellent, passed
from quizzes.rules import Rules


@dataclass(frozen=True, slots=True)
class HandIn:
    """One sitting that was handed in: by the person or (`automatic`) by the clock, with how many questions answered;
    `score` in hundredths of a point."""

    score: int
    answered: int
    in_time: bool = True
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What a person's sittings of one round come to. `score` (hundredths) is None for somebody who did not sit."""

    sat: bool = False
    passed: bool = False
    excellent: bool = False
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One enrolment as counted. `bureau_id` is the bureau at that round; `counted`: in 应考; `exempt`: out of it by an
    approved 免考. Neither: enrolled but never due (a later joiner) or departed."""

    person_id: int
    bureau_id: int
    counted: bool
    exempt: bool = False
    sat: bool = False
    passed: bool = False
    excellent: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Headcounts. 名册 `roster` = 应考 `due` + 免考 `exempt`. Raises ValueError for counts no roster can have, so that a
    figure which contradicts itself is never printed."""

    roster: int = 0
    exempt: int = 0
    due: int = 0
    sat: int = 0
    passed: int = 0
    excellent: int = 0

    def __post_init__(self) -> None:
        whole = self.roster == self.due + self.exempt and min(self.exempt, self.passed, self.excellent) >= 0
        if not (whole and self.passed <= self.sat and self.excellent <= self.sat <= self.due):
            raise ValueError(f"these counts contradict each other: {self}")

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.roster + other.roster,
            self.exempt + other.exempt,
            self.due + other.due,
            self.sat + other.sat,
            self.passed + other.passed,
            self.excellent + other.excellent,
        )

    @property
    def absent(self) -> int:
        """未参考 before close, 缺考 after: due and has not sat."""
        return self.due - self.sat

    @property
    def participation(self) -> Fraction | None:
        """参考率 = 实考 / 应考."""
        return _share(self.sat, self.due)

    @property
    def pass_rate(self) -> Fraction | None:
        """合格率 = 合格 / 实考."""
        return _share(self.passed, self.sat)

    @property
    def overall_pass(self) -> Fraction | None:
        """应考合格率 = 合格 / 应考."""
        return _share(self.passed, self.due)

    @property
    def excellence(self) -> Fraction | None:
        """优秀率 = 优秀 / 实考."""
        return _share(self.excellent, self.sat)


def result(hand_ins: Sequence[HandIn], rules: Rules) -> Result:
    """What the sittings of one person in one round come to, in the order they were begun: best or last, as the rules say."""
    scores = [h.score for h in hand_ins if h.in_time and (h.answered > 0 or not h.automatic)]
    if not scores:
        return Result()
    score = max(scores) if rules.score == "best" else scores[-1]
    return Result(sat=True, passed=passed(score, rules), excellent=excellent(score, rules), score=score)


def combined(first: Iterable[Line], makeups: Iterable[Line]) -> list[Line]:
    """正考 and 补考 together: the lines of the first round, each with what its person also reached in a make-up. Who is due
    is decided by the first round alone, so combined figures divide by its 应考."""
    later: dict[int, list[Line]] = {}
    for line in makeups:
        later.setdefault(line.person_id, []).append(line)
    return [_with(line, later.get(line.person_id, ())) for line in first]


def tally(lines: Iterable[Line]) -> Tally:
    """The headcounts of some lines. Whoever sat without being due (a later joiner) is in none of them."""
    lines = list(lines)
    due = [line for line in lines if line.counted]
    exempt = sum(line.exempt for line in lines if not line.counted)
    return Tally(
        roster=len(due) + exempt,
        exempt=exempt,
        due=len(due),
        sat=sum(line.sat for line in due),
        passed=sum(line.sat and line.passed for line in due),
        excellent=sum(line.sat and line.excellent for line in due),
    )


def by_bureau(lines: Iterable[Line]) -> dict[int, Tally]:
    """The headcounts of each bureau that has a line; their sum is the tally of all lines."""
    grouped: dict[int, list[Line]] = {}
    for line in lines:
        grouped.setdefault(line.bureau_id, []).append(line)
    return {bureau_id: tally(group) for bureau_id, group in grouped.items()}


def percent(numerator: int, denominator: int) -> str:
    """A rate with two decimals, rounded down ("98.92%"); "100%" only when both counts are equal, "—" for 0 of 0.
    Raises ValueError when the numerator exceeds the denominator or either is negative."""
    if not 0 <= numerator <= denominator:
        raise ValueError(f"{numerator} of {denominator} is not a rate")
    if denominator == 0:
        return "—"
    if numerator == denominator:
        return "100%"
    hundredths = 10_000 * numerator // denominator
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _share(numerator: int, denominator: int) -> Fraction | None:
    return Fraction(numerator, denominator) if denominator else None


def _with(line: Line, makeups: Sequence[Line]) -> Line:
    return replace(
        line,
        sat=line.sat or any(m.sat for m in makeups),
        passed=line.passed or any(m.passed for m in makeups),
        excellent=line.excellent or any(m.excellent for m in makeups),
    )
