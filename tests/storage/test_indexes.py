"""The queries that run all day use their indexes on SQLite, which matches partial indexes word for word."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from storage import accounts, deliveries, inbox

NOW = datetime(2026, 12, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(("ask", "index"), [
    (lambda store: deliveries.claim(store, "telegram", 30, NOW), "ix_delivery_due"),
    (lambda store: deliveries.is_due(store, "telegram", NOW), "ix_delivery_due"),
    (lambda store: deliveries.sweep(store, NOW), "ix_delivery_due"),
    (lambda store: inbox.owed(store, "telegram", NOW), "ix_inbox_owed"),
    (lambda store: accounts.bind(store, 1, "telegram", "1", NOW), "uq_account_live"),
])  # fmt: skip
def test_it_uses_its_index(sqlite, ask, index):
    seen = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda _c, _cur, sql, given, *_: seen.append((sql, given)))
    with sqlite.writing() as store:
        store.plain("PRAGMA defer_foreign_keys = ON")
        store.plain("SAVEPOINT asking")
        ask(store)
        asked = [(sql, given) for sql, given in seen if sql.startswith(("SELECT", "UPDATE"))]
        store.plain("ROLLBACK TO SAVEPOINT asking")
        for sql, given in asked:
            plan = store._driver.execute(f"EXPLAIN QUERY PLAN {sql}", given).fetchall()
            assert index in plan[0][3], (sql, plan)
    assert asked


def test_the_person_behind_an_address_is_found_by_index(sqlite):
    with sqlite.writing() as store:
        sql, pick, _ = accounts._BY_ADDRESS.ready(store.dialect)
        plan = store._driver.execute(f"EXPLAIN QUERY PLAN {sql}", pick({"channel": "a", "address": "b"})).fetchall()
    assert "uq_account_live" in plan[0][3]
