"""Units keep 机构序列, postings are dated and never rewritten, roles begin and end."""

from datetime import date, timedelta

import pytest

from quizzes.people import Person, Posting, PostingKind, Role, RoleName
from storage import accounts, people
from tests.builders import NOW, district

TODAY = date(2026, 12, 4)


@pytest.fixture
def d(store):
    return district(store)


def test_units_come_in_the_order_of_the_tree(store, d):
    assert [unit.name for unit in people.units(store)] == ["城南区", "政府办", "住建局", "质安站", "司法局", "档案馆"]


def test_a_unit_is_found_before_it_is_made_and_a_new_one_comes_last(store, d):
    assert people.add_unit(store, "司法局", None) == d.units["司法局"]
    people.add_unit(store, "统计局", None)
    people.add_unit(store, "执法队", d.units["住建局"])
    assert [unit.name for unit in people.units(store)] == [
        "城南区",
        "政府办",
        "住建局",
        "质安站",
        "执法队",
        "司法局",
        "档案馆",
        "统计局",
    ]


def test_the_district_is_made_once(store):
    first = people.district(store, "城南区")
    assert people.district(store, "别名") == first
    assert people.unit_name(store, first) == "城南区"


def test_what_is_below_a_unit_and_the_bureau_above_it(store, d):
    assert people.units_below(store, [d.units["住建局"]]) == {d.units["住建局"], d.units["质安站"]}
    assert people.bureau_of(store, d.units["质安站"]) == d.units["住建局"]
    assert people.bureaux(store)[d.units["城南区"]] == d.units["城南区"]
    assert people.unit_name(store, None) == people.unit_name(store, 999) == ""


def test_people_get_numbers_in_the_order_they_were_given(store):
    numbers = people.add_people(store, [Person(0, f"人{n}", phone=f"{n}") for n in range(500)], NOW)
    assert [people.person_of(store, number).name for number in numbers] == [f"人{n}" for n in range(500)]
    assert people.add_people(store, [], NOW) == []


def test_changing_a_person_leaves_the_language_alone(store, d):
    accounts.set_language(store, d.people["张三"], "en")
    people.change_people(store, [Person(d.people["张三"], "张三丰", phone="13900000000", retires_on=date(2030, 1, 31))])
    changed = people.person_of(store, d.people["张三"])
    assert (changed.name, changed.phone, changed.retires_on, changed.language) == (
        "张三丰",
        "13900000000",
        date(2030, 1, 31),
        "en",
    )


def test_a_move_closes_one_row_and_adds_another(store, d):
    who = d.people["张三"]
    before = people.postings(store, of=who)
    people.end_postings(store, [before[0].id], TODAY)
    people.add_postings(store, [Posting(0, who, d.units["司法局"], PostingKind.STAFF, TODAY)], d.people["王敏"], NOW)
    rows = [(each.unit_id, each.starts_on, each.ends_on) for each in people.postings(store) if each.person_id == who]
    assert rows == [
        (d.units["住建局"], date(2020, 1, 1), TODAY - timedelta(days=1)),
        (d.units["司法局"], TODAY, None),
    ]
    assert people.unit_of(store, who, TODAY) == d.units["司法局"]
    assert people.unit_of(store, who, TODAY - timedelta(days=1)) == d.units["住建局"]


def test_a_seconded_person_is_placed_once_in_the_own_unit_but_found_in_both(store, d):
    people.add_postings(
        store, [Posting(0, d.people["张三"], d.units["司法局"], PostingKind.SECONDED, TODAY)], None, NOW
    )
    assert [who.unit for who in people.placed(store, TODAY, name="张三")] == ["住建局"]
    assert "张三" in [who.name for who in people.placed(store, TODAY, within=[d.units["司法局"]])]
    assert len(people.placed(store, TODAY)) == len(d.people)


def test_a_role_is_granted_once_and_its_end_is_a_date_not_a_deletion(store, d):
    role = Role(RoleName.LIAISON, d.units["司法局"])
    assert people.grant(store, d.people["吴九"], role, d.people["王敏"], NOW)
    assert not people.grant(store, d.people["吴九"], role, d.people["王敏"], NOW)
    assert accounts.roles_of(store, d.people["吴九"]) == (role,)
    assert people.revoke(store, d.people["吴九"], role, NOW)
    assert not people.revoke(store, d.people["吴九"], role, NOW)
    assert accounts.roles_of(store, d.people["吴九"]) == ()
    assert people.grant(store, d.people["吴九"], role, d.people["王敏"], NOW)


def test_holders_are_everybody_with_a_role_in_force(store, d):
    assert [row.person for row in people.holders(store, RoleName.LEADER)] == ["李建国", "陈芳"]
    assert len(people.holders(store)) == 5
