"""Messages owed: once per key, claimed by one sender, and settled as what became of them."""
# ruff: noqa: PT012 - a transaction that is to fail holds more than one statement

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from storage import accounts, deliveries, tables
from storage.deliveries import LEASE, RESEND_AFTER, claim, plan, settle, sweep

NOW = datetime(2026, 12, 4, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def person(store, channel="telegram"):
    """A person's account."""
    number = store.new_id(insert(tables.person), {"name": "张三", "created_at": NOW})
    return accounts.bind(store, number, channel, f"{channel}-{number}", NOW)


@pytest.fixture
def account(store):
    return person(store)


def owe(store, account, key, kind="card", **kept):
    plan(store, key, account, kind, {"text": key}, NOW, **kept)


def state(store, key):
    return store.value(select(tables.delivery.c.state).where(tables.delivery.c.key == key))


def claimed(store, now=NOW, most=100):
    return [each.body["text"] for each in claim(store, "telegram", most, now)]


def number(store, key):
    return store.value(select(tables.delivery.c.id).where(tables.delivery.c.key == key))


def test_the_same_key_is_owed_once(store, account):
    owe(store, account, "a")
    owe(store, account, "a")
    assert claimed(store) == ["a"]


def test_what_is_claimed_is_nobody_elses(store, account):
    for key in "abc":
        owe(store, account, key)
    assert claimed(store, most=2) == ["a", "b"]
    assert claimed(store, most=2) == ["c"]
    assert claimed(store) == []


def test_answers_go_first_and_reminders_last(store, account):
    for kind in ("reminder", "card", "notice", "answer"):
        owe(store, account, kind, kind)
    assert claimed(store) == ["answer", "card", "notice", "reminder"]


def test_only_what_is_due_and_not_expired_on_this_channel_is_claimed(store, account):
    owe(store, account, "later", not_before=NOW + SECOND)
    owe(store, account, "over", expires_at=NOW - SECOND)
    owe(store, account, "last", expires_at=NOW)
    owe(store, person(store, "wecom"), "elsewhere")
    assert deliveries.is_due(store, "telegram", NOW)
    assert claimed(store) == ["last"]
    assert not deliveries.is_due(store, "telegram", NOW)
    assert claimed(store, NOW + SECOND) == ["later"]


@pytest.mark.parametrize("became", ["sent", "failed", "uncertain"])
def test_what_became_of_it_is_kept(store, account, became):
    owe(store, account, "a", "reminder")
    [mine] = claim(store, "telegram", 1, NOW)
    settle(store, mine.id, became, NOW, platform_id="m1", reason="r")
    assert state(store, "a") == became
    sweep(store, NOW + timedelta(days=1))
    assert state(store, "a") == became
    assert claimed(store, NOW + timedelta(days=1)) == []


def test_what_was_surely_not_sent_is_sent_again_in_its_time(store, account):
    owe(store, account, "a")
    [mine] = claim(store, "telegram", 1, NOW)
    settle(store, mine.id, "retry", NOW, not_before=NOW + 5 * SECOND)
    assert claimed(store, NOW + 4 * SECOND) == []
    assert claimed(store, NOW + 5 * SECOND) == ["a"]


def test_what_is_settled_stays_settled(store, account):
    owe(store, account, "a")
    [mine] = claim(store, "telegram", 1, NOW)
    settle(store, mine.id, "sent", NOW, platform_id="m1")
    settle(store, mine.id, "retry", NOW)
    settle(store, mine.id, "failed", NOW, reason="late")
    assert state(store, "a") == "sent"


def test_what_nobody_settled_never_silently_goes_back_to_planned(store, account):
    owe(store, account, "card")
    owe(store, account, "reminder", "reminder")
    claimed(store)
    sweep(store, NOW + LEASE)
    assert (state(store, "card"), state(store, "reminder")) == ("sending", "sending")
    over = NOW + LEASE + SECOND
    sweep(store, over)
    assert (state(store, "card"), state(store, "reminder")) == ("uncertain", "uncertain")
    sweep(store, over + RESEND_AFTER)
    assert (state(store, "card"), state(store, "reminder")) == ("uncertain", "uncertain")
    sweep(store, over + RESEND_AFTER + SECOND)
    assert (state(store, "card"), state(store, "reminder")) == ("planned", "uncertain")
    [copy] = claim(store, "telegram", 9, over + RESEND_AFTER + SECOND)
    assert copy.copy


def test_an_uncertain_card_waits_ninety_seconds_however_long_it_was_in_the_queue(store, account):
    owe(store, account, "a", not_before=NOW - timedelta(hours=1))
    [mine] = claim(store, "telegram", 1, NOW)
    settle(store, mine.id, "uncertain", NOW)
    sweep(store, NOW + RESEND_AFTER)
    assert state(store, "a") == "uncertain"
    sweep(store, NOW + RESEND_AFTER + SECOND)
    assert state(store, "a") == "planned"


def test_a_copy_that_is_uncertain_too_is_not_sent_a_third_time(store, account):
    owe(store, account, "a")
    at = NOW
    for _ in range(2):
        [mine] = claim(store, "telegram", 1, at)
        settle(store, mine.id, "uncertain", at)
        at += RESEND_AFTER + SECOND
        sweep(store, at)
    assert state(store, "a") == "uncertain"


def test_proof_that_an_uncertain_message_arrived_settles_it(store, account):
    owe(store, account, "a")
    [mine] = claim(store, "telegram", 1, NOW)
    settle(store, mine.id, "uncertain", NOW)
    settle(store, mine.id, "sent", NOW, platform_id="m1")
    assert state(store, "a") == "sent"


def test_what_expired_is_cancelled(store, account):
    owe(store, account, "a", expires_at=NOW)
    sweep(store, NOW)
    assert state(store, "a") == "planned"
    sweep(store, NOW + SECOND)
    assert state(store, "a") == "cancelled"


def test_every_delivery_of_a_kind_that_asks_costs_its_person_a_touch(store, account):
    for key, kind in (("a", "card"), ("b", "reminder"), ("c", "answer"), ("d", "report"), ("e", "card")):
        owe(store, account, key, kind)
    settle(store, number(store, "e"), "failed", NOW)
    owner = store.value(select(tables.account.c.person_id))
    assert deliveries.touches_since(store, NOW) == {owner: 2}
    assert deliveries.touches_since(store, NOW + SECOND) == {}


@pytest.mark.postgres
def test_two_senders_at_once_never_get_the_same_message(postgres):
    with postgres.writing() as store:
        account = person(store)
        for n in range(10):
            owe(store, account, f"k{n}")
    with postgres.writing() as one, postgres.writing() as two:
        mine, theirs = claimed(one, most=6), claimed(two, most=6)
    assert (len(mine), len(theirs)) == (6, 4)
    assert not set(mine) & set(theirs)


@pytest.mark.postgres
def test_a_message_claimed_by_a_transaction_that_fails_is_claimed_by_the_next(postgres):
    with postgres.writing() as store:
        owe(store, person(store), "a")
    with pytest.raises(ValueError), postgres.writing() as store:
        assert claimed(store) == ["a"]
        raise ValueError
    with postgres.writing() as store:
        assert claimed(store) == ["a"]


def test_a_delivery_says_whether_what_became_of_it_is_news(store, account):
    owe(store, account, "a")
    claimed(store)
    assert deliveries.settle(store, number(store, "a"), "failed", NOW, reason="blocked")
    assert not deliveries.settle(store, number(store, "a"), "failed", NOW, reason="blocked")


def test_the_accounts_a_message_was_owed_to_are_known_by_its_key(store, account):
    other, third = person(store, "wecom"), person(store, "web")
    for key, to in (("k:1", account), (f"k:1:via:{other}", other), ("k:10", third), ("k:1:viaduct", third)):
        owe(store, to, key)
    assert deliveries.tried(store, "k:1", ":via:") == {account, other}


def test_a_delivery_is_read_as_it_was_planned(store, account):
    owe(store, account, "a", "notice")
    found = deliveries.owed_as(store, number(store, "a"))
    assert (found.key, found.kind, found.account_id, found.expires_at) == ("a", "notice", account, None)
    with pytest.raises(KeyError):
        deliveries.owed_as(store, found.id + 1)
