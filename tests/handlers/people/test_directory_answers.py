"""Nothing of a directory is applied before an officer says so, once, and only while it is still what was shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from handlers.people import directory_answers
from storage import accounts, jobs, people, tables
from tests.builders import NOW, person
from tests.handlers.people.offices_listed import EVERYBODY, Office, member, without

TODAY = date(2026, 12, 4)


@pytest.fixture
def office(database):
    return Office(database)


def acts(office):
    return [
        (row.act, row.object)
        for row in office.read(
            lambda s: s.rows(select(tables.audit.c.act, tables.audit.c.object).order_by(tables.audit.c.id))
        )
    ]


def postings(office, name):
    def read(store):
        units = {unit.id: unit.name for unit in people.units(store)}
        who = next(each.id for each in people.people(store) if each.name == name)
        return [(units[p.unit_id], p.starts_on, p.ends_on) for p in people.postings(store, of=who)]

    return office.read(read)


# Binding. ----------------------------------------------------------------------------------------------------------------


def test_confirming_binds_those_of_whom_name_and_unit_fit_with_a_line_in_the_record_for_each(office):
    number = office.pulls(EVERYBODY)
    assert office.says(f"确认绑定 {number}").text == "正在绑定 5 人，完成后告诉您。"
    assert office.told(kind="answer")[-1]["text"].startswith("已绑定 5 人，以后直接在企业微信里收题、答题。0 人")
    assert office.accounts("赵六") == {"wecom": ("wecom-赵六", "")}
    bound = [("account.bind", f"person:{office.d.people[name]}") for name in ("陈芳", "周杰", "李四", "赵六", "孙七")]
    assert sorted(acts(office)) == sorted(bound)


def test_each_who_was_bound_reads_what_this_is_and_what_is_recorded(office):
    number = office.pulls(EVERYBODY)
    office.says(f"确认绑定 {number}")
    (greeting,) = office.told("赵六", kind="notice")
    assert "不用再做什么" in greeting["text"]
    assert "这里记录您的答题、成绩和时间" in greeting["text"]
    assert office.told("王敏", kind="notice") == []


def test_confirming_twice_binds_once(office):
    number = office.pulls(EVERYBODY)
    office.says(f"确认绑定 {number}")
    assert office.says(f"确认绑定 {number}").text == "这次比对的人已经绑定，没有重复执行。"
    assert "确认绑定" not in "".join(choice.says for choice in office.says(f"通讯录比对 {number}").choices)
    assert len(acts(office)) == 5


def test_only_a_name_that_fits_is_bound_only_when_that_is_said(office):
    number = office.pulls([*without("赵六"), member("赵六", "司法局")])
    buttons = [choice.says for choice in office.says("通讯录比对").choices]
    assert buttons[:2] == [f"确认绑定 {number}", f"确认绑定 {number} all"]
    office.says(f"确认绑定 {number}")
    assert "wecom" not in office.accounts("赵六")


def test_with_all_behind_it_those_are_bound_too(office):
    number = office.pulls([*without("赵六"), member("赵六", "司法局")])
    office.says(f"确认绑定 {number} all")
    assert office.accounts("赵六") == {"wecom": ("wecom-赵六", "")}


def test_where_only_names_fit_the_plain_confirmation_binds_nobody(office):
    number = office.pulls([*without("赵六", "陈芳", "周杰", "李四", "孙七"), member("赵六", "司法局")])
    assert office.says(f"确认绑定 {number}").text.startswith("没有可以绑定的人。")
    assert acts(office) == []


def test_what_changed_since_it_was_read_stops_the_binding_before_the_first(office):
    number = office.pulls(EVERYBODY)
    office.write(lambda store: person(store, office.d, "赵六", "质安站", "住建局", channels=()))
    office.says(f"确认绑定 {number}")
    assert "没有执行" in office.told(kind="answer")[-1]["text"]
    assert acts(office) == []
    assert len(office.told()) == 2


def test_a_binding_that_was_interrupted_goes_on_where_it_was(office, monkeypatch):
    monkeypatch.setattr(directory_answers, "CHUNK", 2)
    number = office.pulls(EVERYBODY)
    real, seen = accounts.bind, []

    def dies(store, who, *rest):
        seen.append(who)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return real(store, who, *rest)

    monkeypatch.setattr(accounts, "bind", dies)
    with pytest.raises(KeyboardInterrupt):
        office.says(f"确认绑定 {number}")
    monkeypatch.setattr(accounts, "bind", real)
    office.now = NOW + timedelta(minutes=2)
    office.works()
    assert "已绑定 5 人" in office.told(kind="answer")[-1]["text"]
    assert len(acts(office)) == len(set(acts(office))) == 5


# The roster. -------------------------------------------------------------------------------------------------------------


def test_confirming_adds_and_moves_dated_today_and_keeps_phone_and_rank(office):
    before = office.read(lambda store: people.person_of(store, office.d.people["张三"]))
    number = office.pulls([*without("张三", "吴九"), member("张三", "司法局"), member("钱八", "财政局")])
    said = office.says(f"确认通讯录 {number}").text
    assert said.startswith("已导入：新增 1 人，调动 1 人，离开 0 人，更新信息 0 人。")
    assert postings(office, "张三") == [
        ("住建局", date(2020, 1, 1), TODAY - timedelta(days=1)),
        ("司法局", TODAY, None),
    ]
    assert postings(office, "钱八") == [("财政局", TODAY, None)]
    assert postings(office, "吴九") == [("司法局", date(2020, 1, 1), None)]
    assert office.read(lambda store: people.person_of(store, office.d.people["张三"])) == before
    assert acts(office) == [("roster.import", f"job:{number}")]


def test_afterwards_it_is_compared_again_so_that_the_new_can_be_bound(office):
    number = office.pulls([*EVERYBODY, member("钱八", "财政局")])
    office.says(f"确认通讯录 {number}")
    text = office.told()[-1]["text"]
    assert "可以绑定：6 人。" in text
    assert "新增" not in text
    again = office.says(f"确认绑定 {number}")
    assert "已经过时" in again.text
    office.says(again.choices[0].says.replace("通讯录比对", "确认绑定"))
    assert "已绑定 6 人" in office.told(kind="answer")[-1]["text"]


def test_whoever_is_not_visible_leaves_the_roster_only_with_the_word_for_it(office):
    number = office.pulls(without("吴九"))
    assert f"确认通讯录 {number} leavers" in [choice.says for choice in office.says("通讯录比对").choices]
    assert office.says(f"确认通讯录 {number}").text == "和名册一致，没有要处理的。"
    assert "离开 1 人" in office.says(f"确认通讯录 {number} 离开").text
    assert postings(office, "吴九") == [("司法局", date(2020, 1, 1), TODAY - timedelta(days=1))]


def test_a_roster_that_changed_meanwhile_is_not_written_and_the_new_comparison_follows(office):
    number = office.pulls([*EVERYBODY, member("钱八", "财政局")])
    office.write(lambda store: person(store, office.d, "钱八", "司法局", "司法局", channels=()))
    assert "没有执行" in office.says(f"确认通讯录 {number}").text
    assert acts(office) == []
    assert "只有姓名对得上" in office.told()[-1]["text"]


def test_binding_first_leaves_the_roster_part_confirmable(office):
    number = office.pulls([*EVERYBODY, member("钱八", "财政局")])
    office.says(f"确认绑定 {number}")
    assert "新增 1 人" in office.says(f"确认通讯录 {number}").text


def test_confirming_the_roster_twice_writes_once(office):
    number = office.pulls([*EVERYBODY, member("钱八", "财政局")])
    office.says(f"确认通讯录 {number}")
    assert "已经过时" in office.says(f"确认通讯录 {number}").text
    assert sum(act == "roster.import" for act, _ in acts(office)) == 1


# Cancelled, outdated, unknown. -------------------------------------------------------------------------------------------


def test_what_was_cancelled_changes_nothing_and_is_not_brought_up_again(office):
    number = office.pulls(EVERYBODY)
    assert office.says(f"取消比对 {number}").text == "已取消，什么都没有改。同样的出入不再提起。"
    assert "取消" in office.says(f"确认绑定 {number}").text
    assert "取消" in office.says(f"通讯录比对 {number}").text
    office.write(lambda store: people.add_unit(store, "新局", None))
    office.pulls(EVERYBODY)
    assert len(office.told()) == 1
    assert acts(office) == []


def test_a_newer_comparison_takes_the_place_of_an_older_one(office):
    old = office.pulls(EVERYBODY)
    new = office.pulls([*EVERYBODY, member("钱八", "财政局")])
    for said in (f"确认绑定 {old}", f"确认通讯录 {old}", f"取消比对 {old}", f"通讯录比对 {old}"):
        reply = office.says(said)
        assert "已经过时" in reply.text
        assert [choice.says for choice in reply.choices] == [f"通讯录比对 {new}"]
    assert acts(office) == []


@pytest.mark.parametrize("said", ["确认绑定", "确认通讯录 99", "取消比对 x", "确认绑定 " + "9" * 30])
def test_a_comparison_nobody_made_is_not_found(office, said):
    office.pulls(EVERYBODY)
    assert office.says(said).text == "没有找到这次比对。请发「通讯录比对」看最新的一次。"


def test_another_kind_of_job_is_no_comparison(office):
    number = office.write(lambda store: jobs.add(store, "roster", {}, person_id=None, account_id=None, now=NOW))
    office.write(lambda store: jobs.end(store, number, NOW, result={"state": "ready"}))
    assert "没有找到" in office.says(f"确认绑定 {number}").text


def test_before_the_first_night_there_is_nothing_to_show(office):
    assert office.says("通讯录比对").text.startswith("还没有比对过。")


# A directory that was not believed. --------------------------------------------------------------------------------------


def test_a_shrunken_directory_is_compared_all_the_same_when_the_officer_says_that_it_is_right(office):
    office.pulls(EVERYBODY)
    number = office.pulls(EVERYBODY[:4])
    assert office.says(f"确认通讯录 {number}").text == "好的，照这份通讯录比对，结果稍后发给您。"
    assert office.accounts("吴九")["wecom"] == ("wecom-吴九", "not_visible")
    assert "通讯录里 4 人" in office.told()[-1]["text"]
    assert ("directory.believe", f"job:{number}") in acts(office)
    assert office.pulls(EVERYBODY[:4]) is not None
    assert len(office.told()) == 3


def test_of_an_empty_one_nothing_can_be_taken_over(office):
    office.pulls(EVERYBODY)
    number = office.pulls([])
    assert "没有执行" in office.says(f"确认通讯录 {number}").text
    assert office.accounts("吴九")["wecom"] == ("wecom-吴九", "")


def test_a_doubtful_one_binds_nobody(office):
    office.pulls(EVERYBODY)
    number = office.pulls(EVERYBODY[:4])
    assert office.says(f"确认绑定 {number}").text.startswith("没有可以绑定的人。")
