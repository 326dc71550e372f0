"""Seats and codes: looking takes nothing, a code works once on one device, and that device is signed out by 交卷."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers import dispatch
from handlers.messages import Address, Incoming
from handlers.people import seating
from handlers.turns import Turn
from handlers.views import joining
from quizzes.rules import Rules
from storage import accounts, halls, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, District, district, enrol, make_round, turn

RULES = Rules(minutes=60, release="closed", hall=True)
BROWSER = "s:" + "1" * 64


@pytest.fixture
def d(store: Store) -> District:
    built = district(store)
    built.round_id = make_round(store, plan="hall", rules=RULES, title="集中考试")
    enrol(store, built, built.round_id, "张三")
    return built


def browser(store: Store, action: str, *, now=NOW, address: str = BROWSER) -> Turn:
    """A press in a browser, signed in or not."""
    found = accounts.behind(store, "web", address, now)
    incoming = Incoming(f"web:{action}:{now}", Address("web", address), now, action=action, device="d1")
    return Turn(incoming, now, HOUSE, *(found or (None, None)))


def code_of(store: Store, d: District, said: str = "考试码", name: str = "张三", now=NOW) -> str:
    [reply] = seating.exam_code(turn(store, d, name, said, now=now), store)
    return seating.read_code(reply.text.split("：")[1].split("\n")[0])


def enters(store: Store, code: str, digits: str, **more) -> str:
    [reply] = seating.sit_by_code(browser(store, f"/seat {code} {digits}", **more), store)
    return reply.text


def test_a_code_can_be_read_out_and_typed_with_spaces_and_small_letters():
    code = seating.new_code()
    assert len(code) == 10
    assert not set("01OILU") & set(seating.ALPHABET)
    assert seating.read_code(f"  {seating.shown_code(code).lower()} ") == code
    assert seating.new_code() != code


def test_looking_at_a_code_uses_nothing_and_says_whose_it_is(store: Store, d: District) -> None:
    code = code_of(store, d)
    for _ in range(3):
        door = joining.seat(store, code, NOW, HOUSE.today(NOW))
        assert (door["state"], door["name"], door["by"]) == ("open", "张三", "phone")
    assert joining.seat(store, "AAAAAAAAAA", NOW)["state"] == "unknown"


def test_a_code_signs_the_device_in_once(store: Store, d: District) -> None:
    code = code_of(store, d)
    assert "已登录这台设备" in enters(store, code, "0006")
    assert accounts.behind(store, "web", BROWSER, NOW)[1].name == "张三"
    assert accounts.session_purpose(store, BROWSER) == "seat"
    other = "s:" + "2" * 64
    assert "已经用过" in enters(store, code, "0006", address=other)
    assert accounts.behind(store, "web", other, NOW) is None
    assert accounts.behind(store, "web", BROWSER, NOW + timedelta(hours=5)) is None


def test_a_code_pressed_elsewhere_than_in_a_browser_is_not_used_up(store: Store, d: District) -> None:
    code = code_of(store, d)
    forged = Incoming("telegram:1", Address("telegram", "999"), NOW, action=f"/seat {code} 0006")
    assert "不对" in seating.sit_by_code(Turn(forged, NOW, HOUSE), store)[0].text
    assert store.rows(select(tables.session)) == []
    assert "已登录这台设备" in enters(store, code, "0006")


@pytest.mark.parametrize("said", ["网页登录", "考试码", "解除绑定"])
def test_nobody_makes_a_way_in_on_a_shared_device(store: Store, d: District, said: str) -> None:
    enters(store, code_of(store, d), "0006")
    typed = Incoming("web:1", Address("web", BROWSER), NOW, said)
    [reply] = dispatch.take(store, typed, HOUSE).replies
    assert "这台设备是共用的" in reply.text
    assert reply.links == ()


def test_an_officer_is_nothing_but_a_cadre_on_a_shared_device(store: Store, d: District) -> None:
    enters(store, code_of(store, d, name="王敏"), "0001")
    for number, (said, may) in enumerate((("场次", False), ("未参考", False), ("考试", True))):
        [reply, *_] = dispatch.take(store, Incoming(f"web:{number}", Address("web", BROWSER), NOW, said), HOUSE).replies
        assert ("没有这项权限" not in reply.text) is may


def test_a_device_somebody_sits_at_is_not_taken_over(store: Store, d: District) -> None:
    enters(store, code_of(store, d), "0006")
    assert "现在登录的是张三" in enters(store, code_of(store, d, name="李四"), "0007")
    assert accounts.behind(store, "web", BROWSER, NOW)[1].name == "张三"


def test_three_wrong_confirmations_lock_a_code_and_an_old_one_is_replaced(store: Store, d: District) -> None:
    first = code_of(store, d)
    code = code_of(store, d)
    assert "换成新的" in enters(store, first, "0006")
    assert "还可以试 2 次" in enters(store, code, "9999")
    assert "还可以试 1 次" in enters(store, code, "")
    assert "锁住" in enters(store, code, "9999")
    assert "锁住" in enters(store, code, "0006")
    strange = code_of(store, d)
    assert "还可以试 2 次" in enters(store, strange, "九九九九")
    assert "已登录这台设备" in enters(store, strange, "０００６")
    accounts.leave_seats(store, d.people["张三"], NOW)
    late = code_of(store, d)
    assert "过期" in enters(store, late, "0006", now=NOW + timedelta(hours=4, seconds=1))
    assert "不对" in enters(store, "ZZZZZZZZZZ", "0006")


def test_the_officer_gets_a_code_for_anybody_and_a_liaison_for_the_own_unit(store: Store, d: District) -> None:
    assert "司法局吴九的考试码" in seating.exam_code(turn(store, d, "王敏", "考试码 吴九"), store)[0].text
    assert "质安站赵六的考试码" in seating.exam_code(turn(store, d, "刘洋", "考试码 赵六"), store)[0].text
    assert "没有找到" in seating.exam_code(turn(store, d, "刘洋", "考试码 吴九"), store)[0].text
    mine = seating.exam_code(turn(store, d, "张三", "考试码 吴九"), store)[0].text
    assert mine.startswith("您的考试码")


def test_the_session_of_a_shared_device_ends_and_that_of_an_own_one_does_not(store: Store, d: District) -> None:
    enters(store, code_of(store, d), "0006")
    assert seating.device_of(browser(store, "x"), store) == "seat:d1"
    assert seating.clear(browser(store, "x"), store)
    assert accounts.behind(store, "web", BROWSER, NOW) is None
    own = "s:" + "3" * 64
    accounts.open_session(store, d.people["张三"], own[2:], NOW, NOW + timedelta(days=1))
    assert seating.device_of(browser(store, "x", address=own), store) == "d1"
    assert not seating.clear(browser(store, "x", address=own), store)
    assert accounts.behind(store, "web", own, NOW) is not None
    silent = turn(store, d, "张三", "x", channel="telegram")
    assert seating.device_of(silent, store) == ""
    assert not seating.clear(silent, store)


def test_a_sitting_whose_time_was_over_signs_the_shared_device_out_and_no_other(store: Store, d: District) -> None:
    enters(store, code_of(store, d), "0006")
    own = "s:" + "3" * 64
    accounts.open_session(store, d.people["张三"], own[2:], NOW, NOW + timedelta(days=1))
    accounts.leave_seats(store, d.people["李四"], NOW)
    assert accounts.behind(store, "web", BROWSER, NOW) is not None
    accounts.leave_seats(store, d.people["张三"], NOW)
    assert accounts.behind(store, "web", BROWSER, NOW) is None
    assert accounts.behind(store, "web", own, NOW) is not None


def test_a_seat_is_taken_by_pressing_and_once(store: Store, d: District) -> None:
    hall_id = halls.make(store, d.round_id, "礼堂", "door", d.people["王敏"], NOW)
    assert joining.hall(store, "door", None) == {
        "state": "waiting",
        "place": "礼堂",
        "title": "集中考试",
        "seated": False,
    }
    assert halls.seats(store, hall_id) == []
    own = "s:" + "3" * 64
    accounts.open_session(store, d.people["张三"], own[2:], NOW, NOW + timedelta(days=1))
    for _ in range(2):
        [reply] = dispatch.dispatch(browser(store, "/sit door", address=own), store)
        assert "已在礼堂就座" in reply.text
        assert reply.choices == ()
    assert [row.name for row in halls.seats(store, hall_id)] == ["张三"]
    halls.start(store, hall_id, NOW)
    [reply] = dispatch.dispatch(browser(store, "/sit door", address=own), store)
    assert [each.says for each in reply.choices] == ["考试"]
    halls.end(store, hall_id, NOW)
    assert "已经结束" in dispatch.dispatch(browser(store, "/sit door", address=own), store)[0].text
    assert "链接不对" in dispatch.dispatch(browser(store, "/sit other", address=own), store)[0].text


def test_telegram_opens_the_same_door_by_a_deep_link_and_strangers_are_told_how_to_get_in(
    store: Store, d: District
) -> None:
    hall_id = halls.make(store, d.round_id, "礼堂", "door", d.people["王敏"], NOW)
    said = turn(store, d, "张三", "/start hall-door", channel="telegram")
    assert "就座" in dispatch.dispatch(said, store)[0].text
    stranger = replace(
        said, account=None, person=None, incoming=replace(said.incoming, account=Address("telegram", "9"))
    )
    assert "还没有绑定" in dispatch.dispatch(stranger, store)[0].text
    assert len(halls.seats(store, hall_id)) == 1


def test_tokens_and_codes_are_kept_nowhere(store: Store, d: District) -> None:
    code = code_of(store, d)
    incoming = browser(store, f"/seat {code} 0006").incoming
    dispatch.take(store, incoming, HOUSE)
    assert code not in str(store.rows(select(tables.inbox.c.said))) + str(store.rows(select(tables.audit.c.details)))
