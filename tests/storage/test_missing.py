from __future__ import annotations

from datetime import date

from quizzes.missing import Reason
from storage import accounts, deliveries, missing, rounds, tables
from storage.database import Store
from tests.builders import NOW, District, district, mark, sits

DAY = date(2026, 12, 4)


def reasons(store: Store, d: District) -> dict[str, Reason]:
    return {each.name: each.reason for each in missing.missing(store, rounds.get(store, d.round_id), DAY)}


def test_whoever_is_due_and_has_not_sat_is_missing_in_the_order_of_units(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三")
    mark(store, d, d.round_id, "赵六", counted=False, exempt=True)
    assert list(reasons(store, d)) == ["李建国", "周杰", "陈芳", "刘洋", "李四", "孙七", "王敏", "吴九"]


def test_who_failed_is_listed_only_while_attempts_are_left(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三", 3000)
    assert reasons(store, d)["张三"] is Reason.FAILED
    mark(store, d, d.round_id, "张三", attempts=2)
    assert "张三" not in reasons(store, d)


def test_of_several_cards_the_one_that_came_furthest_decides(store: Store) -> None:
    d = district(store)
    for channel, state in (("wecom", "failed"), ("telegram", "sent")):
        deliveries.plan(
            store, f"card:{channel}", d.accounts["张三", channel], "card", {"paper": 1}, NOW, round_id=d.round_id
        )
        store.run(tables.delivery.update().where(tables.delivery.c.key == f"card:{channel}").values(state=state))
    assert reasons(store, d)["张三"] is Reason.DELIVERED


def test_one_reachable_account_is_enough(store: Store) -> None:
    d = district(store)
    accounts.set_reachable(store, d.accounts["张三", "telegram"], "blocked", NOW)
    assert reasons(store, d)["张三"] is Reason.PLANNED
    accounts.set_reachable(store, d.accounts["张三", "wecom"], "deactivated", NOW)
    assert reasons(store, d)["张三"] is Reason.UNREACHABLE


def test_an_account_that_was_ended_is_no_account(store: Store) -> None:
    d = district(store)
    accounts.end(store, d.accounts["吴九", "wecom"], NOW)
    assert reasons(store, d)["吴九"] is Reason.UNBOUND


def test_the_list_can_be_narrowed_to_units_at_opening(store: Store) -> None:
    d = district(store)
    found = missing.missing(store, rounds.get(store, d.round_id), DAY, [d.units["质安站"]])
    assert [each.name for each in found] == ["赵六", "孙七"]
