"""The tables themselves: what every one of them has, and what the databases refuse."""

from __future__ import annotations

import pytest
from sqlalchemy import ForeignKey, insert, inspect
from sqlalchemy.exc import IntegrityError

from storage import tables
from storage.columns import EPOCH, Instant
from storage.migrations import first_tables

TABLES = tables.metadata.sorted_tables
EACH = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@EACH
def test_every_table_has_a_primary_key(table):
    assert list(table.primary_key.columns)


def test_every_table_has_a_primary_key_in_the_database_too(database):
    seen = inspect(database.engine)
    without = [name for name in seen.get_table_names() if not seen.get_pk_constraint(name)["constrained_columns"]]
    assert set(without) <= {"alembic_version"}


@EACH
def test_every_time_is_an_instant_named_as_one(table):
    named = {
        column.name
        for column in table.columns
        if column.name.endswith(("_at", "_until")) or column.name in ("at", "not_before")
    }
    assert {column.name for column in table.columns if isinstance(column.type, Instant)} == named


@EACH
def test_what_points_at_another_table_points_at_its_key(table):
    for key in (key for column in table.columns for key in column.foreign_keys):
        assert isinstance(key, ForeignKey)
        assert key.column.primary_key
        assert key.ondelete is None, "nothing is deleted unseen"


def test_no_two_indexes_or_constraints_share_a_name():
    names = [index.name for table in TABLES for index in table.indexes]
    names += [str(constraint.name) for table in TABLES for constraint in table.constraints]
    assert len(names) == len(set(names))


def test_append_only_are_the_answers_the_changes_the_rulings_and_the_audit():
    assert set(tables.APPEND_ONLY) == {"response", "enrolment_change", "audit", "ruling", "rescore"}
    assert set(tables.APPEND_ONLY) <= set(tables.metadata.tables)
    assert set(first_tables.APPEND_ONLY) <= set(tables.APPEND_ONLY)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (tables.account, {"person_id": 404, "channel": "web", "address": "a", "bound_at": EPOCH}),
        (
            tables.posting,
            {"person_id": 404, "unit_id": 404, "kind": "编制", "starts_on": EPOCH.date(), "recorded_at": EPOCH},
        ),
        (tables.question, {"key": "q", "bank_id": 404}),
    ],
    ids=lambda part: getattr(part, "name", ""),
)
def test_what_points_nowhere_is_refused(database, table, values):
    with pytest.raises(IntegrityError), database.writing() as store:
        store.run(insert(table), values)


def test_an_address_has_one_live_account_and_any_number_of_ended_ones(database):
    with database.writing() as store:
        person = store.new_id(insert(tables.person), {"name": "张三", "created_at": EPOCH})
        values = {"person_id": person, "channel": "telegram", "address": "7", "bound_at": EPOCH}
        for ended_at in (EPOCH, EPOCH, None):
            store.run(insert(tables.account), {**values, "ended_at": ended_at})
    with pytest.raises(IntegrityError), database.writing() as store:
        store.run(insert(tables.account), values)


def test_a_missing_text_is_refused_and_a_default_is_filled_in(database):
    with pytest.raises(IntegrityError), database.writing() as store:
        store.run(insert(tables.person), {"created_at": EPOCH})
    with database.writing() as store:
        store.run(insert(tables.person), {"name": "张三", "created_at": EPOCH})
        row = store.plain("SELECT staff_no, language, leadership FROM person").one()
        assert tuple(row) == ("", "zh", False)
