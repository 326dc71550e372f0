"""Roles are granted and ended by the administrator, after saying what that does; the last administrator stays."""

import pytest
from sqlalchemy import select

from handlers.people import granting
from handlers.views import joining
from quizzes.people import Role, RoleName
from storage import accounts, people, tables
from tests.builders import HOUSE, NOW, district, person, turn


@pytest.fixture
def d(store):
    return district(store)


def grant(store, d, said, who="王敏"):
    return granting.grant(turn(store, d, who, said), store)[0]


def revoke(store, d, said):
    return granting.revoke(turn(store, d, "王敏", said), store)[0]


def acts(store):
    return [row.act for row in store.rows(select(tables.audit.c.act))]


def test_a_grant_says_what_it_means_and_the_button_does_it_once(store, d):
    asked = grant(store, d, "角色 吴九 联络员 司法局")
    assert (
        asked.text
        == "让司法局吴九担任联络员，范围：司法局。联络员能看本单位未参考的人和原因，能发本单位的邀请。现在还没有生效，请确认。"
    )
    assert accounts.roles_of(store, d.people["吴九"]) == ()
    assert asked.choices[0].says == f"角色 {d.people['吴九']} liaison {d.units['司法局']} yes"
    assert len(asked.choices[0].says.encode()) <= 64
    assert grant(store, d, asked.choices[0].says).text.startswith("已授权：司法局吴九，联络员，司法局")
    assert accounts.roles_of(store, d.people["吴九"]) == (Role(RoleName.LIAISON, d.units["司法局"]),)
    assert "没有改动" in grant(store, d, asked.choices[0].says).text
    assert acts(store) == ["role.grant"]


def test_a_leader_without_a_unit_leads_the_district_but_a_liaison_needs_one(store, d):
    assert "范围：全区" in grant(store, d, "角色 吴九 领导").text
    assert "要写明负责哪个单位" in grant(store, d, "角色 吴九 联络员").text


def test_a_role_is_ended_the_same_way(store, d):
    asked = revoke(store, d, "撤销角色 刘洋 联络员 住建局")
    assert accounts.roles_of(store, d.people["刘洋"])
    assert revoke(store, d, asked.choices[0].says).text.startswith("已撤销")
    assert accounts.roles_of(store, d.people["刘洋"]) == ()
    assert "没有改动" in revoke(store, d, asked.choices[0].says).text
    assert acts(store) == ["role.revoke"]


def test_the_last_administrator_cannot_be_revoked(store, d):
    assert "最后一位管理员" in revoke(store, d, "撤销角色 王敏 管理员 - yes").text
    grant(store, d, "角色 吴九 管理员 - yes")
    assert "已撤销" in revoke(store, d, "撤销角色 王敏 管理员 - yes").text


def test_namesakes_unknown_people_and_unknown_units_are_asked_about(store, d):
    person(store, d, "吴九", "住建局", "住建局", channels=())
    assert [choice.label for choice in grant(store, d, "角色 吴九 领导").choices] == ["司法局吴九", "住建局吴九"]
    assert "没有找到这个人" in grant(store, d, "角色 吴十 领导").text
    assert "没有找到单位「水利局」" in grant(store, d, "角色 张三 领导 水利局").text
    assert "授权请发" in grant(store, d, "角色 张三").text


def test_the_list_has_names_only_where_they_may_be_shown(store, d):
    assert "刘洋：联络员，住建局" in grant(store, d, "角色").text
    accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    d.accounts["王敏", "telegram"] = 0
    hidden = granting.grant(turn(store, d, "王敏", "角色", channel="telegram"), store)[0]
    assert "刘洋" not in hidden.text
    assert "联络员：1 项" in hidden.text


def test_somebody_who_left_can_still_lose_a_role(store, d):
    people.end_postings(
        store, [p.id for p in people.postings(store) if p.person_id == d.people["刘洋"]], HOUSE.today(NOW)
    )
    assert "撤销刘洋的联络员" in revoke(store, d, "撤销角色 刘洋 联络员 住建局").text


def test_the_first_administrator_gets_a_unit_a_role_and_a_login_link_and_again_only_a_link(store):
    code = granting.first_admin(store, "王敏", "司法局", NOW, district="城南区")
    assert joining.entry(store, code, NOW)["name"] == "王敏"
    assert [unit.name for unit in people.units(store)] == ["城南区", "司法局"]
    again = granting.first_admin(store, "王敏", "司法局", NOW, district="城南区")
    assert again != code
    assert [(row.person, row.name) for row in people.holders(store)] == [("王敏", "admin")]
    assert len(people.people(store)) == 1
    assert acts(store) == ["role.grant"]


def test_every_role_is_named_in_both_languages():
    assert granting.role_named("联络员") is granting.role_named("Liaison") is RoleName.LIAISON
    assert granting.role_named("cadre") is None
