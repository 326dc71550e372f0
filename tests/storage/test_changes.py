"""Dated changes of an enrolment: the line follows from them, and they themselves never change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from quizzes.enrolling import Change, ChangeKind, Status
from quizzes.scoring import Action, Ruling
from storage import changes, rulings, tables
from storage.columns import EPOCH
from storage.database import Store
from tests.builders import NOW, District, district, hands_in_paper, mark


def change(d: District, kind: ChangeKind, minutes: int = 0) -> Change:
    return Change(kind, NOW + timedelta(minutes=minutes), "长期病假", d.people["王敏"])


def line(store: Store, d: District, name: str) -> int:
    mine = (tables.enrolment.c.round_id == d.round_id) & (tables.enrolment.c.person_id == d.people[name])
    return int(store.value(select(tables.enrolment.c.id).where(mine)))


def stands(store: Store, number: int) -> tuple[bool, bool]:
    """(counted, exempt)."""
    found = store.row(
        select(tables.enrolment.c.counted, tables.enrolment.c.exempt).where(tables.enrolment.c.id == number)
    )
    assert found is not None
    return found.counted, found.exempt


def test_the_line_follows_from_the_changes(store: Store) -> None:
    d = district(store)
    number = line(store, d, "张三")
    for minutes, (kind, status, counted) in enumerate(
        [
            (ChangeKind.EXEMPTED, Status.EXEMPT, (False, True)),
            (ChangeKind.EXEMPT_WITHDRAWN, Status.DUE, (True, False)),
            (ChangeKind.DEPARTED, Status.DEPARTED, (False, False)),
            (ChangeKind.ADDED, Status.DUE, (True, False)),
        ]
    ):
        assert changes.record(store, number, change(d, kind, minutes)) is status
        assert stands(store, number) == counted


def test_a_later_joiner_is_due_only_once_added(store: Store) -> None:
    d = district(store)
    number = line(store, d, "张三")
    mark(store, d, d.round_id, "张三", at_opening=False, counted=False)
    assert changes.refresh(store, number) is Status.NEVER_DUE
    assert stands(store, number) == (False, False)
    assert changes.record(store, number, change(d, ChangeKind.ADDED)) is Status.DUE
    assert stands(store, number) == (True, False)


def test_who_sat_stays_whatever_is_recorded_afterwards(store: Store) -> None:
    d = district(store)
    number = line(store, d, "张三")
    changes.record(store, number, change(d, ChangeKind.EXEMPTED))
    hands_in_paper(store, d, d.round_id, "张三", [True])
    assert changes.refresh(store, number) is Status.DUE
    assert stands(store, number) == (True, False)
    assert changes.record(store, number, change(d, ChangeKind.DEPARTED, 1)) is Status.DUE


def test_a_change_after_the_close_holds_only_once_it_is_printed_as_a_correction(store: Store) -> None:
    d = district(store)
    number = line(store, d, "张三")
    store.run(tables.round_.update().values(state="closed", closed_at=NOW - timedelta(days=1)))
    assert changes.record(store, number, change(d, ChangeKind.EXEMPTED)) is Status.DUE
    assert changes.record(store, number, change(d, ChangeKind.CORRECTED, 1)) is Status.EXEMPT
    assert stands(store, number) == (False, True)


def test_the_history_of_a_line_is_in_the_order_it_was_recorded(store: Store) -> None:
    d = district(store)
    number = line(store, d, "张三")
    recorded = [
        change(d, ChangeKind.EXEMPTED),
        change(d, ChangeKind.EXEMPT_WITHDRAWN, 1),
        Change(ChangeKind.ADDED, NOW, "补录", 0),
    ]
    for each in recorded:
        changes.record(store, number, each)
    assert changes.history(store, number) == recorded
    assert changes.history(store, line(store, d, "李四")) == []


def test_the_footnotes_of_a_round_name_everybody_whose_line_changed(store: Store) -> None:
    d = district(store)
    for name in ("李四", "张三"):
        changes.record(store, line(store, d, name), change(d, ChangeKind.EXEMPTED))
    found = changes.of_round(store, d.round_id)
    assert [row.person_id for row in found] == [d.people["李四"], d.people["张三"]]
    assert {(row.kind, row.reason, row.approver_id, row.bureau_id) for row in found} == {
        ("exempted", "长期病假", d.people["王敏"], d.units["住建局"])
    }
    assert changes.of_round(store, 404) == []


def test_a_line_that_does_not_exist_cannot_be_changed(database) -> None:
    with pytest.raises(IntegrityError), database.writing() as store:
        changes.record(store, 404, change(district(store), ChangeKind.ADDED))
    with pytest.raises(KeyError), database.writing() as store:
        changes.refresh(store, 404)


@pytest.mark.parametrize("reason", ["", " ", "\n"])
def test_a_change_without_a_reason_is_none(reason) -> None:
    with pytest.raises(ValueError, match="reason"):
        Change(ChangeKind.ADDED, NOW, reason, 1)


@pytest.mark.parametrize("table", tables.APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_what_is_append_only_is_neither_changed_nor_removed(database, table, statement) -> None:
    with database.writing() as store:
        d = district(store)
        paper_id = hands_in_paper(store, d, d.round_id, "张三", [True])
        changes.record(store, line(store, d, "李四"), change(d, ChangeKind.EXEMPTED))
        values = {"at": EPOCH, "act": "a", "object": "o", "details": {}, "previous_hash": "", "hash": "h"}
        store.run(insert(tables.audit), values)
        decided = Ruling(store.value(select(tables.response.c.revision_id)), None, Action.VOID, NOW)
        rulings.add_rescores(
            store,
            rulings.add(store, d.round_id, decided, reason="题目有误", approver_id=d.people["王敏"]),
            [(paper_id, 0, 10_000)],
        )
    with database.reading() as store:
        before = store.rows(select(tables.metadata.tables[table]))
    assert before
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), database.writing() as store:
        store.plain(statement.format(table))
    with database.reading() as store:
        assert store.rows(select(tables.metadata.tables[table])) == before
