"""What a decrypted callback says: every message and event that WeCom documents, and nothing of what it does not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.wecom.reading import MOST_ACTION, MOST_TEXT, Event, Media, read
from channels.wecom.secrecy import Forged
from handlers.messages import BLOCKED, UNBLOCKED, UNREADABLE, Address
from tests.channels.wecom.test_envelopes import BOMBS, BROKEN
from tests.fakes.wecom.events import xml

NOON = datetime(2026, 12, 4, 4, tzinfo=UTC)
CORP, AGENT, SECOND = "wwcorp", 1000002, 1796356800


def plain(*pairs, **head):
    """The decrypted text of a callback from ZhangSan; `head` replaces what every one has, None takes it away."""
    known = {"ToUserName": CORP, "FromUserName": "ZhangSan", "CreateTime": SECOND, "AgentID": AGENT} | head
    return xml([*((name, value) for name, value in known.items() if value is not None), *pairs]).encode()


def came(*pairs, **head):
    return read(plain(*pairs, **head), CORP, AGENT, NOON)


def said(kind, *pairs, number=7_300_000_000_000_000_001):
    return came(("MsgType", kind), *pairs, ("MsgId", number))


def happened(event, *pairs):
    return came(("MsgType", "event"), ("Event", event), *pairs)


def press(key, *picked, event="template_card_event", code="RC", task="task-1", groups=1):
    options = ("OptionIds", [("OptionId", each) for each in picked])
    items = [("SelectedItem", [("QuestionKey", "q"), options])] * groups
    pairs = [("EventKey", key), ("TaskId", task), ("CardType", "vote_interaction"), ("ResponseCode", code)]
    return happened(event, *pairs, ("SelectedItems", items))


# Who and when. ----------------------------------------------------------------------------------------------------------


def test_a_member_is_known_in_lower_case_and_addressed_as_wecom_writes_them():
    event = said("text", ("Content", "今日答题"))
    assert event.user == "ZhangSan"
    assert event.incoming.account == Address("wecom", "zhangsan")
    assert (event.incoming.arrived_at, event.incoming.platform_at) == (NOON, datetime.fromtimestamp(SECOND, UTC))


@pytest.mark.parametrize("second", ["", "soon", "-5", "1e9", "12.5", "１７９", "9" * 11, "9" * 400, None])
def test_a_time_that_is_none_is_left_out(second):
    event = came(("MsgType", "text"), ("Content", "A"), CreateTime=second)
    assert event.incoming.platform_at is None
    assert event.incoming.text == "A"


def test_the_largest_time_is_read():
    assert came(("MsgType", "text"), ("Content", "A"), CreateTime="9" * 10).incoming.platform_at.year == 2286


@pytest.mark.parametrize("head", [
    {"ToUserName": "wwother"}, {"ToUserName": "WWCORP"}, {"ToUserName": None}, {"ToUserName": ""},
    {"AgentID": 1000003}, {"AgentID": "x"}, {"AgentID": "01000002"}, {"AgentID": "-1000002"},
])  # fmt: skip
def test_what_is_for_somebody_else_is_refused(head):
    with pytest.raises(Forged, match="somebody else"):
        came(("MsgType", "text"), ("Content", "A"), **head)


def test_an_event_that_names_no_app_is_the_apps_whose_address_it_came_to():
    assert came(("MsgType", "text"), ("Content", "A"), AgentID=None).incoming.text == "A"


@pytest.mark.parametrize("sender", [None, "", " ", "sys"])
def test_what_nobody_sent_is_nobodys(sender):
    assert came(("MsgType", "event"), ("Event", "change_contact"), FromUserName=sender) == Event("")


# Messages. --------------------------------------------------------------------------------------------------------------


def test_a_text_is_what_was_written():
    event = said("text", ("Content", " 民法典第1条 📚 <a&b> ]]> \n"))
    assert (event.incoming.text, event.incoming.action, event.incoming.origin) == ("民法典第1条 📚 <a&b> ]]>", "", None)
    assert (event.media, event.task, event.code) == (None, "", "")
    assert len(said("text", ("Content", "法" * 5000)).incoming.text) == MOST_TEXT


@pytest.mark.parametrize("content", ["", " ", "\n"])
def test_an_empty_text_says_nothing(content):
    assert said("text", ("Content", content)) == Event("ZhangSan")


def test_a_picture_is_a_file_to_fetch():
    event = said("image", ("PicUrl", "https://x/y"), ("MediaId", "m-1"))
    assert event.media == Media("m-1", "photo.jpg", "image/jpeg")
    assert (event.incoming.text, event.incoming.action, event.incoming.file) == ("", "", None)


@pytest.mark.parametrize(
    ("pairs", "name"),
    [
        ([("FileName", "名册.xlsx")], "名册.xlsx"),
        ([("Title", "名册.xlsx")], "名册.xlsx"),
        ([("FileName", "../../etc/passwd")], ".._.._etc_passwd"),
        ([("FileName", "C:\\名册.xlsx")], "C:_名册.xlsx"),
        ([("FileName", "长" * 200 + ".xlsx")], ("长" * 200 + ".xlsx")[-120:]),
        ([], "file"),
    ],
)
def test_a_file_should_it_come_is_fetched_too(pairs, name):
    event = said("file", ("MediaId", "m-1"), *pairs)
    assert event.media == Media("m-1", name, "application/octet-stream")
    assert event.incoming is not None


@pytest.mark.parametrize("kind", ["image", "file"])
def test_a_picture_without_its_number_is_nothing(kind):
    assert said(kind, ("PicUrl", "https://x/y")) == Event("ZhangSan")


@pytest.mark.parametrize(
    ("kind", "pairs"),
    [
        ("voice", [("MediaId", "m"), ("Format", "amr")]),
        ("video", [("MediaId", "m"), ("ThumbMediaId", "t")]),
        ("location", [("Location_X", "23.1"), ("Location_Y", "113.3"), ("Scale", "15"), ("Label", "某地"), ("AppType", "wxwork")]),
        ("link", [("Title", "t"), ("Description", "d"), ("Url", "https://x"), ("PicUrl", "https://y")]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_to_its_sender(kind, pairs):
    event = said(kind, *pairs)
    assert (event.incoming.action, event.incoming.text, event.media) == (UNREADABLE, "", None)


@pytest.mark.parametrize("kind", ["miniprogram", "TEXT", "", "nobody knows"])
def test_an_unknown_kind_is_nothing_and_harmless(kind):
    assert said(kind, ("Content", "A")) == Event("ZhangSan")


# Events. ----------------------------------------------------------------------------------------------------------------


def test_a_button_says_its_key():
    event = press("=tok:A", task="task-9", code="RC-1")
    assert (event.incoming.action, event.incoming.text, event.incoming.origin) == ("=tok:A", "", "task-9")
    assert (event.user, event.task, event.code) == ("ZhangSan", "task-9", "RC-1")


@pytest.mark.parametrize(
    ("picked", "action"),
    [
        ((), "=tok:"),
        (("A",), "=tok:A"),
        (("C", "A"), "=tok:AC"),
        (("A", "A"), "=tok:A"),
        (("a", "AB", "?", "B"), "=tok:B"),
    ],
)
def test_a_vote_says_its_letters_one_as_well_as_many(picked, action):
    assert press("=tok:", *picked).incoming.action == action


def test_a_button_that_means_nothing_is_nothing():
    event = press("-")
    assert (event.incoming, event.task) == (None, "task-1")


def test_the_menu_in_a_cards_corner_is_pressed_like_a_button():
    event = press("帮助", event="template_card_menu_event")
    assert (event.incoming.action, event.incoming.origin) == ("帮助", "task-1")


def test_a_key_is_never_longer_than_wecom_lets_it_be():
    assert len(press("k" * 5000).incoming.action) == MOST_ACTION


def test_an_entry_of_the_menu_says_its_key():
    event = happened("click", ("EventKey", "今日答题"))
    assert (event.incoming.action, event.incoming.origin, event.task) == ("今日答题", None, "")
    assert happened("click", ("EventKey", "")) == Event("ZhangSan")


def test_who_comes_into_sight_and_who_leaves_it_is_known():
    assert happened("subscribe").incoming.action == UNBLOCKED
    assert happened("unsubscribe").incoming.action == BLOCKED


@pytest.mark.parametrize("event", ["inactive_alert", "close_inactive_agent", "low_active_alert", "low_active"])
def test_what_wecom_warns_of_is_kept_for_the_officer(event):
    assert happened(event) == Event("ZhangSan", trouble=event)
    assert came(("MsgType", "event"), ("Event", event), FromUserName="sys") == Event("", trouble=event)


@pytest.mark.parametrize(
    "event",
    [
        "enter_agent", "LOCATION", "view", "view_miniprogram", "scancode_push", "scancode_waitmsg", "pic_sysphoto",
        "pic_photo_or_album", "pic_weixin", "location_select", "batch_job_result", "change_contact", "open_approval_change",
        "share_agent_change", "share_chain_change", "reopen_inactive_agent", "active_restored", "SUBSCRIBE", "", "of next year",
    ],
)  # fmt: skip
def test_any_other_event_is_nothing_and_harmless(event):
    assert happened(event, ("EventKey", "今日答题"), ("ChangeType", "delete_user")) == Event("ZhangSan")


# Keys. ------------------------------------------------------------------------------------------------------------------


def test_a_try_again_has_the_key_of_the_first():
    for text in (
        plain(("MsgType", "text"), ("Content", "A"), ("MsgId", 1)),
        plain(("MsgType", "event"), ("Event", "subscribe")),
    ):
        first, again = read(text, CORP, AGENT, NOON), read(text, CORP, AGENT, datetime.now(UTC))
        assert first.incoming.key == again.incoming.key
        assert first.incoming.key.startswith("wecom:")


def test_two_presses_within_a_second_are_two():
    presses = [
        press("=tok:A", code="RC-1"),
        press("=tok:A", code="RC-2"),
        press("=tok:B", code="RC-1"),
        press("=tok:A", code="RC-1", task="task-2"),
        press("=tok:", "A", code="RC-1"),
        press("=tok:", "A", "B", code="RC-1"),
    ]
    assert len({each.incoming.key for each in presses}) == len(presses)


def test_two_texts_within_a_second_and_two_members_are_two():
    texts = [said("text", ("Content", "A"), number=number) for number in (1, 2)]
    other = came(("MsgType", "text"), ("Content", "A"), ("MsgId", 1), FromUserName="lisi")
    assert len({each.incoming.key for each in [*texts, other]}) == 3


# Whatever comes. --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", [*map(str.encode, BOMBS.values()), *BROKEN.values()], ids=[*BOMBS, *BROKEN])
def test_a_bomb_inside_is_refused(document):
    with pytest.raises(Forged):
        read(document, CORP, AGENT, NOON)


def harmless(message):
    """Reading ends in an event that the house can take, or is forged."""
    try:
        event = read(message, CORP, AGENT, NOON)
    except Forged:
        return
    incoming = event.incoming
    assert incoming is None or sum(map(bool, (incoming.text, incoming.action, event.media))) == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_harmless(message):
    harmless(message)


_TAGS = st.sampled_from(["MsgType", "Event", "EventKey", "Content", "MediaId", "FileName", "CreateTime", "TaskId", "ResponseCode",
                         "FromUserName", "SelectedItems", "SelectedItem", "OptionIds", "OptionId", "AgentID", "x"])  # fmt: skip
_WORDS = st.sampled_from(["text", "image", "file", "voice", "event", "click", "template_card_event", "subscribe", "=tok:", "-", "A",
                          "m-1", "", " ", "\u2028", "١٢٣", "9" * 30, "zhangsan", "sys", "1000002"])  # fmt: skip
_FLAT = st.lists(st.tuples(_TAGS, _WORDS), max_size=6)
_PAIRS = st.lists(st.tuples(_TAGS, st.one_of(_WORDS, _FLAT)), max_size=8)


@settings(max_examples=150, deadline=None)
@given(_PAIRS)
def test_any_arrangement_of_the_known_is_harmless(pairs):
    harmless(xml([("ToUserName", CORP), *pairs]).encode())
    harmless(plain(*pairs))
