"""The formal exam in chat: begun on purpose, with its rules said before, once for each tap, and again only as often as the rules allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from storage import halls
from storage.tables import attempt, enrolment, response
from tests.engine import DAILY
from tests.handlers.sitting.exams import EXAM, begins, exam, text


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


# Beginning. ------------------------------------------------------------------------------------------------------------


def test_the_exam_says_its_rules_before_it_is_begun_and_looking_begins_nothing(engine):
    said = text(engine.says("张三", "考试"))
    for words in ("年度学法考试", "11月24日 18:00 截止", "共 3 题", "限时 60 分钟", "60 分（含）以上合格", "可以考 2 次，取最高分", "交卷前可以改", "截止后可以看答案",
                  "本人独立作答，开始考试"):  # fmt: skip
        assert words in said
    assert rows(engine, attempt) == []


def test_one_tap_begins_declares_and_fixes_the_end(engine):
    said = text(begins(engine))
    assert "10:00 自动交卷" in said
    assert "一、单选题 · 第 1/3 题 · 剩 60 分钟" in said
    [(ends_at, declared_at)] = rows(engine, attempt, attempt.c.ends_at, attempt.c.declared_at)
    assert (ends_at - declared_at) == timedelta(minutes=60)


def test_beginning_twice_or_on_two_channels_begins_once(engine):
    [intro] = engine.says("张三", "考试")
    engine.presses("张三", intro.choices[0])
    engine.after(minutes=7)
    again = text(engine.presses("张三", intro.choices[0]))
    assert "接着上次的地方" in again
    assert "剩 53 分钟" in again
    assert len(rows(engine, attempt)) == 1


def test_nobody_begins_before_the_opening_or_after_the_close(database):
    engine = exam(database).at("08:59")
    assert "现在没有您要参加的考试" in text(engine.says("张三", "考试"))
    [intro] = engine.at("09:00").says("张三", "考试")
    engine.at("18:00", EXAM.days[0] + timedelta(days=1))
    assert "已经截止，不能再开始" in text(engine.presses("张三", intro.choices[0]))
    assert rows(engine, attempt) == []


def test_the_card_of_an_exam_is_an_invitation_and_not_its_first_question(engine):
    [parcel, _] = engine.delivered()
    assert "年度学法考试开始了" in parcel.reply.text
    assert parcel.reply.card is None
    assert parcel.reply.choices[0].says == "考试"


def test_somebody_elses_paper_cannot_be_begun(engine):
    [intro] = engine.says("李四", "考试")
    assert "按钮已失效" in text(engine.presses("张三", intro.choices[0]))
    assert rows(engine, attempt) == []


def test_an_answer_without_beginning_is_not_recorded(engine):
    begins(engine, "李四")
    engine.says("张三", "考试")
    assert rows(engine, response) == []
    said = text(engine.says("张三", "A"))
    assert "已记录" not in said
    assert rows(engine, response) == []


# Another sitting. --------------------------------------------------------------------------------------------------------


def test_the_best_of_two_sittings_counts_and_a_third_needs_the_officer(engine):
    begins(engine)
    answers_all(engine)
    hands_in(engine)
    said = text(engine.says("张三", "考试"))
    assert "再考一次" in said
    again = next(each for each in engine.heard["张三"][-1].choices if each.label == "再考一次")
    engine.presses("张三", again)
    engine.answers("张三", engine.wrong("张三"))
    said = text(hands_in(engine))
    assert "已交卷：0 分" in said
    assert "计入的成绩：100 分，优秀" in said
    assert line(engine).score == 10_000
    assert "再考一次" not in text(engine.says("张三", "考试"))
    assert "100 分" in text(engine.presses("张三", again))

    engine.write(lambda store: store.run(update(enrolment).values(granted=1)))
    assert "再考一次" in text(engine.says("张三", "考试"))


# A hall. ---------------------------------------------------------------------------------------------------------------


def test_an_exam_sat_together_begins_with_the_hall_and_everybodys_minutes_run_from_there(database):
    engine = exam(database, hall=True).at("09:00")
    assert "请到考场扫门口的二维码就座" in text(begins(engine))
    hall_id = engine.write(lambda store: halls.make(store, 1, "礼堂", "door", engine.people["张三"], engine.now))
    engine.write(lambda store: halls.sit(store, hall_id, engine.people["张三"], "telegram", engine.now))
    assert "还没有开考" in text(begins(engine))
    engine.write(lambda store: halls.start(store, hall_id, engine.now))
    engine.after(minutes=20)
    assert "剩 40 分钟" in text(begins(engine))
    [(ends_at,)] = rows(engine, attempt, attempt.c.ends_at)
    assert ends_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    engine.write(lambda store: halls.sit(store, hall_id, engine.people["李四"], "telegram", engine.now))
    engine.write(lambda store: halls.end(store, hall_id, engine.now))
    assert "考场已经结束" in text(begins(engine, "李四"))


# Beside a quiz. --------------------------------------------------------------------------------------------------------


def test_the_daily_quiz_comes_first_and_mentions_the_exam(database):

    engine = exam(database)
    engine.with_plan(EXAM, DAILY).at("09:00")
    [card] = engine.says("张三", "今日答题")
    assert card.card is not None
    assert [each.says for each in card.choices] == ["考试"]
    for _ in range(3):
        engine.answers("张三", engine.right("张三"))
    assert "本人独立作答" in text(engine.says("张三", "今日答题"))
