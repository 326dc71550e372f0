"""What WeCom's numbers mean: each class that is worth a difference, and what becomes of a message that met it."""

import pickle

import pytest

from channels.base import GONE, DeliveryFailed
from channels.sending import SlowDown
from channels.wecom.refusals import SECONDS_OF_REST, NotSent, Refused, Trouble, Unsure, raised, verdict

CLASSES = {
    "retry": [-1, 6000, 45033, 45035],
    "token": [40014, 42001, 41001],
    "slow": [45009],
    "config": [40001, 40091, 40013, 40056, 301002, 50003, 60031, 48002, 48006, 60020, 43012, 50001, 80001, 85005, 404],
    "recipient": [81013, 60111, 40003, 40031, 40032, 82001, 82002, 82003, 60011, 60021],
    "content": [40008, 44004, 45002, 45008, 41016, 41033, 40039, 45034, 40201, 82004, 40033],
    "media": [40004, 40006, 40007, 40145, 44001, 40123],
    "card": [
        42014, 42016, 42017, 42018, 42019, 42020, *range(42027, 42048), 42049, 42050, 42051, 60140, 82101, 82102,
    ],
    "oauth": [40029, 42003, 42022],
    "bot": [846601, 846604, 846605, 846606, 846607, 846608, 846609, 853000],
    "other": [42052, 40058, 40050, 86008, 42048, 42015, 0, 99999],
}  # fmt: skip
"""developer.work.weixin.qq.com, document 90313; 404 is not WeCom's but any server's for a path that it lacks."""
ALL = [(kind, code) for kind, codes in CLASSES.items() for code in codes]
RESTS = {"retry", "token", "slow", "config", "oauth", "bot"}
GONE_FOR_GOOD = {81013, 60111, 40003, 60021}
"""What says of the one member of a call that nobody is there; other refusals of recipients are about the call."""


@pytest.mark.parametrize(("kind", "code"), ALL)
def test_a_number_has_one_meaning_whatever_its_words_say(kind, code):
    assert {
        Refused(code, words).kind for words in ("", "ok", "invalid access_token", "Warning: wrong json format.")
    } == {kind}


@pytest.mark.parametrize(("kind", "code"), ALL)
def test_what_lies_in_the_message_fails_and_what_lies_in_us_waits(kind, code):
    state, reason = verdict(Refused(code))
    assert state == ("retry" if kind in RESTS else "failed")
    failed = "not_visible" if code in GONE_FOR_GOOD else "rejected"
    assert reason == (f"errcode_{code}" if kind in RESTS else failed)


def test_who_cannot_be_seen_is_gone():
    assert verdict(Refused(81013))[1] in GONE
    assert verdict(Refused(44004))[1] not in GONE


def test_who_has_no_licence_is_told_from_who_cannot_be_seen():
    assert verdict(Refused(81013, "", frozenset({"zhang"}))) == ("failed", "unlicensed")
    assert verdict(Refused(44004, "", frozenset({"zhang"}))) == ("failed", "rejected")


def test_what_never_left_is_tried_again_and_what_may_have_arrived_is_not():
    assert verdict(NotSent("ClientConnectorError")) == ("retry", "unreachable")
    assert verdict(Unsure("HTTP 500")) == ("uncertain", "no_answer")


def test_the_same_in_the_words_of_the_channels():
    slow = raised(Refused(45009))
    assert isinstance(slow, SlowDown)
    assert slow.seconds == SECONDS_OF_REST
    for error, permanent, reason in (
        (Refused(81013), True, "not_visible"),
        (Refused(44004), True, "rejected"),
        (Refused(60020), False, "errcode_60020"),
        (NotSent("x"), False, "unreachable"),
    ):
        failed = raised(error)
        assert isinstance(failed, DeliveryFailed)
        assert (failed.permanent, failed.reason) == (permanent, reason)
    unsure = Unsure("HTTP 500")
    assert raised(unsure) is unsure


@pytest.mark.parametrize(
    ("words", "ip"),
    [
        ("not allow to access from your ip, hint: [1764], from ip: 203.0.113.7, more info at https://x/query?e=60020",
         "203.0.113.7"),
        ("not allow to access from your ip, from ip:2001:db8::7, more", "2001:db8::7"),
        ("not allow to access", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_address_that_wecom_saw_is_kept_for_the_officer(words, ip):
    refused = Refused(60020, words)
    assert refused.ip == ip
    assert str(refused) == f"errcode 60020 (config){f' from {ip}' if ip else ''}"


def test_nothing_else_of_what_wecom_says_is_repeated():
    refused = Refused(40001, "invalid credential, access_token=SECRET-TOKEN corpsecret=app-secret")
    assert "SECRET" not in f"{refused}{refused!r}{vars(refused)}"
    assert "app-secret" not in f"{refused}{refused!r}{vars(refused)}"


def test_every_trouble_is_caught_as_one_and_survives_a_copy():
    for trouble in (Refused(42014), NotSent("x"), Unsure("y")):
        assert isinstance(trouble, Trouble)
    copied = pickle.loads(pickle.dumps(Refused(60020)))
    assert isinstance(copied, Refused)
