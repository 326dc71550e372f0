"""A directory beside the roster: who can be bound, who is in doubt, new, gone or moved; and absence makes nobody a leaver unasked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.directory import Listed, Match, compare_directory, shrunken
from quizzes.people import Person, Posting, PostingKind, Unit

DAY = date(2026, 12, 1)
LONG_AGO = date(2020, 1, 1)
HOUSING, JUSTICE, STATION = 2, 3, 4
UNITS = [
    Unit(1, None, "示例区", 0),
    Unit(HOUSING, 1, "住建局", 1),
    Unit(JUSTICE, 1, "司法局", 2),
    Unit(STATION, HOUSING, "质安站", 1),
]
ZHANG = Person(1, "张三", staff_no="7", phone="13800000001", category="公务员", rank="科长", leadership=True)
LI, WANG, ZHAO = Person(2, "李四"), Person(3, "王五"), Person(4, "赵六")
PEOPLE = [ZHANG, LI, WANG]


def at(person, unit, *, kind=PostingKind.STAFF, until=None):
    return Posting(person.id, person.id, unit, kind, LONG_AGO, until)


HOME = [at(ZHANG, HOUSING), at(LI, JUSTICE), at(WANG, STATION)]


def line(address, name, *path):
    return Listed(address, name, ("示例区", *path))


ZHANG_LINE, LI_LINE, WANG_LINE = (
    line("zhangsan", "张三", "住建局"),
    line("lisi", "李四", "司法局"),
    line("wangwu", "王五", "住建局", "质安站"),
)
ALL_LINES = (ZHANG_LINE, LI_LINE, WANG_LINE)
ALL_BOUND = {"zhangsan": 1, "lisi": 2, "wangwu": 3}


def compared(*lines, people=PEOPLE, home=HOME, bound=None, units=UNITS):
    return compare_directory(lines, people, home, units, bound or {}, DAY)


def doubts(found):
    return [(each.listed.address, each.why, each.people) for each in found.doubts]


def joiners(found):
    return [(each.posts[0].row.name, each.posts[0].row.unit, each.posts[0].unit_id) for each in found.diff.joiners]


def moves(found):
    return [(each.person_id, each.post.unit_id) for each in found.diff.transfers]


# Who can be bound. -------------------------------------------------------------------------------------------------------


def test_name_and_unit_identify_a_person_without_an_account():
    found = compared(*ALL_LINES)
    assert set(found.matches) == {Match(1, ZHANG_LINE), Match(2, LI_LINE), Match(3, WANG_LINE)}
    assert (found.doubts, found.gone, found.unlisted, joiners(found), moves(found)) == ((), (), (), [], [])


def test_names_are_compared_as_a_roster_writes_them():
    assert [each.person_id for each in compared(line("z", "张　三", "住 建 局")).matches] == [1]


def test_whoever_has_an_account_there_is_not_bound_again():
    found = compared(*ALL_LINES, bound=ALL_BOUND)
    assert found.matches == ()
    assert not found.says_something


def test_a_name_that_nobody_else_bears_anywhere_is_a_match_by_name_only():
    away = line("zhangsan", "张三", "司法局")
    found = compared(away)
    assert found.matches == (Match(1, away, by_name=True),)
    assert moves(found) == []
    assert joiners(found) == []


@pytest.mark.parametrize("also", [line("z2", "张三", "财政局"), line("z2", "张三", "司法局")])
def test_a_name_twice_in_the_directory_is_not_a_match_by_name(also):
    found = compared(line("z1", "张三", "司法局"), also)
    assert found.matches == ()
    assert {why for _, why, _ in doubts(found)} == {"maybe"}


def test_somebody_of_the_same_name_who_left_years_ago_keeps_the_name_alone_from_deciding():
    former = replace(ZHANG, id=9, staff_no="", phone="")
    found = compared(line("z1", "张三", "司法局"), people=[*PEOPLE, former])
    assert found.matches == ()
    assert doubts(found) == [("z1", "maybe", (1,))]


# Who is in doubt. --------------------------------------------------------------------------------------------------------


def test_the_same_name_twice_in_a_unit_is_listed_and_never_bound():
    twin = Person(5, "张三")
    on_roster = compared(ZHANG_LINE, people=[*PEOPLE, twin], home=[*HOME, at(twin, HOUSING)])
    assert on_roster.matches == ()
    assert doubts(on_roster) == [("zhangsan", "several", (1, 5))]
    in_directory = compared(ZHANG_LINE, line("zhangsan2", "张三", "住建局"))
    assert in_directory.matches == ()
    assert doubts(in_directory) == [("zhangsan", "several", (1,)), ("zhangsan2", "several", (1,))]


def test_even_where_one_of_two_namesakes_has_an_account_the_other_is_not_guessed():
    twin = Person(5, "张三")
    lines = ZHANG_LINE, line("zhangsan2", "张三", "住建局")
    found = compared(*lines, people=[*PEOPLE, twin], home=[*HOME, at(twin, HOUSING)], bound={"zhangsan": 1})
    assert found.matches == ()
    assert doubts(found) == [("zhangsan2", "several", (1, 5))]


def test_a_second_line_of_somebody_whose_account_is_not_listed_may_be_a_new_account():
    found = compared(line("zs-new", "张三", "住建局"), bound={"zs-old": 1})
    assert doubts(found) == [("zs-new", "new_userid", (1,))]
    assert found.gone == ((1, "zs-old"),)
    assert found.diff.leavers == ()


def test_whoever_left_the_roster_and_is_still_listed_is_not_taken_on_again():
    gone_home = [at(ZHANG, HOUSING, until=DAY - timedelta(days=1)), *HOME[1:]]
    assert doubts(compared(ZHANG_LINE, home=gone_home)) == [("zhangsan", "former", (1,))]
    assert doubts(compared(ZHANG_LINE, home=gone_home, bound={"zhangsan": 1})) == [("zhangsan", "former", (1,))]
    assert joiners(compared(ZHANG_LINE, home=gone_home)) == []


def test_an_account_under_another_name_is_asked_about_and_moves_nobody():
    found = compared(line("zhangsan", "钱八", "司法局"), bound={"zhangsan": 1})
    assert doubts(found) == [("zhangsan", "other_name", (1,))]
    assert moves(found) == []
    assert found.diff.changes == ()


@pytest.mark.parametrize("name", ["张三", "张三（住建局）", "zhangsan"])
def test_a_name_with_something_added_or_hidden_is_still_theirs_and_renames_nobody(name):
    found = compared(line("zhangsan", name, "住建局"), bound={"zhangsan": 1})
    assert found.doubts == ()
    assert found.diff.changes == ()


def test_lines_without_a_name_or_a_department_are_listed():
    found = compared(line("qianba", "qianba", "住建局"), line("q2", "", "住建局"), Listed("q3", "钱八", ()))
    assert doubts(found) == [("q2", "no_name", ()), ("q3", "no_unit", ()), ("qianba", "no_name", ())]


def test_a_department_of_which_there_are_several_is_asked_about():
    offices = [*UNITS, Unit(5, HOUSING, "办公室", 2), Unit(6, JUSTICE, "办公室", 1)]
    found = compare_directory(
        [Listed("q", "钱八", ("办公室",)), Listed("l", "李四", ("司法局",))], PEOPLE, HOME, offices, {}, DAY
    )
    assert doubts(found) == [("q", "unit_several", ())]
    assert joiners(found) == []


# Who is new, gone, moved. ------------------------------------------------------------------------------------------------


def test_whoever_is_on_no_roster_is_a_newcomer_in_the_unit_of_their_department():
    found = compared(*ALL_LINES, line("zhaoliu", "赵六", "住建局", "人事科"))
    assert joiners(found) == [("赵六", "住建局", HOUSING)]
    assert found.listed[found.diff.joiners[0].posts[0].row.row].address == "zhaoliu"


def test_a_namesake_of_somebody_bound_who_is_listed_too_is_a_newcomer():
    found = compared(*ALL_LINES, line("z2", "张三", "司法局"), bound=ALL_BOUND)
    assert joiners(found) == [("张三", "司法局", JUSTICE)]
    assert found.doubts == ()


def test_a_bureau_the_tree_lacks_is_proposed_with_its_newcomer():
    found = compared(line("q", "钱八", "文旅局", "办公室"))
    assert joiners(found) == [("钱八", "文旅局", None)]
    assert [unit.name for unit in found.diff.new_units] == ["文旅局"]


def test_a_bound_person_in_another_known_unit_is_a_proposed_transfer_that_clears_nothing():
    found = compared(line("zhangsan", "张三", "司法局"), LI_LINE, WANG_LINE, bound=ALL_BOUND)
    assert moves(found) == [(1, JUSTICE)]
    assert found.diff.transfers[0].post.kind is PostingKind.STAFF
    assert found.diff.changes == ()


def test_a_department_above_the_unit_or_unknown_moves_nobody():
    found = compared(line("wangwu", "王五", "住建局"), line("lisi", "李四", "文旅局"), bound=ALL_BOUND)
    assert moves(found) == []
    assert found.diff.new_units == ()


def test_whoever_is_seconded_there_has_not_moved():
    home = [*HOME, replace(at(ZHANG, JUSTICE, kind=PostingKind.SECONDED), id=9)]
    assert moves(compared(line("zhangsan", "张三", "司法局"), bound=ALL_BOUND, home=home)) == []


def test_a_bound_person_who_is_listed_no_more_is_gone_and_only_proposed_as_a_leaver():
    found = compared(LI_LINE, WANG_LINE, bound=ALL_BOUND)
    assert found.gone == ((1, "zhangsan"),)
    assert [leaver.person_id for leaver in found.diff.leavers] == [1]


def test_whoever_never_had_an_account_there_is_no_leaver_for_not_being_listed():
    found = compared(ZHANG_LINE)
    assert found.diff.leavers == ()
    assert found.gone == ()
    assert found.unlisted == (2, 3)


def test_somebody_whom_a_doubtful_line_may_mean_has_not_left():
    found = compared(line("zs-new", "张三", "住建局"), bound={"zs-old": 1})
    assert found.diff.leavers == ()


# The whole. --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(0, 0, True), (0, 9, True), (4, 9, True), (5, 9, False), (5, 10, False), (1, 0, False), (20, 10, False)],
)
def test_a_directory_that_is_empty_or_lost_more_than_half_is_not_believed(now, before, said):
    assert shrunken(now, before) is said


def test_the_marks_change_with_what_they_stand_for_and_with_nothing_else():
    first, again = compared(*ALL_LINES), compared(*reversed(ALL_LINES))
    assert (first.binding, first.roster, first.mark) == (again.binding, again.roster, again.mark)
    more = compared(*ALL_LINES, line("q", "钱八", "住建局"))
    assert more.binding == first.binding
    assert more.roster != first.roster
    assert more.mark != first.mark
    bound = compared(*ALL_LINES, bound={"lisi": 2})
    assert bound.binding != first.binding
    assert bound.roster == first.roster


NAMES = st.sampled_from(["张三", "李四", "王五", "赵六", "q", ""])
PATHS = st.sampled_from([(), ("住建局",), ("司法局",), ("住建局", "质安站"), ("文旅局",), ("住建局", "人事科")])
LINES = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(NAMES, PATHS), max_size=8)
BOUND = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([1, 2, 3, 4]), max_size=4)


@settings(max_examples=300, deadline=None)
@given(LINES, BOUND)
def test_whatever_is_listed_every_line_means_at_most_one_thing_and_nobody_twice(lines, bound):
    listed = [Listed(address, name, path) for address, (name, path) in lines.items()]
    home = [*HOME, at(ZHAO, JUSTICE)]
    found = compare_directory(listed, [*PEOPLE, ZHAO], home, UNITS, bound, DAY)
    matched = [each.person_id for each in found.matches]
    assert len(matched) == len(set(matched))
    assert not set(matched) & set(bound.values())
    uses = [each.listed.address for each in (*found.matches, *found.doubts)]
    uses += [found.listed[each.posts[0].row.row].address for each in found.diff.joiners]
    assert len(uses) == len(set(uses))
    assert set(uses) | set(bound) >= set(lines)
    assert found.diff.changes == ()
    assert {leaver.person_id for leaver in found.diff.leavers} <= {who for who, _ in found.gone}


def test_ten_thousand_people_are_compared_in_a_moment():
    units = [Unit(1, None, "示例区", 0), *(Unit(n, 1, f"单位{n}局", n) for n in range(2, 62))]
    people = [Person(n, f"人{n}") for n in range(1, 10_001)]
    home = [Posting(n, n, 2 + n % 60, PostingKind.STAFF, LONG_AGO) for n in range(1, 10_001)]
    listed = [Listed(f"u{n:05d}", f"人{n}", ("示例区", f"单位{2 + (n + n % 7) % 60}局")) for n in range(1, 10_001)]
    began = perf_counter()
    found = compare_directory(listed, people, home, units, {f"u{n:05d}": n for n in range(1, 5_001)}, DAY)
    assert perf_counter() - began < 5
    assert len(found.matches) + len(found.diff.transfers) > 5_000
