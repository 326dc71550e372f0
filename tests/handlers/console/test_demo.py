"""The demo: the same people and habits for the same seed, marked 演示, a link per role, and figures that verify."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from handlers.console import demo, looking, starting
from handlers.messages import Address, Incoming
from handlers.views.joining import entry
from quizzes.rounds import State
from storage import figures, people, rounds
from storage.database import open_database
from storage.tables import enrolment, person, response
from tests.engine import HOUSE, Engine

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
"""Noon on a Wednesday."""


def built(folder, seed=7, now=NOW):
    folder.mkdir()
    starting.init(folder)
    demo.label(folder)
    url = f"sqlite:///{folder / 'x.db'}"
    starting.furnish(url, folder, now)
    database, seen = open_database(url), []
    guests = demo.build(database, HOUSE, now, lambda done, total: seen.append((done, total)), seed)
    return Engine(database, now=now), guests, seen


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Two past days and today, of 72 people, twice from the same seed, and from others at night on a Sunday and in the evening of a
    workday."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "DAYS", 2)
        patch.setattr(demo, "SIZES", (4, 4, 10, 4, 8, 4, 6, 4, 4, 12, 6, 6))
        patch.setattr(demo, "ON_LEAVE", ("交通运输局", 3))
        folder = tmp_path_factory.mktemp("demo")
        made = [
            built(folder / "a"),
            built(folder / "b"),
            built(folder / "c", 8, datetime(2026, 11, 22, 15, 30, tzinfo=UTC)),
            built(folder / "d", 9, datetime(2026, 11, 24, 11, 20, tzinfo=UTC)),
        ]
    yield made
    for engine, *_ in made:
        engine.database.close()


@pytest.fixture
def first(small):
    return small[0]


def played(engine):
    return engine.read(lambda store: rounds.latest(store, 99, State.OPEN, State.CLOSED))


def rows(engine, *columns):
    return engine.read(lambda store: [tuple(row) for row in store.rows(select(*columns))])


def test_the_same_seed_gives_the_same_people_and_the_same_answers(small):
    (one, *_), (two, *_), (other, *_), _ = small
    for columns in ((person.c.name, person.c.phone, person.c.rank), (response.c.answer, response.c.arrived_at, response.c.correct),
                    (enrolment.c.person_id, enrolment.c.sat, enrolment.c.score)):  # fmt: skip
        assert rows(one, *columns) == rows(two, *columns)
    assert rows(one, person.c.name) != rows(other, person.c.name)


def test_every_round_says_that_it_is_a_demo(small):
    for engine, *_ in small:
        assert {what.title for what in played(engine)} == {"每日一题（演示）", "年度学法考试（演示）"}


def test_an_exam_is_open_that_half_have_sat_and_the_guests_have_not(small):
    for engine, *_ in small:
        [what] = [each for each in played(engine) if each.plan_key == "demo-exam"]
        assert what.state is State.OPEN
        assert what.rules.exam
        everybody = engine.read(lambda store, what=what: figures.own(store, what))
        assert 0 < sum(each.sat for each in everybody.values()) < sum(each.due for each in everybody.values())


def test_some_days_are_closed_and_today_is_open_whatever_the_day_and_hour(small):
    for engine, *_ in small:
        states = [what.state for what in played(engine) if what.plan_key == "daily"]
        assert states == [State.OPEN, State.CLOSED, State.CLOSED]
        assert played(engine)[0].opens_at <= engine.now < played(engine)[0].closes_at


def test_everything_verifies(small):
    for engine, *_ in small:
        assert (
            engine.read(lambda store, engine=engine: looking.verify(store, HOUSE, {"language": "zh"}, engine.now)) == []
        )


def test_each_role_has_a_link_that_opens_once(first):
    engine, guests, _ = first
    assert [guest.role for guest in guests] == ["cadre", "admin", "leader", "liaison"]
    for guest in guests:
        assert engine.read(lambda store, code=guest.code: entry(store, code, engine.now))["state"] == "open"
    engine.hears(
        "浏览器", Incoming("web:enter", Address("web", "s:hash"), engine.now, action=f"/enter {guests[0].code}")
    )
    assert engine.read(lambda store: entry(store, guests[0].code, engine.now))["state"] == "used"


def test_the_guests_have_not_answered_today_and_the_others_mostly_have(first):
    engine, *_ = first
    today = played(engine)[0]
    lines = engine.read(lambda store: store.rows(select(enrolment).where(enrolment.c.round_id == today.id)))
    staff = engine.read(lambda store: {row.id: row.staff_no for row in store.rows(select(person))})
    assert len(lines) == len(staff) == 72
    assert 0.3 < sum(bool(line.sat) for line in lines) / len(lines) < 0.8
    holders = {row.person_id for row in engine.read(people.holders)}
    assert not any(line.sat for line in lines if line.person_id in holders)


def test_the_bureaux_stand_in_their_order_and_add_up(first):
    engine, *_ = first
    assert [unit.name for unit in engine.read(people.units)][1:] == list(demo.BUREAUX)
    sums = engine.read(lambda store: figures.sums(store, played(engine)[-1].id))
    assert sum(tally.due for tally in sums.values()) == 72


def test_somebody_is_exempt_and_somebody_on_leave(first):
    engine, *_ = first
    day = HOUSE.today(engine.now)
    assert len(engine.read(lambda store: rounds.exempt_people(store, None, day))) == 1
    assert len(engine.read(lambda store: rounds.on_leave(store, day))) == 1


def test_progress_is_told_a_day_at_a_time(first):
    assert first[2] == [(1, 3), (2, 3), (3, 3)]


def test_no_two_people_share_a_name(first):
    engine, *_ = first
    names = [name for (name,) in rows(engine, person.c.name)]
    assert len(names) == len(set(names))
