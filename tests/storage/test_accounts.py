"""From a platform's address to the person behind it: one live binding, sessions that end, and locks in one order."""
# ruff: noqa: PT012 - a transaction that is to fail holds more than one statement

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from quizzes.people import Role, RoleName
from storage import accounts, tables
from tests.builders import district, hands_in_paper

NOW = datetime(2026, 12, 4, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def person(store, name="张三"):
    return store.new_id(insert(tables.person), {"name": name, "leadership": True, "created_at": NOW})


def test_nobody_is_behind_an_address_that_is_not_bound(store):
    assert accounts.behind(store, "telegram", "1", NOW) is None


def test_the_person_behind_an_address_is_found_on_its_channel_only(store):
    number = person(store)
    bound = accounts.bind(store, number, "telegram", "1", NOW)
    account, who = accounts.behind(store, "telegram", "1", NOW)
    assert (account.id, account.person_id, account.bound_at, who.id, who.name, who.leadership) == (
        bound,
        number,
        NOW,
        number,
        "张三",
        True,
    )
    assert accounts.behind(store, "wecom", "1", NOW) is None


def test_binding_again_changes_nothing_and_binding_over_somebody_is_refused(store):
    number = person(store)
    assert accounts.bind(store, number, "telegram", "1", NOW) == accounts.bind(
        store, number, "telegram", "1", NOW + HOUR
    )
    with pytest.raises(ValueError, match="somebody else"):
        accounts.bind(store, person(store, "李四"), "telegram", "1", NOW)


def test_the_database_itself_refuses_two_live_owners_of_an_address(database):
    with pytest.raises(IntegrityError), database.writing() as store:
        for name in ("张三", "李四"):
            values = {"person_id": person(store, name), "channel": "telegram", "address": "1", "bound_at": NOW}
            store.run(insert(tables.account), values)


def test_an_ended_binding_frees_the_address(store):
    accounts.bind(store, person(store), "telegram", "1", NOW)
    store.run(update(tables.account).values(ended_at=NOW))
    assert accounts.behind(store, "telegram", "1", NOW) is None
    other = person(store, "李四")
    accounts.bind(store, other, "telegram", "1", NOW)
    assert accounts.behind(store, "telegram", "1", NOW)[1].id == other


def test_a_session_speaks_for_its_person_until_it_ends(store):
    number = person(store)
    accounts.open_session(store, number, "hash", NOW, NOW + HOUR)
    assert accounts.behind(store, "web", "s:hash", NOW)[1].id == number
    assert accounts.behind(store, "web", "s:other", NOW) is None
    assert accounts.behind(store, "web", "s:hash", NOW + HOUR) is None
    accounts.close_session(store, "hash", NOW)
    assert accounts.behind(store, "web", "s:hash", NOW) is None


def test_all_sessions_of_a_person_are_one_account(store):
    number = person(store)
    assert len({accounts.open_session(store, number, f"h{n}", NOW, NOW + HOUR) for n in range(3)}) == 1


def test_roles_in_force_are_found(store):
    number = person(store)
    unit = store.new_id(insert(tables.unit), {"name": "住建局"})
    for name, on, ended in (("liaison", unit, None), ("leader", None, None), ("admin", None, NOW)):
        values = {"person_id": number, "name": name, "unit_id": on, "granted_at": NOW, "revoked_at": ended}
        store.run(insert(tables.role), values)
    assert set(accounts.roles_of(store, number)) == {Role(RoleName.LIAISON, unit), Role(RoleName.LEADER, None)}


def test_where_a_person_is_in_a_conversation_is_a_row(store):
    assert accounts.topic_of(store, "telegram:1") is None
    for topic in ("leave", "exempt"):
        accounts.set_topic(store, "telegram:1", topic, {"步骤": 2}, NOW)
    assert accounts.topic_of(store, "telegram:1") == ("exempt", '{"步骤":2}')
    accounts.clear_topic(store, "telegram:1")
    assert accounts.topic_of(store, "telegram:1") is None


@pytest.mark.postgres
def test_the_people_of_a_batch_are_locked_whatever_address_they_use(postgres):
    with postgres.writing() as store:
        people = [person(store, f"p{n}") for n in range(4)]
        accounts.bind(store, people[2], "telegram", "2", NOW)
        accounts.bind(store, people[0], "wecom", "0", NOW)
        accounts.open_session(store, people[1], "hash", NOW, NOW + HOUR)
    with postgres.writing() as store:
        accounts.lock_people(store, [("telegram", "2"), ("web", "s:hash"), ("wecom", "0"), ("wecom", "nobody")])
        with postgres.writing() as other:
            free = other.rows(text("SELECT id FROM person ORDER BY id FOR UPDATE SKIP LOCKED"))
    assert [row.id for row in free] == [people[3]]


@pytest.mark.postgres
def test_who_sits_or_stands_on_a_roster_is_locked_and_nobody_else(postgres):
    with postgres.writing() as store:
        d = district(store)
        sat = hands_in_paper(store, d, d.round_id, "张三", [True])
        line = store.value(select(tables.enrolment.c.id).where(tables.enrolment.c.person_id == d.people["李四"]))
    with postgres.writing() as store:
        accounts.lock_sitters(store, attempts=[sat], enrolments=[line])
        with postgres.writing() as other:
            free = other.rows(text("SELECT id FROM person ORDER BY id FOR UPDATE SKIP LOCKED"))
    assert set(d.people.values()) - {row.id for row in free} == {d.people["张三"], d.people["李四"]}


@pytest.mark.postgres
@pytest.mark.parametrize("some", [[], [("web", "s:none")], [("telegram", "none")]])
def test_locking_nobody_is_no_error(postgres, some):
    with postgres.writing() as store:
        accounts.lock_people(store, some)


def test_the_ways_to_a_person_come_in_the_order_in_which_they_are_used(store):
    d = district(store)
    number = d.people["张三"]
    web, bot = accounts.bind(store, number, "web", "p", NOW), accounts.bind(store, number, "wecom_bot", "b", NOW)
    assert [channel for _, channel in accounts.ways(store, number)] == ["wecom_bot", "telegram", "wecom", "web"]
    accounts.prefer(store, web)
    accounts.set_reachable(store, bot, "blocked", NOW)
    assert [channel for _, channel in accounts.ways(store, number)] == ["web", "telegram", "wecom"]
    assert accounts.ways(store, number)[0] == accounts.reachable_accounts(store, [number])[number]
    assert accounts.ways(store, d.people["赵六"]) == []


def test_everybodys_live_accounts_on_a_channel_and_marks_on_many_at_once(store):
    d = district(store)
    accounts.end(store, d.accounts["吴九", "wecom"], NOW)
    live = accounts.on_channel(store, "wecom")
    assert [each.address for each in live] == ["wecom-王敏", "wecom-李建国", "wecom-刘洋", "wecom-张三"]
    accounts.mark(store, [each.id for each in live[:2]], "not_visible", NOW)
    assert [each.unreachable for each in accounts.on_channel(store, "wecom")] == ["not_visible", "not_visible", "", ""]
    accounts.mark(store, [each.id for each in live], "", NOW)
    accounts.mark(store, [], "blocked", NOW)
    assert {each.unreachable for each in accounts.on_channel(store, "wecom")} == {""}


def test_an_address_that_was_ever_anybodys_is_known(store):
    d = district(store)
    accounts.end(store, d.accounts["吴九", "wecom"], NOW)
    assert accounts.bound_before(store, "wecom", "wecom-吴九")
    assert not accounts.bound_before(store, "wecom_bot", "wecom-吴九")
