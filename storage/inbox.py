"""The inbox: every event once, by its key, with the replies it got; the same key again gets the same replies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, true

from storage.columns import micros
from storage.database import Hot, Store
from storage.tables import inbox

OWED_AFTER = timedelta(seconds=15)
OWED_UNTIL = timedelta(hours=1)

_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SEEN = Hot(select(inbox.c.replies).where(inbox.c.key == bindparam("key")))
_COLUMNS = (
    "key",
    "channel",
    "address",
    "account_id",
    "arrived_at",
    "platform_at",
    "said",
    "origin",
    "replies",
    "state",
    "shown",
    "error",
)
_KEEP = Hot(insert(inbox).values({name: bindparam(name) for name in _COLUMNS}))
_SHOWN = Hot(inbox.update().where(inbox.c.key == bindparam("seen")).values(shown=bindparam("yes")))


def seen(store: Store, key: str) -> list[dict[str, Any]] | None:
    """The replies stored with a key, or None if it never came."""
    found = store.hot(_SEEN, key=key).first()
    return None if found is None else json.loads(found.replies)


def keep(store: Store, *, key: str, channel: str, address: str, account_id: int | None, arrived_at: datetime,
         platform_at: datetime | None, said: str, origin: str, replies: list[dict[str, Any]], error: str = "",
         shown: bool = False) -> None:  # fmt: skip
    """Keep an event with its replies; `error` marks it as quarantined. `shown`: its channel shows replies by itself (the web)."""
    store.hot(
        _KEEP,
        key=key,
        channel=channel,
        address=address,
        account_id=account_id,
        arrived_at=micros(arrived_at),
        platform_at=None if platform_at is None else micros(platform_at),
        said=said,
        origin=origin,
        replies=_TO_JSON(replies),
        state="quarantine" if error else "done",
        shown=shown,
        error=error,
    )


def mark_shown(store: Store, keys: Sequence[str]) -> None:
    """The replies to these keys have reached their platform."""
    for key in keys:
        store.hot(_SHOWN, seen=key, yes=True)


def owed(store: Store, channel: str, now: datetime, most: int = 50) -> Sequence[Row[Any]]:
    """Events of the last hour whose replies nobody is known to have shown for 15 s, oldest first."""
    waiting = (inbox.c.channel == channel) & inbox.c.shown.is_(False)
    window = inbox.c.arrived_at.between(now - OWED_UNTIL, now - OWED_AFTER)
    return store.rows(select(inbox).where(waiting, window).order_by(inbox.c.arrived_at).limit(most))


def history(store: Store, account_id: int, most: int, *, without: str | None = None) -> list[Row[Any]]:
    """The last events of an account, oldest first; `without` those of one origin."""
    mine = [inbox.c.account_id == account_id, inbox.c.origin != without if without else true()]
    query = select(inbox).where(*mine).order_by(inbox.c.arrived_at.desc(), inbox.c.key.desc())
    return list(reversed(store.rows(query.limit(most))))
