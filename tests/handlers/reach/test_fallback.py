"""One door is shut: the message goes once to the next that is open, each account is tried once, and everybody counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers import delivering
from handlers.messages import Outcome
from handlers.reach import fallback
from quizzes.missing import Reason
from storage import accounts, deliveries, missing, pushes, rounds
from storage.tables import delivery
from tests.builders import HOUSE, NOW, district


@pytest.fixture
def d(store):
    """张三 on WeCom's app, Telegram, WeCom's bot and the web, in that order."""
    built = district(store)
    for channel in ("wecom_bot", "web"):
        built.accounts["张三", channel] = accounts.bind(store, built.people["张三"], channel, f"{channel}-张三", NOW)
    return built


def plan(store, d, channel="wecom", kind="notice", key="k", **more):
    deliveries.plan(store, key, d.accounts["张三", channel], kind, {"text": "请看"}, NOW, **more)


def refuse(store, channel, *, house=HOUSE, why="blocked", now=NOW):
    """The channel refuses whatever is to be sent; how many that were."""
    found = deliveries.claim(store, channel, 99, now)
    delivering.settle(store, [Outcome(each.id, "failed", reason=why) for each in found], now, house)
    return len(found)


def owed(store):
    return [(row.key, row.channel, row.state) for row in store.rows(select(delivery).order_by(delivery.c.id))]


def test_the_message_is_owed_once_to_the_next_account_under_a_key_of_its_own(store, d):
    plan(store, d, expires_at=NOW + timedelta(hours=1), round_id=d.round_id)
    refuse(store, "wecom")
    number = d.accounts["张三", "wecom_bot"]
    assert owed(store) == [("k", "wecom", "failed"), (f"k:via:{number}", "wecom_bot", "planned")]
    first, second = store.rows(select(delivery).order_by(delivery.c.id))
    for column in ("kind", "body", "person_id", "round_id", "expires_at", "priority"):
        assert getattr(first, column) == getattr(second, column)


def test_every_account_is_tried_once_in_the_order_of_preference_and_then_it_ends(store, d):
    accounts.prefer(store, d.accounts["张三", "telegram"])
    plan(store, d)
    for channel in ("wecom", "telegram", "wecom_bot", "web"):
        assert refuse(store, channel) == 1
    assert [channel for _, channel, _ in owed(store)] == ["wecom", "telegram", "wecom_bot", "web"]
    assert {state for *_, state in owed(store)} == {"failed"}
    assert all(key.count(":via:") <= 1 for key, *_ in owed(store))


def test_an_account_that_opened_again_meanwhile_is_not_tried_twice(store, d):
    plan(store, d)
    refuse(store, "wecom")
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "", NOW)
    for channel in ("wecom_bot", "telegram", "web"):
        refuse(store, channel)
    assert [channel for _, channel, _ in owed(store)].count("wecom") == 1


def test_what_has_expired_is_owed_to_nobody_more(store, d):
    plan(store, d, expires_at=NOW + timedelta(minutes=1))
    found = deliveries.claim(store, "wecom", 9, NOW)
    delivering.settle(store, [Outcome(found[0].id, "failed", reason="blocked")], NOW + timedelta(minutes=2), HOUSE)
    assert len(owed(store)) == 1


@pytest.mark.parametrize(
    ("kind", "again"), [*((kind, True) for kind in fallback.KINDS), ("reminder", False), ("handover", False)]
)
def test_only_what_must_reach_a_person_goes_another_way(store, d, kind, again):
    plan(store, d, kind=kind)
    found = deliveries.claim(store, "wecom", 9, NOW)
    delivering.settle(store, [Outcome(each.id, "failed", reason="not_visible") for each in found], NOW, HOUSE)
    assert (len(owed(store)) == 2) is again


@pytest.mark.parametrize("outcome", [("failed", "rejected"), ("uncertain", "blocked"), ("sent", "")])
def test_a_message_that_failed_for_its_own_sake_or_may_have_arrived_goes_nowhere_else(store, d, outcome):
    plan(store, d)
    found = deliveries.claim(store, "wecom", 9, NOW)
    delivering.settle(store, [Outcome(found[0].id, outcome[0], reason=outcome[1])], NOW, HOUSE)
    assert len(owed(store)) == 1


def test_a_refusal_that_comes_late_owes_nothing_more(store, d):
    plan(store, d)
    [found] = deliveries.claim(store, "wecom", 9, NOW)
    delivering.settle(store, [Outcome(found.id, "sent", "7")], NOW, HOUSE)
    delivering.settle(store, [Outcome(found.id, "failed", reason="blocked")], NOW, HOUSE)
    assert len(owed(store)) == 1


# Names. ------------------------------------------------------------------------------------------------------------------


def test_what_may_name_others_goes_only_where_names_may_go(store, d):
    accounts.end(store, d.accounts["张三", "wecom_bot"], NOW)
    plan(store, d, kind="report")
    refuse(store, "wecom")
    assert [channel for _, channel, _ in owed(store)] == ["wecom", "web"]


def test_what_was_written_without_names_may_go_anywhere(store, d):
    plan(store, d, "telegram", kind="answer")
    refuse(store, "telegram", house=replace(HOUSE, names=()))
    assert [channel for _, channel, _ in owed(store)] == ["telegram", "wecom_bot"]


def test_where_nobody_says_what_the_deployment_allows_nothing_that_may_name_others_moves(store, d):
    plan(store, d, kind="report")
    plan(store, d, kind="notice", key="n")
    found = deliveries.claim(store, "wecom", 9, NOW)
    delivering.settle(store, [Outcome(each.id, "failed", reason="blocked") for each in found], NOW)
    assert [key.partition(":")[0] for key, *_ in owed(store)] == ["k", "n", "n"]


# Counted once. -----------------------------------------------------------------------------------------------------------


def test_a_push_counts_each_person_once_by_how_far_it_came(store, d):
    for number, name in enumerate(("张三", "吴九", "李四")):
        channel = "telegram" if name == "李四" else "wecom"
        deliveries.plan(
            store, pushes.key(5, d.people[name]), d.accounts[name, channel], "notice", {"text": str(number)}, NOW
        )
    refuse(store, "wecom")
    assert pushes.states(store, 5) == {"planned": 2, "failed": 1}
    assert pushes.refusals(store, 5) == {"blocked": 1}
    for each in deliveries.claim(store, "wecom_bot", 9, NOW):
        deliveries.settle(store, each.id, "sent", NOW)
    assert pushes.states(store, 5) == {"sent": 1, "planned": 1, "failed": 1}
    assert deliveries.touches_since(store, NOW).get(d.people["张三"]) == 1
    assert deliveries.touches_since(store, NOW).get(d.people["吴九"]) is None


def test_whoever_has_the_card_another_way_is_missing_once_as_told_and_not_as_unreachable(store, d):
    what = rounds.get(store, d.round_id)

    def reasons():
        return [
            each.reason for each in missing.missing(store, what, HOUSE.today(NOW)) if each.person_id == d.people["张三"]
        ]

    plan(store, d, kind="card", round_id=d.round_id)
    refuse(store, "wecom")
    assert reasons() == [Reason.PLANNED]
    for each in deliveries.claim(store, "wecom_bot", 9, NOW):
        deliveries.settle(store, each.id, "sent", NOW)
    assert reasons() == [Reason.DELIVERED]
