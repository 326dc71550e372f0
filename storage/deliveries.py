"""推送: messages owed to accounts: planned, claimed by a sender, settled. One key is owed once, whoever plans it twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from quizzes.people import Account
from storage.columns import micros
from storage.database import Hot, Store
from storage.tables import account, delivery

LEASE = timedelta(seconds=60)
RESEND_AFTER = timedelta(seconds=90)
PRIORITY = {"answer": 0, "warning": 0, "card": 1, "notice": 2, "report": 2, "handover": 2, "reminder": 3, "material": 3}
TOUCHES = ("card", "reminder", "notice", "material", "handover")
CARD_CODE = "code:"
"""Before a `platform_id` that is the code by which the platform greys the card, for all who got it, once."""
WORTH_A_COPY = ("card", "answer")
_LIVE = text("delivery.state IN ('planned', 'sending', 'uncertain')")
"""The words of the partial index: SQLite uses it only for queries that hold them literally."""
_CANCEL_ONE = Hot(
    update(delivery)
    .where(
        delivery.c.person_id == bindparam("whose"),
        delivery.c.round_id + 0 == bindparam("of"),
        delivery.c.kind == bindparam("sort"),
        delivery.c.state == "planned",
    )
    .values(state="cancelled", reason="done")
)
"""The sum keeps SQLite from the index of rounds, which leads past everybody's deliveries of the round."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery now ours to send. `body` is a reply as JSON, or for a card {"paper": id}."""

    id: int
    account_id: int
    address: str
    kind: str
    body: dict[str, Any]
    copy: bool
    person_id: int
    round_id: int | None


_PLAN_ONE = Hot(
    insert(delivery).values(
        {n: bindparam(n) for n in ("key", "person_id", "account_id", "channel", "kind", "body", "priority", "created_at", "not_before",
                                   "expires_at", "round_id", "state", "tries", "copy", "platform_id", "reason")}
    )
)  # fmt: skip


def plan_new(store: Store, key: str, to: Account, kind: str, body: dict[str, Any], now: datetime, *, not_before: datetime,
             expires_at: datetime, round_id: int) -> None:  # fmt: skip
    """Owe one message under a key that cannot be owed yet, on the answer path."""
    store.memory.stirred = True
    store.hot(_PLAN_ONE, key=key, person_id=to.person_id, account_id=to.id, channel=to.channel, kind=kind,
              body=json.dumps(body, ensure_ascii=False, separators=(",", ":")), priority=PRIORITY[kind], created_at=micros(now),
              not_before=micros(not_before), expires_at=micros(expires_at), round_id=round_id, state="planned", tries=0, copy=False,
              platform_id="", reason="")  # fmt: skip


def insert_once(store: Store) -> Any:
    """An insert into delivery that passes over a key already owed."""
    store.memory.stirred = True
    dialect = postgresql if store.on_postgres else sqlite
    return dialect.insert(delivery).on_conflict_do_nothing(index_elements=["key"])


def plan(store: Store, key: str, account_id: int, kind: str, body: dict[str, Any], now: datetime, *,
         not_before: datetime | None = None, expires_at: datetime | None = None, round_id: int | None = None) -> None:  # fmt: skip
    """Owe one message to one account. Planning the same key again changes nothing."""
    owner = store.row(select(account.c.person_id, account.c.channel).where(account.c.id == account_id))
    assert owner is not None
    store.run(
        insert_once(store),
        {"key": key, "person_id": owner.person_id, "account_id": account_id, "channel": owner.channel, "kind": kind, "body": body,
         "priority": PRIORITY[kind], "created_at": now, "not_before": not_before or now, "expires_at": expires_at,
         "round_id": round_id},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Addressed:
    """One message of many planned together: its key, whose it is, where it goes, the reply as JSON, and when it may go at the earliest."""

    key: str
    person_id: int
    account_id: int
    channel: str
    body: dict[str, Any]
    not_before: datetime


def plan_many(store: Store, kind: str, some: Sequence[Addressed], now: datetime, *, expires_at: datetime | None = None,
              round_id: int | None = None) -> None:  # fmt: skip
    """Owe many messages in one statement. Keys already owed are passed over."""
    rows = [{"key": each.key, "person_id": each.person_id, "account_id": each.account_id, "channel": each.channel, "kind": kind,
             "body": each.body, "priority": PRIORITY[kind], "created_at": now, "not_before": each.not_before,
             "expires_at": expires_at, "round_id": round_id} for each in some]  # fmt: skip
    if rows:
        store.run(insert_once(store), rows)


def _due(channel: str, now: datetime) -> ColumnElement[bool]:
    timely = or_(delivery.c.expires_at.is_(None), delivery.c.expires_at >= now)
    return and_(
        _LIVE, delivery.c.channel == channel, delivery.c.state == "planned", delivery.c.not_before <= now, timely
    )


def is_due(store: Store, channel: str, now: datetime) -> bool:
    """Whether a channel has anything to send."""
    due = _due(channel, now)
    return store.row(select(delivery.c.id).where(due).limit(1)) is not None


def claim(store: Store, channel: str, most: int, now: datetime) -> list[Claimed]:
    """At most `most` due deliveries of a channel, most urgent first, now `sending` under a lease."""
    due = _due(channel, now)
    chosen = select(delivery.c.id).where(due).order_by(delivery.c.priority, delivery.c.id).limit(most)
    if store.on_postgres:
        chosen = chosen.with_for_update(skip_locked=True)
    numbers = [row.id for row in store.rows(chosen)]
    if not numbers:
        return []
    store.run(
        update(delivery)
        .where(delivery.c.id.in_(numbers))
        .values(state="sending", lease_until=now + LEASE, tries=delivery.c.tries + 1)
    )
    found = store.rows(
        select(delivery, account.c.address).join(account, account.c.id == delivery.c.account_id).where(delivery.c.id.in_(numbers))
        .order_by(delivery.c.priority, delivery.c.id)
    )  # fmt: skip
    return [
        Claimed(r.id, r.account_id, r.address, r.kind, r.body, bool(r.copy), r.person_id, r.round_id) for r in found
    ]


def settle(store: Store, number: int, state: str, now: datetime, *, platform_id: str = "", reason: str = "",
           not_before: datetime | None = None) -> bool:  # fmt: skip
    """What became of a claimed delivery: sent, failed, uncertain, or retry (planned again at `not_before`). False if that was known."""
    values: dict[str, Any] = {"lease_until": None, "reason": reason}
    if state == "retry":
        values |= {"state": "planned", "not_before": not_before or now}
    elif state == "sent":
        values |= {"state": "sent", "sent_at": now, "platform_id": platform_id}
    else:
        values |= {"state": state}
        if state == "uncertain":
            values["not_before"] = now
    which = delivery.c.id == number, delivery.c.state.in_(("sending", "planned", "uncertain"))
    return store.run(update(delivery).where(*which).values(**values)).rowcount > 0


def owed_as(store: Store, number: int) -> Row[Any]:
    """A delivery as it was planned. Raises KeyError."""
    found = store.row(select(delivery).where(delivery.c.id == number))
    if found is None:
        raise KeyError(number)
    return found


def tried(store: Store, key: str, via: str) -> set[int]:
    """The accounts to which a message was ever owed, under its key or under those that go on with `via`."""
    which = or_(delivery.c.key == key, delivery.c.key.startswith(f"{key}{via}", autoescape=True))
    return {row.account_id for row in store.rows(select(delivery.c.account_id).where(which))}


def sweep(store: Store, now: datetime) -> None:
    """What nobody settled becomes `uncertain`; an uncertain card is sent once more, marked as a copy; what expired is cancelled."""
    store.run(
        update(delivery).where(_LIVE, delivery.c.state == "sending", delivery.c.lease_until < now)
        .values(state="uncertain", lease_until=None, reason="lease_ran_out", not_before=now)
    )  # fmt: skip
    store.run(
        update(delivery).where(_LIVE, delivery.c.state == "uncertain", delivery.c.kind.in_(WORTH_A_COPY), delivery.c.copy.is_(False),
                               delivery.c.not_before < now - RESEND_AFTER)
        .values(state="planned", copy=True, not_before=now)
    )  # fmt: skip
    store.run(
        update(delivery)
        .where(_LIVE, delivery.c.state == "planned", delivery.c.expires_at < now)
        .values(state="cancelled", reason="expired")
    )


def cancel(store: Store, round_id: int, kinds: Sequence[str], person_id: int | None = None) -> None:
    """Cancel what is still planned of a round (for one person, or all)."""
    if person_id is not None:
        for kind in kinds:
            store.hot(_CANCEL_ONE, whose=person_id, of=round_id, sort=kind)
        return
    which = (delivery.c.round_id == round_id, delivery.c.kind.in_(kinds), delivery.c.state == "planned")
    store.run(update(delivery).where(*which).values(state="cancelled", reason="done"))


def touches_since(store: Store, since: datetime) -> dict[int, int]:
    """How many messages that cost a touch go, or went, to each person from then on (cancelled ones do not count)."""
    counted = and_(
        delivery.c.not_before >= since, delivery.c.kind.in_(TOUCHES), delivery.c.state.not_in(("cancelled", "failed"))
    )
    found = store.rows(
        select(delivery.c.person_id, func.count().label("touches")).where(counted).group_by(delivery.c.person_id)
    )
    return {row.person_id: row.touches for row in found}


def owed_to(store: Store, prefix: str, round_id: int | None = None) -> set[int]:
    """Whose deliveries have keys that begin with `prefix` (of a round, where they name one)."""
    which = [delivery.c.key.startswith(prefix, autoescape=True)]
    if round_id is not None:
        which.append(delivery.c.round_id == round_id)
    return {row.person_id for row in store.rows(select(delivery.c.person_id).where(*which))}


def for_account(store: Store, account_id: int, after: int, now: datetime, most: int = 50) -> Sequence[Row[Any]]:
    """Deliveries due to one (web) account with numbers above `after`, oldest first, without the cancelled ones."""
    which = and_(
        delivery.c.account_id == account_id,
        delivery.c.id > after,
        delivery.c.state != "cancelled",
        delivery.c.not_before <= now,
    )
    return store.rows(select(delivery).where(which).order_by(delivery.c.id).limit(most))


def newest_for(store: Store, account_id: int, most: int, now: datetime) -> Sequence[Row[Any]]:
    """The newest deliveries due to one account, without the cancelled ones."""
    which = and_(delivery.c.account_id == account_id, delivery.c.state != "cancelled", delivery.c.not_before <= now)
    return store.rows(select(delivery).where(which).order_by(delivery.c.id.desc()).limit(most))


def mark_sent(store: Store, round_id: int, now: datetime) -> None:
    """Everything still planned of a round counts as sent: for a past that is only played."""
    which = and_(delivery.c.round_id == round_id, delivery.c.state == "planned")
    store.run(update(delivery).where(which).values(state="sent", sent_at=now))


def account_of(store: Store, number: int) -> int:
    """The account a delivery is owed to. Raises KeyError."""
    found = store.value(select(delivery.c.account_id).where(delivery.c.id == number))
    if found is None:
        raise KeyError(number)
    return int(found)
