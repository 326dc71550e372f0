"""What a channel is given and offers: the protocol, held against the channels that there are."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from channels.base import GONE, Channel, DeliveryFailed, House
from channels.telegram.channel import Telegram
from channels.web.channel import Web
from channels.wecom.api import Credentials
from channels.wecom.bot.channel import WeComBot
from channels.wecom.channel import Setup, WeCom
from handlers.reach.refusals import UNREACHABLE
from tests.channels.wecom.running import AES_KEY, TOKEN, Door
from tests.fakes.collecting import CollectingHouse


def house() -> House:
    return CollectingHouse().house


def channels() -> list[Channel]:
    return [
        Telegram(house(), "42:token"),
        Web(house(), public_url="http://a", secure=False, now=lambda: datetime.now(UTC), secret=str),
        WeCom(
            house(),
            Setup(Credentials("ww", 1, "s"), TOKEN, AES_KEY),
            site="http://a",
            door=Door(),
            fresh=str,
            chance=bytes,
        ),
        WeComBot(house(), "bot", "secret"),
    ]


@pytest.mark.parametrize("channel", channels(), ids=lambda channel: channel.name)
def test_every_channel_offers_what_the_door_asks_of_it(channel):
    assert channel.name in ("telegram", "web", "wecom", "wecom_bot")
    assert isinstance(list(channel.routes), list)
    assert inspect.iscoroutinefunction(channel.start)
    assert inspect.iscoroutinefunction(channel.stop)


def test_a_house_tells_what_each_of_its_callables_is_for():
    assert House.__doc__
    for field in fields(House):
        assert f"\n    {field.name} " in House.__doc__


def test_a_house_cannot_be_refurnished_in_place():
    given = house()
    with pytest.raises(AttributeError):
        given.submit = given.view  # type: ignore[misc]
    assert replace(given, submit=given.view).submit == given.view


@pytest.mark.parametrize("permanent", [True, False])
def test_a_refusal_says_why_and_whether_for_good(permanent):
    failed = DeliveryFailed("blocked", permanent=permanent)
    assert (failed.reason, failed.permanent, str(failed)) == ("blocked", permanent, "blocked")


def test_whoever_is_gone_for_a_channel_is_unreachable_for_the_house():
    assert set(UNREACHABLE) == GONE
