"""A token works once, for a time, for one person."""

from datetime import timedelta

import pytest

from storage import invitations
from storage.invitations import BIND, ENTER
from tests.builders import HOUSE, NOW, district

DAY = timedelta(days=1)


@pytest.fixture
def d(store):
    return district(store)


def make(store, token, who, purpose=BIND):
    invitations.make(store, [(token, who)], purpose, None, NOW, DAY)


def state(store, token, purpose=BIND, now=NOW):
    found = invitations.find(store, token, purpose, now)
    return found.state if found else None


def test_a_token_is_open_until_used_and_used_once(store, d):
    make(store, "t", d.people["赵六"])
    found = invitations.find(store, "t", BIND, NOW)
    assert (found.state, found.person_id, found.tries_left) == ("open", d.people["赵六"], 3)
    assert invitations.use(store, found.id, NOW)
    assert not invitations.use(store, found.id, NOW)
    assert state(store, "t") == "used"


def test_a_token_serves_its_own_purpose_only(store, d):
    make(store, "t", d.people["赵六"])
    assert state(store, "t", ENTER) is None


def test_a_token_ends_with_its_time(store, d):
    make(store, "t", d.people["赵六"])
    assert state(store, "t", now=NOW + DAY - timedelta(seconds=1)) == "open"
    assert state(store, "t", now=NOW + DAY) == "expired"
    assert not invitations.use(store, invitations.find(store, "t", BIND, NOW).id, NOW + DAY)


def test_a_newer_token_of_the_same_purpose_revokes_the_older(store, d):
    make(store, "old", d.people["赵六"])
    make(store, "enter", d.people["赵六"], ENTER)
    make(store, "other", d.people["李四"])
    make(store, "new", d.people["赵六"])
    assert [state(store, "old"), state(store, "enter", ENTER), state(store, "other"), state(store, "new")] == [
        "revoked",
        "open",
        "open",
        "open",
    ]


def test_the_third_wrong_confirmation_locks_for_good(store, d):
    make(store, "t", d.people["赵六"])
    left = [
        invitations.count_wrong(store, invitations.hold(store, invitations.find(store, "t", BIND, NOW).id, NOW), NOW)
        for _ in range(3)
    ]
    assert left == [2, 1, 0]
    assert state(store, "t") == "locked"
    assert not invitations.use(store, invitations.find(store, "t", BIND, NOW).id, NOW)
    assert invitations.locked(store, NOW) == [d.people["赵六"]]
    make(store, "u", d.people["赵六"])
    assert state(store, "t") == "locked"
    assert invitations.locked(store, NOW) == []


def test_unbound_are_those_without_any_live_account(store, d):
    today = HOUSE.today(NOW)
    assert [who.name for who in invitations.unbound(store, today)] == ["赵六"]
    assert invitations.unbound(store, today, [d.units["司法局"]]) == []


def test_waiting_are_those_whose_invitation_could_still_be_used(store, d):
    make(store, "t", d.people["赵六"])
    make(store, "e", d.people["李四"], ENTER)
    assert invitations.waiting(store, d.people.values(), NOW) == {d.people["赵六"]}
    assert invitations.waiting(store, d.people.values(), NOW + DAY) == set()


def test_an_unknown_number_is_an_error(store):
    with pytest.raises(KeyError):
        invitations.hold(store, 7, NOW)
