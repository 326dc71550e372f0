"""Opening: in chunks that survive a crash, with nobody twice and nobody missing, and the same papers for the same seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from functools import partial

import pytest
from sqlalchemy import func, select

from handlers.rounds import clock, opening
from quizzes.people import Person, Posting, PostingKind
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from quizzes.rounds import State
from storage import accounts, people, rounds
from storage.tables import delivery, enrolment, paper, response
from tests.engine import DAILY, QUESTIONS, Engine
from tests.handlers.sitting.exams import EXAM

FIRST = date(2026, 11, 23)


@pytest.fixture
def engine(database):
    return Engine(database).with_bank(*QUESTIONS)


def crowd(engine, size, unit="住建局"):
    """Many people at once, all bound."""

    def add(store):
        unit_id = people.add_unit(store, unit, None)
        numbers = people.add_people(store, [Person(0, f"干部{n}") for n in range(size)], engine.now)
        people.add_postings(
            store, [Posting(0, n, unit_id, PostingKind.STAFF, date(2026, 1, 1)) for n in numbers], None, engine.now
        )
        for number in numbers:
            accounts.bind(store, number, "telegram", f"t{number}", engine.now)

    engine.write(add)


class PowerCut(Exception):
    """The transaction never came to its end."""


def cut_short(engine, store):
    clock.tick(store, engine.now, engine.house, engine.calendar, engine.rng)
    raise PowerCut


def tick(engine):
    return engine.write(lambda store: clock.tick(store, engine.now, engine.house, engine.calendar, engine.rng))


def number(engine, table, *which):
    return engine.read(lambda store: store.value(select(func.count()).select_from(table).where(*which)))


def state(engine, round_id=1):
    return engine.read(lambda store: rounds.get(store, round_id)).state


def papers(engine):
    query = (
        select(enrolment.c.person_id, paper.c.seed, paper.c.slots)
        .join_from(paper, enrolment)
        .order_by(enrolment.c.person_id)
    )
    return [tuple(row) for row in engine.read(lambda store: store.rows(query))]


def at_nine(engine, *plans):
    engine.with_plan(*(plans or (DAILY,)))
    engine.at("08:59")
    engine.now = engine.now.replace(hour=1, minute=0)
    return engine


def test_a_round_of_twelve_hundred_opens_in_several_turns_with_everybody_once(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    crowd(engine, 1200)
    at_nine(engine)
    turns, sizes = 0, []
    while state(engine) is not State.OPEN:
        assert tick(engine)
        turns += 1
        sizes.append(number(engine, enrolment))
    assert sizes == [0, 500, 1000, 1200]
    assert turns == 4
    assert number(engine, paper) == number(engine, delivery, delivery.c.kind == "card") == 1200
    assert number(engine, enrolment, enrolment.c.counted) == 1200


def test_a_crash_between_two_chunks_neither_doubles_nor_loses_anybody(engine, monkeypatch):
    monkeypatch.setattr(opening, "CHUNK", 10)
    crowd(engine, 35)
    at_nine(engine)
    assert tick(engine)
    assert tick(engine)
    kept = papers(engine)
    assert len(kept) == 10
    with pytest.raises(PowerCut):
        engine.write(partial(cut_short, engine))
    assert papers(engine) == kept
    engine.database.memory.forget()
    engine.settle()
    assert state(engine) is State.OPEN
    assert len(papers(engine)) == 35
    assert papers(engine)[:10] == kept
    assert number(engine, delivery, delivery.c.kind == "card") == 35
    assert number(engine, enrolment) == len({person_id for person_id, *_ in papers(engine)})


def test_papers_are_the_same_for_the_same_seed_however_the_opening_was_cut(sqlite, monkeypatch, tmp_path_factory):
    from storage import schema
    from storage.database import open_database

    drawn = []
    for chunk in (500, 7):
        monkeypatch.setattr(opening, "CHUNK", chunk)
        made = open_database(f"sqlite:///{tmp_path_factory.mktemp('twin')}/x.db", create=True)
        schema.upgrade(made)
        engine = Engine(made).with_bank(*QUESTIONS)
        crowd(engine, 20)
        at_nine(engine).settle()
        drawn.append(papers(engine))
        made.close()
    assert drawn[0] == drawn[1]
    assert len({seed for _, seed, _ in drawn[0]}) == 20


def test_somebody_posted_between_two_chunks_is_no_one_due_as_of_the_opening(engine, monkeypatch):
    monkeypatch.setattr(opening, "CHUNK", 3)
    crowd(engine, 5)
    at_nine(engine)
    tick(engine)
    tick(engine)
    engine.person("明天来", "住建局", since=date(2026, 11, 24))
    engine.settle()
    assert number(engine, enrolment) == 5


def test_a_bank_changed_between_two_chunks_changes_no_paper(engine, monkeypatch):
    monkeypatch.setattr(opening, "CHUNK", 3)
    crowd(engine, 5)
    at_nine(engine)
    tick(engine)
    tick(engine)
    engine.with_bank(QUESTIONS[0])
    engine.settle()
    assert state(engine) is State.OPEN
    assert {len(slots) for *_, slots in papers(engine)} == {3}


def test_an_exemption_between_two_chunks_is_seen_by_the_rest_and_by_those_written(engine, monkeypatch):
    monkeypatch.setattr(opening, "CHUNK", 2)
    for name in ("张三", "李四", "王五"):
        engine.person(name, "住建局")
    engine.person("管理员", "司法局", role="admin")
    at_nine(engine)
    tick(engine)
    tick(engine)
    for name in ("张三", "王五"):
        engine.presses("管理员", engine.says("管理员", f"免考 {name} 2026-11-23 - 病")[0].choices[0])
    engine.settle()
    out = engine.read(lambda store: [r.person_id for r in store.rows(select(enrolment).where(enrolment.c.exempt))])
    assert sorted(out) == sorted((engine.people["张三"], engine.people["王五"]))
    engine.delivered()


def test_a_later_joiner_gets_a_paper_when_asking_and_is_not_counted(engine):
    crowd(engine, 2)
    at_nine(engine).settle()
    engine.person("新来的", "住建局", since=FIRST)
    engine.says("新来的", "今日答题")
    engine.answers("新来的", engine.right("新来的"))
    assert number(engine, response) == 1
    row = engine.read(
        lambda store: store.row(select(enrolment).where(enrolment.c.person_id == engine.people["新来的"]))
    )
    assert (row.counted, row.at_opening, row.started) == (False, False, True)
    engine.says("新来的", "今日答题")
    assert number(engine, enrolment) == 3


def test_a_later_joiner_outside_the_audience_is_given_nothing(engine):
    engine.person("张三", "财政局")
    at_nine(engine, replace(DAILY, who=Audience(units=("财政局",)))).settle()
    engine.person("新来的", "住建局", since=FIRST)
    (reply,) = engine.says("新来的", "今日答题")
    assert reply.card is None
    assert number(engine, enrolment) == 1


def test_after_the_close_nobody_joins(engine):
    crowd(engine, 1)
    at_nine(engine).settle()
    engine.at("18:01")
    engine.person("新来的", "住建局", since=FIRST)
    (reply,) = engine.says("新来的", "今日答题")
    assert reply.card is None
    assert number(engine, enrolment) == 1


def test_leave_and_exemption_get_no_card_and_both_have_a_paper(engine):
    for name in ("张三", "李四"):
        engine.person(name, "住建局")
    engine.person("管理员", "司法局", role="admin")
    engine.presses("管理员", engine.says("管理员", "请假 张三 2026-11-23 2026-11-23 年休")[0].choices[0])
    engine.presses("管理员", engine.says("管理员", "免考 李四 2026-11-23 - 病")[0].choices[0])
    at_nine(engine).settle()
    assert number(engine, paper) == 3
    assert [p.address.id for p in engine.delivered()] == ["telegram-管理员"]
    assert number(engine, enrolment, enrolment.c.counted) == 2


def test_nobody_gets_a_question_again_within_the_days_to_avoid(engine):
    more = [replace(QUESTIONS[2], key=f"fy-{n}", stem=f"第{n}条属实。") for n in range(2, 5)]
    engine.with_bank(*QUESTIONS, *more)
    engine.person("张三", "住建局")
    engine.with_plan(replace(DAILY, draw=(Draw(1, Kind.JUDGE),), avoid_repeats_days=30))
    for day in range(23, 27):
        engine.at("09:00", date(2026, 11, day)).at("18:01")
    asked = [slots[0][0] for *_, slots in papers(engine)]
    assert len(asked) == len(set(asked)) == 4


def keys_asked(engine) -> dict[int, list[set[int]]]:
    """The questions of each person's papers, a set per round in their order."""
    found: dict[int, list[set[int]]] = {}
    joined = select(enrolment.c.person_id, paper.c.slots).join(paper, paper.c.enrolment_id == enrolment.c.id)
    for row in engine.read(lambda store: store.rows(joined.order_by(enrolment.c.round_id, paper.c.id))):
        found.setdefault(row.person_id, []).append({slot[0] for slot in row.slots})
    return found


SIX = tuple(replace(QUESTIONS[0], key=f"s-{n}", stem=f"第{n}问？") for n in range(6))


def test_a_quiz_that_explains_at_once_does_not_ask_what_an_open_exam_asks(database):
    exam = replace(EXAM, draw=(Draw(3, Kind.SINGLE),))
    daily = replace(DAILY, draw=(Draw(3, Kind.SINGLE),), opens_at=time(10))
    engine = Engine(database).with_bank(*SIX).with_plan(exam, daily)
    crowd(engine, 5)
    engine.at("09:00").at("10:01")
    assert [len(both) for both in keys_asked(engine).values()] == [2] * 5
    assert all(not first & second for first, second in keys_asked(engine).values())


def test_a_make_up_does_not_ask_again_what_the_first_round_asked(database):
    exam = replace(EXAM, draw=(Draw(3, Kind.SINGLE),))
    engine = Engine(database).with_bank(*SIX).with_plan(exam)
    crowd(engine, 3)
    engine.person("管理员", "司法局", channel="wecom", role="admin", kind="派遣")
    engine.at("09:00").at("18:01", date(2026, 11, 24))
    offered = engine.says("管理员", "补考 1", channel="wecom")
    engine.presses("管理员", offered[-1].choices[0], channel="wecom")
    engine.at("09:01", date(2026, 11, 25))
    assert [len(both) for both in keys_asked(engine).values()] == [2] * 3
    assert all(not first & second for first, second in keys_asked(engine).values())


def test_a_unit_nobody_has_opens_nothing_says_so_and_stops_no_other_round(engine):
    crowd(engine, 2)
    engine.person("管理员", "司法局", role="admin")
    nobody = replace(DAILY, key="nobody", title="没有的局", who=Audience(units=("水务局",)))
    at_nine(engine, nobody, DAILY).settle()
    states = {
        what.plan_key: what.state
        for what in engine.read(lambda store: rounds.latest(store, 9, *State))
        if what.due_on == FIRST
    }
    assert states == {"nobody": State.CANCELLED, "daily": State.OPEN}
    (told,) = [p for p in engine.delivered() if p.kind == "report"]
    assert "水务局" in told.reply.text
    (reply,) = engine.says("管理员", "开放答题 nobody yes")
    assert "水务局" in reply.text


def test_an_empty_roster_opens_with_nobody(engine):
    at_nine(engine).settle()
    assert state(engine) is State.OPEN
    assert number(engine, enrolment) == 0
