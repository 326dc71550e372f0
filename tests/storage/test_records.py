"""A person's own record over the rounds."""

from __future__ import annotations

from datetime import timedelta

from storage import records
from storage.database import Store
from storage.records import Entry
from tests.builders import NOW, District, district, enrol, make_round, mark, sits

DAYS = timedelta(days=1)


def of(store: Store, d: District, name: str = "张三", **settings) -> list[Entry]:
    return records.of_person(store, d.people[name], **settings)


def test_a_line_says_how_the_person_did(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三", 9500)
    day = (NOW - 3 * DAYS).date()
    assert of(store, d) == [Entry(d.round_id, "宪法宣传周学法考试", day, False, True, False, True, True, True, 9500)]


def test_who_never_sat_has_a_line_all_the_same(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "张三", counted=False, exempt=True)
    [entry] = of(store, d)
    assert (entry.counted, entry.exempt, entry.sat, entry.score) == (False, True, False, None)


def test_rounds_stand_newest_first_and_cancelled_ones_not_at_all(store: Store) -> None:
    d = district(store)
    numbers = {}
    for plan, state, opened in (("old", "closed", -30), ("new", "open", -1), ("gone", "cancelled", -2)):
        numbers[plan] = make_round(store, plan=plan, state=state, opened=opened * DAYS, closes=(opened + 1) * DAYS)
        enrol(store, d, numbers[plan], "张三")
    found = of(store, d)
    assert [entry.round_id for entry in found] == [numbers["new"], d.round_id, numbers["old"]]
    assert [entry.closed for entry in found] == [False, False, True]
    assert of(store, d, most=1) == found[:1]


def test_rounds_that_open_at_one_moment_stand_later_made_first(store: Store) -> None:
    d = district(store)
    second = make_round(store, plan="second")
    enrol(store, d, second, "张三")
    assert [entry.round_id for entry in of(store, d)] == [second, d.round_id]


def test_a_record_is_ones_own(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "李四")
    assert [entry.sat for entry in of(store, d)] == [False]
    assert records.of_person(store, 404) == []
