"""WeCom's two doors know the same person; whoever speaks can be reached again; and none of it is done to those who were unbound there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers import dispatch
from handlers.messages import BLOCKED, PAGE, UNBLOCKED, Address, Incoming
from handlers.people import binding, vouching
from handlers.words import words
from storage import accounts, invitations
from storage.tables import account, audit, inbox
from tests.engine import Engine

ZH = words("zh")
TOKEN = "AbCdEfGhIjKlMnOpQr_-tU"


class Town(Engine):
    """Everybody has one userid in WeCom."""

    def address(self, name, channel):
        return f"id-{name}" if channel.startswith("wecom") else f"{channel}-{name}"


@pytest.fixture
def town(sqlite):
    town = Town(sqlite)
    town.person("张三", "住建局", channel="wecom")
    town.person("李四", "住建局", channel="")
    return town


def live(town, name="张三"):
    found = town.read(lambda store: accounts.of_person(store, town.people[name]))
    return {each.channel: (each.address, each.unreachable) for each in found}


def acts(town):
    return [
        (row.act, row.object, row.details)
        for row in town.read(lambda store: store.rows(select(audit).order_by(audit.c.id)))
    ]


# Two doors. --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("known", "spoken"), [("wecom", "wecom_bot"), ("wecom_bot", "wecom")])
def test_whom_one_door_knows_the_other_binds_at_the_first_word(sqlite, known, spoken):
    town = Town(sqlite)
    town.person("张三", "住建局", channel=known)
    assert town.says("张三", "帮助", channel=spoken)[0].text.startswith("您可以这样做")
    assert live(town) == {known: ("id-张三", ""), spoken: ("id-张三", "")}
    [(act, what, details)] = acts(town)
    assert (act, what) == ("account.bind", f"person:{town.people['张三']}")
    assert (details["channel"], details["known_by"]) == (spoken, known)


def test_the_second_word_binds_nothing_more(town):
    for _ in range(3):
        town.says("张三", "帮助", channel="wecom_bot")
    assert len(acts(town)) == 1


def test_the_same_word_on_another_channel_vouches_for_nobody(town):
    town.write(lambda store: accounts.bind(store, town.people["李四"], "telegram", "id-李四", town.now))
    assert town.says("李四", "帮助", channel="wecom")[0].text == ZH["binding.stranger_code"]
    assert acts(town) == []


def test_whoever_unbound_a_door_is_not_bound_there_again_unasked(town):
    town.says("张三", "帮助", channel="wecom_bot")
    town.says("张三", "解除绑定 yes", channel="wecom_bot")
    assert town.says("张三", "帮助", channel="wecom_bot")[0].text == ZH["binding.stranger_code"]
    assert list(live(town)) == ["wecom"]


def test_a_person_with_another_account_on_that_door_is_asked_for_an_invitation(town):
    town.write(lambda store: accounts.bind(store, town.people["张三"], "wecom_bot", "another", town.now))
    assert town.says("张三", "帮助", channel="wecom_bot")[0].text == ZH["binding.stranger_code"]


def test_leaving_a_door_that_was_never_entered_binds_nobody(town):
    town.presses("张三", BLOCKED, channel="wecom_bot")
    assert list(live(town)) == ["wecom"]


# Reachable again. --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["not_visible", "unlicensed", "no_first_word", "blocked", "chat_not_found"])
def test_any_word_from_an_account_makes_it_reachable_again(town, why):
    town.write(lambda store: store.run(account.update().values(unreachable=why, unreachable_at=town.now)))
    town.says("张三", "在吗", channel="wecom")
    assert live(town)["wecom"] == ("id-张三", "")
    assert town.read(lambda store: store.value(select(account.c.unreachable_at))) is None


def test_leaving_the_apps_visible_range_is_what_a_block_is_on_wecom(town):
    town.presses("张三", BLOCKED, channel="wecom")
    town.presses("张三", BLOCKED, channel="wecom")
    assert live(town)["wecom"][1] == "not_visible"
    town.presses("张三", UNBLOCKED, channel="wecom")
    assert live(town)["wecom"][1] == ""


@pytest.mark.parametrize("why", ["unlicensed", "no_first_word", "not_visible"])
def test_the_platforms_word_for_being_out_of_reach_is_kept(town, why):
    town.presses("张三", f"{BLOCKED} {why}", channel="wecom")
    assert live(town)["wecom"][1] == why
    town.presses("张三", f"{BLOCKED} nonsense", channel="wecom")
    assert live(town)["wecom"][1] == "not_visible"


def test_whoever_only_opens_a_page_is_not_within_reach_for_that(town):
    town.write(lambda store: store.run(account.update().values(unreachable="not_visible", unreachable_at=town.now)))
    page = Incoming("wecom:login:1", Address("wecom", "id-张三"), town.now, action="网页登录", origin=PAGE)
    answered = town.write(lambda store: dispatch.take(store, page, town.house))
    assert "/enter/" in answered.replies[0].links[0].url
    assert live(town)["wecom"][1] == "not_visible"


def test_for_everybody_else_nothing_more_is_asked_of_the_database(town, monkeypatch):
    monkeypatch.setattr(vouching, "speaker", lambda *_: pytest.fail("asked on the way of an answer"))
    assert town.says("张三", "帮助", channel="wecom")


# An invitation as a code. ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [
    TOKEN, f"  {TOKEN}\n", f"邀请码 {TOKEN}", f"邀请码{TOKEN}。", f"https://xuefa.example/join/{TOKEN}", f"http://10.0.0.1:8000/join/{TOKEN}",
    f"https://t.me/xuefa_bot?start={TOKEN}", f"您好，请打开链接：\n网页：https://xuefa.example/join/{TOKEN}\n",
])  # fmt: skip
@pytest.mark.parametrize("channel", ["wecom", "wecom_bot", "telegram"])
def test_a_stranger_who_sends_the_code_or_the_link_is_asked_who_they_are(town, said, channel):
    town.write(
        lambda store: invitations.make(
            store, [(TOKEN, town.people["李四"])], "bind", None, town.now, invitations.BIND_FOR
        )
    )
    assert "您是住建局李四吗？" in town.says("李四", said, channel=channel)[0].text
    assert "账号已绑定" in town.says("李四", "1234", channel=channel)[0].text
    assert list(live(town, "李四")) == [channel]


@pytest.mark.parametrize(
    "said",
    [
        "1234",
        "你好",
        TOKEN[:-1],
        TOKEN + "x",
        "我在住建局工作，想要一个邀请，谢谢您了，麻烦啦",
        "https://law.example/a",
    ],
)
def test_anything_else_from_a_stranger_is_no_code(said):
    assert binding.pasted(said) == ""


def test_a_code_that_is_nobodys_says_so(town):
    assert town.says("路人", TOKEN, channel="wecom")[0].text == ZH["binding.unknown"]


def test_another_code_in_the_middle_begins_with_that_one(town):
    for token, name in ((TOKEN, "李四"), (TOKEN[::-1], "张三")):
        town.write(
            lambda store, t=token, n=name: invitations.make(
                store, [(t, town.people[n])], "bind", None, town.now, invitations.BIND_FOR
            )
        )
    town.says("路人", TOKEN[::-1], channel="wecom")
    assert "李四吗" in town.says("路人", TOKEN, channel="wecom")[0].text


def test_a_strangers_code_is_not_kept(town):
    town.says("路人", f"邀请码 {TOKEN}", channel="wecom")
    assert {row.said for row in town.read(lambda store: store.rows(select(inbox.c.said)))} == {""}


def test_the_sentence_for_strangers_is_the_channels(town):
    assert town.says("路人", "你好", channel="wecom_bot")[0].text == ZH["binding.stranger_code"]
    assert town.says("路人", "/start", channel="wecom")[0].text == ZH["binding.stranger_code"]
    assert town.says("路人", "你好", channel="telegram")[0].text == ZH["binding.stranger"]


def test_a_bug_in_the_turn_of_a_first_word_is_quarantined_and_the_next_word_is_theirs(town):
    incoming = Incoming("wecom_bot:x", Address("wecom_bot", "id-张三"), town.now, "帮助")
    error = RuntimeError("x")
    answered = town.write(lambda store: dispatch.quarantine(store, incoming, town.house, error))
    assert "没有记下" in answered.replies[0].text
    town.says("张三", "帮助", channel="wecom_bot")
    assert set(live(town)) == {"wecom", "wecom_bot"}
