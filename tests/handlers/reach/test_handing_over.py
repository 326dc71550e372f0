"""交办: on the day the plan says, inside working hours, privately, once, by name only where names may be shown."""

from __future__ import annotations

from datetime import date, time
from random import Random

import pytest

from handlers.reach.handing_over import by_heir, hand_over, orphans
from handlers.rounds import clock
from quizzes.heirs import As, Heir
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind
from storage import accounts, people, reminders, rounds
from tests.engine import QUESTIONS, WORKDAYS, Engine

EXAM = Plan(
    "exam",
    "年度考试",
    time(9),
    time(18),
    days=(date(2026, 11, 23),),
    closes_after=4,
    draw=(Draw(1, Kind.SINGLE),),
    hand_over_days=2,
)
"""Monday 09:00 to Friday 18:00; names go from Wednesday on."""


@pytest.fixture
def engine(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.write(lambda store: people.add_unit(store, "住建局", None))
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    engine.person("联络员", "住建局", channel="wecom", role="liaison", on="住建局")
    for name in ("张三", "李四"):
        engine.person(name, "住建局")
    engine.person("王五", "财政局", channel="")
    engine.person("局长", "财政局", leadership=True, rank="局长")
    engine.person("副局长", "财政局", leadership=True, rank="副局长", channel="wecom")
    return engine.with_plan(EXAM).at("09:00")


def told(engine, channel):
    return {p.address.id.partition("-")[2]: p.reply for p in engine.delivered(channel) if p.kind == "handover"}


def on(engine, day, clock_time="09:00"):
    return engine.at(clock_time, date(2026, 11, day))


def test_nothing_is_handed_over_before_the_day_or_outside_working_hours(engine):
    on(engine, 24, "17:59")
    assert told(engine, "wecom") == told(engine, "telegram") == {}
    on(engine, 25, "08:00")
    assert told(engine, "wecom") == {}
    on(engine, 25, "08:30")
    assert set(told(engine, "wecom")) == {"联络员", "副局长", "管理员"}


def test_the_liaison_reads_names_reasons_and_what_to_say(engine):
    on(engine, 25)
    reply = told(engine, "wecom")["联络员"]
    assert reply.text.startswith(
        "「年度考试」11月27日 18:00 截止，您负责联系的还差2人（截至11月25日 09:00）。您作为单位普法联络员收到这份名单。"
    )
    assert "住建局　张三" in reply.text
    assert "请逐人私下联系，不要发到群里" in reply.text
    assert "王五" not in reply.text
    assert [each.says for each in reply.choices] == ["待联系名单 1", "电话名单 1"]


def test_without_a_liaison_the_head_of_the_unit_gets_the_names_and_nobody_gets_their_own(engine):
    with engine.database.reading() as store:
        given = by_heir(store, rounds.get(store, 1), engine.now, engine.house)
    named = {(heir.as_, heir.person_id): sorted(each.name for each in names) for heir, names in given.items()}
    assert named == {
        (As.LIAISON, engine.people["联络员"]): ["张三", "李四"],
        (As.HEAD, engine.people["局长"]): ["副局长", "王五"],
        (As.HEAD, engine.people["副局长"]): ["局长"],
        (As.OFFICER, engine.people["管理员"]): ["联络员"],
    }


def test_on_telegram_there_are_counts_and_the_way_to_the_web_but_no_name(engine):
    on(engine, 25)
    reply = told(engine, "telegram")["局长"]
    assert "还差2人" in reply.text
    assert "王五" not in reply.text
    assert reply.links
    shown = engine.says("局长", "待联系名单")[0]
    assert "王五" not in shown.text
    engine.write(lambda store: accounts.bind(store, engine.people["局长"], "web", "web-局长", engine.now))
    assert "财政局　王五（未绑定账号）" in engine.says("局长", "待联系名单", channel="web")[0].text


def test_nobody_is_told_twice_in_a_round_and_the_list_is_always_the_newest(engine):
    on(engine, 25)
    told(engine, "wecom")
    engine.says("张三", "今日答题")
    engine.answers("张三", engine.right("张三"))
    on(engine, 26)
    assert told(engine, "wecom") == {}
    text = engine.says("联络员", "待联系名单", channel="wecom")[0].text
    assert "李四" in text
    assert "张三" not in text


def test_who_was_told_nothing_sees_nothing(engine):
    on(engine, 25)
    assert engine.says("张三", "待联系名单")[0].text == "现在没有交给您联系的人。"


def test_the_recipients_quiet_hours_are_waited_out(engine):
    engine.write(lambda store: reminders.set_quiet(store, engine.people["联络员"], (8, 12)))
    on(engine, 25, "08:30")
    assert "联络员" not in told(engine, "wecom")
    on(engine, 25, "12:00")
    assert "联络员" in told(engine, "wecom")


def test_names_that_were_not_sent_that_day_are_handed_over_the_next(engine):
    on(engine, 25)
    on(engine, 25, "18:30")
    assert told(engine, "wecom") == {}
    on(engine, 26, "08:30")
    assert "联络员" in told(engine, "wecom")


def test_people_on_leave_are_not_called(engine):
    engine.presses(
        "管理员",
        engine.says("管理员", "请假 张三 2026-11-20 2026-11-30 休假", channel="wecom")[0].choices[0],
        channel="wecom",
    )
    on(engine, 25)
    assert "张三" not in told(engine, "wecom")["联络员"].text


def test_the_officer_hands_over_early_after_seeing_to_whom(engine):
    (shown,) = engine.says("管理员", "交办名单", channel="wecom")
    assert "联络员（单位普法联络员，住建局等）：2人" in shown.text
    assert told(engine, "wecom") == {}
    (done,) = engine.presses("管理员", shown.choices[0], channel="wecom")
    assert done.text == "已交办：6人的名单，分给4人。同一期不会重复发给同一个人。"
    assert set(told(engine, "wecom")) == {"联络员", "副局长", "管理员"}
    assert "没有新的名单可交办" in engine.says("管理员", "交办名单", channel="wecom")[0].text


def test_who_cannot_be_reached_is_passed_over(engine):
    engine.presses("联络员", "/blocked", channel="wecom")
    with engine.database.reading() as store:
        given = by_heir(store, rounds.get(store, 1), engine.now, engine.house)
    assert {each.name for each in given[Heir(engine.people["管理员"], As.OFFICER)]} == {"张三", "李四", "联络员"}


def test_units_without_anybody_but_the_officer_are_named(engine):
    engine.person("赵六", "档案馆")
    with engine.database.reading() as store:
        assert [each.name for each in orphans(store, engine.house, date(2026, 11, 23))] == ["司法局", "档案馆"]


def test_a_plan_that_hands_nothing_over_does_not(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("管理员", "司法局", role="admin")
    engine.person("张三", "住建局")
    engine.with_plan(
        Plan("exam", "考试", time(9), time(18), days=(date(2026, 11, 23),), draw=(Draw(1, Kind.SINGLE),))
    ).at("09:00")
    assert told(engine, "telegram") == {}
    what = engine.read(lambda store: rounds.get(store, 1))
    assert len(engine.write(lambda store: hand_over(store, what, engine.now, engine.house))) == 1
    assert not engine.write(lambda store: clock.tick(store, engine.now, engine.house, WORKDAYS, Random(1)))
