"""规则模板: each published notice is walked in the notice's own terms; where a notice is silent, a default of ours is said to be one."""

from __future__ import annotations

from dataclasses import fields

import pytest

from quizzes import presets
from quizzes.content.plan_checks import check_points, check_rules
from quizzes.content.problems import ContentRefused
from quizzes.grading import excellent, passed
from quizzes.plans import Draw
from quizzes.questions import Kind
from quizzes.rates import HandIn, result
from quizzes.rules import Makeup, Rules

NOTICES = [key for key in presets.names() if key not in ("daily", "default")]
SINGLE, MULTIPLE, JUDGE = Kind.SINGLE, Kind.MULTIPLE, Kind.JUDGE


def counted(rules: Rules, *scores: int) -> int | None:
    """What counts of several sittings, in whole points."""
    score = result([HandIn(100 * each, 1) for each in scores], rules).score
    return None if score is None else score // 100


def composition(key: str) -> list[tuple[Kind | None, int, int]]:
    """(kind, questions, hundredths each) as the notice lists them."""
    preset = presets.get(key)
    points = dict(preset.rules.points)
    return [(line.kind, line.count, points.get(line.kind, 0)) for line in preset.draw]


def total(key: str) -> int:
    """What the paper adds up to, in whole points."""
    return sum(count * worth for _, count, worth in composition(key)) // 100


# Each notice. ----------------------------------------------------------------------------------------------------------


def test_guangdong_2025_three_sittings_of_which_the_best_counts_and_no_make_up():
    rules = presets.get("guangdong-2025").rules
    assert rules.attempts == 3
    assert counted(rules, 58, 91, 74) == 91, "高分覆盖低分"
    assert [passed(score, rules) for score in (5999, 6000)] == [False, True], "60分(含)合格"
    assert [excellent(score, rules) for score in (8999, 9000)] == [False, True], "90分(含)优秀"
    assert rules.makeup is None
    assert "makeup" in presets.get("guangdong-2025").stated
    assert presets.get("guangdong-2025").draw == ()


def test_shaoguan_2014_one_sitting_of_two_hours_over_fifty_questions():
    preset = presets.get("shaoguan-2014")
    assert (preset.rules.attempts, preset.rules.minutes) == (1, 120), "不能重复考试，120 分钟"
    assert preset.draw == (Draw(50),)
    assert {"pass_line", "makeup", "points"} <= set(preset.unstated)


@pytest.mark.parametrize(("key", "days"), [("jining-2021", 3), ("jining-2023", 4)])
def test_jining_80_passes_and_the_absent_and_those_below_80_make_it_up(key, days):
    rules = presets.get(key).rules
    assert composition(key) == [(SINGLE, 40, 100), (MULTIPLE, 20, 200), (JUDGE, 20, 100)], "40×1＋20×2＋20×1"
    assert total(key) == 100
    assert rules.minutes == 60
    assert [passed(score, rules) for score in (7999, 8000)] == [False, True], "80分(含)以上合格"
    assert rules.makeup is not None
    assert set(rules.makeup.who) == {"absent", "failed"}
    assert rules.makeup.days == days, "12月13日至15日；1月29日至2月1日"
    assert rules.for_makeup().pass_line == 80
    assert "attempts" in presets.get(key).unstated


def test_the_two_years_of_jining_differ_in_the_days_of_the_make_up_alone():
    older, newer = (presets.get(key).rules for key in ("jining-2021", "jining-2023"))
    assert [field.name for field in fields(Rules) if getattr(older, field.name) != getattr(newer, field.name)] == [
        "makeup"
    ]


def test_qinghai_2017_three_sittings_of_ninety_minutes_and_a_day_of_make_up():
    preset = presets.get("qinghai-2017")
    assert (preset.rules.attempts, preset.rules.minutes, preset.rules.pass_line) == (3, 90, 60)
    assert preset.draw == (Draw(50),)
    assert preset.rules.makeup == Makeup(days=1)
    assert "score" in preset.unstated


def test_qinghai_2020_fifty_questions_and_60_to_pass():
    preset = presets.get("qinghai-2020")
    assert (preset.draw, preset.rules.pass_line) == ((Draw(50),), 60)
    assert preset.stated == {"pass_line"}
    assert "当年退休" in "".join(preset.notes["zh"])


def test_xinjiang_2017_two_sittings_of_which_the_better_counts_and_a_day_of_make_up():
    rules = presets.get("xinjiang-2017").rules
    assert composition("xinjiang-2017") == [(SINGLE, 25, 200), (MULTIPLE, 10, 300), (JUDGE, 10, 200)], (
        "25×2＋10×3＋10×2"
    )
    assert total("xinjiang-2017") == 100
    assert (rules.attempts, rules.minutes, counted(rules, 81, 66)) == (2, 90, 81)
    assert rules.makeup is not None
    assert rules.makeup.days == 1


def test_hunan_2019_60_passes_there_is_a_make_up_and_the_kinds_are_not_guessed():
    preset = presets.get("hunan-2019")
    assert passed(6000, preset.rules)
    assert preset.rules.makeup == Makeup()
    assert preset.draw == ()
    assert "20 题各 2 分、30 题各 1 分、15 题各 2 分" in "".join(preset.notes["zh"])


def test_guangxi_2015_adds_up_and_takes_ninety_minutes():
    assert composition("guangxi-2015") == [(SINGLE, 25, 200), (MULTIPLE, 10, 300), (JUDGE, 20, 100)], "25×2＋10×3＋20×1"
    assert total("guangxi-2015") == 100
    assert presets.get("guangxi-2015").rules.minutes == 90
    assert "pass_line" in presets.get("guangxi-2015").unstated


def test_jiangsu_2022_forty_questions_weigh_two_and_a_half_each_and_the_better_of_two_counts():
    preset = presets.get("jiangsu-2022")
    assert preset.draw == (Draw(40),)
    assert preset.rules.points == (), "各题分值相同：100÷40＝2.5"
    assert (preset.rules.minutes, counted(preset.rules, 70, 95)) == (90, 95)
    assert "pass_line" in preset.unstated, "通知没有设合格线"


def test_chenzhou_80_passes_one_sitting_and_one_make_up():
    rules = presets.get("chenzhou").rules
    assert [passed(score, rules) for score in (7999, 8000)] == [False, True]
    assert (rules.attempts, rules.for_makeup().attempts) == (1, 1)
    assert "failed" in rules.makeup.who if rules.makeup else False


def test_the_default_exam_is_the_one_suggested():
    rules = presets.get("default").rules
    assert (rules.pass_line, rules.excellent_line, rules.attempts, rules.minutes, rules.score) == (
        60,
        90,
        2,
        60,
        "best",
    )
    assert rules.makeup == Makeup()


def test_the_daily_quiz_has_the_rules_of_no_exam():
    assert presets.get("daily").rules == Rules()
    assert not presets.get("daily").rules.exam


# All of them. ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", presets.names())
def test_a_preset_is_sound_and_survives_being_frozen(key):
    preset = presets.get(key)
    assert list(check_rules(preset.rules)) == []
    if preset.rules.points:
        assert list(check_points(preset.rules, preset.draw, ())) == []
    assert Rules.from_json(preset.rules.to_json()) == preset.rules
    assert preset.key == key


@pytest.mark.parametrize("key", NOTICES)
def test_what_a_notice_does_not_state_is_our_default_and_nothing_else(key):
    preset = presets.get(key)
    ours = {"release": "closed"}
    for name in preset.unstated:
        assert getattr(preset.rules, name) == ours.get(name, getattr(Rules(), name)), name


@pytest.mark.parametrize("key", NOTICES)
def test_a_preset_says_that_the_notice_of_the_year_decides(key):
    assert presets.get(key).labels["zh"] == "据公开通知整理，以当年通知为准"
    assert presets.get(key).source


@pytest.mark.parametrize("key", presets.names())
def test_both_languages_say_as_much(key):
    preset = presets.get(key)
    assert len(preset.notes["zh"]) == len(preset.notes["en"])
    assert not any("！" in note or "!" in note for several in preset.notes.values() for note in several)


def test_a_preset_is_found_by_its_key_or_its_title():
    for said in ("jining-2023", "济宁2023", "济宁 2023", "Jining 2023", "JINING-2023"):
        found = presets.named(said)
        assert found is not None, said
        assert found.key == "jining-2023"
    assert presets.named("济宁") is None


def test_an_unknown_key_is_a_key_error():
    with pytest.raises(KeyError):
        presets.get("../starter/plans")


def test_a_preset_with_mistakes_is_refused_with_all_of_them(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("title: {zh: 某地}\nlabel: {zh: 甲, en: b}\nsource: 某通知。\nnotes: {}\nrules: {pass_line: 600}\n")
    with pytest.raises(ContentRefused) as refused:
        presets.read(path, "x")
    assert [(p.line, p.code) for p in refused.value.problems] == [(1, "missing_key"), (5, "number_too_large")]
