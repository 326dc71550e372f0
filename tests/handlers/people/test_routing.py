"""Who hears of a request, and of a decision: once, without names, in one sentence."""

from __future__ import annotations

import pytest

from handlers.people import routing
from storage import requests
from storage.database import Store
from storage.requests import Asked
from tests.builders import HOUSE, NOW, District, district, grant, owed, person


def ask(store: Store, d: District, name: str, by: str = "", kind: str = "免考"):
    asked = Asked(d.people[name], kind, d.people[by or name], d.round_id, reason="长期病假")
    number = requests.add(store, asked, NOW)[0]
    return requests.get(store, number)


def test_a_liaison_nobody_can_reach_is_passed_over(store: Store) -> None:
    d = district(store)
    person(store, d, "无号的", "司法局", "司法局", channels=())
    grant(store, d, "无号的", "liaison", "司法局")
    assert routing.tell(store, ask(store, d, "吴九").id, HOUSE, NOW) == "admin"
    assert routing.tell(store, ask(store, d, "张三").id, HOUSE, NOW) == "liaison"


def test_a_liaison_gives_no_opinion_on_their_own_request(store: Store) -> None:
    d = district(store)
    assert routing.tell(store, ask(store, d, "刘洋").id, HOUSE, NOW) == "admin"
    assert owed(store, d, "刘洋") == []


@pytest.mark.parametrize("state", ["approved", "refused"])
def test_the_person_hears_the_decision_once_and_the_liaison_who_asked_too(store: Store, state) -> None:
    d = district(store)
    found = ask(store, d, "张三", "刘洋")
    for _ in range(2):
        assert routing.tell_decision(store, found, state, "请保重", HOUSE, NOW) is True
    [said] = owed(store, d, "张三")
    assert "请保重" in said
    [to_liaison] = owed(store, d, "刘洋")
    assert "张三" not in to_liaison


def test_who_cannot_be_reached_is_not_passed_over_in_silence(store: Store) -> None:
    d = district(store)
    assert routing.tell_decision(store, ask(store, d, "赵六"), "approved", "", HOUSE, NOW) is False
    assert routing.tell_decision(store, ask(store, d, "李四", "刘洋", "调出"), "approved", "", HOUSE, NOW) is None
    assert owed(store, d, "李四") == []
