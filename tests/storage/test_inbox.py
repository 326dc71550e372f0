"""The inbox: every event once, and its replies owed until somebody is known to have shown them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from storage import inbox, tables
from storage.database import Store
from tests.builders import NOW, district

REPLIES = [{"text": "正确。", "choices": [["下一题", "今日答题"]]}, {"text": ""}]


def keep(store: Store, key: str = "telegram:1", *, seconds: float = 0, account_id: int | None = None, **values) -> None:
    given = {"channel": "telegram", "address": "7", "said": "A", "origin": "", "replies": REPLIES, **values}
    inbox.keep(
        store, key=key, account_id=account_id, arrived_at=NOW - timedelta(seconds=seconds), platform_at=None, **given
    )


def owed(store: Store, channel: str = "telegram") -> list[str]:
    return [row.key for row in inbox.owed(store, channel, NOW)]


def test_the_same_key_again_finds_the_replies_it_got(store: Store) -> None:
    assert inbox.seen(store, "telegram:1") is None
    keep(store)
    assert inbox.seen(store, "telegram:1") == REPLIES
    assert inbox.seen(store, "telegram:10") is None


def test_the_same_key_is_kept_only_once(store: Store) -> None:
    keep(store)
    store.plain("SAVEPOINT doubled")
    with pytest.raises(IntegrityError):
        keep(store)
    store.plain("ROLLBACK TO SAVEPOINT doubled")


def test_an_event_is_kept_with_its_times_and_the_message_to_edit(store: Store) -> None:
    inbox.keep(store, key="k", channel="telegram", address="7", account_id=None, arrived_at=NOW,
               platform_at=NOW - timedelta(seconds=2), said="今日答题", origin="31", replies=[])  # fmt: skip
    row = store.row(select(tables.inbox))
    assert row is not None
    assert (row.arrived_at, row.platform_at, row.said, row.origin) == (
        NOW,
        NOW - timedelta(seconds=2),
        "今日答题",
        "31",
    )
    assert (row.state, row.error, row.shown, row.replies) == ("done", "", False, [])


def test_an_event_that_failed_is_kept_as_quarantined(store: Store) -> None:
    keep(store, error="4F2A10 ValueError")
    row = store.row(select(tables.inbox.c.state, tables.inbox.c.error))
    assert row is not None
    assert tuple(row) == ("quarantine", "4F2A10 ValueError")


def test_replies_are_owed_between_fifteen_seconds_and_an_hour_oldest_first(store: Store) -> None:
    for seconds in (14.9, 15, 20, 3600, 3600.1):
        keep(store, f"after {seconds}", seconds=seconds)
    assert owed(store) == ["after 3600", "after 20", "after 15"]


def test_replies_are_owed_by_their_own_channel_only(store: Store) -> None:
    keep(store, seconds=20)
    keep(store, "web:1", seconds=20, channel="web", shown=True)
    assert owed(store) == ["telegram:1"]
    assert owed(store, "web") == []


def test_what_was_shown_is_owed_no_more(store: Store) -> None:
    for key in ("a", "b", "c"):
        keep(store, key, seconds=20)
    inbox.mark_shown(store, ["a", "c", "never came"])
    inbox.mark_shown(store, ["a"])
    assert owed(store) == ["b"]


def test_no_more_are_owed_at_once_than_asked_for(store: Store) -> None:
    for number in range(5):
        keep(store, str(number), seconds=30 - number)
    assert [row.key for row in inbox.owed(store, "telegram", NOW, most=2)] == ["0", "1"]


def test_what_is_owed_carries_all_that_showing_it_needs(store: Store) -> None:
    keep(store, seconds=20, origin="31")
    [row] = inbox.owed(store, "telegram", NOW)
    assert (row.address, row.origin, row.replies) == ("7", "31", REPLIES)


def test_the_history_of_an_account_is_its_last_events_oldest_first(store: Store) -> None:
    d = district(store)
    mine, others = d.accounts["张三", "telegram"], d.accounts["李四", "telegram"]
    for number in range(4):
        keep(store, f"k{number}", seconds=10 - number, account_id=mine)
    keep(store, "same moment", seconds=7, account_id=mine)
    keep(store, "another's", account_id=others)
    assert [row.key for row in inbox.history(store, mine, 3)] == ["k2", "k3", "same moment"]
    assert len(inbox.history(store, mine, 50)) == 5


def test_what_was_pressed_on_a_page_of_its_own_takes_no_place_in_a_history_without_it(store: Store) -> None:
    mine = district(store).accounts["张三", "telegram"]
    for number in range(4):
        keep(store, f"k{number}", seconds=10 - number, account_id=mine, origin="page" if number % 2 else "")
    assert [row.key for row in inbox.history(store, mine, 2, without="page")] == ["k0", "k2"]


def test_replies_are_stored_as_people_read_them(store: Store) -> None:
    keep(store)
    raw = store.plain("SELECT replies FROM inbox").scalar()
    assert "正确" in raw
    assert json.loads(raw) == REPLIES
