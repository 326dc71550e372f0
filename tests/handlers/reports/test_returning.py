"""What a printed return says: the figures of the rates, everybody due, who is missing and why, and every change of 应考."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from sqlalchemy import insert

from handlers.reports import returning
from handlers.rights import ALL, UNITS, Scope
from handlers.views.figures import round_figures
from quizzes.enrolling import ChangeKind
from storage import rounds, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, District
from tests.handlers.reports.returning_district import closed, exempts


@pytest.fixture
def d(store: Store) -> District:
    return closed(store)


def content(store: Store, d: District, unit: str = "城南区", language: str = "zh", *, reasons: bool = True):
    return returning.content(store, rounds.get(store, d.round_id), d.units[unit], language, HOUSE, NOW, reasons=reasons)


@pytest.mark.parametrize("unit", ["城南区", "住建局", "司法局", "政府办"])
def test_its_figures_are_those_of_every_other_report(store: Store, d: District, unit: str) -> None:
    scope = Scope(ALL) if unit == "城南区" else Scope(UNITS, frozenset({d.units[unit]}))
    shown, said = round_figures(store, d.round_id, scope, NOW), content(store, d, unit)
    assert said["figures"]["total"] == list(astuple(shown.total.tally))
    assert said["figures"]["first"] == list(astuple(shown.total.first))
    assert dict(said["bureaux"]) == (
        {row.name: list(astuple(row.tally)) for row in shown.rows if row.tally.roster} if unit == "城南区" else {}
    )


def test_the_make_up_stands_by_itself(store: Store, d: District) -> None:
    assert content(store, d)["figures"]["makeup"] == [3, 0, 3, 2, 1, 0]
    assert content(store, d, "司法局")["figures"]["makeup"] == [1, 0, 1, 1, 0, 0]
    assert content(store, d)["makeups"] == ["宪法宣传周学法考试（补考）"]


def test_everybody_due_is_listed_with_both_scores_and_what_counts(store: Store, d: District) -> None:
    rows = {row[1]: row[2:] for row in content(store, d, "住建局")["results"]}
    assert rows == {
        "陈芳": ["住建局", 9500, None, "excellent", []],
        "刘洋": ["住建局", 4000, 6000, "passed", []],
        "张三": ["住建局", 7500, None, "passed", ["纸质"]],
        "李四": ["住建局", None, None, "absent", []],
        "孙七": ["质安站", None, None, "absent", []],
    }
    assert [row[5] for row in content(store, d, "司法局")["results"]] == ["failed", "passed"]


def test_who_is_missing_has_a_reason_for_those_entitled_only(store: Store, d: District) -> None:
    store.run(insert(tables.exemption), {"person_id": d.people["孙七"], "round_id": d.round_id, "kind": "缓考", "reason": "住院", "state": "approved",
                                         "requested_at": NOW})  # fmt: skip
    shown = [row[1:] for row in content(store, d, "住建局")["missing"]]
    assert [row[:2] for row in shown] == [["李四", "住建局"], ["孙七", "质安站"]]
    assert shown[0][2]
    assert shown[1][2] == "缓考"
    assert [row[3] for row in content(store, d, "住建局", reasons=False)["missing"]] == ["", ""]


def test_every_change_of_the_denominator_is_a_footnote(store: Store, d: District) -> None:
    exempts(store, d, "吴九", "补录", ChangeKind.DEPARTED)
    notes = content(store, d, "住建局")["notes"]
    assert notes == [
        "开考时名册6，免考1，补录0，调出0，应考5。",
        "2026年12月3日，质安站赵六，免考：长期病假。",
        "其中来自纸质的答卷1份。",
    ]
    without = content(store, d, "住建局", reasons=False)["notes"]
    assert "2026年12月3日，质安站赵六，免考。" in without
    assert not any("病假" in line for line in without)


def test_a_return_of_a_station_holds_the_station_only(store: Store, d: District) -> None:
    said = content(store, d, "质安站")
    assert (said["unit"], [row[1] for row in said["results"]]) == ("质安站", ["孙七"])
    assert said["bureaux"] == []


def test_the_same_ledger_says_the_same_twice_and_in_english_too(store: Store, d: District) -> None:
    assert content(store, d) == content(store, d)
    assert content(store, d, language="en")["notes"][0].startswith("Roster at opening 10")
