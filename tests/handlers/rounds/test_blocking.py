"""Every reason that keeps a person from a round is said, in words that name what does not hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, update

from handlers.rounds import blocking, managing
from handlers.words import words
from quizzes.people import PostingKind
from quizzes.plans import Audience, Draw
from quizzes.questions import Kind
from quizzes.rounds import State
from storage import accounts, exemptions, people, rounds
from storage.tables import account, enrolment, hall, person, round_, seat
from tests.engine import Engine
from tests.handlers.sitting.exams import EXAM, begins, exam

ZH = words("zh")


@pytest.fixture
def engine(database) -> Engine:
    return exam(database)


def checks(engine: Engine, store, name: str = "张三", number: int = 0, audience: Audience | None = None):
    who = people.placed(store, engine.house.today(engine.now), name=name)[0]
    if number:
        what = rounds.get(store, number)
    else:
        plan = EXAM if audience is None else replace(EXAM, who=audience)
        what = managing.draft(plan, managing.by_hand(plan, engine.house, engine.now))
    return blocking.Checks(store, engine.house, what, who, "zh", engine.now)


def blocked(engine: Engine, *args, **more) -> tuple[str, ...]:
    return engine.read(lambda store: checks(engine, store, *args, **more).blocked())


def notes(engine: Engine, *args, **more) -> list[str]:
    return engine.read(lambda store: list(checks(engine, store, *args, **more).notes()))


def test_nothing_blocks_somebody_who_is_due_and_bound(engine):
    assert blocked(engine) == ()
    engine.at("09:00")
    assert blocked(engine, number=1) == ()
    assert notes(engine, number=1) == []


# Not among those due. --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audience", "said"),
    [
        (Audience(units=("财政局",)), "单位不在范围内：本人在住建局，本期限财政局。"),
        (Audience(categories=("公务员", "参公")), "人员类别不在范围内：本人未填，本期限公务员、参公。"),
        (Audience(ranks=("处级",)), "职级不在范围内：本人未填，本期限处级。"),
        (Audience(enforcement=True), "本期只限执法人员。"),
    ],
)
def test_the_side_of_the_audience_that_does_not_hold_is_named(engine, audience, said):
    engine.unit("财政局")
    assert blocked(engine, audience=audience) == (said,)


def test_enforcement_staff_left_out_is_named_too(engine):
    engine.write(lambda store: store.run(update(person).values(enforcement=True)))
    assert blocked(engine, audience=Audience(enforcement=False)) == (ZH["preview.out_no_enforcement"],)


def test_a_posting_that_does_not_count_is_named(engine):
    engine.person("借调人", "住建局", kind=PostingKind.SECONDED)
    assert blocked(engine, "借调人") == ("没有计入应考的人事关系：名册上是借调，本期只计编制、挂职、驻村。",)


def test_who_has_retired_is_told_the_day(engine):
    engine.write(lambda store: store.run(update(person).values(retires_on=date(2026, 11, 20))))
    assert blocked(engine) == ("退休日期 2026-11-20 在开放日之前。",)


def test_whoever_is_on_no_list_of_a_make_up_or_has_passed_is_told_so(engine):
    engine.at("09:00")
    engine.at("18:01", date(2026, 11, 24))
    plan = replace(EXAM, key="exam+makeup1", who=Audience(people=(engine.people["张三"],)))
    occurrence = managing.by_hand(plan, engine.house, engine.now)
    number = engine.write(lambda store: rounds.add(
        store, plan, occurrence, state=State.PLANNED, closes_at=occurrence.closes_at, late=False, seed=1, of_round_id=1))  # fmt: skip
    assert ZH["preview.out_people"] in blocked(engine, "李四", number)
    assert ZH["preview.out_people"] not in blocked(engine, "张三", number)
    engine.write(lambda store: store.run(update(enrolment).values(sat=True, passed=True, score=9000)))
    assert ZH["preview.out_passed"] in blocked(engine, "张三", number)


# Freed. ----------------------------------------------------------------------------------------------------------------


def frees(
    engine: Engine, kind: str, starts: str | None = "2026-11-01", ends: str | None = None, round_id: int | None = None
) -> None:
    def approve(store):
        exemptions.record(store, engine.people["张三"], kind, "原因", engine.people["张三"], engine.now, round_id=round_id,
                          starts_on=date.fromisoformat(starts) if starts else None,
                          ends_on=date.fromisoformat(ends) if ends else None)  # fmt: skip

    engine.write(approve)


@pytest.mark.parametrize(
    ("ends", "until"), [(None, "长期"), ("2026-12-31", "至 2026-12-31")],
)  # fmt: skip
def test_an_exemption_says_until_when(engine, ends, until):
    frees(engine, "免考", ends=ends)
    assert blocked(engine) == (f"已批准免考（{until}）。",)
    engine.at("09:00")
    assert blocked(engine, number=1) == (f"已批准免考（{until}）。",)


def test_an_exemption_that_has_ended_blocks_nobody(engine):
    frees(engine, "免考", ends="2026-11-22")
    assert blocked(engine) == ()


def test_an_exemption_for_one_round_holds_for_that_round_alone(engine):
    engine.with_plan(EXAM).at("08:59")
    frees(engine, "免考", starts=None, round_id=1)
    assert "已批准免考（本期）。" in blocked(engine, number=1)
    assert blocked(engine) == ()


def test_leave_and_deferral_are_said_with_what_they_do(engine):
    frees(engine, "请假", ends="2026-11-27")
    frees(engine, "缓考")
    assert blocked(engine) == ("请假中（至 2026-11-27）：不发题卡和提醒，仍计入应考。", ZH["preview.deferred"])


# Not reached. ----------------------------------------------------------------------------------------------------------


def test_whoever_is_bound_to_nothing_hears_nothing(engine):
    engine.person("赵六", "住建局", channel="")
    assert blocked(engine, "赵六") == (ZH["preview.unbound"],)


@pytest.mark.parametrize(
    ("why", "said"), [("blocked", "已屏蔽"), ("chat_not_found", "没有打开过对话"), ("odd", "平台拒收")],
)  # fmt: skip
def test_whoever_cannot_be_reached_is_said_why(engine, why, said):
    engine.write(lambda store: store.run(update(account).values(unreachable=why)))
    [only] = blocked(engine)
    assert only.startswith(f"无法送达：{said}。")


def test_one_account_that_can_be_reached_is_enough(engine):
    engine.write(lambda store: store.run(update(account).values(unreachable="blocked")))
    engine.write(lambda store: store.run(insert(account), {"person_id": engine.people["张三"], "channel": "web", "address": "p1", "bound_at": engine.now, "unreachable": ""}))  # fmt: skip
    assert blocked(engine) == ()


# Not the time. ---------------------------------------------------------------------------------------------------------


def test_before_its_hour_and_after_its_close_it_is_shut(engine):
    engine.at("08:59")
    assert "还没有开放，11月23日 09:00 开始。" in blocked(engine, number=1)
    engine.at("09:00")
    assert blocked(engine, number=1) == ()
    engine.at("18:01", date(2026, 11, 24))
    assert "已经截止（11月24日 18:00）。" in blocked(engine, number=1)


@pytest.mark.parametrize("state", ["missed", "cancelled"])
def test_a_round_that_never_opened_says_so(engine, state):
    engine.at("08:59")
    engine.write(lambda store: store.run(update(round_).values(state=state)))
    assert ZH[f"preview.{state}"] in blocked(engine, number=1)


def test_banks_that_are_too_small_are_named_with_the_line(engine):
    short = replace(EXAM, draw=(*EXAM.draw, Draw(5, Kind.BLANK)))

    def look(store):
        what = managing.draft(short, managing.by_hand(short, engine.house, engine.now))
        return replace(checks(engine, store), what=what).blocked()

    assert engine.read(look) == ("题库不够：抽题方案第 4 行需要 5 题，只有 0 题。补足前不会开放。",)


# Nothing left, and the hall. -------------------------------------------------------------------------------------------


def sits(engine: Engine) -> None:
    begins(engine)
    engine.presses("张三", engine.says("张三", "交卷")[0].choices[0])


def test_a_sitting_left_is_a_note_and_none_left_blocks(engine):
    engine.at("09:00")
    sits(engine)
    assert blocked(engine, number=1) == ()
    assert notes(engine, number=1) == ["已交卷（0 分，未合格（合格线 60 分）），还可以再答 1 次。"]
    begins(engine)
    engine.presses("张三", engine.says("张三", "交卷")[0].choices[0])
    assert blocked(engine, number=1) == ("已交卷 2 次（0 分，未合格（合格线 60 分）），次数已用完。",)
    engine.write(lambda store: store.run(update(enrolment).values(granted=1)))
    assert blocked(engine, number=1) == ()


def test_another_exam_under_way_comes_first(database):
    engine = exam(database)
    engine.with_plan(EXAM, replace(EXAM, key="other", title="另一场")).at("09:00")
    begins(engine)
    found = {number: blocked(engine, number=number) for number in (1, 2)}
    assert [len(each) for each in found.values()].count(1) == 1
    assert "您还有一场没有交卷" in "".join(sum(found.values(), ()))


def test_a_hall_that_was_not_entered_or_not_started_blocks(database):
    engine = exam(database, hall=True)
    assert notes(engine) == []  # the plan as this test drafts it is no hall
    engine.at("09:00")
    assert blocked(engine, number=1) == (ZH["exam.hall_none"].format(title="年度学法考试", place=""),)

    def enter(store):
        number = store.new_id(
            insert(hall), {"round_id": 1, "place": "一号会议室", "token_hash": "t", "created_at": engine.now}
        )
        store.run(
            insert(seat),
            {"hall_id": number, "person_id": engine.people["张三"], "arrived_at": engine.now, "channel": "web"},
        )

    engine.write(enter)
    assert blocked(engine, number=1) == (ZH["exam.hall_waiting"].format(title="年度学法考试", place="一号会议室"),)
    engine.write(lambda store: store.run(update(hall).values(started_at=engine.now)))
    assert blocked(engine, number=1) == ()


def test_a_hall_of_a_plan_is_a_note(engine):
    def look(store):
        found = checks(engine, store)
        return list(replace(found, what=replace(found.what, rules=replace(found.what.rules, hall=True))).notes())

    assert engine.read(look) == [ZH["preview.hall"]]


# Notes. ----------------------------------------------------------------------------------------------------------------


def test_who_came_later_or_is_not_counted_is_noted(engine):
    engine.at("09:00")
    engine.person("王五", "住建局")
    assert notes(engine, "王五", 1) == [ZH["preview.late_joiner"]]
    assert blocked(engine, "王五", 1) == ()
    engine.says("王五", "考试")
    assert notes(engine, "王五", 1) == [ZH["preview.not_counted"]]


def test_whom_a_variant_is_for_is_said(engine):
    assert (
        blocking.audience_in_words("zh", Audience(("住建局",), ("公务员",), ("处级",), True))
        == "住建局、公务员、处级、执法人员"
    )


def test_whoever_is_outside_the_apps_visible_range_reads_who_can_change_that(engine):
    number = engine.people["张三"]
    for each in engine.read(lambda store: accounts.of_person(store, number)):
        engine.write(lambda store, a=each.id: accounts.set_reachable(store, a, "not_visible", engine.now))
    [said] = [each for each in blocked(engine) if "无法送达" in each]
    assert "不在应用可见范围内" in said
    assert "管理后台 → 应用管理 → 可见范围" in said
