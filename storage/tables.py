"""The tables behind the words of the design. Times are stored as UTC microseconds, dates as dates, lists as JSON text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import Instant, Json, Key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Key, primary_key=True, autoincrement=True)


def _to(target: str, *, nullable: bool = False) -> Column[int]:
    name = f"{target}_id"
    return Column(name, Key, ForeignKey(f"{target}.id"), nullable=nullable)


def _ref(name: str, target: str, *, nullable: bool = True) -> Column[int]:
    return Column(name, Key, ForeignKey(f"{target}.id"), nullable=nullable)


def _text(name: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _flag(name: str, default: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text(str(default)))


def _at(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, Instant(), nullable=nullable)


# Who is who. -----------------------------------------------------------------------------------------------------------

unit = Table(
    "unit", metadata, _id(), _ref("parent_id", "unit"), _text("name"), _number("position"),
    UniqueConstraint("parent_id", "name"),
)  # fmt: skip

person = Table(
    "person", metadata, _id(), _text("name"), _text("staff_no", ""), _text("phone", ""), _text("category", ""),
    _text("rank", ""), _flag("leadership"), _flag("enforcement"), Column("retires_on", Date), _text("language", "zh"),
    Column("quiet_from", Integer), Column("quiet_to", Integer), _at("created_at"),
    Index("ix_person_staff_no", "staff_no"), Index("ix_person_phone", "phone"), Index("ix_person_name", "name"),
)  # fmt: skip

posting = Table(
    "posting", metadata, _id(), _to("person"), _to("unit"), _text("kind"), Column("starts_on", Date, nullable=False),
    Column("ends_on", Date), _at("recorded_at"), _ref("recorded_by", "person"),
    Index("ix_posting_person_id", "person_id"), Index("ix_posting_unit_id", "unit_id"),
)  # fmt: skip

account = Table(
    "account", metadata, _id(), _to("person"), _text("channel"), _text("address"), _at("bound_at"),
    _at("ended_at", nullable=True), _text("unreachable", ""), _at("unreachable_at", nullable=True), _flag("preferred"),
    Index("uq_account_live", "channel", "address", unique=True, sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
    Index("ix_account_person_id", "person_id"),
)  # fmt: skip

role = Table(
    "role", metadata, _id(), _to("person"), _text("name"), _to("unit", nullable=True), _at("granted_at"),
    _ref("granted_by", "person"), _at("revoked_at", nullable=True), Index("ix_role_person_id", "person_id"),
)  # fmt: skip

invitation = Table(
    "invitation", metadata, _id(), _text("token_hash"), _to("person"), _text("purpose", "bind"), _at("created_at"),
    _ref("created_by", "person"), _at("expires_at"), _number("wrong"), _at("used_at", nullable=True),
    _at("locked_at", nullable=True), _at("revoked_at", nullable=True), UniqueConstraint("token_hash"),
    Index("ix_invitation_person_id", "person_id"),
)  # fmt: skip

session = Table(
    "session", metadata, _id(), _text("secret_hash"), _to("account"), _at("created_at"), _at("expires_at"),
    _at("revoked_at", nullable=True), _text("purpose", ""), UniqueConstraint("secret_hash"),
    Index("ix_session_account_id", "account_id"),
)  # fmt: skip

conversation = Table(
    "conversation", metadata, Column("account_key", Text, primary_key=True), _text("topic"),
    Column("data", Json, nullable=False), _at("at"),
)  # fmt: skip

# What is asked. --------------------------------------------------------------------------------------------------------

bank = Table(
    "bank", metadata, _id(), _text("path"), _text("name"), _text("law"), Column("as_of", Date), _text("file_hash"),
    _at("applied_at"), _at("removed_at", nullable=True), UniqueConstraint("path"),
)  # fmt: skip

question = Table(
    "question", metadata, _id(), _text("key"), _to("bank"), _ref("revision_id", "revision"), _at("removed_at", nullable=True),
    _at("suspended_at", nullable=True), UniqueConstraint("key"), Index("ix_question_bank_id", "bank_id"),
)  # fmt: skip

revision = Table(
    "revision", metadata, _id(), _text("key"), _text("content_hash"), Column("content", Json, nullable=False),
    _at("created_at"), UniqueConstraint("key", "content_hash"),
)  # fmt: skip

material = Table(
    "material", metadata, _id(), _text("key"), _text("title"), _text("body"), Column("cites", Json, nullable=False),
    _text("url", ""), _ref("file_id", "file"), _text("content_hash"), _at("created_at"), _at("removed_at", nullable=True),
    UniqueConstraint("key"),
)  # fmt: skip

plan = Table(
    "plan", metadata, _id(), _text("key"), Column("content", Json, nullable=False), _text("content_hash"), _at("applied_at"),
    _at("removed_at", nullable=True), _text("origin", "file"), UniqueConstraint("key"),
)  # fmt: skip

# Rounds, and who owes what. --------------------------------------------------------------------------------------------

round_ = Table(
    "round", metadata, _id(), _text("plan_key"), Column("due_on", Date, nullable=False), _text("title"), _text("counts"),
    _text("notice", ""), _at("opens_at"), _at("closes_at"), _at("opened_at", nullable=True), _at("closed_at", nullable=True),
    _text("state"), _flag("late"), Column("rules", Json, nullable=False), Column("draw", Json, nullable=False),
    Column("audience", Json, nullable=False), Column("variants", Json), _number("avoid_days"), Column("seed", Key, nullable=False),
    _ref("of_round_id", "round"), _number("progress"), _number("failures"), UniqueConstraint("plan_key", "due_on"),
    Index("ix_round_state", "state"), Index("ix_round_opens_at", "opens_at"),
)  # fmt: skip

round_pool = Table(
    "round_pool", metadata, Column("round_id", Key, ForeignKey("round.id"), primary_key=True),
    Column("revision_id", Key, ForeignKey("revision.id"), primary_key=True), _text("bank_name", ""),
)  # fmt: skip

enrolment = Table(
    "enrolment", metadata, _id(), _to("round"), _to("person"), _to("unit"), _ref("bureau_id", "unit", nullable=False),
    _flag("counted", True), _flag("started"), _flag("sat"), _flag("passed"), _flag("excellent"), _flag("exempt"),
    _flag("leadership"), _flag("at_opening", True), Column("score", Integer), _number("attempts"), _number("granted"),
    _at("handed_in_at", nullable=True), _at("enrolled_at"), UniqueConstraint("round_id", "person_id"), Index("ix_enrolment_person_id", "person_id"),
    Index("ix_enrolment_figures", "round_id", "bureau_id", "counted", "sat", "passed", "excellent", "exempt", "at_opening"),
)  # fmt: skip

enrolment_change = Table(
    "enrolment_change", metadata, _id(), _to("enrolment"), _text("kind"), _at("at"), _text("reason"),
    _ref("approver_id", "person"), Index("ix_enrolment_change_enrolment_id", "enrolment_id"),
)  # fmt: skip

exemption = Table(
    "exemption", metadata, _id(), _to("person"), _to("round", nullable=True), _text("kind"), _text("reason"), _text("state"),
    _at("requested_at"), _ref("requested_by", "person"), _at("decided_at", nullable=True), _ref("decided_by", "person"),
    Column("starts_on", Date), Column("ends_on", Date), _text("category", ""), _text("opinion", ""), _ref("opinion_by", "person"),
    _ref("file_id", "file"), _text("answer", ""), Index("ix_exemption_person_id", "person_id"),
    Index("ix_exemption_state", "state"),
)  # fmt: skip

paper = Table(
    "paper", metadata, _id(), _to("enrolment"), _number("number", 1), Column("seed", Key, nullable=False),
    Column("slots", Json, nullable=False), UniqueConstraint("enrolment_id", "number"),
)  # fmt: skip

attempt = Table(
    "attempt", metadata, Column("id", Key, ForeignKey("paper.id"), primary_key=True, autoincrement=False), _to("enrolment"),
    _text("state"), _at("started_at"), _at("handed_in_at", nullable=True), Column("score", Integer), _text("source", "本系统"),
    _flag("automatic"), _at("ends_at", nullable=True), _at("declared_at", nullable=True), _text("device", ""), _number("place"),
    Column("flagged", Json), _ref("batch_id", "batch"), Index("ix_attempt_enrolment_id", "enrolment_id"),
    Index("ix_attempt_ends_at", "ends_at", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
    Index("ix_attempt_device", "device", sqlite_where=text("device <> ''"), postgresql_where=text("device <> ''")),
)  # fmt: skip

response = Table(
    "response", metadata, _id(), _to("attempt"), _number("slot"), _number("serial"), _to("revision"),
    Column("answer", Json, nullable=False), _flag("correct"), _at("arrived_at"), _at("platform_at", nullable=True),
    _text("channel"), _text("inbox_key"), UniqueConstraint("attempt_id", "slot", "serial"),
    Index("ix_response_revision_id", "revision_id"),
)  # fmt: skip

# What was decided afterwards, and what came from elsewhere. ---------------------------------------------------------------

ruling = Table(
    "ruling", metadata, _id(), _to("round"), _to("revision"), Column("item", Integer), _text("action"),
    Column("answer", Json, nullable=False), _flag("keeps", True), _at("at"), _text("reason"), _ref("approver_id", "person"),
    Index("ix_ruling_round_id", "round_id"),
)  # fmt: skip

rescore = Table(
    "rescore", metadata, _id(), _to("ruling"), _to("attempt"), _number("before"), _number("after"),
    Index("ix_rescore_attempt_id", "attempt_id"),
)  # fmt: skip

batch = Table(
    "batch", metadata, _id(), _to("round"), _text("source"), _to("file"), _ref("scan_id", "file"), Column("content", Json, nullable=False),
    _text("state", "entered"), _at("entered_at"), _ref("entered_by", "person"), _at("decided_at", nullable=True),
    _ref("decided_by", "person"), _text("note", ""), Index("ix_batch_round_id", "round_id"),
)  # fmt: skip

hall = Table(
    "hall", metadata, _id(), _to("round"), _text("place"), _text("token_hash"), _at("created_at"), _ref("created_by", "person"),
    _at("started_at", nullable=True), _at("ended_at", nullable=True), UniqueConstraint("token_hash"),
    Index("ix_hall_round_id", "round_id"),
)  # fmt: skip

seat = Table(
    "seat", metadata, _id(), _to("hall"), _to("person"), _at("arrived_at"), _text("channel"), UniqueConstraint("hall_id", "person_id"),
    Index("ix_seat_person_id", "person_id"),
)  # fmt: skip

document = Table(
    "document", metadata, _id(), _text("kind"), _text("code"), _to("round"), _to("person", nullable=True), _to("unit", nullable=True),
    Column("content", Json, nullable=False), _text("hash"), _at("issued_at"), _ref("issued_by", "person"),
    _at("revoked_at", nullable=True), UniqueConstraint("code"), Index("ix_document_round_id", "round_id"),
    Index("ix_document_person_id", "person_id"),
)  # fmt: skip

round_sum = Table(
    "round_sum", metadata, Column("round_id", Key, ForeignKey("round.id"), primary_key=True),
    Column("bureau_id", Key, ForeignKey("unit.id"), primary_key=True), _number("roster"), _number("exempt"), _number("due"),
    _number("sat"), _number("passed"), _number("excellent"), _at("counted_at"),
)  # fmt: skip

# What comes in, what goes out. -----------------------------------------------------------------------------------------

inbox = Table(
    "inbox", metadata, Column("key", Text, primary_key=True), _text("channel"), _text("address"), _to("account", nullable=True),
    _at("arrived_at"), _at("platform_at", nullable=True), _text("said"), _text("origin", ""),
    Column("replies", Json, nullable=False), _text("state", "done"), _flag("shown"), _text("error", ""),
    Index("ix_inbox_account_id", "account_id", "arrived_at"),
    Index("ix_inbox_owed", "channel", "arrived_at", sqlite_where=text("shown IS 0"), postgresql_where=text("shown IS false")),
)  # fmt: skip

delivery = Table(
    "delivery", metadata, _id(), _text("key"), _to("person"), _to("account"), _text("channel"), _text("kind"),
    _to("round", nullable=True), Column("body", Json, nullable=False), _text("state", "planned"), _number("priority"),
    _number("tries"), _flag("copy"), _at("created_at"), _at("not_before"), _at("expires_at", nullable=True),
    _at("lease_until", nullable=True), _at("sent_at", nullable=True), _text("platform_id", ""), _text("reason", ""),
    UniqueConstraint("key"), Index("ix_delivery_account_id", "account_id"), Index("ix_delivery_round_id", "round_id"),
    Index("ix_delivery_person_id", "person_id", "created_at"),
    Index("ix_delivery_due", "channel", "priority", "id",
          sqlite_where=text("state IN ('planned', 'sending', 'uncertain')"),
          postgresql_where=text("state IN ('planned', 'sending', 'uncertain')")),
)  # fmt: skip

open_card = Table(
    "open_card", metadata, _id(), _to("account"), _to("paper"), _number("slot"), _text("code"), _at("at"),
    UniqueConstraint("account_id", "paper_id", "slot"), Index("ix_open_card_paper_id", "paper_id"),
)  # fmt: skip

push = Table(
    "push", metadata, _id(), _text("kind"), _to("material", nullable=True), _text("text", ""), Column("audience", Json, nullable=False),
    _number("people"), _number("reachable"), _at("created_at"), _to("person"),
)  # fmt: skip

job = Table(
    "job", metadata, _id(), _text("kind"), Column("params", Json, nullable=False), _text("state", "waiting"),
    _to("person", nullable=True), _to("account", nullable=True), Column("result", Json), _number("done"), _number("total"),
    _at("created_at"), _at("lease_until", nullable=True), _at("ended_at", nullable=True), _text("error", ""), _number("tries"),
    Index("ix_job_state", "state"),
)  # fmt: skip

file = Table(
    "file", metadata, _id(), _text("name"), _text("media_type"), _text("sha256"), Column("content", LargeBinary, nullable=False),
    _at("created_at"), _to("person", nullable=True), _text("allowed", "owner"),
)  # fmt: skip

feedback = Table(
    "feedback", metadata, _id(), _to("person"), _text("kind"), _text("about", ""), _text("text"), _text("state", "open"),
    _at("created_at"), _text("answer", ""), _at("answered_at", nullable=True), _ref("answered_by", "person"),
)  # fmt: skip

keep = Table("keep", metadata, Column("name", Text, primary_key=True), _text("value"), _at("at"))

audit = Table(
    "audit", metadata, _id(), _at("at"), _ref("actor_id", "person"), _text("act"), _text("object"),
    Column("details", Json, nullable=False), _text("previous_hash"), _text("hash"), UniqueConstraint("previous_hash"),
)  # fmt: skip

APPEND_ONLY = ("response", "enrolment_change", "audit", "ruling", "rescore")
