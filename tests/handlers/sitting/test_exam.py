"""The formal exam in chat: begun on purpose, with its rules said before, once for each tap, and again only as often as the rules allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from handlers.sitting.exam import page
from handlers.words import say
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from storage import halls, recounting
from storage.tables import attempt, delivery, enrolment, inbox, response
from tests.engine import DAILY, HOUSE
from tests.handlers.sitting.exams import EXAM, answers_all, begins, exam, hands_in, line, rows, text


@pytest.fixture
def engine(database):
    return exam(database).at("09:00")


# Beginning. ------------------------------------------------------------------------------------------------------------


def test_the_exam_says_its_rules_before_it_is_begun_and_looking_begins_nothing(engine):
    said = text(engine.says("张三", "考试"))
    for words in ("年度学法考试", "11月24日 18:00 截止", "依据：城南普法〔2026〕3号", "共 3 题", "限时 60 分钟", "60 分（含）以上合格", "可以考 2 次，取最高分", "交卷前可以改", "截止后可以看答案",
                  "本人独立作答，开始考试"):  # fmt: skip
        assert words in said
    assert rows(engine, attempt) == []


def test_a_practice_exam_says_so_and_asks_for_no_declaration(database):
    engine = exam(database, replace(EXAM, counts="practice", notice="")).at("09:00")
    [intro] = engine.says("张三", "考试")
    assert "不作为考核依据" in intro.text
    assert [each.label for each in intro.choices] == ["开始考试"]
    engine.presses("张三", intro.choices[0])
    assert rows(engine, attempt, attempt.c.declared_at) == [(None,)]


def test_who_would_be_cut_by_the_close_reads_so_before_beginning(database):
    engine = exam(database).at("09:00").at("17:40", EXAM.days[0] + timedelta(days=1))
    assert "现在开始，只有 20 分钟：11月24日 18:00 自动交卷。" in text(engine.says("张三", "考试"))
    engine.at("16:59")
    assert "现在开始" not in text(engine.says("张三", "考试"))


def test_questions_are_shown_with_their_section_and_its_points(database):
    plan = replace(EXAM, draw=(Draw(1, Kind.SINGLE), Draw(1, Kind.JUDGE)))
    engine = exam(database, plan, points=((Kind.SINGLE, 6050), (Kind.JUDGE, 3950))).at("09:00")
    assert "一、单选题，每题 60.5 分 · 第 1/2 题" in text(begins(engine))
    assert "二、判断题，每题 39.5 分（第 2–2 题）：已答 0" in text(engine.says("张三", "答题卡"))


def test_one_exam_of_several_is_named_by_its_paper_and_the_one_under_way_goes_first(database):
    engine = exam(database).with_plan(EXAM, replace(EXAM, key="second", title="任前考试")).at("09:00")
    first, second = engine.says("张三", "考试")
    assert ("年度学法考试" in first.text, "任前考试" in second.text) == (True, True)
    paper = second.choices[0].says.split(" ")[1]
    [only] = engine.says("张三", f"考试 {paper}")
    assert only == second
    engine.presses("张三", first.choices[0])
    assert "年度学法考试：接着上次的地方" in text(engine.says("张三", f"考试 {paper}"))
    assert "您还有一场没有交卷：年度学法考试" in text(engine.presses("张三", second.choices[0]))


def test_only_an_exam_that_means_one_is_announced(database):
    engine = exam(database, replace(EXAM, who=Audience(units=("住建局",)))).at("08:50")
    engine.person("王敏", "司法局")
    assert "下一场：年度学法考试，11月23日 09:00 开始" in text(engine.says("张三", "考试"))
    assert "下一场" not in text(engine.says("王敏", "考试"))


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


# Its page. ---------------------------------------------------------------------------------------------------------------


def addresses(replies):
    return [link.url for reply in replies for link in reply.links]


def test_where_a_link_opens_signed_in_the_exam_is_offered_as_a_page_before_and_while_it_is_sat(sqlite):
    engine = exam(sqlite)
    engine.person("王敏", "司法局", channel="wecom")
    engine.at("09:00")
    [intro] = engine.says("王敏", "考试", channel="wecom")
    assert [(link.label, link.url) for link in intro.links] == [("打开答题页面", "https://xuefa.example/exam")]
    assert intro.choices[0].label == "本人独立作答，开始考试"
    engine.presses("王敏", intro.choices[0], channel="wecom")
    [going_on] = engine.says("王敏", "考试", channel="wecom")
    assert addresses([going_on]) == ["https://xuefa.example/exam"]
    assert going_on.card is not None
    [following] = engine.answers("王敏", engine.right("王敏"), channel="wecom")
    assert addresses([following]) == [], "one offer is enough"


def test_the_page_is_offered_in_the_persons_language(sqlite):
    engine = exam(sqlite)
    engine.person("王敏", "司法局", channel="wecom")
    engine.at("09:00").says("王敏", "language en", channel="wecom")
    [intro] = engine.says("王敏", "exam", channel="wecom")
    assert [link.label for link in intro.links] == [say("en", "exam.open_page")]


@pytest.mark.parametrize("channel", ["telegram", "web", "wecom_bot"])
def test_elsewhere_there_is_no_link_that_would_ask_for_a_login(channel):
    assert page("zh", HOUSE, channel) == ()


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


def test_the_tap_for_another_sitting_pressed_twice_begins_one(engine):
    begins(engine)
    hands_in(engine)
    again = next(each for each in engine.says("张三", "考试")[-1].choices if each.label == "再考一次")
    engine.presses("张三", again)
    assert "接着上次的地方" in text(engine.presses("张三", again))
    assert len(rows(engine, attempt)) == 2


def test_the_tap_for_another_sitting_that_ran_out_unseen_says_so_and_breaks_nothing(engine):
    begins(engine)
    hands_in(engine)
    engine.presses("张三", "开始考试 1")
    engine.answers("张三", engine.right("张三"))
    engine.now += timedelta(minutes=61)
    assert "时间已到，已自动交卷" in text(engine.presses("张三", "开始考试 1"))
    assert line(engine).attempts == 2
    assert engine.read(lambda store: store.value(select(inbox.c.key).where(inbox.c.error != ""))) is None


def test_a_clock_set_back_between_two_sittings_does_not_change_which_was_last(database):
    engine = exam(database, score="last").at("09:10")
    begins(engine)
    answers_all(engine)
    hands_in(engine)
    engine.now -= timedelta(minutes=5)
    engine.presses("张三", "开始考试 1")
    engine.answers("张三", engine.wrong("张三"))
    hands_in(engine)
    assert line(engine).score == 0
    assert engine.read(lambda store: recounting.recount(store, 1)) == []


def test_after_the_close_nothing_offers_another_sitting_and_the_paper_is_found(engine):
    begins(engine)
    hands_in(engine)
    engine.at("18:01", EXAM.days[0] + timedelta(days=1))
    [found] = engine.says("张三", "考试")
    assert "年度学法考试您已交卷：0 分" in found.text
    assert [each.label for each in found.choices] == ["看答卷", "今日答题", "我的学法档案"]
    assert "正确答案" in text(engine.presses("张三", found.choices[0]))


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


def test_who_comes_to_a_hall_when_its_minutes_are_over_does_not_use_up_a_sitting(database):
    engine = exam(database, hall=True).at("09:00")
    hall_id = engine.write(lambda store: halls.make(store, 1, "礼堂", "door", engine.people["张三"], engine.now))
    engine.write(lambda store: halls.start(store, hall_id, engine.now))
    engine.write(lambda store: halls.sit(store, hall_id, engine.people["张三"], "telegram", engine.now))
    engine.after(minutes=59)
    assert "现在开始，只有 1 分钟" in text(engine.says("张三", "考试"))
    engine.after(minutes=1)
    assert "考场已经结束" in text(begins(engine))
    assert rows(engine, attempt) == []


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


# The end is announced. --------------------------------------------------------------------------------------------------


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
    assert "还剩 5 分钟，11月23日 10:00 自动交卷" in parcel.reply.text
    assert engine.delivered() == []
    states = dict(rows(engine, delivery, delivery.c.key, delivery.c.state))
    assert sorted(state for key, state in states.items() if key.startswith("warning:")) == ["cancelled", "sent"]


def test_a_short_exam_is_announced_a_minute_before_its_end_and_a_very_short_one_not_at_all(database):
    engine = exam(database, minutes=8).at("09:00")
    begins(engine)
    engine.delivered()
    engine.after(minutes=7)
    assert "还剩 1 分钟" in engine.delivered()[0].reply.text
