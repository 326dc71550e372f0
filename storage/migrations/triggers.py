"""What keeps an append-only table append-only: the database itself refuses UPDATE, DELETE and TRUNCATE."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

_FUNCTION = """
CREATE OR REPLACE FUNCTION xuefa_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
_POSTGRES = (
    "CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION xuefa_append_only()",
    "CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION xuefa_append_only()",
)
_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
)


def install(connection: Connection, tables: Iterable[str]) -> None:
    """Make the triggers of these tables where they are missing (SQLite drops a table's triggers when a batch migration remakes it)."""
    on_postgres = connection.dialect.name == "postgresql"
    if on_postgres:
        connection.exec_driver_sql(_FUNCTION.replace("%", "%%"))
    for table in tables:
        for statement in _POSTGRES if on_postgres else _SQLITE:
            connection.exec_driver_sql(statement.format(table=table))
