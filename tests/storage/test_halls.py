"""Halls: a seat once, one start, and people who sat from one browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage import halls, tables
from storage.database import Store
from tests.builders import NOW, District, district, hands_in_paper

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def d(store: Store) -> District:
    return district(store)


@pytest.fixture
def hall_id(store: Store, d: District) -> int:
    return halls.make(store, d.round_id, "第一会议室", "token", d.people["王敏"], NOW)


def hall(store: Store, hall_id: int) -> halls.Hall:
    found = halls.get(store, hall_id)
    assert found is not None
    return found


def test_only_the_token_opens_a_hall_and_only_its_digest_is_kept(store: Store, hall_id: int) -> None:
    assert halls.behind(store, "token") == hall(store, hall_id)
    assert halls.behind(store, "Token") is None
    assert halls.get(store, hall_id + 1) is None
    assert store.value(select(tables.hall.c.token_hash)) != "token"


def test_a_hall_is_started_once_and_not_after_its_end(store: Store, d: District, hall_id: int) -> None:
    assert hall(store, hall_id).state == "waiting"
    assert halls.start(store, hall_id, NOW)
    assert not halls.start(store, hall_id, LATER)
    assert hall(store, hall_id).started_at == NOW
    assert hall(store, hall_id).state == "started"
    assert halls.end(store, hall_id, LATER)
    assert not halls.end(store, hall_id, LATER)
    assert hall(store, hall_id).state == "ended"
    other = halls.make(store, d.round_id, "礼堂", "other", d.people["王敏"], NOW)
    assert halls.end(store, other, NOW)
    assert not halls.start(store, other, LATER)


def test_a_person_takes_one_seat_and_the_last_hall_counts(store: Store, d: District, hall_id: int) -> None:
    who = d.people["张三"]
    assert halls.seat_of(store, d.round_id, who) is None
    assert halls.sit(store, hall_id, who, "web", NOW)
    assert not halls.sit(store, hall_id, who, "telegram", LATER)
    assert halls.seat_of(store, d.round_id, who) == hall(store, hall_id)
    other = halls.make(store, d.round_id, "礼堂", "other", d.people["王敏"], NOW)
    halls.sit(store, other, who, "web", LATER)
    assert halls.seat_of(store, d.round_id, who) == hall(store, other)
    assert halls.seat_of(store, d.round_id + 1, who) is None


def test_who_went_to_the_wrong_hall_comes_back_to_the_first(store: Store, d: District, hall_id: int) -> None:
    who = d.people["张三"]
    other = halls.make(store, d.round_id, "礼堂", "other", d.people["王敏"], NOW)
    halls.sit(store, hall_id, who, "web", NOW)
    halls.sit(store, other, who, "web", NOW + timedelta(minutes=1))
    assert not halls.sit(store, hall_id, who, "web", LATER)
    assert halls.seat_of(store, d.round_id, who) == hall(store, hall_id)
    assert len(halls.seats(store, hall_id)) == 1


def test_the_list_of_a_hall_says_how_far_everybody_is(store: Store, d: District, hall_id: int) -> None:
    for minutes, name in enumerate(("李四", "张三")):
        halls.sit(store, hall_id, d.people[name], "web", NOW + timedelta(minutes=minutes))
    hands_in_paper(store, d, d.round_id, "张三", [True])
    found = halls.seats(store, hall_id)
    assert [(row.name, row.unit, bool(row.sat)) for row in found] == [
        ("李四", "住建局", False),
        ("张三", "住建局", True),
    ]


def sits_on(store: Store, d: District, name: str, device: str) -> None:
    paper_id = hands_in_paper(store, d, d.round_id, name, [True])
    store.run(update(tables.attempt).where(tables.attempt.c.id == paper_id).values(device=device))


def test_people_who_sat_from_one_browser_are_found_and_nobody_else(store: Store, d: District) -> None:
    for name, device in (("张三", "a"), ("李四", "a"), ("赵六", "b"), ("孙七", ""), ("吴九", "")):
        sits_on(store, d, name, device)
    sits_on(store, d, "赵六", "b")
    [found] = halls.one_device(store, d.round_id)
    assert found.device == "a"
    assert [(name, unit) for _, name, unit in found.people] == [("张三", "住建局"), ("李四", "住建局")]
    assert halls.one_device(store, d.round_id + 1) == []
