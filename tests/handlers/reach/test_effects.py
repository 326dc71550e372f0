from __future__ import annotations

from datetime import timedelta

from handlers.reach import effects
from storage import deliveries, tables
from storage.database import Store
from tests.builders import NOW, District, district, hands_in_paper, turn


def reminded(store: Store, d: District, prefix: str, name: str) -> None:
    channel = next(channel for who, channel in d.accounts if who == name)
    key = f"{prefix}:{d.people[name]}"
    deliveries.plan(store, key, d.accounts[name, channel], "reminder", {"enrolment": 1}, NOW, round_id=d.round_id)
    store.run(tables.delivery.update().where(tables.delivery.c.key == key).values(state="sent", sent_at=NOW))


def test_the_officer_reads_what_each_reminder_came_to(store: Store) -> None:
    d = district(store)
    for name in ("张三", "李四", "吴九"):
        reminded(store, d, f"round:{d.round_id}:remind:2026-12-04T02:00:00+00:00", name)
    reminded(store, d, f"nudge:{d.round_id}:2026-12-04", "孙七")
    hands_in_paper(store, d, d.round_id, "张三", [True], now=NOW + timedelta(hours=3))
    [reply] = effects.effects(turn(store, d, "王敏", "提醒效果"), store)
    assert reply.text == (
        "「宪法宣传周学法考试」共发过2次提醒：\n"
        "12月4日 10:00（手动）：发出1人，24小时内交卷0人，至今交卷0人\n"
        "12月4日 10:00（按安排）：发出3人，24小时内交卷1人，至今交卷1人\n"
        "24小时内、截止前的人数，都是收到这次提醒之后交卷的；有人会算在不止一次提醒里。"
    )
    store.plain("UPDATE round SET state = 'closed'")
    [reply] = effects.effects(turn(store, d, "王敏", f"提醒效果 {d.round_id}"), store)
    assert "截止前交卷1人" in reply.text
    assert not any(name in reply.text for name in d.people)


def test_without_a_reminder_it_says_so(store: Store) -> None:
    d = district(store)
    [reply] = effects.effects(turn(store, d, "王敏", "提醒效果"), store)
    assert reply.text == "「宪法宣传周学法考试」还没有发过提醒。"
