"""A plan written as YAML is the same plan when it is read."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes import presets
from quizzes.content.plan_file import read_plans
from quizzes.content.plan_writing import to_yaml
from quizzes.content.problems import Problems
from quizzes.content.sources import UNSEEN
from quizzes.plans import Audience, Draw, Plan, Report, Variant
from quizzes.questions import Kind
from quizzes.rules import Makeup, Rules
from tests.engine import DAILY
from tests.quizzes.content.files import write

EXAM = Plan(
    "exam-20261201", "年度：学法考试 #1", time(9), time(17, 30), days=(date(2026, 12, 1),), closes_after=9, counts="assessed",
    notice="城南普法〔2026〕3号", who=Audience(("住建局",), ("公务员",), ("NO",), enforcement=False),
    draw=(Draw(20, Kind.SINGLE, "裁量", (2, 4), ("行政处罚法",)), Draw(2, Kind.CASE)), avoid_repeats_days=30,
    rules=Rules(80, 90, 2, 60, "last", ("编制",), ((Kind.SINGLE, 250), (Kind.CASE, 2500)), "half", "finish", "never", True,
                Makeup(("failed",), 7, 2, 1, 45, 70)),
    remind_at=(time(10), time(16)), remind_most=4, hand_over_days=2,
    variants=(Variant(Audience(enforcement=True), (Draw(4, Kind.CASE),)),), report=Report("leaders", "close"),
)  # fmt: skip


def again(folder, plan):
    problems = Problems("plans.yaml")
    found = read_plans(write(folder, "plans.yaml", to_yaml(plan)), problems)
    assert problems.found() == []
    return found[0].plan


@pytest.mark.parametrize(
    "plan",
    [EXAM, DAILY, replace(DAILY, days=("tue", "thu")), replace(EXAM, who=Audience(), rules=Rules())],
    ids=range(4),
)
def test_a_plan_survives_being_written(tmp_path, plan):
    assert again(tmp_path, plan) == plan


@pytest.mark.parametrize("key", presets.names())
def test_whatever_a_preset_says_can_be_written_in_plans(tmp_path, key):
    preset = presets.get(key)
    plan = replace(DAILY, draw=preset.draw or (Draw(5),), rules=preset.rules)
    assert again(tmp_path, plan) == plan


@pytest.mark.parametrize(
    "title", ["08", "NO", "16:30", "2026-12-01", "1.50", "null", "7", "a: b", "- 甲", "#1", "~", "“引号”", "'", '"']
)
def test_what_yaml_would_take_for_something_else_is_quoted(tmp_path, title):
    assert again(tmp_path, replace(DAILY, title=title)).title == title


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=40)
    .map(str.strip)
    .filter(lambda text: text and not UNSEEN.search(text))
)
def test_any_title_survives(tmp_path_factory, title):
    plan = replace(DAILY, title=title)
    assert again(tmp_path_factory.mktemp("w"), plan).title in (title, unicodedata.normalize("NFC", title))
