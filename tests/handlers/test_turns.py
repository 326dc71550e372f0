"""Turns: whose day it is, which language, and which words follow a command."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.messages import Address, Incoming
from handlers.turns import Deployment, Turn
from quizzes.people import Person
from tests.engine import HOUSE

NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)


def turn(text="", action="", person=None, channel="telegram", rest=None):
    return Turn(Incoming("k", Address(channel, "a"), NOW, text, action), NOW, HOUSE, person=person, rest=rest)


def test_the_day_is_that_of_the_deployments_zone():
    assert HOUSE.today(NOW) == date(2026, 11, 24)
    assert replace(HOUSE, zone=ZoneInfo("UTC")).today(NOW) == date(2026, 11, 23)


def test_an_instant_is_said_in_local_time_in_both_languages():
    assert HOUSE.moment("zh", NOW) == "11月24日 00:30"
    assert "00:30" in HOUSE.moment("en", NOW)


def test_by_default_names_stay_in_the_country():
    assert Deployment(b"", "").names == ("wecom", "wecom_bot", "web")
    allowed = {channel: turn(channel=channel).names_allowed for channel in ("telegram", "web", "wecom", "wecom_bot")}
    assert allowed == {"telegram": False, "web": True, "wecom": True, "wecom_bot": True}


def test_a_press_is_heard_before_a_text():
    assert turn("  文字 ", " 按钮 ").said == "按钮"
    assert turn("  文字 ").said == "文字"


def test_arguments_are_the_words_after_the_command():
    assert turn("免考 张三  2026-11-23　- 病").arguments == ["张三", "2026-11-23", "-", "病"]
    assert turn("invite sheet 住建局", rest="住建局").arguments == ["住建局"]
    assert turn("今日答题", rest="").arguments == []


def test_a_stranger_reads_chinese_and_is_nobody():
    assert turn().language == "zh"
    assert turn(person=Person(1, "张三", language="en")).language == "en"
    with pytest.raises(AssertionError):
        _ = turn().me
