"""What may stand behind the colons of the exam form, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from quizzes import notice_values as values
from quizzes.notice_values import Known, Paper, Unfit
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from quizzes.rules import Makeup

CLOSES = date(2026, 12, 10)
KNOWN = Known(("住建局", "司法局"), ("公务员",), ("县处级正职",))


def refused(reader, *arguments):
    with pytest.raises(Unfit) as raised:
        reader(*arguments)
    return raised.value.code


@pytest.mark.parametrize("said", [
    "2026-12-01 09:30", "2026-12-1 9:30", "2026年12月1日9时30分", "2026年12月1日 9点30分", "２０２６．１２．１　９：３０", "2026/12/01 09:30",
])  # fmt: skip
def test_a_moment_is_read_as_people_write_it(said):
    assert values.moment(said) == datetime.fromisoformat("2026-12-01T09:30")


def test_the_hour_alone_is_enough():
    assert values.moment("2026年12月1日9时") == datetime.fromisoformat("2026-12-01T09:00")


@pytest.mark.parametrize(
    "said", ["12月1日9:00", "2026-12-01", "2026-13-01 09:00", "2026-12-01 24:00", "明天上午", "2026-12-01 09:00 起"]
)
def test_a_moment_without_year_or_hour_is_not_guessed(said):
    assert refused(values.moment, said) == "moment"


@pytest.mark.parametrize(("said", "meant"), [("60", 60), ("60分", 60), ("６０ 分钟", 60), ("1次", 1)])
def test_numbers_may_carry_their_unit(said, meant):
    assert values.number(1, 100)(said) == meant


@pytest.mark.parametrize("said", ["0", "101", "六十", "60.5", "60-70"])
def test_other_numbers_are_refused(said):
    assert refused(values.number(1, 100), said) == "number"


def test_minutes_may_be_without_limit():
    assert [values.minutes(said) for said in ("90分钟", "不限", "无")] == [90, None, None]


@pytest.mark.parametrize("said", [
    "单选40题每题1分、多选20题每题2分、判断20题每题1分", "单选题40题，每题1分；多选题20题，每题2分；判断题20题，每题1分，共100分", "单选40×1，多选20×2，判断20×1",
    "40道单选题，每道1分。20道多选题，每道2分。20道判断题，每道1分。", "单项选择题：40题，每题1分、多项选择题20题（每题2分）、判断题：20题、每小题1分。",
    "40 single x 1, 20 multiple x 2, 20 judge x 1", "单选 40 题 各1分 多选 20 题 各2分 判断 20 题 各 1 分",
])  # fmt: skip
def test_the_composition_of_a_paper_is_read_as_notices_write_it(said):
    draw = (Draw(40, Kind.SINGLE), Draw(20, Kind.MULTIPLE), Draw(20, Kind.JUDGE))
    assert values.paper(said) == Paper(draw, ((Kind.SINGLE, 100), (Kind.MULTIPLE, 200), (Kind.JUDGE, 100)))


def test_a_paper_may_have_cases_halves_or_no_points_at_all():
    assert values.paper("案例2题每题25分、单选20题每题2.5分").points == ((Kind.SINGLE, 250), (Kind.CASE, 2500))
    assert values.paper("单选30题、判断20题") == Paper((Draw(30, Kind.SINGLE), Draw(20, Kind.JUDGE)), ())


@pytest.mark.parametrize(("said", "code"), [
    ("简答2题每题10分", "paper"), ("单选40题每题1分，论述1题", "paper"), ("50题", "paper"), ("单选40题每题1分、判断20题", "worth_missing"),
    ("单选10题每题1分、单选20题每题2分", "kind_twice"), ("单选3题每题3.33分", "worth"), ("单选0题每题1分", "count"), ("单选300题", "count"),
])  # fmt: skip
def test_a_paper_that_nobody_can_draw_is_refused(said, code):
    assert refused(values.paper, said) == code


@pytest.mark.parametrize(("said", "meant"), [
    ("无", None), ("不设", None), ("缺考", Makeup(("absent",))), ("缺考、未合格", Makeup()), ("不合格人员和缺考人员", Makeup()),
    ("缺考、未合格，2027-01-10 至 2027-01-12", Makeup(after_days=31, days=3)), ("未合格，12月20日", Makeup(("failed",), 10, 1)),
    ("未合格，结束后7天起，共2天", Makeup(("failed",), 7, 2)), ("2天", Makeup(days=2)), ("5天后", Makeup(after_days=5)),
])  # fmt: skip
def test_a_make_up_says_for_whom_and_when(said, meant):
    assert values.makeup(said, Makeup(), CLOSES) == meant


def test_what_a_make_up_does_not_say_is_as_in_the_preset():
    base = Makeup(("failed",), 20, 4, attempts=1)
    assert values.makeup("缺考", base, CLOSES) == Makeup(("absent",), 20, 4, attempts=1)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("缺考，以后再说", "makeup"),
        ("缺考，2026-12-01 至 2026-12-03", "makeup_before_close"),
        ("0天", "makeup"),
        ("缺考，400天后", "makeup"),
        ("2099-01-01", "makeup_far"),
    ],
)
def test_a_make_up_that_cannot_be_is_refused(said, code):
    assert refused(values.makeup, said, Makeup(), CLOSES) == code


def test_an_audience_is_all_or_what_exists():
    assert values.audience("全体", KNOWN) == Audience()
    assert values.audience("住建局、公务员，县处级正职", KNOWN) == Audience(("住建局",), ("公务员",), ("县处级正职",))
    assert values.audience("执法人员", KNOWN) == Audience(enforcement=True)


def test_an_unknown_name_is_asked_about_with_the_nearest():
    assert refused(values.audience, "住建", KNOWN) == "who_close"
    assert refused(values.audience, "xyz", KNOWN) == "who"


@pytest.mark.parametrize(
    ("said", "meant"), [("10:00、16:30", (time(10), time(16, 30))), ("9点", (time(9),)), ("不提醒", ())]
)
def test_times_of_reminders(said, meant):
    assert values.clocks(said) == meant


@pytest.mark.parametrize("said", ["每天", "10:00 每天", "25:00", "1:00 2:00 3:00 4:00 5:00 6:00"])
def test_other_times_are_refused(said):
    assert refused(values.clocks, said) == "clocks"


def test_a_text_keeps_what_can_be_seen_of_it():
    assert values.text_of(4)(" 年度\u200b考试 ") == "年度考试"
    assert refused(values.text_of(4), "年度考试吗") == "too_long"
    assert refused(values.text_of(4), "\u200b") == "needed"
