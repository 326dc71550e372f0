"""How a sitting ends: by 交卷 that asks first and counts once, or by its time; and what somebody reads who goes on after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.messages import Address, Incoming
from handlers.sitting.ending import numbers
from handlers.turns import Turn
from quizzes.plans import Draw
from quizzes.questions import Kind
from storage import accounts, recounting
from storage.tables import attempt, response, session
from tests.engine import BLANK, DAILY, HOUSE, QUESTIONS, START
from tests.handlers.sitting.exams import EXAM, answers_all, begins, exam, line, rows, text


@pytest.fixture
def engine(database):
    return exam(database).at("09:00")


# 交卷. -----------------------------------------------------------------------------------------------------------------


def test_handing_in_says_what_is_open_and_asks_first(engine):
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.says("张三", "标记 2")
    said = text(engine.says("张三", "交卷"))
    assert "已答 1/3 题" in said
    assert "未答：第 2、3 题" in said
    assert "标记：第 2 题" in said
    assert line(engine).sat is False or line(engine).sat == 0
    said = text(engine.presses("张三", engine.heard["张三"][-1].choices[0]))
    assert "已交卷：33.33 分，未合格（合格线 60 分）" in said
    assert "还可以再答 1 次，取最高分" in said


def test_handing_in_twice_counts_once(engine):
    begins(engine)
    answers_all(engine)
    asked = engine.says("张三", "交卷")[-1].choices[0]
    engine.presses("张三", asked)
    assert "已经交卷" in text(engine.presses("张三", asked))
    assert line(engine).attempts == 1


def test_what_one_reads_between_handing_in_and_the_release_tells_nothing_of_the_key(engine):
    begins(engine)
    tokens = []
    for _ in range(3):
        tokens.append(engine.card("张三").token)
        engine.answers("张三", engine.wrong("张三"))
    seen = [text(engine.presses("张三", engine.says("张三", "交卷")[-1].choices[0]))]
    seen += [text(engine.presses("张三", f"={token}:A")) for token in tokens]
    for said in ("考试", "看答卷", "看答卷 1 1", "我的学法档案", "今日答题", "题目纠错 有误", "答题卡"):
        seen.append(text(engine.says("张三", said)))
    everything = "\n".join(seen)
    assert "已经交卷，不能再改" in everything
    for question in QUESTIONS:
        assert question.explain not in everything
        assert question.cites[0] not in everything
    assert not [word for word in ("答对", "答错", "正确答案") if word in everything]


def test_after_the_end_an_answer_is_refused_in_words_and_what_was_saved_counts(engine):
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.now += timedelta(minutes=60, seconds=11)
    said = text(engine.answers("张三", engine.right("张三")))
    assert "时间已到，已自动交卷" in said
    assert len(rows(engine, response)) == 1
    assert (line(engine).score, bool(line(engine).sat)) == (3333, True)


def test_an_answer_on_its_way_at_the_end_still_counts(engine):
    begins(engine)
    engine.now += timedelta(minutes=60, seconds=10)
    engine.answers("张三", engine.right("张三"))
    assert len(rows(engine, response)) == 1


def test_a_typed_answer_on_its_way_at_the_end_counts_as_a_pressed_one_does(engine):
    begins(engine)
    right = engine.right("张三")
    engine.now += timedelta(minutes=60, seconds=10)
    assert "第 1 题已记录" in text(engine.says("张三", right))


def test_an_answer_on_its_way_at_the_close_counts_without_minutes_too(database):
    engine = exam(database, minutes=None).at("09:00")
    begins(engine)
    right = engine.right("张三")
    engine.at("18:00", EXAM.days[0] + timedelta(days=1))
    engine.now += timedelta(seconds=10)
    assert "第 1 题已记录" in text(engine.says("张三", right))
    engine.after(minutes=1)
    assert line(engine).score == 3333


@pytest.mark.parametrize("ticked", [True, False])
@pytest.mark.parametrize("minutes", [61, 85])
def test_who_types_an_answer_after_the_end_reads_that_it_was_not_recorded(engine, ticked, minutes):
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.now += timedelta(minutes=minutes)
    if ticked:
        engine.settle()
    said = text(engine.says("张三", "AB"))
    assert "时间已到，已自动交卷，此前已保存的都算" in said
    assert "刚才的作答没有记下" in said
    assert len(rows(engine, response)) == 1
    assert "时间已到" in text(engine.says("张三", "第2题"))


def test_long_after_the_end_a_letter_is_no_answer_to_the_exam_any_more(engine):
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.after(hours=2)
    assert "时间已到" not in text(engine.says("张三", "AB"))
    assert "时间已到" in text(engine.says("张三", "答题卡"))
    engine.after(hours=24)
    assert "没有正在作答的考试" in text(engine.says("张三", "答题卡"))


def test_a_letter_typed_right_after_the_end_does_not_answer_the_daily_quiz_unseen(database):
    engine = exam(database, minutes=60).with_plan(EXAM, DAILY).at("09:00")
    begins(engine)
    engine.now += timedelta(minutes=60, seconds=30)
    engine.settle()
    assert "刚才的作答没有记下" in text(engine.says("张三", "A"))
    assert rows(engine, response) == []
    engine.after(minutes=1)
    engine.says("张三", "今日答题")
    engine.says("张三", engine.right("张三"))
    assert len(rows(engine, response)) == 1


def test_a_blank_filled_in_too_late_is_not_taken_for_small_talk(database):
    engine = exam(database, replace(EXAM, draw=(Draw(1, Kind.BLANK),)), (*QUESTIONS, BLANK)).at("09:00")
    begins(engine)
    engine.after(minutes=65)
    assert "刚才的作答没有记下" in text(engine.says("张三", "二十"))


def test_whoever_comes_back_after_the_end_and_before_the_clock_sees_no_question(engine):
    [intro] = engine.says("张三", "考试")
    begins(engine)
    engine.now += timedelta(minutes=61)
    shown = engine.presses("张三", intro.choices[0])
    assert "时间已到" in text(shown)
    assert not [each for each in shown if each.card]
    assert rows(engine, attempt, attempt.c.state, attempt.c.automatic) == [("handed_in", True)]


def test_a_sitting_without_an_answer_when_its_round_closed_was_no_sitting_and_is_told_so(database):
    engine = exam(database, minutes=None).at("09:00")
    begins(engine)
    token, paper = engine.card("张三").token, rows(engine, attempt, attempt.c.id)[0][0]
    engine.at("18:05", EXAM.days[0] + timedelta(days=1))
    for said in (f"={token}:A", f"确认交卷 {paper}", f"开始考试 {paper}"):
        shown = engine.presses("张三", said)
        assert "已经截止，没有收到您的作答，不算参加" in text(shown)
        assert not [each for each in shown if each.card]
    assert not line(engine).sat


@pytest.mark.parametrize(("late", "goes_on"), [("cut", False), ("finish", True)])
def test_a_round_ended_by_hand_cuts_the_sittings_under_way_or_lets_them_finish(database, late, goes_on):
    engine = exam(database, late=late)
    engine.person("王敏", "司法局", role="admin")
    engine.at("09:00")
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.says("王敏", "结束答题 1 yes")
    engine.after(minutes=1)
    assert ("已记录" in text(engine.answers("张三", "AB"))) is goes_on
    assert bool(line(engine).sat) is not goes_on
    assert "不能再开始" in text(engine.says("李四", "考试")) or "没有您要参加的考试" in text(engine.heard["李四"])
    engine.after(minutes=61)
    assert bool(line(engine).sat)
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_a_shared_device_is_signed_out_by_the_end_of_the_time_too(sqlite):
    engine = exam(sqlite).at("09:00")
    open_for = engine.now + timedelta(hours=4)
    engine.write(lambda s: accounts.open_session(s, engine.people["张三"], "hash", engine.now, open_for, "seat"))
    begins(engine)
    engine.now += timedelta(minutes=61)
    pressed = Incoming("web:1", Address("web", "s:hash"), engine.now, action="交卷")
    assert "这台设备已退出登录" in text(engine.hears("张三", pressed))
    revoked = engine.read(lambda s: s.value(select(session.c.revoked_at)))
    assert revoked == engine.now


def test_an_old_paper_pressed_on_a_shared_device_does_not_end_the_sitting_there(sqlite):
    engine = exam(sqlite).at("09:00")
    begins(engine)
    answers_all(engine)
    engine.presses("张三", "确认交卷 1")
    open_for = engine.now + timedelta(hours=4)
    engine.write(lambda s: accounts.open_session(s, engine.people["张三"], "hash", engine.now, open_for, "seat"))
    for number, said in enumerate(("开始考试 1", "确认交卷 1", "确认交卷 1")):
        shown = engine.hears("张三", Incoming(f"web:{number}", Address("web", "s:hash"), engine.now, action=said))
    assert "已经交卷，不能再改" in text(shown)
    assert engine.read(lambda s: s.value(select(session.c.revoked_at))) is None
    assert len(rows(engine, attempt)) == 2


def test_the_numbers_of_a_long_paper_fit_a_message():
    turn = Turn(Incoming("k", Address("web", "a"), START), START, HOUSE)
    assert len(numbers(turn, list(range(100)), 100)) < 400
    assert numbers(turn, list(range(30))) == "、".join(map(str, range(1, 21))) + " 等共 30"


def test_the_clock_hands_in_when_the_time_is_over(engine):
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    begins(engine, "李四")
    engine.after(minutes=61)
    assert rows(engine, attempt, attempt.c.state, attempt.c.automatic) == [("handed_in", True), ("handed_in", True)]
    assert bool(line(engine).sat)
    assert not line(engine, "李四").sat
    assert line(engine, "李四").attempts == 1
    assert engine.read(lambda store: recounting.recount(store, 1)) == []
    assert "时间已到，已自动交卷" in text(engine.says("张三", "交卷"))
    assert "没有收到您的作答，不算参加" in text(engine.says("李四", "交卷"))
    assert "还可以再答 1 次" in text(engine.says("李四", "考试"))


@pytest.mark.parametrize(("late", "ends"), [("cut", "18:00"), ("finish", "18:40")])
def test_who_begins_shortly_before_the_close_is_cut_or_finishes_as_the_rules_say(database, late, ends):
    engine = exam(database, late=late).at("09:00")
    last = EXAM.days[0] + timedelta(days=1)
    engine.at("17:40", last)
    begins(engine)
    [(ends_at,)] = rows(engine, attempt, attempt.c.ends_at)
    assert f"{ends_at.astimezone(engine.house.zone):%H:%M}" == ends
    engine.at("18:05", last)
    said = text(engine.answers("张三", engine.right("张三")))
    assert ("已记录" in said) is (late == "finish")
    assert "不能再开始" in text(engine.says("李四", "考试")) or "没有您要参加的考试" in text(
        engine.says("李四", "考试")
    )
    engine.at("18:41", last)
    assert {state for (state,) in rows(engine, attempt, attempt.c.state)} <= {"handed_in", "open"}
    assert bool(line(engine).sat) is (late == "finish")
