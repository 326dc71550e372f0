from __future__ import annotations

from datetime import date, timedelta

from storage import deliveries, materials, people, pushes
from storage.database import Store
from storage.pushes import MATERIAL, NOTICE, Audience
from tests.builders import NOW, District, district, sits

DAY = date(2026, 12, 4)


def names(d: District, numbers: list[int]) -> list[str]:
    return [name for name, number in d.people.items() if number in numbers]


def test_units_names_and_those_missing_add_up_each_person_once(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "吴九")
    to = Audience(units=(d.units["质安站"],), people=(d.people["赵六"], d.people["吴九"]))
    assert names(d, pushes.recipients(store, to, DAY)) == ["赵六", "孙七", "吴九"]
    assert len(pushes.recipients(store, Audience(everybody=True), DAY)) == 10
    assert len(pushes.recipients(store, Audience(missing_in=d.round_id), DAY)) == 9


def test_a_push_is_read_back_as_it_was_recorded(store: Store) -> None:
    d = district(store)
    to = Audience(units=(d.units["住建局"],))
    number = pushes.add(store, to, d.people["王敏"], NOW, text="明天开会", people=6, reachable=5)
    found = pushes.get(store, number)
    assert found is not None
    assert (found.kind, found.text, found.audience, found.people, found.reachable, found.by) == (
        NOTICE,
        "明天开会",
        to,
        6,
        5,
        d.people["王敏"],
    )
    assert pushes.last(store) == found
    assert pushes.get(store, number + 1) is None


def test_who_joins_a_unit_later_was_not_pushed_to(store: Store) -> None:
    d = district(store)
    pushed = materials.add_pushed(store, "讲座", NOW)
    pushes.add(
        store,
        Audience(units=(d.units["住建局"],)),
        d.people["王敏"],
        NOW - timedelta(days=5),
        material_id=pushed.id,
        people=6,
        reachable=5,
    )
    [old] = [each for each in people.postings(store) if each.person_id == d.people["吴九"]]
    people.end_postings(store, [old.id], DAY)
    assert pushes.pushed_to(store, d.people["张三"]) == {pushed.id: NOW - timedelta(days=5)}
    assert pushes.pushed_to(store, d.people["吴九"]) == {}


def test_a_delivery_alone_shows_that_one_was_pushed_to(store: Store) -> None:
    d = district(store)
    pushed = materials.add_pushed(store, "讲座", NOW)
    number = pushes.add(
        store, Audience(missing_in=d.round_id), d.people["王敏"], NOW, material_id=pushed.id, people=1, reachable=1
    )
    deliveries.plan(
        store, pushes.key(number, d.people["吴九"]), d.accounts["吴九", "wecom"], MATERIAL, {"text": ""}, NOW
    )
    assert pushes.pushed_to(store, d.people["吴九"]) == {pushed.id: NOW}
    assert pushes.pushed_to(store, d.people["张三"]) == {}
    assert pushes.states(store, number) == {"planned": 1}


def test_the_states_of_a_push_are_not_those_of_another_whose_number_begins_the_same(store: Store) -> None:
    d = district(store)
    deliveries.plan(store, pushes.key(1, 1), d.accounts["吴九", "wecom"], NOTICE, {"text": ""}, NOW)
    deliveries.plan(store, pushes.key(11, 1), d.accounts["吴九", "wecom"], NOTICE, {"text": ""}, NOW)
    assert pushes.states(store, 1) == {"planned": 1}


def test_who_was_tried_on_two_accounts_counts_once_by_the_further(store: Store) -> None:
    d = district(store)
    first = pushes.key(1, d.people["张三"])
    deliveries.plan(store, first, d.accounts["张三", "wecom"], NOTICE, {"text": ""}, NOW)
    [lost] = deliveries.claim(store, "wecom", 9, NOW)
    deliveries.settle(store, lost.id, "failed", NOW, reason="not_visible")
    assert (pushes.states(store, 1), pushes.refusals(store, 1)) == ({"failed": 1}, {"not_visible": 1})
    deliveries.plan(store, f"{first}:via:2", d.accounts["张三", "telegram"], NOTICE, {"text": ""}, NOW)
    assert (pushes.states(store, 1), pushes.refusals(store, 1)) == ({"planned": 1}, {})
    [lost] = deliveries.claim(store, "telegram", 9, NOW)
    deliveries.settle(store, lost.id, "failed", NOW, reason="blocked")
    assert (pushes.states(store, 1), pushes.refusals(store, 1)) == ({"failed": 1}, {"blocked": 1})
