"""答题安排: what recurs: when, for whom, from which questions, under which rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from quizzes.questions import Kind
from quizzes.rules import Rules

_NOTHING_ELSE = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Audience:
    """谁来答: None means no restriction on that side; all sides must hold. Units are names and include what is below them. `people`:
    a fixed list by the program's own numbers, which only a make-up has."""

    __pydantic_config__: ClassVar[ConfigDict] = _NOTHING_ELSE

    units: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    ranks: tuple[str, ...] | None = None
    enforcement: bool | None = None
    people: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """One line of a draw: `count` questions of this kind, topic and difficulty (None: any; of kinds, any but a case)."""

    __pydantic_config__: ClassVar[ConfigDict] = _NOTHING_ELSE

    count: int
    kind: Kind | None = None
    topic: str | None = None
    difficulty: tuple[int, int] | None = None
    banks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """试卷类别: those of the round's audience whom `who` means too get papers by this draw; the first that fits decides."""

    __pydantic_config__: ClassVar[ConfigDict] = _NOTHING_ELSE

    who: Audience
    draw: tuple[Draw, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """When the figures go to the leaders: the name of a weekday, or "close"."""

    to: str = "leaders"
    every: str = "friday"


@dataclass(frozen=True, slots=True)
class Plan:
    """`days` is "workday", weekday names (mon..sun), or dates; times are in the deployment's zone. A round closes on the day it
    opens, `closes_after` days later at `closes_at` (0: the same day; counted in calendar days). Those still missing are reminded
    at `remind_at`, at most `remind_most` times each (None: no such bound); from `hand_over_days` days before the close on, their
    names go to the liaison (None: never). `variants`: other papers for some of the audience."""

    __pydantic_config__: ClassVar[ConfigDict] = _NOTHING_ELSE

    key: str
    title: str
    opens_at: time
    closes_at: time
    days: Literal["workday"] | tuple[str, ...] | tuple[date, ...] = "workday"
    closes_after: int = 0
    counts: Literal["practice", "assessed"] = "practice"
    notice: str = ""
    who: Audience = field(default_factory=Audience)
    draw: tuple[Draw, ...] = ()
    avoid_repeats_days: int = 0
    rules: Rules = field(default_factory=Rules)
    remind_at: tuple[time, ...] = ()
    remind_most: int | None = None
    hand_over_days: int | None = None
    variants: tuple[Variant, ...] = ()
    report: Report | None = None


_ADAPTERS: dict[type, TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (Plan, Audience, Draw, Variant)}


def to_json(value: Plan | Audience | Draw | Variant) -> dict[str, Any]:
    """A plan, an audience, a line of a draw or a variant as JSON."""
    return dict(_ADAPTERS[type(value)].dump_python(value, mode="json"))


def plan_from_json(data: dict[str, Any]) -> Plan:
    """The inverse of `to_json` for a plan. Raises pydantic.ValidationError for what no version wrote."""
    plan: Plan = _ADAPTERS[Plan].validate_python(data)
    if plan.days == "workday" or not all(isinstance(day, str) and day[:4].isdigit() for day in plan.days):
        return plan
    return replace(plan, days=tuple(date.fromisoformat(str(day)) for day in plan.days))


def audience_from_json(data: dict[str, Any]) -> Audience:
    """The inverse of `to_json` for an audience."""
    found: Audience = _ADAPTERS[Audience].validate_python(data)
    return found


def draw_from_json(data: dict[str, Any]) -> Draw:
    """The inverse of `to_json` for a line of a draw."""
    found: Draw = _ADAPTERS[Draw].validate_python(data)
    return found


def variant_from_json(data: dict[str, Any]) -> Variant:
    """The inverse of `to_json` for a variant."""
    found: Variant = _ADAPTERS[Variant].validate_python(data)
    return found
