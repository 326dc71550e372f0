"""A roster's changes in words: counts first, then what to look at; without names where none may be shown; nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import date
from functools import partial

import pytest

from handlers.people import roster_words
from handlers.people.roster_import import against
from handlers.words import LANGUAGES, say
from quizzes.roster import read_roster
from tests.engine import Engine

DAY = date(2026, 11, 23)
NAMES = ("张三", "李四", "王五", "赵六", "新来的", "重名")


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite)
    for name, unit in (("张三", "住建局"), ("李四", "住建局"), ("王五", "财政局"), ("赵六", "财政局")):
        engine.person(name, unit, channel="", staff_no=f"GH{name}", phone="", rank="科员")
    return engine


def found(engine, *rows, others=()):
    table = [[1, ["姓名", "工号", "单位", "职级"]], *([number, row.split(",")] for number, row in enumerate(rows, 2))]
    return engine.read(lambda store: against(store, read_roster(table), DAY, others))


ROWS = ("张三,GH张三,住建局,科员", "李四,GH李四,财政局,科员", "王五,GH王五,财政局,副科", "新来的,GH新来的,水务局,科员")


def words(engine, *rows, language="zh", names=True, **more):
    return roster_words.report(partial(say, language), found(engine, *rows, **more), names=names)


def test_the_counts_of_joiners_movers_leavers_and_changes(engine):
    assert roster_words.counts(found(engine, *ROWS)) == {"rows": 4, "joiners": 1, "transfers": 1, "leavers": 1, "secondments": 0, "changed": 1,
                                                         "unchanged": 1, "units": 1, "held_back": 0}  # fmt: skip


def test_the_report_begins_with_the_counts_and_names_who_leaves_and_who_moves(engine):
    lines = words(engine, *ROWS).splitlines()
    assert lines[0] == say("zh", "roster.counts", joiners=1, transfers=1, leavers=1, unchanged=1)
    assert say("zh", "roster.who_leaves", names=say("zh", "roster.person", name="赵六", unit="财政局")) in lines
    assert (
        say("zh", "roster.who_moves", names=say("zh", "roster.move", name="李四", before="住建局", after="财政局"))
        in lines
    )
    assert say("zh", "roster.new_units", n=1, names="水务局") in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_names_there_is_no_name_in_it(engine, language):
    text = words(
        engine, *ROWS, "重名,,住建局,科员", "重名,,住建局,科员", ",GH9,住建局,科员", language=language, names=False
    )
    assert [name for name in NAMES if name in text] == []
    assert text


def test_the_same_roster_again_says_there_is_nothing_to_do(engine):
    same = (
        *(
            f"{name},GH{name},{unit},科员"
            for name, unit in (("张三", "住建局"), ("李四", "住建局"), ("王五", "财政局"), ("赵六", "财政局"))
        ),
    )
    again = found(engine, *same)
    assert not again.changes_something
    assert words(engine, *same).splitlines()[-1] == say("zh", "roster.nothing")


def test_many_leavers_are_warned_of(engine):
    assert say("zh", "roster.many_leavers", leavers=3, counted=4) in words(engine, ROWS[0]).splitlines()


def test_sheets_that_were_not_read_are_named(engine):
    assert (
        say("zh", "roster.other_sheets", names="二月、三月")
        in words(engine, *ROWS, others=("二月", "三月")).splitlines()
    )


def test_rows_in_doubt_are_counted_and_shown_and_not_applied(engine):
    doubtful = found(engine, *ROWS, ",GH9,住建局,科员")
    assert doubtful.held_back == 1
    text = words(engine, *ROWS, ",GH9,住建局,科员")
    assert say("zh", "roster.held_back", n=1) in text
    assert "第 6 行" in text


def test_a_file_without_a_row_says_only_what_is_wrong_with_it(engine):
    text = roster_words.report(
        partial(say, "zh"),
        engine.read(lambda store: against(store, read_roster([[1, ["张三", "住建局"]]]), DAY)),
        names=True,
    )
    assert text
    assert "离开" not in text


def test_the_details_hold_every_line_for_a_spreadsheet(engine):
    content = roster_words.details(partial(say, "zh"), found(engine, *ROWS))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == say("zh", "roster.csv_head").split("|")
    assert {(row[0], row[2]) for row in rows[1:]} == {(say("zh", f"roster.csv_{what}"), name) for what, name in (
        ("unit", ""), ("leaves", "赵六"), ("moves", "李四"), ("joins", "新来的"), ("changes", "王五"))}  # fmt: skip


@pytest.mark.parametrize("name", ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1", "\t=1"])
def test_no_cell_of_the_details_is_a_formula(engine, name):
    content = roster_words.details(partial(say, "zh"), found(engine, f"{name},GH9,{name},科员")).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(content, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "＝")) for cell in row), row
