"""Invitations and one-time login links: only the digest of a token is stored, and a token works once, for a time, for one person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, insert, select, update

from storage.database import Store
from storage.people import Placed, placed
from storage.tables import account, invitation

BIND, ENTER = "bind", "enter"
BIND_FOR, ENTER_FOR = timedelta(days=14), timedelta(minutes=10)
MOST_WRONG = 3


@dataclass(frozen=True, slots=True)
class Invitation:
    """One token's row. `state`: open, used, locked, expired or revoked (a newer one was made)."""

    id: int
    person_id: int
    created_by: int | None
    state: str
    tries_left: int


def digest(token: str) -> str:
    """What is stored of a token. A token has at least 96 random bits, so a plain digest gives nothing away."""
    return hashlib.sha256(token.encode()).hexdigest()


def make(
    store: Store, tokens: Sequence[tuple[str, int]], purpose: str, by: int | None, now: datetime, valid: timedelta
) -> None:
    """One invitation per (token, person_id); the person's earlier ones of the same purpose are revoked."""
    if not tokens:
        return
    revoke(store, [person_id for _, person_id in tokens], purpose, now)
    rows = [{"token_hash": digest(token), "person_id": person_id, "purpose": purpose, "created_at": now, "created_by": by,
             "expires_at": now + valid} for token, person_id in tokens]  # fmt: skip
    store.run(insert(invitation), rows)


def revoke(store: Store, person_ids: Iterable[int], purpose: str, now: datetime) -> None:
    """End the unused tokens of these people."""
    unused = (invitation.c.used_at.is_(None), invitation.c.revoked_at.is_(None), invitation.c.purpose == purpose)
    chosen = invitation.c.person_id.in_(sorted(set(person_ids)))
    store.run(update(invitation).where(chosen, *unused).values(revoked_at=now))


def find(store: Store, token: str, purpose: str, now: datetime) -> Invitation | None:
    """The invitation behind a token, or None for a token that is nobody's. Reading consumes nothing."""
    return _one(
        store, select(invitation).where(invitation.c.token_hash == digest(token), invitation.c.purpose == purpose), now
    )


def hold(store: Store, invitation_id: int, now: datetime) -> Invitation:
    """The invitation of this number, locked on PostgreSQL so that guesses are counted one after another. Raises KeyError."""
    query = select(invitation).where(invitation.c.id == invitation_id)
    found = _one(store, query.with_for_update() if store.on_postgres else query, now)
    if found is None:
        raise KeyError(invitation_id)
    return found


def _one(store: Store, query: Select[Any], now: datetime) -> Invitation | None:
    found = store.row(query)
    if found is None:
        return None
    return Invitation(found.id, found.person_id, found.created_by, _state(found, now), max(MOST_WRONG - found.wrong, 0))


def _state(found: Any, now: datetime) -> str:
    if found.used_at is not None:
        return "used"
    if found.locked_at is not None:
        return "locked"
    if found.revoked_at is not None:
        return "revoked"
    return "expired" if found.expires_at <= now else "open"


def use(store: Store, invitation_id: int, now: datetime) -> bool:
    """Consume an open invitation. False if it was not open any more."""
    still = (invitation.c.used_at.is_(None), invitation.c.locked_at.is_(None), invitation.c.revoked_at.is_(None))
    done = store.run(
        update(invitation)
        .where(invitation.c.id == invitation_id, *still, invitation.c.expires_at > now)
        .values(used_at=now)
    )
    return done.rowcount > 0


def count_wrong(store: Store, found: Invitation, now: datetime) -> int:
    """Record one wrong confirmation and give the tries left; at none the invitation is locked."""
    left = max(found.tries_left - 1, 0)
    values: dict[str, Any] = {"wrong": MOST_WRONG - left}
    store.run(
        update(invitation).where(invitation.c.id == found.id).values(**values, **({} if left else {"locked_at": now}))
    )
    return left


def unbound(store: Store, day: date, within: Iterable[int] | None = None) -> list[Placed]:
    """People in a posting on `day` (of these units, or all) without a live account on any channel."""
    bound = {
        row.person_id for row in store.rows(select(account.c.person_id).where(account.c.ended_at.is_(None)).distinct())
    }
    return [who for who in placed(store, day, within=within) if who.id not in bound]


def waiting(store: Store, person_ids: Iterable[int], now: datetime) -> set[int]:
    """Which of these people hold an invitation that could still be used."""
    wanted = set(person_ids)
    open_ = (invitation.c.used_at.is_(None), invitation.c.locked_at.is_(None), invitation.c.revoked_at.is_(None))
    live = select(invitation.c.person_id).where(invitation.c.purpose == BIND, *open_, invitation.c.expires_at > now)
    return {row.person_id for row in store.rows(live)} & wanted


def locked(store: Store, now: datetime) -> list[int]:
    """People whose latest invitation was locked by wrong confirmations and not replaced or used since."""
    query = select(invitation.c.person_id, invitation.c.locked_at, invitation.c.expires_at).where(
        invitation.c.purpose == BIND
    )
    latest: dict[int, Any] = {row.person_id: row for row in store.rows(query.order_by(invitation.c.id))}
    return [number for number, row in latest.items() if row.locked_at is not None and row.expires_at > now]
