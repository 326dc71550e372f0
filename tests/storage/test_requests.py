"""Requests wait until they are decided, and are decided once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from storage import missing, requests, rounds
from storage.database import Store
from storage.requests import AGREE, DISAGREE, Asked
from tests.builders import NOW, District, district, grant


def ask(store: Store, d: District, name: str = "张三", **more) -> int:
    asked = Asked(
        d.people[name],
        **{"kind": "免考", "requested_by": d.people[name], "round_id": d.round_id, "reason": "长期病假", **more},
    )
    return requests.add(store, asked, NOW)[0]


def test_a_request_changes_nothing_until_it_is_approved(store: Store) -> None:
    d = district(store)
    number = ask(store, d)
    assert rounds.exempt_people(store, d.round_id, NOW.date()) == {}
    [waits] = [
        each for each in missing.missing(store, rounds.get(store, d.round_id), NOW.date()) if each.name == "张三"
    ]
    assert waits.reason in ("opinion", "pending")
    assert requests.decide(store, number, "withdrawn", "", d.people["张三"], NOW)
    [waits] = [
        each for each in missing.missing(store, rounds.get(store, d.round_id), NOW.date()) if each.name == "张三"
    ]
    assert waits.reason not in ("opinion", "pending")


def test_the_same_request_twice_is_one(store: Store) -> None:
    d = district(store)
    first = ask(store, d)
    assert requests.add(store, Asked(d.people["张三"], "免考", 1, d.round_id, reason="又"), NOW) == (first, False)
    assert ask(store, d, kind="缓考") != first
    assert ask(store, d, round_id=None, starts_on=date(2026, 12, 1)) != first
    requests.decide(store, first, "refused", "", d.people["王敏"], NOW)
    assert ask(store, d) != first


@pytest.mark.parametrize("state", ["approved", "refused", "withdrawn"])
def test_only_one_decision_is_written(store: Store, state) -> None:
    d = district(store)
    number = ask(store, d)
    assert requests.decide(store, number, state, "第一", d.people["王敏"], NOW)
    for other in ("approved", "refused", "withdrawn"):
        assert not requests.decide(store, number, other, "第二", d.people["刘洋"], NOW + timedelta(hours=1))
    found = requests.get(store, number)
    assert found is not None
    assert (found.state, found.answer, found.decided_by, found.decided_at) == (state, "第一", d.people["王敏"], NOW)
    assert not requests.opine(store, number, AGREE, "", d.people["刘洋"])


def test_the_units_opinion_is_a_verdict_and_a_sentence(store: Store) -> None:
    d = district(store)
    number = ask(store, d)
    assert requests.get(store, number).verdict == ""
    assert requests.opine(store, number, DISAGREE, "请 另定时间", d.people["刘洋"])
    found = requests.get(store, number)
    assert (found.verdict, found.sentence, found.opinion_by) == (DISAGREE, "请 另定时间", d.people["刘洋"])
    assert requests.opine(store, number, AGREE, "", d.people["刘洋"])
    assert (requests.get(store, number).verdict, requests.get(store, number).sentence) == (AGREE, "")


def test_what_waits_is_listed_oldest_first_and_by_people(store: Store) -> None:
    d = district(store)
    numbers = [ask(store, d, name) for name in ("张三", "李四", "吴九")]
    assert [each.id for each in requests.waiting(store)] == numbers
    assert [each.id for each in requests.waiting(store, [d.people["吴九"]])] == numbers[2:]
    requests.decide(store, numbers[0], "approved", "", d.people["王敏"], NOW)
    assert [each.id for each in requests.waiting(store)] == numbers[1:]
    assert [each.state for each in requests.of_person(store, d.people["张三"])] == ["approved"]
    assert requests.get(store, 404) is None


def test_what_was_asked_for_others_is_found(store: Store) -> None:
    d = district(store)
    number = ask(store, d, "李四", requested_by=d.people["刘洋"])
    ask(store, d, "刘洋")
    assert [each.id for each in requests.asked_by(store, d.people["刘洋"])] == [number]


def test_the_liaison_of_the_unit_speaks_for_it_else_the_one_above(store: Store) -> None:
    d = district(store)
    assert requests.liaisons(store, d.units["质安站"]) == [d.people["刘洋"]]
    assert requests.liaisons(store, d.units["司法局"]) == []
    grant(store, d, "赵六", "liaison", "质安站")
    assert requests.liaisons(store, d.units["质安站"]) == [d.people["赵六"]]
    assert requests.liaisons(store, d.units["住建局"]) == [d.people["刘洋"]]
