"""A confirmed batch becomes attempts and results; taken back, everything is as it was, and nothing was deleted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from quizzes.batches import BatchState
from quizzes.enrolling import Change, ChangeKind
from quizzes.rules import Rules
from storage import answers, batches, changes, figures, recounting, rounds, scorebook, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, District, district, enrol, from_outside, hands_in_paper, make_round, sits


def line(store: Store, d: District, name: str, round_id: int = 0) -> object:
    which = tables.enrolment.c.round_id == (round_id or d.round_id), tables.enrolment.c.person_id == d.people[name]
    return store.row(select(tables.enrolment).where(*which))


def result(store: Store, d: District, name: str, round_id: int = 0) -> tuple[object, ...]:
    row = line(store, d, name, round_id)
    return bool(row.sat), bool(row.passed), row.score, row.attempts  # type: ignore[attr-defined]


def undo(store: Store, d: District, number: int, now: datetime = NOW) -> int:
    of = batches.get(store, number)
    assert of is not None
    content = {"name": "x", "rows": of.content["rows"], "undoes": number, "reason": "登错了"}
    made = batches.add(store, of.round_id, of.source, of.file_id, content, d.people["王敏"], now, BatchState.ENTERED)
    store.run(
        update(tables.batch)
        .where(tables.batch.c.id == made)
        .values(state="applied", decided_at=now, decided_by=d.people["周杰"])
    )
    counter = batches.get(store, made)
    assert counter is not None
    scorebook.apply(store, counter, counter.entries, HOUSE.zone, now)
    return made


def test_a_score_from_outside_is_an_attempt_and_the_result(store: Store) -> None:
    d = district(store)
    from_outside(store, d, d.round_id, {"赵六": 8650, "李四": 5999})
    assert (result(store, d, "赵六"), result(store, d, "李四")) == ((True, True, 8650, 1), (True, False, 5999, 1))
    assert figures.elsewhere(store, [d.round_id]) == {"纸质": 2}
    assert recounting.recount(store, d.round_id) == []


def test_applied_twice_it_counts_once(store: Store) -> None:
    d = district(store)
    number = from_outside(store, d, d.round_id, {"赵六": 8650})
    again = batches.get(store, number)
    assert again is not None
    scorebook.apply(store, again, again.entries, HOUSE.zone, NOW)
    assert result(store, d, "赵六") == (True, True, 8650, 1)
    assert len(store.rows(select(tables.attempt))) == 1


def test_the_best_or_the_last_counts_as_the_rules_say(store: Store) -> None:
    d = district(store)
    last = make_round(store, plan="last", rules=Rules(attempts=2, score="last"))
    for name in ("张三", "李四"):
        enrol(store, d, last, name)
    for round_id in (d.round_id, last):
        hands_in_paper(store, d, round_id, "张三", [True, True, True, False], now=NOW - timedelta(days=1))
        from_outside(store, d, round_id, {"张三": 5000})
    assert (result(store, d, "张三"), result(store, d, "张三", last)) == ((True, True, 7500, 2), (True, False, 5000, 2))


def test_a_correction_puts_the_earlier_score_out_of_force_and_keeps_it(store: Store) -> None:
    d = district(store)
    first = from_outside(store, d, d.round_id, {"张三": 5000}, source="上级平台")
    second = from_outside(store, d, d.round_id, {"张三": 4000}, source="上级平台", replaces=first, before=5000)
    assert result(store, d, "张三") == (True, False, 4000, 1)
    rows = store.rows(select(tables.attempt).order_by(tables.attempt.c.id))
    assert [(row.batch_id, row.score, row.state, row.handed_in_at is None) for row in rows] == [
        (first, 5000, "withdrawn", True), (second, 4000, "handed_in", False),
    ]  # fmt: skip
    assert figures.elsewhere(store, [d.round_id]) == {"上级平台": 1}
    undo(store, d, second)
    assert result(store, d, "张三") == (True, False, 5000, 1)
    assert recounting.recount(store, d.round_id) == []


def test_undone_the_person_has_not_sat_and_all_rows_are_there(store: Store) -> None:
    d = district(store)
    number = from_outside(store, d, d.round_id, {"张三": 8000})
    undo(store, d, number)
    assert result(store, d, "张三") == (False, False, None, 0)
    assert len(store.rows(select(tables.attempt))) == 1
    assert figures.elsewhere(store, [d.round_id]) == {}
    assert recounting.recount(store, d.round_id) == []


def test_after_the_close_the_sums_are_counted_again(store: Store) -> None:
    d = district(store)
    store.run(update(tables.round_).values(state="closed", closed_at=NOW))
    figures.store_sums(store, d.round_id, NOW)
    number = from_outside(store, d, d.round_id, {"张三": 8000}, now=NOW + timedelta(days=1))
    assert figures.sums(store, d.round_id)[d.units["住建局"]].passed == 1
    assert recounting.recount(store, d.round_id) == []
    undo(store, d, number, NOW + timedelta(days=2))
    assert figures.sums(store, d.round_id)[d.units["住建局"]].sat == 0
    assert recounting.recount(store, d.round_id) == []


def test_whoever_was_due_and_sat_on_paper_is_due_again(store: Store) -> None:
    d = district(store)
    changes.record(store, line(store, d, "张三").id, Change(ChangeKind.EXEMPTED, NOW, "病假", d.people["王敏"]))  # type: ignore[attr-defined]
    from_outside(store, d, d.round_id, {"张三": 8000})
    row = line(store, d, "张三")
    assert (bool(row.counted), bool(row.exempt)) == (True, False)  # type: ignore[attr-defined]


def test_it_is_sat_on_its_day_within_the_round(store: Store) -> None:
    d = district(store)
    number = from_outside(store, d, d.round_id, {"张三": 8000})
    found = store.row(select(tables.attempt).where(tables.attempt.c.batch_id == number))
    assert found is not None
    assert HOUSE.today(found.handed_in_at) == HOUSE.today(NOW)
    what = rounds.get(store, d.round_id)
    assert what.opens_at <= found.handed_in_at <= what.closes_at


def test_a_paper_from_outside_is_no_sitting_of_the_chat(store: Store) -> None:
    d = district(store)
    from_outside(store, d, d.round_id, {"张三": 8000})
    assert answers.open_sittings(store, d.people["张三"], NOW) == []
    assert answers.past_exams(store, d.people["张三"]) == []


def test_the_book_knows_who_sat_where(store: Store) -> None:
    d = district(store)
    hands_in_paper(store, d, d.round_id, "李四", [True])
    number = from_outside(store, d, d.round_id, {"张三": 8000})
    waits = from_outside(store, d, d.round_id, {"孙七": 7000}, state=BatchState.ENTERED)
    found = scorebook.book(store, rounds.get(store, d.round_id), NOW, HOUSE.zone)
    [mine] = found.places[d.people["张三"]]
    assert mine.outside is not None
    assert (mine.outside.batch_id, mine.outside.score, mine.outside.day) == (number, 8000, date(2026, 12, 4))
    assert found.places[d.people["李四"]][0].here == 10000
    assert found.places[d.people["孙七"]][0].waiting == waits
    assert found.units[d.people["赵六"]] == (d.units["质安站"], d.units["住建局"])


def test_a_make_up_stands_behind_its_first_round(store: Store) -> None:
    d = district(store)
    makeup = make_round(store, plan="exam+makeup", opened=timedelta(days=8), closes=timedelta(days=9), of=d.round_id)
    enrol(store, d, makeup, "张三")
    found = scorebook.book(store, rounds.get(store, d.round_id), NOW, HOUSE.zone)
    assert [each.round_id for each in found.windows] == [d.round_id, makeup]
    assert [place.round_id for place in found.places[d.people["张三"]]] == [d.round_id, makeup]


def test_entries_that_no_longer_fit_are_named_before_a_confirmation(store: Store) -> None:
    d = district(store)
    first = rounds.get(store, d.round_id)
    each = batches.get(
        store, from_outside(store, d, d.round_id, {"张三": 8000, "李四": 7000}, state=BatchState.ENTERED)
    )
    assert each is not None
    assert scorebook.moved_on(store, first, each) == []
    hands_in_paper(store, d, d.round_id, "张三", [True])
    assert [entry.score for entry in scorebook.moved_on(store, first, each)] == [8000]


def test_those_who_have_not_sat_are_on_the_form(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三")
    every = {row.person_id for row in scorebook.unsat(store, d.round_id)}
    assert every == set(d.people.values()) - {d.people["张三"]}
    only = {row.person_id for row in scorebook.unsat(store, d.round_id, {d.units["司法局"]})}
    assert only == {d.people["王敏"], d.people["吴九"]}
