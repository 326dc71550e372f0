"""The fake behaves as Telegram does: its long polls, edit rules, limits, and an eye for bad calls."""

import importlib.util
import json
import urllib.error
import urllib.parse
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fakes.botapi.spec import problems, spec
from tests.fakes.telegram import FakeTelegram

VALIDATOR = Path(__file__).resolve().parents[2].parent / "shared" / "facts" / "telegram_validate.py"


@pytest.fixture
def fake():
    with FakeTelegram() as server:
        yield server


def call(fake, method, body=None, *, encoding="json", **params):
    """(status, answer) of a call in one of the dialects."""
    url = f"{fake.url}/bot{fake.token}/{method}"
    params = body or params
    headers, data = {}, None
    if encoding == "json":
        data, headers = json.dumps(params).encode(), {"Content-Type": "application/json"}
    elif encoding == "form":
        data = urllib.parse.urlencode(params).encode()
    else:
        url += "?" + urllib.parse.urlencode(params)
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("encoding", ["json", "form", "query"])
@pytest.mark.parametrize("method", ["sendMessage", "SENDMESSAGE"])
def test_it_speaks_every_dialect_and_any_case(fake, encoding, method):
    fake.person(7)
    status, answer = call(fake, method, encoding=encoding, chat_id=7, text="你好")
    assert (status, answer["result"]["text"]) == (200, "你好")
    assert not fake.problems


def test_a_wrong_token_and_an_unknown_method_are_refused(fake):
    assert call(fake, "noSuchMethod")[0] in (400, 404)
    fake.token = "42:other"
    assert call(fake, "getMe")[0] == 401


def test_updates_wait_until_confirmed_and_a_negative_offset_forgets(fake):
    zhang = fake.person(7)
    for text in ("一", "二", "三"):
        zhang.says(text)
    ids = [update["update_id"] for update in call(fake, "getUpdates")[1]["result"]]
    assert len(ids) == 3
    assert len(call(fake, "getUpdates", limit=2)[1]["result"]) == 2
    assert [u["update_id"] for u in call(fake, "getUpdates", offset=ids[1])[1]["result"]] == ids[1:]
    assert [u["update_id"] for u in call(fake, "getUpdates", offset=-1)[1]["result"]] == ids[2:]
    assert call(fake, "getUpdates", offset=ids[2] + 1)[1]["result"] == []


def test_a_long_poll_ends_when_somebody_writes(fake):
    zhang = fake.person(7)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(call, fake, "getUpdates", timeout=30)
        fake.wait(lambda: fake.world.poll == 1)
        zhang.says("我")
        assert waiting.result(5)[1]["result"][0]["message"]["text"] == "我"


def test_the_older_of_two_pollers_is_thrown_out(fake):
    with ThreadPoolExecutor() as pool:
        first = pool.submit(call, fake, "getUpdates", timeout=30)
        fake.wait(lambda: fake.world.poll == 1)
        assert call(fake, "getUpdates")[0] == 200
        assert first.result(5)[0] == 409


def test_presses_are_gone_after_150_seconds_and_texts_after_a_day(fake):
    zhang = fake.person(7)
    call(
        fake,
        "sendMessage",
        chat_id=7,
        text="?",
        reply_markup={"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]},
    )
    zhang.says("一")
    zhang.presses(zhang.sees()[0], "A")
    fake.advance(151)
    assert [list(update)[1] for update in call(fake, "getUpdates")[1]["result"]] == ["message"]
    fake.advance(86_400)
    assert call(fake, "getUpdates")[1]["result"] == []


def test_edits_follow_the_rules(fake):
    zhang = fake.person(7)
    call(fake, "sendMessage", chat_id=7, text="<b>一</b>", parse_mode="HTML")
    number = zhang.sees()[0].id
    same = call(fake, "editMessageText", chat_id=7, message_id=number, text="<b>一</b>", parse_mode="HTML")
    assert "message is not modified" in same[1]["description"]
    assert call(fake, "editMessageText", chat_id=7, message_id=number, text="一")[0] == 200, "the bold is gone"
    assert "not found" in call(fake, "editMessageText", chat_id=7, message_id=99, text="x")[1]["description"]
    zhang.says("我的")
    assert (
        "can't be edited" in call(fake, "editMessageText", chat_id=7, message_id=number + 1, text="x")[1]["description"]
    )
    assert (zhang.sees()[0].text, zhang.sees()[0].edits) == ("一", 1)


def test_a_callback_is_answered_once_and_in_time(fake):
    zhang = fake.person(7)
    call(
        fake,
        "sendMessage",
        chat_id=7,
        text="?",
        reply_markup={"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]},
    )
    for _ in range(2):
        zhang.presses(zhang.sees()[0], "A")
    first, second = (update["callback_query"]["id"] for update in call(fake, "getUpdates")[1]["result"])
    assert call(fake, "answerCallbackQuery", callback_query_id=first)[0] == 200
    assert "query is too old" in call(fake, "answerCallbackQuery", callback_query_id=first)[1]["description"]
    fake.advance(61)
    assert call(fake, "answerCallbackQuery", callback_query_id=second)[0] == 400


def test_limits_answer_429_with_a_retry_after():
    with FakeTelegram(limits=(30, 1)) as fake:
        for number in range(40):
            fake.person(number)
        assert call(fake, "sendMessage", chat_id=1, text="x")[0] == 200
        status, answer = call(fake, "sendMessage", chat_id=1, text="x")
        assert (status, answer["parameters"]) == (429, {"retry_after": 1})
        assert [call(fake, "sendMessage", chat_id=n, text="x")[0] for n in range(2, 40)].count(200) <= 30
        fake.advance(2)
        assert call(fake, "sendMessage", chat_id=1, text="x")[0] == 200


@pytest.mark.parametrize("text", ["<b>x", "</b>", "<x>y</x>", "<b><i>x</b></i>", "", "   ", "a < b"])
def test_html_that_telegram_would_not_take_is_refused(fake, text):
    fake.person(7)
    assert call(fake, "sendMessage", chat_id=7, text=text, parse_mode="HTML")[0] == 400


BAD = [
    ("sendMessage", {"chat_id": 7}),
    ("sendMessage", {"text": "x"}),
    ("sendMessage", {"chat_id": 7, "text": "x", "surprise": 1}),
    (
        "sendMessage",
        {"chat_id": 7, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "长" * 22}]]}},
    ),
    (
        "sendMessage",
        {"chat_id": 7, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_dat": "a"}]]}},
    ),
    ("sendMessage", {"chat_id": 7, "text": "x", "link_preview_options": {"is_disabled": "perhaps"}}),
    ("sendMessage", {"chat_id": [7], "text": "x"}),
    ("sendPhoto", {"chat_id": 7}),
    ("answerCallbackQuery", {}),
    ("sendNothing", {}),
]


@pytest.mark.skipif(spec() is None, reason="the specification is not beside the checkout")
@pytest.mark.parametrize(("method", "params"), BAD)
def test_the_validator_objects_to_bad_calls(method, params):
    assert problems(method, params, set())


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="the other validator is not beside the checkout")
def test_it_agrees_with_the_other_validator():
    described = importlib.util.spec_from_file_location("telegram_validate", VALIDATOR)
    other = importlib.util.module_from_spec(described)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it leaves its file open
        described.loader.exec_module(other)
    good = (
        "editMessageText",
        {
            "chat_id": "7",
            "message_id": "3",
            "text": "x",
            "parse_mode": "HTML",
            "reply_markup": '{"inline_keyboard": []}',
        },
    )
    for method, params in [*BAD, good]:
        assert bool(other.validate(method, params)) == bool(problems(method, params, set())), (method, params)
