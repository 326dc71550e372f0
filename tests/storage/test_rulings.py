"""Rulings on wrong keys: dated, reasoned, in order, with what each changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from quizzes.scoring import Action, Ruling
from storage import rulings, tables
from storage.database import Store
from tests.builders import NOW, district, hands_in_paper


def test_rulings_come_back_as_they_were_made_with_their_reasons(store: Store) -> None:
    d = district(store)
    paper_id = hands_in_paper(store, d, d.round_id, "张三", [True, False])
    numbers = [row.id for row in store.rows(select(tables.revision.c.id).order_by(tables.revision.c.id))]
    first = Ruling(numbers[1], None, Action.REKEY, NOW, ("A", "C"))
    second = Ruling(numbers[0], 2, Action.VOID, NOW + timedelta(hours=1), keeps=False)
    made = [
        rulings.add(store, d.round_id, each, reason="原答案有误", approver_id=d.people["王敏"])
        for each in (first, second)
    ]
    rulings.add_rescores(store, made[0], [(paper_id, 5000, 10_000)])
    rulings.add_rescores(store, made[0], [])
    assert rulings.of_round(store, d.round_id) == (first, second)
    assert rulings.of_round(store, d.round_id + 1) == ()
    assert [(row.reason, row.approver) for row in rulings.history(store, d.round_id)] == [("原答案有误", "王敏")] * 2
    [kept] = store.rows(select(tables.rescore))
    assert (kept.ruling_id, kept.attempt_id, kept.before, kept.after) == (made[0], paper_id, 5000, 10_000)


def test_a_ruling_without_a_reason_does_not_exist(store: Store) -> None:
    d = district(store)
    with pytest.raises(ValueError, match="reason"):
        rulings.add(store, d.round_id, Ruling(1, None, Action.VOID, NOW), reason="  ", approver_id=d.people["王敏"])
    assert rulings.of_round(store, d.round_id) == ()


def test_a_ruling_is_found_by_its_number_with_its_round_and_what_it_changed(store: Store) -> None:
    d = district(store)
    paper_id = hands_in_paper(store, d, d.round_id, "张三", [True])
    new = Ruling(1, None, Action.VOID, NOW)
    number = rulings.add(store, d.round_id, new, reason="题干有误", approver_id=d.people["王敏"])
    rulings.add_rescores(store, number, [(paper_id, 0, 10_000)])
    assert rulings.numbered(store, d.round_id) == [(number, new)]
    assert rulings.reason_of(store, number) == (d.round_id, "题干有误")
    assert [(r.attempt_id, r.before, r.after) for r in rulings.rescored(store, d.round_id)] == [(paper_id, 0, 10_000)]
    assert rulings.rescored(store, d.round_id + 1) == []
    with pytest.raises(KeyError):
        rulings.reason_of(store, number + 1)
