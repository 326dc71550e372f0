"""任务: long work that a turn only records. A worker leases it, runs it beside the ledger, and writes its end as a turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from storage.database import Store
from storage.tables import job

LEASE = timedelta(seconds=60)
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work, and the account that asked for it."""

    id: int
    kind: str
    params: dict[str, Any]
    person_id: int | None
    account_id: int | None


def add(
    store: Store, kind: str, params: dict[str, Any], *, person_id: int | None, account_id: int | None, now: datetime
) -> int:
    """Record a job and give its number."""
    values = {"kind": kind, "params": params, "person_id": person_id, "account_id": account_id, "created_at": now}
    return store.new_id(insert(job), values)


def lease(store: Store, now: datetime) -> Job | None:
    """The next job that waits or whose worker died fewer than three times, now ours for a minute."""
    again = and_(job.c.state == "running", job.c.lease_until < now, job.c.tries < MOST_TRIES)
    query = select(job).where(or_(job.c.state == "waiting", again))
    if store.on_postgres:
        query = query.with_for_update(skip_locked=True)
    found = store.row(query.order_by(job.c.id).limit(1))
    if found is None:
        return None
    store.run(
        update(job).where(job.c.id == found.id).values(state="running", lease_until=now + LEASE, tries=found.tries + 1)
    )
    return Job(found.id, found.kind, found.params, found.person_id, found.account_id)


def under_way(store: Store, kind: str, person_id: int) -> bool:
    """Whether a person has asked for a job of this kind that has not ended."""
    which = job.c.kind == kind, job.c.person_id == person_id, job.c.state.in_(("waiting", "running"))
    return store.value(select(job.c.id).where(*which).limit(1)) is not None


def given_up(store: Store, now: datetime) -> list[Job]:
    """The jobs that three workers died of; nobody runs them again."""
    which = job.c.state == "running", job.c.lease_until < now, job.c.tries >= MOST_TRIES
    return [Job(r.id, r.kind, r.params, r.person_id, r.account_id) for r in store.rows(select(job).where(*which))]


def progress(store: Store, job_id: int, done: int, total: int, now: datetime) -> None:
    """How far a job is; renews its lease."""
    store.run(update(job).where(job.c.id == job_id).values(done=done, total=total, lease_until=now + LEASE))


def end(store: Store, job_id: int, now: datetime, *, result: Any = None, error: str = "") -> None:
    """A job is done (or, with `error`, failed). Without `result` a result saved before stays."""
    saved = {} if result is None else {"result": result}
    store.run(
        update(job)
        .where(job.c.id == job_id)
        .values(state="failed" if error else "done", error=error, ended_at=now, **saved)
    )


def save_result(store: Store, job_id: int, result: Any) -> None:
    """Keep what a job found (None: forget it), for a later turn to act on."""
    store.run(update(job).where(job.c.id == job_id).values(result=result))


def owner(store: Store, job_id: int, kind: str) -> int | None:
    """Who asked for a job of this kind. Raises KeyError for a number that is none."""
    found = store.row(select(job.c.person_id).where(job.c.id == job_id, job.c.kind == kind))
    if found is None:
        raise KeyError(job_id)
    return None if found.person_id is None else int(found.person_id)


def params_of(store: Store, job_id: int, kind: str) -> dict[str, Any]:
    """What a job of this kind was given. Raises KeyError for a number that is none."""
    found = store.row(select(job.c.params).where(job.c.id == job_id, job.c.kind == kind))
    if found is None:
        raise KeyError(job_id)
    return dict(found.params)


def result_of(store: Store, job_id: int) -> tuple[str, Any]:
    """(state, result). Raises KeyError."""
    found = store.row(select(job.c.state, job.c.result).where(job.c.id == job_id))
    if found is None:
        raise KeyError(job_id)
    return found.state, found.result
