"""Delivering: each parcel to one sender, as of now; what became pointless is not sent; what failed is shown; what may not have been shown is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import select, update

from handlers import codec, delivering
from handlers.messages import Address, File, Outcome, Reply, ShownCard, SpentCards
from handlers.words import words
from quizzes.missing import Reason
from quizzes.rounds import State
from storage import accounts, deliveries, inbox, missing, rounds
from storage.tables import account, delivery, round_
from storage.tables import inbox as inbox_table
from tests.engine import DAILY, QUESTIONS, Engine
from tests.handlers.sitting.exams import EXAM, exam


@pytest.fixture
def engine(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    for name in ("张三", "李四", "王五"):
        engine.person(name, "住建局")
    return engine.with_plan(DAILY).at("09:00")


def claim(engine, most=100, channel="telegram"):
    return engine.write(lambda store: delivering.claim(store, channel, most, engine.house, engine.now))


def settle(engine, *outcomes):
    engine.write(lambda store: delivering.settle(store, list(outcomes), engine.now))


def states(engine):
    query = select(delivery.c.state, account.c.address, delivery.c.reason).join_from(delivery, account)
    return {
        row.address.removeprefix("telegram-"): (row.state, row.reason)
        for row in engine.read(lambda store: store.rows(query))
    }


def answers_all(engine, name):
    engine.says(name, "今日答题")
    for _ in range(3):
        engine.answers(name, engine.right(name))


def test_each_parcel_is_claimed_once(engine):
    first, second = claim(engine, 2), claim(engine, 2)
    assert (len(first), len(second), claim(engine)) == (2, 1, [])
    assert len({parcel.id for parcel in first + second}) == 3
    assert not engine.read(lambda store: delivering.is_due(store, "telegram", engine.now))


def test_a_file_for_many_is_read_once(engine):
    file = File("民法典.pdf", "application/pdf", b"%PDF-1.7")

    def plan(store):
        body = codec.to_json(store, Reply("请学习", files=(file,)), None, engine.now)
        for name in ("张三", "李四"):
            [mine] = accounts.of_person(store, engine.people[name])
            deliveries.plan(store, f"push:1:{name}", mine.id, "material", body, engine.now)

    engine.write(plan)
    first, second = [parcel for parcel in claim(engine) if parcel.kind == "material"]
    assert first.reply.files[0].content == b"%PDF-1.7"
    assert first.reply.files[0] is second.reply.files[0]


def test_a_card_waits_while_its_round_is_still_being_opened_and_goes_out_after(engine):
    """A round of thousands opens in chunks; the cards of the first stand there before the last is enrolled."""
    number = engine.read(lambda store: rounds.in_state(store, State.OPEN))[0].id
    opening = update(round_).where(round_.c.id == number)
    engine.write(lambda store: store.run(opening.values(state="opening")))
    assert claim(engine) == []
    assert {state for state, _ in states(engine).values()} == {"planned"}
    engine.write(lambda store: store.run(opening.values(state="open")))
    assert claim(engine) == [], "they are asked for again a moment later"
    engine.now += delivering.NOT_YET
    assert len(claim(engine)) == 3


@pytest.mark.postgres
def test_two_senders_at_once_never_claim_the_same(postgres):
    engine = Engine(postgres).with_bank(*QUESTIONS)
    for n in range(6):
        engine.person(f"干部{n}", "住建局")
    engine.with_plan(DAILY).at("09:00")
    with postgres.writing() as one, postgres.writing() as two:
        first = delivering.claim(one, "telegram", 3, engine.house, engine.now)
        second = delivering.claim(two, "telegram", 6, engine.house, engine.now)
    assert (len(first), len(second)) == (3, 3)
    assert len({parcel.id for parcel in first + second}) == 6


def test_one_channel_does_not_claim_anothers(engine):
    assert claim(engine, channel="web") == []
    assert len(claim(engine)) == 3


def test_a_card_shows_the_first_question_not_yet_answered(engine):
    engine.says("张三", "今日答题")
    engine.answers("张三", engine.right("张三"))
    parcels = {parcel.address.id: parcel.reply for parcel in claim(engine)}
    assert "第 2/3 题" in parcels["telegram-张三"].card.heading
    assert "第 1/3 题" in parcels["telegram-李四"].card.heading


def test_what_was_answered_before_it_went_out_is_not_sent(engine):
    answers_all(engine, "张三")
    assert {parcel.address.id for parcel in claim(engine)} == {"telegram-李四", "telegram-王五"}
    assert states(engine)["张三"] == ("cancelled", "done")


def test_what_became_pointless_only_after_the_claim_is_cancelled_by_the_claim(engine):
    answers_all(engine, "张三")
    engine.write(lambda store: store.run(delivery.update().values(state="planned", reason="")))
    assert len(claim(engine)) == 2
    assert states(engine)["张三"] == ("cancelled", "done")


def test_a_card_of_a_round_past_its_close_is_not_sent_even_before_the_clock_closed_it(engine):
    engine.now = engine.now.replace(hour=10, minute=0)
    assert claim(engine) == []
    assert {state for state, _ in states(engine).values()} == {"cancelled"}


def test_a_reminder_says_how_much_is_left_at_the_moment_it_goes_out(engine):
    engine.delivered()
    engine.at("16:30")
    engine.says("李四", "今日答题")
    engine.answers("李四", engine.right("李四"))
    answers_all(engine, "张三")
    texts = {parcel.address.id: parcel.reply.text for parcel in claim(engine)}
    assert set(texts) == {"telegram-李四", "telegram-王五"}
    assert "还差 2 题" in texts["telegram-李四"]


def test_what_nobody_settled_goes_out_once_more_marked_as_a_copy(engine):
    claim(engine)
    engine.after(seconds=61)
    assert {state for state, _ in states(engine).values()} == {"uncertain"}
    engine.after(seconds=91)
    engine.after(seconds=15)
    copies = claim(engine)
    assert len(copies) == 3
    assert all(parcel.copy and words("zh")["quiz.card_copy"] in parcel.reply.text for parcel in copies)
    engine.after(seconds=61)
    engine.after(seconds=600)
    assert claim(engine) == []


def test_a_copy_carries_the_same_question_token(engine):
    first = {parcel.address.id: parcel.reply.card.token for parcel in claim(engine)}
    engine.after(seconds=61)
    engine.after(seconds=91)
    engine.after(seconds=15)
    assert {parcel.address.id: parcel.reply.card.token for parcel in claim(engine)} == first


def test_a_result_that_is_sent_again_says_so_too(engine):
    account_id = engine.read(lambda store: accounts.reachable_accounts(store, [engine.people["张三"]]))[
        engine.people["张三"]
    ][0]
    engine.delivered()
    engine.write(
        lambda store: deliveries.plan(
            store,
            "job:1:0",
            account_id,
            "answer",
            codec.to_json(store, Reply("名单好了"), None, engine.now),
            engine.now,
        )
    )
    (parcel,) = claim(engine)
    assert parcel.reply.text == "名单好了"
    settle(engine, Outcome(parcel.id, "uncertain"))
    engine.after(seconds=91)
    (copy,) = claim(engine)
    assert copy.reply.text == f"{words('zh')['quiz.sent_again']}\n名单好了"


@pytest.mark.parametrize("reason", ["blocked", "deactivated", "chat_not_found"])
def test_a_permanent_refusal_makes_the_account_unreachable_which_is_shown(engine, reason):
    parcel = next(p for p in claim(engine) if p.address.id == "telegram-张三")
    settle(engine, Outcome(parcel.id, "failed", reason=reason))
    assert states(engine)["张三"] == ("failed", reason)
    what = engine.read(lambda store: rounds.get(store, 1))
    found = {
        m.name: (m.reason, m.detail)
        for m in engine.read(lambda s: missing.missing(s, what, engine.house.today(engine.now)))
    }
    assert found["张三"] == (Reason.UNREACHABLE, reason)
    assert engine.people["张三"] not in engine.read(accounts.reachable_accounts)


def test_another_failure_leaves_the_account_reachable(engine):
    parcel = claim(engine)[0]
    settle(engine, Outcome(parcel.id, "failed", reason="bad_request"))
    assert len(engine.read(accounts.reachable_accounts)) == 3


def test_a_retry_goes_out_again_at_its_time_and_is_no_copy(engine):
    parcels = claim(engine)
    settle(engine, *(Outcome(p.id, "retry", not_before=engine.now + timedelta(seconds=30)) for p in parcels))
    assert claim(engine) == []
    engine.now += timedelta(seconds=30)
    again = claim(engine)
    assert [p.id for p in again] == [p.id for p in parcels]
    assert not any(p.copy for p in again)


def test_what_was_sent_is_not_unsettled_by_a_late_word(engine):
    parcel = claim(engine)[0]
    settle(engine, Outcome(parcel.id, "sent", "77"))
    settle(engine, Outcome(parcel.id, "failed", reason="blocked"))
    found = engine.read(lambda store: store.row(select(delivery).where(delivery.c.id == parcel.id)))
    assert (found.state, found.platform_id) == ("sent", "77")


def test_an_answer_goes_out_before_cards_and_cards_before_reminders(engine):
    account_id = engine.read(lambda store: accounts.reachable_accounts(store, [engine.people["王五"]]))[
        engine.people["王五"]
    ][0]
    for kind in ("reminder", "answer"):
        engine.write(
            lambda store, kind=kind: deliveries.plan(store, kind, account_id, kind, {"text": kind}, engine.now)
        )
    assert [parcel.kind for parcel in claim(engine)] == ["answer", "card", "card", "card", "reminder"]


def test_replies_nobody_is_known_to_have_shown_are_owed_after_fifteen_seconds_and_not_before(engine):
    engine.says("张三", "今日答题")
    engine.presses("李四", "今日答题")
    owed = lambda: engine.read(lambda store: delivering.owed(store, "telegram", engine.now))  # noqa: E731
    engine.now += timedelta(seconds=14)
    assert owed() == []
    engine.now += timedelta(seconds=1)
    found = owed()
    assert [(o.address.id, o.origin) for o in found] == [("telegram-张三", None), ("telegram-李四", "1")]
    assert found[0].replies == engine.heard["张三"]
    engine.write(lambda store: inbox.mark_shown(store, [found[0].key]))
    assert [o.address.id for o in owed()] == ["telegram-李四"]
    engine.now += timedelta(hours=1)
    assert owed() == []


def test_what_the_web_was_told_is_owed_to_nobody(engine):
    engine.write(lambda store: accounts.bind(store, engine.people["张三"], "web", "web-张三", engine.now))
    engine.says("张三", "帮助", channel="web")
    engine.now += timedelta(minutes=1)
    assert engine.read(lambda store: delivering.owed(store, "web", engine.now)) == []
    assert engine.read(lambda store: [bool(r.shown) for r in store.rows(select(inbox_table))]) == [True]


def test_a_card_is_in_the_language_of_its_reader(engine):
    engine.says("张三", "language en")
    replies = {parcel.address.id: parcel.reply for parcel in claim(engine)}
    assert "1/3" in replies["telegram-张三"].card.heading
    assert "第 1/3 题" not in replies["telegram-张三"].card.heading
    assert "第 1/3 题" in replies["telegram-李四"].card.heading


def test_a_round_of_the_day_before_sends_nothing_today(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(replace(DAILY, remind_at=())).at("09:00").at("18:01")
    engine.now += timedelta(days=1)
    assert claim(engine) == []


# WeCom: one message for a thousand, cards that can be greyed. --------------------------------------------------------------


@pytest.fixture
def on_wecom(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    for name in ("张三", "李四"):
        engine.person(name, "住建局", channel="wecom")
    engine.person("王五", "住建局")
    return engine.with_plan(DAILY).at("09:00")


def shown(engine, *some, keys=()):
    engine.write(lambda store: delivering.shown(store, keys, some, engine.house, engine.now))


def spent(engine, channel="wecom"):
    return engine.read(lambda store: delivering.spent(store, channel, engine.now))


def card_of(engine, name, code="code", channel="wecom"):
    return ShownCard(Address(channel, f"{channel}-{name}"), engine.card(name).token, code)


def test_what_opens_a_quiz_on_wecom_is_alike_for_everybody_and_the_question_is_the_reply_to_it(on_wecom):
    first, second = claim(on_wecom, channel="wecom")
    assert first.reply == second.reply
    assert first.reply.card is None
    assert [(each.label, each.says) for each in first.reply.choices] == [
        ("开始答题", "今日答题"), ("为什么给我发这个", "为什么给我发这个"),
    ]  # fmt: skip
    assert "每日一题" in first.reply.text
    [card] = on_wecom.presses("张三", first.reply.choices[0], channel="wecom")
    assert "第 1/3 题" in card.card.heading


def test_elsewhere_the_first_question_comes_at_once(on_wecom):
    [parcel] = claim(on_wecom)
    assert "第 1/3 题" in parcel.reply.card.heading


def test_who_has_begun_on_another_channel_gets_the_same_card_as_the_others(on_wecom):
    on_wecom.says("张三", "今日答题", channel="wecom")
    on_wecom.answers("张三", on_wecom.right("张三"), channel="wecom")
    first, second = claim(on_wecom, channel="wecom")
    assert first.reply == second.reply


def test_a_copy_on_wecom_says_that_it_is_one(on_wecom):
    claim(on_wecom, channel="wecom")
    on_wecom.after(seconds=61)
    on_wecom.after(seconds=91)
    on_wecom.after(seconds=15)
    copies = claim(on_wecom, channel="wecom")
    assert [copy.copy for copy in copies] == [True, True]
    assert all(words("zh")["quiz.card_copy"] in copy.reply.text for copy in copies)


def test_a_question_answered_elsewhere_is_spent_in_the_words_of_its_reader(on_wecom):
    engine = on_wecom
    for name in ("张三", "李四"):
        engine.says(name, "今日答题", channel="wecom")
        shown(engine, card_of(engine, name, code=name))
        engine.write(
            lambda store, name=name: accounts.bind(
                store, engine.people[name], "telegram", f"telegram-{name}", engine.now
            )
        )
    assert spent(engine) == []
    engine.write(lambda store: accounts.set_language(store, engine.people["李四"], "en"))
    for name in ("张三", "李四"):
        engine.answers(name, engine.right(name), channel="telegram")
    assert spent(engine) == [
        SpentCards("张三", ("wecom-张三",), "已作答"), SpentCards("李四", ("wecom-李四",), "Answered"),
    ]  # fmt: skip
    engine.write(lambda store: delivering.greyed(store, "wecom", ["张三"], engine.now))
    assert [each.code for each in spent(engine)] == ["李四"]


def test_a_card_greyed_by_the_press_itself_and_one_that_we_did_not_sign_are_not_kept(on_wecom):
    engine = on_wecom
    engine.says("张三", "今日答题", channel="wecom")
    asked = card_of(engine, "张三")
    shown(engine, asked, replace(asked, token="1.1.forged", code="forged"))
    shown(engine, replace(asked, code=""))
    engine.answers("张三", engine.right("张三"), channel="wecom")
    assert spent(engine) == []


def test_what_was_shown_with_a_card_is_owed_no_longer(on_wecom):
    engine = on_wecom
    engine.says("张三", "今日答题", channel="wecom")
    engine.now += timedelta(seconds=20)
    [owed] = engine.read(lambda store: delivering.owed(store, "wecom", engine.now))
    shown(engine, card_of(engine, "张三"), keys=[owed.key])
    assert engine.read(lambda store: delivering.owed(store, "wecom", engine.now)) == []


def test_the_card_that_opened_a_round_is_spent_after_the_close_once_for_all_who_got_it_together(on_wecom):
    engine = on_wecom
    parcels = claim(engine, channel="wecom")
    settle(engine, *(Outcome(parcel.id, "sent", "msgid", code="together") for parcel in parcels))
    answers_all(engine, "王五")
    assert spent(engine) == []
    engine.at("18:01")
    assert spent(engine) == [SpentCards("together", ("wecom-张三", "wecom-李四"), "已截止")]
    engine.write(lambda store: delivering.greyed(store, "wecom", ["together"], engine.now))
    assert spent(engine) == []


def test_a_push_without_a_code_keeps_the_platforms_number(on_wecom):
    parcel, _ = claim(on_wecom, channel="wecom")
    settle(on_wecom, Outcome(parcel.id, "sent", "msgid-7"))
    found = on_wecom.read(lambda store: store.value(select(delivery.c.platform_id).where(delivery.c.id == parcel.id)))
    assert found == "msgid-7"


@pytest.mark.parametrize("reason", ["not_visible", "unlicensed", "no_first_word"])
def test_who_cannot_be_reached_on_wecom_is_marked_there(on_wecom, reason):
    parcel = next(p for p in claim(on_wecom, channel="wecom") if p.address.id == "wecom-张三")
    settle(on_wecom, Outcome(parcel.id, "failed", reason=reason))
    found = on_wecom.read(
        lambda store: {each.address: each.unreachable for each in accounts.on_channel(store, "wecom")}
    )
    assert found == {"wecom-张三": reason, "wecom-李四": ""}


def test_an_exam_and_its_reminder_lead_to_its_page_on_wecom_where_it_opens_signed_in(sqlite):
    engine = exam(sqlite, replace(EXAM, remind_at=(time(16, 30),)))
    engine.person("王敏", "司法局", channel="wecom")
    engine.at("09:00")
    [parcel] = claim(engine, channel="wecom")
    assert [link.url for link in parcel.reply.links] == ["https://xuefa.example/exam"]
    assert [choice.says for choice in parcel.reply.choices] == ["考试", "为什么给我发这个"]
    assert all(parcel.reply.links == () for parcel in claim(engine))
    settle(engine, Outcome(parcel.id, "sent", "1"))
    engine.at("16:30", EXAM.days[0] + timedelta(days=1))
    [reminder] = [each for each in claim(engine, channel="wecom") if each.kind == "reminder"]
    assert [link.url for link in reminder.reply.links] == ["https://xuefa.example/exam"]
