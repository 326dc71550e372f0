"""附注 in words: reasons and names for the officer and the auditor, counts for leaders and liaisons."""

from __future__ import annotations

import pytest

from handlers import dispatch
from handlers.reports.footnotes import sheet
from handlers.rights import ALL, Scope
from handlers.views.footnotes import footnotes
from handlers.words import words
from quizzes.enrolling import ChangeKind
from storage import accounts, corrections, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, District, district, turn

ZH = words("zh")


@pytest.fixture
def d(store: Store) -> District:
    """张三 is exempt, because of a hospital."""
    made = district(store)
    number = corrections.line(store, made.round_id, made.people["张三"])
    corrections.apply(store, number, ChangeKind.EXEMPTED, "住院手术", made.people["王敏"], NOW)
    return made


def says(store: Store, d: District, name: str, said: str = "附注", **more) -> str:
    return dispatch.dispatch(turn(store, d, name, said, **more), store)[0].text


@pytest.mark.parametrize("name", ["王敏", "周杰"])
def test_the_officer_and_the_auditor_read_who_when_why_and_by_whom(store: Store, d: District, name) -> None:
    assert "12月4日　住建局张三　免考　住院手术（王敏）" in says(store, d, name)


@pytest.mark.parametrize("name", ["李建国", "陈芳", "刘洋"])
def test_leaders_and_liaisons_read_counts(store: Store, d: District, name) -> None:
    said = says(store, d, name)
    assert "免考1" in said
    assert ZH["corrections.notes_counts_only"] in said
    assert "张三" not in said
    assert "住院" not in said


def test_where_names_are_not_shown_there_are_numbers(store: Store, d: District) -> None:
    accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    said = says(store, d, "王敏", channel="telegram")
    assert "张三" not in said
    assert f"住建局#{d.people['张三']}　免考　住院手术（#{d.people['王敏']}）" in said


def test_the_figures_say_what_the_denominator_is_made_of_and_where_to_read_on(store: Store, d: District) -> None:
    assert "开考时名册10，免考1，补录0，调出0，应考9。明细请输入「附注 1」。" in says(store, d, "王敏", "参考率")
    assert "开考时名册6，免考1，补录0，调出0，应考5。" in says(store, d, "陈芳", "参考率")


def test_a_round_without_changes_says_nothing_of_them(store: Store) -> None:
    d = district(store)
    assert "开考时名册" not in says(store, d, "王敏", "参考率")
    assert ZH["corrections.notes_none"] in says(store, d, "王敏")


def test_without_any_round_there_are_no_footnotes(store: Store) -> None:
    d = district(store)
    store.run(tables.round_.update().values(state="cancelled"))
    assert says(store, d, "王敏") == says(store, d, "王敏", "附注 404") == ZH["corrections.no_round"]


def test_the_sheet_has_a_row_a_change_as_wide_as_its_header(store: Store, d: District) -> None:
    found = footnotes(store, d.round_id, Scope(ALL), NOW, detailed=True)
    header, rows = sheet("zh", HOUSE, found)
    assert rows[0] == ["2026年12月4日", "住建局", "张三", "免考", "住院手术", "王敏", ""]
    assert {len(row) for row in rows} == {len(header)}
