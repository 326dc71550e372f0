"""Migrations: equal to the tables on both databases, all or nothing, and never older than the data."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError

from storage import schema, tables
from storage.columns import EPOCH
from storage.database import open_database
from storage.migrations import draft

_POSTGRES_SHAPE = """
SELECT 'column', table_name, column_name, data_type, is_nullable, coalesce(column_default, '') FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL SELECT 'index', tablename, indexname, indexdef, '', '' FROM pg_indexes
 WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass
"""
_SQLITE_TABLES = "(SELECT name AS t FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version')"
_SQLITE_SHAPE = f"""
SELECT 'column', t, c.name, c.type, c."notnull", coalesce(c.dflt_value, ''), c.pk FROM {_SQLITE_TABLES}, pragma_table_info(t) c
UNION ALL SELECT 'reference', t, f."from", f."table", f."to", f.on_delete, f.on_update FROM {_SQLITE_TABLES}, pragma_foreign_key_list(t) f
UNION ALL SELECT 'unique', t, i.name, i."unique", i.origin, i.partial, group_concat(n.name)
 FROM {_SQLITE_TABLES}, pragma_index_list(t) i, pragma_index_info(i.name) n GROUP BY t, i.name
UNION ALL SELECT 'index', tbl_name, name, sql, '', '', '' FROM sqlite_master WHERE type = 'index' AND tbl_name <> 'alembic_version'
"""
"""The text of a table differs between one made whole and one that was added to; what it holds does not."""


def shape(store):
    rows = store.rows(text(_POSTGRES_SHAPE if store.on_postgres else _SQLITE_SHAPE))
    found = {tuple(str(part).strip().strip("()") for part in row) for row in rows}
    assert {row[0] for row in found} >= {"column", "index"}
    return found


def triggers(store):
    query = (
        "SELECT DISTINCT trigger_name FROM information_schema.triggers UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if store.on_postgres
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    return {row[0] for row in store.rows(text(query))}


def test_the_migrations_make_exactly_the_tables(database):
    """If this fails before the first release: python -m storage.migrations.draft --first. After it: draft the next migration."""
    with database.reading() as store:
        migrated = shape(store)
    with database.writing() as store:
        tables.metadata.drop_all(store._connection)
        tables.metadata.create_all(store._connection)
        assert shape(store) == migrated


def test_alembic_finds_nothing_left_to_do(database):
    """Defaults are not asked about: Alembic takes SQLite's '' for none. The test above compares them."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {"compare_type": True, "target_metadata": tables.metadata}
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []


def test_what_is_append_only_refuses_change_and_removal(database):
    with database.writing() as store:
        made = triggers(store)
        for table in tables.APPEND_ONLY:
            assert len({name for name in made if name.startswith(f"{table}_")}) == 2
        values = {"at": EPOCH, "act": "a", "object": "o", "details": {}, "previous_hash": "", "hash": "h"}
        store.run(insert(tables.audit), values)
    attempts = ["UPDATE audit SET act = 'b'", "DELETE FROM audit"] + ["TRUNCATE audit"] * database.on_postgres
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="append-only"), database.writing() as store:
            store.plain(attempt)
    with database.reading() as store:
        assert store.value(select(tables.audit.c.act)) == "a"


def test_an_upgrade_tells_the_version_it_found_and_does_nothing_twice(empty):
    assert schema.current(empty) is None
    assert schema.upgrade(empty) is None
    assert schema.current(empty) == schema.HEAD
    assert schema.is_current(empty)
    assert schema.upgrade(empty) == schema.HEAD


def test_alembic_is_not_loaded_when_nothing_is_to_be_done(sqlite_template):
    program = f"""
import sys
from storage import schema
from storage.database import open_database
assert schema.upgrade(open_database("sqlite:///{sqlite_template}")) == schema.HEAD
assert "alembic" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())})


def test_a_database_of_a_newer_program_is_refused(database):
    with database.writing() as store:
        store.plain("UPDATE alembic_version SET version_num = '9999'")
    for use in (schema.upgrade, schema.is_current):
        with pytest.raises(schema.SchemaNewer, match="9999"):
            use(database)


def test_the_numbers_of_the_files_are_alembics(sqlite):
    from alembic.script import ScriptDirectory

    with sqlite.engine.connect() as connection:
        script = ScriptDirectory.from_config(schema.config(connection))
    assert [revision.revision for revision in script.walk_revisions()][::-1] == schema.KNOWN
    assert script.get_current_head() == schema.HEAD


class Interrupted(BaseException):
    pass


def interrupt(engine, at):
    """Make the statement number `at` of this engine its last; gives the listener."""
    seen = []

    def listener(*_):
        seen.append(1)
        if len(seen) == at:
            raise Interrupted

    event.listen(engine, "before_cursor_execute", listener)
    return listener, seen


def test_an_upgrade_interrupted_at_any_statement_changes_nothing(empty):
    at = 0
    while True:
        at += 1 if at < 10 else 7
        listener, seen = interrupt(empty.engine, at)
        try:
            schema.upgrade(empty)
        except Interrupted:
            assert schema.current(empty) is None
            with empty.reading() as store:
                assert shape_is_empty(store)
        else:
            assert len(seen) < at
            break
        finally:
            event.remove(empty.engine, "before_cursor_execute", listener)
    assert schema.current(empty) == schema.HEAD
    assert at > 60


def shape_is_empty(store):
    known = "pg_tables WHERE schemaname = 'public'" if store.on_postgres else "sqlite_master"
    return store.value(text(f"SELECT count(*) FROM {known}")) == 0


def test_an_upgrade_killed_half_way_leaves_the_old_version(tmp_path):
    program = f"""
import os, sqlalchemy
from storage import schema
from storage.database import open_database
database = open_database("sqlite:///{tmp_path}/x.db", create=True)
seen = []
@sqlalchemy.event.listens_for(database.engine, "before_cursor_execute")
def kill(*_):
    seen.append(1)
    if len(seen) == 40:
        os.kill(os.getpid(), 9)
schema.upgrade(database)
"""
    killed = subprocess.run(
        [sys.executable, "-c", program], check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert killed.returncode == -9
    opened = open_database(f"sqlite:///{tmp_path}/x.db")
    assert schema.current(opened) is None
    assert schema.upgrade(opened) is None
    assert schema.current(opened) == schema.HEAD
    opened.close()


@pytest.fixture
def with_second_migration(tmp_path, monkeypatch):
    """A program with one more migration, which remakes an append-only table."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.VERSIONS.parent, folder)
    number = f"{int(schema.HEAD) + 1:04d}"
    (folder / "versions" / f"{number}_note.py").write_text(f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{number}", "{schema.HEAD}"
def upgrade():
    with op.batch_alter_table("audit", recreate="always") as batch:
        batch.add_column(sa.Column("note", sa.Text))
""")
    monkeypatch.setattr(schema, "VERSIONS", folder / "versions")
    monkeypatch.setattr(schema, "KNOWN", [*schema.KNOWN, number])
    monkeypatch.setattr(schema, "HEAD", number)
    return number


def test_a_table_that_a_migration_remakes_keeps_its_rows_and_its_triggers(sqlite, with_second_migration):
    with sqlite.writing() as store:
        values = {"at": EPOCH, "act": "a", "object": "o", "details": {}, "previous_hash": "", "hash": "h"}
        store.run(insert(tables.audit), values)
        before = triggers(store)
    schema.upgrade(sqlite)
    with sqlite.writing() as store:
        assert triggers(store) == before
        assert store.plain("SELECT act, note FROM audit").all() == [("a", None)]
        assert store.plain("PRAGMA foreign_keys").scalar() == 1


def test_a_migration_that_breaks_references_is_undone(sqlite, with_second_migration):
    with sqlite.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("INSERT INTO role (person_id, name, granted_at) VALUES (404, 'admin', 0)")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    before = schema.current(sqlite)
    with pytest.raises(schema.SchemaBroken):
        schema.upgrade(sqlite)
    assert schema.current(sqlite) == before


def test_the_first_migration_is_the_tables_of_its_day_with_plain_types():
    frozen = draft.freeze('"""Words."""\n\nfrom __future__ import annotations\n\nfrom sqlalchemy import (\n    Text,\n)\n\n'
                          "from storage.columns import Instant, Json, Key\n\nAPPEND_ONLY = ()\n")  # fmt: skip
    assert "storage.columns" not in frozen
    compile(frozen, "first_tables.py", "exec")
