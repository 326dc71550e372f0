from __future__ import annotations

from datetime import timedelta

from handlers.rights import ALL, UNITS, Scope
from handlers.views.figures import reach_of, round_figures, trend
from quizzes.rates import Tally
from storage import figures
from storage.database import Store
from tests.builders import NOW, district, enrol, make_round, mark, sits

EVERYTHING = Scope(ALL)


def test_the_sum_of_the_bureaux_is_the_district(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三", 9500)
    sits(store, d, d.round_id, "李建国", 5000)
    mark(store, d, d.round_id, "赵六", counted=False, exempt=True)
    shown = round_figures(store, d.round_id, EVERYTHING, NOW)
    assert sum((row.tally for row in shown.rows), Tally()) == shown.total.tally
    assert shown.total.tally == Tally(roster=10, exempt=1, due=9, sat=2, passed=1, excellent=1)


def test_bureaux_stand_in_their_official_order_even_those_with_nobody(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "吴九")
    shown = round_figures(store, d.round_id, EVERYTHING, NOW)
    assert [row.name for row in shown.rows] == ["政府办", "住建局", "司法局", "档案馆"]
    assert shown.rows[-1].tally == Tally()


def test_the_districts_own_staff_are_a_row_of_their_own(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "吴九", bureau_id=d.units["城南区"], unit_id=d.units["城南区"])
    shown = round_figures(store, d.round_id, EVERYTHING, NOW)
    assert [row.name for row in shown.rows] == ["城南区", "政府办", "住建局", "司法局", "档案馆"]
    assert sum((row.tally for row in shown.rows), Tally()).due == 10


def test_a_leader_for_units_sees_these_and_what_is_below_and_nothing_else(store: Store) -> None:
    d = district(store)
    shown = round_figures(store, d.round_id, Scope(UNITS, frozenset({d.units["住建局"]})), NOW)
    assert [row.name for row in shown.rows] == ["住建局"]
    assert shown.total.tally.due == 6
    assert shown.leaders.tally.due == 1


def test_a_unit_inside_a_bureau_is_counted_by_itself(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "赵六")
    shown = round_figures(store, d.round_id, Scope(UNITS, frozenset({d.units["质安站"]})), NOW)
    assert [(row.name, row.tally.due, row.tally.sat) for row in shown.rows] == [("质安站", 2, 1)]
    assert shown.total.tally.due == 2


def test_a_unit_within_another_of_the_scope_is_not_counted_twice(store: Store) -> None:
    d = district(store)
    both = Scope(UNITS, frozenset({d.units["质安站"], d.units["住建局"]}))
    assert round_figures(store, d.round_id, both, NOW).total.tally.due == 6
    assert reach_of(store, both).inner == ()


def test_a_scope_of_nothing_sees_zeros(store: Store) -> None:
    d = district(store)
    shown = round_figures(store, d.round_id, Scope(), NOW)
    assert (shown.rows, shown.total.tally, shown.leaders.tally) == ((), Tally(), Tally())


def test_first_sitting_and_make_up_stand_apart_and_together(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三")
    store.plain("UPDATE round SET state = 'closed'")
    figures.store_sums(store, d.round_id, NOW)
    make_up = make_round(store, plan="makeup", of=d.round_id)
    for name in ("李四", "赵六"):
        enrol(store, d, make_up, name, "住建局", "住建局")
    sits(store, d, make_up, "李四")
    shown = round_figures(store, d.round_id, EVERYTHING, NOW)
    assert (shown.total.first.sat, shown.total.tally.sat, shown.total.tally.due) == (1, 2, 10)
    assert (shown.closed, shown.makeups, shown.arranged) == (True, 1, 1)


def test_the_trend_is_the_closed_rounds_of_one_kind_oldest_first(store: Store) -> None:
    d = district(store)
    for days in (30, 20, 10):
        past = make_round(
            store, plan=f"exam-{days}", state="closed", opened=timedelta(days=-days), closes=timedelta(days=1 - days)
        )
        enrol(store, d, past, "张三", sat=days != 20, passed=days == 10)
        enrol(store, d, past, "吴九")
        figures.store_sums(store, past, NOW)
    make_round(
        store, plan="daily", counts="practice", state="closed", opened=timedelta(days=-2), closes=timedelta(days=-1)
    )
    found = trend(store, "assessed", EVERYTHING)
    assert [(each.tally.due, each.tally.sat, each.tally.passed) for each in found] == [(2, 1, 0), (2, 0, 0), (2, 1, 1)]
    within = trend(store, "assessed", Scope(UNITS, frozenset({d.units["司法局"]})))
    assert [each.tally.due for each in within] == [1, 1, 1]
