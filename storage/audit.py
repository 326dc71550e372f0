"""Who did what: an append-only record in which every line is sealed with the line before it, so that no line changes unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, text

from storage.columns import micros
from storage.database import Hot, Store
from storage.tables import audit

FIRST = ""
"""What stands for the hash before the first line."""
PART = 1000
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(6081997)")
_LAST = Hot(select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1))
_PART = Hot(select(audit).where(audit.c.id > bindparam("after")).order_by(audit.c.id).limit(bindparam("most")))


def record(store: Store, actor_id: int | None, act: str, what: str, details: dict[str, Any], now: datetime) -> int:
    """Append one line and give its number: `actor_id` (None: the program) did `act` ("exempt") to `what` ("person:17").
    On PostgreSQL other processes' lines wait until this transaction ends, so record late in a turn. `details` must be JSON."""
    if store.on_postgres:
        store.run(_ONE_AT_A_TIME)
    previous = head(store)[1]
    kept = json.loads(_canonical(details))
    values = {"at": now, "actor_id": actor_id, "act": act, "object": what, "details": kept, "previous_hash": previous}
    return store.new_id(insert(audit), {**values, "hash": seal(previous, micros(now), actor_id, act, what, kept)})


def head(store: Store) -> tuple[int, str]:
    """(number, hash) of the newest line, (0, "") if there is none. Printed or sent elsewhere it anchors the record: lines cut off
    the end cannot be missed from inside."""
    found = store.hot(_LAST).first()
    return (0, FIRST) if found is None else (found.id, found.hash)


def verify(store: Store, anchor: str = FIRST) -> int | None:
    """The number of the first line that is not as it was written, or that does not follow the line before it; 0 if all lines
    hold but none has the hash `anchor`, which once was a head; None if the record holds."""
    previous, anchored = FIRST, anchor == FIRST
    for line in _lines(store):
        if line.previous_hash != previous or line.hash != _resealed(line):
            return int(line.id)
        previous = line.hash
        anchored = anchored or previous == anchor
    return None if anchored else 0


def seal(previous: str, at: int, actor_id: int | None, act: str, what: str, details: dict[str, Any]) -> str:
    """SHA-256 in hex over the canonical JSON of a line's parts; `at` in microseconds since 1970 UTC."""
    return hashlib.sha256(_canonical([previous, at, actor_id, act, what, details]).encode()).hexdigest()


def _resealed(line: Any) -> str | None:
    """The hash that a line should have; None if its details are not the text that was written."""
    try:
        details = json.loads(line.details)
        if line.details != _canonical(details):
            return None
    except ValueError:
        return None
    return seal(line.previous_hash, line.at, line.actor_id, line.act, line.object, details)


def _lines(store: Store) -> Iterator[Any]:
    after = -1
    while part := store.hot(_PART, after=after, most=PART):
        yield from part
        after = part[-1].id


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
