"""What a serving process does by itself: content changed on disk takes effect once, and a broken file leaves what was there."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from handlers.console import upkeep
from handlers.console.orders import ORDERS
from handlers.console.upkeep import Upkeep, obey
from handlers.messages import BotError
from handlers.words import say
from quizzes.rounds import State
from storage import jobs, keep, materials, rounds
from storage.tables import bank, inbox, job, question, revision
from tests.engine import HOUSE, Engine
from tests.quizzes.content.files import MATERIAL, PLAN, single, write
from tests.quizzes.content.files import bank as bank_text

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


class Office:
    """A workspace on disk with the upkeep of a serving process, whose turns are counted."""

    def __init__(self, database, folder):
        self.database, self.folder, self.now, self.turns = database, folder, NOW, 0
        write(folder, "banks/a.yaml", bank_text())
        write(folder, "plans.yaml", PLAN)
        write(folder, "materials/a.md", MATERIAL)
        self.upkeep = Upkeep(folder, database, self.write, lambda: HOUSE, lambda: self.now, Random(1))

    def write(self, run):
        self.turns += 1
        with self.database.writing() as store:
            return run(store)

    def read(self, run):
        with self.database.reading() as store:
            return run(store)

    def changes(self, name, text):
        path = write(self.folder, name, text)
        stamp = path.stat().st_mtime_ns + 1_000_000_000
        os.utime(path, ns=(stamp, stamp))

    def stems(self):
        query = (
            select(revision.c.content)
            .join_from(question, revision, question.c.revision_id == revision.c.id)
            .where(question.c.removed_at.is_(None))
        )
        return sorted(row.content["stem"] for row in self.read(lambda store: store.rows(query)))

    def number(self, table):
        return self.read(lambda store: store.value(select(func.count()).select_from(table)))


@pytest.fixture
def office(database, tmp_path):
    return Office(database, tmp_path / "office")


def test_the_first_look_applies_everything(office):
    assert office.upkeep.apply_content() == []
    assert office.stems() == ["当场改正的，如何处理？"]
    assert [plan.key for plan, _ in office.read(rounds.plans)] == ["daily"]
    assert [each.key for each in office.read(materials.published)] == ["m-1"]
    assert office.upkeep.calendar is not None


def test_what_did_not_change_is_not_applied_again(office):
    office.upkeep.apply_content()
    turns = office.turns
    assert office.upkeep.apply_content() == []
    assert office.turns == turns


def test_what_changed_is_applied_once_and_the_rest_is_left_alone(office):
    office.upkeep.apply_content()
    write(
        office.folder,
        "banks/b.yaml",
        bank_text(single(id="b-1", stem="另一题？")).replace("bank: 行政处罚法", "bank: 另一库"),
    )
    office.now += timedelta(minutes=1)
    office.upkeep.apply_content()
    applied = office.read(lambda store: {row.path: row.applied_at for row in store.rows(select(bank))})
    assert applied == {"banks/a.yaml": NOW, "banks/b.yaml": office.now}
    assert office.number(revision) == 2


def test_a_changed_question_gets_a_new_revision_and_the_old_one_stays(office):
    office.upkeep.apply_content()
    office.changes("banks/a.yaml", bank_text(single(stem="改过的题？")))
    office.upkeep.apply_content()
    assert office.stems() == ["改过的题？"]
    assert (office.number(question), office.number(revision)) == (1, 2)


def test_a_broken_file_is_told_and_leaves_what_was_there(office):
    office.upkeep.apply_content()
    office.changes("banks/a.yaml", bank_text(single(answer="Z", stem="改坏的题？")))
    told = office.upkeep.apply_content()
    assert len(told) == 1
    assert "a.yaml:9:13: " in told[0]
    assert office.stems() == ["当场改正的，如何处理？"]
    assert [plan.key for plan, _ in office.read(rounds.plans)] == ["daily"]
    assert office.upkeep.apply_content() == []
    office.changes("banks/a.yaml", bank_text(single(stem="改好的题？")))
    office.upkeep.apply_content()
    assert office.stems() == ["改好的题？"]


def test_a_broken_file_does_not_hold_up_a_sound_one(office):
    office.upkeep.apply_content()
    office.changes("banks/a.yaml", "bank: [")
    write(
        office.folder,
        "banks/b.yaml",
        bank_text(single(id="b-1", stem="另一题？")).replace("bank: 行政处罚法", "bank: 另一库"),
    )
    assert office.upkeep.apply_content()
    assert office.stems() == ["另一题？", "当场改正的，如何处理？"]


def test_with_anything_broken_plans_stay_as_they_were(office):
    office.upkeep.apply_content()
    office.changes("plans.yaml", PLAN.replace("title: 每日一题", "title: 新的一题"))
    office.changes("materials/a.md", "没有开头")
    assert office.upkeep.apply_content()
    assert [plan.title for plan, _ in office.read(rounds.plans)] == ["每日一题"]
    assert [each.key for each in office.read(materials.published)] == ["m-1"]


def test_a_file_that_is_gone_is_withdrawn(office):
    office.upkeep.apply_content()
    (office.folder / "materials/a.md").unlink()
    office.upkeep.apply_content()
    assert office.read(materials.published) == []


def test_a_broken_calendar_leaves_the_days_as_they_were(office):
    write(office.folder, "calendar.yaml", "days:\n  - {date: 2026-11-23, off: true}\n")
    assert office.upkeep.apply_content() == []
    assert not office.upkeep.calendar.is_workday(date(2026, 11, 23))
    office.changes("calendar.yaml", "days:\n  - {date: 2026-11-23, off: [\n")
    assert office.upkeep.apply_content()
    assert not office.upkeep.calendar.is_workday(date(2026, 11, 23))
    office.changes("calendar.yaml", "days:\n  - {date: 2026-11-24, off: true}\n")
    assert office.upkeep.apply_content() == []
    assert office.upkeep.calendar.is_workday(date(2026, 11, 23))


def test_before_the_content_was_read_the_clock_waits(office):
    office.upkeep.tick()
    assert office.number(inbox) == 0
    assert office.read(lambda store: rounds.latest(store, 9, *State)) == []


def test_ticks_go_on_until_nothing_is_due_and_end_when_told_to(office):
    office.upkeep.apply_content()
    office.now = NOW.replace(hour=1, minute=0)
    office.upkeep.ending = True
    office.upkeep.tick()
    assert office.read(lambda store: rounds.latest(store, 9, *State)) == []
    office.upkeep.ending = False
    office.upkeep.tick()
    states = {what.due_on: what.state for what in office.read(lambda store: rounds.latest(store, 9, *State))}
    assert states[date(2026, 11, 23)] is State.OPEN


def test_work_goes_on_until_no_job_waits(office, monkeypatch):
    monkeypatch.setattr(upkeep, "JOBS", {"count": lambda work: []})
    for _ in range(3):
        office.write(lambda store: jobs.add(store, "count", {}, person_id=None, account_id=None, now=NOW))
    office.upkeep.work()
    assert {row.state for row in office.read(lambda store: store.rows(select(job.c.state)))} == {"done"}


def test_an_order_is_a_turn_and_what_it_refuses_is_an_answer(office, monkeypatch):
    def refuse(store, house, asked, now):
        raise BotError("terminal.no_plan", plan=asked["plan"], known="daily")

    monkeypatch.setitem(ORDERS, "refuse", refuse)
    monkeypatch.setitem(ORDERS, "note", lambda store, house, asked, now: keep.write(store, "note", asked["text"], now))
    assert office.upkeep.obey("note", {"text": "好"}) == {"said": None}
    assert office.read(lambda store: keep.read(store, "note")) == "好"
    refused = office.upkeep.obey("refuse", {"plan": "x"})
    assert refused == {"refused": "terminal.no_plan", "values": {"plan": "x", "known": "daily"}}
    assert say("zh", refused["refused"], **refused["values"])


def test_what_breaks_in_an_order_is_not_taken_for_an_answer(sqlite, monkeypatch):
    monkeypatch.setitem(ORDERS, "break", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), sqlite.writing() as store:
        obey(store, HOUSE, "break", {}, NOW)
    assert Engine(sqlite).read(lambda store: store.value(select(func.count()).select_from(inbox))) == 0
