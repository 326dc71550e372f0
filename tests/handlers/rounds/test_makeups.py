"""补考: exactly those shown are enrolled, once, checked again when it opens; their results stand apart and together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, select, update

from handlers.words import words
from quizzes.plans import Report
from quizzes.rates import Tally
from quizzes.rounds import State
from quizzes.rules import Makeup, Rules
from storage import answers, figures, recounting, rounds
from storage.tables import audit, delivery, enrolment, exemption, paper, question, round_
from tests.engine import QUESTIONS, Engine
from tests.handlers.sitting.exams import EXAM, begins, exam

ZH = words("zh")
NAMES = ("张三", "李四", "王五", "赵六", "孙七")


def sits(engine: Engine, name: str, right: int) -> None:
    """The whole exam of three questions, so many of them right, handed in."""
    begins(engine, name)
    for number in range(3):
        engine.answers(name, engine.right(name) if number < right else engine.wrong(name))
    shown = engine.says(name, "交卷")
    engine.presses(name, shown[0].choices[0])


def closed(database, **rules: object) -> Engine:
    """A closed exam: 张三 passed, 李四 failed, 王五 (缓考), 赵六 and 孙七 (财政局) absent. It is Tuesday 18:01."""
    engine = exam(database, **{"attempts": 1, **rules})
    engine.person("王五", "住建局")
    engine.person("赵六", "财政局")
    engine.person("孙七", "财政局", channel="")
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    engine.at("09:00")
    sits(engine, "张三", 3)
    sits(engine, "李四", 1)
    sits_admin = {"person_id": engine.people["王五"], "kind": "缓考", "reason": "住院", "state": "approved", "requested_at": engine.now,
                  "decided_at": engine.now, "round_id": 1}  # fmt: skip
    engine.write(lambda store: store.run(insert(exemption), sits_admin))
    return engine.at("18:01", date(2026, 11, 24))


@pytest.fixture
def engine(database) -> Engine:
    return closed(database)


def asks(engine: Engine, said: str):
    return engine.says("管理员", said, channel="wecom")[0]


def presses(engine: Engine, reply, label: str):
    [button] = [each for each in reply.choices if label in each.label]
    return engine.presses("管理员", button, channel="wecom")[0]


def makeup_of(engine: Engine, number: int = 2):
    return engine.read(lambda store: rounds.get(store, number))


def enrolled(engine: Engine, number: int = 2) -> set[str]:
    query = select(enrolment.c.person_id).where(enrolment.c.round_id == number)
    found = engine.read(lambda store: {row.person_id for row in store.rows(query)})
    return {name for name, person_id in engine.people.items() if person_id in found}


def totals(engine: Engine, number: int) -> Tally:
    return sum(engine.read(lambda store: figures.own(store, rounds.get(store, number))).values(), start=Tally())


def test_the_close_tells_the_admin_and_offers_the_make_up(engine):
    told = [parcel.reply for parcel in engine.delivered("wecom") if "可以安排补考" in parcel.reply.text]
    assert "缺考4人，未合格1人" in told[0].text  # the admin is due too, and absent
    assert [each.says for each in told[0].choices] == ["补考 1", "参考率 1"]


def test_the_list_stands_by_bureau_with_reasons_and_deferrals_and_changes_nothing(engine):
    shown = asks(engine, "补考 1")
    assert "应考6人，缺考4人，未合格1人。其中已批准缓考1人。" in shown.text
    assert "住建局　缺考1人，未合格1人：李四（未合格）、王五（缓考）" in shown.text
    assert "财政局　缺考2人，未合格0人：赵六（缺考）、孙七（缺考）" in shown.text
    assert shown.text.index("住建局") < shown.text.index("财政局")
    assert "11月25日 09:00 至 11月27日 18:00" in shown.text
    assert [each.says for each in shown.choices][:3] == [
        "补考 1 2026-11-25 2026-11-27 全部 yes 5",
        "补考 1 2026-11-25 2026-11-27 缺考 yes 4",
        "补考 1 2026-11-25 2026-11-27 未合格 yes 2",  # the deferred one comes along
    ]
    assert engine.read(lambda store: rounds.latest(store, 9, *State))[0].id == 1


def test_names_stay_off_a_channel_that_may_not_show_them(engine):
    engine.person("另一人", "司法局", role="admin")
    [shown] = engine.says("另一人", "补考 1")
    assert "住建局　缺考1人，未合格1人" in shown.text
    assert "王五" not in shown.text


def test_one_confirm_enrols_exactly_those_shown_and_results_stand_apart_and_together(engine):
    presses(engine, asks(engine, "补考 1"), "全部")
    made = makeup_of(engine)
    assert (made.of_round_id, made.title, made.counts, made.state) == (
        1,
        "年度学法考试（补考）",
        "assessed",
        State.PLANNED,
    )
    assert made.seed != engine.read(lambda store: rounds.get(store, 1)).seed
    engine.at("09:00", date(2026, 11, 25))
    assert enrolled(engine) == {"李四", "王五", "赵六", "孙七", "管理员"}
    cards = [p for p in engine.delivered() if "补考" in p.reply.text]
    assert len(cards) == 3  # 李四, 王五, 赵六; 孙七 is bound to nothing, 管理员 reads elsewhere
    sits(engine, "李四", 3)
    sits(engine, "赵六", 1)
    engine.at("18:01", date(2026, 11, 27))
    first, again = totals(engine, 1), totals(engine, 2)
    assert (first.due, first.sat, first.passed) == (6, 2, 1)
    assert (again.due, again.sat, again.passed) == (5, 2, 1)
    gained = engine.read(lambda store: figures.gains(store, 1, [2]))
    assert {number: (each.sat, each.passed) for number, each in gained.items()} == {
        engine.units["住建局"]: (0, 1), engine.units["财政局"]: (1, 0)
    }  # fmt: skip
    assert engine.read(lambda store: recounting.recount(store, 1) + recounting.recount(store, 2)) == []


def test_somebody_may_be_left_with_a_second_make_up_and_is_offered_it(engine):
    presses(engine, asks(engine, "补考 1"), "全部")
    engine.at("09:00", date(2026, 11, 25))
    sits(engine, "李四", 3)
    sits(engine, "王五", 3)
    sits(engine, "赵六", 0)
    engine.delivered("wecom")
    engine.at("18:01", date(2026, 11, 27))
    [told] = [p.reply for p in engine.delivered("wecom") if "再安排一次" in p.reply.text]
    assert "仍缺考2人，仍未合格1人" in told.text
    presses(engine, asks(engine, "补考 2"), "全部")  # the make-up's number means its first round
    assert makeup_of(engine, 3).of_round_id == 1
    assert set(makeup_of(engine, 3).audience.people) == {engine.people[n] for n in ("赵六", "孙七", "管理员")}


def test_confirmed_twice_it_is_arranged_once(engine):
    shown = asks(engine, "补考 1")
    presses(engine, shown, "全部")
    again = presses(engine, shown, "全部")
    assert "没有还需要安排补考的人" in again.text
    assert "第 2 号" in again.text
    assert [r.id for r in engine.read(lambda store: rounds.latest(store, 9, State.PLANNED))] == [2]
    assert engine.read(lambda store: [r.act for r in store.rows(select(audit.c.act)) if "makeup" in r.act]) == [
        "round.makeup"
    ]


def test_a_confirmation_of_other_numbers_is_asked_again(engine):
    shown = asks(engine, "补考 1")
    engine.write(lambda store: store.run(update(enrolment).where(enrolment.c.person_id == engine.people["赵六"]).values(sat=True, passed=True, score=9000)))  # fmt: skip
    again = presses(engine, shown, "全部")
    assert ZH["makeups.changed"] in again.text
    assert any("全部（4人）" in each.label for each in again.choices)


def test_who_passes_before_it_opens_is_left_out_and_the_officer_is_told(engine):
    presses(engine, asks(engine, "补考 1"), "全部")
    engine.write(lambda store: store.run(update(enrolment).where(enrolment.c.person_id == engine.people["李四"]).values(passed=True)))  # fmt: skip
    engine.write(lambda store: store.run(update(enrolment).where(enrolment.c.person_id == engine.people["赵六"]).values(counted=False)))  # fmt: skip
    engine.delivered("wecom")
    engine.at("09:00", date(2026, 11, 25))
    assert enrolled(engine) == {"王五", "孙七", "管理员"}
    [told] = [p.reply.text for p in engine.delivered("wecom") if "没有列入" in p.reply.text]
    assert "有2人" in told
    assert "实际3人" in told
    engine.says("李四", "考试")
    assert enrolled(engine) == {"王五", "孙七", "管理员"}


def test_nobody_left_cancels_it(engine):
    presses(engine, asks(engine, "补考 1 未合格"), "只补未合格")
    engine.write(lambda store: store.run(update(enrolment).values(sat=True, passed=True, score=9000)))
    engine.delivered("wecom")
    engine.at("09:00", date(2026, 11, 25))
    assert makeup_of(engine).state is State.CANCELLED
    assert any("已自动取消" in p.reply.text for p in engine.delivered("wecom"))


def test_it_can_be_cancelled_until_it_opens_and_arranged_again(engine):
    arranged = presses(engine, asks(engine, "补考 1"), "全部")
    asked = presses(engine, arranged, "取消补考")
    assert makeup_of(engine).state is State.PLANNED
    assert "名单5人" in asked.text
    presses(engine, asked, "确认取消")
    assert makeup_of(engine).state is State.CANCELLED
    presses(engine, asks(engine, "补考 1"), "只补缺考")
    assert (makeup_of(engine).state, len(makeup_of(engine).audience.people)) == (State.PLANNED, 4)
    engine.at("09:00", date(2026, 11, 25))
    assert "不能再取消" in asks(engine, "取消补考 2 yes").text
    assert makeup_of(engine).state is State.OPEN
    assert ZH["makeups.which_cancel"] == asks(engine, "取消补考 1").text
    assert ZH["makeups.which_cancel"] == asks(engine, "取消补考 99").text


def test_whom_it_takes_by_default_says_the_rule(database):
    engine = closed(database, makeup=Makeup(("failed",), after_days=2, days=1, pass_line=80, minutes=30))
    shown = asks(engine, "补考 1")
    assert shown.choices[0].says == "补考 1 2026-11-26 2026-11-26 未合格 yes 2"
    assert "可考1次，限时30分钟，80分（含）以上合格，其余与正考相同" in shown.text
    presses(engine, shown, "只补未合格")
    assert makeup_of(engine).rules == replace(EXAM.rules, attempts=1, minutes=30, pass_line=80)


def test_other_questions_are_asked_than_the_first_time(engine):
    engine.with_bank(*QUESTIONS, *[replace(each, key=f"{each.key}-2") for each in QUESTIONS])
    presses(engine, asks(engine, "补考 1"), "全部")
    engine.at("09:00", date(2026, 11, 25))
    assert makeup_of(engine).avoid_days >= 3
    who = engine.people["李四"]

    def slots(store, number):
        query = (
            select(paper.c.slots)
            .join_from(paper, enrolment)
            .where(enrolment.c.person_id == who, enrolment.c.round_id == number)
        )
        return {slot[0] for slot in store.rows(query)[0].slots}

    asked = engine.read(lambda store: (slots(store, 1), slots(store, 2)))
    assert not asked[0] & asked[1]


def test_what_is_not_closed_or_does_not_exist_is_refused_and_without_a_number_the_rounds_are_listed(engine):
    assert ZH["errors.not_found"] in asks(engine, "补考 77").text
    listed = asks(engine, "补考")
    assert "年度学法考试　5人" in listed.text
    assert "应考6人" in presses(engine, listed, "补考：").text
    engine.with_plan(replace(EXAM, key="next", days=(date(2026, 11, 25),))).at("09:00", date(2026, 11, 25))
    assert "还没有结束" in asks(engine, "补考 2").text


def test_without_anybody_owing_nothing_is_listed(engine):
    engine.write(lambda store: store.run(update(enrolment).values(sat=True, passed=True, score=9000)))
    assert asks(engine, "补考").text == ZH["makeups.nothing"]
    assert ZH["makeups.nobody"] in asks(engine, "补考 1").text


def test_practice_offers_none_at_its_close(database):
    engine = exam(database, replace(EXAM, counts="practice"))
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    engine.at("18:01", date(2026, 11, 24))
    assert [r.id for r in engine.read(lambda store: store.rows(select(round_.c.id)))] == [1]
    assert not [p for p in engine.delivered("wecom") if "补考" in p.reply.text]


def test_a_make_up_that_the_banks_cannot_fill_is_not_arranged(engine):
    engine.write(lambda store: store.run(update(question).where(question.c.key == "cf-1").values(suspended_at=engine.now)))  # fmt: skip
    shown = asks(engine, "补考 1")
    assert "第 2 行" in shown.text
    assert not [each for each in shown.choices if "确认" in each.label]
    assert "第 2 行" in asks(engine, "补考 1 2026-11-25 2026-11-27 全部 yes 5").text
    assert [r.id for r in engine.read(lambda store: store.rows(select(round_.c.id)))] == [1]


def test_only_the_officer_may(engine):
    [reply] = engine.says("张三", "补考 1")
    assert reply.text == ZH["errors.not_allowed"]
    assert "确认" not in reply.text


def test_reminders_of_the_plan_go_to_the_make_up_too(database):
    engine = closed(database)
    engine.with_plan(replace(EXAM, remind_at=EXAM.remind_at or (EXAM.closes_at.replace(hour=16),), rules=Rules(minutes=60, release="closed")))  # fmt: skip
    presses(engine, asks(engine, "补考 1"), "全部")
    engine.at("09:00", date(2026, 11, 25))
    engine.at("16:00")
    kinds = engine.read(
        lambda store: [r.kind for r in store.rows(select(delivery.c.kind).where(delivery.c.round_id == 2))]
    )
    assert "reminder" in kinds
    assert engine.read(lambda store: answers.open_sittings(store, engine.people["李四"], engine.now))[0].round_id == 2


def test_leaders_read_the_figures_of_both_together_when_the_make_up_closes(database):
    engine = closed(database)
    engine.person("领导", "司法局", channel="web", role="leader")
    engine.with_plan(replace(EXAM, report=Report(every="close")))
    presses(engine, asks(engine, "补考 1"), "全部")
    engine.at("09:00", date(2026, 11, 25))
    sits(engine, "李四", 3)
    engine.at("18:01", date(2026, 11, 27))
    [told] = [p.reply.text for p in engine.delivered("web") if p.kind == "report"]
    assert "年度学法考试" in told
    assert "补考" in told
    assert "应考6人" in told


def test_a_make_up_comes_from_the_plan_of_its_first_round(engine):
    presses(engine, asks(engine, "补考 1"), "全部")
    made = makeup_of(engine)
    assert (made.plan_key, made.origin) == ("exam+makeup1", "exam")
    assert engine.read(lambda store: rounds.get(store, 1)).origin == "exam"
