from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from handlers.reach.outlook import STANDS, outlook, to_call
from quizzes.forecasting import At
from quizzes.missing import Reason
from storage import rounds, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, District, district, enrol, hands_in_paper, make_round, mark, person, sits
from tests.handlers.reach.test_missing import card


def with_history(store: Store) -> District:
    """Two past exams of 26 people: of ten unbound one sat, of sixteen bound twelve, all in the last days; then the open one."""
    d = district(store)
    for number in range(10):
        person(store, d, f"未绑{number}", "政府办", "政府办", channels=())
    for number in range(16):
        person(store, d, f"已绑{number}", "政府办", "政府办")
    store.run(update(tables.account).values(bound_at=NOW - timedelta(days=300)))
    for months in (1, 2):
        closed = NOW - timedelta(days=60 * months)
        past = make_round(store, now=closed, state="closed", opened=timedelta(days=-10), closes=timedelta(0))
        for name in [f"未绑{number}" for number in range(10)] + [f"已绑{number}" for number in range(16)]:
            enrol(store, d, past, name)
        for name in ["未绑0"] + [f"已绑{number}" for number in range(12)]:
            hands_in_paper(store, d, past, name, [True], now=closed - timedelta(days=1))
    for name in ("王敏", "李建国", "周杰", "吴九", "陈芳", "刘洋"):
        sits(store, d, d.round_id, name)
    return d


def test_each_bureau_is_forecast_from_the_deployments_own_past(store: Store) -> None:
    d = with_history(store)
    for name in ("未绑0", "未绑1", "已绑0", "已绑1"):
        enrol(store, d, d.round_id, name)
    found = outlook(store, rounds.get(store, d.round_id), HOUSE, NOW)
    assert (found.known.rounds, found.known.cases) == (2, 52)
    assert {at: (share.finished, share.cases) for at, share in found.known.shares.items() if share.own} == {
        At.PLANNED: (24, 32),
        At.UNBOUND: (2, 20),
    }
    office, housing = found.bureaux
    assert (office.unit.name, office.due, office.sat, office.wanted) == ("政府办", 6, 2, 6)
    assert office.forecast is not None
    assert office.forecast.expected == 3
    assert office.short == 3
    assert [each.name for each in office.to_call] == ["未绑0", "未绑1"], "2 + 2 + 3/4 + 3/4 is 6 to the nearest person"
    assert housing.unit.name == "住建局"
    assert found.sat is not None
    assert found.passed is not None
    assert found.total.sat <= found.sat.low <= found.sat.expected <= found.sat.high <= found.total.due


def test_a_lower_target_needs_fewer_calls(store: Store) -> None:
    d = with_history(store)
    for name in ("未绑0", "未绑1", "已绑0", "已绑1"):
        enrol(store, d, d.round_id, name)
    what = rounds.get(store, d.round_id)
    everybody = to_call(store, what, HOUSE, NOW)
    some = to_call(store, what, replace(HOUSE, target=60), NOW)
    assert some < everybody
    assert d.people["已绑0"] not in some


def test_without_a_past_there_is_no_forecast_and_everybody_who_can_be_called_is_listed(store: Store) -> None:
    d = district(store)
    card(store, d, "张三", "wecom", "sent")
    mark(store, d, d.round_id, "李四", attempts=2, started=True)
    found = outlook(store, rounds.get(store, d.round_id), HOUSE, NOW)
    assert found.sat is None
    housing = next(each for each in found.bureaux if each.unit.name == "住建局")
    assert housing.short is None
    assert {each.name for each in housing.to_call} == {"陈芳", "刘洋", "张三", "赵六", "孙七"}


def test_after_the_close_nobody_is_called(store: Store) -> None:
    d = district(store)
    assert to_call(store, rounds.get(store, d.round_id), HOUSE, NOW + timedelta(days=8)) == frozenset()


def test_every_reason_stands_somewhere() -> None:
    assert set(STANDS) == set(Reason)
