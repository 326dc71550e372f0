"""The transport over real HTTP: what went wrong, and whether the call may have been carried out."""

import asyncio
import json

import pytest
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut

from channels.telegram.calls import Api
from channels.telegram.refusals import verdict
from channels.telegram.request import AiohttpRequest, NotSent, TooFast, redacted
from tests.channels.telegram.running import impatient, opened, patient
from tests.fakes.hours import told
from tests.fakes.telegram import FakeTelegram


@pytest.fixture
def fake():
    with FakeTelegram() as server:
        server.person(7)
        yield server


async def send(api, text="你好", chat="7"):
    return await api.call("sendMessage", chat_id=chat, text=text)


@told
async def test_a_call_brings_telegrams_json(fake):
    async with opened(fake) as api:
        sent = await send(api, "条文 & <1>")
        assert sent["text"] == "条文 & <1>"
        assert (await api.call("getMe"))["username"] == "xuefa_test_bot"


@pytest.mark.parametrize(
    ("fault", "error", "state"),
    [
        ("reset_before", NetworkError, "uncertain"),
        ("reset_after", NetworkError, "uncertain"),
        ("hang", TimedOut, "uncertain"),
        ("hang_after", TimedOut, "uncertain"),
        ("half", NetworkError, "uncertain"),
        ("502", NetworkError, "uncertain"),
        ("garbage", TelegramError, "uncertain"),
    ],
)
@told
async def test_what_breaks_once_bytes_have_left_is_unknown(fake, fault, error, state):
    fake.fail("sendMessage", fault)
    async with opened(fake, request=impatient) as api:
        with pytest.raises(error) as raised:
            await send(api)
        assert not isinstance(raised.value, NotSent | BadRequest)
        assert verdict(raised.value)[0] == state
        await send(api), "the pool works on"


@told
async def test_nobody_listening_is_surely_not_sent_and_names_no_token(fake):
    api = Api(fake.token, "http://127.0.0.1:9", sends=patient(), polls=patient())
    await api.open()
    with pytest.raises(NotSent) as raised:
        await send(api)
    assert verdict(raised.value) == ("retry", "unreachable")
    assert "SECRET" not in str(raised.value)
    await api.close()


@told
async def test_a_connection_that_is_never_made_is_surely_not_sent_and_names_no_token(fake, monkeypatch):
    async def never(*_, **__):
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
    monkeypatch.setattr("aiohappyeyeballs.start_connection", never)
    request = AiohttpRequest(connect=0.05, read=5)
    api = Api(fake.token, fake.url, sends=request, polls=patient())
    await api.open()
    with pytest.raises(NotSent) as raised:
        await send(api)
    assert "Timeout" in str(raised.value)
    assert "SECRET" not in str(raised.value)
    await api.close()


@told
async def test_a_closed_pool_sends_nothing(fake):
    api = Api(fake.token, fake.url, sends=patient(), polls=patient())
    with pytest.raises(NotSent):
        await send(api)


@pytest.mark.parametrize(("fault", "seconds"), [("429:3", 3), ("429_bare", 5)])
@told
async def test_a_429_is_too_fast_with_or_without_a_retry_after(fake, fault, seconds):
    fake.fail("sendMessage", fault)
    async with opened(fake) as api:
        with pytest.raises(TooFast) as raised:
            await send(api)
        assert raised.value.seconds == seconds


@told
async def test_refusals_keep_telegrams_words_and_become_reasons(fake):
    fake.person(8).blocks()
    fake.person(9).deactivates()
    async with opened(fake) as api:
        for chat, error, reason in (
            ("8", Forbidden, "blocked"),
            ("9", Forbidden, "deactivated"),
            ("404", BadRequest, "chat_not_found"),
        ):
            with pytest.raises(error) as raised:
                await send(api, chat=chat)
            assert verdict(raised.value) == ("failed", reason)
        with pytest.raises(BadRequest) as raised:
            await send(api, "x" * 5000)
        assert verdict(raised.value) == ("failed", "rejected")


@told
async def test_a_wrong_token_is_no_refusal_of_the_message(fake):
    async with opened(fake, token="42:wrong") as api:
        with pytest.raises(InvalidToken) as raised:
            await send(api)
        assert verdict(raised.value) == ("retry", "token")
        assert repr(api) == "Api(bot 42)"


@told
async def test_a_second_poller_is_a_conflict(fake):
    async with opened(fake) as api:
        await api.call("setWebhook", url="https://a.cn/x")
        with pytest.raises(Conflict):
            await api.updates(0, 0)
        await api.call("deleteWebhook")
        first = asyncio.create_task(api.updates(10_000, 5))
        await fake.waits(lambda: fake.world.poll == 2)
        assert await api.updates(10_000, 0) == []
        with pytest.raises(Conflict):
            await first


@told
async def test_a_file_comes_as_it_was_sent_and_none_if_it_is_too_large_or_gone(fake):
    fake.person(7).sends_file("a.bin", b"\x00\xff" * 5000)
    async with opened(fake) as api:
        assert await api.file(next(iter(fake.world.files)), 20_000) == b"\x00\xff" * 5000
        assert await api.file(next(iter(fake.world.files)), 9_999) is None
        assert await api.file("nothing", 20_000) is None


@told
async def test_a_hundred_calls_at_once_all_arrive(fake):
    async with opened(fake) as api:
        sent = await asyncio.gather(*(send(api, str(n)) for n in range(100)))
        assert len({answer["message_id"] for answer in sent}) == 100


def test_tokens_are_redacted_wherever_they_stand_in_a_url():
    assert (
        redacted("https://api.telegram.org/bot123456:AA-bb_Cc/sendMessage failed")
        == "https://api.telegram.org/bot***/sendMessage failed"
    )
    assert "AA" not in redacted("/file/bot1:AA/x /bot1%3AAA/x".replace("%3A", ":"))


def test_an_answer_that_is_no_object_is_an_error():
    for payload in (b"[]", b"5", b"\xff", json.dumps("x").encode()):
        with pytest.raises(TelegramError):
            AiohttpRequest.parse_json_payload(payload)
