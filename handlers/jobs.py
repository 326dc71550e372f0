"""The kinds of long work, and running one: read on a snapshot, then say the result as a turn of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog

from handlers import codec
from handlers.messages import Reply
from handlers.turns import Deployment
from handlers.words import say
from storage import accounts, deliveries, jobs
from storage.database import Database, Store
from storage.jobs import Job

T = TypeVar("T")
Write = Callable[[Callable[[Store], T]], T]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Work:
    """What a job's function is given: the job, the deployment, the time, the language of who asked, a snapshot to read, and
    `write`, which runs one chunk of writing as a turn."""

    job: Job
    house: Deployment
    now: datetime
    language: str
    store: Store
    write: Callable[[Callable[[Store], object]], object]

    def say(self, key: str, /, **values: object) -> str:
        """A sentence in the language of who asked."""
        return say(self.language, key, **values)


Worker = Callable[[Work], list[Reply]]


def run_next(database: Database, write: Callable[[Callable[[Store], T]], T], kinds: Mapping[str, Worker], house: Deployment,
             now: datetime) -> bool:  # fmt: skip
    """Lease one job and run it; its replies become deliveries to the account that asked. False if nothing waited."""
    job: Job | None = write(lambda store: _next(store, now))  # type: ignore[assignment,arg-type,return-value]
    if job is None:
        return False
    error, language = "", "zh"
    try:
        with database.reading() as store:
            language = accounts.language_of(store, job.person_id) if job.person_id else "zh"
            replies = kinds[job.kind](Work(job, house, now, language, store, write))  # type: ignore[arg-type]
    except Exception as problem:
        log.exception("job_failed", job=job.id, kind=job.kind)
        error, replies = type(problem).__name__, [_failed(language, job)]
    write(lambda store: _end(store, job, replies, error, now))  # type: ignore[arg-type,return-value]
    return True


def _next(store: Store, now: datetime) -> Job | None:
    """The next job; who asked for one that three workers died of hears that it came to nothing."""
    for gone in jobs.given_up(store, now):
        log.error("job_given_up", job=gone.id, kind=gone.kind)
        language = accounts.language_of(store, gone.person_id) if gone.person_id else "zh"
        _end(store, gone, [_failed(language, gone)], "gave up after three tries", now)
    return jobs.lease(store, now)


def _failed(language: str, job: Job) -> Reply:
    return Reply(say(language, "errors.job_failed", number=job.id))


def _end(store: Store, job: Job, replies: list[Reply], error: str, now: datetime) -> None:
    jobs.end(store, job.id, now, error=error)
    if job.account_id is None or job.person_id is None:
        return
    for number, reply in enumerate(replies):
        body = codec.to_json(store, reply, job.person_id, now)
        deliveries.plan(store, f"job:{job.id}:{number}", job.account_id, "answer", body, now)
