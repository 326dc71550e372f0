"""What Alembic runs: the migrations, on the connection and inside the transaction that `storage.schema` hands over."""

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=context.config.attributes.get("render_item", lambda *_: False),
)
context.run_migrations()
