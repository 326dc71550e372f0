"""Long work: done once, its result delivered to who asked; what fails says so with a reference; what kills three workers is given up and told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import structlog
from sqlalchemy import select

from handlers import jobs
from handlers.messages import File, Reply
from handlers.words import say
from storage import accounts
from storage import jobs as kept
from storage.tables import delivery, job
from tests.engine import Engine


@pytest.fixture
def engine(database):
    engine = Engine(database)
    engine.person("张三", "住建局")
    return engine


@pytest.fixture(autouse=True)
def logs():
    with structlog.testing.capture_logs() as found:
        yield found


def add(engine, kind="work", **params):
    account_id = engine.read(lambda s: accounts.reachable_accounts(s, [engine.people["张三"]]))[engine.people["张三"]][
        0
    ]
    return engine.write(
        lambda s: kept.add(s, kind, params, person_id=engine.people["张三"], account_id=account_id, now=engine.now)
    )


def run(engine, worker, kind="work"):
    return jobs.run_next(engine.database, engine.write, {kind: worker}, engine.house, engine.now)


def state(engine, number):
    found = engine.read(lambda store: store.row(select(job).where(job.c.id == number)))
    return found.state, found.error


def told(engine):
    return [parcel.reply for parcel in engine.delivered()]


def test_without_work_nothing_happens(engine):
    assert run(engine, lambda work: []) is False


def test_the_result_is_delivered_to_who_asked_and_the_job_is_done_once(engine):
    number = add(engine, n=3)
    assert run(
        engine,
        lambda work: [Reply(f"{work.job.params['n']} 份"), Reply("", files=(File("a.txt", "text/plain", b"x"),))],
    )
    assert state(engine, number) == ("done", "")
    first, second = told(engine)
    assert first.text == "3 份"
    assert (second.files[0].name, second.files[0].content) == ("a.txt", b"x")
    assert run(engine, lambda work: [Reply("again")]) is False


def test_a_worker_writes_in_turns_of_its_own_and_reads_what_was_there_before(engine):
    add(engine)

    def worker(work):
        work.write(lambda store: accounts.set_language(store, work.job.person_id, "en"))
        return [Reply(accounts.language_of(work.store, work.job.person_id))]

    run(engine, worker)
    assert told(engine)[0].text == "zh"
    assert engine.read(lambda store: accounts.language_of(store, engine.people["张三"])) == "en"


def test_a_worker_speaks_the_language_of_who_asked(engine):
    engine.write(lambda store: accounts.set_language(store, engine.people["张三"], "en"))
    add(engine)
    run(engine, lambda work: [Reply(work.say("errors.not_found"))])
    assert told(engine)[0].text == say("en", "errors.not_found")


def test_a_worker_that_fails_tells_the_person_a_reference_and_is_not_run_again(engine, logs):
    number = add(engine)

    def worker(work):
        raise ZeroDivisionError

    assert run(engine, worker)
    assert state(engine, number) == ("failed", "ZeroDivisionError")
    assert [reply.text for reply in told(engine)] == [say("zh", "errors.job_failed", number=number)]
    assert run(engine, worker) is False
    assert [(each["event"], each["job"]) for each in logs] == [("job_failed", number)]


def test_a_kind_nobody_knows_fails_as_well(engine):
    number = add(engine, kind="unknown")
    run(engine, lambda work: [])
    assert state(engine, number) == ("failed", "KeyError")


def test_a_failed_job_does_not_hold_up_the_next(engine):
    bad, good = add(engine, bad=True), add(engine, bad=False)
    for _ in range(2):
        run(engine, lambda work: 1 / 0 if work.job.params["bad"] else [Reply("好了")])
    assert (state(engine, bad)[0], state(engine, good)[0]) == ("failed", "done")


class Killed(BaseException):
    """The process is gone."""


def test_three_workers_that_died_are_enough_and_the_person_hears_of_it(engine):
    number, tries = add(engine), []

    def worker(work):
        tries.append(work.job.id)
        raise Killed

    for _ in range(3):
        with pytest.raises(Killed):
            run(engine, worker)
        assert run(engine, worker) is False  # its lease holds
        engine.now += timedelta(seconds=61)
    assert run(engine, worker) is False
    assert tries == [number] * 3
    assert state(engine, number)[0] == "failed"
    assert [reply.text for reply in told(engine)] == [say("zh", "errors.job_failed", number=number)]
    assert run(engine, worker) is False
    assert told(engine) == []


def test_a_worker_that_died_once_is_followed_by_one_that_finishes(engine):
    number = add(engine)

    def dies(work):
        raise Killed

    with pytest.raises(Killed):
        run(engine, dies)
    engine.now += timedelta(seconds=61)
    run(engine, lambda work: [Reply("好了")])
    assert state(engine, number)[0] == "done"
    assert [reply.text for reply in told(engine)] == ["好了"]


def test_two_workers_that_both_finish_a_job_deliver_it_once(engine):
    number = add(engine)
    with engine.database.writing() as store:
        leased = kept.lease(store, engine.now)
    for _ in range(2):
        engine.write(lambda store: jobs._end(store, leased, [Reply("好了")], "", engine.now))
    assert len(engine.read(lambda store: store.rows(select(delivery)))) == 1
    assert state(engine, number)[0] == "done"


def test_work_nobody_asked_for_ends_quietly(engine):
    engine.write(lambda s: kept.add(s, "work", {}, person_id=None, account_id=None, now=engine.now))
    assert run(engine, lambda work: [Reply("给谁？")])
    assert engine.delivered() == []
