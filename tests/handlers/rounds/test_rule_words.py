"""Rules in an officer's words: every parameter has a name and a value in both languages."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from handlers.rounds import rule_words
from handlers.words import LANGUAGES
from quizzes import presets
from quizzes.plans import Draw
from quizzes.questions import Kind
from quizzes.rules import Makeup, Rules

JINING = presets.get("jining-2023")
CHANGES = {
    "pass_line": 70, "excellent_line": 95, "attempts": 3, "minutes": None, "score": "last", "postings": ("编制", "借调"), "partial": "half",
    "late": "finish", "release": "never", "hall": True, "makeup": None,
}  # fmt: skip


def test_every_parameter_is_said_and_points_with_the_paper():
    assert {*rule_words.SHOWN, "points"} == {field.name for field in fields(Rules)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", presets.names())
def test_every_preset_can_be_said_in_both_languages(language, key):
    preset = presets.get(key)
    said = rule_words.rules_in_words(language, preset.rules)
    assert len(said) == len(rule_words.SHOWN)
    assert not any("{" in line for line in said)


def test_what_the_rules_say_is_said():
    assert rule_words.rules_in_words("zh", JINING.rules) == [
        "时长：60 分钟", "次数：1 次", "取分：取最高分", "合格线：80 分（含）以上", "优秀线：90 分（含）以上", "多选漏选：不得分",
        "补考：缺考、未合格，结束后第 1 天起，共 4 天", "公布答案：本场结束后", "截止时没做完：到截止时间收卷", "集中考试：否",
        "计入应考的人事关系：编制、挂职、驻村",
    ]  # fmt: skip


def test_the_make_ups_own_rules_are_said_where_they_differ():
    rules = replace(JINING.rules, makeup=Makeup(("failed",), 7, 2, 1, 45, 70))
    assert rule_words.value("zh", "makeup", rules) == "未合格，结束后第 7 天起，共 2 天；1 次；45 分钟；70 分合格"


def test_a_paper_is_said_with_its_sum_or_with_equal_weights():
    draw = (Draw(20, Kind.SINGLE), Draw(2, Kind.CASE))
    rules = Rules(points=((Kind.SINGLE, 250), (Kind.CASE, 2500)))
    assert rule_words.paper_in_words("zh", draw, rules) == "单选题 20 题每题 2.5 分、案例题 2 题每题 25 分，合计 100 分"
    assert rule_words.paper_in_words("zh", (Draw(50),), Rules()) == "不分题型 50 题，各题分值相同"


@pytest.mark.parametrize("name", CHANGES)
def test_one_change_is_one_difference_with_both_values(name):
    changed = replace(JINING.rules, **{name: CHANGES[name]})
    [said] = rule_words.differing("zh", changed, JINING.draw, JINING)
    now, usual = (rule_words.value("zh", name, rules) for rules in (changed, JINING.rules))
    assert said.endswith(f"：{now}（模板：{usual}）")
    assert now != usual


def test_another_paper_is_a_difference_and_the_same_is_none():
    assert rule_words.differing("zh", JINING.rules, JINING.draw, JINING) == []
    [said] = rule_words.differing("zh", replace(JINING.rules, points=()), (Draw(50),), JINING)
    assert said.startswith("试卷：不分题型 50 题，各题分值相同（模板：单选题 40 题")


def test_a_preset_that_names_no_paper_differs_from_none():
    default = presets.get("default")
    assert rule_words.differing("zh", default.rules, (Draw(50),), default) == []


def test_what_the_notice_is_silent_on_is_said_until_the_form_says_it():
    silent = rule_words.unstated("zh", JINING.rules, JINING)
    assert "次数：1 次" in silent
    assert not any(line.startswith("合格线") for line in silent)
    assert "次数：2 次" not in rule_words.unstated("zh", replace(JINING.rules, attempts=2), JINING)
