"""Saying things, with and without our script, and deliveries arriving."""

from __future__ import annotations

import re

import pytest

from handlers.messages import Choice, Reply
from tests.channels.web.conftest import SECRET

SCRIPT = {"x-fragment": "1"}


def test_who_is_not_in_reads_how_to_get_in(site):
    with site.client(secret=None) as client:
        assert "请打开单位联络员发给您的邀请链接" in client.get("/").text
        assert client.post("/say", data={"text": "A"}, headers={"origin": site.url}).status_code == 401
        assert client.get("/stream").status_code == 204


def test_without_script_one_is_sent_back_to_the_end_of_the_chat(client, memory):
    answer = client.post("/say", data={"action": "今日答题", "key": "k1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/#end")
    assert "应当如何处理" in client.get("/").text
    assert memory.shown_keys == [memory.heard[0].key]


def test_without_script_one_answers_every_kind_of_question(client, memory):
    client.post("/say", data={"action": "=q1:A"})
    client.post("/say", data={"token": "q2", "pick": ["A", "C", "D"]})
    client.post("/say", data={"text": "12月4日"})
    assert memory.answered == {"q1": "A", "q2": "ACD", "q3": "12月4日"}
    assert "今天的题做完了" in client.get("/").text


def test_our_script_gets_only_the_new_bubbles(client):
    html = client.post("/say", data={"action": "今日答题", "shown": "今日答题"}, headers=SCRIPT).text
    assert "<html" not in html
    assert html.count('class="bubble') == 2
    assert html.index("mine") < html.index("form")


def test_a_reply_that_edits_comes_without_ones_own_bubble(client, memory):
    html = client.post("/say", data={"action": "=q1:A", "origin": "b1"}, headers=SCRIPT).text
    assert "mine" not in html
    assert html.count("data-edits") == 1
    assert memory.heard[0].origin == "b1"


def test_bubbles_have_the_same_names_now_and_after_a_reload(client):
    html = client.post("/say", data={"action": "今日答题"}, headers=SCRIPT).text
    names = re.findall(r'class="bubble[^"]*" id="([^"]+)"', html)
    assert names == re.findall(r'class="bubble[^"]*" id="([^"]+)"', client.get("/").text)


def test_the_same_press_twice_is_one_event_with_the_same_answer(client, memory):
    press = {"action": "=q1:A", "key": "once", "origin": "b1"}
    first, second = (client.post("/say", data=press, headers=SCRIPT).text for _ in range(2))
    assert "正确" in first
    assert "正确" in second
    assert len(memory.heard) == 1


def test_an_old_form_key_does_not_swallow_a_new_sentence(client, memory):
    client.post("/say", data={"text": "一", "key": "once"})
    client.post("/say", data={"text": "二", "key": "once"})
    assert [heard.text for heard in memory.heard] == ["一", "二"]


def test_another_persons_key_brings_nothing_of_theirs(client, site, memory):
    memory.sign_in("t" * 43)
    client.post("/say", data={"text": "秘密", "key": "k"})
    with site.client("t" * 43) as other:
        assert "秘密" not in other.post("/say", data={"text": "你好", "key": "k"}, headers=SCRIPT).text


def test_what_was_not_recorded_is_never_ticked_and_can_be_pressed_again(client, memory):
    memory.broken = 2
    answer = client.post("/say", data={"text": "你好", "key": "k"}, headers=SCRIPT)
    assert (answer.status_code, answer.text) == (503, "没有记下，请再按一次")
    page = client.post("/say", data={"text": "你好", "key": "k"})
    assert page.status_code == 503
    assert "没有记下，请再按一次" in page.text
    fields = dict(re.findall(r'name="(key|text)" value="([^"]+)"', page.text.split("quote")[1]))
    assert fields == {"key": "k", "text": "你好"}
    assert client.post("/say", data=fields).status_code == 303


@pytest.mark.parametrize(
    ("form", "sentence"),
    [({"token": "q2"}, "请至少选一项"), ({"text": " "}, "请先输入文字"), ({"text": "长" * 4001}, "4000")],
)
def test_what_says_nothing_is_not_submitted(client, memory, form, sentence):
    answer = client.post("/say", data=form, headers=SCRIPT)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert memory.heard == []


def test_a_file_reaches_the_house_with_its_caption(client, memory):
    client.post("/say", data={"text": "名册"}, files={"file": ("名册.xlsx", b"abc", "application/zip")})
    heard = memory.heard[0]
    assert heard.file is not None
    assert (heard.file.name, heard.file.content, heard.file.media_type, heard.text) == (
        "名册.xlsx",
        b"abc",
        "application/zip",
        "名册",
    )


def test_the_language_is_changed_by_the_ordinary_conversation(client, memory):
    client.post("/say", data={"action": "/language en"})
    html = client.get("/").text
    assert '<html lang="en">' in html
    assert "Sign out" in html
    assert memory.heard[0].action == "/language en"


def test_deliveries_on_the_page_are_settled_once_a_person_got_it(client, memory):
    memory.deliver(Reply("提醒"))
    client.head("/")
    client.get("/", headers={"sec-purpose": "prefetch"})
    client.get("/", headers=SCRIPT)
    assert memory.settled == []
    assert "提醒" in client.get("/").text
    assert [(outcome.id, outcome.state) for outcome in memory.settled] == [(1, "sent")]
    client.get("/")
    assert len(memory.settled) == 1


def events(response, count):
    """The next events of a stream, as dicts of their fields."""
    found, current = [], {}
    for line in response.iter_lines():
        if not line and current:
            found.append(current)
            current = {}
            if len(found) == count:
                return found
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            current[name] = f"{current[name]}\n{value}" if name in current else value
    return found


def test_deliveries_arrive_while_the_page_is_open(client, memory):
    memory.deliver(Reply("第一条"))
    with client.stream("GET", "/stream?after=0") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        response.iter_lines = lambda: lines
        (first,) = events(response, 1)
        memory.deliver(Reply("第二条", choices=(Choice("开始", "今日答题"),)))
        (second,) = events(response, 1)
    assert (first["event"], first["id"], second["id"]) == ("delivery", "1", "2")
    assert "第一条" in first["data"]
    assert 'id="d2"' in second["data"]
    assert "开始" in second["data"]
    assert memory.settled[0].id == 1


def test_a_stream_goes_on_after_the_last_event_one_saw(client, memory):
    for text in ("一", "二", "三"):
        memory.deliver(Reply(text))
    with client.stream("GET", "/stream?after=0", headers={"last-event-id": "2"}) as response:
        (event,) = events(response, 1)
    assert event["id"] == "3"


def test_a_nonsense_last_event_is_taken_as_none(client, memory):
    memory.deliver(Reply("一"))
    with client.stream("GET", "/stream?after=9999999999999999999999") as response:
        assert events(response, 1)[0]["id"] == "1"


def test_a_session_that_was_ended_hears_nothing_more(client, memory):
    with client.stream("GET", "/stream?after=0") as response:
        memory.people.clear()
        memory.deliver(Reply("不该看到"))
        assert events(response, 1) == []
    assert memory.settled == []


def test_the_first_load_is_light(client):
    html = client.get("/")
    assert SECRET not in html.text
    weight = len(html.content) + sum(
        len(client.get(address).content) for address in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html.text))
    )
    assert weight < 40_000
