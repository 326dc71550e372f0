from __future__ import annotations

from quizzes.heirs import Held
from quizzes.people import RoleName
from storage import deliveries, handovers, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, district

DAY = HOUSE.today(NOW)


def test_roles_and_staff_are_what_the_rule_needs(store: Store) -> None:
    d = district(store)
    assert handovers.roles(store) == [
        Held(d.people["王敏"], RoleName.ADMIN, None),
        Held(d.people["刘洋"], RoleName.LIAISON, d.units["住建局"]),
    ]
    members = handovers.staff(store, DAY)
    assert [each.person.name for each in members][:3] == ["王敏", "李建国", "陈芳"]
    assert {each.unit_id for each in members if each.person.name == "赵六"} == {d.units["质安站"]}
    assert set(handovers.eligible(handovers.roles(store), members)) == {
        d.people[name] for name in ("王敏", "刘洋", "李建国", "陈芳")
    }
    assert handovers.tree(store)[d.units["质安站"]].parent_id == d.units["住建局"]


def test_told_is_who_has_or_gets_the_names(store: Store) -> None:
    d = district(store)
    for key, name, state in (("a", "刘洋", "sent"), ("b", "王敏", "cancelled")):
        deliveries.plan(store, key, d.accounts[name, "wecom"], "handover", {"text": "…"}, NOW, round_id=d.round_id)
        store.run(tables.delivery.update().where(tables.delivery.c.key == key).values(state=state))
    assert handovers.told(store, d.round_id) == {d.people["刘洋"]}
