"""Writing the next migration, from a checkout: `python -m storage.migrations.draft "add x to y"`, or with `--first` the first anew.

The first migration is the tables as they were then, frozen: with `--first` it is made again from `storage/tables.py`, which
is right until the first release and wrong ever after. Every other is Alembic's draft of what separates the newest
migration from the tables, to be read and corrected by hand."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command

from storage import columns, schema
from storage.database import open_database

FIRST = schema.VERSIONS.parent / "first_tables.py"
_HEAD = (
    '"""The tables as first released: `storage/tables.py` of that day, frozen by `storage.migrations.draft --first`."""'
)
_TYPES = """Key = BigInteger().with_variant(Integer(), "sqlite")
Instant: Any = BigInteger
Json: Any = Text"""


def freeze(source: str) -> str:
    """The text of `storage/tables.py` with plain column types that nothing can change later."""
    body = source[source.index("from __future__") :].replace(
        "\nfrom sqlalchemy import (\n", "from typing import Any\n\nfrom sqlalchemy import (\n    BigInteger,\n", 1
    )
    body = body.replace("from storage.columns import Instant, Json, Key", _TYPES, 1)
    assert _TYPES in body
    return f"{_HEAD}\n\n{body}"


def _plain(kind: str, item: Any, _context: object) -> str | bool:
    """Our column types as what they are in the database."""
    if kind != "type":
        return False
    if isinstance(item, columns.Instant):
        return "sa.BigInteger()"
    return "sa.Text()" if isinstance(item, columns.Json) else False


def draft(message: str) -> None:
    """Let Alembic write the next migration from the difference between the migrations and the tables."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/draft.db", create=True)
        with database.engine.begin() as connection:  # not schema.upgrade, which guards tables that are not there yet
            command.upgrade(schema.config(connection), "head")
        with database.engine.connect() as connection:
            config = schema.config(connection)
            config.attributes["render_item"] = _plain
            command.revision(config, message, autogenerate=True, rev_id=f"{int(schema.HEAD) + 1:04d}")
        database.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["--first"]:
        FIRST.write_text(freeze(Path(schema.__file__).with_name("tables.py").read_text("utf-8")), "utf-8")
    else:
        draft(" ".join(sys.argv[1:]))
