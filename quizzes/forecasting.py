"""Where a round will stand at its close, judged by what came of people in the same state, as long before the close, in rounds past.

A share is finished ÷ cases over the past rounds. With fewer than OWN_CASES of its own, a state that reaches people by itself takes
the share of those states together; any other is left open (nobody is expected, everybody is possible). With fewer than
MINIMUM_ROUNDS past rounds or MINIMUM_CASES cases in all there is no forecast: a number would be made up.

The range adds up, state by state, about 1.28 standard deviations of what a new round may bring (80 % of a normal law): chance itself,
and the larger of how uncertain the share is and how much past rounds differed. The spreads are added and not squared, since a bad
week is bad for every state. Whoever has finished is certain, so low <= expected <= high always lie between done and due."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

MINIMUM_ROUNDS, MINIMUM_CASES, OWN_CASES = 2, 30, 10
WIDTH = 1.2816
HALF = Fraction(1, 2)


class At(StrEnum):
    """How far somebody who has not finished is. `away`: on leave, or with a request that waits; never forecast."""

    FAILED = "failed"
    STARTED = "started"
    DELIVERED = "delivered"
    PLANNED = "planned"
    UNREACHABLE = "unreachable"
    UNBOUND = "unbound"
    AWAY = "away"


REACHED = (At.STARTED, At.DELIVERED, At.PLANNED)
"""States in which messages arrive, so that one may stand in for another."""

Past = Mapping[At, tuple[int, int]]
"""One past round: by state, (cases, how many of them finished by the close)."""


@dataclass(frozen=True, slots=True)
class Share:
    """Finished ÷ cases of a state over the past rounds; `spread` is the variance between rounds; `own`: not borrowed."""

    finished: int
    cases: int
    spread: float
    own: bool = True

    @property
    def chance(self) -> Fraction:
        """The plain share."""
        return Fraction(self.finished, self.cases)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the past says: a share for each state that has one, from how many rounds and cases."""

    shares: Mapping[At, Share]
    rounds: int
    cases: int

    @property
    def enough(self) -> bool:
        """Whether anything may be forecast from it."""
        return self.rounds >= MINIMUM_ROUNDS and self.cases >= MINIMUM_CASES

    def chance(self, at: At) -> Fraction:
        """How likely somebody in this state finishes without anybody doing more; 0 where nothing is known."""
        return self.shares[at].chance if at in self.shares else Fraction(0)


@dataclass(frozen=True, slots=True)
class Forecast:
    """People who will have finished at the close: 0 <= low <= expected <= high <= due."""

    due: int
    low: int
    expected: int
    high: int


def evidence(past: Sequence[Past]) -> Evidence:
    """What past rounds say. Rounds in which nobody was waiting say nothing and are not counted."""
    told = [each for each in past if any(cases for cases, _ in each.values())]
    together = _share([_pooled(each) for each in told], own=False)
    shares: dict[At, Share] = {}
    for at in At:
        mine = _share([each.get(at, (0, 0)) for each in told])
        if at is At.AWAY:
            continue
        if mine is not None and mine.cases >= OWN_CASES:
            shares[at] = mine
        elif at in REACHED and together is not None and together.cases >= OWN_CASES:
            shares[at] = together
    return Evidence(shares, len(told), sum(cases for each in told for cases, _ in each.values()))


def _pooled(each: Past) -> tuple[int, int]:
    some = [each.get(at, (0, 0)) for at in REACHED]
    return sum(cases for cases, _ in some), sum(finished for _, finished in some)


def _share(some: Sequence[tuple[int, int]], *, own: bool = True) -> Share | None:
    seen = [(cases, finished) for cases, finished in some if cases]
    if not seen:
        return None
    rates = [finished / cases for cases, finished in seen]
    middle = sum(rates) / len(rates)
    spread = sum((rate - middle) ** 2 for rate in rates) / (len(rates) - 1) if len(rates) > 1 else 0.0
    return Share(sum(finished for _, finished in seen), sum(cases for cases, _ in seen), spread, own)


def forecast(due: int, done: int, waiting: Mapping[At, int], known: Evidence) -> Forecast | None:
    """Where `due` people of whom `done` have finished will stand; `waiting` are the others by state (who can no longer finish may
    be left out). None: too little is known to say. Raises ValueError for counts that contradict each other."""
    left = sum(waiting.values())
    if done < 0 or min(waiting.values(), default=0) < 0 or done + left > due:
        raise ValueError(f"these counts contradict each other: {due=} {done=} {dict(waiting)=}")
    if left == 0:
        return Forecast(due, done, done, done)
    if not known.enough:
        return None
    mean, spread, open_ = Fraction(done), 0.0, 0
    for at, people in waiting.items():
        share = known.shares.get(at)
        if share is None:
            open_ += people
            continue
        mean += people * share.chance
        spread += WIDTH * math.sqrt(_variance(people, share))
    expected = math.floor(mean)
    low = min(expected, max(done, math.floor(float(mean) - spread)))
    high = max(expected, min(done + left, math.ceil(float(mean) + spread) + open_))
    return Forecast(due, low, expected, high)


def _variance(people: int, share: Share) -> float:
    """Of how many of `people` finish: chance, plus what the share itself may be off by. The half added on both sides keeps a share
    of 0 or 1 from looking certain."""
    rate = (share.finished + 0.5) / (share.cases + 1)
    alone = rate * (1 - rate)
    return people * alone + people**2 * max(alone / (share.cases + 2), share.spread)


def needed(due: int, percent: int) -> int:
    """How many of `due` reach a target in percent: rounded up, since a target is reached or not."""
    return -(-due * percent // 100)


# Whom to call. ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who has not finished; `callable_`: a person can do something about it now."""

    number: int
    at: At
    callable_: bool = True


def calls(done: int, wanted: int, some: Iterable[Waiting], known: Evidence | None) -> tuple[int, ...]:
    """The fewest people to call so that `wanted` are expected to finish (rounded to the nearest person), the least likely to
    finish by themselves first; their numbers in the order given. A call is taken to be enough. Without evidence everybody who can
    be called is. If calls alone do not get there, it is everybody they can help."""
    every = list(some)
    able = [each for each in every if each.callable_]
    if known is None or not known.enough:
        return tuple(each.number for each in able) if done < wanted else ()
    hope = done + sum((known.chance(each.at) for each in every), Fraction(0))
    taken: set[int] = set()
    for each in sorted(able, key=lambda each: known.chance(each.at)):
        if hope >= wanted - HALF:
            break
        hope += 1 - known.chance(each.at)
        taken.add(each.number)
    return tuple(each.number for each in every if each.number in taken)
