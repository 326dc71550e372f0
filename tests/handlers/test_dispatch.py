"""Dispatch: what an event means, that it happens once, and what becomes of one that breaks."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import func, select

from handlers import dispatch
from handlers.commands import spoken
from handlers.messages import BLOCKED, UNBLOCKED, UNREADABLE, Address, File, Incoming, answer_action
from handlers.registry import COMMANDS
from handlers.sitting import answering
from handlers.words import LANGUAGES, say, words
from storage import accounts
from storage.ledger import Entry, Ledger
from storage.tables import account, attempt, feedback, file, inbox, job, response
from tests.engine import DAILY, QUESTIONS, Engine

ZH, EN = words("zh"), words("en")


@pytest.fixture
def engine(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.person("李四", "财政局")
    engine.person("管理员", "司法局", role="admin")
    return engine.with_plan(DAILY).at("09:00")


@pytest.fixture(autouse=True)
def logs():
    with structlog.testing.capture_logs() as found:
        yield found


def rows(engine, table):
    return engine.read(lambda store: store.rows(select(table)))


def number(engine, table):
    return engine.read(lambda store: store.value(select(func.count()).select_from(table)))


# Once. -----------------------------------------------------------------------------------------------------------------


def test_the_same_key_gets_the_same_reply_and_happens_once(engine):
    incoming = engine.incoming("张三", "telegram", text="投诉建议 发得太早")
    first = engine.write(lambda store: dispatch.take(store, incoming, engine.house))
    again = engine.write(lambda store: dispatch.take(store, incoming, engine.house))
    assert (first.again, again.again) == (False, True)
    assert again.replies == first.replies
    assert number(engine, feedback) == 1


def test_the_same_key_with_other_words_still_gets_the_first_reply(engine):
    incoming = engine.incoming("张三", "telegram", text="帮助")
    first = engine.write(lambda store: dispatch.take(store, incoming, engine.house))
    again = engine.write(lambda store: dispatch.take(store, replace(incoming, text="投诉建议 别的"), engine.house))
    assert again.replies == first.replies
    assert number(engine, feedback) == 0


def test_two_processes_with_the_same_event_record_it_once(postgres):
    engine = Engine(postgres).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(DAILY).at("09:00")
    engine.says("张三", "今日答题")
    incoming = engine.incoming("张三", "telegram", action=answer_action(engine.card("张三").token, "A"))
    ledgers = [Ledger(postgres, lock_people=accounts.lock_people) for _ in range(2)]
    for ledger in ledgers:
        ledger.start()
    waiting = [
        ledger.put(
            Entry(lambda store: dispatch.take(store, incoming, engine.house), account=("telegram", "telegram-张三"))
        )
        for ledger in ledgers
    ]
    told = [future.result(20) for future in waiting]
    for ledger in ledgers:
        ledger.stop()
    assert sorted(answered.again for answered in told) == [False, True]
    assert told[0].replies == told[1].replies
    assert number(engine, response) == 1


# What breaks. ----------------------------------------------------------------------------------------------------------


def broken(monkeypatch):
    def explode(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(answering, "_finish", explode)


def test_a_turn_that_raises_leaves_one_row_and_nothing_else_and_tells_the_person_a_reference(engine, monkeypatch, logs):
    broken(monkeypatch)
    engine.says("张三", "今日答题")
    for _ in range(2):
        engine.answers("张三", engine.right("张三"))
    before = number(engine, inbox), number(engine, response), number(engine, attempt)
    engine.answers("张三", engine.right("张三"))
    (reply,) = engine.heard["张三"]
    (quarantined,) = [row for row in rows(engine, inbox) if row.state == "quarantine"]
    reference, kind = quarantined.error.split(" ")
    assert kind == "ZeroDivisionError"
    assert reply.text == say("zh", "errors.not_recorded", number=reference)
    assert (number(engine, inbox), number(engine, response), number(engine, attempt)) == (before[0] + 1, *before[1:])
    assert [each["reference"] for each in logs if each["event"] == "turn_failed"] == [reference]


def test_a_turn_that_raised_gets_the_same_reference_again_and_a_new_try_works(engine, monkeypatch):
    engine.says("张三", "今日答题")
    for _ in range(2):
        engine.answers("张三", engine.right("张三"))
    incoming = engine.incoming(
        "张三", "telegram", action=answer_action(engine.card("张三").token, engine.right("张三"))
    )
    with monkeypatch.context() as patched:
        broken(patched)
        first = engine.hears("张三", incoming)
    assert engine.hears("张三", incoming) == first
    assert "3 题答对 3 题" in engine.hears("张三", replace(incoming, key="telegram:once more"))[0].text


def test_the_others_in_a_batch_with_a_poison_turn_go_on(database, monkeypatch):
    engine = Engine(database).with_bank(*QUESTIONS)
    for name in ("张三", "李四", "王五"):
        engine.person(name, "住建局")
    engine.with_plan(DAILY).at("09:00")
    actual = answering.today

    def poison(turn, store):
        if turn.me.name == "李四":
            raise ZeroDivisionError
        return actual(turn, store)

    today = next(command for command in COMMANDS if command.key == "today")
    monkeypatch.setitem(dispatch._by_word(), "今日答题", replace(today, run=poison))
    ledger = Ledger(database, lock_people=accounts.lock_people)

    def entry(name):
        incoming = engine.incoming(name, "telegram", text="今日答题")
        return Entry(
            lambda store: dispatch.take(store, incoming, engine.house),
            lambda store, error: dispatch.quarantine(store, incoming, engine.house, error),
        )

    ledger.start()
    gate = threading.Event()
    ledger.put(Entry(lambda _: gate.wait(20), alone=True))
    waiting = [ledger.put(entry(name)) for name in ("张三", "李四", "王五")]
    gate.set()
    told = [future.result(20).replies[0] for future in waiting]
    ledger.stop()
    assert [reply.card is not None for reply in told] == [True, False, True]
    assert sorted(row.state for row in rows(engine, inbox)) == ["done", "done", "quarantine"]


@pytest.mark.parametrize("said", ["\0", "A\0", "\ud800", "今日\0答题", "=\0", "/start \0", "投诉建议 \ud83d"])
def test_what_no_database_takes_is_still_recorded_and_answered(engine, said, logs):
    for do in (engine.says, engine.presses):
        assert do("张三", said)
        assert do("路人", said)
    assert engine.sends("张三", File("名\0册\ud800.xlsx", "text/\0", b"x"))
    assert [each for each in logs if each["event"] == "turn_failed"] == []


def test_a_broken_event_of_a_stranger_is_kept_too(engine, monkeypatch):
    monkeypatch.setattr(dispatch, "_stranger", lambda *_: 1 / 0)
    assert engine.says("路人", "你好")
    assert [(row.state, row.account_id, row.said) for row in rows(engine, inbox)] == [("quarantine", None, "")]


# Who. ------------------------------------------------------------------------------------------------------------------


def test_a_stranger_hears_how_to_get_in_and_what_they_said_is_not_kept(engine):
    for said in ("今日答题", "13800001234", "帮助"):
        (reply,) = engine.says("路人", said)
        assert reply.text == ZH["binding.stranger"]
    assert {row.said for row in rows(engine, inbox) if row.account_id is None} == {""}


def test_a_strangers_file_and_press_reach_nothing(engine):
    (reply,) = engine.sends("路人", File("名册.xlsx", "x", b"x"))
    assert reply.text == ZH["binding.stranger"]
    (reply,) = engine.presses("路人", answer_action("1.0.x", "A"))
    assert reply.text == ZH["binding.stranger"]
    assert number(engine, file) == number(engine, job) == 0


def test_an_account_that_was_unbound_is_a_stranger_again(engine):
    engine.says("张三", "解除绑定 yes")
    assert engine.says("张三", "今日答题")[0].text == ZH["binding.stranger"]


# What it means. --------------------------------------------------------------------------------------------------------


def test_no_two_commands_share_a_word():
    said = [word for command in COMMANDS for word in set(spoken(command.key))]
    assert sorted(said) == sorted(set(said))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.key)
def test_every_word_of_both_languages_leads_to_its_command(command):
    for word in spoken(command.key):
        for said in (word, word.upper(), f"  {word}  1 2 ", word.replace(" ", "   ")):
            found, rest = dispatch._command(said)
            assert found is command, said
            assert rest == ("1 2" if "1 2" in said else "")


def test_a_word_of_two_parts_goes_before_its_first_part_alone():
    assert [dispatch._command(said)[0].key for said in ("invite sheet 1", "invite 1", "my record", "PUSH STATE 3", "push 3")] == [
        "invite_sheet", "invite", "record", "push_state", "push"]  # fmt: skip


def test_a_word_that_only_begins_like_a_command_is_none():
    for said in ("今日答题吧", "helper", "invites", "推送资料", ""):
        assert dispatch._command(said)[0] is None, said


def test_unknown_text_is_answered_with_what_one_can_do(engine):
    (reply,) = engine.says("张三", "在吗")
    assert reply.text == ZH["errors.not_understood"]
    assert "今日答题" in [button.label for button in reply.choices]


def test_every_reply_is_in_the_persons_language(engine):
    engine.says("张三", "language en")
    assert engine.says("张三", "nonsense")[0].text == EN["errors.not_understood"]
    assert engine.says("张三", "rounds")[0].text == EN["errors.not_allowed"]
    assert engine.says("张三", "今日答题")[0].card.heading.startswith("每日一题")


def test_a_slash_word_is_a_command_too(engine):
    assert engine.says("张三", "/help")[0].text == engine.says("张三", "帮助")[0].text
    assert engine.says("张三", "/today")[0].card
    assert engine.says("张三", "/nothing")[0].text == ZH["errors.not_understood"]


def test_leave_typed_is_the_officers_command_and_no_way_out_of_a_session(engine):
    assert engine.says("张三", "/leave")[0].text == ZH["errors.not_allowed"]
    assert engine.says("管理员", "/leave")[0].text == ZH["exempting.how_leave"]


@pytest.mark.parametrize("said", [BLOCKED, UNBLOCKED, UNREADABLE, f" {BLOCKED} x"])
def test_what_only_a_platform_reports_cannot_be_typed(engine, said):
    assert engine.says("张三", said)[0].text == ZH["errors.not_understood"]
    assert {row.unreachable for row in rows(engine, account)} == {""}


def test_what_a_platform_reports_is_believed(engine):
    engine.presses("张三", BLOCKED)
    assert {row.address: row.unreachable for row in rows(engine, account)}["telegram-张三"] == "blocked"
    engine.presses("张三", UNBLOCKED)
    assert {row.unreachable for row in rows(engine, account)} == {""}


def test_what_nobody_can_read_is_answered_and_ends_no_conversation(engine):
    engine.says("张三", "投诉建议")
    assert engine.presses("张三", UNREADABLE)[0].text == ZH["errors.unreadable"]
    assert number(engine, feedback) == 0
    engine.says("张三", "发得太早")
    assert [row.text for row in rows(engine, feedback)] == ["发得太早"]


def test_a_command_in_the_middle_of_a_conversation_is_a_command(engine):
    engine.says("张三", "投诉建议")
    assert engine.says("张三", "今日答题")[0].card
    assert number(engine, feedback) == 0


def test_a_press_never_continues_a_typed_conversation(engine):
    engine.says("张三", "投诉建议")
    engine.presses("张三", "随便什么")
    assert number(engine, feedback) == 0


def test_a_conversation_that_no_longer_exists_is_passed_over(engine):
    engine.write(lambda store: accounts.set_topic(store, "telegram:telegram-张三", "gone", {}, engine.now))
    assert engine.says("张三", "在吗")[0].text == ZH["errors.not_understood"]


# Files. ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["名册.xlsx", "名册.XLS", "名册.csv", "名册.et"])
def test_a_table_is_a_roster_and_is_read_by_a_job(engine, name):
    (reply,) = engine.sends("管理员", File(name, "x", b"x"))
    assert name in reply.text
    assert [row.kind for row in rows(engine, job)] == ["roster"]


def test_any_other_file_is_something_to_push(engine):
    (reply,) = engine.sends("管理员", File("通知.pdf", "application/pdf", b"%PDF"), text="通知")
    assert "发给谁" in reply.text
    assert number(engine, job) == 0


def test_a_file_from_somebody_without_the_right_is_not_kept(engine):
    for name in ("名册.xlsx", "通知.pdf"):
        assert engine.sends("张三", File(name, "x", b"x"))[0].text == ZH["errors.not_allowed"]
    assert number(engine, file) == 0


def test_what_is_kept_of_a_file_is_its_name(engine):
    engine.sends("张三", File("名册.xlsx", "x", b"x"))
    assert [row.said for row in rows(engine, inbox)] == ["[名册.xlsx]"]


def test_invitation_tokens_and_digits_are_not_kept(engine):
    for name in ("张三", "路人"):
        for said in ("/start SECRET", "/join SECRET 1234", "/enter SECRET"):
            engine.presses(name, said)
    assert {row.said for row in rows(engine, inbox)} == {"/start", "/join", "/enter"}


def test_the_web_shows_its_replies_itself_and_others_owe_them(engine):
    engine.write(lambda store: accounts.bind(store, engine.people["张三"], "web", "web-张三", engine.now))
    engine.says("张三", "帮助")
    engine.says("张三", "帮助", channel="web")
    assert {row.channel: bool(row.shown) for row in rows(engine, inbox)} == {"telegram": False, "web": True}


def test_both_languages_have_every_command():
    for language in LANGUAGES:
        assert {f"commands.{command.key}" for command in COMMANDS} <= words(language).keys()


def test_an_event_of_a_channel_nobody_is_on_is_a_strangers(engine):
    answered = engine.write(
        lambda store: dispatch.take(
            store, Incoming("wecom:1", Address("wecom", "telegram-张三"), engine.now, "今日答题"), engine.house
        )
    )
    assert answered.replies[0].text == ZH["binding.stranger_code"]
