"""Raw updates as Telegram sends them, and as nobody should."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.telegram.reading import Document, read
from handlers.messages import BLOCKED, UNBLOCKED, UNREADABLE, Address

AT = datetime(2026, 12, 4, 9, tzinfo=UTC)
ZHANG = {"id": 7, "is_bot": False, "first_name": "张三"}
CHAT = {"id": 7, "type": "private"}


def message(**more):
    return {"update_id": 5, "message": {"message_id": 3, "date": 1796374800, "chat": CHAT, "from": ZHANG, **more}}


def press(data="=t:A", **more):
    body = {"id": "99", "from": ZHANG, "data": data, "message": {"message_id": 3, "chat": CHAT, "date": 1}, **more}
    return {"update_id": 6, "callback_query": body}


def test_a_message_is_text_with_its_sender_and_the_platforms_time():
    incoming = read(message(text="/start TOKEN_1"), AT).incoming
    assert (incoming.text, incoming.action, incoming.origin) == ("/start TOKEN_1", "", None)
    assert incoming.account == Address("telegram", "7")
    assert incoming.arrived_at == AT
    assert incoming.platform_at == datetime.fromtimestamp(1796374800, UTC)


def test_a_press_is_an_action_on_the_message_it_was_under():
    event = read(press("?token:AC"), AT)
    assert (event.incoming.action, event.incoming.text, event.incoming.origin) == ("?token:AC", "", "3")
    assert event.callback == "99"
    assert event.incoming.platform_at is None, "the message's date is not the press's"


def test_a_press_on_a_message_too_old_to_be_shown_still_counts():
    event = read(press(message={"message_id": 3, "chat": CHAT, "date": 0}), AT)
    assert event.incoming.origin == "3"


def test_the_key_tells_two_events_with_one_number_apart_and_knows_a_repetition():
    first, again, other = (read(message(text=text), AT).incoming.key for text in ("甲", "甲", "乙"))
    assert first == again != other
    prefix, number, digest = first.split(":")
    assert (prefix, number, len(digest)) == ("telegram", "5", 8)


def test_the_key_does_not_depend_on_the_order_of_fields():
    update = message(text="甲")
    turned = json.loads(json.dumps({"message": dict(reversed(update["message"].items())), "update_id": 5}))
    assert read(turned, AT).incoming.key == read(update, AT).incoming.key


def test_groups_channels_bots_and_strangers_in_somebodys_chat_mean_nothing():
    for chat in ({"id": -100, "type": "supergroup"}, {"id": 7, "type": "channel"}, {"id": 8, "type": "private"}):
        assert read(message(text="A", chat=chat), AT).incoming is None
    assert read(message(text="A", **{"from": {**ZHANG, "is_bot": True}}), AT).incoming is None


def test_a_press_in_a_group_only_gets_its_spinner_stopped():
    event = read(press(message={"message_id": 3, "chat": {"id": -100, "type": "group"}, "date": 1}), AT)
    assert (event.incoming, event.callback) == (None, "99")


def test_a_press_without_data_or_message_only_gets_its_spinner_stopped():
    for body in (press(data=None), press(message=None), press(data="")):
        event = read(body, AT)
        assert (event.incoming, event.callback) == (None, "99")


def test_a_document_is_fetched_later_and_its_caption_is_the_text():
    file = {"file_id": "F", "file_name": "../名册.xlsx", "mime_type": "application/vnd.ms-excel", "file_size": 1000}
    event = read(message(document=file, caption="导入"), AT)
    assert event.document == Document("F", ".._名册.xlsx", "application/vnd.ms-excel")
    assert (event.incoming.text, event.incoming.file) == ("导入", None)


def test_of_a_photo_the_largest_size_is_fetched():
    sizes = [{"file_id": "S", "width": 90}, {"file_id": "L", "width": 1280}, {"file_id": "M", "width": 320}]
    assert read(message(photo=sizes), AT).document == Document("L", "photo.jpg", "image/jpeg")


def test_a_file_over_twenty_megabytes_and_a_sticker_are_unreadable_and_said_so():
    huge = {"file_id": "F", "file_name": "x.zip", "file_size": 20 * 1024 * 1024 + 1}
    event = read(message(document=huge, caption="导入"), AT)
    assert (event.incoming.action, event.incoming.text, event.document) == (UNREADABLE, "", None)
    assert read(message(sticker={"emoji": "🙂"}), AT).incoming.action == UNREADABLE


def test_a_service_message_means_nothing():
    assert read(message(pinned_message={"message_id": 2}), AT).incoming is None


def test_blocking_and_unblocking_are_actions():
    for status, action in (("kicked", BLOCKED), ("member", UNBLOCKED)):
        change = {"chat": CHAT, "from": ZHANG, "date": 1, "new_chat_member": {"status": status}}
        assert read({"update_id": 7, "my_chat_member": change}, AT).incoming.action == action


def test_being_thrown_out_of_a_group_is_no_block():
    change = {"chat": {"id": -5, "type": "group"}, "from": ZHANG, "new_chat_member": {"status": "kicked"}}
    assert read({"update_id": 7, "my_chat_member": change}, AT).incoming is None


def test_text_is_cut_and_cleaned_of_what_no_database_takes():
    said = read(message(text="a\x00b\ud800" + "长" * 9000), AT).incoming.text
    assert said.startswith("ab?")
    assert len(said) == 4096


def test_a_forged_action_is_at_most_sixty_four_bytes():
    assert read(press("长" * 100), AT).incoming.action == "长" * 21


def test_an_update_without_a_number_is_no_event():
    for update in ({}, {"update_id": "5"}, {"update_id": True}, [], None, "x", 5, {"update_id": 2**60}):
        assert read(update, AT) is None


FIELDS = st.sampled_from(
    [
        "id",
        "chat",
        "from",
        "type",
        "text",
        "message",
        "data",
        "date",
        "photo",
        "document",
        "file_id",
        "file_size",
        "width",
        "status",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(["message", "callback_query", "my_chat_member", "poll"]), body=JSON)
def test_no_json_at_all_can_make_it_raise(kind, body):
    event = read({"update_id": 1, kind: body}, AT)
    assert event.update_id == 1


@settings(max_examples=100, deadline=None)
@given(odd=JSON, field=st.sampled_from(["text", "chat", "from", "date", "document", "photo", "caption", "message_id"]))
def test_no_odd_field_in_a_message_can_make_it_raise(odd, field):
    read(message(**{"text": "A", field: odd}), AT)
    read(press(message={"message_id": 3, "chat": CHAT, "date": 1, field: odd}), AT)
