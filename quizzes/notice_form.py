"""考试安排表: a notice as an officer copied it into the form, read to a plan, or to everything that is wrong with it, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any

from quizzes import notice_values as values
from quizzes import presets
from quizzes.content.plan_checks import check_plan
from quizzes.notice_values import Known, Paper, Unfit
from quizzes.plans import Audience, Plan
from quizzes.presets import Preset
from quizzes.rules import Makeup, Rules

LABELS: Mapping[str, tuple[str, ...]] = {
    "title": ("考试名称", "名称", "exam title"),
    "notice": ("依据文号", "文号", "依据", "notice"),
    "opens": ("开考时间", "开始时间", "opens"),
    "closes": ("结束时间", "截止时间", "closes"),
    "minutes": ("时长", "考试时长", "minutes"),
    "attempts": ("次数", "考试次数", "attempts"),
    "score": ("取最高/最后", "取最高或最后", "取分", "which counts"),
    "pass_line": ("合格线", "pass line"),
    "excellent_line": ("优秀线", "excellent line"),
    "paper": ("题型与分值", "题型和分值", "题型", "paper"),
    "partial": ("漏选得分", "漏选", "少选得分", "incomplete choice"),
    "makeup": ("补考", "make-up"),
    "release": ("何时公布答案", "公布答案", "answers shown"),
    "hall": ("集中考试", "in a hall"),
    "who": ("参加范围", "范围", "参加人员", "who sits"),
    "remind": ("提醒时间", "提醒", "reminders"),
    "preset": ("参照模板", "模板", "preset"),
}
"""Field: how it may be called in the form; the first of each language stands in the form that is sent."""
NEEDED = ("title", "notice", "opens", "closes")
REMIND_AT, REMIND_MOST, HAND_OVER = (time(10),), 4, 2
"""Those still missing are reminded at ten, four times at most; two days before the close their names go to the liaison."""
RULES = ("minutes", "attempts", "score", "pass_line", "excellent_line", "partial", "release", "hall")

_LINE = re.compile(r"\s*([^:：]{1,80})[:：](.*)", re.DOTALL)
_HINT = re.compile(r"\(.*?\)")
_HEAD = re.compile(r"\s*(?:【.*】|\[.*\])?\s*")
_READ: Mapping[str, Callable[[str], Any]] = {
    "title": values.text_of(100),
    "notice": values.text_of(100),
    "opens": values.moment,
    "closes": values.moment,
    "minutes": values.minutes,
    "attempts": values.number(1, 100),
    "score": values.one_of({"最高": "best", "最后": "last", "best": "best", "last": "last"}, "score"),
    "pass_line": values.number(1, 100),
    "excellent_line": values.number(1, 100),
    "paper": values.paper,
    "partial": values.one_of({"不得": "none", "一半": "half", "none": "none", "half": "half"}, "partial"),
    "release": values.one_of({"不公布": "never", "never": "never", "交卷": "handed_in", "hand": "handed_in", "结束": "closed",
                              "截止": "closed", "close": "closed"}, "release"),
    "hall": values.one_of({"否": "", "不": "", "no": "", "是": "1", "yes": "1"}, "hall"),
    "remind": values.clocks,
}  # fmt: skip
_PLACES = {
    "remind": ("remind",),
    "paper": ("paper",),
    "closes": ("closes",),
    "hall": ("rules", "hall"),
    "release": ("rules", "release"),
    "minutes": ("rules",),
}
_MENDED_BY = {"lines_crossed": "excellent_line"}
_BESIDE = {"excellent_line": ("pass_line", "makeup"), "hall": ("minutes",)}
_SOME_DAYS = (datetime.fromisoformat("2026-01-01T00:00"), datetime.fromisoformat("2026-01-31T23:00"))
"""Stand in where the form does not say when."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One mistake. `line` counts from 1 (0: the line is not there); `name` is a key of LABELS, "" for a line that is none; `code` and
    `values` find and fill the sentence."""

    line: int
    name: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """A form as read: the plan if nothing is wrong, the preset it stands on, and everything that is wrong."""

    plan: Plan | None
    preset: Preset
    troubles: tuple[Trouble, ...] = ()


@dataclass(slots=True)
class _Reading:
    """One pass over a form: what was written, where, and what was made of it."""

    known: Known
    written: dict[str, tuple[int, str]] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)

    def trouble(self, name: str, code: str, **said: object) -> None:
        line = self.written.get(name, (0, ""))[0]
        self.troubles.append(Trouble(line, name, code, {key: str(value) for key, value in said.items()}))

    def take(self, name: str, reader: Callable[[str], Any]) -> None:
        text = self.written.get(name, (0, ""))[1]
        if not text:
            return
        try:
            self.found[name] = reader(text)
        except Unfit as error:
            self.trouble(name, error.code, **error.values)


def reads_like_one(text: str) -> bool:
    """Whether any line of a text is a field of the form."""
    return any(_field(line)[0] for line in text.splitlines())


def read(text: str, known: Known, now: datetime, key: str) -> Read:
    """The plan called `key` that a filled form asks for. `now` is local and without a zone, as the form's own times are. What is left
    empty is as in the preset it names (the default exam if it names none)."""
    form = _Reading(known)
    _lines(text, form)
    preset = _preset(form)
    for name, reader in _READ.items():
        form.take(name, reader)
    form.take("who", lambda said: values.audience(said, known))
    _check_needed(form, preset)
    _check_times(form, preset, now)
    if "closes" in form.found:
        base, closes_on = preset.rules.makeup or Makeup(), form.found["closes"].date()
        form.take("makeup", lambda said: values.makeup(said, base, closes_on))
    plan = _plan(form, preset, key) if _bounded(form) else None
    _check_together(form, plan or _plan(form, preset, key, *_SOME_DAYS))
    troubles = tuple(
        sorted(form.troubles, key=lambda each: (each.line or 10_000, list(LABELS).index(each.name or "title")))
    )
    return Read(None if troubles else plan, preset, troubles)


def _lines(text: str, form: _Reading) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        name, value = _field(line)
        if name and name in form.written:
            form.troubles.append(Trouble(number, name, "twice", {"line": str(form.written[name][0])}))
        elif name:
            form.written[name] = (number, value)
        elif not _HEAD.fullmatch(line):
            form.troubles.append(Trouble(number, "", "no_field", {"written": line.strip()[:30]}))


def _field(line: str) -> tuple[str, str]:
    """(the field a line fills, what it says), or ("", "")."""
    parts = _LINE.fullmatch(line)
    if parts is None:
        return "", ""
    label = "".join(_HINT.sub("", values.plain(parts[1])).split()).casefold()
    for name, labels in LABELS.items():
        if label in {"".join(each.split()).casefold() for each in labels}:
            return name, parts[2].strip()
    return "", ""


def _preset(form: _Reading) -> Preset:
    default = presets.get(presets.DEFAULT)
    text = form.written.get("preset", (0, ""))[1]
    found = presets.named(text) if text else default
    if found is None or not found.rules.exam:
        form.trouble("preset", "preset", written=text)
        return default
    return found


def _check_needed(form: _Reading, preset: Preset) -> None:
    for name in NEEDED:
        if not form.written.get(name, (0, ""))[1]:
            form.trouble(name, "needed")
    unclear = any(each.name == "preset" for each in form.troubles)
    if not (preset.draw or unclear or form.written.get("paper", (0, ""))[1]):
        form.trouble("paper", "paper_needed", preset=preset.titles["zh"])


def _check_times(form: _Reading, preset: Preset, now: datetime) -> None:
    opens, closes = form.found.get("opens"), form.found.get("closes")
    if opens and opens <= now:
        form.trouble("opens", "past")
    elif opens and (opens - now).days > 732:
        form.trouble("opens", "far_ahead")
        return
    if not (opens and closes):
        return
    length = closes - opens
    minutes = form.found.get("minutes", preset.rules.minutes)
    if length.total_seconds() <= 0:
        form.trouble("closes", "closes_first")
    elif length.days > 366:
        form.trouble("closes", "too_far")
    elif minutes and minutes * 60 > length.total_seconds():
        form.trouble("minutes" if "minutes" in form.found else "closes", "longer_than_open", minutes=minutes)


def _bounded(form: _Reading) -> bool:
    """Whether the form says when the exam opens and closes."""
    return {"opens", "closes"} <= set(form.found) and not any(
        each.name in ("opens", "closes") for each in form.troubles
    )


def _plan(form: _Reading, preset: Preset, key: str, *some_days: datetime) -> Plan:
    """The plan as far as it was read."""
    found = form.found
    opens, closes = some_days or (found["opens"], found["closes"])
    after = (closes.date() - opens.date()).days
    paper = found.get("paper") or Paper(preset.draw, preset.rules.points)
    remind = (
        found["remind"]
        if "remind" in found
        else tuple(at for at in REMIND_AT if after or opens.time() < at < closes.time())
    )
    return Plan(
        key, found.get("title", ""), opens.time(), closes.time(), days=(opens.date(),), closes_after=after, counts="assessed",
        notice=found.get("notice", ""), who=found.get("who", Audience()), draw=paper.draw, rules=_rules(found, preset.rules, paper),
        remind_at=remind, remind_most=REMIND_MOST if remind else None, hand_over_days=min(HAND_OVER, after) if after else None,
    )  # fmt: skip


def _rules(found: Mapping[str, Any], base: Rules, paper: Paper) -> Rules:
    changes = {name: found[name] for name in RULES if name in found}
    if "hall" in changes:
        changes["hall"] = bool(changes["hall"])
    if "makeup" in found:
        changes["makeup"] = found["makeup"]
    return replace(base, points=paper.points, **changes)


def _check_together(form: _Reading, plan: Plan) -> None:
    """What the parts of the plan ask of each other, said of the line that can mend it; nothing about lines that are wrong already."""
    wrong = {each.name for each in form.troubles}
    if "preset" in wrong:
        return
    for where, code, said in check_plan(plan):
        name = _MENDED_BY.get(code) or next(name for name, place in _PLACES.items() if where[: len(place)] == place)
        if not wrong & {name, *_BESIDE.get(name, ())}:
            form.trouble(name, code, **said)
