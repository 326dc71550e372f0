"""What one change does to 应考 of a round: said before, done once, and after the close only together with its correction."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text, update

from handlers.rounds import closing
from quizzes.enrolling import ChangeKind, Status
from quizzes.rounds import IllegalMove, State
from storage import changes, corrections, deliveries, figures, recounting, requests, rounds, tables
from storage.corrections import Effect, StillClosing
from storage.database import Database, Store
from storage.requests import Asked
from tests.builders import NOW, District, district, enrol, hands_in_paper, make_round, mark, person, sits

LATER = NOW + timedelta(days=8)


def line(store: Store, d: District, name: str) -> int:
    found = corrections.line(store, d.round_id, d.people[name])
    assert found is not None
    return found


def close(store: Store, d: District) -> None:
    for state in (State.CLOSING, State.CLOSED):
        rounds.move(store, rounds.get(store, d.round_id), state, NOW)
    figures.store_sums(store, d.round_id, NOW)


def apply(store: Store, d: District, name: str, kind: ChangeKind, now=LATER):
    return corrections.apply(store, line(store, d, name), kind, "调令", d.people["王敏"], now)


def test_what_would_happen_is_said_and_nothing_done(store: Store) -> None:
    d = district(store)
    expected = Effect(line(store, d, "张三"), d.round_id, "宪法宣传周学法考试", 10, 9, closed=False)
    assert corrections.effect(store, line(store, d, "张三"), ChangeKind.DEPARTED, NOW) == expected
    assert corrections.due(store, d.round_id) == 10
    assert changes.of_round(store, d.round_id) == []


def test_a_change_is_made_once(store: Store) -> None:
    d = district(store)
    done = apply(store, d, "张三", ChangeKind.DEPARTED)
    assert done is not None
    assert (done.effect.before, done.effect.after, done.sums_before) == (10, 9, {})
    assert apply(store, d, "张三", ChangeKind.DEPARTED) is None
    assert len(changes.of_round(store, d.round_id)) == 1
    assert corrections.due(store, d.round_id) == 9


@pytest.mark.parametrize("kind", [ChangeKind.DEPARTED, ChangeKind.EXEMPTED])
def test_who_sat_stays_and_nothing_is_written(store: Store, kind) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三")
    assert corrections.effect(store, line(store, d, "张三"), kind, NOW) is None
    assert apply(store, d, "张三", kind) is None
    assert corrections.has_sat(store, line(store, d, "张三"))
    assert changes.of_round(store, d.round_id) == []


def test_after_the_close_the_correction_carries_it_and_the_sums_of_before_and_after_are_given(store: Store) -> None:
    d = district(store)
    close(store, d)
    assert corrections.effect(store, line(store, d, "张三"), ChangeKind.EXEMPTED, LATER).closed
    done = apply(store, d, "张三", ChangeKind.EXEMPTED)
    assert done is not None
    bureau = d.units["住建局"]
    assert (done.sums_before[bureau][:3], done.sums_after[bureau][:3]) == ((6, 0, 6), (6, 1, 5))
    assert figures.kept(store, d.round_id) == done.sums_after
    assert [each.kind for each in changes.history(store, line(store, d, "张三"))] == ["exempted", "corrected"]
    assert recounting.recount(store, d.round_id) == []
    assert apply(store, d, "张三", ChangeKind.EXEMPTED) is None


def test_a_correction_of_one_line_carries_no_other(store: Store) -> None:
    d = district(store)
    close(store, d)
    apply(store, d, "张三", ChangeKind.DEPARTED)
    assert {name for name in d.people if corrections.stands(store, line(store, d, name)) is not Status.DUE} == {"张三"}


def test_while_a_round_is_being_closed_nothing_is_changed(store: Store) -> None:
    d = district(store)
    rounds.move(store, rounds.get(store, d.round_id), State.CLOSING, NOW)
    with pytest.raises(StillClosing):
        apply(store, d, "张三", ChangeKind.DEPARTED)
    assert changes.of_round(store, d.round_id) == []
    with pytest.raises(IllegalMove):
        rounds.move(store, rounds.get(store, d.round_id), State.OPEN, NOW)


def test_without_a_reason_nothing_is_changed(store: Store) -> None:
    d = district(store)
    with pytest.raises(ValueError, match="reason"):
        corrections.apply(store, line(store, d, "张三"), ChangeKind.DEPARTED, " ", None, NOW)
    assert corrections.due(store, d.round_id) == 10


def test_what_was_still_planned_for_them_is_not_sent(store: Store) -> None:
    d = district(store)
    for kind in ("card", "reminder"):
        deliveries.plan(store, kind, d.accounts["张三", "wecom"], kind, {"text": "x"}, NOW, round_id=d.round_id)
    apply(store, d, "张三", ChangeKind.DEPARTED)
    assert {row.state for row in store.rows(select(tables.delivery.c.state))} == {"cancelled"}
    assert d.people["张三"] not in {row.person_id for row in rounds.unfinished(store, d.round_id)}


def test_a_later_joiner_is_still_among_the_unfinished(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "张三", at_opening=False, counted=False)
    assert d.people["张三"] in {row.person_id for row in rounds.unfinished(store, d.round_id)}


def test_lines_are_found_by_dates_and_with_the_make_ups_that_are_open(store: Store) -> None:
    d = district(store)
    again = make_round(store, plan="exam+makeup", of=d.round_id)
    enrol(store, d, again, "张三")
    assert len(corrections.lines_of(store, d.round_id, d.people["张三"])) == 2
    assert len(corrections.open_lines(store, d.people["张三"], date(1970, 1, 1), None)) == 2
    assert corrections.open_lines(store, d.people["张三"], date(2026, 12, 30), None) == []
    store.run(update(tables.round_).where(tables.round_.c.id == again).values(state="closed"))
    assert len(corrections.lines_of(store, d.round_id, d.people["张三"])) == 1


def test_somebody_who_left_the_roster_is_found_by_their_line(store: Store) -> None:
    d = district(store)
    person(store, d, "张三新", "住建局", "住建局")
    assert [(each.id, each.unit) for each in corrections.enrolled_people(store, "张三")] == [
        (d.people["张三"], "住建局")
    ]
    assert corrections.enrolled_people(store, str(d.people["张三"]))[0].name == "张三"
    assert corrections.enrolled_people(store, "张三新") == []


def test_a_line_that_does_not_exist_has_no_effect(store: Store) -> None:
    district(store)
    with pytest.raises(KeyError):
        corrections.effect(store, 404, ChangeKind.DEPARTED, NOW)
    assert corrections.line(store, 404, 404) is None


# Two processes at the same moment. -------------------------------------------------------------------------------------


def meanwhile(postgres: Database, first: Callable[[Store], object], then: Callable[[Store], object]) -> list[object]:
    """Run `first`, and `then` in another transaction that begins before the first is committed; what both gave."""
    with ThreadPoolExecutor(1) as pool:
        with postgres.writing() as store:
            given = first(store)
            second = pool.submit(lambda: _in(postgres, then))
            waits = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            while not second.done():
                with postgres.reading() as looking:
                    if looking.value(waits):
                        break
        return [given, second.result(timeout=60)]


def _in(postgres: Database, run: Callable[[Store], object]) -> object:
    with postgres.writing() as store:
        return run(store)


@pytest.mark.postgres
def test_two_officers_who_take_the_same_person_out_at_once_write_one_row(postgres: Database) -> None:
    with postgres.writing() as store:
        d = district(store)
    out = partial(apply, d=d, name="张三", kind=ChangeKind.DEPARTED)
    first, second = meanwhile(postgres, out, out)
    assert first is not None
    assert second is None
    with postgres.reading() as store:
        assert len(changes.of_round(store, d.round_id)) == 1


@pytest.mark.postgres
def test_whoever_is_handed_in_by_the_clock_while_an_officer_exempts_them_stays(postgres: Database) -> None:
    with postgres.writing() as store:
        d = district(store)
        paper_id = hands_in_paper(store, d, d.round_id, "张三", [True, True])
        store.run(update(tables.attempt).values(state="open", handed_in_at=None, score=None))
        mark(store, d, d.round_id, "张三", sat=False, passed=False, excellent=False, score=None, attempts=0, handed_in_at=None)  # fmt: skip
    exempting = partial(apply, d=d, name="张三", kind=ChangeKind.EXEMPTED)
    meanwhile(postgres, exempting, lambda store: closing.end(store, paper_id, NOW))
    with postgres.reading() as store:
        row = store.row(select(tables.enrolment).where(tables.enrolment.c.person_id == d.people["张三"]))
        assert (row.sat, row.counted, row.exempt) == (True, True, False)
        assert recounting.recount(store, d.round_id) == []


@pytest.mark.postgres
def test_the_same_request_sent_at_once_from_two_phones_is_one(postgres: Database) -> None:
    with postgres.writing() as store:
        d = district(store)
    asked = Asked(d.people["张三"], "免考", d.people["张三"], d.round_id, reason="病")
    first, second = meanwhile(postgres, lambda s: requests.add(s, asked, NOW), lambda s: requests.add(s, asked, NOW))
    assert (first, second) == ((1, True), (1, False))
