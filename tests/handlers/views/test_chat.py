"""The chat page: what was said and sent in its order, answered cards where they stood, and only open ones to press."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from handlers.messages import PAGE, answer_action
from handlers.views import chat
from handlers.views.chat import viewer_of
from storage import accounts
from storage.tables import round_
from tests.engine import DAILY, QUESTIONS, Engine


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    for name in ("张三", "李四"):
        engine.person(name, "住建局", channel="web")
    return engine.with_plan(DAILY).at("09:00")


def viewer(engine, store, name="张三"):
    account, person = accounts.behind(store, "web", f"web-{name}", engine.now)
    return chat.Viewer(person.id, account.id, person.name, person.language, ())


def page(engine, name="张三"):
    return engine.read(lambda store: chat.chat(store, viewer(engine, store, name), engine.house, engine.now))


def arriving(engine, after, name="张三"):
    return engine.read(lambda store: chat.arriving(store, viewer(engine, store, name), after, engine.house, engine.now))


def later(engine):
    engine.now += timedelta(seconds=1)
    return engine


def says(engine, text, name="张三"):
    later(engine).says(name, text, channel="web")


def answers(engine, shown, letters):
    """A press on a card of the page, as the page sends it: with the message it stands in."""
    action = answer_action(shown["reply"].card.token, letters)
    return later(engine).hears("张三", engine.incoming("张三", "web", action=action, origin=shown["id"]))


def test_an_empty_chat_has_the_menu_and_nothing_else(sqlite):
    engine = Engine(sqlite)
    engine.person("张三", "住建局", channel="web")
    shown = page(engine)
    assert (shown["messages"], shown["last"], shown["zone"]) == ([], 0, "Asia/Shanghai")
    assert [button.says for button in shown["menu"]] == ["今日答题", "学习资料", "我的学法档案", "帮助"]


def test_the_card_of_the_round_stands_there_without_being_sent(engine):
    (shown,) = page(engine)["messages"]
    assert (shown["mine"], shown["open"], shown["unsettled"]) == (False, True, True)
    assert shown["reply"].card
    assert page(engine)["last"] == int(shown["id"][1:])


def test_a_delivery_is_settled_once_it_was_shown(engine):
    engine.delivered("web")
    (shown,) = page(engine)["messages"]
    assert shown["unsettled"] is False


def test_what_was_said_and_answered_stands_in_its_order(engine):
    says(engine, "帮助")
    says(engine, "在吗")
    assert [(m["mine"], m["text"]) for m in page(engine)["messages"][1:]] == [
        (True, "帮助"),
        (False, ""),
        (True, "在吗"),
        (False, ""),
    ]


def test_an_answered_card_of_a_delivery_is_replaced_where_it_stood(engine):
    (card,) = page(engine)["messages"]
    says(engine, "帮助")
    (reply,) = answers(engine, card, "A")
    shown = page(engine)["messages"]
    assert [m["mine"] for m in shown] == [False, True, False]
    assert shown[0]["reply"] == reply
    assert "已记录" in shown[0]["reply"].text
    assert shown[0]["open"]


def test_each_answer_takes_the_place_of_the_one_before(engine):
    says(engine, "今日答题")
    for number in range(3):
        shown = page(engine)["messages"][-1]
        engine.heard["张三"] = (shown["reply"],)
        answers(engine, shown, engine.right("张三"))
        assert (
            len(page(engine)["messages"]) == (3, 3, 2)[number]
        )  # at the end the card that was sent has become pointless
    last = page(engine)["messages"][-1]
    assert last["reply"].card is None
    assert "3 题答对 3 题" in last["reply"].text


def test_the_card_that_was_sent_is_no_longer_open_once_its_question_is_answered_elsewhere(engine):
    says(engine, "今日答题")
    answers(engine, page(engine)["messages"][-1], "A")
    first = page(engine)["messages"][0]
    assert first["id"].startswith("d")
    assert first["reply"].card is None


def test_a_card_shown_twice_is_open_twice_until_it_is_answered(engine):
    says(engine, "今日答题")
    says(engine, "今日答题")
    cards = [m for m in page(engine)["messages"] if m["reply"].card]
    assert [m["open"] for m in cards] == [True, True, True]
    answers(engine, cards[-1], "A")
    cards = [m for m in page(engine)["messages"] if m["reply"].card]
    assert [m["open"] for m in cards][-2:] == [False, True]


def test_after_the_close_no_card_is_open(engine):
    says(engine, "今日答题")
    engine.now = engine.now.replace(hour=10, minute=0, second=0)
    assert [m["open"] for m in page(engine)["messages"] if m["reply"].card] == [False]
    engine.settle()
    engine.at("18:01")
    assert [m["open"] for m in page(engine)["messages"] if m["reply"].card] == [False]


def test_a_reply_to_a_message_no_longer_shown_is_appended(engine):
    (card,) = page(engine)["messages"]
    later(engine).hears(
        "张三", engine.incoming("张三", "web", action=answer_action(card["reply"].card.token, "A"), origin="gone")
    )
    shown = page(engine)["messages"]
    assert [m["id"] for m in shown][:1] == [card["id"]]
    assert ["已记录" in m["reply"].text for m in shown] == [False, True]


def test_a_press_is_not_repeated_as_something_said(engine):
    says(engine, "今日答题")
    answers(engine, page(engine)["messages"][-1], "A")
    assert [m["text"] for m in page(engine)["messages"] if m["mine"]] == ["今日答题"]


def test_only_the_last_forty_are_shown(engine):
    for number in range(30):
        says(engine, f"第{number}句")
    shown = page(engine)["messages"]
    assert len(shown) == chat.SHOWN
    assert shown[-2]["text"] == "第29句"


def test_nobody_sees_anothers_chat(engine):
    says(engine, "投诉建议 只给管理员看")
    assert "只给管理员看" not in repr(page(engine, "李四"))


def test_what_arrives_comes_once_by_number(engine):
    (card,) = arriving(engine, 0)
    assert card["reply"].card
    assert arriving(engine, card["id"]) == []
    engine.at("16:30")
    (reminder,) = arriving(engine, card["id"])
    assert reminder["id"] > card["id"]
    assert reminder["at"] == engine.now.isoformat()


def test_the_card_of_a_round_still_being_opened_arrives_once_it_is_open(engine):
    """A page goes on from the last number it saw: one that was passed over would never come."""
    in_state = update(round_)
    engine.write(lambda store: store.run(in_state.values(state="opening")))
    assert arriving(engine, 0) == []
    assert page(engine)["last"] == 0
    engine.write(lambda store: store.run(in_state.values(state="open")))
    assert len(arriving(engine, 0)) == 1


def test_what_became_pointless_does_not_arrive(engine):
    says(engine, "今日答题")
    for _ in range(3):
        engine.answers("张三", engine.right("张三"), channel="web")
    assert arriving(engine, 0) == []


def test_what_is_not_due_yet_does_not_arrive(engine):
    engine.now -= timedelta(hours=1)
    assert arriving(engine, 0) == []
    assert page(engine)["messages"] == []


def test_behind_a_session_is_its_person_with_their_roles(engine):
    engine.person("联络员", "住建局", channel="", role="liaison", on="住建局")
    engine.write(
        lambda store: accounts.open_session(
            store, engine.people["联络员"], "hash", engine.now, engine.now + timedelta(days=1)
        )
    )
    found = engine.read(lambda store: viewer_of(store, "hash", engine.now))
    assert (found.name, found.roles) == ("联络员", ("cadre", "liaison"))
    assert engine.read(lambda store: viewer_of(store, "other", engine.now)) is None
    assert engine.read(lambda store: viewer_of(store, "hash", engine.now + timedelta(days=1))) is None


def test_what_was_pressed_on_a_page_of_its_own_is_not_repeated_in_the_chat(engine):
    says(engine, "帮助")
    before = [m["id"] for m in page(engine)["messages"]]
    later(engine).hears("张三", engine.incoming("张三", "web", action="今日答题", origin=PAGE))
    assert [m["id"] for m in page(engine)["messages"]] == before
