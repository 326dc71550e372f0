"""What must hold between the parts of one plan beyond their shapes: its hours, its rules, and what its papers add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time

from quizzes.content.question_checks import Finding
from quizzes.plans import Draw, Plan
from quizzes.rules import Rules

FULL = 10_000  # hundredths of a point


def check_plan(plan: Plan) -> Iterator[Finding]:
    """Findings placed inside the plan."""
    yield from _check_hours(plan)
    yield from check_rules(plan.rules)
    if plan.rules.points:
        yield from check_points(plan.rules, plan.draw, ("paper", "draw"))
        for number, variant in enumerate(plan.variants):
            yield from check_points(plan.rules, variant.draw, ("paper", "for", number, "draw"))


def check_rules(rules: Rules) -> Iterator[Finding]:
    """What the parameters of the rules ask of each other. A sitting of so many minutes is begun on purpose and not explained while it
    lasts, so that it is an exam."""
    if rules.excellent_line < rules.pass_line:
        yield ("rules",), "lines_crossed", {"low": rules.pass_line, "high": rules.excellent_line}
    if rules.minutes is not None and not rules.exam:
        yield ("rules", "minutes"), "minutes_without_exam", {}
    if rules.hall and rules.minutes is None:
        yield ("rules", "hall"), "hall_without_minutes", {}
    if rules.release == "handed_in" and rules.attempts > 1:
        yield ("rules", "release"), "key_between_sittings", {"attempts": rules.attempts}
    own = rules.makeup
    if own is None:
        return
    if own.pass_line is not None and rules.excellent_line < own.pass_line:
        yield ("rules", "makeup", "pass_line"), "lines_crossed", {"low": own.pass_line, "high": rules.excellent_line}
    if own.minutes is not None and not rules.exam:
        yield ("rules", "makeup", "minutes"), "minutes_without_exam", {}


def check_points(rules: Rules, draw: Sequence[Draw], where: tuple[str | int, ...]) -> Iterator[Finding]:
    """Where kinds have points: every line names its kind, every kind has points, and the paper has 100. A case counts as a whole."""
    points = dict(rules.points)
    unsaid = [line for line, want in enumerate(draw) if want.kind is None]
    unpaid = [line for line, want in enumerate(draw) if want.kind is not None and want.kind not in points]
    for line in unsaid:
        yield (*where, line), "points_without_kind", {}
    for line in unpaid:
        yield (*where, line, "kind"), "kind_without_points", {"kind": draw[line].kind}
    if unsaid or unpaid:
        return
    total = sum(want.count * points[want.kind] for want in draw if want.kind is not None)
    if total != FULL:
        yield where, "paper_not_100", {"sum": as_points(total)}


def as_points(hundredths: int) -> str:
    """250 -> 「2.5」, 100 -> 「1」."""
    return f"{hundredths / 100:g}"


def _check_hours(plan: Plan) -> Iterator[Finding]:
    if plan.hand_over_days is not None and plan.hand_over_days > plan.closes_after:
        days: dict[str, object] = {"days": plan.hand_over_days, "after": plan.closes_after}
        yield ("remind", "hand_over_days"), "hand_over_before_opening", days
    if plan.closes_after:
        return
    if plan.closes_at <= plan.opens_at:
        yield ("closes",), "closes_before_opens", {"opens": _hm(plan.opens_at), "closes": _hm(plan.closes_at)}
        return
    for index, at in enumerate(plan.remind_at):
        if not plan.opens_at < at < plan.closes_at:
            times: dict[str, object] = {"at": _hm(at), "opens": _hm(plan.opens_at), "closes": _hm(plan.closes_at)}
            yield ("remind", "at", index), "remind_outside", times


def _hm(at: time) -> str:
    return at.strftime("%H:%M")
