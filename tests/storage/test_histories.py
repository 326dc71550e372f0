"""What past rounds say: each person in the state they were in as long before the close, against what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from quizzes.forecasting import At
from storage import deliveries, histories, rounds, tables
from storage.database import Store
from tests.builders import NOW, District, district, enrol, hands_in_paper, make_round, mark

CLOSED = NOW - timedelta(days=20)
LEFT = timedelta(days=7)
"""The round of the district closes seven days from NOW."""
THEN = CLOSED - LEFT


def past_round(store: Store, d: District, plan: str = "exam", closed: datetime = CLOSED, **more: object) -> int:
    number = make_round(
        store, now=closed, plan=plan, state="closed", opened=timedelta(days=-10), closes=timedelta(0), **more
    )
    store.run(update(tables.account).values(bound_at=closed - timedelta(days=100)))
    return number


def card(store: Store, d: District, round_id: int, name: str, channel: str, at: datetime) -> None:
    key = f"round:{round_id}:card:{d.people[name]}"
    deliveries.plan(store, key, d.accounts[name, channel], "card", {"paper": 1}, at, round_id=round_id)
    store.run(update(tables.delivery).where(tables.delivery.c.key == key).values(state="sent", sent_at=at))


def started(store: Store, d: District, round_id: int, name: str, at: datetime) -> None:
    """Handed in at the close, begun at `at`."""
    paper_id = hands_in_paper(store, d, round_id, name, [True], now=CLOSED)
    store.run(update(tables.attempt).where(tables.attempt.c.id == paper_id).values(started_at=at))


def test_everybody_is_counted_in_the_state_of_then_and_by_what_became_of_them(store: Store) -> None:
    d = district(store)
    number = past_round(store, d)
    for name in d.people:
        enrol(store, d, number, name)
    hands_in_paper(store, d, number, "王敏", [True], now=THEN)
    started(store, d, number, "李建国", THEN - timedelta(hours=1))
    card(store, d, number, "陈芳", "telegram", THEN)
    card(store, d, number, "刘洋", "wecom", THEN + timedelta(seconds=1))
    hands_in_paper(store, d, number, "刘洋", [True], now=CLOSED)
    hands_in_paper(store, d, number, "张三", [False], now=THEN - timedelta(hours=2))
    refused = {"unreachable": "blocked", "unreachable_at": THEN - timedelta(days=1)}
    store.run(update(tables.account).where(tables.account.c.person_id == d.people["李四"]).values(**refused))
    store.run(
        update(tables.account)
        .where(tables.account.c.person_id == d.people["孙七"])
        .values(bound_at=THEN + timedelta(hours=1))
    )
    hands_in_paper(store, d, number, "孙七", [True], now=CLOSED)
    mark(store, d, number, "周杰", counted=False, exempt=True)
    what = rounds.get(store, d.round_id)
    assert histories.past(store, what, NOW) == [
        {At.STARTED: (1, 1), At.DELIVERED: (1, 0), At.PLANNED: (2, 1), At.UNREACHABLE: (1, 0), At.UNBOUND: (2, 1)}
    ]
    assert histories.past(store, what, NOW, "passed") == [
        {
            At.FAILED: (1, 0),
            At.STARTED: (1, 1),
            At.DELIVERED: (1, 0),
            At.PLANNED: (2, 1),
            At.UNREACHABLE: (1, 0),
            At.UNBOUND: (2, 1),
        }
    ]


def test_a_refusal_or_an_end_that_came_later_does_not_count(store: Store) -> None:
    d = district(store)
    number = past_round(store, d)
    enrol(store, d, number, "李四")
    enrol(store, d, number, "吴九")
    late = THEN + timedelta(hours=1)
    mine = tables.account.c.person_id
    store.run(update(tables.account).where(mine == d.people["李四"]).values(unreachable="blocked", unreachable_at=late))
    store.run(update(tables.account).where(mine == d.people["吴九"]).values(ended_at=late))
    assert histories.past(store, rounds.get(store, d.round_id), NOW) == [{At.PLANNED: (2, 0)}]


def test_time_that_ran_out_without_an_answer_is_no_sitting(store: Store) -> None:
    d = district(store)
    number = past_round(store, d)
    line = enrol(store, d, number, "张三")
    paper_id = store.new_id(insert(tables.paper), {"enrolment_id": line, "number": 1, "seed": 1, "slots": []})
    gone = THEN - timedelta(hours=1)
    store.run(insert(tables.attempt), {"id": paper_id, "enrolment_id": line, "state": "handed_in", "started_at": gone, "handed_in_at": gone,
                                       "score": 0, "automatic": True})  # fmt: skip
    assert histories.past(store, rounds.get(store, d.round_id), NOW) == [{At.STARTED: (1, 0)}]


def test_rounds_of_the_same_plan_come_first_and_other_kinds_never(store: Store) -> None:
    d = district(store)
    other = past_round(store, d, "other", CLOSED + timedelta(days=1))
    same = past_round(store, d, "exam", CLOSED)
    past_round(store, d, "daily", CLOSED, counts="practice")
    past_round(store, d, "exam+makeup", CLOSED, of=same)
    assert [each.id for each in histories.alike(store, rounds.get(store, d.round_id))] == [same, other]


def test_a_round_that_was_not_open_yet_so_long_before_its_close_says_nothing(store: Store) -> None:
    d = district(store)
    number = past_round(store, d)
    store.run(update(tables.round_).where(tables.round_.c.id == number).values(opens_at=THEN))
    enrol(store, d, number, "张三")
    what = rounds.get(store, d.round_id)
    assert histories.past(store, what, NOW) == []
    assert histories.past(store, what, NOW + timedelta(seconds=1)) == [{At.PLANNED: (1, 0)}]
    assert store.row(select(tables.round_.c.id)) is not None
