"""Printing an exam: two papers, the key apart and to the officer alone, lists with names; the same papers when printed again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from quizzes.plans import Audience, Draw, Variant, to_json
from quizzes.questions import Kind
from storage import audit, prints, tables
from tests.engine import Engine
from tests.handlers.rounds.offices import office, say


@pytest.fixture
def engine(database):
    return office(database)


def printed(engine, said="打印试卷 1"):
    say(engine, "王敏", said)
    engine.settle()
    return [parcel.reply for parcel in engine.delivered("web") if parcel.kind == "answer"]


def names(replies):
    return [[file.name for file in reply.files] for reply in replies]


def test_everything_an_exam_on_paper_needs_and_the_key_in_a_message_of_its_own(engine):
    replies = printed(engine)
    assert names(replies) == [
        ["试卷A卷-年度学法考试.pdf", "试卷B卷-年度学法考试.pdf", "签到表-年度学法考试.pdf", "考场记录表-年度学法考试.pdf"],
        ["答案 考后启用-年度学法考试.pdf"],
    ]  # fmt: skip
    assert all(file.content.startswith(b"%PDF") for reply in replies for file in reply.files)
    assert "签到表（5 人）" in replies[0].text


def test_the_key_reaches_nobody_but_who_printed(engine):
    printed(engine)
    key = engine.read(lambda store: store.row(select(tables.file).where(tables.file.c.name.like("答案%"))))
    assert (key.person_id, key.allowed) == (engine.people["王敏"], "owner")


def test_what_was_printed_is_kept_and_printed_again_it_is_the_same(engine):
    first = [file.content for file in printed(engine)[0].files][:2]
    again = [file.content for file in printed(engine)[0].files][:2]
    [kept] = engine.read(lambda store: prints.of_round(store, 1))
    assert first == again
    assert [(paper.letter, len(paper.slots)) for paper in kept.papers] == [("A", 3), ("B", 3)]
    assert len(kept.code) == 6
    assert engine.read(audit.verify) is None


def test_for_one_unit_only_its_people_are_listed(engine):
    [papers, _] = printed(engine, "打印试卷 1 住建局")
    assert "签到表（2 人）" in papers.text
    assert papers.files[2].name == "签到表-年度学法考试-住建局.pdf"


def test_papers_can_be_printed_before_the_round_opens(engine):
    tomorrow, after = engine.now + timedelta(days=1), engine.now + timedelta(days=2)
    engine.write(
        lambda store: store.run(tables.round_.update().values(state="planned", opens_at=tomorrow, closes_at=after))
    )
    [papers, _] = printed(engine)
    assert "（5 人）" in papers.text


def test_each_kind_of_paper_has_its_own_pair(database):
    engine = office(database)
    kinds = (Variant(Audience(units=("司法局",)), (Draw(1, Kind.JUDGE),)),)
    engine.write(lambda store: store.run(tables.round_.update().values(variants=[to_json(each) for each in kinds])))
    [papers, _] = printed(engine)
    assert [file.name for file in papers.files][:4] == [
        "试卷A卷-年度学法考试.pdf", "试卷B卷-年度学法考试.pdf", "试卷A卷第1类卷-年度学法考试.pdf", "试卷B卷第1类卷-年度学法考试.pdf",
    ]  # fmt: skip
    assert [len(each.papers[0].slots) for each in engine.read(lambda store: prints.of_round(store, 1))] == [3, 1]


def test_names_are_not_printed_where_they_may_not_be_shown(engine):
    engine.person("赵办", "司法局", role="admin", staff_no="T009", phone="")
    assert "请在网页上打印" in say(engine, "赵办", "打印试卷 1", channel="telegram").text


@pytest.mark.parametrize(
    ("said", "answer"),
    [("打印试卷", "要打印哪一场"), ("打印试卷 9", "要打印哪一场"), ("打印试卷 1 水务局", "没有找到单位「水务局」")],
)
def test_what_is_not_understood_is_asked(engine, said, answer):
    assert answer in say(engine, "王敏", said).text


def test_without_an_assessed_round_there_is_nothing_to_print(database):
    engine = Engine(database)
    engine.person("王敏", "司法局", channel="web", role="admin")
    assert "没有可以打印试卷的考核场次" in say(engine, "王敏", "打印试卷").text
