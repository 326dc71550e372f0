"""Whom a make-up could be for, and who of its list still owes it when it opens."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from quizzes.plans import Audience, to_json
from storage import makeups, rounds, tables
from storage.database import Store
from tests.builders import NOW, District, district, enrol, make_round, mark, sits


@pytest.fixture
def d(store: Store) -> District:
    """李建国 and 张三 passed, 李四 failed, 周杰 is exempt; all others are absent."""
    made = district(store)
    store.plain("UPDATE round SET state = 'closed'")
    for name, score in (("李建国", 9500), ("张三", 6000), ("李四", 5999)):
        sits(store, made, made.round_id, name, score)
    mark(store, made, made.round_id, "周杰", counted=False, exempt=True)
    return made


def found(store: Store, d: District):
    return {each.name: each for each in makeups.candidates(store, rounds.get(store, d.round_id))}


def makeup(store: Store, d: District, *names: str, state: str = "planned") -> int:
    number = make_round(store, plan="exam+makeup", state=state, of=d.round_id, opened=timedelta(days=len(names)))
    audience = to_json(Audience(people=tuple(d.people[name] for name in names)))
    store.run(update(tables.round_).where(tables.round_.c.id == number).values(audience=audience))
    return number


def test_everybody_due_who_was_absent_or_failed_stands_in_the_order_of_units(store, d):
    every = found(store, d)
    assert list(every) == ["陈芳", "刘洋", "李四", "赵六", "孙七", "王敏", "吴九"]
    assert {name for name, each in every.items() if each.why == "failed"} == {"李四"}
    assert (every["赵六"].unit, every["赵六"].bureau_id) == ("质安站", d.units["住建局"])
    assert not any(each.deferred or each.arranged for each in every.values())


def test_who_passed_a_make_up_is_done_and_who_only_sat_one_has_failed(store, d):
    number = makeup(store, d, "李四", "赵六", state="closed")
    for name, score in (("李四", 8000), ("赵六", 1000)):
        enrol(store, d, number, name)
        sits(store, d, number, name, score)
    every = found(store, d)
    assert "李四" not in every
    assert every["赵六"].why == "failed"


def test_who_is_on_a_list_ahead_is_arranged_and_on_a_cancelled_one_is_not(store, d):
    number = makeup(store, d, "李四", "赵六")
    makeup(store, d, "王敏", state="cancelled")
    assert {name for name, each in found(store, d).items() if each.arranged == number} == {"李四", "赵六"}
    assert [each.id for each in makeups.ahead(store, d.round_id)] == [number]


@pytest.mark.parametrize(
    ("values", "holds"),
    [({"round_id": 1}, True), ({"starts_on": date(2026, 12, 1), "ends_on": date(2026, 12, 1)}, True),
     ({"starts_on": date(2026, 11, 1)}, True), ({"starts_on": date(2026, 12, 2)}, False), ({"round_id": 1, "kind": "免考"}, False),
     ({"round_id": 1, "state": "requested"}, False)],
)  # fmt: skip
def test_a_deferral_counts_once_it_is_approved_for_the_round_or_its_day(store, d, values, holds):
    person_id = d.people["赵六"]
    line = {"person_id": person_id, "kind": "缓考", "reason": "住院", "state": "approved", "requested_at": NOW}
    store.run(insert(tables.exemption), line | values)
    assert found(store, d)["赵六"].deferred is holds


def test_on_the_list_remains_who_is_due_and_has_passed_nowhere_with_the_unit_of_then(store, d):
    number = makeup(store, d, "李四", "赵六", "孙七", "王敏")
    other = makeup(store, d, "孙七", state="closed")
    enrol(store, d, other, "孙七")
    sits(store, d, other, "孙七")
    mark(store, d, d.round_id, "王敏", counted=False)
    store.run(
        update(tables.posting).where(tables.posting.c.person_id == d.people["赵六"]).values(unit_id=d.units["司法局"])
    )
    mark(store, d, d.round_id, "赵六", unit_id=d.units["质安站"])
    [one, two] = makeups.owing(store, rounds.get(store, number))
    assert (one.person_id, two.person_id) == (d.people["李四"], d.people["赵六"])
    assert (two.unit_id, two.bureau_id) == (d.units["质安站"], d.units["住建局"])
