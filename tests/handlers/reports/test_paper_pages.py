"""What stands on the pages: sections with their points, letters as printed, keys that fit, lists in 机构序列."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files

import pytest

from handlers.jobs import Work
from handlers.reports import paper_pages
from quizzes.papers import Slot
from quizzes.printing import Printed
from quizzes.questions import Kind, Question
from quizzes.rounds import State
from quizzes.rules import Rules
from storage import rounds
from storage.jobs import Job
from storage.prints import Print
from tests.builders import HOUSE, NOW, district, sits

ITEMS = (
    Question("c1", Kind.SINGLE, "程序合法吗？", ("合法", "不合法"), ("B",), "因为", ("行政处罚法 第六十三条",)),
    Question("c2", Kind.JUDGE, "可以复议。", (), ("T",), "因为", ("行政复议法 第二十条",)),
)
QUESTIONS = {
    1: Question("s", Kind.SINGLE, "问？", ("甲", "乙", "丙", "丁"), ("A",), "因为", ("宪法 第五条",)),
    2: Question("m", Kind.MULTIPLE, "多问？", ("甲", "乙", "丙", "丁"), ("A", "C"), "因为", ("宪法 第六条",)),
    3: Question("j", Kind.JUDGE, "判。", (), ("F",), "因为", ("宪法 第七条",)),
    4: Question("b", Kind.BLANK, "应在____日内。", (), ("二十", "20"), "因为", ("行政许可法 第四十二条",)),
    5: Question("c", Kind.CASE, "某局查明。", (), (), "因为", ("行政处罚法 第六十三条",), 3, (), ITEMS),
}
SLOTS = (
    Slot(1, (3, 2, 1, 0)),
    Slot(2, (2, 1, 0, 3)),
    Slot(3, (0, 1)),
    Slot(4, ()),
    Slot(5, (1, 0), 0),
    Slot(5, (0, 1), 1),
)
POINTS = ((Kind.SINGLE, 200), (Kind.MULTIPLE, 350), (Kind.JUDGE, 100), (Kind.BLANK, 200), (Kind.CASE, 600))
ONE = Printed("A", 5, SLOTS)
PRINT = Print(1, "K3F9TV", 1, 0, (ONE,), NOW)


@pytest.fixture
def d(store):
    return district(store)


@pytest.fixture
def work(store, d):
    return Work(Job(1, "print_papers", {}, 1, 1), HOUSE, NOW, "zh", store, lambda run: run(store))


@pytest.fixture
def what(work, d):
    return replace(rounds.get(work.store, d.round_id), rules=Rules(minutes=90, points=POINTS))


def paper(work, what):
    return paper_pages.paper(work, what, PRINT, ONE, QUESTIONS.__getitem__, "")


def test_sections_say_what_each_question_is_worth(work, what):
    data = paper(work, what)
    assert [section["heading"] for section in data["sections"]] == [
        "一、单选题（共 1 题，每题 2 分，共 2 分）", "二、多选题（共 1 题，每题 3.5 分，共 3.5 分）", "三、判断题（共 1 题，每题 1 分，共 1 分）",
        "四、填空题（共 1 题，每题 2 分，共 2 分）", "五、案例题（共 2 题，共 6 分）",
    ]  # fmt: skip
    assert data["head"] == "满分 14.5 分，共 6 题，60 分（含）以上合格，考试时间 90 分钟"
    assert (data["code"], data["blanks"]) == ("卷号 K3F9TV-A", ["姓名", "单位", "工号"])


def test_without_points_in_the_rules_all_questions_weigh_the_same(work, what):
    data = paper(work, replace(what, rules=Rules()))
    assert data["head"].startswith("满分 100 分")
    assert data["sections"][0]["heading"] == "一、单选题（共 1 题，全卷各题分值相等）"


def test_options_stand_under_the_letters_they_are_printed_with(work, what):
    data = paper(work, what)
    single = data["sections"][0]["groups"][0]["questions"][0]
    assert [(each["letter"], each["text"]) for each in single["options"]] == [
        ("A", "丁"),
        ("B", "丙"),
        ("C", "乙"),
        ("D", "甲"),
    ]
    judge, blank = (data["sections"][n]["groups"][0]["questions"][0] for n in (2, 3))
    assert (judge["options"], judge["bracket"], blank["bracket"]) == ([], True, False)


def test_the_items_of_a_case_stand_under_its_text(work, what):
    [group] = paper(work, what)["sections"][4]["groups"]
    assert (group["text"], [each["number"] for each in group["questions"]]) == ("某局查明。", [5, 6])


def test_no_paper_gives_an_answer_away(work, what):
    said = repr(paper(work, what))
    assert "因为" not in said
    assert "二十" not in said
    assert "第五条" not in said


def test_the_key_holds_the_letters_as_printed(work, what):
    [sheet] = paper_pages.key(work, what, [PRINT], QUESTIONS.__getitem__)["sheets"]
    rows = [row for section in sheet["sections"] for row in section["rows"]]
    assert [row[:2] for row in rows] == [
        ["1", "D"],
        ["2", "AC"],
        ["3", "×"],
        ["4", "二十 / 20"],
        ["5", "A"],
        ["6", "√"],
    ]
    assert paper_pages.key(work, what, [PRINT], QUESTIONS.__getitem__)["mark"] == "答案 考后启用"


def test_half_points_for_an_incomplete_choice_are_said(work, what):
    data = paper(work, replace(what, rules=replace(what.rules, partial="half")))
    assert "少选得一半分" in data["sections"][1]["how"]
    assert "少选、错选不得分" in paper(work, what)["sections"][1]["how"]


def test_the_sign_in_sheet_is_in_the_order_of_units_without_who_has_sat(work, what, d):
    store = work.store
    sits(store, d, d.round_id, "张三")
    rows = paper_pages.due(store, what, None, HOUSE)
    data = paper_pages.sign_in(work, what, rows)
    assert [group["name"] for group in data["groups"]] == ["政府办", "住建局", "司法局"]
    people = [row[2] for group in data["groups"] for row in group["rows"]]
    assert "张三" not in people
    assert len(people) == 9
    assert [row[5] for row in data["groups"][1]["rows"]][:3] == ["A", "B", "A"]


def test_before_the_opening_it_lists_who_would_be_due(work, what):
    planned = replace(what, state=State.PLANNED)
    assert len(paper_pages.due(work.store, planned, None, HOUSE)) == 10


def test_the_room_record_is_for_the_pen(work, what):
    data = paper_pages.room(work, what, paper_pages.due(work.store, what, None, HOUSE), "")
    cells = dict(data["cells"])
    assert (cells["应到"], cells["实到"], cells["地点"], cells["起止时间"]) == ("10 人", "", "", "")
    assert [label for label, _ in data["boxes"]] == ["缺考名单", "异常情况", "监考人签字"]


@pytest.mark.parametrize("name", ["paper", "paper_key", "sign_in", "room_record"])
def test_nothing_printed_is_red_or_round(name):
    source = (files("handlers") / "pictures" / f"{name}.typ").read_text(encoding="utf-8")
    colours = [tuple(bytes.fromhex(each)) for each in re.findall(r'rgb\("#([0-9a-f]{6})"\)', source)]
    assert all(max(each) - min(each) < 16 for each in colours)
    assert not re.search(r"\bred\b|circle|ellipse", source)
