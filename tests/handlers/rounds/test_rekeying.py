"""Which question is meant, and what may be decided about it: checked against its kind, with a reason, before anything is worked out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from handlers.words import words
from quizzes.plans import Draw
from quizzes.questions import Kind
from storage.tables import job, ruling
from tests.engine import BLANK, DAILY, QUESTIONS, Engine
from tests.handlers.sitting.exams import CASE

ZH = words("zh")
ALL = replace(DAILY, draw=(*DAILY.draw, Draw(1, Kind.BLANK), Draw(1, Kind.CASE)))


@pytest.fixture
def engine(database) -> Engine:
    """A daily quiz that asks one question of each kind, open; 张三 has answered nothing yet."""
    engine = Engine(database).with_bank(*QUESTIONS, BLANK, CASE)
    engine.person("张三", "住建局")
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    return engine.with_plan(ALL).at("09:00")


def asks(engine: Engine, said: str):
    return engine.says("管理员", said, channel="wecom")[0]


def presses(engine: Engine, reply, label: str):
    button = next(each for each in reply.choices if label in each.label)
    return engine.presses("管理员", button, channel="wecom")[0]


def labels(reply) -> list[str]:
    return [each.label for each in reply.choices]


def jobs(engine: Engine) -> list[dict]:
    return engine.read(
        lambda store: [r.params for r in store.rows(select(job.c.params).where(job.c.kind == "rekey_preview"))]
    )


def test_alone_it_lists_what_was_reported(engine):
    assert asks(engine, "改判").text.startswith(ZH["rekeying.none_reported"])
    engine.says("张三", "题目纠错 fy-1 一律也不对")
    shown = asks(engine, "改判")
    assert "fy-1　申请行政复议一律要先缴费。" in shown.text
    assert presses(engine, shown, "fy-1").text.startswith("「每日一题」fy-1：申请行政复议")


def test_a_question_is_found_by_its_key_or_by_words_of_it(engine):
    assert "「每日一题」xf-1：" in asks(engine, "改判 xf-1").text
    assert "xf-1　国家行政机关" in asks(engine, "改判 首长负责制").text
    assert "没有找到" in asks(engine, "改判 没有这几个字").text
    assert "没有找到" in asks(engine, "改判 100%_").text


def test_several_rounds_that_asked_it_are_told_apart(engine):
    engine.at("09:00", date(2026, 11, 24))
    shown = asks(engine, "改判 xf-1")
    assert shown.text.startswith("xf-1　国家行政机关")
    newest, oldest = [each.says for each in shown.choices]
    assert oldest == "改判 1 xf-1"
    assert "「每日一题」xf-1：" in presses(engine, shown, "每日一题").text
    assert asks(engine, newest).text == presses(engine, shown, "每日一题").text


def test_a_round_that_did_not_ask_it_is_refused(engine):
    assert asks(engine, "改判 1 zz-9").text == ZH["rekeying.not_asked"].format(key="zz-9")
    assert asks(engine, "改判 77 xf-1").text == ZH["rekeying.not_asked"].format(key="xf-1")
    assert asks(engine, "改判 1 al-1#3").text == ZH["rekeying.not_asked"].format(key="al-1#3")
    assert asks(engine, "改判 1 al-1#x").text == ZH["rekeying.not_asked"].format(key="al-1#x")


def test_the_question_is_shown_as_the_bank_has_it_with_what_may_be_decided(engine):
    single = asks(engine, "改判 1 xf-1")
    assert "A. 宪法\nB. 民法典\nC. 刑法\nD. 预算法\n现在的答案：A. 宪法\n依据：宪法 第八十六条" in single.text
    assert labels(single) == ["改为 B", "改为 C", "改为 D", "作废", "取消"]
    assert labels(asks(engine, "改判 1 fy-1")) == ["改为 对", "作废", "取消"]
    assert labels(asks(engine, "改判 1 cf-1")) == ["作废", "取消"]
    assert "现在的答案：二十 / 20" in asks(engine, "改判 1 xk-1").text


def test_of_a_case_one_question_is_chosen(engine):
    shown = asks(engine, "改判 1 al-1")
    assert labels(shown) == ["第 1 问", "第 2 问"]
    assert "1. 本案应当如何处理？\n2. 执法人员可以不出示证件。" in shown.text
    assert labels(presses(engine, shown, "第 2 问")) == ["改为 对", "作废", "取消"]
    assert asks(engine, "改判 al-1").text == shown.text


@pytest.mark.parametrize(
    ("key", "said", "kind"),
    [("xf-1", "AB", "single"), ("xf-1", "E", "single"), ("cf-1", "A", "multiple"), ("cf-1", "AE", "multiple"), ("fy-1", "也许", "judge"),
     ("xk-1", "/", "blank"), ("al-1#1", "C", "single")],
)  # fmt: skip
def test_a_key_that_does_not_fit_the_kind_is_refused(engine, key, said, kind):
    assert asks(engine, f"改判 1 {key} {said} 印错了").text == ZH[f"rekeying.bad_{kind}"].format(said=said)
    assert jobs(engine) == []


@pytest.mark.parametrize(
    ("key", "said"), [("xf-1", "A"), ("cf-1", "BA"), ("fy-1", "错"), ("fy-1", "B"), ("xk-1", "20/二十")]
)
def test_the_key_in_force_is_no_change(engine, key, said):
    assert asks(engine, f"改判 1 {key} {said} 理由").text == ZH["rekeying.no_change"]
    assert jobs(engine) == []


@pytest.mark.parametrize(
    ("key", "said", "answer"),
    [
        ("xf-1", "b", ["B"]),
        ("cf-1", "acd", ["A", "C", "D"]),
        ("fy-1", "对", ["T"]),
        ("xk-1", "十五/15", ["十五", "15"]),
        ("al-1#1", "B", ["B"]),
    ],
)
def test_a_decision_with_its_reason_is_worked_out_beside_the_ledger(engine, key, said, answer):
    assert asks(engine, f"改判 1 {key} {said} 题库 印错了").text == ZH["rekeying.working"]
    [asked] = jobs(engine)
    assert asked == {
        "round": 1,
        "key": key,
        "action": "rekey",
        "answer": answer,
        "keeps": True,
        "reason": "题库 印错了",
        "rulings": 0,
    }
    assert engine.read(lambda store: store.rows(select(ruling))) == []


def test_without_a_reason_it_is_asked_for_and_the_next_message_is_it(engine):
    shown = presses(engine, asks(engine, "改判 1 xf-1"), "改为 B")
    assert shown.text == "答案改为 B. 民法典。请用一句话写明理由（会留档）。"
    assert jobs(engine) == []
    assert asks(engine, "教材第三版改了").text == ZH["rekeying.working"]
    assert jobs(engine)[0]["reason"] == "教材第三版改了"
    void = presses(engine, asks(engine, "改判 1 fy-1"), "作废")
    assert void.text.startswith("作废，人人得分。")


def test_it_can_be_cancelled_instead_of_reasoned(engine):
    shown = presses(engine, asks(engine, "改判 1 xf-1"), "改为 B")
    presses(engine, shown, "取消")
    asks(engine, "教材第三版改了")
    assert jobs(engine) == []


def test_a_reason_may_not_be_a_treatise(engine):
    assert asks(engine, "改判 1 xf-1 B " + "长" * 201).text == ZH["rekeying.too_long"].format(most=200)
    assert jobs(engine) == []


def test_what_refers_to_nothing_is_stale(engine):
    assert asks(engine, "改判 降分 99").text == ZH["rekeying.stale"]
    assert asks(engine, "改判 1 xf-1 同 99").text == ZH["rekeying.stale"]
    assert asks(engine, "确认改判 99").text == ZH["rekeying.stale"]
    assert asks(engine, "确认改判").text == ZH["rekeying.stale"]


def test_only_the_officer_may(engine):
    assert engine.says("张三", "改判 1 xf-1")[0].text == ZH["errors.not_allowed"]
