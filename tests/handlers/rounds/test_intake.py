"""A dropped table goes where its columns say, and the reply says which it was taken for."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.messages import File
from storage import tables
from tests.handlers.rounds.offices import DAY, drop, office, sheet


@pytest.fixture
def engine(database):
    return office(database)


def test_a_sheet_with_points_is_scores_and_a_sheet_without_is_a_roster(engine):
    scores = drop(engine, sheet(("T003", "张三", "住建局", 86, "A", DAY)))
    assert "按成绩表读取，没有当作名册" in scores.text
    roster = drop(engine, sheet(("T003", "张三", "住建局"), head=("工号", "姓名", "单位"), title="Sheet1"))
    assert "离开 4 人" in roster.text
    assert "成绩" not in roster.text


def test_a_table_that_cannot_be_read_says_why_and_is_not_kept(engine):
    assert "带宏" in drop(engine, File("成绩.xlsm", "application/zip", b"PK\x03\x04")).text
    assert (
        engine.read(lambda store: store.value(select(tables.file.c.content).where(tables.file.c.name == "成绩.xlsm")))
        == b""
    )


def test_scores_without_a_round_wait_for_the_officer_and_cannot_be_confirmed_as_a_roster(engine):
    reply = drop(engine, sheet(("T003", "张三", "住建局", 86, "A", DAY), title="Sheet1"))
    assert {each.says for each in reply.choices} == {"成绩归入 1 1 纸质", "成绩归入 1 1 上级平台"}
    assert (
        engine.says("王敏", "确认导入 1", channel="web")[0].text == "这次导入已经取消。需要的话，请把名册文件再发一次。"
    )
    assert engine.read(lambda store: store.row(select(tables.batch))) is None


def test_a_form_for_a_round_that_is_not_there_is_asked_about(engine):
    reply = drop(engine, sheet(("T003", "张三", "住建局", 86, "A", DAY), title="纸质成绩-77"))
    assert "请选它是哪一场" in reply.text


def test_the_file_itself_is_dropped_and_what_was_read_is_kept_without_id_numbers(engine):
    head = ("姓名", "身份证号", "单位", "得分", "考试日期")
    reply = drop(engine, sheet(("张三", "110101199001011234", "住建局", 86, DAY), head=head))
    assert "身份证号一列没有读：身份证号。" in reply.text
    files = engine.read(
        lambda store: store.rows(select(tables.file.c.name, tables.file.c.content).order_by(tables.file.c.id))
    )
    assert [(row.name, row.content == b"") for row in files] == [
        ("成绩.xlsx", True),
        ("读到的成绩-成绩.xlsx.xlsx", False),
    ]
    batch = engine.read(lambda store: store.value(select(tables.batch.c.content)))
    assert "110101199001011234" not in repr(batch)
