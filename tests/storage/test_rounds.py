"""Rounds in the store: one a day and plan however many writers, one way through their states, and a pool that stays."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from quizzes.enrolling import Enrolled
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from quizzes.rates import Result
from quizzes.rounds import IllegalMove, Occurrence, State
from quizzes.rules import Rules
from storage import answers, rounds, tables
from storage.database import Store
from tests.builders import NOW, District, district, enrol, make_round, mark
from tests.engine import DAILY
from tests.storage.test_answers import add_paper, respond, with_paper

DAY, HOUR = date(2026, 12, 4), timedelta(hours=1)
PLAN = replace(DAILY, notice="〔2026〕3号", counts="assessed", who=Audience(units=("住建局",)), avoid_repeats_days=60,
               rules=Rules(pass_line=80, minutes=30, postings=("编制",)), draw=(Draw(2, Kind.SINGLE, "宪法", (1, 3), ("试题",)),))  # fmt: skip


def add(
    store: Store, plan=PLAN, due_on: date = DAY, *, state: State = State.PLANNED, opens_at=NOW, **settings
) -> int | None:
    due = Occurrence(plan.key, due_on, opens_at, opens_at + 9 * HOUR)
    return rounds.add(store, plan, due, state=state, closes_at=due.closes_at, late=False, seed=7, **settings)


def added(store: Store, **settings) -> int:
    number = add(store, **settings)
    assert number is not None
    return number


def open_up(store: Store, number: int) -> None:
    for to in (State.OPENING, State.OPEN):
        assert rounds.move(store, rounds.get(store, number), to, NOW)


# On the books. ---------------------------------------------------------------------------------------------------------


def test_a_round_is_frozen_with_all_its_plan_said(store: Store) -> None:
    found = rounds.get(store, added(store))
    assert (found.plan_key, found.due_on, found.opens_at, found.closes_at) == ("daily", DAY, NOW, NOW + 9 * HOUR)
    assert (found.rules, found.draw, found.audience, found.avoid_days) == (PLAN.rules, PLAN.draw, PLAN.who, 60)
    assert (found.title, found.counts, found.notice, found.seed) == ("每日一题", "assessed", "〔2026〕3号", 7)
    assert (found.state, found.late, found.opened_at, found.closed_at) == (State.PLANNED, False, None, None)


def test_a_round_that_is_not_there_is_a_bug(store: Store) -> None:
    with pytest.raises(KeyError):
        rounds.get(store, 404)


def test_a_plan_has_one_round_a_day(store: Store) -> None:
    assert add(store) is not None
    assert add(store) is None
    assert add(store, due_on=DAY + timedelta(days=1)) is not None
    assert add(store, replace(PLAN, key="other")) is not None
    assert rounds.due_dates(store, "daily", DAY) == {DAY, DAY + timedelta(days=1)}
    assert rounds.due_dates(store, "daily", DAY + timedelta(days=1)) == {DAY + timedelta(days=1)}


@pytest.mark.postgres
def test_of_two_writers_at_once_one_puts_the_round_on_the_books(postgres) -> None:
    gate, found = threading.Barrier(2), []

    def write() -> None:
        with postgres.writing() as store:
            gate.wait(10)
            found.append(add(store))

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
    assert found.count(None) == 1
    with postgres.reading() as store:
        assert len(store.rows(select(tables.round_))) == 1


@pytest.mark.parametrize("state", [State.MISSED, State.CANCELLED])
def test_by_hand_a_round_takes_the_place_of_one_given_up_before_anybody_was_enrolled(store: Store, state) -> None:
    number = add(store, state=state)
    assert rounds.is_taken(store, "daily", DAY) is False
    assert add(store, opens_at=NOW + HOUR) is None
    assert add(store, opens_at=NOW + HOUR, by_hand=True) == number
    found = rounds.get(store, number or 0)
    assert (found.state, found.opens_at) == (State.PLANNED, NOW + HOUR)
    assert rounds.is_taken(store, "daily", DAY) is True


@pytest.mark.parametrize("state", [State.PLANNED, State.OPEN, State.CLOSED])
def test_by_hand_no_round_takes_the_place_of_one_that_stands(store: Store, state) -> None:
    add(store, state=state)
    assert rounds.is_taken(store, "daily", DAY) is True
    assert add(store, by_hand=True) is None


def test_a_round_cancelled_after_its_opening_keeps_its_day(store: Store) -> None:
    number = added(store)
    rounds.move(store, rounds.get(store, number), State.OPENING, NOW)
    rounds.move(store, rounds.get(store, number), State.CANCELLED, NOW)
    assert rounds.is_taken(store, "daily", DAY) is True
    assert add(store, by_hand=True) is None


def test_rounds_are_listed_by_state_and_time(store: Store) -> None:
    first, second, third = (
        added(store, due_on=DAY + timedelta(days=n), opens_at=NOW + n * HOUR, state=state)
        for n, state in ((2, State.PLANNED), (1, State.PLANNED), (3, State.CLOSED))
    )
    assert [what.id for what in rounds.in_state(store, State.PLANNED)] == [second, first]
    assert [what.id for what in rounds.in_state(store, State.OPEN)] == []
    assert [what.id for what in rounds.latest(store, 2, *State)] == [third, first]
    assert rounds.next_opening(store, NOW) == NOW + HOUR
    assert rounds.next_opening(store, NOW + HOUR) == NOW + 2 * HOUR
    assert rounds.next_opening(store, NOW + 2 * HOUR) is None


# One way. --------------------------------------------------------------------------------------------------------------


def test_a_round_goes_one_way_and_keeps_when_it_opened_and_closed(store: Store) -> None:
    number = added(store)
    for hours, to in enumerate((State.OPENING, State.OPEN, State.CLOSING, State.CLOSED)):
        rounds.set_progress(store, number, 9)
        assert rounds.move(store, rounds.get(store, number), to, NOW + hours * HOUR)
        assert rounds.progress(store, number) == 0
    found = rounds.get(store, number)
    assert (found.state, found.opened_at, found.closed_at) == (State.CLOSED, NOW, NOW + 3 * HOUR)


@pytest.mark.parametrize(("state", "to"), [
    (State.PLANNED, State.OPEN), (State.OPEN, State.PLANNED), (State.OPEN, State.CLOSED), (State.CLOSED, State.OPEN),
    (State.MISSED, State.OPENING), (State.CANCELLED, State.OPENING), (State.CLOSING, State.CANCELLED),
])  # fmt: skip
def test_there_is_no_other_way(store: Store, state, to) -> None:
    number = added(store, state=state)
    with pytest.raises(IllegalMove):
        rounds.move(store, rounds.get(store, number), to, NOW)
    assert rounds.get(store, number).state is state


def test_who_moves_a_round_second_is_told_so_and_moves_nothing(store: Store) -> None:
    number = added(store)
    seen = rounds.get(store, number)
    assert rounds.move(store, seen, State.OPENING, NOW) is True
    assert rounds.move(store, seen, State.OPENING, NOW + HOUR) is False
    assert rounds.move(store, seen, State.MISSED, NOW + HOUR) is False
    found = rounds.get(store, number)
    assert (found.state, found.opened_at) == (State.OPENING, NOW)


def test_a_late_round_is_marked_and_closes_later(store: Store) -> None:
    number = added(store)
    rounds.extend(store, number, NOW + 12 * HOUR)
    found = rounds.get(store, number)
    assert (found.late, found.closes_at) == (True, NOW + 12 * HOUR)


def test_only_an_open_round_is_ended_early(store: Store) -> None:
    number = added(store)
    rounds.end_now(store, number, NOW + HOUR)
    assert rounds.get(store, number).closes_at == NOW + 9 * HOUR
    open_up(store, number)
    for at in (NOW + HOUR, NOW + 2 * HOUR):  # once past its close it is not opened again by another word
        rounds.end_now(store, number, at)
        assert rounds.get(store, number).closes_at == NOW + HOUR


# The pool. -------------------------------------------------------------------------------------------------------------


def line(store: Store, number: int):
    found = store.row(select(tables.enrolment).where(tables.enrolment.c.id == number))
    assert found is not None
    return found


def enrolled(d: District, *names: str) -> list[Enrolled]:
    return [Enrolled(d.people[name], d.units["住建局"], d.units["住建局"]) for name in names]


def enrol_all(
    store: Store, d: District, number: int, *names: str, exempt: tuple[str, ...] = (), at_opening: bool = True
) -> dict[int, int]:
    out = {d.people[name] for name in exempt}
    return rounds.enrol(
        store, number, enrolled(d, *names), leaders={d.people["陈芳"]}, exempt=out, at_opening=at_opening, now=NOW
    )


def test_who_is_enrolled_twice_has_one_line(store: Store) -> None:
    d = district(store)
    number = make_round(store, plan="daily")
    first = enrol_all(store, d, number, "张三", "陈芳", "李四", exempt=("李四",))
    again = enrol_all(store, d, number, "张三", "赵六", at_opening=False)
    assert again[d.people["张三"]] == first[d.people["张三"]]
    found = {name: line(store, first[d.people[name]]) for name in ("张三", "陈芳", "李四")}
    assert [(row.counted, row.exempt, row.leadership, row.at_opening) for row in found.values()] == [
        (True, False, False, True),
        (True, False, True, True),
        (False, True, False, True),
    ]
    assert rounds.is_enrolled(store, number, d.people["赵六"])
    assert not rounds.is_enrolled(store, number, d.people["孙七"])
    assert rounds.enrol(store, number, [], leaders=set(), exempt=set(), at_opening=True, now=NOW) == {}


def test_who_comes_after_the_opening_may_sit_and_is_not_counted(store: Store) -> None:
    d = district(store)
    number = make_round(store, plan="daily")
    [late] = enrol_all(store, d, number, "张三", at_opening=False).values()
    assert (line(store, late).counted, line(store, late).at_opening) == (False, False)


def test_the_unfinished_are_those_who_have_not_handed_in_and_are_not_free(store: Store) -> None:
    d = district(store)
    number = make_round(store, plan="daily")
    for name, flags in (
        ("张三", {}),
        ("李四", {"sat": True}),
        ("赵六", {"exempt": True, "counted": False}),
        ("孙七", {"started": True}),
    ):
        enrol(store, d, number, name, **flags)
    found = rounds.unfinished(store, number)
    assert [(row.person_id, row.started) for row in found] == [(d.people["张三"], False), (d.people["孙七"], True)]


def test_only_attempts_with_an_answer_are_left_to_hand_in(store: Store) -> None:
    d, answered = with_paper(store)
    begun, done = (add_paper(store, d, d.round_id, name) for name in ("李四", "赵六"))
    respond(store, answered, 0)
    respond(store, done, 0)
    for paper_id in (begun, done):
        sat = answers.sitting(store, paper_id)
        assert sat is not None
        if paper_id == begun:
            answers.start(store, sat, NOW)
        else:
            answers.hand_in(store, sat, 0, Result(sat=True, score=0), NOW)
    assert answers.open_attempts(store, d.round_id, 0, 10) == [answered]
    assert answers.open_attempts(store, d.round_id, answered, 10) == []
    mark(store, d, d.round_id, "张三", counted=False)
    assert answers.open_attempts(store, d.round_id, 0, 10) == [answered]
