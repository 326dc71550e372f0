"""Rules in an officer's words: every parameter by name and value, and what differs from a preset."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.sitting.scores import points
from handlers.words import say
from quizzes.plans import Draw
from quizzes.presets import Preset
from quizzes.rules import Makeup, Rules

SHOWN = (
    "minutes", "attempts", "score", "pass_line", "excellent_line", "partial", "makeup", "release", "late", "hall", "postings",
)  # fmt: skip
"""The parameters in the order they are said; points are said with the paper."""


def paper_in_words(language: str, draw: Sequence[Draw], rules: Rules) -> str:
    """「单选题40题每题1分、…，合计100分」, or 「…，各题分值相同」."""
    worth = dict(rules.points)
    parts = [_line(language, line, worth[line.kind] if line.kind and line.kind in worth else None) for line in draw]
    said = say(language, "notice.comma").join(parts)
    if not worth:
        return say(language, "notice.paper_equal", parts=said)
    total = sum(line.count * worth[line.kind] for line in draw if line.kind and line.kind in worth)
    return say(language, "notice.paper_sum", parts=said, sum=points(total))


def rules_in_words(language: str, rules: Rules) -> list[str]:
    """A line for every parameter but the points."""
    return [named(language, name, value(language, name, rules)) for name in SHOWN]


def differing(language: str, rules: Rules, draw: Sequence[Draw], preset: Preset) -> list[str]:
    """A line for every parameter that is another than in the preset, with both values."""
    usual = preset.rules
    found = [
        say(language, "notice.differs", name=say(language, f"notice.name_{name}"), now=value(language, name, rules),
            usual=value(language, name, usual))
        for name in SHOWN if getattr(rules, name) != getattr(usual, name)
    ]  # fmt: skip
    if preset.draw and (tuple(draw) != preset.draw or rules.points != usual.points):
        paper = say(language, "notice.differs", name=say(language, "notice.name_paper"), now=paper_in_words(language, draw, rules),
                    usual=paper_in_words(language, preset.draw, usual))  # fmt: skip
        found.insert(0, paper)
    return found


def unstated(language: str, rules: Rules, preset: Preset) -> list[str]:
    """What the notice behind the preset is silent on, so that a default of ours stands in the rules: names with values."""
    silent = [name for name in SHOWN if name in preset.unstated and getattr(rules, name) == getattr(preset.rules, name)]
    return [named(language, name, value(language, name, rules)) for name in silent]


def named(language: str, name: str, said: str) -> str:
    """「合格线：60 分（含）以上」."""
    return say(language, "notice.named", name=say(language, f"notice.name_{name}"), value=said)


def value(language: str, name: str, rules: Rules) -> str:
    """The value of one parameter in words."""
    found = getattr(rules, name)
    match name:
        case "minutes":
            return say(language, "notice.minutes", minutes=found) if found else say(language, "notice.no_limit")
        case "attempts":
            return say(language, "notice.times", times=found)
        case "pass_line" | "excellent_line":
            return say(language, "notice.line", line=found)
        case "hall":
            return say(language, "notice.yes" if found else "notice.no")
        case "postings":
            return say(language, "notice.comma").join(found)
        case "makeup":
            return _makeup(language, found)
        case "release":
            return say(language, f"notice.release_{found}")
    return say(language, f"notice.{name}_{found}")


def _makeup(language: str, own: Makeup | None) -> str:
    if own is None:
        return say(language, "notice.makeup_none")
    who = say(language, "notice.comma").join(say(language, f"notice.makeup_{each}") for each in own.who)
    said = [say(language, "notice.makeup_when", who=who, after=own.after_days, days=own.days)]
    if own.attempts is not None:
        said.append(say(language, "notice.times", times=own.attempts))
    if own.minutes is not None:
        said.append(say(language, "notice.minutes", minutes=own.minutes))
    if own.pass_line is not None:
        said.append(say(language, "notice.makeup_line", line=own.pass_line))
    return say(language, "notice.semicolon").join(said)


def _line(language: str, line: Draw, worth: int | None) -> str:
    kind = say(language, f"quiz.kind_{line.kind.value}") if line.kind else say(language, "notice.any_kind")
    if worth is None:
        return say(language, "notice.count", kind=kind, count=line.count)
    return say(language, "notice.count_worth", kind=kind, count=line.count, worth=points(worth))
