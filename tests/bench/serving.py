"""The server under measurement, a process of its own: `bot.py run` as it is, with its commits and replies counted.

`python -m tests.bench.serving COUNTS [--instant] ARGUMENTS...`: serves with the program's ARGUMENTS, and writes its counts at the end.
With --instant every call of the Bot API succeeds at once inside the transport, so that only the way to the sender is measured.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from telegram.request import RequestData

import bot
from channels.telegram import channel, request
from channels.telegram.request import AiohttpRequest
from storage.ledger import Entry, Ledger, Outcome
from tests.bench import processes

_RESULT = b'{"ok":true,"result":{"message_id":11}}'


class Counts:
    """What happened so far in this process."""

    commits = 0
    turns = 0
    calls = 0


class Instant(AiohttpRequest):
    """A transport whose every call has succeeded; what it would have sent was made in full."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        if request_data is not None:
            request._body(request_data)
        Counts.calls += 1
        return 200, _RESULT


def _counted(ledger: Ledger, batch: list[Entry]) -> list[Outcome]:
    Counts.commits += 1
    Counts.turns += len(batch)
    return _record(ledger, batch)


_record = Ledger._record


def main() -> None:
    """Serve until SIGTERM."""
    target = Path(sys.argv.pop(1))
    if sys.argv[1] == "--instant":
        del sys.argv[1]
        channel.AiohttpRequest = Instant  # type: ignore[misc]
    Ledger._record = _counted  # type: ignore[method-assign]
    code = bot.main()
    found = {"commits": Counts.commits, "turns": Counts.turns, "calls": Counts.calls, "rss_mb": processes.peak_mb(),
             "cpu": time.process_time()}  # fmt: skip
    target.write_text(json.dumps(found), encoding="utf-8")
    sys.exit(code)


if __name__ == "__main__":
    main()
