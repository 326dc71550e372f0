"""总账: the one writer. Turns queue into one thread, which runs what waits as one transaction and answers after its commit."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import InvalidStateError as AlreadyDone
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from storage.database import CommitUnknown, Database, Store, TransactionLost

T = TypeVar("T")
SQLITE_BATCH = 256
POSTGRES_BATCH = 20
TRIES = 5
PAUSE = 0.01
"""Seconds before the first repetition: whoever won a deadlock needs the lock that the loser has just given back."""
_DEADLOCK, _NOT_SERIALISED = "40P01", "40001"
_SQLITE_BUSY = 5
log = structlog.get_logger()


class NotRecorded(Exception):
    """The transaction did not commit: nothing of the entry is on disk, and nobody may be told otherwise. (One exception: `cause`
    "CommitUnknown" says that PostgreSQL went away during COMMIT; it may be on disk, so the same key may safely come again.)"""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Closed(Exception):
    """The ledger takes no more entries: the process is stopping."""


@dataclass(slots=True)
class Entry:
    """One turn in the queue. `run` does the work and may be run again: only its last run counts. If it raises, `failed` (in a
    fresh savepoint) makes the quarantine row and the answer. `account` is the (channel, address) whose person's row is locked
    first on PostgreSQL; `alone`: never share a transaction."""

    run: Callable[[Store], Any]
    failed: Callable[[Store, Exception], Any] | None = None
    account: tuple[str, str] | None = None
    alone: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    waiter: Any = field(default_factory=Future)


Outcome = tuple[Entry, Any, Exception | None]


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
        self._gate = threading.Lock()
        self._open = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the writer thread."""
        self._open = True
        self._thread = threading.Thread(target=self._serve, name="ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more, write what waits, and end the thread."""
        with self._gate:
            self._open = False
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    @property
    def waiting(self) -> int:
        """How many entries are in the queue, about; for refusing before it grows without end."""
        return self._queue.qsize()

    def write(self, run: Callable[[Store], T], *, alone: bool = True) -> T:
        """Run one piece of work as a turn and wait for its commit. For threads other than the event loop's and the ledger's own.
        Raises what `run` raised, NotRecorded, or Closed."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a turn cannot wait for another turn")
        return self.put(Entry(run, alone=alone)).result()  # type: ignore[no-any-return]

    def put(self, entry: Entry) -> Future[Any]:
        """Queue an entry; its future resolves after the commit. Raises Closed."""
        with self._gate:
            if not self._open:
                raise Closed
            self._queue.put(entry)
        return entry.waiter  # type: ignore[no-any-return]

    async def hop(self, run: Callable[[Store], T], *, failed: Callable[[Store, Exception], Any] | None = None,
                  account: tuple[str, str] | None = None, alone: bool = False) -> T:  # fmt: skip
        """The one hop from the event loop to the writer: queue, and wait for the commit. Raises what `run` raised (unless `failed`
        answered for it), NotRecorded, or Closed."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        entry = Entry(run, failed, account, alone, loop, waiter)
        with self._gate:
            if not self._open:
                raise Closed
            self._queue.put(entry)
        return await waiter

    # The writer thread. ------------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while (batch := self._next()) is not None:
            outcomes = self._record(batch)
            _answer(outcomes)
            if self._after_commit is not None and any(error is None for _, _, error in outcomes):
                try:
                    self._after_commit()
                except Exception:
                    log.exception("after_commit_failed")

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
            if entry is None:
                self._queue.put(None)
                break
            if entry.alone:
                self._held = entry
                break
            batch.append(entry)
        return batch

    def _record(self, batch: list[Entry]) -> list[Outcome]:
        """One transaction for the batch. What passes (a deadlock, a lost connection, a lock held elsewhere) is tried again; if a
        turn raises, all are replayed under savepoints; if even so one takes the transaction down, each has its own."""
        guarded, tries = False, 0
        while True:
            try:
                return self._transaction(batch, self._guarded if guarded else self._bare)
            except BaseException as error:
                tries += 1
                if _passes(error) and tries < TRIES:
                    time.sleep(PAUSE * tries)
                    continue
                if not guarded and not isinstance(error, CommitUnknown):
                    guarded = True
                    continue
                if isinstance(error, TransactionLost) and len(batch) > 1:
                    return [outcome for entry in batch for outcome in self._record([entry])]
                said = (str(error).splitlines() or [""])[
                    0
                ]  # further lines of a database's error may hold people's data
                log.error("batch_not_recorded", entries=len(batch), error=type(error).__name__, said=said)  # noqa: TRY400
                return [(entry, None, NotRecorded(type(error).__name__)) for entry in batch]

    def _transaction(self, batch: list[Entry], each: Callable[[Store, Entry], Outcome]) -> list[Outcome]:
        with self._database.writing() as store:
            if self._lock_people is not None:
                accounts = [entry.account for entry in batch if entry.account is not None]
                if accounts:
                    self._lock_people(store, accounts)
            return [each(store, entry) for entry in batch]

    def _bare(self, store: Store, entry: Entry) -> Outcome:
        result = entry.run(store)
        if not store.whole:
            raise TransactionLost
        return entry, result, None

    def _guarded(self, store: Store, entry: Entry) -> Outcome:
        try:
            return entry, _in_savepoint(store, entry.run), None
        except TransactionLost:
            raise
        except BaseException as error:
            if _passes(error):
                raise
            cause = error if isinstance(error, Exception) else RuntimeError(repr(error))
        return self._quarantined(store, entry, cause)

    def _quarantined(self, store: Store, entry: Entry, cause: Exception) -> Outcome:
        store.memory.forget()
        failed = entry.failed
        if failed is None:
            return entry, None, cause
        try:
            return entry, _in_savepoint(store, lambda inner: failed(inner, cause)), None
        except TransactionLost:
            raise
        except Exception as error:
            if _passes(error):
                raise
            log.exception("quarantine_failed")
            return entry, None, NotRecorded(type(cause).__name__)


def _in_savepoint(store: Store, run: Callable[[Store], T]) -> T:
    """Run and keep, or undo and raise. Raises TransactionLost if the database has undone more than this turn."""
    store.plain("SAVEPOINT turn")
    try:
        result = run(store)
        store.plain("RELEASE SAVEPOINT turn")
        return result
    except BaseException as error:
        if not _passes(error):
            try:
                store.plain("ROLLBACK TO SAVEPOINT turn")
                store.plain("RELEASE SAVEPOINT turn")
            except DBAPIError as lost:
                raise TransactionLost from lost
        raise


def _passes(error: BaseException) -> bool:
    """Whether the same turns may well be recorded if tried again."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return (
        error.connection_invalidated
        or code == _SQLITE_BUSY
        or getattr(error.orig, "sqlstate", None) in (_DEADLOCK, _NOT_SERIALISED)
    )


def _answer(outcomes: list[Outcome]) -> None:
    """Resolve the waiters: threads' futures at once, each event loop's in one call."""
    loops = {outcome[0].loop for outcome in outcomes}
    for loop in loops:
        some = outcomes if len(loops) == 1 else [outcome for outcome in outcomes if outcome[0].loop is loop]
        if loop is None:
            _resolve(some)
            continue
        try:
            loop.call_soon_threadsafe(_resolve, some)
        except RuntimeError:
            log.warning("nobody_waits", entries=len(some))


def _resolve(outcomes: list[Outcome]) -> None:
    for entry, result, error in outcomes:
        waiter = entry.waiter
        if waiter.done():
            continue
        try:
            if error is None:
                waiter.set_result(result)
            else:
                waiter.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)
        except AlreadyDone:  # a thread gave up waiting in this very moment
            continue
