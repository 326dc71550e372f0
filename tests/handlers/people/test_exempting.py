"""免考 and 请假: shown first, then confirmed; a dated row with reason and approver remains; a name that fits several is asked for."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from handlers.words import say, words
from storage import accounts, audit
from storage.tables import audit as audit_table
from storage.tables import enrolment, enrolment_change, exemption
from tests.engine import DAILY, QUESTIONS, Engine

ZH = words("zh")


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    for name, unit in (("张三", "住建局"), ("李四", "财政局")):
        engine.person(name, unit)
    engine.person("管理员", "司法局", role="admin")
    engine.write(lambda store: accounts.bind(store, engine.people["管理员"], "web", "web-管理员", engine.now))
    return engine.with_plan(DAILY).at("09:00")


def rows(engine, table):
    return engine.read(lambda store: store.rows(select(table).order_by(table.c.id)))


def due(engine):
    return sum(bool(row.counted) for row in rows(engine, enrolment))


def test_asking_shows_what_it_does_to_应考_and_does_nothing(engine):
    (reply,) = engine.says("管理员", "免考 张三 2026-11-23 2026-12-31 长期病假，单位同意", channel="web")
    for part in ("住建局", "张三", "11月23日至12月31日", "长期病假，单位同意", "1 期"):
        assert part in reply.text
    assert rows(engine, exemption) == []
    assert due(engine) == 3


def test_confirming_leaves_a_dated_row_with_reason_approver_and_a_line_in_the_audit(engine):
    (asked,) = engine.says("管理员", "免考 张三 2026-11-23 - 长期病假")
    (done,) = engine.presses("管理员", asked.choices[0])
    assert done.text == say("zh", "exempting.done_exempt", rounds=1)
    (row,) = rows(engine, exemption)
    assert (row.kind, row.reason, row.state, row.decided_by, row.starts_on, row.ends_on) == (
        "免考", "长期病假", "approved", engine.people["管理员"], date(2026, 11, 23), None)  # fmt: skip
    (change,) = rows(engine, enrolment_change)
    assert (change.reason, change.approver_id, change.at) == ("长期病假", engine.people["管理员"], engine.now)
    (line,) = [row for row in rows(engine, audit_table) if row.act == "exemption.exempt"]
    assert (line.object, line.details["rounds"]) == (f"person:{engine.people['张三']}", [1])
    assert engine.read(audit.verify) is None


def test_leave_changes_no_denominator(engine):
    (asked,) = engine.says("管理员", "请假 张三 2026-11-23 2026-11-30 年休假")
    (done,) = engine.presses("管理员", asked.choices[0])
    assert done.text == ZH["exempting.done_leave"]
    assert due(engine) == 3
    assert rows(engine, enrolment_change) == []
    engine.delivered()
    engine.at("16:30")
    assert "telegram-张三" not in {parcel.address.id for parcel in engine.delivered()}


def test_confirming_twice_takes_nobody_out_twice(engine):
    (asked,) = engine.says("管理员", "免考 张三 2026-11-23 - 病")
    for _ in range(2):
        (done,) = engine.presses("管理员", asked.choices[0])
    assert done.text == ZH["exempting.already_exempt"]
    assert (len(rows(engine, enrolment_change)), len(rows(engine, exemption))) == (1, 1)
    assert due(engine) == 2
    assert engine.says("管理员", "免考 张三 2026-11-23 - 还是病")[0].text == ZH["exempting.already_exempt"]


def test_a_leave_confirmed_twice_is_one_leave(engine):
    (asked,) = engine.says("管理员", "请假 张三 2026-11-23 2026-11-30 年休假")
    for _ in range(2):
        (done,) = engine.presses("管理员", asked.choices[0])
    assert done.text == ZH["exempting.already_leave"]
    assert len(rows(engine, exemption)) == 1


def test_dates_of_another_year_are_shown_with_the_year(engine):
    (asked,) = engine.says("管理员", "请假 张三 2026-12-28 2027-01-03 年休假")
    assert "12月28日至2027年1月3日" in asked.text


@pytest.mark.parametrize("said", ["", "张三", "张三 2026-11-23", "张三 2026-11-23 2026-12-01", "张三 昨天 明天 病", "张三 2026-12-01 2026-11-01 病",
                                  "张三 2026-02-30 - 病", "yes 张三 2026-11-23 -"])  # fmt: skip
def test_without_two_dates_in_order_and_a_reason_it_says_how(engine, said):
    for key in ("免考", "请假"):
        (reply,) = engine.says("管理员", f"{key} {said}")
        assert reply.text == ZH[f"exempting.how_{'exempt' if key == '免考' else 'leave'}"]
    assert rows(engine, exemption) == []


def test_nobody_of_that_name_is_said(engine):
    for who in ("王五", "#999", "99999999999999999999999"):
        (reply,) = engine.says("管理员", f"免考 {who} 2026-11-23 - 病")
        assert reply.text == say("zh", "exempting.nobody", name=who)


def test_of_two_of_a_name_one_is_chosen_and_only_that_one_is_exempt(engine):
    first = engine.people["张三"]
    engine.person("张三", "财政局", channel="web")
    (asked,) = engine.says("管理员", "免考 张三 2026-11-23 - 病", channel="web")
    assert [button.label for button in asked.choices] == ["张三　住建局", "张三　财政局"]
    (proposed,) = engine.presses("管理员", asked.choices[0], channel="web")
    engine.presses("管理员", proposed.choices[0], channel="web")
    assert [row.person_id for row in rows(engine, exemption)] == [first]


def test_telegram_tells_two_of_a_name_apart_without_the_name(engine):
    engine.person("张三", "财政局", channel="web")
    (asked,) = engine.says("管理员", "免考 张三 2026-11-23 - 病")
    assert len(asked.choices) == 2
    assert "张三" not in "".join(button.label for button in asked.choices)
    (proposed,) = engine.presses("管理员", asked.choices[1])
    assert "张三" not in proposed.text
    assert f"#{engine.people['张三']}" in proposed.text


def test_a_reason_too_long_for_a_button_is_confirmed_by_typing_what_is_shown(engine):
    reason = "因病住院手术并需长期休养，经单位党组研究同意并报普法办备案"
    (asked,) = engine.says("管理员", f"免考 张三 2026-11-23 - {reason}")
    assert asked.choices == ()
    typed = asked.text.splitlines()[-1].partition("：")[2]
    engine.says("管理员", typed)
    assert [row.reason for row in rows(engine, exemption)] == [reason]


def test_somebody_else_cannot_press_the_officers_button(engine):
    (asked,) = engine.says("管理员", "免考 张三 2026-11-23 - 病")
    assert engine.presses("李四", asked.choices[0])[0].text == ZH["errors.not_allowed"]
    assert rows(engine, exemption) == []


def test_in_english_the_same_words_work(engine):
    engine.says("管理员", "language en")
    (asked,) = engine.says("管理员", "exempt 张三 2026-11-23 - illness")
    engine.presses("管理员", asked.choices[0])
    assert [row.reason for row in rows(engine, exemption)] == ["illness"]
