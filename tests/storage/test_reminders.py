from __future__ import annotations

from datetime import timedelta

from storage import deliveries, reminders, rounds, tables
from storage.database import Store
from storage.reminders import Effect, Told
from tests.builders import NOW, district, hands_in_paper, mark

WEEK = NOW - timedelta(days=4, hours=10)
"""Monday 00:00 in Shanghai."""


def owe(store: Store, key: str, account_id: int, kind: str, **more: object) -> None:
    deliveries.plan(store, key, account_id, kind, {"text": "…"}, NOW, **more)


def sent(store: Store, key: str, at: object) -> None:
    store.run(tables.delivery.update().where(tables.delivery.c.key == key).values(state="sent", sent_at=at))


def test_a_touch_counts_in_the_week_in_which_it_goes(store: Store) -> None:
    d = district(store)
    who, account = d.people["张三"], d.accounts["张三", "wecom"]
    owe(store, "a", account, "notice")
    owe(store, "b", account, "handover")
    owe(store, "c", account, "reminder", not_before=NOW + timedelta(days=3))
    owe(store, "d", account, "report")
    assert reminders.spent(store, WEEK, [who]) == {who: 2}
    assert reminders.spent(store, WEEK + timedelta(days=7), [who]) == {who: 1}
    assert reminders.spent(store, WEEK, [d.people["李四"]]) == {}


def test_what_has_gone_is_counted_without_the_one_that_is_going(store: Store) -> None:
    d = district(store)
    for key in "ab":
        owe(store, key, d.accounts["张三", "wecom"], "notice")
        sent(store, key, NOW)
    owe(store, "c", d.accounts["张三", "wecom"], "notice")
    number = store.value(tables.delivery.select().where(tables.delivery.c.key == "a"))
    assert reminders.already_sent(store, WEEK, d.people["张三"], number) == 1


def test_how_often_somebody_was_told_and_whether_one_is_on_its_way(store: Store) -> None:
    d = district(store)
    for key, state in (("a", "sent"), ("b", "planned"), ("c", "cancelled")):
        owe(store, key, d.accounts["张三", "wecom"], "reminder", round_id=d.round_id)
        store.run(tables.delivery.update().where(tables.delivery.c.key == key).values(state=state))
    assert reminders.told(store, d.round_id) == {d.people["张三"]: Told(2, waiting=True)}


def test_unfinished_is_who_may_still_hand_in(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "张三", sat=True)
    mark(store, d, d.round_id, "李四", exempt=True)
    mark(store, d, d.round_id, "刘洋", attempts=2)
    mark(store, d, d.round_id, "孙七", attempts=2, granted=1)
    found = {row.person_id for row in reminders.unfinished(store, rounds.get(store, d.round_id))}
    assert found == {d.people[name] for name in d.people} - {d.people[name] for name in ("张三", "李四", "刘洋")}


def test_the_newest_paper_is_the_one_drawn_last(store: Store) -> None:
    d = district(store)
    first = hands_in_paper(store, d, d.round_id, "张三", [True])
    second = hands_in_paper(store, d, d.round_id, "张三", [False])
    line = store.value(
        tables.paper.select().with_only_columns(tables.paper.c.enrolment_id).where(tables.paper.c.id == first)
    )
    assert reminders.newest_paper(store, line) == second
    assert reminders.newest_paper(store, 10**9) is None


def test_each_reminder_says_how_many_handed_in_after_it(store: Store) -> None:
    d = district(store)
    for name, channel in (("张三", "wecom"), ("李四", "telegram"), ("吴九", "wecom")):
        key = f"round:1:remind:x:{d.people[name]}"
        owe(store, key, d.accounts[name, channel], "reminder", round_id=d.round_id)
        sent(store, key, NOW)
    hands_in_paper(store, d, d.round_id, "张三", [True], now=NOW + timedelta(hours=2))
    hands_in_paper(store, d, d.round_id, "李四", [True], now=NOW + timedelta(hours=25))
    hands_in_paper(store, d, d.round_id, "孙七", [True], now=NOW + timedelta(hours=1))
    assert reminders.effects(store, d.round_id) == [Effect("round:1:remind:x", NOW, 3, 1, 2)]


def test_an_automatic_hand_in_without_an_answer_finished_nothing(store: Store) -> None:
    d = district(store)
    paper_id = hands_in_paper(store, d, d.round_id, "张三", [True])
    store.plain(f"UPDATE attempt SET automatic = {'true' if store.on_postgres else '1'} WHERE id = {paper_id}")
    assert d.people["张三"] in reminders.first_hand_ins(store, d.round_id)
    hands_in_paper(store, d, d.round_id, "李四", [True], now=NOW)
    store.run(tables.attempt.insert(), {"id": _blank(store, d), "enrolment_id": _line(store, d, "吴九"), "state": "handed_in", "started_at": NOW,
                                        "handed_in_at": NOW, "score": 0, "automatic": True})  # fmt: skip
    mark(store, d, d.round_id, "吴九", sat=True)
    assert d.people["吴九"] not in reminders.first_hand_ins(store, d.round_id)


def _line(store: Store, d: object, name: str) -> int:
    mine = tables.enrolment.c.person_id == d.people[name]  # type: ignore[attr-defined]
    return int(store.value(tables.enrolment.select().with_only_columns(tables.enrolment.c.id).where(mine)))


def _blank(store: Store, d: object) -> int:
    return store.new_id(
        tables.paper.insert(), {"enrolment_id": _line(store, d, "吴九"), "number": 1, "seed": 1, "slots": []}
    )


def test_quiet_hours_are_kept_and_taken_back(store: Store) -> None:
    d = district(store)
    reminders.set_quiet(store, d.people["张三"], (20, 8))
    assert reminders.quiet_spans(store) == {d.people["张三"]: (20, 8)}
    reminders.set_quiet(store, d.people["张三"], None)
    assert reminders.quiet_spans(store) == {}
    assert reminders.quiet_of(store, d.people["张三"]) is None
