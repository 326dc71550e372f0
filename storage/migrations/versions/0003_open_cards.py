"""Question cards that stand open on a platform which can grey them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "open_card",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("paper_id", KEY, nullable=False),
        sa.Column("slot", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_open_card_account_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_open_card_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_card")),
        sa.UniqueConstraint("account_id", "paper_id", "slot", name=op.f("uq_open_card_account_id_paper_id_slot")),
    )
    op.create_index("ix_open_card_paper_id", "open_card", ["paper_id"])
