"""Whom a row means, and when somebody is asked."""

from datetime import date

import pytest

from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.roster_matching import match, meant
from quizzes.roster_rows import RosterRow
from quizzes.roster_units import UnitNames

HOUSING, JUSTICE, OFFICE_H, OFFICE_J = 2, 3, 4, 5
UNITS = [
    Unit(1, None, "示例区", 0),
    Unit(HOUSING, 1, "住建局", 1),
    Unit(JUSTICE, 1, "司法局", 2),
    Unit(OFFICE_H, HOUSING, "办公室", 1),
    Unit(OFFICE_J, JUSTICE, "办公室", 1),
]
PHONE, OTHER_PHONE = "13800000001", "13800000002"
ZHANG = Person(1, "张三", staff_no="007", phone=PHONE)
LI = Person(2, "李四")
WANG = Person(3, "王五")
NAMESAKE = Person(4, "王五")
PEOPLE = [ZHANG, LI, WANG, NAMESAKE]


def at(person, unit, kind=PostingKind.STAFF):
    return person.id, Posting(person.id, person.id, unit, kind, date(2020, 1, 1))


HOME = [at(ZHANG, HOUSING), at(LI, JUSTICE), at(WANG, HOUSING), at(NAMESAKE, JUSTICE)]


def row(number, name, unit="住建局", **sides):
    return RosterRow(number, name, unit, **sides)


def matched(*rows, people=PEOPLE, home=HOME):
    current = {}
    for person_id, posting in home:
        current.setdefault(person_id, []).append(posting)
    return match(rows, people, current, UnitNames(UNITS))


def known(*rows, **sides):
    return {person_id: [r.row for r in group] for person_id, group in matched(*rows, **sides).known.items()}


def asked(*rows, **sides):
    return {number: (a.problem.code, a.candidates) for number, a in matched(*rows, **sides).asked.items()}


def test_the_staff_number_decides_first_whatever_the_unit():
    assert known(row(2, "张三", "司法局", staff_no="7")) == {ZHANG.id: [2]}


def test_then_the_phone():
    assert known(row(2, "张三", "司法局", phone=PHONE)) == {ZHANG.id: [2]}


def test_then_unit_and_name():
    assert known(row(2, "王五", "住建局"), row(3, "王五", "司法局")) == {WANG.id: [2], NAMESAKE.id: [3]}


def test_another_staff_number_is_another_person_even_of_the_same_name_and_unit():
    found = matched(row(2, "张三", staff_no="008"))
    assert found.known == {}
    assert [[r.row for r in group] for group in found.new] == [[2]]


def test_a_staff_number_under_another_name_is_asked_unless_the_phone_agrees():
    assert asked(row(2, "张珊", staff_no="007")) == {2: ("staff_no_of_other", (ZHANG.id,))}
    assert asked(row(2, "张珊", staff_no="007", phone=OTHER_PHONE)) == {2: ("staff_no_of_other", (ZHANG.id,))}
    assert known(row(2, "张珊", staff_no="007", phone=PHONE)) == {ZHANG.id: [2]}


def test_a_phone_under_another_name_is_asked():
    assert asked(row(2, "赵六", phone=PHONE)) == {2: ("phone_of_other", (ZHANG.id,))}


def test_a_phone_that_is_still_somebody_elses_is_asked():
    people = [ZHANG, Person(2, "李四", staff_no="2")]
    assert asked(row(2, "李四", "司法局", staff_no="2", phone=PHONE), people=people) == {
        2: ("phone_taken", (ZHANG.id,))
    }
    assert asked(row(2, "赵六", staff_no="9", phone=PHONE)) == {2: ("phone_taken", (ZHANG.id,))}


def test_two_people_may_swap_phones_in_one_file():
    people = [ZHANG, Person(2, "李四", staff_no="2", phone=OTHER_PHONE)]
    rows = row(2, "张三", staff_no="007", phone=OTHER_PHONE), row(3, "李四", "司法局", staff_no="2", phone=PHONE)
    assert known(*rows, people=people) == {1: [2], 2: [3]}


def test_a_namesake_whom_no_row_means_may_have_moved_and_is_asked():
    assert asked(row(2, "李四", "住建局")) == {2: ("maybe_known", (LI.id,))}
    assert asked(row(2, "李四", "住建局", phone=OTHER_PHONE)) == {2: ("maybe_known", (LI.id,))}


def test_a_namesake_who_is_in_the_file_himself_is_another_person():
    found = matched(row(2, "李四", "司法局"), row(3, "李四", "住建局"))
    assert list(found.known) == [LI.id]
    assert [[r.row for r in group] for group in found.new] == [[3]]


def test_a_namesake_with_other_numbers_is_another_person():
    assert asked(row(2, "张三", "司法局", phone=OTHER_PHONE)) == {}
    assert asked(row(2, "张三", "司法局", staff_no="8")) == {}


def test_two_rows_for_one_candidate_are_both_asked():
    rows = row(2, "李四", "司法局", phone=PHONE[:-1] + "8"), row(3, "李四", "司法局", phone=OTHER_PHONE)
    assert asked(*rows) == {2: ("matches_several", (LI.id,)), 3: ("matches_several", (LI.id,))}


def test_two_candidates_for_one_row_are_asked():
    home = [at(WANG, HOUSING), at(NAMESAKE, HOUSING)]
    assert asked(row(2, "王五"), home=home) == {2: ("matches_several", (WANG.id, NAMESAKE.id))}


def test_a_second_post_without_numbers_belongs_to_whoever_already_holds_it():
    home = [*HOME, at(LI, HOUSING, PostingKind.SECONDED)]
    rows = row(2, "李四", "司法局"), row(3, "李四", "住建局", kind=PostingKind.SECONDED)
    assert known(*rows, home=home) == {LI.id: [2, 3]}


def test_a_second_post_without_numbers_that_is_new_is_asked():
    rows = row(2, "李四", "司法局"), row(3, "李四", "住建局", kind=PostingKind.SECONDED)
    assert asked(*rows) == {3: ("maybe_known", (LI.id,))}
    new = row(2, "赵六", "司法局"), row(3, "赵六", "住建局", kind=PostingKind.SECONDED)
    assert asked(*new) == {3: ("maybe_known", ())}


def test_a_unit_of_several_is_the_one_where_the_person_sits_else_asked():
    home = [at(ZHANG, OFFICE_J)]
    assert matched(row(2, "张三", "办公室", staff_no="7"), home=home).units == {2: OFFICE_J}
    assert asked(row(2, "赵六", "办公室")) == {2: ("unit_several", ())}
    assert matched(row(2, "赵六", "办公室", parent="司法局")).units == {2: OFFICE_J}


def test_rows_of_one_new_person_go_together():
    rows = (
        row(2, "赵六", staff_no="9", phone=OTHER_PHONE),
        row(3, "赵六", "司法局", phone=OTHER_PHONE, kind=PostingKind.SECONDED),
        row(4, "钱七"),
    )
    assert [[r.row for r in group] for group in matched(*rows).new] == [[2, 3], [4]]


@pytest.mark.parametrize(
    "doubtful",
    [
        row(2, "张三", faulty=True),
        row(2, "?", staff_no="7", faulty=True),
        row(2, "?", phone=PHONE, faulty=True),
        row(2, "张珊", staff_no="007"),
    ],
)
def test_whoever_a_doubtful_row_may_mean_is_not_taken_to_have_left(doubtful):
    found = matched(doubtful)
    assert not found.lacks(ZHANG)
    assert found.lacks(LI)


def test_rows_of_another_table_mean_people_and_make_nobody_new():
    rows = [row(2, "张三", "哪里", staff_no="007"), row(3, "张三"), row(4, "新人"), row(5, "张珊", staff_no="7")]
    found, doubtful = meant(rows, PEOPLE, {person_id: [posting] for person_id, posting in HOME}, UnitNames(UNITS))
    assert found == {2: ZHANG.id, 3: ZHANG.id}
    assert {number: each.problem.code for number, each in doubtful.items()} == {5: "staff_no_of_other"}


def test_a_row_may_mean_whom_somebody_else_vouches_for_whatever_it_says():
    people, current = [ZHANG, LI], {ZHANG.id: [HOME[0][1]], LI.id: [HOME[1][1]]}
    found = match([row(2, "张三", "财政局"), row(3, "李四", "司法局")], people, current, UnitNames(UNITS), {2: LI.id})
    assert [r.row for r in found.known[LI.id]] == [2]
    assert [[r.row for r in group] for group in found.new] == [[3]]
