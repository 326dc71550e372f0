"""Under way: saved at each answer, changed until 交卷, over when its time is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from quizzes.plans import Draw
from quizzes.questions import Kind
from storage import accounts, recounting
from storage.tables import attempt, delivery, enrolment, response
from tests.engine import QUESTIONS
from tests.handlers.sitting.exams import CASE, EXAM, begins, exam, text


@pytest.fixture
def engine(database):
    return exam(database).at("09:00")


def rows(engine, table, *columns):
    return [
        tuple(row) for row in engine.read(lambda store: store.rows(select(*columns or table.c).order_by(table.c.id)))
    ]


def line(engine, name="张三"):
    mine = enrolment.c.person_id == engine.people[name]
    return engine.read(lambda store: store.row(select(enrolment).where(mine)))


def answers_all(engine, name="张三"):
    for _ in range(3):
        engine.answers(name, engine.right(name))


def hands_in(engine, name="张三", **more):
    asked = engine.says(name, "交卷", **more)
    return engine.presses(name, asked[-1].choices[0], **more)


# Answering. ------------------------------------------------------------------------------------------------------------


def test_each_answer_is_kept_at_once_and_nothing_is_said_about_it(engine):
    begins(engine)
    seen = []
    for _ in range(3):
        seen += engine.answers("张三", engine.wrong("张三"))
    seen += engine.says("张三", "答题卡") + engine.says("张三", "交卷")
    said = text(seen)
    assert "第 1 题已记录" in said
    for question in QUESTIONS:
        assert question.explain not in said
        assert question.cites[0] not in said
    assert not [word for word in ("答对", "答错", "正确答案") if word in said]
    assert len(rows(engine, response)) == 3


def test_an_answer_can_be_changed_until_handing_in_and_the_last_counts(engine):
    begins(engine)
    engine.answers("张三", engine.wrong("张三"))
    engine.says("张三", "第 1 题")
    right = engine.right("张三")
    assert engine.card("张三").chosen
    assert "第 1 题已改为" in text(engine.answers("张三", right))
    engine.says("张三", "第1题")
    engine.answers("张三", right)
    assert rows(engine, response, response.c.slot, response.c.serial, response.c.correct) == [
        (0, 0, False),
        (0, 1, True),
    ]
    hands_in(engine)
    assert line(engine).score == 3333


def test_the_same_answer_again_records_nothing_new(engine):
    begins(engine)
    right = engine.right("张三")
    token = engine.card("张三").token
    for _ in range(3):
        engine.presses("张三", f"={token}:{right}")
    assert len(rows(engine, response)) == 1


def test_a_ticked_box_is_no_answer(engine):
    begins(engine)
    engine.says("张三", "第 2 题")
    engine.answers("张三", "AB", ticks=True)
    assert engine.card("张三").chosen == "AB"
    assert rows(engine, response) == []
    engine.answers("张三", "A")
    assert rows(engine, response) == []


def test_typed_letters_answer_the_question_that_was_shown_last(engine):
    begins(engine)
    engine.says("张三", "第 3 题")
    engine.says("张三", "错")
    assert rows(engine, response, response.c.slot) == [(2,)]
    assert "第 0" not in text(engine.says("张三", "第 9 题"))
    assert "本卷共 3 题" in text(engine.says("张三", "第 9 题"))


def test_going_on_on_another_channel_finds_everything_as_it_was(engine):
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.says("张三", "标记 2")

    engine.write(lambda store: accounts.bind(store, engine.people["张三"], "wecom", "wecom-张三", engine.now))
    said = text(engine.says("张三", "考试", channel="wecom"))
    assert "第 2/3 题" in said
    assert "取消标记" in said
    engine.answers("张三", engine.right("张三"), channel="wecom")
    assert rows(engine, response, response.c.channel) == [("telegram",), ("wecom",)]


def test_an_item_of_a_case_is_shown_with_its_text(database):
    plan = replace(EXAM, draw=(Draw(1, Kind.CASE), Draw(1, Kind.JUDGE)))
    engine = exam(database, plan, (*QUESTIONS, CASE)).at("09:00")
    said = text(begins(engine))
    assert "一、案例题 · 第 1/3 题" in said
    assert CASE.stem in said
    assert "本案应当如何处理？" in said
    card = engine.card("张三")
    said = text(engine.answers("张三", "AB"[card.options.index("不予处罚")]))
    assert "执法人员可以不出示证件。" in said
    assert CASE.stem in said
    assert "二、判断题" in text(engine.answers("张三", "B"))


# The end. --------------------------------------------------------------------------------------------------------------


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
    assert "没有正在作答的考试" in text(engine.says("李四", "交卷"))


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


def test_the_end_is_announced_once_and_not_to_who_has_handed_in(engine):
    begins(engine)
    begins(engine, "李四")
    engine.delivered()
    answers_all(engine, "李四")
    hands_in(engine, "李四")
    engine.after(minutes=54)
    assert engine.delivered() == []
    engine.after(minutes=1)
    [parcel] = engine.delivered()
    assert "还剩 5 分钟" in parcel.reply.text
    assert engine.delivered() == []
    states = dict(rows(engine, delivery, delivery.c.key, delivery.c.state))
    assert sorted(state for key, state in states.items() if key.startswith("warning:")) == ["cancelled", "sent"]


def test_a_short_exam_is_announced_a_minute_before_its_end_and_a_very_short_one_not_at_all(database):
    engine = exam(database, minutes=8).at("09:00")
    begins(engine)
    engine.delivered()
    engine.after(minutes=7)
    assert "还剩 1 分钟" in engine.delivered()[0].reply.text
