from __future__ import annotations

import pytest

from handlers.messages import Reply
from handlers.reach import quieting
from storage import reminders
from storage.database import Store
from tests.builders import District, district, turn


def says(store: Store, d: District, said: str) -> Reply:
    [reply] = quieting.quiet(turn(store, d, "张三", said), store)
    return reply


@pytest.mark.parametrize(("said", "read"), [
    ("20:00-8:00", (20, 8)), ("20点到8点", (20, 8)), ("20-8", (20, 8)), ("12:00 - 14:00", (12, 14)), ("22:00至24:00", (22, 0)),
    ("20：00—8：00", (20, 8)), ("9 to 12", (9, 12)),
    ("20:30-8:00", None), ("8-8", None), ("0-24", None), ("25-8", None), ("晚上", None), ("8", None),
])  # fmt: skip
def test_full_hours_are_read_as_people_write_them(said: str, read: tuple[int, int] | None) -> None:
    assert quieting.read(said) == read


def test_quiet_hours_are_set_shown_and_taken_back(store: Store) -> None:
    d = district(store)
    assert "您没有设免打扰时间" in says(store, d, "免打扰").text
    assert (
        says(store, d, "免打扰 20:00-8:00").text
        == "已设免打扰：20:00 至 8:00，其间不发提醒，结束后还来得及的再发。题卡和通知照常。"
    )
    assert reminders.quiet_of(store, d.people["张三"]) == (20, 8)
    shown = says(store, d, "免打扰")
    assert "20:00 至 8:00" in shown.text
    assert shown.choices[0].says == "免打扰 关闭"
    says(store, d, shown.choices[0].says)
    assert reminders.quiet_of(store, d.people["张三"]) is None


def test_what_cannot_be_read_changes_nothing_and_says_what_to_write(store: Store) -> None:
    d = district(store)
    says(store, d, "免打扰 20-8")
    assert "请写两个整点" in says(store, d, "免打扰 20:30-8:00").text
    assert reminders.quiet_of(store, d.people["张三"]) == (20, 8)


def test_who_wants_quiet_all_working_hours_reads_what_that_means(store: Store) -> None:
    d = district(store)
    assert "提醒将不会发给您" in says(store, d, "免打扰 8:00-18:00").text
    assert "提醒将不会发给您" not in says(store, d, "免打扰 9:00-18:00").text
