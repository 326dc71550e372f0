"""我的学法档案: one's own rounds and nobody else's, with the words DESIGN §3 gives them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers.sitting.record import SHOWN
from handlers.words import say, words
from tests.engine import DAILY, QUESTIONS, Engine

ZH = words("zh")


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    for name in ("张三", "李四"):
        engine.person(name, "住建局")
    engine.person("管理员", "司法局", role="admin")
    return engine.with_plan(DAILY)


def record(engine, name="张三"):
    return engine.says(name, "我的学法档案")[0].text


def plays(engine, day, **letters):
    engine.at("09:00", date(2026, 11, day))
    for name, right in letters.items():
        engine.says(name, "今日答题")
        for good in right:
            engine.answers(name, engine.right(name) if good == "1" else engine.wrong(name))
    engine.at("18:01")


def test_before_the_first_round_there_is_nothing(engine):
    assert record(engine) == ZH["record.none"]


def test_absent_exists_only_after_the_close(engine):
    engine.at("09:00")
    assert ZH["record.waiting"] in record(engine)
    assert ZH["record.absent"] not in record(engine)
    engine.at("18:01")
    assert ZH["record.absent"] in record(engine)


def test_results_are_shown_newest_first_with_their_scores(engine):
    plays(engine, 23, 张三="111")
    plays(engine, 24, 张三="110")
    plays(engine, 25, 张三="000")
    plays(engine, 26)
    lines = record(engine).splitlines()
    assert lines[1] == say("zh", "record.head", name="张三", year=2026, rounds=4, sat=3, passed=2).splitlines()[1]
    assert [line.rpartition("　")[2] for line in lines[2:]] == [
        ZH["record.absent"], say("zh", "record.failed", score="0"), say("zh", "record.passed", score="66.66"), say("zh", "record.excellent", score="100")]  # fmt: skip


def test_an_exempt_round_says_so_and_is_none_of_those_due(engine):
    engine.presses("管理员", engine.says("管理员", "免考 张三 2026-11-01 - 病")[0].choices[0])
    plays(engine, 23)
    assert ZH["record.exempt"] in record(engine)
    assert (
        record(engine).splitlines()[1]
        == say("zh", "record.head", name="张三", year=2026, rounds=0, sat=0, passed=0).splitlines()[1]
    )


def test_a_round_that_does_not_count_says_so(engine):
    engine.at("09:00")
    engine.person("新来的", "住建局", since=date(2026, 11, 23))
    engine.says("新来的", "今日答题")
    assert ZH["record.not_counted"].strip() in record(engine, "新来的")


def test_only_the_last_ten_are_listed_and_the_rest_counted(engine):
    for after in (*range(5), *range(7, 12), 14, 15):
        engine.at("09:00", date(2026, 11, 23) + timedelta(days=after)).at("18:01")
    lines = record(engine).splitlines()
    assert lines[-1] == say("zh", "record.more", number=2)
    assert len(lines) == 2 + SHOWN + 1


def test_nobody_reads_another_persons_record(engine):
    plays(engine, 23, 张三="111")
    assert "100" not in record(engine, "李四")
    assert "李四" in record(engine, "李四")
    assert "张三" not in engine.says("李四", "我的学法档案 张三")[0].text
