"""The invitation sheet: a code per way in, what to do in steps that fit the person, and volumes of a size one can print."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.people import sheets
from handlers.people.sheets import VOLUME, Card
from tests.engine import HOUSE

UNTIL = "2026年12月7日"
TELEGRAM = replace(HOUSE, telegram="xuefa_bot")


def cards(count, unit="住建局"):
    return [Card(f"干部{n}", unit, f"token{n}", "phone") for n in range(count)]


def test_a_token_leads_in_by_the_web_and_by_telegram_where_there_is_a_bot():
    assert sheets.links(HOUSE, "T") == [("web", "https://xuefa.example/join/T")]
    assert sheets.links(TELEGRAM, "T") == [
        ("web", "https://xuefa.example/join/T"),
        ("telegram", "https://t.me/xuefa_bot?start=T"),
    ]


def test_a_code_is_a_picture_that_scales():
    made = sheets.code("https://xuefa.example/join/T")
    assert made.startswith("<svg")
    assert 'viewBox="' in made
    assert sheets.code("https://xuefa.example/join/T") == made
    assert sheets.code("https://xuefa.example/join/U") != made


@pytest.mark.parametrize("sizes", [(1,), (400,), (401,), (399, 1, 1), (1000,), (200, 300, 100, 700), (0, 5)])
def test_volumes_hold_everybody_once_in_order_and_none_is_too_thick(sizes):
    groups = [(f"局{n}", cards(size, f"局{n}")) for n, size in enumerate(sizes)]
    shared = list(sheets.volumes(groups))
    assert [card for volume in shared for _, part in volume for card in part] == [
        card for _, some in groups for card in some
    ]
    assert all(0 < sum(len(part) for _, part in volume) <= VOLUME for volume in shared)


def test_nobody_to_invite_is_one_empty_volume():
    assert list(sheets.volumes([])) == [[]]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("by", ["phone", "staff_no", ""])
def test_a_sheet_is_a_pdf_whatever_confirms_the_invitation(language, by):
    made = sheets.sheet([("住建局", [Card("张三", "住建局", "T", by)])], TELEGRAM, language, UNTIL)
    assert made.startswith(b"%PDF-")


def test_a_name_with_signs_of_the_typesetter_is_only_a_name():
    made = sheets.sheet([("#局*", [Card('#panic("x") $a$ [', "*_`@", "T", "phone")])], HOUSE, "zh", UNTIL)
    assert made.startswith(b"%PDF-")


WECOM = replace(HOUSE, wecom="学法", wecom_bot="学法助手")


def test_where_wecom_is_the_code_can_be_sent_to_its_app_or_its_bot():
    assert sheets.by_code(HOUSE, "zh", "T") == []
    assert sheets.by_code(WECOM, "zh", "T") == [
        "企业微信：打开「工作台」里的「学法」，发送邀请码 T",
        "企业微信：打开智能机器人「学法助手」，发送邀请码 T",
    ]
    assert [line.count("T") for line in sheets.by_code(replace(HOUSE, wecom_bot="Law"), "en", "T")] == [1]
    assert sheets.links(WECOM, "T") == sheets.links(HOUSE, "T")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_card_has_room_for_one_of_them(language):
    card = Card("张三", "住建局", "T", "phone")
    house = replace(WECOM, telegram="xuefa_bot")
    made = sheets._card(card, house, language, lambda key, **_: key)
    assert made["chats"] == sheets.by_code(WECOM, language, "T")[:1]
    assert sheets._card(card, HOUSE, language, lambda key, **_: key)["chats"] == []
    assert sheets.sheet([("住建局", [card] * 8)], house, language, UNTIL).startswith(b"%PDF-")
