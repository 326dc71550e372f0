"""Accounts and web sessions: from a platform's address to the person behind it, on the answer path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, insert, select, tuple_, update

from quizzes.people import Account, Person, Role, RoleName
from storage.columns import instant, micros
from storage.database import Hot, Store
from storage.tables import account, attempt, conversation, delivery, enrolment, person, role, session

_PERSON = [person.c.id, person.c.name, person.c.staff_no, person.c.phone, person.c.category, person.c.rank, person.c.leadership,
           person.c.enforcement, person.c.language]  # fmt: skip
_ACCOUNT = [
    account.c.id.label("account_id"),
    account.c.channel,
    account.c.address,
    account.c.bound_at,
    account.c.unreachable,
]

_BY_ADDRESS = Hot(
    select(*_ACCOUNT, *_PERSON)
    .join_from(account, person, account.c.person_id == person.c.id)
    .where(
        account.c.channel == bindparam("channel"),
        account.c.address == bindparam("address"),
        account.c.ended_at.is_(None),
    )
)
_BY_SESSION = Hot(
    select(*_ACCOUNT, *_PERSON)
    .join_from(session, account, session.c.account_id == account.c.id)
    .join(person, account.c.person_id == person.c.id)
    .where(
        session.c.secret_hash == bindparam("secret_hash"),
        session.c.revoked_at.is_(None),
        session.c.expires_at > bindparam("now"),
        account.c.ended_at.is_(None),
    )
)
_ROLES = Hot(
    select(role.c.name, role.c.unit_id).where(role.c.person_id == bindparam("person_id"), role.c.revoked_at.is_(None))
)
SESSION_PREFIX = "s:"


def behind(store: Store, channel: str, address: str, now: datetime) -> tuple[Account, Person] | None:
    """The live account at an address and its person, or None. A web address "s:<sha256>" is looked up as a session."""
    if channel == "web" and address.startswith(SESSION_PREFIX):
        found = store.hot(_BY_SESSION, secret_hash=address[len(SESSION_PREFIX) :], now=micros(now)).first()
    else:
        found = store.hot(_BY_ADDRESS, channel=channel, address=address).first()
    return None if found is None else _both(found)


def _both(found: Row[Any]) -> tuple[Account, Person]:
    owner = Person(found.id, found.name, found.staff_no, found.phone, found.category, found.rank, bool(found.leadership),
                   bool(found.enforcement), None, found.language)  # fmt: skip
    return Account(
        found.account_id, owner.id, found.channel, found.address, instant(found.bound_at), found.unreachable
    ), owner


def roles_of(store: Store, person_id: int) -> tuple[Role, ...]:
    """The roles in force, without the cadre that everybody is."""
    return tuple(Role(RoleName(found.name), found.unit_id) for found in store.hot(_ROLES, person_id=person_id))


def bind(store: Store, person_id: int, channel: str, address: str, now: datetime) -> int:
    """Bind an address to a person and give the account's number. An address bound to somebody else must have been ended first;
    the person's own live binding is returned as it is."""
    found = store.row(
        select(account.c.id, account.c.person_id).where(
            account.c.channel == channel, account.c.address == address, account.c.ended_at.is_(None)
        )
    )
    if found is not None:
        if found.person_id != person_id:
            raise ValueError("the address is bound to somebody else")
        return int(found.id)
    values = {"person_id": person_id, "channel": channel, "address": address, "bound_at": now}
    return store.new_id(insert(account), values)


def bound_before(store: Store, channel: str, address: str) -> bool:
    """Whether an address was ever anybody's."""
    return (
        store.value(select(account.c.id).where(account.c.channel == channel, account.c.address == address).limit(1))
        is not None
    )


def open_session(
    store: Store, person_id: int, secret_hash: str, now: datetime, expires_at: datetime, purpose: str = ""
) -> int:
    """A web session for the person's one web account, which is made on first use; gives the account's number. `purpose` "seat":
    on a device that others use too, ended at 交卷."""
    account_id = bind(store, person_id, "web", f"p{person_id}", now)
    store.run(delete(session).where(session.c.secret_hash == secret_hash))
    store.run(
        insert(session),
        {
            "secret_hash": secret_hash,
            "account_id": account_id,
            "created_at": now,
            "expires_at": expires_at,
            "purpose": purpose,
        },
    )
    return account_id


def leave_seats(store: Store, person_id: int, now: datetime) -> None:
    """Sign a person out of every device that others use too; their own browsers stay as they are."""
    mine = select(account.c.id).where(account.c.person_id == person_id)
    seats = session.c.purpose == "seat", session.c.revoked_at.is_(None), session.c.account_id.in_(mine)
    store.run(update(session).where(*seats).values(revoked_at=now))


def session_purpose(store: Store, address: str) -> str:
    """What the session behind a web address was opened for; "" for none and for a browser of one's own."""
    secret_hash = address.removeprefix(SESSION_PREFIX)
    return str(store.value(select(session.c.purpose).where(session.c.secret_hash == secret_hash)) or "")


def close_session(store: Store, secret_hash: str, now: datetime) -> None:
    """End one web session."""
    store.run(
        update(session)
        .where(session.c.secret_hash == secret_hash, session.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def language_of(store: Store, person_id: int) -> str:
    """The language in which the person reads."""
    return str(store.value(select(person.c.language).where(person.c.id == person_id)) or "zh")


def set_language(store: Store, person_id: int, language: str) -> None:
    """The language in which the person reads."""
    store.run(update(person).where(person.c.id == person_id).values(language=language))


def quiet_now(store: Store, hour: int) -> set[int]:
    """People who asked for quiet at this hour of the day (0 to 23); a span may pass midnight."""
    spans = store.rows(
        select(person.c.id, person.c.quiet_from, person.c.quiet_to).where(person.c.quiet_from.is_not(None))
    )
    return {r.id for r in spans if (hour - r.quiet_from) % 24 < (r.quiet_to - r.quiet_from) % 24}


def set_reachable(store: Store, account_id: int, reason: str, now: datetime) -> None:
    """Mark an account as unreachable for a reason, or ("") reachable again."""
    store.run(
        update(account)
        .where(account.c.id == account_id)
        .values(unreachable=reason, unreachable_at=now if reason else None)
    )


def mark(store: Store, account_ids: Sequence[int], reason: str, now: datetime) -> None:
    """The same for many accounts."""
    for start in range(0, len(account_ids), 500):
        some = account.c.id.in_(account_ids[start : start + 500])
        store.run(update(account).where(some).values(unreachable=reason, unreachable_at=now if reason else None))


def prefer(store: Store, account_id: int) -> None:
    """From now on write to the owner of this account there rather than on their others."""
    owner = select(account.c.person_id).where(account.c.id == account_id).scalar_subquery()
    store.run(update(account).where(account.c.person_id == owner).values(preferred=account.c.id == account_id))


def end(store: Store, account_id: int, now: datetime) -> None:
    """Unbind an account: its sessions end with it, and what was still planned for it is not sent."""
    store.run(update(account).where(account.c.id == account_id, account.c.ended_at.is_(None)).values(ended_at=now))
    store.run(
        update(session).where(session.c.account_id == account_id, session.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    planned = (delivery.c.account_id == account_id, delivery.c.state == "planned")
    store.run(update(delivery).where(*planned).values(state="cancelled", reason="unbound"))


def of_person(store: Store, person_id: int) -> list[Account]:
    """The live accounts of a person, oldest first."""
    return _live(store, account.c.person_id == person_id)


def on_channel(store: Store, channel: str) -> list[Account]:
    """Everybody's live accounts on a channel, oldest first."""
    return _live(store, account.c.channel == channel)


def _live(store: Store, which: ColumnElement[bool]) -> list[Account]:
    query = select(
        account.c.id,
        account.c.person_id,
        account.c.channel,
        account.c.address,
        account.c.bound_at,
        account.c.unreachable,
    )
    found = store.rows(query.where(which, account.c.ended_at.is_(None)).order_by(account.c.id))
    return [Account(*tuple(row)) for row in found]


def reachable_accounts(store: Store, person_ids: Sequence[int] | None = None) -> dict[int, tuple[int, str]]:
    """Where to write to each person: the (account, channel) preferred by the person, else the newest that is not the web, else
    the web. People without a live, reachable account are left out. `person_ids` None: everybody."""
    query = select(account.c.person_id, account.c.id, account.c.channel, account.c.preferred)
    live = (account.c.ended_at.is_(None), account.c.unreachable == "")
    found: dict[int, tuple[bool, bool, int, str]] = {}
    parts = (
        [None] if person_ids is None else [person_ids[start : start + 500] for start in range(0, len(person_ids), 500)]
    )
    for part in parts:
        chosen = query.where(*live) if part is None else query.where(*live, account.c.person_id.in_(part))
        for row in store.rows(chosen):
            rank = (bool(row.preferred), row.channel != "web", row.id, row.channel)
            found[row.person_id] = max(found.get(row.person_id, rank), rank)
    return {person_id: (rank[2], rank[3]) for person_id, rank in found.items()}


def ways(store: Store, person_id: int) -> list[tuple[int, str]]:
    """Every (account, channel) at which one person can be reached, in the order of `reachable_accounts`."""
    query = select(account.c.id, account.c.channel, account.c.preferred)
    found = store.rows(
        query.where(account.c.person_id == person_id, account.c.ended_at.is_(None), account.c.unreachable == "")
    )
    ordered = sorted(found, key=lambda row: (bool(row.preferred), row.channel != "web", row.id), reverse=True)
    return [(row.id, row.channel) for row in ordered]


def lock_people(store: Store, accounts: Sequence[tuple[str, str]]) -> None:
    """PostgreSQL: lock the rows of the people behind these addresses, in one statement, ordered by number. The lock still lets
    others refer to these people in new rows (a delivery to them), which a plain FOR UPDATE would make wait."""
    sessions = [
        address[len(SESSION_PREFIX) :]
        for channel, address in accounts
        if channel == "web" and address.startswith(SESSION_PREFIX)
    ]
    plain = [pair for pair in accounts if not (pair[0] == "web" and pair[1].startswith(SESSION_PREFIX))]
    owners = select(account.c.person_id).where(
        tuple_(account.c.channel, account.c.address).in_(plain), account.c.ended_at.is_(None)
    )
    via = (
        select(account.c.person_id)
        .join(session, session.c.account_id == account.c.id)
        .where(session.c.secret_hash.in_(sessions))
    )
    store.run(
        select(person.c.id)
        .where(person.c.id.in_(owners.union_all(via)))
        .order_by(person.c.id)
        .with_for_update(key_share=True)
    )


def lock_sitters(store: Store, *, attempts: Sequence[int] = (), enrolments: Sequence[int] = ()) -> None:
    """PostgreSQL: the same for the people behind these sittings or lines of a roster, before anybody but themselves counts what they
    handed in: an answer of theirs that is being recorded in another process is waited for, and the next waits."""
    if not store.on_postgres:
        return
    who = select(enrolment.c.person_id).outerjoin(attempt, attempt.c.enrolment_id == enrolment.c.id)
    theirs = who.where(attempt.c.id.in_(attempts) | enrolment.c.id.in_(enrolments))
    store.run(select(person.c.id).where(person.c.id.in_(theirs)).order_by(person.c.id).with_for_update(key_share=True))


# Where a person is in a conversation. ----------------------------------------------------------------------------------

_TOPIC = Hot(
    select(conversation.c.topic, conversation.c.data).where(conversation.c.account_key == bindparam("account_key"))
)


def topic_of(store: Store, account_key: str) -> tuple[str, str] | None:
    """(topic, data as JSON text) of the conversation at "channel:address", or None."""
    found = store.hot(_TOPIC, account_key=account_key).first()
    return None if found is None else (found.topic, found.data)


def set_topic(store: Store, account_key: str, topic: str, data: dict[str, Any], now: datetime) -> None:
    """Begin or continue a conversation."""
    clear_topic(store, account_key)
    store.run(insert(conversation), {"account_key": account_key, "topic": topic, "data": data, "at": now})


def clear_topic(store: Store, account_key: str) -> None:
    """End the conversation."""
    store.run(conversation.delete().where(conversation.c.account_key == account_key))
