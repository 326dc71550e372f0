"""plans.yaml to plans: rules from presets, opening days, and what must hold between the parts of one plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path
from typing import Any, Literal, get_args

from quizzes.content.fitting import Location, fit, place_of
from quizzes.content.plan_shapes import AudienceShape, DrawShape, ListOfPlans, OpensShape, PlanShape, RulesShape
from quizzes.content.problems import Mark, Problems
from quizzes.content.reading import Node, read_node
from quizzes.content.shapes import Weekday
from quizzes.content.sources import scan
from quizzes.plans import Audience, Draw, Plan, Report
from quizzes.questions import Kind
from quizzes.rules import PRESETS, Rules


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
    return plans


def _check_key(part: Node, fields: Mapping[str, Any], keys: dict[str, int], problems: Problems) -> None:
    if (key := fields.get("plan")) is None:
        return
    line = keys.setdefault(str(key), part.place.line + 1)
    if line != part.place.line + 1:
        problems.add(place_of(part.place, ("plan",)), "duplicate_plan", plan=key, line=line)


def _check(fields: Mapping[str, Any], plan: Plan | None) -> Iterator[tuple[Location, str, dict[str, object]]]:
    if fields.get("counts") == "assessed" and not fields.get("notice"):
        yield ("counts",), "assessed_without_notice", {}
    if plan is None:
        return
    if plan.rules.excellent_line < plan.rules.pass_line:
        lines: dict[str, object] = {"low": plan.rules.pass_line, "high": plan.rules.excellent_line}
        yield ("rules",), "lines_crossed", lines
    if plan.closes_after:
        return
    if plan.closes_at <= plan.opens_at:
        yield ("closes",), "closes_before_opens", {"opens": _hm(plan.opens_at), "closes": _hm(plan.closes_at)}
        return
    for index, at in enumerate(plan.remind_at):
        if not plan.opens_at < at < plan.closes_at:
            times: dict[str, object] = {"at": _hm(at), "opens": _hm(plan.opens_at), "closes": _hm(plan.closes_at)}
            yield ("remind", "at", index), "remind_outside", times


def _plan(shape: PlanShape) -> Plan:
    return Plan(
        key=shape.plan,
        title=shape.title,
        opens_at=shape.opens.at,
        closes_at=shape.closes.at,
        days=_days(shape.opens),
        closes_after=shape.closes.after,
        counts=shape.counts,
        notice=shape.notice,
        who=_audience(shape.who),
        draw=tuple(map(_draw, shape.paper.draw)),
        avoid_repeats_days=shape.paper.avoid_repeats_days,
        rules=_rules(shape.rules),
        remind_at=tuple(sorted(set(shape.remind.at))) if shape.remind else (),
        report=Report(shape.report.to, shape.report.every) if shape.report else None,
    )


def _days(opens: OpensShape) -> Literal["workday"] | tuple[str, ...] | tuple[date, ...]:
    if opens.dates:
        return tuple(sorted(set(opens.dates)))
    if opens.every == "workday":
        return "workday"
    return tuple(day for day in get_args(Weekday) if day in opens.every)


def _audience(who: AudienceShape | str) -> Audience:
    if isinstance(who, str):
        return Audience()
    return Audience(_tuple(who.units), _tuple(who.categories), _tuple(who.ranks), who.enforcement)


def _draw(line: DrawShape) -> Draw:
    level = line.difficulty
    between = None if level is None else (level, level) if isinstance(level, int) else (level[0], level[1])
    return Draw(line.count, Kind(line.kind) if line.kind else None, line.tag, between, _tuple(line.banks))


def _rules(shape: RulesShape) -> Rules:
    named = shape.model_fields_set - {"preset"}
    changes = {name: getattr(shape, name) for name in named}
    if "postings" in changes:
        changes["postings"] = tuple(changes["postings"])
    return replace(PRESETS[shape.preset], **changes)


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _hm(at: time) -> str:
    return at.strftime("%H:%M")
