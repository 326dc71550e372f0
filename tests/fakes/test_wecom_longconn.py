"""The simulator of the long connection keeps WeCom's rules: a raw client finds each of them."""

import asyncio
import base64
import hashlib
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.fakes.hours import told
from tests.fakes.wecom.longconn import LongConn


class Clock:
    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


class Raw:
    """A client that says exactly what it is told."""

    def __init__(self, socket):
        self.socket, self.events, self.number = socket, [], 0

    async def ask(self, cmd, body=None, req_id=""):
        """The errcode."""
        return (await self.answer(cmd, body, req_id))["errcode"]

    async def answer(self, cmd, body=None, req_id=""):
        self.number += 1
        req_id = req_id or f"mine-{self.number}"
        await self.socket.send_str(json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": body or {}}))
        while True:
            frame = json.loads(await self.socket.receive_str(timeout=5), strict=False)
            if "cmd" not in frame:
                assert frame["headers"]["req_id"] == req_id
                return frame
            self.events.append(frame)

    async def event(self):
        if not self.events:
            self.events.append(json.loads(await self.socket.receive_str(timeout=5), strict=False))
        return self.events.pop(0)

    async def says(self, text, to="zhang"):
        return await self.ask(
            "aibot_send_msg", {"chatid": to, "chat_type": 1, "msgtype": "markdown", "markdown": {"content": text}}
        )

    async def card(self, task, to="zhang"):
        return await self.ask(
            "aibot_send_msg", {"chatid": to, "chat_type": 1, "msgtype": "template_card", "template_card": card(task)}
        )


def card(task, label="A"):
    return {
        "card_type": "button_interaction", "main_title": {"title": "第一题"}, "task_id": task,
        "button_list": [{"text": label, "style": 1, "key": f"={task}:{label}"}],
    }  # fmt: skip


def stream(text, *, finish=True):
    return {"msgtype": "stream", "stream": {"id": "s1", "finish": finish, "content": text}}


def update(task):
    return {"response_type": "update_template_card", "template_card": card(task, "已作答")}


@asynccontextmanager
async def world(*, subscribed=True):
    clock = Clock()
    async with LongConn("bot", "SECRET", now=clock) as fake, aiohttp.ClientSession() as session:
        async with session.ws_connect(fake.url) as socket:
            raw = Raw(socket)
            if subscribed:
                assert await raw.ask("aibot_subscribe", {"bot_id": "bot", "secret": "SECRET"}) == 0
            yield fake, raw, clock


@told
async def test_nothing_is_taken_before_the_subscription_and_no_wrong_secret():
    async with world(subscribed=False) as (fake, raw, _):
        assert await raw.says("好") == 846609
        assert await raw.ask("aibot_subscribe", {"bot_id": "bot", "secret": "x"}) == 853000
        assert not await fake.says("zhang", "在")
        assert await raw.ask("aibot_subscribe", {"bot_id": "bot", "secret": "SECRET"}) == 0
        assert await raw.ask("ping") == 0
        fake.forget()
        assert await raw.says("好") == 846609


@told
async def test_nothing_can_be_sent_to_who_never_wrote():
    async with world() as (fake, raw, _):
        await fake.enters("zhang")
        assert await raw.says("好") == 846607
        await fake.says("zhang", "在")
        assert await raw.says("好", to="ZHANG") == 0
        assert [sent.text for sent in fake.inbox("zhang")] == ["好"]


@told
async def test_a_message_is_answered_once_by_a_finished_stream():
    async with world() as (fake, raw, clock):
        await fake.says("zhang", "在")
        req_id = (await raw.event())["headers"]["req_id"]
        assert await raw.ask("aibot_respond_msg", stream("想", finish=False), req_id) == 0
        assert await raw.ask("aibot_respond_msg", stream("好"), req_id) == 0
        assert await raw.ask("aibot_respond_msg", stream("好"), req_id) == 846606
        assert await raw.ask("aibot_respond_msg", stream("好"), "req-x") == 846605
        await fake.says("zhang", "在")
        req_id = (await raw.event())["headers"]["req_id"]
        clock.at += 601
        assert await raw.ask("aibot_respond_msg", stream("好"), req_id) == 846608
        clock.at += 24 * 3600
        assert (
            await raw.ask("aibot_respond_msg", {"msgtype": "markdown", "markdown": {"content": "好"}}, req_id) == 846604
        )


@told
async def test_a_card_is_replaced_within_five_seconds_of_a_press_and_by_nothing_else():
    async with world() as (fake, raw, clock):
        await fake.says("zhang", "在")
        assert await raw.card("t1") == 0
        assert await raw.card("t1") == 846625
        await raw.event()
        await fake.clicks("zhang", fake.inbox("zhang")[-1], "A")
        press = await raw.event()
        assert press["body"]["event"]["template_card_event"]["event_key"] == "=t1:A"
        req_id = press["headers"]["req_id"]
        assert await raw.ask("aibot_respond_msg", stream("好"), req_id) == 846605
        assert await raw.ask("aibot_respond_update_msg", update("t2"), req_id) == 846625
        assert await raw.ask("aibot_respond_update_msg", update("t1"), req_id) == 0
        assert fake.inbox("zhang")[-1].buttons == [("已作答", "=t1:已作答")]
        assert await raw.ask("aibot_respond_update_msg", update("t1"), req_id) == 846606
        await fake.clicks("zhang", fake.inbox("zhang")[-1], "已作答")
        req_id = (await raw.event())["headers"]["req_id"]
        clock.at += 5.1
        assert await raw.ask("aibot_respond_update_msg", update("t1"), req_id) == 846604


@told
async def test_who_enters_is_seen_once_a_day_and_welcomed_within_five_seconds():
    async with world() as (fake, raw, clock):
        assert await fake.enters("zhang")
        assert not await fake.enters("zhang")
        event = await raw.event()
        assert "chattype" not in event["body"]
        welcome = {"msgtype": "text", "text": {"content": "您好"}}
        assert await raw.ask("aibot_respond_welcome_msg", welcome, event["headers"]["req_id"]) == 0
        await fake.enters("li")
        clock.at += 6
        assert await raw.ask("aibot_respond_welcome_msg", welcome, (await raw.event())["headers"]["req_id"]) == 846604


@told
async def test_thirty_messages_a_minute_and_a_thousand_an_hour_and_no_more():
    async with world() as (fake, raw, clock):
        await fake.says("zhang", "在")
        assert [await raw.says("好") for _ in range(31)] == [0] * 30 + [45009]
        clock.at += 61
        assert await raw.says("好") == 0
        sent = 31
        while sent < 1000:
            clock.at += 61 if sent % 29 == 0 else 0
            assert await raw.says("好") == 0
            sent += 1
        clock.at += 61
        assert await raw.says("好") == 45009


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "text", "text": {"content": "好"}}, 40008),
        ({"msgtype": "markdown", "markdown": {"content": " "}}, 44004),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 6827}}, 45002),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 6826}}, 0),
        ({"msgtype": "file", "file": {"media_id": "none"}}, 40007),
        ({"msgtype": "template_card", "template_card": {**card("t"), "button_list": []}}, 42036),
        ({"msgtype": "template_card", "template_card": {**card("t"), "card_type": "text_notice"}}, 42045),
    ],
)
@told
async def test_bodies_are_judged(body, code):
    async with world() as (fake, raw, _):
        await fake.says("zhang", "在")
        assert await raw.ask("aibot_send_msg", {"chatid": "zhang", "chat_type": 1, **body}) == code


@told
async def test_what_is_taken_but_shown_badly_and_a_chat_of_no_kind_are_problems():
    async with world() as (fake, raw, _):
        await fake.says("zhang", "在")
        await raw.ask("aibot_send_msg", {"chatid": "zhang", "msgtype": "markdown", "markdown": {"content": "好"}})
        await raw.ask(
            "aibot_send_msg",
            {"chatid": "zhang", "chat_type": 1, "msgtype": "template_card", "template_card": card("t", "字" * 11)},
        )
        await raw.socket.send_str("nonsense")
        await raw.ask("ping")
        assert len(fake.problems) == 3


@told
async def test_uploads_have_their_rules_and_three_days():
    async with world() as (fake, raw, clock):
        await fake.says("zhang", "在")
        content = b"x" * (512 * 1024 + 5)
        told = {"type": "file", "filename": "a.bin", "total_size": len(content), "total_chunks": 2}
        assert await raw.ask("aibot_upload_media_init", {**told, "total_size": 4}) == 846613
        assert await raw.ask("aibot_upload_media_init", {**told, "type": "zip"}) == 846697
        assert await raw.ask("aibot_upload_media_init", {**told, "total_chunks": 101}) == 846612
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        upload = (await raw.answer("aibot_upload_media_init", {**told, "md5": md5}))["body"]["upload_id"]
        chunks = [base64.b64encode(part).decode() for part in (content[: 512 * 1024], content[512 * 1024 :])]
        assert (
            await raw.ask("aibot_upload_media_chunk", {"upload_id": "x", "chunk_index": 0, "base64_data": chunks[0]})
            == 846611
        )
        assert (
            await raw.ask("aibot_upload_media_chunk", {"upload_id": upload, "chunk_index": 2, "base64_data": chunks[1]})
            == 846612
        )
        assert (
            await raw.ask("aibot_upload_media_chunk", {"upload_id": upload, "chunk_index": 1, "base64_data": chunks[1]})
            == 0
        )
        assert await raw.ask("aibot_upload_media_finish", {"upload_id": upload}) == 846616
        assert (
            await raw.ask("aibot_upload_media_chunk", {"upload_id": upload, "chunk_index": 0, "base64_data": chunks[0]})
            == 0
        )
        media = (await raw.answer("aibot_upload_media_finish", {"upload_id": upload}))["body"]["media_id"]
        body = {"chatid": "zhang", "chat_type": 1, "msgtype": "file", "file": {"media_id": media}}
        assert await raw.ask("aibot_send_msg", body) == 0
        assert (fake.inbox("zhang")[0].name, fake.inbox("zhang")[0].content) == ("a.bin", content)
        clock.at += 3 * 24 * 3600 + 1
        assert await raw.ask("aibot_send_msg", body) == 40145


@told
async def test_a_second_subscription_displaces_the_first_with_a_word():
    async with world() as (fake, raw, _):
        async with aiohttp.ClientSession() as session, session.ws_connect(fake.url) as socket:
            other = Raw(socket)
            waiting = asyncio.ensure_future(raw.event())
            assert await other.ask("aibot_subscribe", {"bot_id": "bot", "secret": "SECRET"}) == 0
            assert (await waiting)["body"]["event"]["eventtype"] == "disconnected_event"
            assert (await raw.socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
            await fake.says("zhang", "在")
            assert (await other.event())["cmd"] == "aibot_msg_callback"


@told
async def test_a_clean_close_says_1000_and_an_abort_says_nothing():
    async with world() as (fake, raw, _):
        closing = asyncio.ensure_future(fake.close_cleanly())
        assert (await raw.socket.receive(timeout=5)).data == 1000
        await closing
    async with world() as (fake, raw, _):
        fake.abort()
        assert (await raw.socket.receive(timeout=5)).type is not aiohttp.WSMsgType.TEXT
        assert raw.socket.close_code != 1000


@told
async def test_events_come_twice_with_control_characters_and_encrypted_userids_when_switched_on():
    async with world() as (fake, raw, _):
        fake.twice = fake.control_characters = fake.open_userids = True
        await fake.says("zhang", "在")
        first, second = await raw.event(), await raw.event()
        assert first["body"]["msgid"] == second["body"]["msgid"]
        assert first["headers"]["req_id"] != second["headers"]["req_id"]
        assert first["body"]["text"]["content"] == "\x07\x0b在"
        assert first["body"]["from"]["userid"] != "zhang"
        assert await raw.says("好", to=first["body"]["from"]["userid"]) == 0


@told
async def test_withheld_acks_hide_what_was_done():
    async with world() as (fake, raw, _):
        await fake.says("zhang", "在")
        fake.withhold_acks = True
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await raw.says("好")
        assert len(fake.inbox("zhang")) == 1
        assert fake.called("aibot_send_msg")[0].code is None


@pytest.mark.parametrize(("when", "copies"), [("before", 0), ("unacked", 1), ("half", 1), ("acked", 1)])
@told
async def test_the_plug_is_pulled_where_it_was_said(when, copies):
    async with world() as (fake, raw, _):
        await fake.says("zhang", "在")
        fake.pull("aibot_send_msg", when, "abort")
        if when == "acked":
            assert await raw.says("好") == 0
        else:
            with pytest.raises(TypeError):
                await raw.says("好")
        await fake.waits(lambda: not fake.is_live)
        assert len(fake.inbox("zhang")) == copies
