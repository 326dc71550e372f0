"""The writer on PostgreSQL: several processes at once, and a server that goes away at the worst moment."""

import multiprocessing
import threading

import pytest
from sqlalchemy import func, insert, select, text

import storage.database
from storage import accounts, tables
from storage.columns import EPOCH
from storage.database import open_database
from storage.ledger import Entry, Ledger, NotRecorded
from tests.storage.proxies import Wire
from tests.storage.test_ledger import keeping, names, put_together

pytestmark = pytest.mark.postgres
PEOPLE, TURNS = 7, 500


def add_people(database):
    """People 1 to PEOPLE, each with one account, address = number."""
    with database.writing() as store:
        for number in range(1, PEOPLE + 1):
            person = store.new_id(insert(tables.person), {"name": f"p{number}", "created_at": EPOCH})
            accounts.bind(store, person, "web", str(number), EPOCH)


def counting(key, address):
    """A turn like an answer: seen before? else read what the person has, and write one more."""

    def run(store):
        if store.value(select(tables.inbox.c.key).where(tables.inbox.c.key == key)):
            return
        values = {"key": key, "channel": "web", "address": address, "arrived_at": EPOCH, "said": "", "replies": []}
        store.run(insert(tables.inbox), values)
        found = accounts.topic_of(store, address)
        accounts.set_topic(store, address, str(int(found[0]) + 1 if found else 1), {}, EPOCH)

    return run


def take_part(url, first, gate):
    """One process: TURNS turns over everybody."""
    database = open_database(url)
    ledger = Ledger(database, lock_people=accounts.lock_people)
    ledger.start()
    gate.wait(30)
    futures = []
    for turn in range(first, first + TURNS):
        address = str(turn * 31 % PEOPLE + 1)
        futures.append(ledger.put(Entry(counting(f"t{turn}", address), account=("web", address))))
    for future in futures:
        future.result(60)
    ledger.stop()
    database.close()


def counts(database):
    with database.reading() as store:
        topics = store.rows(select(tables.conversation.c.account_key, tables.conversation.c.topic))
        return store.value(select(func.count()).select_from(tables.inbox)), sum(int(row.topic) for row in topics)


def test_two_processes_over_the_same_people_lose_nothing_and_double_nothing(postgres, postgres_url):
    """The second half of one process's turns comes to the other as well, as a platform's retries do."""
    add_people(postgres)
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(2)
    runs = [spawn.Process(target=take_part, args=(postgres_url, first, gate)) for first in (0, TURNS // 2)]
    for process in runs:
        process.start()
    for process in runs:
        process.join(60)
        assert process.exitcode == 0
    assert counts(postgres) == (TURNS + TURNS // 2, TURNS + TURNS // 2)


def test_batches_lock_their_people_in_one_order(postgres, monkeypatch):
    add_people(postgres)
    locked = []

    def lock(store, pairs):
        accounts.lock_people(store, pairs)
        locked.append(store.rows(text("SELECT count(*) FROM pg_locks WHERE relation = 'person'::regclass AND granted")))

    ledger = Ledger(postgres, lock_people=lock)
    ledger.start()
    entries = [Entry(keeping(f"k{n}"), account=("web", str(PEOPLE - n))) for n in range(PEOPLE)]
    put_together(ledger, *entries)
    ledger.stop()
    assert len(locked) == 1


def test_another_process_may_owe_a_message_to_a_person_whose_turn_is_running(postgres):
    add_people(postgres)
    with postgres.writing() as turn:
        accounts.lock_people(turn, [("web", "1")])
        with postgres.writing() as other:
            other.plain("SET LOCAL lock_timeout = 1")
            other.run(insert(tables.feedback), {"person_id": 1, "kind": "k", "text": "t", "created_at": EPOCH})


def test_a_deadlock_is_replayed_and_nobody_is_quarantined(postgres):
    add_people(postgres)
    both = threading.Barrier(2)
    tries = []

    def crossing(first, second):
        seen = []

        def run(store):
            tries.append(first)
            store.plain(f"UPDATE person SET rank = rank || 'x' WHERE id = {first}")
            if not seen:
                seen.append(1)
                both.wait(10)
            store.plain(f"UPDATE person SET rank = rank || 'x' WHERE id = {second}")

        return run

    ledgers = [Ledger(postgres), Ledger(postgres)]
    for ledger in ledgers:
        ledger.start()
    entries = [Entry(crossing(1, 2), lambda *_: "quarantined"), Entry(crossing(2, 1), lambda *_: "quarantined")]
    futures = [ledger.put(entry) for ledger, entry in zip(ledgers, entries, strict=True)]
    assert [future.result(20) for future in futures] == [None, None]
    for ledger in ledgers:
        ledger.stop()
    with postgres.reading() as store:
        assert [row.rank for row in store.rows(select(tables.person.c.rank).where(tables.person.c.id < 3))] == [
            "xx",
            "xx",
        ]
    assert len(tries) >= 3


def test_a_deadlock_in_the_replay_under_savepoints_quarantines_only_the_poison(postgres):
    add_people(postgres)
    runs = []

    def unlucky(store):
        runs.append(1)
        keeping("a")(store)
        if len(runs) in (2, 3):
            store.plain("DO $$ BEGIN RAISE EXCEPTION 'crossed' USING ERRCODE = 'deadlock_detected'; END $$")

    def poison(_store):
        raise ValueError

    ledger = Ledger(postgres)
    ledger.start()
    a, bad = put_together(ledger, Entry(unlucky, lambda *_: "quarantined"), Entry(poison, lambda *_: "quarantined"))
    assert (a.result(), bad.result()) == (None, "quarantined")
    ledger.stop()
    assert len(runs) == 4


# The server goes away. ---------------------------------------------------------------------------------------------------


@pytest.fixture
def wire(postgres_url):
    made = Wire(postgres_url)
    yield made
    made.close()


@pytest.fixture
def over(wire):
    """A ledger whose database is at the end of the wire."""
    database = open_database(wire.url)
    running = Ledger(database)
    running.start()
    running.write(lambda _: None)  # SQLAlchemy's first connection commits something of its own
    yield running
    running.stop()
    database.close()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_commit_whose_reply_is_lost_is_neither_lost_nor_doubled(over, wire, postgres, moment):
    """The turns have no key of their own: run twice they would count twice."""
    runs = []

    def adding(name):
        def run(store):
            if not runs:
                wire.cut = moment
            runs.append(name)
            store.run(insert(tables.push), {"kind": name, "audience": {}, "created_at": EPOCH, "person_id": 1})

        return run

    add_people(postgres)
    for future in put_together(over, *(Entry(adding(f"k{n}")) for n in range(5))):
        future.result()
    assert wire.cuts == 1
    with postgres.reading() as store:
        assert sorted(row.kind for row in store.rows(select(tables.push.c.kind))) == [f"k{n}" for n in range(5)]
    assert len(runs) == (5 if moment == "after" else 10)


def test_when_postgres_cannot_be_asked_what_became_of_a_commit_nobody_is_told_it_was_kept(
    over, wire, postgres, monkeypatch
):
    monkeypatch.setattr(storage.database, "ASK_MOST", 2)
    wire.dead, wire.cut = True, "after"
    with pytest.raises(NotRecorded) as raised:
        over.write(keeping("x"))
    assert raised.value.cause == "CommitUnknown"
    assert names(postgres) == {"x"}


def test_dropped_connections_cost_no_turn(postgres, postgres_server):
    ledger = Ledger(postgres)
    ledger.start()
    ledger.write(keeping("a"))
    name = postgres.engine.url.database
    for kept in ("b", "c"):
        postgres_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        ledger.write(keeping(kept))
    ledger.stop()
    assert names(postgres) == {"a", "b", "c"}


def test_a_connection_dropped_in_the_middle_of_a_turn_replays_the_batch(postgres, postgres_server):
    runs = []

    def run(store):
        runs.append(1)
        keeping("x")(store)
        if len(runs) == 1:
            number = store.plain("SELECT pg_backend_pid()").scalar()
            postgres_server.run(f"SELECT pg_terminate_backend({number})")
            store.plain("SELECT 1")

    ledger = Ledger(postgres)
    ledger.start()
    a, b = put_together(ledger, Entry(run, lambda *_: "quarantined"), Entry(keeping("y")))
    a.result()
    b.result()
    ledger.stop()
    assert (len(runs), names(postgres)) == (2, {"x", "y"})


def test_while_postgres_is_down_turns_are_not_recorded_and_afterwards_they_are(over, wire, postgres, monkeypatch):
    monkeypatch.setattr(storage.database, "ASK_MOST", 2)
    over.write(keeping("a"))
    wire.dead, wire.cut = True, "before"
    with pytest.raises(NotRecorded, match="CommitUnknown"):
        over.write(keeping("b"))
    with pytest.raises(NotRecorded, match="OperationalError"):
        over.write(keeping("c"))
    wire.open()
    over.write(keeping("d"))
    assert names(postgres) == {"a", "d"}
