"""The report of a directory: counts first, names only where they may be shown, buttons for exactly what can be done."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.people import directory_words
from handlers.people.directory_words import Examined
from handlers.words import LANGUAGES
from quizzes.directory import Listed, compare_directory
from quizzes.people import Person, Posting, PostingKind, Unit
from storage.rosters import Standing

DAY = date(2026, 12, 1)
UNITS = [Unit(1, None, "示例区", 0), Unit(2, 1, "住建局", 1), Unit(3, 1, "司法局", 2)]
PEOPLE = [Person(n, f"干部{n:02d}") for n in range(1, 41)]
HOME = [Posting(n, n, 2, PostingKind.STAFF, date(2020, 1, 1)) for n in range(1, 41)]
STANDING = Standing(PEOPLE, HOME, UNITS)


def line(n, unit="住建局", name=""):
    return Listed(f"u{n:02d}", name or f"干部{n:02d}", ("示例区", unit))


def examined(*lines, bound=None):
    return Examined("wecom", len(lines), compare_directory(lines, PEOPLE, HOME, UNITS, bound or {}, DAY), STANDING)


def kept(*lines, bound=None, **more):
    return directory_words.saved(7, examined(*lines, bound=bound)) | more


def says(reply):
    return [choice.says for choice in reply.choices]


def test_long_lists_are_cut_and_counted():
    text = kept(*(line(n, "司法局") for n in range(1, 21)))["texts"]["zh"][0]
    assert "只有姓名对得上、单位对不上，请核对：20 人。干部01（住建局）、" in text
    assert "干部15（住建局） 等 20 人。" in text
    assert "干部16" not in text


def test_without_names_there_are_counts_only():
    found = kept(line(1), line(2, "司法局"), line(50), line(51, name="干部01"), bound={"u99": 3})
    for language in LANGUAGES:
        assert "干部" not in found["texts"][language][1]
        assert "干部" in found["texts"][language][0]


def test_buttons_are_offered_for_what_there_is_and_not_for_what_is_done():
    found = kept(line(1), line(2, "司法局"), line(50), bound={"u99": 3})
    offered = says(directory_words.report(7, found, "zh", names=True))
    assert offered == ["确认绑定 7", "确认绑定 7 all", "确认通讯录 7", "确认通讯录 7 leavers", "取消比对 7"]
    assert says(directory_words.report(7, found | {"bound": True}, "zh", names=True)) == [
        "确认通讯录 7",
        "确认通讯录 7 leavers",
        "取消比对 7",
    ]
    assert says(directory_words.report(7, found | {"bound": True, "applied": True}, "zh", names=True)) == []


def test_where_names_may_not_be_shown_the_way_to_the_web_is():
    assert says(directory_words.report(7, kept(line(1)), "zh", names=False))[-1] == "网页登录"
    assert "「通讯录比对 7」" in directory_words.report(7, kept(line(1)), "zh", names=False).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_doubt_has_its_sentence(language):
    lines = (line(1), line(50, name="干部01"), line(60, name="u60"), Listed("u70", "钱八", ()), line(3, name="孙七"))
    text = kept(*lines, bound={"u03": 3})["texts"][language][0]
    assert len(text.split("\n")) > 5
    assert "{" not in text


def test_a_cell_that_a_spreadsheet_would_run_is_only_text():
    content = directory_words.details("zh", examined(Listed("=cmd()", "干部01", ("示例区", "=1+1")), line(2)))
    assert "'=cmd()" in content.decode("utf-8-sig")


def test_a_directory_that_is_not_believed_offers_to_be_only_where_it_has_people():
    few, none = directory_words.doubtful(7, "wecom", 4, 10), directory_words.doubtful(7, "wecom", 0, 10)
    assert says(directory_words.report(7, few, "zh", names=True)) == ["确认通讯录 7", "取消比对 7"]
    assert says(directory_words.report(7, none, "en", names=True)) == ["cancel directory 7"]


def test_the_file_is_named_by_its_day():
    assert directory_words.file_name("zh", DAY) == "通讯录比对-2026-12-01.csv"
