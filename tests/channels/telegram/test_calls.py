"""The Bot API under one token: what is sent, what is left out, and that nobody gets to see the token."""

from __future__ import annotations

import json

import pytest
from telegram.error import TelegramError

from channels.telegram.calls import UPDATES, Api
from tests.fakes.hours import told

TOKEN = "42:hush-4711"


class Pool:
    """A transport that follows a script and keeps what was asked of it."""

    def __init__(self, *answers):
        self.answers, self.asked, self.opened = list(answers), [], 0

    async def initialize(self):
        self.opened += 1

    async def shutdown(self):
        self.opened -= 1

    async def post(self, url, data, **timeouts):
        self.asked.append((url, data.json_parameters, timeouts))
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def download(self, url, most):
        self.asked.append((url, most))
        return b"content"


def api(*answers, polls=(), base="https://api.example"):
    made = Api(TOKEN, base, sends=Pool(*answers), polls=Pool(*polls))
    return made, made._sends, made._polls


@pytest.mark.parametrize(
    "base", ["https://api.example", "https://api.example/", "https://api.example/bot", "https://api.example/bot/"]
)
@told
async def test_the_base_may_be_written_with_or_without_its_end(base):
    made, sends, _ = api(base=base)
    await made.call("getMe")
    assert sends.asked[0][0] == f"https://api.example/bot{TOKEN}/getMe"


@told
async def test_arguments_go_as_json_and_nothing_is_sent_for_none():
    made, sends, _ = api()
    await made.call("sendMessage", chat_id="7", text="你好", reply_markup={"inline_keyboard": []}, protect_content=None)
    [(_, sent, timeouts)] = sends.asked
    assert set(sent) == {"chat_id", "text", "reply_markup"}
    assert json.loads(sent["reply_markup"]) == {"inline_keyboard": []}
    assert timeouts == {}


@told
async def test_a_method_may_have_an_argument_of_the_name_method():
    made, sends, _ = api()
    await made.call("x", method="y")
    assert sends.asked[0][1] == {"method": "y"}


@told
async def test_updates_wait_on_the_polling_pool_longer_than_telegram_does():
    made, sends, polls = api(polls=([{"update_id": 5}],))
    assert await made.updates(6, 50) == [{"update_id": 5}]
    [(url, sent, timeouts)] = polls.asked
    assert url.endswith("/getUpdates")
    assert (sent["offset"], sent["timeout"]) == ("6", "50")
    assert json.loads(sent["allowed_updates"]) == UPDATES
    assert timeouts["read_timeout"] > 50
    assert sends.asked == []


@told
async def test_the_first_poll_names_no_offset():
    made, _, polls = api(polls=([],))
    await made.updates(0, 50)
    assert "offset" not in polls.asked[0][1]


@pytest.mark.parametrize("answer", [True, {}, "x", None])
@told
async def test_updates_that_are_no_list_are_an_error(answer):
    made, _, _ = api(polls=(answer,))
    with pytest.raises(TelegramError, match="no list"):
        await made.updates(0, 0)


@told
async def test_an_answer_without_a_result_is_an_error_of_the_platform():
    made, _, _ = api(KeyError("result"))
    with pytest.raises(TelegramError, match="without a result") as raised:
        await made.call("getMe")
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("answer", [{}, None, True, []], ids=repr)
@told
async def test_a_file_that_telegram_names_no_path_for_is_none(answer):
    made, sends, _ = api(answer)
    assert await made.file("f", 10) is None
    assert len(sends.asked) == 1


@told
async def test_a_file_is_fetched_below_its_own_root():
    made, sends, _ = api({"file_path": "documents/a.xlsx"})
    assert await made.file("f", 10) == b"content"
    assert sends.asked[1] == (f"https://api.example/file/bot{TOKEN}/documents/a.xlsx", 10)


@told
async def test_pools_open_and_close_together_and_polls_are_renewed_alone():
    made, sends, polls = api()
    await made.open()
    await made.renew_polls()
    assert (sends.opened, polls.opened) == (1, 1)
    await made.close()
    assert (sends.opened, polls.opened) == (0, 0)


def test_the_token_is_in_no_representation():
    made, _, _ = api()
    assert repr(made) == f"{made}" == "Api(bot 42)"
    assert made.bot_id == "42"
