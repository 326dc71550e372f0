"""总账: the one writer. Turns queue into one thread, which runs what waits as one transaction and answers after its commit."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from storage.database import Database, Store

T = TypeVar("T")
SQLITE_BATCH = 200
POSTGRES_BATCH = 20
DEADLOCK_TRIES = 5
log = structlog.get_logger()


class NotRecorded(Exception):
    """The transaction did not commit: nothing of the entry is on disk, and nobody may be told otherwise."""


class Closed(Exception):
    """The ledger takes no more entries: the process is stopping."""


@dataclass(slots=True)
class Entry:
    """One turn in the queue. `run` does the work; if it raises, `failed` (in a fresh savepoint) makes the quarantine row and the
    answer. `account` is the (channel, address) whose person's row is locked first on PostgreSQL; `alone`: never share a batch."""

    run: Callable[[Store], Any]
    failed: Callable[[Store, Exception], Any] | None = None
    account: tuple[str, str] | None = None
    alone: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    waiter: Any = field(default_factory=Future)


Outcome = tuple[Entry, Any, BaseException | None]


class Ledger:
    """The writer thread. `lock_people(store, accounts)` takes the row locks of a batch in one statement, ordered by id;
    `after_commit()` is called in the writer thread when a batch is on disk."""

    def __init__(
        self,
        database: Database,
        *,
        lock_people: Callable[[Store, Sequence[tuple[str, str]]], None] | None = None,
        after_commit: Callable[[], None] | None = None,
    ) -> None:
        self._database = database
        self._lock_people = lock_people if database.on_postgres else None
        self._after_commit = after_commit
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._most = POSTGRES_BATCH if database.on_postgres else SQLITE_BATCH
        self._held: Entry | None = None
        self._open = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the writer thread."""
        self._open = True
        self._thread = threading.Thread(target=self._serve, name="ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more, write what waits, and end the thread."""
        self._open = False
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def write(self, run: Callable[[Store], T], *, alone: bool = True) -> T:
        """Run one piece of work as a turn and wait for its commit. For threads other than the event loop's."""
        return self.put(Entry(run, alone=alone)).result()  # type: ignore[no-any-return]

    def put(self, entry: Entry) -> Future[Any]:
        """Queue an entry; its future resolves after the commit. Raises Closed."""
        if not self._open:
            raise Closed
        self._queue.put(entry)
        return entry.waiter  # type: ignore[no-any-return]

    async def hop(self, run: Callable[[Store], T], *, failed: Callable[[Store, Exception], Any] | None = None,
                  account: tuple[str, str] | None = None, alone: bool = False) -> T:  # fmt: skip
        """The one hop from the event loop to the writer: queue, and wait for the commit. Raises what `run` raised, or NotRecorded."""
        if not self._open:
            raise Closed
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        self._queue.put(Entry(run, failed, account, alone, loop, waiter))
        return await waiter

    # The writer thread. ------------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while (batch := self._next()) is not None:
            outcomes = self._record(batch)
            _answer(outcomes)
            if self._after_commit is not None and any(error is None for _, _, error in outcomes):
                self._after_commit()

    def _next(self) -> list[Entry] | None:
        """What waits now, at most a batch; never waits to fill. A lone entry comes by itself. None: the end."""
        first = self._held or self._queue.get()
        self._held = None
        if first is None:
            return None
        batch = [first]
        while not first.alone and len(batch) < self._most:
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                break
            if entry is None or (entry.alone and self._database.on_postgres):
                self._put_back(entry)
                break
            batch.append(entry)
        return batch

    def _put_back(self, entry: Entry | None) -> None:
        if entry is None:
            self._queue.put(None)
        else:
            self._held = entry

    def _record(self, batch: list[Entry]) -> list[Outcome]:
        """One transaction for the batch. A deadlock or a lost serialisation replays it; a raising turn replays it under savepoints."""
        for tries in range(1, DEADLOCK_TRIES + 1):
            try:
                return self._transaction(batch, self._bare)
            except DBAPIError as error:
                if _is_deadlock(error) and tries < DEADLOCK_TRIES:
                    continue
                return self._replay(batch)
            except Exception:
                return self._replay(batch)
        raise AssertionError("unreachable")

    def _replay(self, batch: list[Entry]) -> list[Outcome]:
        self._database.memory.forget()
        try:
            return self._transaction(batch, self._guarded)
        except Exception as error:
            log.error("batch_not_recorded", entries=len(batch), error=type(error).__name__)
            self._database.memory.forget()
            return [(entry, None, NotRecorded(type(error).__name__)) for entry in batch]

    def _transaction(self, batch: list[Entry], each: Callable[[Store, Entry], Outcome]) -> list[Outcome]:
        with self._database.writing() as store:
            if self._lock_people is not None:
                accounts = [entry.account for entry in batch if entry.account is not None]
                if accounts:
                    self._lock_people(store, accounts)
            return [each(store, entry) for entry in batch]

    def _bare(self, store: Store, entry: Entry) -> Outcome:
        return entry, entry.run(store), None

    def _guarded(self, store: Store, entry: Entry) -> Outcome:
        try:
            return entry, _in_savepoint(store, entry.run), None
        except Exception as error:
            store.memory.forget()
            if entry.failed is None:
                return entry, None, error
            failed, cause = entry.failed, error
            return entry, _in_savepoint(store, lambda inner: failed(inner, cause)), None


def _in_savepoint(store: Store, run: Callable[[Store], T]) -> T:
    store.plain("SAVEPOINT turn")
    try:
        result = run(store)
    except Exception:
        store.plain("ROLLBACK TO SAVEPOINT turn")
        store.plain("RELEASE SAVEPOINT turn")
        raise
    store.plain("RELEASE SAVEPOINT turn")
    return result


def _is_deadlock(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")


def _answer(outcomes: list[Outcome]) -> None:
    """Resolve the waiters: threads' futures at once, each event loop's in one call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        loop = outcome[0].loop
        if loop is None:
            _resolve([outcome])
        else:
            by_loop.setdefault(loop, []).append(outcome)
    for loop, some in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, some)


def _resolve(outcomes: list[Outcome]) -> None:
    for entry, result, error in outcomes:
        if entry.waiter.done():
            continue
        if error is None:
            entry.waiter.set_result(result)
        else:
            entry.waiter.set_exception(error)
