"""`python -m tests.season [--people N] [--bureaux N] [--seed N]`: a whole season on SQLite, judged; prints what it came to as JSON."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from storage import schema
from storage.database import open_database
from tests.season import story


def main() -> None:
    """Play it; an AssertionError says what did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.season", description=__doc__)
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--bureaux", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="xuefa-season-") as folder:
        path = Path(folder) / "xuefa.sqlite3"
        database = open_database(f"sqlite:///{path}", create=True)
        try:
            schema.upgrade(database)
            found = story.tell(database, path, asked.people, asked.bureaux, asked.seed)
        finally:
            database.close()
    print(json.dumps(found | {"took_s": round(time.perf_counter() - began)}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
