"""plans.yaml."""

from datetime import date, time

import pytest

from quizzes.content.plan_file import read_plans
from quizzes.content.problems import Problems
from quizzes.plans import Audience, Draw, Plan, Report, Variant
from quizzes.questions import Kind
from quizzes.rules import Makeup, Rules
from tests.quizzes.content.files import PLAN, places, write

DESIGNED = """\
plans:
  - plan: daily
    title: 每日一题
    counts: practice                           # or: assessed, with notice: 文号
    opens: {every: workday, at: "09:00"}       # or [tue, thu], or dates
    closes: {at: "18:00"}
    who: all
    paper: {draw: [{kind: single, count: 2}, {kind: judge, count: 1}], avoid_repeats_days: 60}
    rules: {preset: daily}
    remind: {at: ["16:30"]}
    report: {to: leaders, every: friday}
"""


def read(folder, text):
    problems = Problems("plans.yaml")
    plans = [placed.plan for placed in read_plans(write(folder, "plans.yaml", text), problems)]
    return plans, problems.found()


def plan(folder, old="", new=""):
    assert old in PLAN
    plans, problems = read(folder, PLAN.replace(old, new) if old else PLAN)
    assert problems == []
    return plans[0]


def test_the_plan_of_the_design_reads_as_it_says(tmp_path):
    plans, problems = read(tmp_path, DESIGNED)
    assert problems == []
    assert plans == [
        Plan(
            key="daily",
            title="每日一题",
            opens_at=time(9),
            closes_at=time(18),
            draw=(Draw(2, Kind.SINGLE), Draw(1, Kind.JUDGE)),
            avoid_repeats_days=60,
            remind_at=(time(16, 30),),
            report=Report("leaders", "friday"),
        )
    ]


def test_weekdays_stand_in_the_order_of_the_week(tmp_path):
    assert plan(tmp_path, "workday", "[thu, tue]").days == ("tue", "thu")


def test_dates_stand_in_order_and_once(tmp_path):
    found = plan(tmp_path, "every: workday", "dates: [2026-12-04, 2026-11-20, 2026-12-04]")
    assert found.days == (date(2026, 11, 20), date(2026, 12, 4))


def test_times_are_read_with_and_without_quotes(tmp_path):
    assert plan(tmp_path, '"09:00"', "09:00").opens_at == time(9)
    assert plan(tmp_path, '"18:00"', "18:00").closes_at == time(18)


def test_a_round_may_close_days_later_at_an_earlier_hour(tmp_path):
    found = plan(tmp_path, '{at: "18:00"}', '{at: "08:00", after: 10}')
    assert (found.closes_at, found.closes_after) == (time(8), 10)


def test_rules_are_the_preset_and_what_differs_from_it(tmp_path):
    rules = "rules: {preset: daily, attempts: 3, release: closed, score: last, postings: [编制]}\n    paper:"
    expected = Rules(attempts=3, release="closed", score="last", postings=("编制",))
    assert plan(tmp_path, "paper:", rules).rules == expected


EXAM = """\
plans:
  - plan: yearly
    title: 年度学法考试
    opens: {dates: [2026-12-01], at: "09:00"}
    closes: {at: "17:00", after: 9}
    paper:
      draw: [{kind: single, count: 30}, {kind: multiple, count: 15}, {kind: judge, count: 10}, {kind: case, count: 2}]
      for:
        - who: {ranks: [县处级正职, 县处级副职]}
          draw: [{kind: single, count: 40}, {kind: case, count: 4}]
        - who: {enforcement: true, units: [住建局]}
          draw: [{kind: multiple, count: 35}, {kind: case, count: 2}]
    rules:
      preset: default
      points: {single: 1, multiple: 2, judge: 1, case: 15}
      partial: half
      late: finish
      hall: true
      makeup: {who: [absent], after_days: 20, days: 2, attempts: 1, minutes: 90, pass_line: 70}
    remind: {at: ["16:30", "10:00"], most: 4, hand_over_days: 2}
"""


def test_every_parameter_of_an_exam_can_be_written(tmp_path):
    [found], problems = read(tmp_path, EXAM)
    assert problems == []
    assert found.rules == Rules(
        attempts=2, minutes=60, release="closed", partial="half", late="finish", hall=True,
        points=((Kind.SINGLE, 100), (Kind.MULTIPLE, 200), (Kind.JUDGE, 100), (Kind.CASE, 1500)),
        makeup=Makeup(("absent",), 20, 2, 1, 90, 70),
    )  # fmt: skip
    assert found.variants == (
        Variant(Audience(ranks=("县处级正职", "县处级副职")), (Draw(40, Kind.SINGLE), Draw(4, Kind.CASE))),
        Variant(Audience(units=("住建局",), enforcement=True), (Draw(35, Kind.MULTIPLE), Draw(2, Kind.CASE))),
    )
    assert (found.remind_at, found.remind_most, found.hand_over_days) == ((time(10), time(16, 30)), 4, 2)


def test_what_does_not_fit_together_in_an_exam_is_said_in_its_place_and_all_at_once(tmp_path):
    text = (
        EXAM.replace("preset: default", "minutes: 60")
        .replace("pass_line: 70", "pass_line: 95")
        .replace("count: 35", "count: 34")
    )
    text = text.replace("judge: 1, ", "").replace("hand_over_days: 2", "hand_over_days: 10")
    assert places(read(tmp_path, text)[1]) == [
        (7, 77, "kind_without_points"),
        (12, 17, "paper_not_100"),
        (14, 16, "minutes_without_exam"),
        (19, 78, "minutes_without_exam"),
        (19, 93, "lines_crossed"),
        (20, 63, "hand_over_before_opening"),
    ]


def test_a_preset_can_be_taken_apart_again(tmp_path):
    rules = "rules: {preset: jining-2023, points: {}, minutes: null, makeup: null}\n    paper:"
    assert plan(tmp_path, "paper:", rules).rules == Rules(pass_line=80, release="closed")


def test_the_audience_keeps_its_sides_apart(tmp_path):
    who = "who: {units: [住建局], enforcement: true}\n    paper:"
    assert plan(tmp_path, "paper:", who).who == Audience(units=("住建局",), enforcement=True)


def test_a_line_of_a_draw_may_ask_for_tag_difficulty_and_banks(tmp_path):
    found = plan(tmp_path, "count: 1", "count: 5, tag: 裁量, difficulty: [2, 4], banks: [行政处罚法]")
    assert found.draw == (Draw(5, Kind.SINGLE, "裁量", (2, 4), ("行政处罚法",)),)
    assert plan(tmp_path, "count: 1", "count: 1, difficulty: 3").draw[0].difficulty == (3, 3)


def test_an_assessed_plan_names_its_notice(tmp_path):
    found = plan(tmp_path, "title:", "counts: assessed\n    notice: 某普法办〔2026〕3号\n    title:")
    assert (found.counts, found.notice) == ("assessed", "某普法办〔2026〕3号")


def test_all_mistakes_of_all_plans_are_named(tmp_path):
    second = PLAN.removeprefix("plans:\n").replace("title:", "counts: assessed\n    titel:").replace("18:00", "25:00")
    assert places(read(tmp_path, PLAN.replace("18:00", "09:00") + second)[1]) == [
        (5, 13, "closes_before_opens"),
        (7, 5, "missing_key"),
        (7, 11, "duplicate_plan"),
        (8, 13, "assessed_without_notice"),
        (9, 5, "unknown_key_close"),
        (11, 18, "time_expected"),
    ]


def test_a_broken_plan_does_not_take_the_others_with_it(tmp_path):
    plans, problems = read(tmp_path, PLAN + "  - plan: 2\n")
    assert [one.key for one in plans] == ["daily"]
    assert problems


@pytest.mark.parametrize("at", ["09:00", "18:00", "20:00"])
def test_a_reminder_outside_the_hours_is_refused(tmp_path, at):
    _, problems = read(tmp_path, PLAN.replace("paper:", f'remind: {{at: ["10:00", "{at}"]}}\n    paper:'))
    assert [p.code for p in problems] == ["remind_outside"]
