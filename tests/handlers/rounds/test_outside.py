"""From a dropped sheet of scores to a batch without doubts."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from storage import tables
from tests.handlers.rounds.offices import DAY, confirmed, drop, entered, office, say, sheet

ZHANG, LI, WU = (
    ("T003", "张三", "住建局", 86, "A", DAY),
    ("T004", "李四", "住建局", 55.5, "B", DAY),
    ("T005", "吴九", "司法局", 90, "", DAY),
)


@pytest.fixture
def engine(database):
    return office(database)


def batches_of(engine):
    return [
        (row.id, row.state)
        for row in engine.read(lambda store: store.rows(select(tables.batch).order_by(tables.batch.c.id)))
    ]


def attempts(engine):
    return engine.read(lambda store: store.rows(select(tables.attempt)))


def test_all_that_is_wrong_is_listed_at_once_with_row_and_remedy(engine):
    rows = [("T003", "张三", "住建局", 186, "A", DAY), ("", "李四", "水务局", 80, "A", DAY), ("T005", "吴九", "司法局", "八十", "A", DAY),
            ("T002", "周杰", "政府办", 70, "C", DAY), ("T001", "王敏", "司法局", 70, "", "2026-12-24")]  # fmt: skip
    text = drop(engine, sheet(*rows)).text
    for said in ("第 2 行 张三（住建局）：得分 186 不在 0 到 100 之间", "第 3 行 李四（水务局）：在名册里没有找到", "第 4 行 吴九（司法局）：得分「八十」不是数字",
                 "第 5 行 周杰（政府办）：试卷「C」看不懂", "第 6 行 王敏（司法局）：考试日期 2026-12-24 还没有到", "有问题 5 行"):  # fmt: skip
        assert said in text
    assert attempts(engine) == []


def test_a_batch_with_doubts_cannot_be_sent(engine):
    drop(engine, sheet(ZHANG, ("", "谁也", "住建局", 80, "", DAY)))
    assert "有问题 1 行" in say(engine, "王敏", "送核对 1").text
    assert batches_of(engine) == [(1, "draft")]


def test_a_doubt_is_settled_by_the_person_or_left_out_with_a_reason(engine):
    reply = drop(
        engine,
        sheet(
            ("", "张山", "住建局", 80, "", DAY),
            ("", "谁也", "水务局", 70, "", DAY),
            ("", "无人", "水务局", 60, "", DAY),
        ),
    )
    assert "第 2 行是住建局张三（T003）" in [each.label for each in reply.choices]
    after = say(engine, "王敏", next(each.says for each in reply.choices if each.label.startswith("第 2 行是")))
    assert "可以入账 1 人" in after.text
    assert "请发：成绩行" in say(engine, "王敏", "成绩行 1 3 略过").text
    done = say(engine, "王敏", "成绩行 1 全部 略过 不在本区名册")
    assert "略过 2 行，有问题 0 行" in done.text
    kept = engine.read(lambda store: store.value(select(tables.batch.c.content)))
    assert kept["skipped"] == {"3": "不在本区名册", "4": "不在本区名册"}


@pytest.mark.parametrize("words", ["1 99 3", "1 2 999", "1 2", "1", "x", "1 2 略过", "7 2 3"])
def test_what_cannot_be_meant_changes_nothing(engine, words):
    drop(engine, sheet(("", "张山", "住建局", 80, "", DAY)))
    before = engine.read(lambda store: store.value(select(tables.batch.c.content)))
    say(engine, "王敏", f"成绩行 {words}")
    assert engine.read(lambda store: store.value(select(tables.batch.c.content))) == before


def test_the_same_file_again_changes_nothing(engine):
    file = sheet(ZHANG, LI)
    drop(engine, file)
    drop(engine, file)
    assert batches_of(engine) == [(1, "draft")]
    say(engine, "王敏", "送核对 1")
    assert "正在等另一个人核对，还没有入账，没有重复录入" in drop(engine, file).text
    assert batches_of(engine) == [(1, "entered")]


def test_saved_anew_with_the_same_scores_there_is_nothing_to_enter(engine):
    confirmed(engine, ZHANG, LI)
    reply = drop(engine, sheet(ZHANG, LI, ("", "合计", "", 141.5, "", "")))
    assert "与已入账的相同 2 人" in reply.text
    assert "什么都没有改" in reply.text
    assert not [each for each in reply.choices if each.says.startswith("送核对")]


def test_a_newer_file_shows_what_changes(engine):
    confirmed(engine, ZHANG, LI)
    reply = drop(engine, sheet(ZHANG, (*LI[:3], 65, *LI[4:])))
    assert "其中更正以前的成绩 1 人：住建局李四（T004） 55.5→65" in reply.text


def test_a_person_waiting_in_another_batch_is_not_entered_twice(engine):
    entered(engine, ZHANG)
    assert "第 1 批里已有这个人，正在等核对" in drop(engine, sheet(ZHANG, LI)).text


def test_whoever_sat_here_is_listed(engine):
    engine.says("张三", "考试")
    engine.presses("张三", engine.heard["张三"][0].choices[0])
    for _ in range(3):
        engine.answers("张三", engine.right("张三"))
    engine.says("张三", "交卷")
    engine.presses("张三", next(each for each in engine.heard["张三"][0].choices if each.says.startswith("确认交卷")))
    assert "第 2 行 张三（住建局）：已在本系统交卷，100 分" in drop(engine, sheet(ZHANG)).text


def test_all_rows_with_doubts_come_as_a_sheet(engine):
    drop(engine, sheet(*((f"X{n}", f"无名{n}", "水务局", 70, "", DAY) for n in range(12))))
    assert "正在做问题表" in say(engine, "王敏", "成绩问题表 1").text
    engine.settle()
    [file] = engine.delivered("web")[-1].reply.files
    assert file.name == "成绩问题表-第1批.xlsx"


def test_where_names_may_not_be_shown_they_are_not(engine):
    engine.person("赵办", "司法局", role="admin", staff_no="T009", phone="")
    reply = drop(engine, sheet(ZHANG, ("", "李思", "住建局", 70, "", DAY)), who="赵办", channel="telegram")
    assert "姓名不在这里显示" in reply.text
    assert not any(
        name in reply.text or any(name in each.label for each in reply.choices) for name in ("张三", "李思", "李四")
    )
    assert reply.files == ()
    assert say(engine, "赵办", "成绩问题表 1", channel="telegram").text.startswith("表里有姓名")


def test_a_dropped_draft_is_gone_and_its_number_says_so(engine):
    drop(engine, sheet(ZHANG))
    assert "已撤下" in say(engine, "王敏", "撤下成绩 1").text
    assert "已撤下，没有入账" in say(engine, "王敏", "送核对 1").text
    assert "没有找到这一批成绩" in say(engine, "王敏", "送核对 9").text


def test_the_overview_says_how_far_each_batch_is(engine):
    entered(engine, ZHANG)
    assert "第 1 批：年度学法考试，纸质 1 行，等待核对" in say(engine, "王敏", "成绩导入").text


def test_a_reading_belongs_to_who_dropped_it(engine):
    drop(engine, sheet(ZHANG, title="Sheet1"))
    engine.person("赵办", "司法局", channel="web", role="admin", staff_no="T009", phone="")
    assert "请发：成绩归入" in say(engine, "赵办", "成绩归入 1 1 纸质").text
    assert "第 1 批" in say(engine, "王敏", "成绩归入 1 1 纸质").text
