"""One's own paper is shown when it is released, with the key in force; before, when that will be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from quizzes.plans import Draw
from quizzes.questions import Kind, Question
from quizzes.scoring import Action, Ruling
from storage import rulings
from storage.tables import paper, revision
from tests.engine import QUESTIONS
from tests.handlers.sitting.exams import EXAM, begins, exam, text


def sat(database, **rules):
    engine = exam(database, **rules).at("09:00")
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    engine.answers("张三", engine.wrong("张三"))
    engine.presses("张三", engine.says("张三", "交卷")[-1].choices[0])
    return engine


def paper_of(engine, name="张三"):
    return engine.read(lambda store: store.value(select(paper.c.id).order_by(paper.c.id)))


@pytest.mark.parametrize(
    ("release", "before", "after"), [("handed_in", True, True), ("closed", False, True), ("never", False, False)]
)
def test_the_key_is_shown_when_the_rules_release_it(database, release, before, after):
    engine = sat(database, release=release)
    for shown in (before, after):
        said = text(engine.says("张三", f"看答卷 {paper_of(engine)}"))
        assert (QUESTIONS[0].explain in said) is shown
        assert ("正确答案" in said) is shown
        engine.at("18:01", EXAM.days[0] + timedelta(days=1))
    assert ("不公布答案" in said) is (release == "never")


def test_before_the_release_one_reads_when_it_is(database):
    engine = sat(database)
    assert "截止后公布（11月24日 18:00）" in text(engine.says("张三", f"看答卷 {paper_of(engine)}"))


def test_a_paper_not_handed_in_and_somebody_elses_show_nothing(database):
    engine = exam(database, release="handed_in").at("09:00")
    begins(engine)
    engine.answers("张三", engine.right("张三"))
    assert "交卷前不显示答案" in text(engine.says("张三", f"看答卷 {paper_of(engine)}"))
    engine.presses("张三", engine.says("张三", "交卷")[-1].choices[0])
    assert "按钮已失效" in text(engine.says("李四", f"看答卷 {paper_of(engine)}"))
    assert "还没有您的答卷可以看" in text(engine.says("李四", "看答卷"))


def test_without_a_number_it_is_the_paper_handed_in_last_also_after_the_close(database):
    engine = sat(database)
    assert "截止后公布" in text(engine.says("张三", "看答卷"))
    engine.at("18:01", EXAM.days[0] + timedelta(days=1))
    assert "正确答案" in text(engine.says("张三", "看答卷"))
    [record] = engine.says("张三", "我的学法档案")
    assert "正确答案" not in record.text
    assert "正确答案" in text(engine.presses("张三", record.choices[0]))


def test_each_question_stands_with_ones_own_answer_the_right_one_and_the_articles(database):
    engine = sat(database, release="handed_in")
    said = text(engine.says("张三", f"看答卷 {paper_of(engine)}"))
    assert "33.33 分，未合格" in said
    assert "✓ 您的答案：" in said
    assert "✗ 您的答案：" in said
    assert "✗ 您的答案：未答。正确答案：B. 错" in said
    for question in QUESTIONS:
        assert question.stem in said
        assert f"依据：{question.cites[0]}" in said


def test_a_wrong_key_is_corrected_and_a_void_question_says_so(database):
    engine = sat(database, release="handed_in")
    number = {row.key: row.id for row in engine.read(lambda store: store.rows(select(revision.c.id, revision.c.key)))}
    for key, action, answer in (("fy-1", Action.REKEY, ("T",)), ("xf-1", Action.VOID, ())):
        what = Ruling(number[key], None, action, engine.now, answer)
        engine.write(
            lambda store, what=what: rulings.add(store, 1, what, reason="题目有误", approver_id=engine.people["张三"])
        )
    said = text(engine.says("张三", f"看答卷 {paper_of(engine)}"))
    assert "正确答案：A. 对" in said
    assert "这道题已作废，人人计满分" in said


@pytest.mark.parametrize("keeps", [True, False])
def test_who_was_right_by_the_key_of_then_reads_that_nothing_is_taken_away(database, keeps):
    engine = sat(database, release="handed_in")
    number = engine.read(lambda store: store.value(select(revision.c.id).where(revision.c.key == "xf-1")))
    what = Ruling(number, None, Action.REKEY, engine.now, ("B",), keeps)
    engine.write(lambda store: rulings.add(store, 1, what, reason="题目有误", approver_id=engine.people["张三"]))
    said = text(engine.says("张三", f"看答卷 {paper_of(engine)}"))
    assert "正确答案：" in said
    assert ("您的分数不减" in said) is keeps


def test_a_long_paper_has_pages(database):
    many = tuple(
        Question(f"q-{n}", Kind.JUDGE, f"第{n}个说法。", (), ("T",), f"解析{n}", ("宪法 第五条",)) for n in range(12)
    )
    engine = exam(database, replace(EXAM, draw=(Draw(12, Kind.JUDGE),)), many, release="handed_in").at("09:00")
    begins(engine)
    engine.presses("张三", engine.says("张三", "交卷")[-1].choices[0])
    seen = ""
    [page] = engine.says("张三", f"看答卷 {paper_of(engine)}")
    assert "第 1/3 页" in page.text
    for _ in range(2):
        seen += page.text
        [page] = engine.presses("张三", next(each for each in page.choices if each.label == "下一页"))
    seen += page.text
    assert all(f"解析{n}" in seen for n in range(12))
    assert "下一页" not in [each.label for each in page.choices]
    assert "第 3/3 页" in text(engine.says("张三", f"看答卷 {paper_of(engine)} 99"))
