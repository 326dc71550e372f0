"""The officer sees who is not bound yet and hands out links one by one or as a printed sheet, within their own scope."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from handlers.jobs import run_next
from handlers.people import binding
from handlers.people import invitations as conversation
from handlers.views import joining
from storage import files, invitations, tables
from storage.invitations import BIND
from tests.builders import HOUSE, NOW, district, person, turn

HERE = replace(HOUSE, telegram="xuefa_bot")


@pytest.fixture
def d(store):
    built = district(store)
    person(store, built, "郑十", "司法局", "司法局", channels=())
    return built


def invite(store, d, who, said="邀请", **more):
    return conversation.invite(turn(store, d, who, said, **more), store)


def sheet(store, d, who, said):
    return conversation.sheet(turn(store, d, who, said), store)[0]


def token_in(text):
    return text.rpartition("/join/")[2].split()[0]


def test_the_overview_counts_by_bureau_in_their_order_with_buttons(store, d):
    reply = invite(store, d, "王敏")[0]
    assert reply.text.splitlines() == [
        "共 11 人，还有 2 人没有绑定：",
        "住建局：1 人",
        "司法局：1 人",
        "可以打印邀请单发到单位，也可以发「邀请 姓名」给一个人。",
    ]
    assert [(c.label, c.says) for c in reply.choices] == [
        ("全部邀请单", "邀请单 all"),
        ("住建局邀请单", f"邀请单 {d.units['住建局']}"),
        ("司法局邀请单", f"邀请单 {d.units['司法局']}"),
    ]
    assert all(len(c.says.encode()) <= 64 for c in reply.choices)


def test_a_liaison_sees_and_invites_the_own_units_only(store, d):
    assert "共 6 人，还有 1 人" in invite(store, d, "刘洋")[0].text
    assert "没有找到" in invite(store, d, "刘洋", "邀请 郑十")[0].text
    assert "没有找到" in invite(store, d, "刘洋", f"邀请 {d.people['郑十']}")[0].text
    assert "质安站赵六" in invite(store, d, "刘洋", "邀请 赵六")[0].text
    assert "没有找到这个单位" in sheet(store, d, "刘洋", f"邀请单 {d.units['司法局']}").text
    assert "没有找到这个单位" in sheet(store, d, "刘洋", f"邀请单 {d.units['城南区']}").text
    assert "1 人" in sheet(store, d, "刘洋", "邀请单 全部").text


def test_one_link_comes_as_a_message_that_can_be_forwarded_as_it_is(store, d):
    note, message = invite(store, d, "王敏", "邀请 赵六", house=HERE)
    assert (
        note.text
        == "质安站赵六的邀请链接已生成，2026年12月18日前有效，只能用一次。以前发的链接已作废。请把下面这条转发给本人，不要发到群里。"
    )
    token = message.text.rpartition("?start=")[2]
    assert message.text == (
        f"您好，请打开链接，填手机号后四位，进入学法：\n网页：https://xuefa.example/join/{token}\nTelegram：https://t.me/xuefa_bot?start={token}"
    )
    assert joining.invitation(store, token, NOW)["name"] == "赵六"
    assert [row.act for row in store.rows(select(tables.audit.c.act))] == ["invitation.make"]


def test_a_new_link_revokes_the_former(store, d):
    former = token_in(invite(store, d, "王敏", "邀请 赵六")[1].text)
    latter = token_in(invite(store, d, "王敏", f"邀请 {d.people['赵六']}")[1].text)
    assert [invitations.find(store, token, BIND, NOW).state for token in (former, latter)] == ["revoked", "open"]


def test_namesakes_are_asked_about(store, d):
    person(store, d, "赵六", "司法局", "司法局", channels=())
    reply = invite(store, d, "王敏", "邀请 赵六")[0]
    assert [choice.label for choice in reply.choices] == ["质安站赵六", "司法局赵六"]
    assert "司法局赵六的邀请链接" in invite(store, d, "王敏", reply.choices[1].says)[0].text


def test_somebody_bound_already_can_be_invited_again_and_the_officer_is_told(store, d):
    assert "本人已经绑定" in invite(store, d, "王敏", "邀请 李四")[0].text


def test_on_telegram_no_other_name_appears_and_the_sheet_is_made_on_the_web(store, d):
    d.accounts["刘洋", "telegram"] = conversation.accounts.bind(
        store, d.people["刘洋"], "telegram", "telegram-刘洋", NOW
    )
    said = [
        reply.text for words in ("邀请", "邀请 赵六") for reply in invite(store, d, "刘洋", words, channel="telegram")
    ]
    assert "赵六" not in "".join(said)
    refused = conversation.sheet(turn(store, d, "刘洋", "邀请单 all", channel="telegram"), store)[0]
    assert refused.choices[0].says == "网页登录"
    assert store.rows(select(tables.job)) == []


def test_locked_invitations_are_listed(store, d):
    invite(store, d, "王敏", "邀请 赵六")
    for _ in range(3):
        invitations.count_wrong(store, invitations.hold(store, 1, NOW), NOW)
    assert invite(store, d, "王敏")[0].text.endswith("链接试错三次锁住的有 1 人，请核对手机号后重新邀请：质安站赵六")


def test_when_everybody_is_bound_nothing_is_left_to_do(store, d):
    for name in ("赵六", "郑十"):
        conversation.accounts.bind(store, d.people[name], "wecom", f"wecom-{name}", NOW)
    assert invite(store, d, "王敏")[0].text == "11 人都已绑定，不用再邀请。"
    assert "都已绑定" in sheet(store, d, "王敏", "邀请单 all").text


def work(database, house=HOUSE):
    def write(run):
        with database.writing() as store:
            return run(store)

    assert run_next(database, write, {conversation.JOB: conversation.print_sheet}, house, NOW)


@pytest.fixture
def printed(database):
    with database.writing() as store:
        d = district(store)
        person(store, d, "郑十", "司法局", "司法局", channels=())
        invite(store, d, "王敏", "邀请 赵六")
        said = sheet(store, d, "王敏", "邀请单 all").text
    work(database)
    return d, said


def test_a_sheet_is_printed_as_a_job_and_its_codes_replace_earlier_links(database, printed):
    _, said = printed
    assert said.startswith("正在制作邀请单：2 人。")
    assert "其中 1 人以前的邀请会作废" in said
    with database.reading() as store:
        body = store.value(select(tables.delivery.c.body))
        name, media_type, content = files.get(store, body["files"][0][0])
        assert (
            body["text"]
            == "邀请单做好了，共 2 人，2026年12月18日前有效。请打印、按虚线裁开，交给本人；不要拍照发到群里。"
        )
        assert (name, media_type, content[:5]) == ("邀请单-全部-2026-12-04-1.pdf", "application/pdf", b"%PDF-")
    with database.writing() as store:
        states = [invitations.hold(store, row.id, NOW).state for row in store.rows(select(tables.invitation.c.id))]
        assert sorted(states) == ["open", "open", "revoked"]


def test_the_cards_carry_live_tokens(store, d):
    missing = invitations.unbound(store, HOUSE.today(NOW))
    groups = conversation._groups(store, missing, {who.id: f"t{who.id}" for who in missing})
    assert [(unit, [(card.name, card.unit, card.by) for card in cards]) for unit, cards in groups] == [
        ("住建局", [("赵六", "质安站", "phone")]),
        ("司法局", [("郑十", "司法局", "phone")]),
    ]


def test_where_wecom_is_the_message_says_how_to_send_the_code_there(store, d):
    house = replace(HOUSE, wecom="学法")
    message = invite(store, d, "王敏", "邀请 赵六", house=house)[1]
    token = token_in(message.text)
    assert message.text == (
        f"您好，请打开链接，填手机号后四位，进入学法：\n网页：https://xuefa.example/join/{token}\n"
        f"企业微信：打开「工作台」里的「学法」，发送邀请码 {token}"
    )
    assert binding.pasted(message.text) == token
