"""Raw frames and what they say: whatever comes, nothing raises and no nonsense gets through."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wecom.bot.frames import MOST_KEY, NOTHING, Attachment, read
from handlers.messages import UNREADABLE

NOW = datetime(2026, 12, 4, 1, tzinfo=UTC)


def message(req_id="r1", **body):
    known = {"msgid": "m1", "chattype": "single", "from": {"userid": "ZhangSan"}, "msgtype": "text"}
    return {"cmd": "aibot_msg_callback", "headers": {"req_id": req_id}, "body": {**known, **body}}


def event(name, inner, **body):
    known = {"msgid": "e1", "create_time": 1764810000, "from": {"userid": "ZhangSan"}, "msgtype": "event"}
    happened = {"eventtype": name, **inner}
    return {"cmd": "aibot_event_callback", "headers": {"req_id": "r2"}, "body": {**known, "event": happened, **body}}


def told(frame):
    return read(json.dumps(frame), NOW)


def picked(items):
    chosen = {"selected_item": items}
    return {"card_type": "vote_interaction", "event_key": "=7.0.t:", "task_id": "x1q", "selected_items": chosen}


def test_a_message_is_a_text_of_somebody_whose_userid_is_the_same_in_capitals():
    frame = told(message(text={"content": "今日答题"}))
    assert (frame.kind, frame.req_id, frame.who) == ("message", "r1", "zhangsan")
    assert (frame.incoming.key, frame.incoming.text, frame.incoming.arrived_at) == ("wecom_bot:m1", "今日答题", NOW)
    assert (frame.incoming.account.channel, frame.incoming.account.id) == ("wecom_bot", "zhangsan")


def test_an_encrypted_userid_stays_as_it_came():
    encrypted = "woAJ2GCAAAXtWyujaWJHDDGi0mACH71w"
    assert told(message(text={"content": "在"}, **{"from": {"userid": encrypted}})).who == encrypted
    assert told(message(text={"content": "在"}, **{"from": {"userid": "WoWang"}})).who == "wowang"


def test_control_characters_in_the_json_are_no_obstacle_and_are_left_out():
    raw = json.dumps(message(text={"content": "今日X答题"}), ensure_ascii=False).replace("X", "\x07\x0b\n")
    assert read(raw, NOW).incoming.text == "今日\n答题"


@pytest.mark.parametrize("nested", [True, False])
def test_a_press_says_what_its_button_means_wherever_in_the_event_it_stands(nested):
    inner = {"event_key": "=7.0.t:A", "task_id": "x1q"}
    frame = told(event("template_card_event", {"template_card_event": inner} if nested else inner))
    assert (frame.kind, frame.incoming.action, frame.incoming.origin) == ("press", "=7.0.t:A", "x1q")
    assert frame.incoming.platform_at == datetime.fromtimestamp(1764810000, UTC)


@pytest.mark.parametrize(
    ("items", "action"),
    [
        ([{"question_key": "q", "option_ids": {"option_id": ["C", "A"]}}], "=7.0.t:AC"),
        ({"question_key": "q", "option_ids": {"option_id": "C"}}, "=7.0.t:C"),
        ([], "=7.0.t:"),
    ],
)
def test_a_vote_says_the_letters_that_were_ticked_even_a_single_one_without_its_list(items, action):
    assert told(event("template_card_event", {"template_card_event": picked(items)})).incoming.action == action


def test_a_press_on_an_answered_card_means_nothing():
    assert told(event("template_card_event", {"template_card_event": {"event_key": "-", "task_id": "x"}})) == NOTHING


def test_opening_the_chat_being_displaced_and_acks_are_told_apart():
    assert (told(event("enter_chat", {})).kind, told(event("enter_chat", {})).who) == ("enter", "zhangsan")
    assert told(event("disconnected_event", {}, **{"from": None})).kind == "kicked"
    ack = told({"headers": {"req_id": "r9"}, "errcode": 846604, "errmsg": "late", "body": {"upload_id": "u"}})
    assert (ack.kind, ack.req_id, ack.code, ack.words, ack.body) == ("ack", "r9", 846604, "late", {"upload_id": "u"})


def test_feedback_and_unknown_events_are_nothing():
    assert told(event("feedback_event", {"feedback_event": {"id": "1"}})) == NOTHING
    assert told({"cmd": "something_new", "headers": {"req_id": "1"}, "body": {}}) == NOTHING


def test_groups_are_ignored_and_an_event_without_a_kind_of_chat_is_single():
    assert told(message(text={"content": "在"}, chattype="group", chatid="g1")) == NOTHING
    assert told(message(text={"content": "在"}, chatid="g1")) == NOTHING
    assert told(event("enter_chat", {}, chattype="group")) == NOTHING


def test_files_pictures_and_mixed_messages_name_what_is_to_be_fetched():
    part = {"url": "https://x/1", "aeskey": "KEY"}
    assert told(message(msgtype="file", file=part)).attachment == Attachment("https://x/1", "KEY", "file")
    items = [{"msgtype": "text", "text": {"content": "看"}}, {"msgtype": "image", "image": part}]
    mixed = told(message(msgtype="mixed", mixed={"msg_item": items}))
    assert (mixed.incoming.text, mixed.attachment) == ("看", Attachment("https://x/1", "KEY", "image"))
    assert told(message(msgtype="voice", voice={"content": "今日答题"})).incoming.text == "今日答题"


@pytest.mark.parametrize(
    "body",
    [
        {"msgtype": "video", "video": {"url": "https://x/1"}},
        {"msgtype": "file", "file": {"url": "file:///etc/passwd"}},
        {"msgtype": "location", "location": {}},
        {"msgtype": ["text"]},
        {"text": {"content": "  "}},
    ],
)
def test_what_cannot_be_read_is_said_to_be_unreadable(body):
    assert told(message(**body)).incoming.action == UNREADABLE


def test_a_key_is_short_whatever_the_platform_calls_the_message():
    long = told(message(msgid="m" * 200, text={"content": "在"})).incoming.key
    again = told(message(msgid="m" * 200, text={"content": "在"})).incoming.key
    assert len(long) <= MOST_KEY
    assert long == again != told(message(msgid="m" * 201, text={"content": "在"})).incoming.key
    assert told(message(msgid=None, text={"content": "在"})).incoming.key.startswith("wecom_bot:")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(st.text())
def test_no_text_at_all_raises(raw):
    assert read(raw, NOW).kind in ("nothing", "ack")


@given(
    st.sampled_from(["aibot_msg_callback", "aibot_event_callback", None]),
    JSON,
    st.dictionaries(
        st.sampled_from(["msgid", "from", "msgtype", "event", "text", "file", "mixed", "chattype", "create_time"]), JSON
    ),
    st.sampled_from(["enter_chat", "template_card_event", "disconnected_event"]),
    JSON,
)
def test_no_json_at_all_raises_and_keys_stay_short(cmd, headers, body, name, inner):
    body = {"from": {"userid": "zhang"}, **body}
    body.setdefault("event", {"eventtype": name, name: inner, "event_key": inner})
    frame = read(json.dumps({"cmd": cmd, "headers": headers, "body": body}), NOW)
    assert frame.incoming is None or len(frame.incoming.key) <= MOST_KEY
