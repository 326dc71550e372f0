"""The exam form: a notice copied into it is a plan, and a mistake is said at its line, together with all others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes import presets
from quizzes.notice_form import LABELS, read, reads_like_one
from quizzes.notice_values import Known
from quizzes.plans import Audience, Draw, Plan, plan_from_json, to_json
from quizzes.questions import Kind
from quizzes.rules import Makeup, Rules

KNOWN = Known(("住建局", "司法局"), ("公务员",), ())
NOW = datetime.fromisoformat("2026-11-24T10:00")
JINING = """\
【新考试】
考试名称：2026年度学法用法考试
依据文号：城南普法〔2026〕3号
开考时间：2026-12-01 09:00
结束时间：2026-12-10 17:00
参照模板：济宁2023
"""
FULL = """\
范围: 住建局、司法局
提醒：9:30
集中考试（是、否）：是
何时公布答案：结束后
补考(对象，时间)：缺考、未合格，2027-01-10 至 2027-01-12
漏选得分：得一半
题型与分值：单选20题每题2分、多选10题每题3分、判断15题每题2分
优秀线：85
合格线：70分
取最高/最后：最后
次数：2次
时长（分钟）：90

结束时间：2026年12月10日17时
开考时间：2026年12月1日9时
依据文号：城南普法〔2026〕3号
考试名称：年度考试：第一批
"""


def fill(text, known=KNOWN):
    return read(text, known, NOW, "exam-20261201")


def troubles(text):
    return [(each.line, each.name, each.code) for each in fill(text).troubles]


def test_what_is_left_empty_is_as_in_the_preset():
    found = fill(JINING)
    preset = presets.get("jining-2023")
    assert found.troubles == ()
    assert found.plan == Plan(
        "exam-20261201", "2026年度学法用法考试", time(9), time(17), days=(date(2026, 12, 1),), closes_after=9, counts="assessed",
        notice="城南普法〔2026〕3号", draw=preset.draw, rules=preset.rules, remind_at=(time(10),), remind_most=4, hand_over_days=2,
    )  # fmt: skip


def test_empty_lines_and_missing_lines_mean_the_same():
    empty = "".join(
        f"{labels[0]}：\n"
        for name, labels in LABELS.items()
        if name not in ("title", "notice", "opens", "closes", "preset")
    )
    assert fill(JINING + empty).plan == fill(JINING).plan


def test_everything_can_be_said_in_any_order_with_either_colon():
    found = fill(FULL + "参照模板：默认考试")
    assert found.troubles == ()
    assert found.plan is not None
    assert found.plan.title == "年度考试：第一批"
    assert found.plan.who == Audience(("住建局", "司法局"))
    assert found.plan.draw == (Draw(20, Kind.SINGLE), Draw(10, Kind.MULTIPLE), Draw(15, Kind.JUDGE))
    assert found.plan.remind_at == (time(9, 30),)
    assert found.plan.rules == Rules(
        70, 85, 2, 90, "last", points=((Kind.SINGLE, 200), (Kind.MULTIPLE, 300), (Kind.JUDGE, 200)), partial="half", release="closed",
        hall=True, makeup=Makeup(after_days=31, days=3),
    )  # fmt: skip


def test_without_a_preset_the_default_exam_stands_behind_it():
    text = JINING.replace("参照模板：济宁2023\n", "题型与分值：单选50题每题2分\n")
    found = fill(text)
    assert found.preset.key == "default"
    assert found.plan is not None
    assert found.plan.rules == replace(presets.get("default").rules, points=((Kind.SINGLE, 200),))


def test_every_label_is_read_in_every_way_it_may_be_written():
    for name, labels in LABELS.items():
        for label in labels:
            for written in (f"{label}：x", f"  {label.upper()} : x", f"{label}（说明）：x"):
                assert reads_like_one(written), (name, written)
    assert not reads_like_one("今天天气：好\n请问怎么考")


def test_no_two_fields_share_a_label():
    every = [label for labels in LABELS.values() for label in labels]
    assert len(every) == len(set(every))


def test_all_mistakes_are_named_by_line_at_once():
    text = """\
考试名称：
依据文号：城南普法〔2026〕3号
开考时间：12月1日
结束时间：2026-12-10 17:00
时长：很久
题型与分值：论述2题
补考：以后再说
考试名称：年度考试
监考老师：王敏
随便一行
参加范围：住建
参照模板：火星2030
"""
    assert troubles(text) == [
        (1, "title", "needed"),
        (3, "opens", "moment"),
        (5, "minutes", "number"),
        (6, "paper", "paper"),
        (7, "makeup", "makeup"),
        (8, "title", "twice"),
        (9, "", "no_field"),
        (10, "", "no_field"),
        (11, "who", "who_close"),
        (12, "preset", "preset"),
    ]


def test_what_does_not_fit_together_is_said_beside_what_cannot_be_read():
    text = (
        JINING.replace("2026-12-01 09:00", "12月1日")
        + "题型与分值：单选40题每题2分\n优秀线：70\n集中考试：是\n时长：不限\n"
    )
    assert troubles(text) == [
        (4, "opens", "moment"), (7, "paper", "paper_not_100"), (8, "excellent_line", "lines_crossed"), (9, "hall", "hall_without_minutes"),
    ]  # fmt: skip


def test_nothing_is_said_twice_about_one_mistake():
    assert troubles(JINING + "优秀线：70\n合格线：八十\n集中考试：是\n时长：很久\n") == [
        (8, "pass_line", "number"),
        (10, "minutes", "number"),
    ]


def test_lines_that_are_not_there_are_asked_for_last():
    assert troubles("合格线：600\n题型与分值：单选50题") == [
        (1, "pass_line", "number"), (0, "title", "needed"), (0, "notice", "needed"), (0, "opens", "needed"), (0, "closes", "needed"),
    ]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("2026-12-10 17:00", "2026-12-01 08:00", (5, "closes", "closes_first")),
    ("2026-12-01 09:00", "2026-11-24 10:00", (4, "opens", "past")),
    ("2026-12-01 09:00", "9999-12-31 23:00", (4, "opens", "far_ahead")),
    ("2026-12-10 17:00", "2028-12-10 17:00", (5, "closes", "too_far")),
    ("2026-12-10 17:00\n", "2026-12-01 10:00\n时长：90\n", (6, "minutes", "longer_than_open")),
    ("2026-12-10 17:00", "2026-12-01 09:59", (5, "closes", "longer_than_open")),
    ("参照模板", "优秀线：60\n参照模板", (6, "excellent_line", "lines_crossed")),
    ("参照模板", "题型与分值：单选40题每题2分\n参照模板", (6, "paper", "paper_not_100")),
    ("济宁2023", "每日练习", (6, "preset", "preset")),
    ("济宁2023", "湖南2019", (0, "paper", "paper_needed")),
    ("参照模板", "时长：不限\n集中考试：是\n参照模板", (7, "hall", "hall_without_minutes")),
    ("2026-12-10 17:00\n", "2026-12-01 17:00\n提醒：18:00\n", (6, "remind", "remind_outside")),
])  # fmt: skip
def test_what_does_not_fit_together_is_said_of_the_line_that_can_mend_it(old, new, expected):
    assert old in JINING
    assert troubles(JINING.replace(old, new)) == [expected]


def test_an_exam_of_one_afternoon_has_no_reminder_before_it_opens_and_no_handing_over():
    text = JINING.replace("2026-12-01 09:00", "2026-12-10 14:00")
    plan = fill(text).plan
    assert plan is not None
    assert (plan.remind_at, plan.remind_most, plan.hand_over_days) == ((), None, None)


def test_no_reminders_can_be_asked_for():
    plan = fill(JINING + "提醒时间：不提醒").plan
    assert plan is not None
    assert (plan.remind_at, plan.remind_most) == ((), None)


@pytest.mark.parametrize("text", ["", "：", "：：：", "考试名称：" + "长" * 5000, "\n\n", "考试名称：\0"])
def test_any_text_is_answered_with_troubles(text):
    assert fill(text).plan is None
    assert fill(text).troubles


ANYTHING = st.lists(
    st.tuples(
        st.sampled_from([label for labels in LABELS.values() for label in labels]),
        st.sampled_from(["单选1题每题100分", "2026-12-01 09:00", "2026-12-02 09:00", "60", "全体", "无", "缺考", "是", "济宁2023", "最高"]) | st.text(max_size=20),
    ),
    max_size=20,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_whatever_is_filled_in_gives_a_plan_or_says_what_is_wrong(lines):
    found = fill("\n".join(f"{label}：{value}" for label, value in lines))
    assert (found.plan is None) == bool(found.troubles)
    if found.plan is not None:
        assert plan_from_json(json.loads(json.dumps(to_json(found.plan)))) == found.plan
