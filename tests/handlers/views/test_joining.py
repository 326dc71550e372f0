"""The doors of the web: looking consumes nothing, and name and unit are shown only while the invitation is open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from handlers.messages import Viewer
from handlers.views.joining import UNKNOWN, entrant, entry, invitation
from storage import invitations, people
from storage.invitations import BIND, BIND_FOR, ENTER, ENTER_FOR
from storage.tables import invitation as table
from tests.engine import Engine


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite)
    engine.person("张三", "住建局", channel="")
    make(engine, "TOKEN", BIND, BIND_FOR)
    make(engine, "CODE", ENTER, ENTER_FOR)
    return engine


def make(engine, token, purpose, valid):
    engine.write(
        lambda store: invitations.make(store, [(token, engine.people["张三"])], purpose, None, engine.now, valid)
    )


def looks(engine, token, door=invitation):
    return engine.read(lambda store: door(store, token, engine.now, engine.house.today(engine.now)))


def closed(found):
    return found == UNKNOWN | {"state": found["state"]} and found["state"] != "open"


def test_an_open_invitation_says_whose_it_is_and_what_confirms_it(engine):
    assert looks(engine, "TOKEN") == {
        "state": "open",
        "name": "张三",
        "unit": "住建局",
        "digits": True,
        "by": "phone",
        "tries_left": 3,
    }


def test_looking_a_hundred_times_consumes_nothing(engine):
    before = engine.read(lambda store: [tuple(row) for row in store.rows(select(table))])
    for _ in range(100):
        assert looks(engine, "TOKEN")["state"] == looks(engine, "CODE", entry)["state"] == "open"
    assert engine.read(lambda store: [tuple(row) for row in store.rows(select(table))]) == before


def test_a_login_link_needs_no_digits(engine):
    assert looks(engine, "CODE", entry) == {
        "state": "open",
        "name": "张三",
        "unit": "住建局",
        "digits": False,
        "by": "",
        "tries_left": 3,
    }


def test_a_login_link_is_told_from_one_of_somebody_else(engine):
    engine.person("李四", "住建局", channel="")

    def mine(code, name):
        viewer = Viewer(engine.people[name], 1, name, "zh", ())
        return engine.read(lambda store: entrant(store, code, viewer, engine.now))["mine"]

    assert [mine("CODE", name) for name in ("张三", "李四")] == [True, False]
    assert [mine(code, "张三") for code in ("TOKEN", "", "x")] == [False, False, False]


def test_one_door_does_not_open_with_the_key_of_the_other(engine):
    assert looks(engine, "CODE") == looks(engine, "TOKEN", entry) == UNKNOWN


@pytest.mark.parametrize("token", ["", "token", "TOKEN ", "x" * 500, "'; --"])
def test_a_token_of_nobody_says_nothing(engine, token):
    assert looks(engine, token) == UNKNOWN


def test_used_or_locked_or_out_of_date_it_names_nobody(engine):
    engine.write(
        lambda store: invitations.use(store, invitations.find(store, "CODE", ENTER, engine.now).id, engine.now)
    )
    assert (looks(engine, "CODE", entry)["state"], closed(looks(engine, "CODE", entry))) == ("used", True)
    for _ in range(3):
        engine.write(
            lambda store: invitations.count_wrong(store, invitations.find(store, "TOKEN", BIND, engine.now), engine.now)
        )
    assert (looks(engine, "TOKEN")["state"], closed(looks(engine, "TOKEN"))) == ("locked", True)
    make(engine, "LATER", BIND, BIND_FOR)
    engine.now += BIND_FOR + timedelta(seconds=1)
    assert (looks(engine, "LATER")["state"], closed(looks(engine, "LATER"))) == ("expired", True)


def test_a_newer_invitation_ends_the_older_without_a_word_about_it(engine):
    make(engine, "NEW", BIND, BIND_FOR)
    assert looks(engine, "TOKEN") == UNKNOWN | {"state": "expired"}
    assert looks(engine, "NEW")["state"] == "open"


def test_somebody_who_left_the_roster_cannot_bind_any_more(engine):
    held = engine.read(lambda store: [p.id for p in people.postings(store)])
    engine.write(lambda store: people.end_postings(store, held, date(2026, 11, 23)))
    assert looks(engine, "TOKEN") == UNKNOWN | {"state": "expired"}


def test_without_a_phone_the_staff_number_confirms_and_without_both_a_press(sqlite):
    engine = Engine(sqlite)
    for details, by in (
        ({"phone": "", "staff_no": "GH20260017"}, "staff_no"),
        ({"phone": "123", "staff_no": "A1"}, ""),
    ):
        engine.person("张三", "住建局", channel="", **details)
        make(engine, f"T{by}", BIND, BIND_FOR)
        found = looks(engine, f"T{by}")
        assert (found["by"], found["digits"]) == (by, bool(by))
