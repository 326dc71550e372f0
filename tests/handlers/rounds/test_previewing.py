"""What a given person would see: the invitation, the rules, their paper's variant, sample questions in pages; never the real paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from handlers.rounds import previewing
from handlers.words import words
from quizzes.plans import Audience, Draw, Variant
from quizzes.questions import Kind
from storage import people, rounds
from storage.tables import enrolment, paper, round_
from tests.engine import BLANK, DAILY, QUESTIONS, Engine
from tests.handlers.sitting.exams import CASE, EXAM, exam

ZH = words("zh")


@pytest.fixture
def engine(database) -> Engine:
    engine = exam(database, questions=(*QUESTIONS, BLANK, CASE))
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    return engine


def asks(engine: Engine, said: str, **more):
    return engine.says("管理员", said, channel="wecom", **more)[0]


def presses(engine: Engine, reply, label: str):
    button = next(each for each in reply.choices if each.label == label)
    return engine.presses("管理员", button, channel="wecom")[0]


def counts(engine: Engine) -> tuple[int, ...]:
    return tuple(
        engine.read(lambda store, t=table: store.value(select(func.count()).select_from(t)))
        for table in (round_, enrolment, paper)
    )


def test_a_plan_is_shown_as_the_person_would_meet_it_and_nothing_is_written(engine):
    before = counts(engine)
    shown = asks(engine, "预览 exam 张三")
    assert shown.text.startswith("【预览】张三（住建局）：年度学法考试（第 1/2 页）\n\n可以正常收到并作答。")
    assert "年度学法考试开始了，11月24日 18:00 截止。\n限时 60 分钟" in shown.text
    assert "可以考 2 次，取最高分。" in shown.text
    paper = presses(engine, shown, "下一页")
    assert ZH["preview.sample"] in paper.text
    assert "1.（单选题）国家行政机关的首长负责制由哪部法律规定？\nA. " in paper.text
    assert "3.（判断题）申请行政复议一律要先缴费。\nA. 对\nB. 错" in paper.text
    assert "解析" not in paper.text
    assert presses(engine, paper, "上一页").text == shown.text
    assert counts(engine) == before


def test_a_long_paper_comes_in_pages_with_the_text_of_a_case_once(engine):
    engine.with_plan(replace(EXAM, draw=(*EXAM.draw, Draw(1, Kind.BLANK), Draw(1, Kind.CASE))))
    shown = asks(engine, "预览 exam 张三 3")
    assert "（第 3/3 页）" in shown.text
    assert "6.（判断题）执法人员可以不出示证件。" in shown.text
    assert [each.label for each in shown.choices] == ["上一页"]
    second = presses(engine, shown, "上一页").text
    assert second.count("【材料】某局执法人员检查时") == 1
    assert asks(engine, "预览 exam 张三 99").text == shown.text


def test_who_is_blocked_reads_every_reason(engine):
    engine.unit("财政局")
    engine.with_plan(replace(EXAM, who=Audience(units=("财政局",), ranks=("处级",))))
    shown = asks(engine, "预览 exam 张三")
    assert "现在答不了，原因：\n· 单位不在范围内：本人在住建局，本期限财政局。\n· 职级不在范围内" in shown.text


def test_a_variant_of_the_paper_is_named_and_drawn(engine):
    own = Variant(Audience(units=("住建局",)), (Draw(1, Kind.JUDGE),))
    engine.with_plan(replace(EXAM, variants=(own,)))
    shown = asks(engine, "预览 exam 张三")
    assert "试卷：第 1 类，共 2 类（住建局）。" in shown.text
    assert "共 1 题。" in shown.text
    assert "试卷：" not in asks(engine, "预览 exam 管理员").text


def test_a_quiz_is_shown_with_its_card(engine):
    engine.with_plan(DAILY)
    shown = asks(engine, "预览 daily 张三")
    assert "「每日一题」开始了，3 题" in shown.text
    assert ZH["quiz.practice_note"] in shown.text


def test_a_round_on_the_books_is_previewed_by_its_number_from_its_own_pool(engine):
    engine.at("09:00")
    engine.with_bank(*QUESTIONS[1:], BLANK, CASE)  # the question is gone from new draws
    assert "可以正常收到并作答" in asks(engine, "预览 1 张三").text
    assert "国家行政机关" in asks(engine, "预览 1 张三 2").text
    assert "题库不够" in asks(engine, "预览 exam 张三").text
    assert "（第 1/1 页）" in asks(engine, "预览 exam 张三").text


def test_a_make_up_names_its_first_round_and_its_rules(engine):
    engine.at("09:00")
    engine.at("18:01", date(2026, 11, 24))
    shown = asks(engine, "补考 1")
    presses(engine, shown, shown.choices[0].label)
    shown = asks(engine, "预览 2 张三").text
    assert "这是「年度学法考试」的补考。规则：可考2次，限时60分钟，60分（含）以上合格，与正考相同。" in shown
    assert "还没有开放，11月25日 09:00 开始。" in shown


def test_people_are_found_by_name_or_number_and_several_are_told_apart(engine):
    number = engine.people["张三"]
    assert asks(engine, f"预览 exam {number}").text == asks(engine, "预览 exam 张三").text
    engine.person("张三", "财政局", channel="web")
    asked = asks(engine, "预览 exam 张三")
    assert [each.label for each in asked.choices] == ["张三（住建局）", "张三（财政局）"]
    assert "【预览】张三（财政局）" in presses(engine, asked, "张三（财政局）").text
    assert "没有找到在职的「没有此人」" in asks(engine, "预览 exam 没有此人").text


def test_names_stay_off_a_channel_that_may_not_show_them(engine):
    engine.person("另一人", "司法局", role="admin")
    [shown] = engine.says("另一人", "预览 exam 张三")
    assert "张三" not in shown.text
    assert f"#{engine.people['张三']}（住建局）" in shown.text


@pytest.mark.parametrize("said", ["预览", "预览 exam", "预览 nothing 张三", "预览 99 张三", "预览 exam 张三 2 3"])
def test_what_cannot_be_read_is_answered_with_what_there_is(engine, said):
    engine.at("08:59")
    shown = asks(engine, said).text
    assert shown.startswith(ZH["preview.how"])
    assert "exam　年度学法考试" in shown
    assert "1　年度学法考试" in shown


def test_an_audience_of_strangers_is_said_instead_of_shown(engine):
    engine.with_plan(replace(EXAM, who=Audience(units=("水务局",))))
    assert "水务局" in asks(engine, "预览 exam 张三").text


def test_only_the_officer_may(engine):
    assert engine.says("张三", "预览 exam 李四")[0].text == ZH["errors.not_allowed"]


def test_the_sample_is_not_the_paper_that_the_person_has(engine):
    """Ten judge questions, of which one is drawn: nobody can read from a preview what stands in a real paper."""
    more = [replace(QUESTIONS[2], key=f"j-{n}", stem=f"第{n}说。") for n in range(40)]
    engine.with_bank(*QUESTIONS, *more).with_plan(replace(EXAM, draw=(Draw(5, Kind.JUDGE),))).at("09:00")

    def both(store):
        who = people.placed(store, engine.house.today(engine.now), name="张三")[0]
        what = rounds.get(store, 1)
        seen = previewing.look(store, engine.house, what, who, "zh", engine.now)
        real = store.value(select(paper.c.slots).join(enrolment).where(enrolment.c.person_id == who.id))
        return seen.paper, real

    sample, real = engine.read(both)
    assert len(sample) == 5
    assert len(real) == 5
    drawn = engine.read(lambda store: previewing._sample(store, rounds.get(store, 1), people.placed(store, engine.house.today(engine.now), name="张三")[0], (Draw(5, Kind.JUDGE),))[0])  # fmt: skip
    assert [slot.revision_id for slot in drawn] != [slot[0] for slot in real]
