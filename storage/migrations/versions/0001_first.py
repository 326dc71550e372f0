"""The tables as first released."""

from alembic import op

from storage.migrations import triggers
from storage.migrations.first_tables import APPEND_ONLY, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all of it, and let nobody change what is append-only."""
    connection = op.get_bind()
    metadata.create_all(connection, checkfirst=False)
    triggers.install(connection, APPEND_ONLY)
