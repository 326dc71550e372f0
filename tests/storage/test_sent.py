from __future__ import annotations

from datetime import timedelta

from storage import deliveries, sent
from storage.database import Store
from storage.sent import OnRoster
from tests.builders import NOW, district, mark


def test_only_messages_that_cost_a_touch_are_explained(store: Store) -> None:
    d = district(store)
    account_id = d.accounts["张三", "wecom"]
    deliveries.plan(store, "a", account_id, "notice", {"text": ""}, NOW)
    deliveries.plan(store, "b", account_id, "answer", {"text": ""}, NOW + timedelta(minutes=1))
    found = sent.last_to(store, d.people["张三"])
    assert found is not None
    assert found.key == "a"
    assert sent.last_to(store, d.people["吴九"]) is None


def test_the_line_in_a_round_is_the_unit_at_opening(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "孙七", counted=False)
    assert sent.on_roster(store, d.round_id, d.people["孙七"]) == OnRoster("质安站", False)
    assert sent.on_roster(store, d.round_id + 1, d.people["孙七"]) is None


def test_quiet_hours_may_be_none(store: Store) -> None:
    d = district(store)
    assert sent.quiet_hours(store, d.people["张三"]) is None
