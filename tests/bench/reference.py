"""The reference: the rows that a run has written, written again with bare sqlite3 in batches of the same size."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_INBOX = ("key", "channel", "address", "account_id", "arrived_at", "platform_at", "said", "origin", "replies", "state",
          "shown", "error")  # fmt: skip
_RESPONSE = ("attempt_id", "slot", "serial", "revision_id", "answer", "correct", "arrived_at", "platform_at", "channel",
             "inbox_key")  # fmt: skip
_START = (
    "INSERT INTO attempt (id, enrolment_id, state, started_at, source, automatic) VALUES (?, ?, 'open', ?, '本系统', 0)"
)
_STARTED = "UPDATE enrolment SET started = 1 WHERE id = ?"
_HAND_IN = "UPDATE attempt SET state = 'handed_in', handed_in_at = ?, score = ?, automatic = 0 WHERE id = ?"
_RESULT = (
    "UPDATE enrolment SET sat = 1, attempts = 1, score = ?, passed = ?, excellent = ?, handed_in_at = ? WHERE id = ?"
)
Work = list[tuple[str, Sequence[Any]]]


def written(database: Path) -> list[Work]:
    """Per press, in the order of the run: the statements that write its rows (inbox, response, and what the first and the last
    answer of a paper change besides)."""
    connection = sqlite3.connect(database)
    events = {row[0]: row for row in connection.execute(f"SELECT {', '.join(_INBOX)} FROM inbox")}
    attempts = {row[0]: row for row in connection.execute(
        "SELECT attempt.id, enrolment.id, started_at, attempt.handed_in_at, attempt.score, passed, excellent "
        "FROM attempt JOIN enrolment ON enrolment.id = attempt.enrolment_id")}  # fmt: skip
    last = dict(connection.execute("SELECT attempt_id, max(id) FROM response GROUP BY attempt_id"))
    begun: set[int] = set()
    found: list[Work] = []
    for number, *response in connection.execute(f"SELECT id, {', '.join(_RESPONSE)} FROM response ORDER BY id"):
        attempt, enrolment, started, handed_in, score, passed, excellent = attempts[response[0]]
        work: Work = []
        if attempt not in begun:
            begun.add(attempt)
            work += [(_START, (attempt, enrolment, started)), (_STARTED, (enrolment,))]
        work.append((_insert("response", _RESPONSE), response))
        if number == last[attempt] and handed_in is not None:
            work += [
                (_HAND_IN, (handed_in, score, attempt)),
                (_RESULT, (score, passed, excellent, handed_in, enrolment)),
            ]
        work.append((_insert("inbox", _INBOX), events[response[-1]]))
        found.append(work)
    connection.close()
    return found


def rate(fresh: Path, presses: list[Work], batch: int) -> float:
    """Presses a second into a fresh copy of the database, one transaction a batch, as durable as the program's own."""
    connection = sqlite3.connect(fresh, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -16000"):
        connection.execute(f"PRAGMA {pragma}").close()
    began = time.perf_counter()
    for start in range(0, len(presses), batch):
        connection.execute("BEGIN IMMEDIATE")
        for work in presses[start : start + batch]:
            for sql, values in work:
                connection.execute(sql, values)
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return len(presses) / took


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
