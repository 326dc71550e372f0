"""A person sees their doors and which works, and says where messages are to go."""

from __future__ import annotations

import pytest

from handlers.help.doors import doors
from storage import accounts
from tests.builders import NOW, district, turn


@pytest.fixture
def d(store):
    built = district(store)
    for channel in ("wecom_bot", "web"):
        built.accounts["张三", channel] = accounts.bind(store, built.people["张三"], channel, f"{channel}-张三", NOW)
    return built


def asks(store, d, said="推送到", name="张三", **more):
    [reply] = doors(turn(store, d, name, said, **more), store)
    return reply


def goes(store, d, name="张三"):
    found = accounts.reachable_accounts(store, [d.people[name]]).get(d.people[name])
    return found and found[1]


def test_every_door_is_listed_with_where_messages_go_now(store, d):
    reply = asks(store, d)
    assert reply.text.splitlines() == [
        "发给您的消息现在推送到：智能机器人。",
        "企业微信：收得到",
        "Telegram：收得到",
        "智能机器人：收得到",
        "网页：不推送，打开网页才看得到",
        "一处收不到时，自动改发到下一处。",
    ]
    assert [each.says for each in reply.choices] == ["推送到 企业微信", "推送到 Telegram", "推送到 网页", "帮助"]


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        ("企业微信", "wecom"),
        ("telegram", "telegram"),
        ("TELEGRAM", "telegram"),
        ("WeCom bot", "wecom_bot"),
        ("网页", "web"),
    ],
)
def test_a_door_is_chosen_by_its_name_in_either_language(store, d, said, channel):
    asks(store, d, f"推送到 {said}")
    assert goes(store, d) == channel


def test_the_choice_stays_when_a_door_is_added_and_is_the_persons_alone(store, d):
    before = goes(store, d, "李四")
    asks(store, d, "推送到 Telegram")
    accounts.bind(store, d.people["张三"], "feishu", "new", NOW)
    assert goes(store, d) == "telegram"
    assert goes(store, d, "李四") == before


def test_a_door_that_is_shut_is_noted_and_says_what_opens_it(store, d):
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "not_visible", NOW)
    reply = asks(store, d, "推送到 企业微信")
    assert reply.text.startswith("已记下企业微信，但那里现在收不到（不在应用可见范围内）")
    assert "管理后台 → 应用管理 → 可见范围" in reply.text
    assert goes(store, d) == "wecom_bot"
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "", NOW)
    assert goes(store, d) == "wecom"


def test_a_door_one_does_not_have_changes_nothing(store, d):
    reply = asks(store, d, "推送到 飞书")
    assert reply.text.startswith("您没有绑定「飞书」。")
    assert goes(store, d) == "wecom_bot"


def test_with_one_door_there_is_nothing_to_choose(store, d):
    reply = asks(store, d, name="李四")
    assert reply.text.splitlines() == ["发给您的消息现在推送到：Telegram。", "Telegram：收得到"]
    assert [each.says for each in reply.choices] == ["帮助"]


def test_where_nothing_arrives_anywhere_that_is_said(store, d):
    accounts.set_reachable(store, d.accounts["李四", "telegram"], "blocked", NOW)
    assert asks(store, d, name="李四").text.startswith("现在没有一处收得到推送。")


def test_the_web_waits_and_says_so(store, d):
    assert "别处不再推送" in asks(store, d, "推送到 网页").text
