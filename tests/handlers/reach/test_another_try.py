from __future__ import annotations

from sqlalchemy import select

from handlers.messages import Reply
from handlers.reach import another_try
from storage import accounts, tables
from storage.database import Store
from tests.builders import NOW, District, district, mark, owed, person, sits, turn


def asks(store: Store, d: District, said: str) -> Reply:
    [reply] = another_try.grant(turn(store, d, "王敏", said), store)
    return reply


def granted(store: Store, d: District, name: str) -> int:
    mine = tables.enrolment.c.person_id == d.people[name]
    return int(store.value(select(tables.enrolment.c.granted).where(mine)))


def test_it_is_shown_confirmed_written_down_and_the_person_is_told(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "张三", attempts=2, started=True)
    shown = asks(store, d, "加一次机会 张三")
    assert shown.text == "将给住建局张三增加一次「宪法宣传周学法考试」的考试机会（已用2次）。现在还没有生效，请确认。"
    assert granted(store, d, "张三") == 0
    done = asks(store, d, shown.choices[0].says)
    assert done.text == "已给张三增加一次「宪法宣传周学法考试」的考试机会，并已留痕。\n已通知本人，通知在工作时间发出。"
    assert granted(store, d, "张三") == 1
    assert owed(store, d, "张三") == ["「宪法宣传周学法考试」管理员为您增加了一次考试机会，12月11日 10:00 截止。"]
    assert store.value(select(tables.audit.c.act)) == "attempt.grant"


def test_pressed_twice_it_is_granted_once(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "张三", attempts=2)
    asks(store, d, f"加一次机会 {d.people['张三']} {d.round_id} yes")
    assert "还有1次机会" in asks(store, d, f"加一次机会 {d.people['张三']} {d.round_id} yes").text
    assert granted(store, d, "张三") == 1


def test_who_cannot_be_reached_is_to_be_called(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "赵六", attempts=2)
    assert "请打电话告诉本人" in asks(store, d, f"加一次机会 赵六 {d.round_id} yes").text


def test_who_needs_none_gets_none(store: Store) -> None:
    d = district(store)
    sits(store, d, d.round_id, "张三")
    assert "已合格" in asks(store, d, "加一次机会 张三").text
    assert "还有2次机会" in asks(store, d, "加一次机会 李四").text
    mark(store, d, d.round_id, "孙七", exempt=True, counted=False, attempts=2)
    assert "不能加机会" in asks(store, d, "加一次机会 孙七").text
    assert "没有找到" in asks(store, d, "加一次机会 无此人").text


def test_those_whose_time_ran_out_are_offered_by_name_where_names_may_be_shown(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "张三", attempts=2, started=True)
    shown = asks(store, d, f"加一次机会 - {d.round_id}")
    assert [(each.label, each.says) for each in shown.choices] == [
        ("张三　住建局", f"加一次机会 {d.people['张三']} {d.round_id}")
    ]
    d.accounts["王敏", "telegram"] = accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    [hidden] = another_try.grant(turn(store, d, "王敏", "加一次机会", channel="telegram"), store)
    assert hidden.choices[0].label == f"#{d.people['张三']}　住建局"


def test_a_name_that_several_share_is_asked_for(store: Store) -> None:
    d = district(store)
    store.plain("UPDATE person SET name = '张三' WHERE name = '李四'")
    assert len(asks(store, d, "加一次机会 张三").choices) == 2


def test_after_the_close_it_is_the_make_up(store: Store) -> None:
    d = district(store)
    person(store, d, "新人", "住建局", "住建局")
    store.plain("UPDATE round SET state = 'closed'")
    assert "请用「补考」" in asks(store, d, f"加一次机会 张三 {d.round_id}").text
