"""The whole channel over a real WebSocket: nothing is lost, doubled or shown early, whatever WeCom does."""

import asyncio
import logging

import pytest

from handlers.messages import Choice, File, Reply
from tests.channels.wecom.bot.running import FIRST, answering, quiz, running, simulated
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import told

PNG = b"\x89PNG....."


@told
async def test_a_quiz_is_taken_by_buttons_and_a_vote():
    async with simulated() as (fake, hands):
        house = quiz()
        async with running(fake, hands, house):
            await fake.says("ZhangSan", "今日答题")
            await hands.waits(lambda: len(fake.inbox("ZhangSan")) == 2)
            stem, card = fake.inbox("ZhangSan")
            assert (stem.msgtype, stem.text) == (
                "stream",
                "**每日一题 · 第 1/2 题 · 单选题**\n\n一？\n\nA. 甲\nB. 乙\nC. 丙",
            )
            assert [label for label, _ in card.buttons] == ["A 甲", "B 乙", "C 丙"]
            await fake.clicks("ZhangSan", card, "A")
            await hands.waits(lambda: len(fake.inbox("ZhangSan")) == 4)
            assert fake.inbox("ZhangSan")[1].shown["main_title"]["title"] == "回答正确。"
            assert fake.inbox("ZhangSan")[1].buttons == [("✓ A", "-")]
            vote = fake.inbox("ZhangSan")[3]
            assert [text for _, text in vote.options] == ["A 甲", "B 乙", "C 丙"]
            await fake.clicks("ZhangSan", vote, "提交", picked=("C", "A"))
            await hands.waits(lambda: len(fake.inbox("ZhangSan")) == 5)
            await hands.waits(lambda: len(house.shown) == 3)
        assert fake.inbox("ZhangSan")[-1].text == "完成，得2分。"
        assert {incoming.account.id for incoming in house.came} == {"zhangsan"}
        assert [each.cmd for each in fake.journal if each.cmd.startswith("aibot_respond")] == [
            "aibot_respond_msg", "aibot_respond_update_msg", "aibot_respond_update_msg",
        ]  # fmt: skip


@told
async def test_nothing_is_shown_before_it_is_on_disk_and_the_card_changes_within_a_second_after():
    async with simulated() as (fake, hands):
        gate, house = asyncio.Event(), quiz()
        submit = house._submit

        async def slow(incoming):
            await gate.wait()
            return await submit(incoming)

        house._submit = slow
        async with running(fake, hands, house):
            gate.set()
            await fake.says("zhang", "今日答题")
            await hands.waits(lambda: len(fake.inbox("zhang")) == 2)
            gate.clear()
            before = len(fake.journal)
            await fake.clicks("zhang", fake.inbox("zhang")[1], "A")
            await hands.passes(2.0)
            assert {entry.cmd for entry in fake.journal[before:]} <= {"ping"}
            began = hands.monotonic()
            gate.set()
            await hands.waits(lambda: fake.inbox("zhang")[1].replaced)
            assert hands.monotonic() - began < 1.0


@told
async def test_a_press_recorded_too_late_for_its_card_is_answered_by_a_message_all_the_same():
    async with simulated() as (fake, hands):
        gate, house = asyncio.Event(), quiz()
        submit = house._submit

        async def slow(incoming):
            await gate.wait()
            return await submit(incoming)

        house._submit = slow
        async with running(fake, hands, house):
            gate.set()
            await fake.says("zhang", "今日答题")
            await hands.waits(lambda: len(fake.inbox("zhang")) == 2)
            gate.clear()
            await fake.clicks("zhang", fake.inbox("zhang")[1], "A")
            await hands.passes(6.0)
            gate.set()
            await hands.waits(lambda: len(fake.inbox("zhang")) == 4)
        assert fake.inbox("zhang")[1].replaced is None
        assert "回答正确" in fake.inbox("zhang")[2].text


@told
async def test_who_opens_the_chat_is_told_to_send_a_first_word_and_can_be_reached_after_it():
    async with simulated() as (fake, hands):
        house = quiz()
        house.plan(1, "li", channel="wecom_bot")
        async with running(fake, hands, house):
            await fake.enters("li")
            await hands.waits(lambda: fake.inbox("li") and house.outcomes)
            assert "任意" in fake.inbox("li")[0].text
            assert fake.inbox("li")[0].msgtype == "text"
            assert [(each.state, each.reason) for each in house.outcomes] == [("failed", "no_first_word")]
            await fake.says("li", "今日答题")
            house.plan(2, "li", channel="wecom_bot")
            await hands.waits(lambda: house.states.get(2) == "sent")
        assert not house.came[1:]


@told
async def test_an_event_that_comes_twice_is_recorded_and_answered_once():
    async with simulated() as (fake, hands):
        house, fake.twice = quiz(), True
        async with running(fake, hands, house):
            await fake.says("zhang", "今日答题")
            await hands.waits(lambda: len(fake.inbox("zhang")) == 2)
            await hands.passes(30.0)
        assert (len(house.came), len(fake.inbox("zhang"))) == (1, 2)


@told
async def test_one_persons_messages_keep_their_order_even_when_one_must_be_tried_again():
    async with simulated() as (fake, hands):
        house = CollectingHouse()
        house.failing = {"submit": 2}
        async with running(fake, hands, house):
            for number in range(12):
                await fake.says("zhang", str(number))
            await hands.waits(lambda: len(house.came) == 12)
        assert [incoming.text for incoming in house.came] == [str(number) for number in range(12)]


@told
async def test_who_could_not_be_recorded_is_told_so():
    async with simulated() as (fake, hands):
        house = quiz()
        house.failing = {"submit": 100}
        async with running(fake, hands, house):
            await fake.says("zhang", "今日答题")
            await hands.waits(lambda: fake.inbox("zhang"))
        assert fake.inbox("zhang")[0].text == house.house.words("zh")["wecom.bot_not_recorded"]


@told
async def test_a_file_dropped_into_the_chat_is_handed_over_whole():
    async with simulated() as (fake, hands):
        house = CollectingHouse()
        async with running(fake, hands, house):
            await fake.sends_file("zhang", "名册.xlsx", b"PK" * 70_000)
            await fake.sends_mixed("zhang", "看这张", PNG)
            await hands.waits(lambda: len(house.came) == 2)
        assert [(i.text, i.file.name, i.file.content) for i in house.came] == [
            ("", "名册.xlsx", b"PK" * 70_000),
            ("看这张", "x.png", PNG),
        ]


@told
async def test_groups_are_none_of_its_business_and_a_voice_message_is_its_transcript():
    async with simulated() as (fake, hands):
        house, fake.control_characters = CollectingHouse(), True
        async with running(fake, hands, house):
            await fake.says_in_group("zhang", "今日答题")
            await fake.speaks("zhang", "今日答题")
            await hands.waits(lambda: house.came)
        assert [incoming.text for incoming in house.came] == ["今日答题"]


@told
async def test_encrypted_userids_are_written_as_they_came():
    async with simulated() as (fake, hands):
        house, fake.open_userids = quiz(), True
        async with running(fake, hands, house):
            await fake.says("zhang", "今日答题")
            await hands.waits(lambda: len(fake.inbox("zhang")) == 2)
        assert house.came[0].account.id == fake.shown_as("zhang")


@told
async def test_a_reply_whose_connection_died_is_owed_and_shown_once_after_the_reconnection():
    async with simulated() as (fake, hands):
        house = quiz()
        async with running(fake, hands, house):
            await fake.says("zhang", "今日答题")
            await hands.waits(lambda: len(fake.inbox("zhang")) == 2 and house.shown)
            fake.pull("aibot_send_msg", "acked", "abort")
            owed = "wecom_bot:owed"
            house.owe(owed, "zhang", None, Reply("一"), Reply("二"))
            house.owing[0] = type(house.owing[0])(owed, house.came[0].account, None, house.owing[0].replies)
            await hands.waits(lambda: owed in house.shown)
        assert [sent.text for sent in fake.inbox("zhang")[2:]] == ["一", "二"]


@told
async def test_pushes_go_out_and_are_settled():
    async with simulated() as (fake, hands):
        house = CollectingHouse()
        async with running(fake, hands, house):
            people = [f"u{number}" for number in range(1, 21)]
            for person in people:
                await fake.says(person, "在")
            for number, person in enumerate(people, 1):
                house.plan(number, person, Reply("新的一期", card=FIRST), channel="wecom_bot")
            await hands.waits(lambda: len(house.outcomes) == 20)
        assert set(house.states.values()) == {"sent"}
        assert all([sent.msgtype for sent in fake.inbox(person)] == ["markdown", "template_card"] for person in people)


@pytest.mark.parametrize(("when", "state", "copies"), [("before", "uncertain", 0), ("unacked", "uncertain", 1)])
@told
async def test_a_push_without_an_ack_is_never_sent_again_blindly(when, state, copies):
    async with simulated() as (fake, hands):
        house = CollectingHouse()
        async with running(fake, hands, house):
            await fake.says("zhang", "在")
            await hands.waits(lambda: house.came)
            fake.pull("aibot_send_msg", when, "abort")
            house.plan(1, "zhang", channel="wecom_bot")
            await hands.waits(lambda: house.outcomes)
            await hands.passes(60.0)
        assert house.states == {1: state}
        assert len(fake.inbox("zhang")) == copies


@told
async def test_pushes_wait_while_nobody_is_connected():
    async with simulated() as (fake, hands):
        house = CollectingHouse()
        async with running(fake, hands, house):
            await fake.says("zhang", "在")
            await hands.waits(lambda: house.came)
            fake.refuses["aibot_subscribe"] = [-1] * 3
            fake.abort()
            house.plan(1, "zhang", channel="wecom_bot")
            await hands.waits(lambda: house.states.get(1) == "sent", step=0.2)
        assert len(fake.inbox("zhang")) == 1
        assert house.outcomes[0].state == "retry"


@told
async def test_a_file_for_everybody_is_uploaded_once():
    async with simulated() as (fake, hands):
        house = answering(图=(Reply("", files=(File("图.png", "image/png", PNG),), choices=()),))
        async with running(fake, hands, house):
            await fake.says("zhang", "图")
            await fake.says("li", "图")
            await hands.waits(lambda: fake.inbox("zhang") and fake.inbox("li"))
        assert fake.uploads.finished == 1
        assert [(sent.msgtype, sent.name, sent.content) for sent in fake.inbox("li")] == [("image", "图.png", PNG)]


@told
async def test_everything_works_after_a_clean_close_as_after_any_other_end():
    async with simulated() as (fake, hands):
        house = answering(好=(Reply("收到", choices=(Choice("今日答题", "今日答题"),)),))
        async with running(fake, hands, house) as channel:
            for end in (fake.close_cleanly, fake.abort, fake.close_cleanly):
                ended = end()
                if ended is not None:
                    await ended
                await hands.waits(lambda: fake.is_live and channel.connected)
                await fake.says("zhang", "好")
                await hands.waits(lambda: len(house.shown) == len(house.came) > 0)
        assert len(house.came) == len(fake.inbox("zhang")) == 3
        assert (channel.connected, channel.routes) == (False, ())


@told
async def test_the_secret_is_in_no_log_whatever_fails(caplog, capsys):
    caplog.set_level(logging.DEBUG)
    async with simulated() as (fake, hands):
        house = quiz()
        async with running(fake, hands, house):
            fake.refuses["aibot_subscribe"] = [853000, 45009]
            fake.refuses["aibot_respond_msg"] = [40008]
            await fake.says("zhang", "今日答题")
            await hands.waits(lambda: house.shown)
            await fake.sends_file("zhang", "x.xlsx", b"PK")
            await fake.kick()
            await hands.waits(lambda: fake.is_live, step=0.5)
    told_all = caplog.text + "".join(capsys.readouterr())
    assert "wecom_bot_kicked" in told_all
    assert "wecom_bot_refused" in told_all
    assert "SECRET" not in told_all
    assert "aeskey" not in told_all
