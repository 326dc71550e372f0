"""Each night a directory is kept and compared; admins hear of what is new, once; whoever is not visible is marked; nothing else changes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from storage import accounts, directories, files, jobs, people, tables
from tests.builders import HOUSE, NOW, person
from tests.handlers.people.offices_listed import EVERYBODY, Office, member, without


@pytest.fixture
def office(database):
    return Office(database)


def count(office, table):
    return office.read(lambda store: store.value(select(func.count()).select_from(table)))


def roster(office):
    return office.read(lambda store: (people.people(store), people.postings(store)))


def test_what_was_found_is_told_to_the_admin_with_what_to_press_and_nothing_has_changed(office):
    before = roster(office)
    number = office.pulls([*EVERYBODY, member("钱八", "财政局")])
    [body] = office.told()
    assert body["text"].startswith(f"企业微信通讯录和名册比对（编号 {number}），通讯录里 11 人。现在什么都没有改。")
    assert "姓名、单位都对得上，可以绑定：5 人。" in body["text"]
    assert "名册上没有、可以新增：1 人。钱八（财政局）。" in body["text"]
    assert "将新建单位 1 个：财政局。" in body["text"]
    assert [says for _, says in body["choices"]] == [f"确认绑定 {number}", f"确认通讯录 {number}", f"取消比对 {number}"]
    assert roster(office) == before
    assert "wecom" not in office.accounts("赵六")


def test_every_line_is_in_the_attached_file(office):
    office.pulls([*without("张三"), member("钱八", "财政局")])
    [(number,)] = office.told()[0]["files"]
    content = office.read(lambda store: files.get(store, number)[2])
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0] == ["事项", "账号", "姓名", "单位", "说明"]
    assert ["可以绑定", "wecom-赵六", "赵六", "质安站", ""] in rows
    assert ["新增", "wecom-钱八", "钱八", "财政局", "城南区政府/财政局"] in rows
    assert ["已绑定，通讯录里看不到", "wecom-张三", "张三", "住建局", ""] in rows


def test_any_admin_may_open_the_file_and_nobody_else(office):
    office.pulls(EVERYBODY)
    [(number,)] = office.told()[0]["files"]
    may = office.read(
        lambda s: [files.may_read(s, number, office.d.people[name]) for name in ("王敏", "李建国", "张三")]
    )
    assert may == [True, False, False]


def test_every_admin_is_told_once_and_names_go_only_where_they_may_be_shown(database):
    office = Office(database)

    def more(store):
        person(store, office.d, "郑十", "司法局", "司法局", role="admin", channels=("telegram",))

    office.write(more)
    office.pulls([*EVERYBODY, member("钱八", "财政局")])
    [named], [bare] = office.told(), office.told("郑十")
    assert "钱八" in named["text"]
    assert "钱八" not in bare["text"]
    assert "名册上没有、可以新增：1 人。" in bare["text"]
    assert "在网页上发「通讯录比对" in bare["text"]
    assert "files" not in bare


def test_the_same_directory_beside_the_same_roster_is_compared_once(office):
    assert office.pulls(EVERYBODY) is not None
    assert office.pulls(tuple(reversed(EVERYBODY))) is None
    assert count(office, tables.job) == 1


def test_a_roster_that_changed_is_compared_again_but_tells_only_what_is_new(office):
    office.pulls(EVERYBODY)
    office.write(
        lambda store: people.change_people(
            store, [replace(people.person_of(store, office.d.people["李四"]), rank="科员")]
        )
    )
    assert office.pulls(EVERYBODY) is not None
    assert len(office.told()) == 1
    office.pulls([*EVERYBODY, member("钱八", "财政局")])
    assert len(office.told()) == 2


def test_where_nothing_differs_nobody_is_disturbed(office):
    def bind_all(store):
        for each in EVERYBODY:
            if each.name != "王敏":
                accounts.bind(store, office.d.people[each.name], "wecom", each.address, NOW)

    office.write(bind_all)
    assert office.pulls(EVERYBODY) is not None
    assert office.told() == []
    assert "和名册一致，没有要处理的。" in office.says("通讯录比对").text


# Who can be seen. --------------------------------------------------------------------------------------------------------


def test_a_bound_account_that_is_listed_no_more_is_not_visible_at_once_and_the_roster_stays(office):
    before = roster(office)
    office.pulls(EVERYBODY)
    office.pulls(without("张三"))
    assert office.accounts("张三") == {"wecom": ("wecom-张三", "not_visible"), "telegram": ("telegram-张三", "")}
    assert "已绑定、但通讯录里看不到：1 人。张三（住建局）。" in office.told()[-1]["text"]
    assert "管理后台 → 应用管理 → 可见范围" in office.told()[-1]["text"]
    assert roster(office) == before


def test_whoever_is_listed_again_is_visible_again_but_other_reasons_stay(office):
    office.pulls(without("张三"))
    office.write(lambda store: accounts.set_reachable(store, office.d.accounts["吴九", "wecom"], "unlicensed", NOW))
    office.pulls(EVERYBODY)
    assert office.accounts("张三")["wecom"] == ("wecom-张三", "")
    assert office.accounts("吴九")["wecom"] == ("wecom-吴九", "unlicensed")


def test_other_channels_are_left_alone(office):
    office.write(lambda store: accounts.bind(store, office.d.people["张三"], "wecom_bot", "wecom-张三", NOW))
    office.pulls(without("张三"))
    assert office.accounts("张三")["wecom_bot"] == ("wecom-张三", "")


# A directory that cannot be believed. ------------------------------------------------------------------------------------


def test_an_empty_directory_is_reported_and_marks_and_proposes_nothing(office):
    office.pulls(EVERYBODY)
    office.pulls([])
    body = office.told()[-1]
    assert "通讯录读不到人" in body["text"]
    assert [says for _, says in body["choices"]] == ["取消比对 2"]
    assert office.accounts("张三")["wecom"] == ("wecom-张三", "")
    assert len(office.read(lambda store: directories.listed(store, "wecom"))) == 10


def test_a_directory_of_under_half_is_reported_once_and_proposes_nothing(office):
    office.pulls(EVERYBODY)
    few = EVERYBODY[:4]
    assert office.pulls(few) is not None
    assert office.pulls(few) is None
    body = office.told()[-1]
    assert "只读到 4 人（编号 2），上次有 10 人，少了一半以上。" in body["text"]
    assert len(office.told()) == 2
    assert office.accounts("吴九")["wecom"] == ("wecom-吴九", "")


def test_a_directory_that_is_whole_again_is_believed_again(office):
    office.pulls(EVERYBODY)
    office.pulls(EVERYBODY[:4])
    number = office.pulls(EVERYBODY)
    assert office.read(lambda store: directories.suspect(store, "wecom")) is None
    assert next(says for _, says in office.told()[-1]["choices"]) == f"确认绑定 {number}"
    assert office.pulls(EVERYBODY) is None
    assert office.pulls(EVERYBODY[:4]) is not None


def test_a_worker_that_died_after_writing_tells_the_same_again_once(office):
    number = office.pulls(EVERYBODY)
    office.write(
        lambda store: store.run(tables.job.update().values(state="running", lease_until=NOW - timedelta(seconds=1)))
    )
    office.works()
    assert len(office.told()) == 1
    assert office.read(lambda store: jobs.result_of(store, number)[0]) == "done"


def test_names_are_shown_nowhere_where_the_deployment_says_so(database):
    office = Office(database, replace(HOUSE, names=()))
    office.pulls([*EVERYBODY, member("钱八", "财政局")])
    [body] = office.told()
    assert "钱八" not in body["text"]
    assert "files" not in body
