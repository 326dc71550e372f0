"""A plan as it would stand in plans.yaml: what was filled in elsewhere can be kept with the other content."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import yaml

from quizzes.content.scalars import plain
from quizzes.plans import Audience, Draw, Plan
from quizzes.rules import Makeup, Rules


class _Writer(yaml.SafeDumper):
    """Quotes every text that the reader of content files would not take for text."""


def _text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain(text) == text else '"')


_Writer.add_representer(str, _text)


def to_yaml(plan: Plan) -> str:
    """plans.yaml with this plan alone; reading it gives the plan again. A make-up's list of people cannot be written and is left out."""
    return yaml.dump({"plans": [_plan(plan)]}, Dumper=_Writer, allow_unicode=True, sort_keys=False, width=120)


def _plan(plan: Plan) -> dict[str, Any]:
    written: dict[str, Any] = {"plan": plan.key, "title": plan.title, "counts": plan.counts}
    if plan.notice:
        written["notice"] = plan.notice
    days = list(plan.days)
    when = {"every": "workday"} if plan.days == "workday" else {"dates" if isinstance(days[0], date) else "every": days}
    written |= {"opens": {**when, "at": f"{plan.opens_at:%H:%M}"}, "closes": {"at": f"{plan.closes_at:%H:%M}", "after": plan.closes_after},
                "who": _audience(plan.who) or "all", "paper": _paper(plan)}  # fmt: skip
    if rules := _rules(plan.rules):
        written["rules"] = rules
    if plan.remind_at:
        bounds = {"most": plan.remind_most, "hand_over_days": plan.hand_over_days}
        known = {name: value for name, value in bounds.items() if value is not None}
        written["remind"] = {"at": [f"{at:%H:%M}" for at in plan.remind_at], **known}
    if plan.report:
        written["report"] = asdict(plan.report)
    return written


def _paper(plan: Plan) -> dict[str, Any]:
    paper: dict[str, Any] = {"draw": [_line(line) for line in plan.draw]}
    if plan.variants:
        paper["for"] = [
            {"who": _audience(each.who), "draw": [_line(line) for line in each.draw]} for each in plan.variants
        ]
    return paper | ({"avoid_repeats_days": plan.avoid_repeats_days} if plan.avoid_repeats_days else {})


def _line(line: Draw) -> dict[str, Any]:
    written = {"kind": line.kind and line.kind.value, "count": line.count, "tag": line.topic,
               "difficulty": list(line.difficulty) if line.difficulty else None, "banks": list(line.banks) if line.banks else None}  # fmt: skip
    return {name: value for name, value in written.items() if value is not None}


def _audience(who: Audience) -> dict[str, Any]:
    sides = {"units": who.units, "categories": who.categories, "ranks": who.ranks}
    written: dict[str, Any] = {name: list(names) for name, names in sides.items() if names is not None}
    return written if who.enforcement is None else {**written, "enforcement": who.enforcement}


def _rules(rules: Rules) -> dict[str, Any]:
    """What differs from the rules without a preset."""
    usual, now = asdict(Rules()), asdict(rules)
    written = {name: value for name, value in now.items() if value != usual[name]}
    if "points" in written:
        written["points"] = {
            kind.value: worth // 100 if worth % 100 == 0 else worth / 100 for kind, worth in rules.points
        }
    if "postings" in written:
        written["postings"] = list(rules.postings)
    if rules.makeup is not None:
        written["makeup"] = _makeup(rules.makeup)
    return written


def _makeup(own: Makeup) -> dict[str, Any]:
    return {name: list(value) if name == "who" else value for name, value in asdict(own).items() if value is not None}
