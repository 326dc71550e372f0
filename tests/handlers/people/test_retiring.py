"""当年退休: proposed, never done by itself; confirmed one by one or all, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from handlers import dispatch
from handlers.messages import Reply
from handlers.people import retiring
from handlers.words import words
from storage import changes, corrections, rounds, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, District, district, make_round, owed, turn

ZH = words("zh")


@pytest.fixture
def d(store: Store) -> District:
    """张三 and 孙七 retire this year, 李四 next year."""
    made = district(store)
    for name, on in (("张三", date(2026, 12, 31)), ("孙七", date(2026, 12, 20)), ("李四", date(2027, 1, 31))):
        store.run(update(tables.person).where(tables.person.c.id == made.people[name]).values(retires_on=on))
    return made


def says(store: Store, d: District, said: str, **more) -> Reply:
    [reply] = dispatch.dispatch(turn(store, d, "王敏", said, **more), store)
    return reply


def test_the_list_says_who_and_what_it_would_do_and_does_nothing(store: Store, d: District) -> None:
    shown = says(store, d, "当年退休")
    for part in ("2026年退休的有 2 人", "住建局张三，12月31日退休", "应考10→8"):
        assert part in shown.text
    assert "李四" not in shown.text
    assert changes.of_round(store, d.round_id) == []


def test_one_is_confirmed_once(store: Store, d: District) -> None:
    press = next(each.says for each in says(store, d, "当年退休").choices if each.label == "住建局张三")
    assert "应考10→9" in says(store, d, press, action=True).text
    assert ZH["corrections.changed"] in says(store, d, press, action=True).text
    [row] = store.rows(select(tables.exemption))
    assert (row.category, row.reason, row.round_id, row.state, row.decided_by) == (
        "retiring", "当年退休", d.round_id, "approved", d.people["王敏"])  # fmt: skip
    assert corrections.due(store, d.round_id) == 9
    assert len(owed(store, d, "张三")) == 1


def test_all_are_confirmed_only_as_many_as_were_shown(store: Store, d: District) -> None:
    every = says(store, d, "当年退休").choices[0]
    store.run(update(tables.person).where(tables.person.c.name == "吴九").values(retires_on=date(2026, 12, 30)))
    assert "有 3 人" in says(store, d, every.says, action=True).text
    assert corrections.due(store, d.round_id) == 10
    assert "免考 3 人" in says(store, d, says(store, d, "当年退休").choices[0].says, action=True).text
    assert corrections.due(store, d.round_id) == 7
    assert "没有2026年退休" in says(store, d, "当年退休").text


def test_a_round_that_has_not_opened_lists_those_who_would_be_due(store: Store, d: District) -> None:
    store.run(update(tables.round_).values(state="closed"))
    planned = make_round(store, plan="next", state="planned", opened=timedelta(days=1))
    store.run(update(tables.round_).where(tables.round_.c.id == planned).values(audience={"units": ["质安站"]}))
    shown = says(store, d, "当年退休")
    assert "质安站孙七" in shown.text
    assert "张三" not in shown.text
    assert "免考 1 人" in says(store, d, shown.choices[0].says, action=True).text
    assert rounds.exempt_people(store, planned, NOW.date()).keys() == {d.people["孙七"]}


def test_the_admins_are_told_once_of_an_assessed_round(store: Store, d: District) -> None:
    what = rounds.get(store, d.round_id)
    for _ in range(2):
        retiring.propose(store, what, HOUSE, NOW)
    [told] = owed(store, d, "王敏")
    assert "有 2 人在2026年退休" in told
    for other in (make_round(store, plan="daily", counts="practice"), make_round(store, plan="m", of=d.round_id)):
        retiring.propose(store, rounds.get(store, other), HOUSE, NOW)
    assert len(owed(store, d, "王敏")) == 1


def test_a_round_for_unknown_units_stops_no_clock(store: Store, d: District) -> None:
    planned = make_round(store, plan="next", state="planned", opened=timedelta(days=1))
    store.run(update(tables.round_).where(tables.round_.c.id == planned).values(audience={"units": ["没有的局"]}))
    retiring.propose(store, rounds.get(store, planned), HOUSE, NOW)
    assert owed(store, d, "王敏") == []


def test_without_an_assessed_round_there_is_nothing_to_decide(store: Store, d: District) -> None:
    store.run(update(tables.round_).values(state="closed"))
    assert says(store, d, "当年退休").text == ZH["corrections.retiring_no_round"]
    assert says(store, d, "当年退休 404").text == ZH["corrections.retiring_no_round"]
