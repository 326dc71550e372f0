"""A scan is laid beside its batch, and seen by who checks it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.messages import File
from storage import tables
from tests.handlers.rounds.offices import DAY, confirmed, entered, office, say

ZHANG = ("T003", "张三", "住建局", 86, "A", DAY)
SCAN = File("考场记录.pdf", "application/pdf", b"%PDF-1.7")


@pytest.fixture
def engine(database):
    return office(database)


def scan_of(engine):
    return engine.read(lambda store: store.value(select(tables.batch.c.scan_id)))


def test_the_next_pdf_or_photo_is_the_scan(engine):
    number = entered(engine, ZHANG)
    say(engine, "王敏", f"扫描件 {number}")
    assert "已附在第 1 批" in engine.sends("王敏", SCAN, channel="web")[0].text
    shown = say(engine, "周杰", f"核对成绩 {number}")
    assert [file.name for file in shown.files][-1] == "考场记录.pdf"
    assert shown.files[-1].content == b"%PDF-1.7"
    assert "扫描件见附件" in shown.text


def test_looking_again_makes_no_further_copy(engine):
    number = entered(engine, ZHANG)
    say(engine, "王敏", f"扫描件 {number}")
    engine.sends("王敏", SCAN, channel="web")
    for _ in range(3):
        say(engine, "周杰", f"核对成绩 {number}")
    names = [row.name for row in engine.read(lambda store: store.rows(select(tables.file.c.name)))]
    assert names.count("考场记录.pdf") == 2


def test_a_file_that_was_not_asked_for_is_no_scan(engine):
    entered(engine, ZHANG)
    engine.sends("王敏", SCAN, channel="web")
    assert scan_of(engine) is None


def test_a_table_in_between_is_read_as_a_table(engine):
    number = entered(engine, ZHANG)
    say(engine, "王敏", f"扫描件 {number}")
    reply = engine.sends("王敏", File("名册.csv", "text/csv", "姓名,单位\n张三,住建局".encode()), channel="web")[0]
    assert "正在读取" in reply.text
    assert scan_of(engine) is None


def test_after_the_check_no_scan_is_attached(engine):
    number = confirmed(engine, ZHANG)
    assert "已经入账" in say(engine, "王敏", f"扫描件 {number}").text
