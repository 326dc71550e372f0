from __future__ import annotations

from datetime import time

from sqlalchemy import select

from handlers.messages import Reply
from handlers.reach import nudging
from quizzes.plans import Plan
from storage import banks, deliveries, tables
from storage.database import Store
from tests.builders import NOW, District, district, mark, sits, turn
from tests.handlers.reach.test_missing import last_mile


def asks(store: Store, d: District, said: str = "提醒未参考") -> Reply:
    [reply] = nudging.nudge(turn(store, d, "王敏", said), store)
    return reply


def confirms(store: Store, d: District, people: int) -> Reply:
    [reply] = nudging.confirm(turn(store, d, "王敏", f"确认提醒 {d.round_id} {people}", action=True), store)
    return reply


def reminded(store: Store) -> set[int]:
    return {
        row.person_id
        for row in store.rows(select(tables.delivery.c.person_id).where(tables.delivery.c.kind == "reminder"))
    }


def test_a_nudge_shows_whom_it_reaches_before_it_is_sent(store: Store) -> None:
    d = last_mile(store)
    reply = asks(store, d)
    assert (
        reply.text
        == "「宪法宣传周学法考试」还有4人没有答完，可以提醒2人。\n未绑定或无法送达：2人，请用「邀请」或当面通知。"
    )
    assert [each.says for each in reply.choices] == [f"确认提醒 {d.round_id} 2", "取消"]
    assert reminded(store) == set()


def test_a_confirmed_nudge_goes_to_the_unfinished_only_those_who_started_included(store: Store) -> None:
    d = last_mile(store)
    assert confirms(store, d, 2).text == "已安排提醒2人。答完的人不会再收到。"
    assert reminded(store) == {d.people["张三"], d.people["刘洋"]}
    assert store.value(select(tables.audit.c.act)) == "reminder.nudge"


def test_a_count_that_has_changed_is_shown_again_and_nothing_is_sent(store: Store) -> None:
    d = last_mile(store)
    sits(store, d, d.round_id, "张三")
    reply = confirms(store, d, 2)
    assert reply.text.startswith("人数有变化，请再确认一次。")
    assert "可以提醒1人" in reply.text
    assert reminded(store) == set()


def test_the_weekly_budget_and_quiet_hours_leave_people_in_peace(store: Store) -> None:
    d = last_mile(store)
    for number in range(6):
        deliveries.plan(store, f"n{number}", d.accounts["张三", "wecom"], "notice", {"text": "通知"}, NOW)
    store.plain(f"UPDATE person SET quiet_from = 8, quiet_to = 11 WHERE id = {d.people['刘洋']}")
    reply = asks(store, d)
    assert "本周消息已满7条，不再打扰：1人。" in reply.text
    assert "可以提醒1人。" in reply.text
    assert "其中1人正在免打扰时间，结束后再发。" in reply.text
    confirms(store, d, 1)
    at = store.value(select(tables.delivery.c.not_before).where(tables.delivery.c.kind == "reminder"))
    assert at == NOW.replace(hour=3, minute=0)


def test_who_asked_for_quiet_all_day_is_not_reminded_and_is_counted(store: Store) -> None:
    d = last_mile(store)
    store.plain(f"UPDATE person SET quiet_from = 8, quiet_to = 18 WHERE id = {d.people['刘洋']}")
    assert "截止前没有合适的时间（工作时间以外，或本人免打扰）：1人。" in asks(store, d).text


def test_a_nudge_in_the_evening_says_when_it_goes(store: Store) -> None:
    d = last_mile(store)
    [reply] = nudging.nudge(turn(store, d, "王敏", "提醒未参考", now=NOW.replace(hour=13)), store)
    assert "现在不在工作时间，12月7日 08:30 起发出。" in reply.text


def test_who_has_had_as_many_as_the_plan_allows_is_left_to_the_call_list(store: Store) -> None:
    d = last_mile(store)
    banks.apply_plans(store, [Plan("exam", "考试", time(9), time(18), remind_most=1)], NOW)
    deliveries.plan(store, "r", d.accounts["张三", "wecom"], "reminder", {"text": "提醒"}, NOW, round_id=d.round_id)
    store.plain("UPDATE delivery SET state = 'sent' WHERE kind = 'reminder'")
    assert "本期已提醒满1次，不再提醒：1人" in asks(store, d).text


def test_who_has_no_attempt_left_is_not_reminded(store: Store) -> None:
    d = last_mile(store)
    mark(store, d, d.round_id, "刘洋", attempts=2)
    reply = asks(store, d)
    assert "可以提醒1人" in reply.text
    assert "机会已用完：1人。" in reply.text


def test_nobody_is_nudged_twice_a_day(store: Store) -> None:
    d = last_mile(store)
    confirms(store, d, 2)
    reply = asks(store, d)
    assert "今天已提醒过：2人。" in reply.text
    assert not any("确认" in each.says for each in reply.choices)


def test_leave_and_pending_requests_are_left_in_peace(store: Store) -> None:
    d = last_mile(store)
    store.plain(
        f"INSERT INTO exemption (person_id, kind, reason, state, requested_at) VALUES ({d.people['张三']}, '免考', '病', 'requested', 0)"
    )
    assert "请假或申请待审批，不发：1人。" in asks(store, d).text


def test_a_closed_round_cannot_be_nudged(store: Store) -> None:
    d = district(store)
    store.plain("UPDATE round SET state = 'closed'")
    assert asks(store, d).text == "「宪法宣传周学法考试」没有在进行，不能提醒。"
    assert confirms(store, d, 10).text == "「宪法宣传周学法考试」没有在进行，不能提醒。"


def test_without_any_round_there_is_nothing_to_nudge(store: Store) -> None:
    d = district(store)
    store.plain("DELETE FROM enrolment")
    store.plain("DELETE FROM round")
    assert asks(store, d).text == "现在没有需要催办的场次。"
