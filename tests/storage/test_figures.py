from __future__ import annotations

from datetime import timedelta

from quizzes.rates import Line as RosterLine
from quizzes.rates import Tally, by_bureau, combined
from storage import figures, rounds
from storage.database import Database, Hot, Store
from tests.builders import NOW, district, enrol, make_round, mark, person, sits


def test_the_counts_of_a_round_follow_the_definition_of_rates(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三", 9500)
    sits(store, d, d.round_id, "李四", 5000)
    mark(store, d, d.round_id, "赵六", counted=False, exempt=True)
    found = figures.count(store, d.round_id)
    assert found[d.units["住建局"]] == Tally(roster=6, exempt=1, due=5, sat=2, passed=1, excellent=1)
    assert found[d.units["司法局"]] == Tally(roster=2, due=2)


def test_a_person_with_an_approved_exemption_is_not_in_the_denominator(store: Store) -> None:
    d = district(store)
    before = sum(figures.count(store, d.round_id).values(), Tally())
    mark(store, d, d.round_id, "吴九", counted=False, exempt=True)
    after = sum(figures.count(store, d.round_id).values(), Tally())
    assert (after.due, after.roster, after.exempt) == (before.due - 1, before.roster, 1)


def test_a_later_joiner_who_sat_is_in_no_count(store: Store) -> None:
    d = district(store)
    person(store, d, "郑十", "司法局", "司法局")
    enrol(store, d, d.round_id, "郑十", counted=False, at_opening=False, sat=True, passed=True)
    assert figures.count(store, d.round_id)[d.units["司法局"]] == Tally(roster=2, due=2)


def test_leadership_and_units_can_be_counted_apart(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "陈芳")
    leaders = figures.count(store, d.round_id, leadership=True)
    assert leaders == {
        d.units["政府办"]: Tally(roster=1, due=1),
        d.units["住建局"]: Tally(roster=1, due=1, sat=1, passed=1),
    }
    station = figures.count(store, d.round_id, units=[d.units["质安站"]])
    assert station == {d.units["住建局"]: Tally(roster=2, due=2)}


def test_the_counts_are_answered_by_the_index_alone(sqlite: Database) -> None:
    with sqlite.writing() as store:
        d = district(store)
        sql = Hot(figures.COUNTS).ready(store.dialect)[0].replace("?", str(d.round_id))
        plan = " ".join(row[-1] for row in store.plain(f"EXPLAIN QUERY PLAN {sql}"))
    assert "COVERING INDEX ix_enrolment_figures" in plan


def test_a_make_up_adds_to_the_first_round_and_never_to_its_denominator(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "李四", sat=True, passed=False)
    make_up = make_round(store, plan="makeup", of=d.round_id)
    for name in ("张三", "李四", "赵六"):
        enrol(store, d, make_up, name, "住建局", "住建局")
    sits(store, d, make_up, "张三", 9500)
    sits(store, d, make_up, "李四", 7000)
    first = figures.count(store, d.round_id)[d.units["住建局"]]
    gained = figures.gains(store, d.round_id, [make_up])
    together = gained[d.units["住建局"]].after(first)
    assert (first.sat, first.passed) == (1, 0)
    assert (together.due, together.sat, together.passed, together.excellent) == (first.due, 2, 2, 1)
    assert figures.arranged(store, d.round_id, [make_up]) == 1


def test_gains_agree_with_the_definition_in_quizzes(store: Store) -> None:
    d = district(store)
    names = list(d.people)
    for place, name in enumerate(names):
        mark(store, d, d.round_id, name, sat=place % 2 == 0, passed=place % 4 == 0)
    make_up = make_round(store, plan="makeup", of=d.round_id)
    for place, name in enumerate(names):
        enrol(store, d, make_up, name, sat=place % 3 == 0, passed=place % 3 == 0)
    own, gained = figures.count(store, d.round_id), figures.gains(store, d.round_id, [make_up])
    first = [
        RosterLine(p, d.units[d.bureaux[n]], True, sat=i % 2 == 0, passed=i % 4 == 0)
        for i, (n, p) in enumerate(d.people.items())
    ]
    again = [
        RosterLine(p, d.units[d.bureaux[n]], True, sat=i % 3 == 0, passed=i % 3 == 0)
        for i, (n, p) in enumerate(d.people.items())
    ]
    assert {b: gained[b].after(t) if b in gained else t for b, t in own.items()} == by_bureau(combined(first, again))


def test_the_sums_of_a_closed_round_are_read_until_a_correction_stores_them_again(store: Store) -> None:
    d = district(store)
    closed = make_round(store, plan="old", state="closed", closes=timedelta(days=-1))
    enrol(store, d, closed, "张三", sat=True, passed=True)
    figures.store_sums(store, closed, NOW)
    mark(store, d, closed, "张三", passed=False)
    assert figures.own(store, rounds.get(store, closed))[d.units["住建局"]].passed == 1
    figures.store_sums(store, closed, NOW + timedelta(hours=1))
    assert figures.own(store, rounds.get(store, closed))[d.units["住建局"]].passed == 0
    assert figures.counted_at(store, closed) == NOW + timedelta(hours=1)


def test_the_round_people_mean_is_the_open_assessed_one_then_the_open_then_the_last_closed(store: Store) -> None:
    d = district(store)
    daily = make_round(store, plan="daily", counts="practice", opened=timedelta(hours=-1))
    assert figures.default_round(store) == rounds.get(store, d.round_id)
    store.plain("UPDATE round SET state = 'closed' WHERE counts = 'assessed'")
    assert figures.default_round(store) == rounds.get(store, daily)
    store.plain("UPDATE round SET state = 'closed'")
    assert figures.default_round(store) == rounds.get(store, daily)


def test_a_make_up_stands_for_its_first_round(store: Store) -> None:
    d = district(store)
    store.plain("UPDATE round SET state = 'closed'")
    make_up = make_round(store, plan="makeup", of=d.round_id)
    assert figures.default_round(store) == rounds.get(store, d.round_id)
    assert [each.id for each in figures.makeups(store, d.round_id)] == [make_up]


def test_before_any_round_there_is_none_to_mean(store: Store) -> None:
    assert figures.default_round(store) is None
