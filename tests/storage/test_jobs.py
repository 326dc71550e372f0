"""Long work: leased by one worker, taken over when that one dies, given up after three."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from storage import jobs, tables
from storage.jobs import LEASE, MOST_TRIES

NOW = datetime(2026, 12, 4, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def add(store, kind="report"):
    return jobs.add(store, kind, {"round": 7}, person_id=None, account_id=None, now=NOW)


def test_a_job_is_leased_once_in_the_order_of_asking(store):
    first, second = add(store), add(store)
    assert [jobs.lease(store, NOW).id for _ in range(2)] == [first, second]
    assert jobs.lease(store, NOW) is None


def test_a_job_comes_back_with_what_it_was_asked(store):
    person = store.new_id(insert(tables.person), {"name": "王敏", "created_at": NOW})
    number = jobs.add(store, "import", {"文件": 3}, person_id=person, account_id=None, now=NOW)
    assert jobs.lease(store, NOW) == jobs.Job(number, "import", {"文件": 3}, person, None)


def test_what_a_job_was_given_is_read_by_its_number_and_kind(store):
    number = add(store)
    assert jobs.params_of(store, number, "report") == {"round": 7}
    for wrong in ((number, "import"), (number + 1, "report")):
        with pytest.raises(KeyError):
            jobs.params_of(store, *wrong)


def test_a_job_whose_worker_died_goes_to_the_next_when_its_lease_is_over(store):
    number = add(store)
    jobs.lease(store, NOW)
    assert jobs.lease(store, NOW + LEASE) is None
    assert jobs.lease(store, NOW + LEASE + SECOND).id == number


def test_progress_renews_the_lease(store):
    number = add(store)
    jobs.lease(store, NOW)
    jobs.progress(store, number, 1, 2, NOW + LEASE)
    assert jobs.lease(store, NOW + LEASE + SECOND) is None


def test_a_job_that_killed_three_workers_is_given_up(store):
    number, at = add(store), NOW
    for _ in range(MOST_TRIES):
        assert jobs.lease(store, at).id == number
        at += LEASE + SECOND
    assert jobs.lease(store, at) is None
    assert [job.id for job in jobs.given_up(store, at)] == [number]


@pytest.mark.parametrize(("error", "state"), [("", "done"), ("ValueError", "failed")])
def test_a_job_that_ended_is_not_leased_again_and_keeps_its_result(store, error, state):
    number = add(store)
    jobs.lease(store, NOW)
    jobs.end(store, number, NOW, result={"rows": 3}, error=error)
    assert jobs.lease(store, NOW + timedelta(days=1)) is None
    assert jobs.result_of(store, number) == (state, {"rows": 3})


def test_a_number_that_is_no_job_is_an_error(store):
    with pytest.raises(KeyError):
        jobs.result_of(store, 404)


@pytest.mark.postgres
def test_two_workers_at_once_never_get_the_same_job(postgres):
    with postgres.writing() as store:
        numbers = {add(store), add(store)}
    with postgres.writing() as one, postgres.writing() as two:
        assert {jobs.lease(one, NOW).id, jobs.lease(two, NOW).id} == numbers


def test_a_job_of_a_person_is_under_way_until_it_ends(store):
    person = store.new_id(insert(tables.person), {"name": "王敏", "created_at": NOW})
    number = jobs.add(store, "export", {}, person_id=person, account_id=None, now=NOW)
    assert jobs.under_way(store, "export", person)
    assert not jobs.under_way(store, "import", person)
    assert not jobs.under_way(store, "export", person + 1)
    jobs.lease(store, NOW)
    assert jobs.under_way(store, "export", person)
    jobs.end(store, number, NOW)
    assert not jobs.under_way(store, "export", person)
