"""Formal exams: limits of time, other papers for some, rulings on wrong keys, results from elsewhere, halls, and what is printed."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New tables first, since what is added refers to them."""
    _new_tables()
    _additions()


def _new_tables() -> None:
    """What was decided about wrong keys, what came from elsewhere, halls, and what was printed."""
    _table("document", [_text("kind"), _text("code"), _key("round_id"), _key("person_id", True), _key("unit_id", True), _text("content"),
                        _text("hash"), _at("issued_at"), _key("issued_by", True), _at("revoked_at", True)],
           {"round_id": "round", "person_id": "person", "unit_id": "unit", "issued_by": "person"},
           unique=["code"], indexes=["round_id", "person_id"])  # fmt: skip
    _table("hall", [_key("round_id"), _text("place"), _text("token_hash"), _at("created_at"), _key("created_by", True),
                    _at("started_at", True), _at("ended_at", True)],
           {"round_id": "round", "created_by": "person"}, unique=["token_hash"], indexes=["round_id"])  # fmt: skip
    _table("ruling", [_key("round_id"), _key("revision_id"), sa.Column("item", sa.Integer()), _text("action"), _text("answer"),
                      sa.Column("keeps", sa.Boolean(), server_default=sa.text("true"), nullable=False), _at("at"), _text("reason"),
                      _key("approver_id", True)],
           {"round_id": "round", "revision_id": "revision", "approver_id": "person"}, indexes=["round_id"])  # fmt: skip
    _table("batch", [_key("round_id"), _text("source"), _key("file_id"), _key("scan_id", True), _text("content"),
                     _text("state", "entered"), _at("entered_at"), _key("entered_by", True), _at("decided_at", True),
                     _key("decided_by", True), _text("note", "")],
           {"round_id": "round", "file_id": "file", "scan_id": "file", "entered_by": "person", "decided_by": "person"},
           indexes=["round_id"])  # fmt: skip
    _table("seat", [_key("hall_id"), _key("person_id"), _at("arrived_at"), _text("channel")],
           {"hall_id": "hall", "person_id": "person"}, unique=["hall_id", "person_id"], indexes=["person_id"])  # fmt: skip
    _table("rescore", [_key("ruling_id"), _key("attempt_id"), _number("before"), _number("after")],
           {"ruling_id": "ruling", "attempt_id": "attempt"}, indexes=["attempt_id"])  # fmt: skip


def _table(name: str, columns: list[sa.Column[Any]], references: dict[str, str], *, unique: Sequence[str] = (),
           indexes: Sequence[str] = ()) -> None:  # fmt: skip
    """A table with a number of its own, the tables its columns refer to, the columns that are unique together, and its indexes."""
    parts: list[Any] = [sa.Column("id", KEY, autoincrement=True, nullable=False), *columns]
    parts.append(sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")))
    parts += [sa.ForeignKeyConstraint([c], [f"{to}.id"], name=op.f(f"fk_{name}_{c}")) for c, to in references.items()]
    parts += [sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}"))] if unique else []
    op.create_table(name, *parts)
    for column in indexes:
        op.create_index(f"ix_{name}_{column}", name, [column])


def _key(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, KEY, nullable=nullable)


def _at(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def _additions() -> None:
    op.add_column("attempt", sa.Column("ends_at", sa.BigInteger()))
    op.add_column("attempt", sa.Column("declared_at", sa.BigInteger()))
    op.add_column("attempt", sa.Column("device", sa.Text(), server_default="", nullable=False))
    op.add_column("attempt", sa.Column("place", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("attempt", sa.Column("flagged", sa.Text()))
    _add_reference("attempt", "batch_id", "batch")
    for name, column, which in (("device", "device", "device <> ''"), ("ends_at", "ends_at", "state = 'open'")):
        op.create_index(
            f"ix_attempt_{name}", "attempt", [column], sqlite_where=sa.text(which), postgresql_where=sa.text(which)
        )
    op.add_column("enrolment", sa.Column("granted", sa.Integer(), server_default=sa.text("0"), nullable=False))
    for name in ("category", "opinion", "answer"):
        op.add_column("exemption", sa.Column(name, sa.Text(), server_default="", nullable=False))
    _add_reference("exemption", "opinion_by", "person")
    _add_reference("exemption", "file_id", "file")
    op.create_index("ix_exemption_state", "exemption", ["state"])
    op.add_column("session", sa.Column("purpose", sa.Text(), server_default="", nullable=False))
    op.add_column("round", sa.Column("variants", sa.Text()))
    op.add_column("plan", sa.Column("origin", sa.Text(), server_default="file", nullable=False))


def _add_reference(table: str, column: str, target: str) -> None:
    """Added in place: Alembic would copy the whole table on SQLite, which takes long and drops its triggers."""
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    constraint = f"CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {constraint}")
