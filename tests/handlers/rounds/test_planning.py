"""新考试: from a filled form to an exam on the books, shown in words before it is arranged."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import select

from handlers.words import words
from quizzes import notice_form, presets
from quizzes.content.plan_file import read_plans
from quizzes.content.problems import Problems
from quizzes.notice_values import Known
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from quizzes.rounds import State
from storage import banks, form_plans, rounds, tables
from tests.engine import DAILY, QUESTIONS, Engine

FORM = """\
【新考试】
考试名称：年度学法考试
依据文号：城南普法〔2026〕3号
开考时间：2026-12-01 09:00
结束时间：2026-12-10 17:00
题型与分值：单选1题每题40分、多选1题每题40分、判断1题每题20分
参加范围：住建局
参照模板：济宁2023
"""


@pytest.fixture
def engine(database) -> Engine:
    made = Engine(database).with_bank(*QUESTIONS)
    made.person("王敏", "司法局", role="admin")
    made.person("张三", "住建局")
    made.person("李四", "住建局")
    return made


def said(engine: Engine, text: str) -> str:
    return "\n".join(reply.text for reply in engine.says("王敏", text))


def confirm(engine: Engine):
    [button] = [each for each in engine.heard["王敏"][-1].choices if each.label == "确认安排"]
    return engine.presses("王敏", button)


def booked(engine: Engine):
    return engine.read(lambda store: rounds.in_state(store, State.PLANNED))


def test_the_form_of_each_language_has_every_field_and_is_read_back(engine):
    for language, place in (("zh", 0), ("en", -1)):
        form = words(language)["notice.form"].format(preset=presets.get("jining-2023").titles[language])
        lines = {
            line.split("：" if language == "zh" else ":")[0].split("（")[0].split(" (")[0]
            for line in form.splitlines()[1:]
        }
        named = {labels[place].casefold() for labels in notice_form.LABELS.values()}
        assert {line.casefold() for line in lines} == named
        found = notice_form.read(form, Known(), engine.now.replace(tzinfo=None), "k")
        assert {each.code for each in found.troubles} == {"needed"}, "an empty form lacks only what must be filled in"
        assert found.preset.key == "jining-2023"


def test_a_form_comes_with_the_preset_and_its_notes(engine):
    about, form = engine.says("王敏", "新考试 xinjiang-2017")
    assert "新疆2017（据公开通知整理，以当年通知为准）" in about.text
    assert "本程序不记积分" in about.text
    assert form.text.endswith("参照模板：新疆2017")


def test_a_preset_nobody_knows_or_that_is_no_exam_offers_the_others(engine):
    for written in ("火星2030", "每日练习"):
        [reply] = engine.says("王敏", f"新考试 {written}")
        assert f"没有「{written}」这个模板" in reply.text
        assert len(reply.choices) == len(presets.names()) - 1


def test_a_filled_form_is_said_in_words_and_nothing_is_arranged_before_the_confirmation(engine):
    engine.says("王敏", "新考试")
    text = said(engine, FORM)
    for part in ("「年度学法考试」（城南普法〔2026〕3号）", "12月1日 09:00 至 12月10日 17:00", "参加：住建局", "合格线：80 分（含）以上", "时长：60 分钟",
                 "提醒：10:00，每人最多 4 次；结束前 2 天移交联络员", "与模板「济宁2023」不同：", "没有写明、按本程序默认的：次数：1 次",
                 "应考 2 人，涉及 1 个单位", "题库够抽", "现在还没有安排"):  # fmt: skip
        assert part in text, part
    assert booked(engine) == []
    assert engine.read(form_plans.keys) == frozenset()


def test_confirmed_it_is_on_the_books_with_its_plan_and_opens_at_its_hour(engine):
    engine.says("王敏", "新考试")
    engine.says("王敏", FORM)
    [reply] = confirm(engine)
    [what] = booked(engine)
    assert (what.plan_key, what.due_on, what.counts, what.notice) == (
        "exam-20261201",
        date(2026, 12, 1),
        "assessed",
        "城南普法〔2026〕3号",
    )
    assert what.audience == Audience(units=("住建局",))
    assert what.rules.pass_line == 80
    plan = engine.read(lambda store: rounds.plan_of(store, "exam-20261201"))
    assert plan is not None
    assert (plan.draw, plan.remind_at) == (
        (Draw(1, Kind.SINGLE), Draw(1, Kind.MULTIPLE), Draw(1, Kind.JUDGE)),
        (time(10),),
    )
    assert f"第 {what.id} 号" in reply.text
    engine.at("09:00", date(2026, 12, 1))
    assert [each.id for each in engine.read(lambda store: rounds.in_state(store, State.OPEN))] == [what.id]


def test_the_clock_does_not_put_it_on_the_books_a_second_time(engine):
    engine.says("王敏", "新考试")
    engine.says("王敏", FORM)
    confirm(engine)
    for day in (30, 1):
        engine.at("12:00", date(2026, 11 if day == 30 else 12, day))
    assert len(engine.read(lambda store: store.rows(select(tables.round_.c.id)))) == 1


def test_its_file_reads_as_the_same_plan_and_takes_its_place(engine, tmp_path):
    engine.says("王敏", "新考试")
    engine.says("王敏", FORM)
    [reply] = confirm(engine)
    [file] = reply.files
    path = tmp_path / "plans.yaml"
    path.write_bytes(file.content)
    problems = Problems(file.name)
    [placed] = read_plans(path, problems)
    assert problems.found() == []
    assert placed.plan == engine.read(lambda store: rounds.plan_of(store, "exam-20261201"))
    engine.with_plan(placed.plan)
    engine.at("12:00", date(2026, 11, 30))
    assert len(booked(engine)) == 1


def test_applying_the_workspace_leaves_it_in_force(engine):
    engine.says("王敏", "新考试")
    engine.says("王敏", FORM)
    confirm(engine)
    engine.write(lambda store: banks.apply_plans(store, [DAILY], engine.now))
    assert engine.read(form_plans.keys) == {"exam-20261201"}


def test_a_roster_that_changed_meanwhile_is_shown_again(engine):
    engine.says("王敏", "新考试")
    engine.says("王敏", FORM)
    [button] = [each for each in engine.heard["王敏"][-1].choices if each.label == "确认安排"]
    engine.person("赵六", "住建局")
    [reply] = engine.presses("王敏", button)
    assert reply.text.startswith("情况有变化，请再看一次。")
    assert "应考 3 人" in reply.text
    assert booked(engine) == []


def test_a_confirmation_pressed_twice_arranges_one_exam(engine):
    engine.says("王敏", "新考试")
    engine.says("王敏", FORM)
    [button] = [each for each in engine.heard["王敏"][-1].choices if each.label == "确认安排"]
    engine.presses("王敏", button)
    [again] = engine.presses("王敏", button)
    assert "没有等待确认的考试安排" in again.text
    assert len(booked(engine)) == 1


def test_a_confirmation_after_the_hour_has_come_arranges_nothing(engine):
    engine.says("王敏", "新考试")
    engine.says("王敏", FORM)
    [button] = [each for each in engine.heard["王敏"][-1].choices if each.label == "确认安排"]
    engine.at("09:30", date(2026, 12, 1))
    [reply] = engine.presses("王敏", button)
    assert "第 4 行「开考时间」：这个时间已经过了" in reply.text
    assert booked(engine) == []


def test_banks_that_cannot_fill_the_papers_are_said(engine):
    engine.says("王敏", "新考试")
    assert "题库不够：第 1 项要 40 题，只有 1 题" in said(
        engine, "\n".join(line for line in FORM.splitlines() if "题型" not in line)
    )


def test_all_mistakes_come_back_at_once_and_the_form_waits_for_a_second_try(engine):
    engine.says("王敏", "新考试")
    text = said(
        engine, FORM.replace("年度学法考试", "").replace("2026-12-01 09:00", "明天").replace("济宁2023", "济宁2030")
    )
    assert "有 3 处要改" in text
    for part in (
        "第 2 行「考试名称」：没有填",
        "第 4 行「开考时间」：看不懂「明天」",
        "第 8 行「参照模板」：没有「济宁2030」",
    ):
        assert part in text
    assert "现在还没有安排，请确认" in said(engine, FORM)


def test_the_whole_form_may_follow_the_command_in_one_message(engine):
    text = said(engine, "新考试\n" + FORM.replace("2026-12-01 09:00", "明天"))
    assert "第 5 行「开考时间」" in text, "lines are counted as they were sent"


def test_what_is_no_form_is_asked_for_again_and_cancel_leaves_it(engine):
    engine.says("王敏", "新考试")
    assert "这不像填好的表" in said(engine, "怎么填")
    engine.says("王敏", "取消")
    assert "这不像填好的表" not in said(engine, "怎么填")


def test_two_exams_of_one_day_have_two_keys(engine):
    for title in ("第一批", "第二批"):
        engine.says("王敏", "新考试")
        engine.says("王敏", FORM.replace("年度学法考试", title))
        confirm(engine)
    assert sorted(what.plan_key for what in booked(engine)) == ["exam-20261201", "exam-20261201-2"]


def test_it_is_recorded_who_arranged_what(engine):
    engine.says("王敏", "新考试")
    engine.says("王敏", FORM)
    confirm(engine)
    row = engine.read(lambda store: store.row(select(tables.audit).where(tables.audit.c.act == "plan.add")))
    assert row is not None
    assert (row.actor_id, row.details["preset"]) == (engine.people["王敏"], "jining-2023")


def test_an_officer_who_reads_english_fills_in_the_english_form(engine):
    engine.says("王敏", "language en")
    _, form = engine.says("王敏", "new exam jining-2023")
    filled = {
        "Exam title:": "Law exam 2026", "Notice:": "No. 3", "Opens (year, month, day, hour, minute):": "2026-12-01 09:00",
        "Closes (year, month, day, hour, minute):": "2026-12-10 17:00", "Minutes (or none):": "none",
        "Paper (such as 40 single x 1):": "1 single x 40, 1 multiple x 40, 1 judge x 20", "In a hall (yes, no):": "no",
        "Make-up (absent, failed, and the dates, or none):": "absent and failed, 2026-12-17 to 2026-12-18", "Who sits (all, or units, categories, ranks):": "all",
        "Answers shown (handed in, closed, never):": "handed in", "Incomplete choice (none, half):": "half", "Which counts (best, last):": "last",
    }  # fmt: skip
    text = said(
        engine, "\n".join(f"{line} {filled.pop(line)}" if line in filled else line for line in form.text.splitlines())
    )
    assert not filled
    for part in ("Minutes: no time limit", "Which counts: the last (preset: the best)", "Make-up: absent, failed, from 7 days after the close, for 2 days",
                 "3 people of 2 units are due", "The banks can fill the papers"):  # fmt: skip
        assert part in text, part
    engine.says("王敏", f"new exam yes {3}")
    [what] = booked(engine)
    assert (what.title, what.rules.minutes, what.rules.release, what.rules.partial) == (
        "Law exam 2026",
        None,
        "handed_in",
        "half",
    )
