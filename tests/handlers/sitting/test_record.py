"""学法档案: assessed rounds year by year, practice as counts; one's own, and anybody's for the officer, who leaves a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from handlers.sitting import record
from handlers.sitting.record import SHOWN, source
from handlers.words import say, words
from storage import accounts, tables
from tests.builders import NOW, District, district, enrol, hands_in_paper, make_round, mark, sits, turn
from tests.engine import DAILY, QUESTIONS, Engine

ZH = words("zh")
DAYS = timedelta(days=1)


@pytest.fixture
def d(store) -> District:
    return district(store)


def mine(store, d, said="我的学法档案", name="张三", **more):
    [reply] = record.mine(turn(store, d, name, said, **more), store)
    return reply


def test_before_the_first_round_there_is_nothing(store, d):
    store.plain("DELETE FROM enrolment")
    assert mine(store, d).text == ZH["record.none"]


def test_a_result_stands_with_its_date_score_sittings_and_source(store, d):
    hands_in_paper(store, d, d.round_id, "张三", [True, True, False])
    assert mine(store, d).text.splitlines() == [
        "张三的学法档案　2026年",
        "考核：应参加 1 场，已参加 1 场，合格 1 场。",
        "2026年12月1日　宪法宣传周学法考试　66.66 分，合格（作答1次，本系统）",
    ]


def test_absent_exists_only_after_the_close(store, d):
    assert mine(store, d).text.endswith(ZH["record.waiting"])
    store.plain("UPDATE round SET state = 'closed'")
    assert mine(store, d).text.endswith(ZH["record.absent"])


def test_an_exempt_round_says_so_and_is_none_of_those_due(store, d):
    mark(store, d, d.round_id, "张三", counted=False, exempt=True)
    shown = mine(store, d).text
    assert "应参加 0 场" in shown
    assert shown.endswith(ZH["record.exempt"])


def test_a_round_that_does_not_count_says_so(store, d):
    mark(store, d, d.round_id, "张三", counted=False)
    assert mine(store, d).text.endswith(ZH["record.not_counted"])


def test_a_make_up_is_marked_and_counted_apart(store, d):
    again = make_round(store, plan="exam+makeup", title="宪法周第二次", opened=-DAYS, of=d.round_id)
    enrol(store, d, again, "张三")
    hands_in_paper(store, d, d.round_id, "张三", [False])
    hands_in_paper(store, d, again, "张三", [True])
    lines = mine(store, d).text.splitlines()
    assert lines[1] == "考核：应参加 1 场，已参加 1 场，合格 0 场。补考参加 1 场，合格 1 场。"
    assert "宪法周第二次（补考）" in lines[2]


def test_practice_is_one_line_that_says_it_is_no_assessment(store, d):
    for day in range(4):
        number = make_round(store, plan="daily", title="每日一题", counts="practice", opened=-day * DAYS)
        enrol(store, d, number, "张三", sat=day > 0)
    shown = mine(store, d).text
    assert shown.splitlines()[-1] == "练习（不作为考核依据）：4 期，做了 3 期。"
    assert "每日一题" not in shown


def test_a_year_is_a_page_with_buttons_to_the_years_before(store, d):
    for years in (1, 2, 4):
        number = make_round(
            store,
            plan=f"old{years}",
            title=f"{2026 - years}年考试",
            opened=-365 * years * DAYS,
            closes=-350 * years * DAYS,
        )
        enrol(store, d, number, "张三")
    newest = mine(store, d)
    assert [b.says for b in newest.choices if "档案" in b.says] == [
        "我的学法档案 2025",
        "我的学法档案 2024",
        "我的学法档案 2022",
    ]
    assert [b.label for b in newest.choices[:3]] == ["2025年", "2024年", "2022年"]
    older = mine(store, d, "我的学法档案 2024")
    assert "2024年考试" in older.text
    assert "2025年考试" not in older.text
    assert [b.says for b in older.choices if "档案" in b.says] == ["我的学法档案 2022", "我的学法档案 2025"]
    assert ZH["record.no_exams"] in mine(store, d, "我的学法档案 2023").text


def test_a_full_year_goes_over_several_pages(store, d):
    for day in range(SHOWN + 2):
        enrol(
            store,
            d,
            make_round(store, plan=f"p{day}", title=f"第{day}场", opened=-(10 + day) * DAYS, closes=DAYS),
            "张三",
        )
    first = mine(store, d)
    assert first.text.splitlines()[-1] == "第 1/2 页"
    assert first.choices[0].says == "我的学法档案 2026 2"
    second = mine(store, d, first.choices[0].says)
    assert len([line for line in second.text.splitlines() if "未参考" in line]) == 3
    assert second.edits
    assert mine(store, d, "我的学法档案 2026 99").text == second.text


def test_the_officer_reads_anybodys_record_and_it_is_on_the_books(store, d):
    sits(store, d, d.round_id, "张三", 9100)
    shown = mine(store, d, "学法档案 张三", "王敏")
    assert shown.text.startswith("张三的学法档案")
    assert shown.choices == ()
    [line] = store.rows(select(tables.audit).where(tables.audit.c.act == "record.read"))
    assert (line.actor_id, line.object) == (d.people["王敏"], f"person:{d.people['张三']}")
    assert mine(store, d, f"学法档案 #{d.people['张三']} 2026", "王敏").text == shown.text
    assert mine(store, d, "学法档案 没有这个人", "王敏").text == ZH["record.unknown"]
    assert mine(store, d, f"学法档案 #{10**30}", "王敏").text == ZH["record.unknown"]


def test_of_several_of_one_name_the_officer_chooses(store, d):
    store.plain("UPDATE person SET name = '张三' WHERE name = '李四'")
    shown = mine(store, d, "学法档案 张三", "王敏")
    assert "有 2 位同名" in shown.text
    assert [b.says for b in shown.choices] == [f"学法档案 #{d.people['张三']}", f"学法档案 #{d.people['李四']}"]


def test_another_persons_record_stays_off_a_channel_that_shows_no_names(store, d):
    d.accounts["王敏", "telegram"] = accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    shown = mine(store, d, "学法档案 张三", "王敏", channel="telegram")
    assert shown.text == ZH["record.elsewhere"]
    assert mine(store, d, "学法档案", "王敏", channel="telegram").text.startswith("王敏的学法档案")


@pytest.mark.parametrize("name", ["李四", "刘洋", "李建国", "周杰"])
def test_nobody_else_reads_another_persons_record(store, d, name):
    sits(store, d, d.round_id, "张三", 10_000)
    shown = mine(store, d, "学法档案 张三", name)
    assert shown.text.startswith(f"{name}的学法档案")
    assert "张三" not in shown.text


def test_sources_are_said_in_the_readers_language():
    assert [source("zh", each) for each in ("本系统", "纸质", "上级平台", "别处")] == [
        "本系统",
        "纸质",
        "上级平台",
        "别处",
    ]
    assert source("en", "纸质") == "on paper"


def test_a_closed_exam_that_was_passed_leads_to_its_certificate(sqlite):
    plan = replace(DAILY, days=(date(2026, 11, 23),), counts="assessed", notice="3号")
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.with_plan(plan).at("09:00")
    engine.says("张三", "今日答题")
    for _ in range(3):
        engine.answers("张三", engine.right("张三"))
    assert say("zh", "commands.certificate") not in [b.says for b in engine.says("张三", "我的学法档案")[0].choices]
    engine.at("18:01")
    assert say("zh", "commands.certificate") in [b.says for b in engine.says("张三", "我的学法档案")[0].choices]
