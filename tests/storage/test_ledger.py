"""The one writer: what shares a transaction, what a bad turn costs the others, and what is told when nothing could be written."""

import asyncio
import threading
from concurrent.futures import wait

import pytest
from sqlalchemy import bindparam, insert, select

from storage import tables
from storage.database import Hot
from storage.ledger import Closed, Entry, Ledger, NotRecorded

KEEP = Hot(insert(tables.keep).values({name: bindparam(name) for name in ("name", "value", "at")}))


def keeping(name):
    """A turn that keeps a name and gives its transaction, so that one can see who shared it."""

    def run(store):
        store.hot(KEEP, name=name, value="", at=0)
        return store

    return run


def names(database):
    with database.reading() as store:
        return {row.name for row in store.rows(select(tables.keep.c.name))}


class Busy:
    """Keeps the writer in a turn, so that what is put meanwhile waits together."""

    def __init__(self, ledger):
        self.begun, self.go, self._ledger = threading.Event(), threading.Event(), ledger

    def __enter__(self):
        self.future = self._ledger.put(Entry(self._wait))
        assert self.begun.wait(10)
        return self

    def __exit__(self, *_):
        self.go.set()
        wait([self.future], 10)

    def _wait(self, _store):
        self.begun.set()
        assert self.go.wait(10)


def put_together(ledger, *entries):
    """Futures of entries that wait for the writer at the same time, all done."""
    with Busy(ledger):
        futures = [ledger.put(entry) for entry in entries]
    wait(futures, 10)
    return futures


# Batches. ----------------------------------------------------------------------------------------------------------------


def test_what_waits_together_is_one_transaction_in_order(ledger, database):
    order = []

    def run(number):
        def inner(store):
            order.append(number)
            return keeping(f"k{number}")(store)

        return inner

    stores = [future.result() for future in put_together(ledger, *(Entry(run(n)) for n in range(20)))]
    assert len({id(store) for store in stores}) == 1
    assert order == list(range(20))
    assert names(database) == {f"k{n}" for n in range(20)}


def test_a_batch_is_bounded(ledger):
    most = ledger._most
    stores = [future.result() for future in put_together(ledger, *(Entry(keeping(f"k{n}")) for n in range(most + 1)))]
    assert len({id(store) for store in stores[:most]}) == 1
    assert stores[most] is not stores[0]


def test_an_entry_that_goes_alone_shares_with_nobody_and_keeps_its_place(ledger):
    entries = [
        Entry(keeping("a")),
        Entry(keeping("b")),
        Entry(keeping("c"), alone=True),
        Entry(keeping("d")),
        Entry(keeping("e")),
    ]
    a, b, c, d, e = (future.result() for future in put_together(ledger, *entries))
    assert a is b
    assert d is e
    assert len({id(a), id(c), id(d)}) == 3


def test_nobody_is_answered_before_the_commit(ledger, database):
    seen = []
    future = ledger.put(Entry(keeping("x")))
    future.add_done_callback(lambda _: seen.append(names(database)))
    future.result(10)
    ledger.write(lambda _: None)
    assert seen == [{"x"}]


def test_an_event_loop_hops_to_the_writer_and_back(ledger, database):
    async def many():
        return await asyncio.gather(*(ledger.hop(keeping(f"k{n}")) for n in range(300)))

    assert len(asyncio.run(many())) == 300
    assert len(names(database)) == 300


def test_a_commit_is_announced_once_per_batch_and_a_bad_listener_stops_nothing(database):
    told = []

    def after_commit():
        told.append(len(names(database)))
        raise ValueError

    ledger = Ledger(database, after_commit=after_commit)
    ledger.start()
    put_together(ledger, Entry(keeping("a")), Entry(keeping("b")))
    ledger.write(keeping("c"))
    ledger.stop()
    assert told == [0, 2, 3]


# Turns that go wrong. ----------------------------------------------------------------------------------------------------


def raising(error):
    def run(store):
        keeping("poison")(store)
        raise error

    return run


@pytest.mark.parametrize("error", [ValueError("bad"), StopIteration("bad"), KeyError("bad")])
def test_a_poison_turn_is_quarantined_and_the_others_are_recorded(ledger, database, error):
    def quarantine(store, cause):
        assert cause is error
        keeping("quarantine")(store)
        return "sorry"

    a, poison, b = put_together(ledger, Entry(keeping("a")), Entry(raising(error), quarantine), Entry(keeping("b")))
    assert poison.result() == "sorry"
    assert a.result() is b.result()
    assert names(database) == {"a", "b", "quarantine"}


def test_a_turn_that_breaks_a_rule_of_the_database_is_quarantined(ledger, database):
    def twice(store):
        keeping("poison")(store)
        keeping("poison")(store)

    a, poison = put_together(ledger, Entry(keeping("a")), Entry(twice, lambda store, _: keeping("quarantine")(store)))
    poison.result()
    a.result()
    assert names(database) == {"a", "quarantine"}


def test_a_turn_that_swallows_an_error_of_the_database_loses_nothing_of_others(ledger, database):
    def swallowing(store):
        keeping("poison")(store)
        with pytest.raises(Exception, match=r"(?i)unique"):
            keeping("poison")(store)

    a, swallowed = put_together(ledger, Entry(keeping("a")), Entry(swallowing))
    a.result()
    if database.on_postgres:  # the turn's own part is gone, and it is told so
        assert swallowed.exception() is not None
        assert names(database) == {"a"}
    else:
        assert names(database) == {"a", "poison"}


def test_without_a_quarantine_a_turn_raises_what_it_raised(ledger, database):
    with pytest.raises(ValueError, match="bad"):
        ledger.write(raising(ValueError("bad")))
    with pytest.raises(ValueError, match="bad"):
        asyncio.run(ledger.hop(raising(ValueError("bad"))))
    assert names(database) == set()


def test_a_quarantine_that_fails_is_not_recorded_and_costs_nobody_else(ledger, database):
    def failing(store, _cause):
        keeping("quarantine")(store)
        raise KeyError

    a, poison = put_together(ledger, Entry(keeping("a")), Entry(raising(ValueError()), failing))
    a.result()
    with pytest.raises(NotRecorded, match="ValueError"):
        poison.result()
    assert names(database) == {"a"}


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_turn_that_would_end_the_program_ends_only_itself(ledger, database, error):
    a, poison = put_together(ledger, Entry(keeping("a")), Entry(raising(error)))
    a.result()
    with pytest.raises(RuntimeError):
        poison.result()

    async def hop():
        with pytest.raises(RuntimeError):
            await ledger.hop(raising(error))
        return await ledger.hop(keeping("b"))

    asyncio.run(hop())
    assert names(database) == {"a", "b"}


def test_what_a_failed_turn_remembered_is_forgotten(ledger, database):
    def run(store):
        store.memory.rounds[1] = "never was"
        raise ValueError

    put_together(ledger, Entry(run))
    assert not database.memory.rounds


# Beginning and end. ------------------------------------------------------------------------------------------------------


def test_stopping_writes_what_waits_and_takes_no_more(database):
    ledger = Ledger(database)
    with pytest.raises(Closed):
        ledger.put(Entry(keeping("early")))
    ledger.start()
    with Busy(ledger) as busy:
        futures = [ledger.put(Entry(keeping(f"k{n}"), alone=n % 7 == 0)) for n in range(50)]
        stopping = threading.Thread(target=ledger.stop)
        stopping.start()
        busy.go.set()
        stopping.join(10)
    assert all(future.done() for future in futures)
    assert len(names(database)) == 50
    with pytest.raises(Closed):
        ledger.put(Entry(keeping("late")))
    with pytest.raises(Closed):
        asyncio.run(ledger.hop(keeping("late")))
    ledger.stop()


def test_somebody_who_no_longer_waits_stops_nobody(ledger, database):
    async def leave():
        task = asyncio.create_task(ledger.hop(keeping("a")))
        await asyncio.sleep(0)
        task.cancel()

    with Busy(ledger):
        asyncio.run(leave())  # the loop is closed when the answer comes
        gone = ledger.put(Entry(keeping("b")))
        assert gone.cancel()
    ledger.write(keeping("c"))
    assert names(database) == {"a", "b", "c"}


def test_a_turn_cannot_wait_for_another_turn(ledger):
    with pytest.raises(RuntimeError, match="another turn"):
        ledger.write(lambda _: ledger.write(keeping("x")))


def test_how_many_wait_can_be_asked(ledger):
    with Busy(ledger):
        for n in range(7):
            ledger.put(Entry(keeping(f"k{n}")))
        assert ledger.waiting == 7
