"""Two processes on one PostgreSQL take the same presses at the same time, and every answer is recorded once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from handlers import dispatch
from handlers.messages import Address, Answered, Incoming, answer_action
from handlers.sitting import cards
from storage import accounts, rounds, tables
from storage.database import Database, open_database
from storage.ledger import Entry, Ledger
from tests.engine import DAILY, HOUSE, QUESTIONS, Engine

pytestmark = pytest.mark.postgres
PEOPLE = 8


def serve(orders: Any, gate: Any) -> None:
    """One process: for each order a database and a ledger of its own, which take everything at once."""
    while (order := orders.recv()) is not None:
        url, incoming = order
        database = open_database(url)
        ledger = Ledger(database, lock_people=accounts.lock_people)
        ledger.start()
        gate.wait(30)
        orders.send([future.result(30) for future in [ledger.put(entry(each)) for each in incoming]])
        ledger.stop()
        database.close()


def entry(incoming: Incoming) -> Entry:
    """As bot.py submits it."""
    return Entry(
        lambda store: dispatch.take(store, incoming, HOUSE),
        lambda store, error: dispatch.quarantine(store, incoming, HOUSE, error),
        (incoming.account.channel, incoming.account.id),
    )


@pytest.fixture(scope="module")
def processes() -> Iterator[list[Any]]:
    """The pipes to two processes; they start once, since that takes longer than all they do."""
    spawn = multiprocessing.get_context("spawn")
    gate, pipes = spawn.Barrier(2), [spawn.Pipe() for _ in range(2)]
    running = [spawn.Process(target=serve, args=(theirs, gate)) for _, theirs in pipes]
    for process in running:
        process.start()
    yield [ours for ours, _ in pipes]
    for ours, _ in pipes:
        ours.send(None)
    for process in running:
        process.join(30)
        assert process.exitcode == 0


@pytest.fixture
def both(processes: list[Any], postgres_url: str) -> Callable[..., list[list[Answered]]]:
    """What the two processes answer to their shares, taken at the same time."""

    def taken(*shares: list[Incoming]) -> list[list[Answered]]:
        for pipe, share in zip(processes, shares, strict=True):
            pipe.send((postgres_url, share))
        assert all(pipe.poll(60) for pipe in processes)
        return [pipe.recv() for pipe in processes]

    return taken


@pytest.fixture
def engine(postgres: Database) -> Engine:
    made = Engine(postgres).with_bank(*QUESTIONS)
    for number in range(PEOPLE):
        made.person(f"干部{number}", "住建局")
    return made.with_plan(DAILY).at("09:00")


def presses(engine: Engine) -> list[Incoming]:
    """Everybody's answer A to each of their three cards, by the card."""
    papers = engine.read(
        lambda store: store.rows(
            select(tables.paper.c.id, tables.account.c.address)
            .join(tables.enrolment, tables.paper.c.enrolment_id == tables.enrolment.c.id)
            .join(tables.account, tables.account.c.person_id == tables.enrolment.c.person_id)
            .order_by(tables.paper.c.id)
        )
    )
    return [
        Incoming(f"telegram:{row.id}.{slot}", Address("telegram", row.address), engine.now,
                 action=answer_action(cards.sign(HOUSE.secret, row.id, slot), "AB" if question.options and slot == 1 else "A"), origin="1")
        for slot, question in enumerate(QUESTIONS) for row in papers
    ]  # fmt: skip


def counted(engine: Engine) -> tuple[int, int, int]:
    """(answers, answered questions, people who handed in)."""

    def count(store):
        answers = tables.response.c
        number = store.value(select(func.count()).select_from(tables.response))
        different = len(store.rows(select(answers.attempt_id, answers.slot).distinct()))
        return number, different, sum(row.sat for row in store.rows(select(tables.enrolment.c.sat)))

    return engine.read(count)


def quarantined(engine: Engine) -> list[str]:
    return [
        row.error
        for row in engine.read(lambda s: s.rows(select(tables.inbox.c.error).where(tables.inbox.c.error != "")))
    ]


def test_an_event_that_comes_to_both_is_recorded_once_and_answered_alike(engine, both):
    """A platform that got no answer in time sends the same event again, and the balancer gives it to the other process."""
    once = presses(engine)
    first, second = both(once, once)
    assert [a.replies for a in first] == [b.replies for b in second]
    assert all(a.again != b.again for a, b in zip(first, second, strict=True))
    assert counted(engine) == (3 * PEOPLE, 3 * PEOPLE, PEOPLE)
    assert quarantined(engine) == []
    assert {state.state for state in engine.read(lambda s: rounds.in_state(s, *rounds.State))} >= {rounds.State.OPEN}


def test_two_presses_of_one_card_are_one_answer_and_the_second_is_told_so(engine, both):
    """Two devices, two events: one of them is the answer."""
    once = presses(engine)
    again = [replace(each, key=f"{each.key}+") for each in reversed(once)]
    first, second = both(once, again)
    assert counted(engine) == (3 * PEOPLE, 3 * PEOPLE, PEOPLE)
    assert quarantined(engine) == []
    assert not any(answered.again for answered in (*first, *second))
    already = [sum("已经答过" in reply.text for reply in answered.replies) for answered in (*first, *second)]
    assert sum(already) == 3 * PEOPLE


def test_a_stranger_who_writes_to_both_is_answered_by_both(engine, both):
    """Nobody's row can be locked for a stranger: the inbox key alone keeps the event from being taken twice."""
    strangers = [
        Incoming(f"telegram:{n}", Address("telegram", f"stranger-{n}"), engine.now, text="你好") for n in range(PEOPLE)
    ]
    first, second = both(strangers, strangers)
    assert [a.replies for a in first] == [b.replies for b in second]
    assert quarantined(engine) == []
