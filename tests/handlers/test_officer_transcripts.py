"""The officer's and the leader's conversations as they run through dispatch, with buttons pressed as Telegram and WeCom send them."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from handlers import dispatch
from handlers.messages import Address, Incoming, Reply
from handlers.registry import COMMANDS
from handlers.unit_words import PAYLOAD
from storage import accounts
from storage.database import Store
from tests.builders import HOUSE, NOW, District, district, hands_in_paper, owed, sits, works

_KEYS = count()


def says(store: Store, name: str, said: str, *, press: bool = False, channel: str = "wecom") -> tuple[Reply, ...]:
    incoming = Incoming(
        f"t:{next(_KEYS)}",
        Address(channel, f"{channel}-{name}"),
        NOW,
        text="" if press else said,
        action=said if press else "",
    )
    return dispatch.take(store, incoming, HOUSE).replies


@pytest.fixture
def d(store: Store) -> District:
    return district(store)


def test_a_notice_from_the_first_word_to_the_result(store: Store, d: District) -> None:
    says(store, "王敏", "推送 通知 周五开会\n带本子")
    _, counts = says(store, "王敏", "发给 住建局", press=True)
    [done] = says(store, "王敏", counts.choices[0].says, press=True)
    assert done.text == "已开始安排，共5人，完成后告诉您。"
    [planned] = works(store, d, "push")
    assert owed(store, d, "张三") == ["【通知】周五开会\n带本子"]
    [state] = says(store, "王敏", planned.choices[0].says, press=True)
    assert "待发送5" in state.text


def test_the_same_in_english_where_commands_are_two_words(store: Store, d: District) -> None:
    store.plain("UPDATE person SET language = 'en'")
    says(store, "王敏", "push notice meeting on Friday")
    _, counts = says(store, "王敏", "send to 住建局")
    assert counts.choices[0].says == "confirm push 5"
    assert says(store, "王敏", "Confirm push 5")[0].text.startswith("It is being planned for 5 people")
    [preview] = says(store, "王敏", "remind missing")
    assert "9 can be reminded" in preview.text
    assert says(store, "王敏", preview.choices[0].says, press=True)[0].text.startswith("Reminders planned: 9")


def test_names_typed_while_a_push_waits_are_its_audience(store: Store, d: District) -> None:
    says(store, "王敏", "推送 通知 开会")
    assert "对象：指定2人，共2人。" in says(store, "王敏", "吴九、张三")[1].text


def test_a_complaint_is_what_is_typed_next(store: Store, d: District) -> None:
    says(store, "吴九", "投诉建议", press=True)
    assert says(store, "吴九", "提醒太多")[0].text == "已记录，编号 1。处理后会答复您。"
    assert says(store, "王敏", "答复 1 已减少")[0].text == "已答复编号 1，会发给本人。"


def test_cancelling_ends_a_push_and_a_report(store: Store, d: District) -> None:
    says(store, "王敏", "推送 通知 开会")
    says(store, "王敏", "取消", press=True)
    assert says(store, "王敏", "确认推送 9")[0].text.startswith("没有待确认的推送")
    hands_in_paper(store, d, d.round_id, "吴九", [True])
    says(store, "吴九", "题目纠错")
    says(store, "吴九", "取消")
    assert accounts.topic_of(store, "wecom:wecom-吴九") is None


@pytest.mark.parametrize("said", ["推送 通知 开会", "提醒未参考", "意见箱", "答复 1 好", "推送情况", "确认推送 9"])
def test_a_cadre_and_a_leader_may_not_do_what_the_officer_does(store: Store, d: District, said: str) -> None:
    for name in ("吴九", "李建国"):
        assert "没有这项权限" in says(store, name, said)[0].text


@pytest.mark.parametrize("said", ["参考率", "情况图", "趋势", "未参考"])
def test_a_cadre_reads_no_figures(store: Store, d: District, said: str) -> None:
    assert "没有这项权限" in says(store, "吴九", said)[0].text


def test_every_button_is_something_that_can_be_typed_and_fits_telegram(store: Store, d: District) -> None:
    sits(store, d, d.round_id, "张三")
    commands = {word for command in COMMANDS for word in dispatch.spoken(command.key)}
    for language in ("zh", "en"):
        store.plain(f"UPDATE person SET language = '{language}'")
        for said in (
            "参考率",
            "趋势",
            "未参考",
            "提醒未参考",
            "推送",
            "推送 通知 x",
            "学习资料",
            "为什么",
            "意见箱",
            "推送情况",
            "投诉建议",
        ):
            for reply in says(store, "王敏", said):
                for choice in reply.choices:
                    assert len(choice.says.encode()) <= PAYLOAD, choice
                    assert any(
                        choice.says.lower() == word or choice.says.lower().startswith(word + " ") for word in commands
                    ), choice


def test_a_repeated_event_gets_the_same_reply_and_does_nothing_twice(store: Store, d: District) -> None:
    says(store, "王敏", "推送 通知 开会")
    says(store, "王敏", "发给 吴九")
    once = Incoming("same", Address("wecom", "wecom-王敏"), NOW, action="确认推送 1")
    first, again = dispatch.take(store, once, HOUSE), dispatch.take(store, replace(once), HOUSE)
    assert first.replies == again.replies
    assert again.again
    works(store, d, "push")
    assert len(owed(store, d, "吴九")) == 1
