"""What a decision does to 应考: the effects shown are the effects made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from handlers.people import changing
from handlers.people.changing import Wish
from quizzes.enrolling import ChangeKind
from storage import corrections, invitations, people, rounds, tables
from storage.database import Store
from storage.people import Placed
from tests.builders import HOUSE, NOW, District, district, enrol, make_round, mark, person, sits, turn

TODAY = NOW.date()


def both(store: Store, d: District, wish: Wish):
    """(effects shown, effects made), each as (round, before, after)."""
    shown = [(each.round_id, each.before, each.after) for each in changing.effects(store, wish, NOW)]
    done = changing.carry_out(store, wish, "理由", d.people["王敏"], HOUSE, NOW)
    return shown, [(each.effect.round_id, each.effect.before, each.effect.after) for each in done]


@pytest.mark.parametrize(
    ("kind", "more", "after"),
    [("免考", {"round_id": 1}, [9]), ("免考", {"starts_on": date(2026, 1, 1)}, [9, 1]), ("调出", {"round_id": 1}, [9]), ("调出", {}, [9, 1]),
     ("缓考", {"round_id": 1}, []), ("请假", {"starts_on": date(2026, 1, 1)}, []), ("补录", {"round_id": 1}, [])],
)  # fmt: skip
def test_what_is_shown_is_what_is_done(store: Store, kind, more, after) -> None:
    d = district(store)
    other = make_round(store, plan="daily")
    for name in ("张三", "李四"):
        enrol(store, d, other, name)
    wish = Wish(
        kind, d.people["张三"], **{key: d.round_id if key == "round_id" else value for key, value in more.items()}
    )
    shown, done = both(store, d, wish)
    assert shown == done
    assert [each[2] for each in done] == after
    assert both(store, d, wish) == ([], [])


def test_somebody_who_was_on_no_list_gets_a_line_that_counts_only_by_the_approved_row(store: Store) -> None:
    d = district(store)
    person(store, d, "新来的", "质安站", "住建局")
    assert both(store, d, Wish("补录", d.people["新来的"], d.round_id)) == (
        [(d.round_id, 10, 11)],
        [(d.round_id, 10, 11)],
    )
    number = corrections.line(store, d.round_id, d.people["新来的"])
    row = store.row(select(tables.enrolment).where(tables.enrolment.c.id == number))
    assert (row.at_opening, row.counted, row.unit_id, row.bureau_id) == (
        False,
        True,
        d.units["质安站"],
        d.units["住建局"],
    )


def test_nobody_without_a_posting_is_added(store: Store) -> None:
    d = district(store)
    person(store, d, "外人", "司法局", "司法局")
    held = [each.id for each in people.postings(store) if each.person_id == d.people["外人"]]
    people.end_postings(store, held, date(2021, 1, 1))
    assert changing.carry_out(store, Wish("补录", d.people["外人"], d.round_id), "x", 1, HOUSE, NOW) == []


def test_the_exempt_are_not_added_but_taken_back(store: Store) -> None:
    d = district(store)
    number = corrections.line(store, d.round_id, d.people["张三"])
    corrections.apply(store, number, ChangeKind.EXEMPTED, "病", None, NOW)
    assert changing.effects(store, Wish("补录", d.people["张三"], d.round_id), NOW) == []


def test_somebody_who_left_may_come_back(store: Store) -> None:
    d = district(store)
    changing.carry_out(store, Wish("调出", d.people["张三"], d.round_id), "辞职", 1, HOUSE, NOW)
    done = changing.carry_out(
        store, Wish("补录", d.people["张三"], d.round_id), "弄错了人", 1, HOUSE, NOW + timedelta(minutes=1)
    )
    assert [each.effect.after for each in done] == [10]


def test_whoever_left_is_on_the_roster_no_longer_and_their_invitation_is_void(store: Store) -> None:
    d = district(store)
    invitations.make(store, [("t" * 32, d.people["赵六"])], invitations.BIND, None, NOW, timedelta(days=7))
    changing.carry_out(store, Wish("调出", d.people["赵六"]), "调往外区", d.people["王敏"], HOUSE, NOW)
    assert people.placed(store, TODAY, ids=[d.people["赵六"]]) == []
    assert store.value(select(tables.invitation.c.revoked_at)) == NOW
    assert changing.placed(store, d.people["赵六"], TODAY) == Placed(d.people["赵六"], "赵六", 0, "")


def test_a_transfer_is_told_from_a_departure(store: Store) -> None:
    d = district(store)
    what, number = rounds.get(store, d.round_id), d.people["张三"]
    assert changing.moved_to(store, number, what, HOUSE, NOW) == ""
    values = {"person_id": number, "unit_id": d.units["司法局"], "kind": "借调", "recorded_at": NOW, "starts_on": TODAY}
    store.run(tables.posting.insert(), values)
    assert changing.moved_to(store, number, what, HOUSE, NOW) == "", "a secondment moves nobody"
    store.run(tables.posting.insert(), {**values, "kind": "编制", "starts_on": what.due_on})
    assert changing.moved_to(store, number, what, HOUSE, NOW) == "司法局"
    assert changing.moved_to(store, number, replace(what, opened_at=NOW + timedelta(days=1)), HOUSE, NOW) == ""
    person(store, d, "新来的", "司法局", "司法局")
    assert changing.moved_to(store, d.people["新来的"], what, HOUSE, NOW) == ""


def test_the_words_name_the_round_and_both_headcounts(store: Store) -> None:
    d = district(store)
    found = changing.effects(store, Wish("免考", d.people["张三"], d.round_id), NOW)
    here = turn(store, d, "王敏", "待批申请")
    assert changing.lines(here, found) == ["「宪法宣传周学法考试」应考10→9"]
    assert changing.token(found) == 9
    assert changing.who(here, Placed(7, "张三", 1, "住建局")) == "住建局张三"


def test_who_sat_is_in_no_effect(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三")
    mark(store, d, d.round_id, "李四", at_opening=False, counted=False)
    for kind in ("免考", "调出"):
        for name in ("张三", "李四"):
            assert changing.effects(store, Wish(kind, d.people[name], d.round_id), NOW) == []
