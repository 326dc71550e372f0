"""plans.yaml to plans: rules from presets, opening days, papers, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from quizzes import presets
from quizzes.content.burden_checks import check_burden
from quizzes.content.fitting import fit, place_of
from quizzes.content.paper_shapes import audience_of, draw_of, variants_of
from quizzes.content.plan_checks import check_plan
from quizzes.content.plan_shapes import ListOfPlans, OpensShape, PlanShape
from quizzes.content.problems import Mark, Problems
from quizzes.content.question_checks import Finding
from quizzes.content.reading import Node, read_node
from quizzes.content.rules_shapes import rules_of
from quizzes.content.shapes import Weekday
from quizzes.content.sources import scan
from quizzes.plans import Plan, Report


@dataclass(frozen=True, slots=True)
class PlacedPlan:
    """A plan and where it stands in its file, for findings that need other files too."""

    plan: Plan
    place: Mark


def read_plans(path: Path, problems: Problems) -> list[PlacedPlan]:
    """The sound plans of the file, in its order; everything wrong is noted in `problems`."""
    source = scan(path, problems)
    node = read_node(source, problems) if source else None
    if node is None:
        return []
    _, sound = fit(ListOfPlans, node, problems)
    plans: list[PlacedPlan] = []
    keys: dict[str, int] = {}
    for index, item in enumerate(sound.get("plans", ())):
        part = Node(item, place_of(node.place, ("plans", index)))
        shape, fields = fit(PlanShape, part, problems, "plans")
        _check_key(part, fields, keys, problems)
        plan = _plan(shape) if shape else None
        for where, code, values in _check(fields, plan):
            problems.add(place_of(part.place, where), code, **values)
        if plan:
            plans.append(PlacedPlan(plan, part.place))
    for index, code, values in check_burden([each.plan for each in plans]):
        problems.add(place_of(plans[index].place, ("opens",)), code, **values)
    return plans


def _check_key(part: Node, fields: Mapping[str, Any], keys: dict[str, int], problems: Problems) -> None:
    if (key := fields.get("plan")) is None:
        return
    line = keys.setdefault(str(key), part.place.line + 1)
    if line != part.place.line + 1:
        problems.add(place_of(part.place, ("plan",)), "duplicate_plan", plan=key, line=line)


def _check(fields: Mapping[str, Any], plan: Plan | None) -> Iterator[Finding]:
    if fields.get("counts") == "assessed" and not fields.get("notice"):
        yield ("counts",), "assessed_without_notice", {}
    if plan is not None:
        yield from check_plan(plan)


def _plan(shape: PlanShape) -> Plan:
    remind = shape.remind
    return Plan(
        key=shape.plan,
        title=shape.title,
        opens_at=shape.opens.at,
        closes_at=shape.closes.at,
        days=_days(shape.opens),
        closes_after=shape.closes.after,
        counts=shape.counts,
        notice=shape.notice,
        who=audience_of(shape.who),
        draw=draw_of(shape.paper.draw),
        avoid_repeats_days=shape.paper.avoid_repeats_days,
        rules=rules_of(shape.rules, presets.get(shape.rules.preset).rules),
        remind_at=tuple(sorted(set(remind.at))) if remind else (),
        remind_most=remind.most if remind else None,
        hand_over_days=remind.hand_over_days if remind else None,
        variants=variants_of(shape.paper),
        report=Report(shape.report.to, shape.report.every) if shape.report else None,
    )


def _days(opens: OpensShape) -> Literal["workday"] | tuple[str, ...] | tuple[date, ...]:
    if opens.dates:
        return tuple(sorted(set(opens.dates)))
    if opens.every == "workday":
        return "workday"
    return tuple(day for day in get_args(Weekday) if day in opens.every)
