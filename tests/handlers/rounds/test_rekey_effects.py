"""A ruling on a wrong key: its effect is shown before, made once, both scores kept, nobody lowered unasked, and told to whom it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from handlers import jobs
from handlers.registry import JOBS
from handlers.rounds import rekey_effects
from handlers.words import words
from quizzes.plans import Draw
from quizzes.questions import Kind
from quizzes.rates import Tally
from quizzes.rounds import State
from storage import figures, recounting, rescoring, rounds, rulings
from storage.tables import attempt, audit, delivery, enrolment, job, paper, question, rescore
from tests.engine import DAILY, QUESTIONS, Engine
from tests.handlers.rounds.test_closing import on_its_way
from tests.handlers.sitting.exams import begins, exam, text
from tests.storage.test_corrections import meanwhile

ZH = words("zh")
WRONG = "改判 1 fy-1 对 复议法已经修改"
"""The judge question: 错 was the key."""


def sits(engine: Engine, name: str, right: int) -> None:
    """Three questions (单选, 多选, 判断), so many of them right from the first on, handed in."""
    begins(engine, name)
    for number in range(3):
        engine.answers(name, engine.right(name) if number < right else engine.wrong(name))
    engine.presses(name, engine.says(name, "交卷")[0].choices[0])


@pytest.fixture
def engine(database) -> Engine:
    """An exam of Monday and Tuesday: 张三 100, 李四 33.33, 王五 (财政局) 66.66 as the key is wrong; 赵六 absent."""
    engine = exam(database, attempts=1)
    engine.person("王五", "财政局")
    engine.person("赵六", "财政局")
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    engine.at("09:00")
    for name, right in (("张三", 3), ("李四", 1), ("王五", 2)):
        sits(engine, name, right)
    return engine


def close(engine: Engine) -> Engine:
    engine.at("18:01", date(2026, 11, 24)).delivered("wecom")
    engine.delivered()
    return engine


def asks(engine: Engine, said: str):
    """What the officer says, and what a worker sends back."""
    engine.says("管理员", said, channel="wecom")
    return sent(engine)


def sent(engine: Engine):
    engine.settle()
    found = [p.reply for p in engine.delivered("wecom") if p.kind == "answer"]
    return found[-1] if found else None


def presses(engine: Engine, reply, label: str):
    button = next(each for each in reply.choices if label in each.label)
    return engine.presses("管理员", button, channel="wecom")[0]


def scores(engine: Engine) -> dict[str, tuple[int | None, bool, bool]]:
    lines = engine.read(lambda store: store.rows(select(enrolment).where(enrolment.c.round_id == 1)))
    names = {number: name for name, number in engine.people.items()}
    return {names[r.person_id]: (r.score, bool(r.passed), bool(r.excellent)) for r in lines}


def kept(engine: Engine) -> list[tuple[int, int, int]]:
    query = select(rescore.c.ruling_id, rescore.c.before, rescore.c.after).order_by(rescore.c.attempt_id)
    return engine.read(lambda store: [tuple(r) for r in store.rows(query)])


def verified(engine: Engine) -> bool:
    numbers = engine.read(lambda store: [r.id for r in rounds.latest(store, 9, State.OPEN, State.CLOSED)])
    return not any(engine.read(lambda store, number=number: recounting.recount(store, number)) for number in numbers)


def total(engine: Engine) -> Tally:
    return sum(engine.read(lambda store: figures.sums(store, 1)).values(), start=Tally())


def test_the_effect_is_shown_and_nothing_is_changed(engine):
    close(engine)
    before = scores(engine)
    shown = asks(engine, WRONG)
    assert "「年度学法考试」fy-1：申请行政复议一律要先缴费。\n答案改为 A. 对。理由：复议法已经修改" in shown.text
    assert "答过这道题的答卷3份；分数有变化的2份，涉及2人的成绩。" in shown.text
    assert "未合格→合格1人；合格→未合格0人；合格→优秀1人" in shown.text
    assert "住建局：合格1→2人，优秀1→1人，合格率50.00%→100%" in shown.text
    assert "财政局：合格1→1人，优秀0→1人，合格率100%→100%" in shown.text
    assert ZH["rekeying.keeps"] in shown.text
    assert [each.label for each in shown.choices] == ["确认改判", "看允许降分的结果", "取消"]
    assert scores(engine) == before
    assert engine.read(lambda store: rulings.of_round(store, 1)) == ()
    assert (
        engine.read(lambda store: store.value(select(question.c.suspended_at).where(question.c.key == "fy-1"))) is None
    )


def test_confirmed_it_changes_scores_results_and_sums_and_keeps_both(engine):
    close(engine)
    assert (total(engine).passed, total(engine).excellent) == (2, 1)
    made = presses(engine, asks(engine, WRONG), "确认改判")
    assert "fy-1 已停止抽题" in made.text
    done = sent(engine)
    assert "2份答卷的分数有变化" in done.text
    assert scores(engine) == {
        "张三": (10_000, True, True), "李四": (6666, True, False), "王五": (10_000, True, True), "赵六": (None, False, False),
        "管理员": (None, False, False),
    }  # fmt: skip
    assert kept(engine) == [(1, 3333, 6666), (1, 6666, 10_000)]
    assert (total(engine).passed, total(engine).excellent) == (3, 2)
    assert verified(engine)
    [row] = engine.read(lambda store: rulings.history(store, 1))
    assert (row.reason, row.approver, bool(row.keeps)) == ("复议法已经修改", "管理员", True)
    acts = engine.read(lambda store: [r.act for r in store.rows(select(audit.c.act))])
    assert acts.count("round.rekey") == 1


def test_only_those_concerned_are_told_once_in_one_sentence(engine):
    close(engine)
    presses(engine, asks(engine, WRONG), "确认改判")
    engine.settle()
    notices = {p.address.id: (p.kind, p.reply.text) for p in engine.delivered()}
    assert set(notices) == {"telegram-李四", "telegram-王五"}
    assert notices["telegram-李四"] == (
        "notice", "「年度学法考试」有一道题的答案更正，您的成绩由 33.33 分调整为 66.66 分，合格。您不用做什么。"
    )  # fmt: skip
    assert "您不用做什么" not in text(engine.says("李四", "为什么"))
    engine.says("李四", "为什么")


def test_pressed_twice_it_is_made_once(engine):
    close(engine)
    shown = asks(engine, WRONG)
    presses(engine, shown, "确认改判")
    engine.settle()
    assert presses(engine, shown, "确认改判").text == ZH["rekeying.already"]
    engine.settle()
    assert len(kept(engine)) == 2
    assert len(engine.read(lambda store: rulings.of_round(store, 1))) == 1


def test_a_worker_that_died_in_the_middle_is_followed_by_one_that_ends_it(engine, monkeypatch):
    close(engine)
    monkeypatch.setattr(rescoring, "CHUNK", 1)
    shown = asks(engine, WRONG)
    presses(engine, shown, "确认改判")
    real, calls = rekey_effects.tell, []

    def dies(*args):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("power cut")
        real(*args)

    monkeypatch.setattr(rekey_effects, "tell", dies)
    engine.settle()
    assert len(kept(engine)) == 1
    assert not verified(engine)
    monkeypatch.setattr(rekey_effects, "tell", real)
    engine.write(lambda store: store.run(update(job).where(job.c.kind == "rekey_apply").values(state="waiting")))
    engine.settle()
    assert len(kept(engine)) == 2
    assert verified(engine)
    assert (
        engine.read(
            lambda store: store.value(select(func.count()).select_from(delivery).where(delivery.c.kind == "notice"))
        )
        == 2
    )


def test_scores_may_fall_only_where_that_was_asked_for(engine):
    close(engine)
    lower = presses(engine, asks(engine, WRONG), "降分")
    assert lower.text == ZH["rekeying.working"]
    shown = sent(engine)
    assert ZH["rekeying.may_fall"] in shown.text
    assert "分数有变化的3份" in shown.text
    presses(engine, shown, "确认改判")
    engine.settle()
    assert scores(engine)["张三"] == (6666, True, False)
    assert (1, 10_000, 6666) in kept(engine)
    assert verified(engine)


def test_a_void_gives_everybody_its_points(engine):
    close(engine)
    shown = asks(engine, "改判 1 fy-1 作废 题干有误")
    assert "作废，人人得分。理由：题干有误" in shown.text
    assert "看允许降分的结果" not in [each.label for each in shown.choices]
    presses(engine, shown, "确认改判")
    engine.settle()
    assert [scores(engine)[name][0] for name in ("张三", "李四", "王五")] == [10_000, 6666, 10_000]
    assert ZH["rekeying.is_void"] in asks_now(engine, "改判 1 fy-1").text
    assert verified(engine)


def asks_now(engine: Engine, said: str):
    return engine.says("管理员", said, channel="wecom")[0]


def test_another_ruling_in_between_is_worked_out_anew(engine):
    close(engine)
    one = asks(engine, WRONG)
    other = asks(engine, "改判 1 xf-1 B 也错了")
    presses(engine, one, "确认改判")
    engine.settle()
    assert presses(engine, other, "确认改判").text == ZH["rekeying.changed"]
    again = sent(engine)
    presses(engine, again, "确认改判")
    engine.settle()
    assert len(engine.read(lambda store: rulings.of_round(store, 1))) == 2
    assert verified(engine)


def test_two_rulings_confirmed_before_a_worker_ran_keep_a_score_each(engine):
    close(engine)
    presses(engine, asks(engine, WRONG), "确认改判")
    engine.now += timedelta(seconds=1)
    engine.says("管理员", "改判 1 cf-1 作废 选项重复", channel="wecom")
    while (job_id := engine.read(lambda store: store.value(select(job.c.id).where(job.c.kind == "rekey_preview").order_by(job.c.id.desc())))) is None:  # fmt: skip
        engine.settle()
    engine.says("管理员", f"确认改判 {job_id}", channel="wecom")
    engine.settle()
    assert sorted(kept(engine)) == [(1, 3333, 6666), (1, 6666, 10_000), (2, 6666, 10_000)]
    assert scores(engine)["李四"] == (10_000, True, True)
    assert verified(engine)


def test_later_answers_of_an_open_round_are_graded_by_it_too(engine):
    presses(engine, asks(engine, WRONG), "确认改判")
    engine.settle()
    sits(engine, "赵六", 2)
    assert scores(engine)["赵六"] == (10_000, True, True)
    assert len(kept(engine)) == 2
    assert verified(engine)
    close(engine)
    assert verified(engine)


def test_the_question_is_drawn_again_once_its_file_is_corrected(engine):
    presses(engine, asks(engine, WRONG), "确认改判")
    held = select(question.c.suspended_at).where(question.c.key == "fy-1")
    assert engine.read(lambda store: store.value(held)) is not None
    engine.with_bank(*QUESTIONS)
    assert engine.read(lambda store: store.value(held)) is not None
    engine.with_bank(*QUESTIONS[:2], replace(QUESTIONS[2], answer=("T",)))
    assert engine.read(lambda store: store.value(held)) is None


def test_the_same_is_offered_for_other_rounds_that_ask_the_question(engine):
    second = replace(DAILY, key="second", title="第二场", draw=(Draw(1, Kind.JUDGE),))
    engine.with_plan(second)
    engine.presses("管理员", engine.says("管理员", "开放答题 second", channel="wecom")[0].choices[0], channel="wecom")
    engine.settle()
    engine.says("李四", "今日答题")
    engine.answers("李四", engine.wrong("李四"))
    engine.delivered("wecom")
    presses(engine, asks(engine, WRONG), "确认改判")
    done = sent(engine)
    assert ZH["rekeying.others"] in done.text
    assert presses(engine, done, "第二场").text == ZH["rekeying.working"]
    shown = sent(engine)
    assert "「第二场」fy-1" in shown.text
    assert "理由：复议法已经修改" in shown.text
    presses(engine, shown, "确认改判")
    ended = sent(engine)
    assert ZH["rekeying.others"] not in ended.text
    assert verified(engine)


def test_scores_from_paper_are_named_and_left_alone(engine):
    close(engine)
    engine.write(
        lambda store: store.run(update(attempt).where(attempt.c.enrolment_id == 1).values(source="纸质", score=5000))
    )
    engine.write(
        lambda store: store.run(
            update(enrolment).where(enrolment.c.id == 1).values(score=5000, passed=False, excellent=False)
        )
    )
    shown = asks(engine, WRONG)
    assert "另有1份纸质或上级平台成绩" in shown.text
    presses(engine, shown, "确认改判")
    engine.settle()
    assert engine.read(lambda store: store.value(select(attempt.c.score).where(attempt.c.enrolment_id == 1))) == 5000


def test_a_hand_in_the_clock_made_without_answers_gets_the_points_and_is_still_no_sitting(engine):
    who = engine.people["赵六"]
    begins(engine, "赵六")
    engine.after(minutes=61)
    presses(engine, asks(engine, "改判 1 fy-1 作废 题干有误"), "确认改判")
    engine.settle()
    row = engine.read(lambda store: store.row(select(enrolment).where(enrolment.c.person_id == who)))
    assert (bool(row.sat), row.score) == (False, None)
    assert (
        engine.read(lambda store: store.value(select(attempt.c.score).where(attempt.c.enrolment_id == row.id))) == 3333
    )
    assert verified(engine)


def test_a_quiz_explains_by_the_key_in_force(database):
    engine = Engine(database).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.person("李四", "住建局")
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    engine.with_plan(replace(DAILY, draw=(Draw(1, Kind.JUDGE),))).at("09:00")
    presses(engine, asks(engine, "改判 1 fy-1 对 已修改"), "确认改判")
    engine.settle()
    engine.says("张三", "今日答题")
    [told] = engine.answers("张三", engine.wrong("张三"))  # wrong by the key of the bank
    assert ZH["quiz.right"] in told.text
    assert "1 题答对 1 题，100 分" in told.text
    engine.says("李四", "今日答题")
    [told] = engine.answers("李四", engine.right("李四"))
    assert "正确答案：A. 对" in told.text
    assert verified(engine)


def test_nothing_is_lost_when_a_hand_in_did_not_see_the_ruling_yet(engine):
    """On PostgreSQL another process may grade an instant after a ruling it could not read."""
    close(engine)
    presses(engine, asks(engine, WRONG), "确认改判")
    later = engine.now + timedelta(seconds=1)
    engine.write(lambda store: store.run(update(attempt).where(attempt.c.score == 3333).values(handed_in_at=later)))
    engine.settle()
    assert len(kept(engine)) == 2
    assert verified(engine)


# Two processes at the same moment. -------------------------------------------------------------------------------------


@pytest.fixture
def ruled(postgres) -> Engine:
    """李四 has two answers right and the first wrong, not handed in; its question is about to be voided by job number 1."""
    engine = exam(postgres, attempts=2)
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    engine.at("09:00")
    begins(engine, "李四")
    for pick in (engine.wrong, engine.right, engine.right):
        engine.answers("李四", pick("李四"))
    asks(engine, "改判 1 xf-1 作废 题目有误")
    return engine


def confirms(engine: Engine):
    number = engine.read(lambda store: store.value(select(func.max(job.c.id)).where(job.c.kind == "rekey_preview")))
    return on_its_way(engine, "管理员", f"确认改判 {number}", "wecom")


@pytest.mark.postgres
@pytest.mark.parametrize("ruling_first", [True, False])
def test_a_hand_in_at_the_moment_of_a_ruling_is_counted_under_it(postgres, ruled, ruling_first):
    both = [on_its_way(ruled, "李四", f"确认交卷 {paper_of(ruled, '李四')}"), confirms(ruled)]
    meanwhile(postgres, *(reversed(both) if ruling_first else both))
    ruled.settle()
    assert scores(ruled)["李四"][0] == 10000
    assert verified(ruled)


@pytest.mark.postgres
def test_a_hand_in_while_a_ruling_is_being_carried_out_is_not_overwritten(postgres, ruled):
    first = paper_of(ruled, "李四")
    ruled.presses("李四", f"确认交卷 {first}")
    ruled.presses("李四", f"开始考试 {first}")
    for _ in range(3):
        ruled.answers("李四", ruled.right("李四"))
    ruled.write(confirms(ruled))
    meanwhile(
        postgres,
        on_its_way(ruled, "李四", f"确认交卷 {paper_of(ruled, '李四')}"),
        lambda _store: jobs.run_next(postgres, ruled.write, JOBS, ruled.house, ruled.now),
    )
    assert scores(ruled)["李四"][0] == 10000
    assert verified(ruled)


def paper_of(engine: Engine, name: str) -> int:
    """Somebody's newest paper."""
    query = select(func.max(paper.c.id)).join(enrolment, enrolment.c.id == paper.c.enrolment_id)
    return engine.read(lambda store: store.value(query.where(enrolment.c.person_id == engine.people[name])))


def test_rulings_there_and_back_and_a_clock_set_back_leave_every_figure_as_recounted(engine):
    engine.after(minutes=10)
    for said in ("改判 1 fy-1 对 一说", "改判 1 fy-1 错 又一说", "改判 1 fy-1 作废 算了", "改判 1 fy-1 对 再说"):
        presses(engine, asks(engine, said), "确认改判")
        engine.settle()
        engine.now -= timedelta(seconds=30)
        assert verified(engine)
    begins(engine, "赵六")
    engine.presses("赵六", engine.says("赵六", "交卷")[0].choices[0])
    assert scores(engine)["赵六"][0] == 3333
    close(engine)
    presses(engine, asks(engine, "改判 1 xf-1 B 截止后"), "确认改判")
    engine.settle()
    assert verified(engine)
