"""Answering: a press or a letter is recorded once, explained, and leads on; whatever cannot be recorded is said to be so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from handlers.messages import answer_action
from handlers.sitting import cards
from handlers.sitting.scores import points
from quizzes.plans import Draw
from quizzes.questions import Kind
from storage import accounts, answers
from storage.tables import attempt, enrolment, inbox, response
from tests.engine import BLANK, DAILY, QUESTIONS, Engine


@pytest.fixture
def engine(database):
    made = Engine(database).with_bank(*QUESTIONS)
    made.person("张三", "住建局")
    made.person("李四", "财政局")
    return made.with_plan(DAILY).at("09:00")


def counts(engine):
    return engine.read(lambda store: store.value(select(func.count()).select_from(response)))


def test_the_whole_quiz_is_answered_in_three_presses_and_scored(engine):
    engine.says("张三", "今日答题")
    for _ in range(3):
        engine.answers("张三", engine.right("张三"))
    assert "3 题答对 3 题，100 分，优秀" in engine.heard["张三"][0].text
    assert "不作为考核依据" in engine.heard["张三"][0].text
    row = engine.read(lambda store: store.row(select(enrolment).where(enrolment.c.person_id == engine.people["张三"])))
    assert (row.sat, row.passed, row.excellent, row.score, row.attempts) == (True, True, True, 10_000, 1)


def test_a_wrong_answer_shows_the_right_one_the_reason_and_the_article_and_the_next_question_in_the_same_message(
    engine,
):
    engine.says("张三", "今日答题")
    first = engine.card("张三")
    (reply,) = engine.answers("张三", engine.wrong("张三"))
    assert reply.edits
    for part in ("已记录", "正确答案", "解析", "宪法 第八十六条"):
        assert part in reply.text
    assert reply.card
    assert reply.card.stem != first.stem


def test_a_typed_letter_answers_as_a_press_does(engine):
    engine.says("张三", "今日答题")
    (reply,) = engine.says("张三", f"  {engine.right('张三').lower()}。 ")
    assert "答对了" in reply.text
    assert counts(engine) == 1


def test_the_second_press_on_a_question_is_not_recorded_again_and_says_so(engine):
    engine.says("张三", "今日答题")
    token = engine.card("张三").token
    engine.answers("张三", engine.right("张三"))
    (reply,) = engine.presses("张三", answer_action(token, "B"))
    assert "没有重复记录" in reply.text
    assert counts(engine) == 1


def test_the_same_event_twice_gets_the_same_reply_and_one_record(engine):
    engine.says("张三", "今日答题")
    incoming = engine.incoming(
        "张三", "telegram", action=answer_action(engine.card("张三").token, engine.right("张三"))
    )
    assert engine.hears("张三", incoming) == engine.hears("张三", incoming)
    assert counts(engine) == 1


def test_somebody_elses_card_records_nothing(engine):
    engine.says("张三", "今日答题")
    (reply,) = engine.presses("李四", answer_action(engine.card("张三").token, "A"))
    assert "不是您的题卡" in reply.text
    assert counts(engine) == 0


@pytest.mark.parametrize("change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "9" + t, lambda t: t.replace(".0.", ".1."), lambda _: "",
                                    lambda _: "1.0", lambda t: t + "x", lambda _: "²." + "0.x"])  # fmt: skip
def test_a_forged_token_records_nothing(engine, change):
    engine.says("张三", "今日答题")
    (reply,) = engine.presses("张三", answer_action(change(engine.card("张三").token), "A"))
    assert "已失效" in reply.text
    assert counts(engine) == 0


def test_an_answer_ten_seconds_after_the_close_counts_and_eleven_seconds_after_does_not(engine):
    for name in ("张三", "李四"):
        engine.says(name, "今日答题")
    engine.now = engine.now.replace(hour=10, minute=0, second=10)
    engine.answers("张三", "A")
    engine.now = engine.now.replace(second=11)
    (reply,) = engine.answers("李四", "A")
    assert "已经截止，这次没有记下" in reply.text
    assert counts(engine) == 1


def test_ticking_a_box_records_nothing_and_shows_it_ticked(engine):
    engine.says("张三", "今日答题")
    engine.answers("张三", engine.right("张三"))
    (reply,) = engine.answers("张三", "DB", ticks=True)
    assert reply.card
    assert reply.card.chosen == "BD"
    assert counts(engine) == 1


def test_one_letter_is_no_answer_to_a_multiple_choice_question_and_nothing_is_recorded(engine):
    engine.says("张三", "今日答题")
    engine.answers("张三", engine.right("张三"))
    for said in ("Z", "A"):
        (reply,) = engine.answers("张三", said)
        assert "没有记下。多选题至少选两个" in reply.text
        assert reply.card
    (reply,) = engine.says("张三", "b")
    assert "没有记下" in reply.text
    assert counts(engine) == 1


def test_the_quiz_goes_on_on_another_channel_where_it_was_left(engine):
    engine.write(lambda store: accounts.bind(store, engine.people["张三"], "web", "web-张三", engine.now))
    engine.says("张三", "今日答题")
    engine.answers("张三", engine.right("张三"))
    (reply,) = engine.says("张三", "今日答题", channel="web")
    assert "第 2/3 题" in reply.card.heading


def test_everything_goes_on_after_a_restart_since_nothing_is_kept_in_memory(engine):
    engine.says("张三", "今日答题")
    action = answer_action(engine.card("张三").token, engine.right("张三"))
    engine.database.memory.forget()
    (reply,) = engine.presses("张三", action)
    assert "答对了" in reply.text


def test_a_blank_is_answered_by_typing(database):
    engine = Engine(database).with_bank(*QUESTIONS, BLANK)
    engine.person("张三", "住建局")
    engine.with_plan(replace(DAILY, draw=(Draw(1, Kind.BLANK),))).at("09:00")
    (reply,) = engine.says("张三", "今日答题")
    assert "请在对话框里输入答案" in reply.text
    (reply,) = engine.says("张三", "20日")
    assert "1 题答对 1 题" in reply.text or "答对了" in reply.text


def test_before_the_opening_there_is_nothing_and_it_says_when(database):
    engine = Engine(database).with_bank(*QUESTIONS).with_plan(DAILY)
    engine.person("张三", "住建局")
    engine.at("08:50")
    (reply,) = engine.says("张三", "今日答题")
    assert "11月23日 09:00" in reply.text


def test_after_the_last_answer_the_result_is_there_and_the_reminder_is_not_sent(engine):
    engine.says("张三", "今日答题")
    for _ in range(3):
        engine.answers("张三", engine.right("张三"))
    engine.at("16:30")
    assert {parcel.address.id for parcel in engine.delivered() if parcel.kind == "reminder"} == {"telegram-李四"}
    (reply,) = engine.says("张三", "今日答题")
    assert "您已答完" in reply.text


def test_an_attempt_is_begun_with_the_first_answer_not_with_looking(engine):
    engine.says("张三", "今日答题")
    assert engine.read(lambda store: store.value(select(func.count()).select_from(attempt))) == 0


def test_what_is_kept_of_an_event_names_no_secret(engine):
    engine.says("张三", "/start SECRETTOKEN")
    said = engine.read(lambda store: store.value(select(inbox.c.said)))
    assert said == "/start"


def test_the_token_of_a_card_fits_a_telegram_button():
    token = cards.sign(b"k" * 32, 10**15, 99)
    assert len(answer_action(token, "ABCDEFGHIJ").encode()) <= 64
    assert cards.read_token(b"k" * 32, token) == (10**15, 99)
    assert cards.read_token(b"j" * 32, token) is None


@pytest.mark.parametrize(
    ("score", "said"), [(10_000, "100"), (6_666, "66.66"), (5_000, "50"), (None, "0"), (3_330, "33.3")]
)
def test_a_score_is_printed_without_empty_decimals(score, said):
    assert points(score) == said


def test_a_response_points_at_the_revision_that_was_shown_even_after_the_bank_changed(engine):
    engine.says("张三", "今日答题")
    changed = tuple(replace(q, explain="改过的解析") for q in QUESTIONS)
    engine.with_bank(*changed)
    (reply,) = engine.answers("张三", engine.right("张三"))
    assert "改过的解析" not in reply.text
    kept = engine.read(
        lambda store: answers.answered(
            store, answers.open_sittings(store, engine.people["张三"], engine.now)[0].paper_id
        )
    )
    assert kept[0].correct
