"""`python -m tests.faults kill --runs 500 --seed 1`: so many kills, twenty to a backlog; a line for each backlog and JSON at the end."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.kill import Outcome, drained

KILLS = 20


def main() -> int:
    """The exit code is 1 if anything at all was wrong."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults")
    asked.add_argument("fault", choices=["kill", "stop"], help="by kill -9, or by SIGTERM")
    asked.add_argument("--runs", type=int, default=500, help="runs of the program that end so")
    asked.add_argument("--seed", type=int, default=int(time.time()))
    given = asked.parse_args()
    outcomes: list[Outcome] = []
    while (left := given.runs - sum(each.kills for each in outcomes)) > 0:
        seed = given.seed + len(outcomes)
        with tempfile.TemporaryDirectory(prefix="xuefa-kill-") as folder:
            outcomes.append(drained(Path(folder), seed, min(KILLS, left), politely=given.fault == "stop"))
        print(", ".join(f"{name} {value}" for name, value in outcomes[-1].line().items()), flush=True)
    lines = [each.line() for each in outcomes]
    total = {
        name: sum(line[name] for line in lines) for name in lines[0] if name not in ("seed", "waiting_at_last_kill")
    }
    print(json.dumps({"seed": given.seed, **total, "backlogs": lines}, indent=1))
    return int(any(each.findings for each in outcomes))


if __name__ == "__main__":
    sys.exit(main())
