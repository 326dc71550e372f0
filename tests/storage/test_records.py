"""A person's own record over the years."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from quizzes.scoring import Action, Ruling
from storage import records, rulings
from storage.database import Store
from storage.records import Entry, Practice
from storage.tables import attempt
from tests.builders import NOW, District, district, enrol, hands_in_paper, make_round, mark, sits

DAYS = timedelta(days=1)


def of(store: Store, d: District, name: str = "张三", **settings) -> list[Entry]:
    return records.assessed(store, d.people[name], **settings)


def test_a_line_says_how_the_person_did(store: Store) -> None:
    d = district(store)
    hands_in_paper(store, d, d.round_id, "张三", [True, True, False])
    day = (NOW - 3 * DAYS).date()
    assert of(store, d) == [
        Entry(d.round_id, "宪法宣传周学法考试", "城南普法〔2026〕3号", day, closed=False, makeup=False, unit_id=d.units["住建局"], counted=True,
              exempt=False, sat=True, passed=True, excellent=False, score=6666, sittings=1, sources=("本系统",), before=None)
    ]  # fmt: skip


def test_who_never_sat_has_a_line_all_the_same(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "张三", counted=False, exempt=True)
    [entry] = of(store, d)
    assert (entry.counted, entry.exempt, entry.sat, entry.score, entry.sittings) == (False, True, False, None, 0)


def test_rounds_stand_newest_first_and_cancelled_ones_not_at_all(store: Store) -> None:
    d = district(store)
    numbers = {}
    for plan, state, opened in (
        ("old", "closed", -30),
        ("new", "open", -1),
        ("gone", "cancelled", -2),
        ("to come", "planned", 2),
    ):
        numbers[plan] = make_round(store, plan=plan, state=state, opened=opened * DAYS, closes=(opened + 1) * DAYS)
        enrol(store, d, numbers[plan], "张三")
    found = of(store, d)
    assert [entry.round_id for entry in found] == [numbers["new"], d.round_id, numbers["old"]]
    assert [entry.closed for entry in found] == [False, False, True]
    assert of(store, d, round_id=numbers["old"]) == found[2:]


def test_a_record_goes_by_years_and_a_make_up_says_that_it_is_one(store: Store) -> None:
    d = district(store)
    old = make_round(store, plan="old", state="closed", opened=-365 * DAYS, closes=-360 * DAYS)
    again = make_round(store, plan="exam+makeup", opened=timedelta(0), of=d.round_id)
    for number in (old, again):
        enrol(store, d, number, "张三")
    assert records.years(store, d.people["张三"]) == [2026, 2025]
    assert [(entry.round_id, entry.makeup) for entry in of(store, d, year=2026)] == [(again, True), (d.round_id, False)]
    assert [entry.due_on for entry in of(store, d, year=2025)] == [date(2025, 12, 4)]
    assert of(store, d, year=2024) == []


def test_practice_is_counted_and_never_listed(store: Store) -> None:
    d = district(store)
    for day in range(3):
        number = make_round(store, plan="daily", counts="practice", opened=-day * DAYS)
        enrol(store, d, number, "张三", sat=day > 0)
    assert records.practice(store, d.people["张三"], 2026) == Practice(rounds=3, done=2)
    assert records.practice(store, d.people["张三"], 2025) == Practice()
    assert len(of(store, d)) == 1


def ruled(store: Store, d: District, *changes: tuple[int, int, int]) -> None:
    """A ruling on a question of the round, with what it did to which attempts."""
    made = Ruling(1, None, Action.REKEY, NOW, ("B",))
    number = rulings.add(store, d.round_id, made, reason="法已修改", approver_id=d.people["王敏"])
    rulings.add_rescores(store, number, changes)


def test_both_scores_of_a_corrected_round_are_kept(store: Store) -> None:
    d = district(store)
    paper = hands_in_paper(store, d, d.round_id, "张三", [True, False])
    ruled(store, d, (paper, 5000, 7500))
    ruled(store, d, (paper, 7500, 10_000))
    store.run(update(attempt).where(attempt.c.id == paper).values(score=10_000))
    sits(store, d, d.round_id, "张三", 10_000)
    [entry] = of(store, d)
    assert (entry.score, entry.before) == (10_000, 5000)


def test_a_correction_of_a_sitting_that_does_not_count_shows_nothing(store: Store) -> None:
    d = district(store)
    worse = hands_in_paper(store, d, d.round_id, "张三", [True, False, False, False])
    hands_in_paper(store, d, d.round_id, "张三", [True, True, True, False])
    ruled(store, d, (worse, 2500, 5000))
    store.run(update(attempt).where(attempt.c.id == worse).values(score=5000))
    [entry] = of(store, d)
    assert (entry.score, entry.before, entry.sittings) == (7500, None, 2)


def test_sittings_from_elsewhere_say_so_and_withdrawn_ones_are_none(store: Store) -> None:
    d = district(store)
    paper = hands_in_paper(store, d, d.round_id, "张三", [True])
    gone = hands_in_paper(store, d, d.round_id, "张三", [True])
    store.run(update(attempt).where(attempt.c.id == paper).values(source="纸质"))
    store.run(update(attempt).where(attempt.c.id == gone).values(state="withdrawn", handed_in_at=None))
    [entry] = of(store, d)
    assert (entry.sittings, entry.sources) == (1, ("纸质",))


def test_a_record_is_ones_own(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "李四")
    assert [entry.sat for entry in of(store, d)] == [False]
    assert records.assessed(store, 404) == []
    assert records.years(store, 404) == []


def test_who_has_left_is_still_found_by_name(store: Store) -> None:
    d = district(store)
    store.plain(f"UPDATE posting SET ends_on = '2026-01-01' WHERE person_id = {d.people['张三']}")
    assert [who.id for who in records.named(store, "张三")] == [d.people["张三"]]
    assert records.named(store, "张") == []
