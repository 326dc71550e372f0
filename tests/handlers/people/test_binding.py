"""An account becomes somebody's by confirming an invitation, never by opening one; and every door that is shut says what to do next."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers import dispatch
from handlers.messages import Address, Incoming
from handlers.people import binding
from handlers.turns import Topic, Turn
from handlers.views import joining
from quizzes.people import Person, Posting, PostingKind
from storage import accounts, invitations, people, tables
from tests.builders import HOUSE, NOW, district, turn

TOKEN = "AbCdEfGhIjKlMnOpQrStUv"
SESSION = "s:" + "0" * 64


@pytest.fixture
def d(store):
    return district(store)


def stranger(store, said, *, channel="telegram", address="tg-1", action=False, now=NOW):
    topic = accounts.topic_of(store, f"{channel}:{address}")
    found = accounts.behind(store, channel, address, now)
    incoming = Incoming(
        f"{channel}:{said}", Address(channel, address), now, "" if action else said, said if action else ""
    )
    return Turn(
        incoming, now, HOUSE, *(found or (None, None)), topic=Topic(topic[0], json.loads(topic[1])) if topic else None
    )


def invite(store, person_id, *, token=TOKEN, purpose=invitations.BIND, by=None, valid=timedelta(days=14)):
    invitations.make(store, [(token, person_id)], purpose, by, NOW, valid)


def start(store, token=TOKEN, **more):
    return binding.start(stranger(store, f"/start {token}", **more), store)[0]


def say(store, said, **more):
    return binding.confirm(stranger(store, said, **more), store)[0]


def join(store, said, **more):
    return binding.join(stranger(store, f"/join {said}", channel="web", address=SESSION, action=True, **more), store)[0]


def phoneless(store, d, name, staff_no=""):
    number = people.add_people(store, [Person(0, name, staff_no)], NOW)[0]
    people.add_postings(store, [Posting(0, number, d.units["住建局"], PostingKind.STAFF, HOUSE.today(NOW))], None, NOW)
    return number


def test_opening_an_invitation_asks_and_binds_nobody(store, d):
    invite(store, d.people["赵六"])
    reply = start(store)
    assert reply.text == "您是质安站赵六吗？是的话，请输入您手机号的后四位。不是的话，请按「不是我」。"
    assert accounts.of_person(store, d.people["赵六"]) == []
    assert joining.invitation(store, TOKEN, NOW)["state"] == "open"


def test_the_last_digits_of_the_phone_bind_and_the_welcome_says_what_is_recorded(store, d):
    invite(store, d.people["赵六"])
    start(store)
    reply = say(store, "０００8")
    assert reply.text.startswith("赵六，您好，账号已绑定")
    assert "不记在线时长，不排名次" in reply.text
    assert [choice.says for choice in reply.choices] == ["今日答题"]
    assert accounts.behind(store, "telegram", "tg-1", NOW)[1].id == d.people["赵六"]
    assert accounts.topic_of(store, "telegram:tg-1") is None


def test_three_wrong_confirmations_lock_the_invitation_for_everybody_and_tell_the_officer(store, d):
    invite(store, d.people["赵六"], by=d.people["王敏"])
    start(store)
    assert say(store, "9999").text == "后四位不对，还可以试 2 次。请核对后再输入。"
    assert "1 次" in say(store, "9999").text
    assert "已经锁住" in say(store, "9999").text
    assert "已经锁住" in start(store, address="tg-2").text
    assert "已经锁住" in join(store, f"{TOKEN} 0008").text
    assert accounts.of_person(store, d.people["赵六"]) == []
    told = store.rows(select(tables.delivery.c.body, tables.delivery.c.account_id))
    assert [(row.account_id, row.body["text"]) for row in told] == [
        (d.accounts["王敏", "wecom"], "质安站赵六的邀请链接试错三次，已锁住。请核对手机号，再发新的邀请。")
    ]
    assert invitations.locked(store, NOW) == [d.people["赵六"]]


def test_an_officer_on_a_channel_without_names_hears_of_the_unit_only(store, d):
    store.run(
        update(tables.account).where(tables.account.c.id == d.accounts["王敏", "wecom"]).values(channel="telegram")
    )
    invite(store, d.people["赵六"], by=d.people["王敏"])
    start(store)
    for _ in range(3):
        say(store, "9999")
    assert "赵六" not in store.value(select(tables.delivery.c.body))["text"]


def test_what_is_not_four_digits_costs_no_try(store, d):
    invite(store, d.people["赵六"])
    start(store)
    assert say(store, "138").text.startswith("请输入四位数字")
    assert joining.invitation(store, TOKEN, NOW)["tries_left"] == 3


def test_without_a_phone_the_staff_number_confirms(store, d):
    invite(store, phoneless(store, d, "郑十", "GA-20231"))
    assert "工号的后四位" in start(store).text
    assert say(store, "0231").text.startswith("郑十")


def test_without_phone_and_staff_number_a_button_confirms(store, d):
    invite(store, phoneless(store, d, "郑十"))
    reply = start(store)
    assert [choice.says for choice in reply.choices] == ["是我", "不是我"]
    assert say(store, "什么", action=True).text == reply.text
    assert say(store, "是我", action=True).text.startswith("郑十，您好")


def test_not_me_ends_the_conversation_and_leaves_the_invitation_open(store, d):
    invite(store, d.people["赵六"])
    start(store)
    assert "没有绑定" in say(store, "不是我", action=True).text
    assert accounts.topic_of(store, "telegram:tg-1") is None
    assert joining.invitation(store, TOKEN, NOW)["state"] == "open"


def test_every_shut_door_has_its_own_sentence(store, d):
    said = {"unknown": start(store, "x").text}
    invite(store, d.people["赵六"])
    start(store)
    say(store, "0008")
    said["used"] = start(store, address="tg-2").text
    invite(store, d.people["李四"], token="old")
    invite(store, d.people["李四"], token="new")
    said["revoked"] = start(store, "old", address="tg-2").text
    said["expired"] = start(store, "new", address="tg-2", now=NOW + timedelta(days=15)).text
    people.end_postings(
        store, [each.id for each in people.postings(store) if each.person_id == d.people["李四"]], HOUSE.today(NOW)
    )
    said["gone"] = start(store, "new", address="tg-2").text
    said["none"] = binding.start(stranger(store, "/start", address="tg-9"), store)[0].text
    assert len(set(said.values())) == 6
    assert all("联络员" in text for text in said.values()), said


def test_an_address_of_somebody_else_must_first_be_unbound(store, d):
    invite(store, d.people["赵六"])
    refused = binding.start(turn(store, d, "李四", f"/start {TOKEN}"), store)[0]
    assert refused.text.startswith("这个账号现在绑定的是李四，没有改动")
    asked = binding.unbind(turn(store, d, "李四", "解除绑定"), store)[0]
    assert asked.choices[0].says == "解除绑定 yes"
    assert accounts.behind(store, "telegram", "telegram-李四", NOW)
    binding.unbind(turn(store, d, "李四", "解除绑定 yes"), store)
    assert accounts.behind(store, "telegram", "telegram-李四", NOW) is None
    assert "赵六" in start(store, address="telegram-李四").text


def test_opening_ones_own_invitation_again_consumes_nothing(store, d):
    invite(store, d.people["李四"])
    assert "已经绑定" in binding.start(turn(store, d, "李四", f"/start {TOKEN}"), store)[0].text
    assert joining.invitation(store, TOKEN, NOW)["state"] == "open"


def test_binding_again_on_the_same_channel_ends_the_former_account_and_tells_it(store, d):
    invite(store, d.people["李四"])
    start(store)
    assert "原来的账号不再收到" in say(store, "0007").text
    assert accounts.behind(store, "telegram", "telegram-李四", NOW) is None
    told = store.row(select(tables.delivery.c.account_id, tables.delivery.c.body, tables.delivery.c.state))
    assert told.account_id == d.accounts["李四", "telegram"]
    assert "如果不是您本人操作" in told.body["text"]
    assert told.state == "planned"


def test_a_person_may_have_several_channels(store, d):
    invite(store, d.people["李四"])
    join(store, f"{TOKEN} 0007")
    assert sorted(each.channel for each in accounts.of_person(store, d.people["李四"])) == ["telegram", "web"]


# The web. --------------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_question_without_consuming_and_joining_signs_the_browser_in(store, d):
    invite(store, d.people["赵六"])
    door = joining.invitation(store, TOKEN, NOW)
    assert door == {"state": "open", "name": "赵六", "unit": "质安站", "digits": True, "by": "phone", "tries_left": 3}
    assert joining.invitation(store, TOKEN, NOW) == door
    assert "后四位不对" in join(store, f"{TOKEN} 1111").text
    assert accounts.behind(store, "web", SESSION, NOW) is None
    assert join(store, f"{TOKEN} 0008").text.startswith("赵六，您好")
    assert accounts.behind(store, "web", SESSION, NOW + timedelta(days=29))[1].name == "赵六"
    assert accounts.behind(store, "web", SESSION, NOW + timedelta(days=31)) is None
    assert joining.invitation(store, TOKEN, NOW)["state"] == "used"


def test_a_shut_page_shows_no_name(store, d):
    invite(store, d.people["赵六"], valid=timedelta(minutes=-1))
    assert joining.invitation(store, TOKEN, NOW) == joining.UNKNOWN | {"state": "expired"}
    assert joining.invitation(store, "nobody", NOW)["state"] == "unknown"


def test_a_link_forwarded_or_previewed_without_digits_signs_nobody_in(store, d):
    invite(store, d.people["赵六"])
    assert join(store, TOKEN).text.startswith("请输入四位数字")
    assert accounts.behind(store, "web", SESSION, NOW) is None
    assert joining.invitation(store, TOKEN, NOW)["tries_left"] == 3


def test_a_login_link_from_chat_signs_in_once_within_ten_minutes(store, d):
    link = binding.web_login(turn(store, d, "李四", "网页登录"), store)[0].links[0].url
    code = link.removeprefix("https://xuefa.example/enter/")
    assert joining.entry(store, code, NOW)["state"] == "open"
    assert joining.entry(store, code, NOW)["digits"] is False
    assert joining.invitation(store, code, NOW)["state"] == "unknown"

    def enter(**more):
        return binding.enter(stranger(store, f"/enter {code}", channel="web", action=True, **more), store)[0].text

    assert "失效" in enter(address=SESSION, now=NOW + timedelta(minutes=11))
    assert enter(address=SESSION).startswith("李四，您已登录")
    assert "失效" in enter(address="s:" + "1" * 64)
    assert joining.entry(store, code, NOW)["state"] == "used"


def test_a_second_login_link_ends_the_first(store, d):
    first, second = (
        binding.web_login(turn(store, d, "李四", "网页登录"), store)[0].links[0].url.rpartition("/")[2]
        for _ in range(2)
    )
    assert [joining.entry(store, code, NOW)["state"] for code in (first, second)] == ["expired", "open"]


def test_leaving_ends_this_browsers_session_only_and_the_browser_may_come_back(store, d):
    for token, address in (("a", SESSION), ("b", "s:" + "1" * 64)):
        invite(store, d.people["赵六"], token=token)
        binding.join(stranger(store, f"/join {token} 0008", channel="web", address=address), store)
    binding.leave(stranger(store, "/leave", channel="web", address=SESSION), store)
    assert accounts.behind(store, "web", SESSION, NOW) is None
    assert accounts.behind(store, "web", "s:" + "1" * 64, NOW)
    invite(store, d.people["赵六"], token="c")
    join(store, "c 0008")
    assert accounts.behind(store, "web", SESSION, NOW)


def test_a_browser_of_somebody_else_is_not_taken_over(store, d):
    invite(store, d.people["赵六"], token="a")
    join(store, "a 0008")
    invite(store, d.people["李四"], token="b")
    assert "现在登录的是赵六" in join(store, "b 0007").text
    assert joining.invitation(store, "b", NOW)["state"] == "open"


def test_being_blocked_and_unblocked_is_written_down(store, d):
    binding.blocked(turn(store, d, "李四", "/blocked", action=True), store)
    assert accounts.behind(store, "telegram", "telegram-李四", NOW)[0].unreachable == "blocked"
    binding.unblocked(turn(store, d, "李四", "/unblocked", action=True), store)
    assert accounts.behind(store, "telegram", "telegram-李四", NOW)[0].unreachable == ""
    assert binding.blocked(stranger(store, "/blocked"), store) == []


def test_tokens_have_128_bits_and_only_their_digest_is_stored(store, d):
    assert len(binding.new_token()) == 22
    invite(store, d.people["赵六"])
    assert TOKEN not in str(store.rows(select(tables.invitation)))


def test_a_person_who_reads_english_is_welcomed_in_english(store, d):
    accounts.set_language(store, d.people["赵六"], "en")
    invite(store, d.people["赵六"])
    start(store)
    assert say(store, "0008").text.startswith("Hello 赵六")


def test_a_stranger_may_press_what_could_be_typed_and_no_token_or_digit_is_kept(store, d):
    invite(store, phoneless(store, d, "郑十"))
    said = [("", f"/start {TOKEN}"), ("是我", "")]
    replies = [
        dispatch.take(store, Incoming(f"telegram:{n}", Address("telegram", "tg-1"), NOW, text, action), HOUSE).replies[
            0
        ]
        for n, (action, text) in enumerate(said)
    ]
    assert replies[1].text.startswith("郑十，您好")
    assert TOKEN not in str(store.rows(select(tables.inbox.c.said)))
