"""A roster against what stands: the fingerprint, rows that wait for a confirmation, and the diff as dated rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from quizzes.people import Person, Posting, PostingKind
from quizzes.roster_diff import compare
from quizzes.roster_rows import RosterRow
from storage import accounts, invitations, people, rosters, tables
from storage.database import Store
from storage.invitations import BIND
from tests.builders import NOW

DAY = date(2026, 12, 4)
LONG_AGO = date(2020, 1, 1)
ZHANG = RosterRow(2, "张三", "住建局", staff_no="7", phone="13800000001", category="公务员")
LI = RosterRow(3, "李四", "司法局", staff_no="8")
FULL = RosterRow(
    4,
    "王五",
    "质安站",
    "住建局",
    "9",
    "13800000003",
    "事业",
    "科员",
    True,
    False,
    date(2040, 1, 31),
    PostingKind.SECONDED,
    LONG_AGO,
    True,
)


def import_(store: Store, *rows: RosterRow, day: date = DAY, **settings) -> None:
    stands = rosters.standing(store, day)
    diff = compare(rows, stands.people, stands.postings, stands.units, day)
    assert diff.ambiguous == ()
    rosters.apply(store, diff, stands, day, None, NOW, **settings)


def who(store: Store, name: str) -> Person:
    [found] = [each for each in people.people(store) if each.name == name]
    return found


def posts(store: Store, name: str) -> list[tuple[str, str, date, date | None]]:
    """(unit, kind, from, to), oldest first."""
    names = {unit.id: unit.name for unit in people.units(store)}
    mine = [post for post in people.postings(store) if post.person_id == who(store, name).id]
    return [(names[post.unit_id], str(post.kind), post.starts_on, post.ends_on) for post in mine]


@pytest.fixture
def imported(store: Store) -> Store:
    import_(store, ZHANG, LI, day=LONG_AGO)
    return store


@pytest.mark.parametrize(
    "rows", [[], [ZHANG], [FULL, LI], [replace(FULL, leadership=None, kind=None, retires_on=None)]]
)
def test_rows_that_wait_for_a_confirmation_come_back_as_they_were(rows):
    assert rosters.from_json(rosters.to_json(rows)) == rows


def test_a_first_roster_makes_units_people_and_postings(imported: Store) -> None:
    assert [unit.name for unit in people.units(imported)] == ["全区", "住建局", "司法局"]
    found = who(imported, "张三")
    assert (found.staff_no, found.phone, found.category) == ("7", "13800000001", "公务员")
    assert posts(imported, "张三") == [("住建局", "编制", LONG_AGO, None)]


def test_the_same_roster_again_changes_nothing(imported: Store) -> None:
    before = rosters.standing(imported, DAY)
    import_(imported, ZHANG, LI)
    assert rosters.standing(imported, DAY) == before
    assert posts(imported, "张三") == [("住建局", "编制", LONG_AGO, None)]


def test_a_move_closes_the_old_posting_on_the_day_before_and_rewrites_nothing(imported: Store) -> None:
    import_(imported, replace(ZHANG, unit="司法局"), LI)
    assert posts(imported, "张三") == [
        ("住建局", "编制", LONG_AGO, DAY - timedelta(days=1)),
        ("司法局", "编制", DAY, None),
    ]


def test_a_move_may_be_dated_back_but_not_to_before_what_it_ends(imported: Store) -> None:
    import_(
        imported,
        replace(ZHANG, unit="司法局", starts_on=date(2026, 9, 1)),
        replace(LI, unit="住建局", starts_on=date(2019, 1, 1)),
    )
    assert posts(imported, "张三")[1] == ("司法局", "编制", date(2026, 9, 1), None)
    assert posts(imported, "张三")[0][3] == date(2026, 8, 31)
    assert posts(imported, "李四")[1] == ("住建局", "编制", DAY, None)


def test_a_secondment_stands_beside_what_the_person_has(imported: Store) -> None:
    import_(imported, ZHANG, replace(ZHANG, row=5, unit="司法局", kind=PostingKind.SECONDED), LI)
    assert posts(imported, "张三") == [("住建局", "编制", LONG_AGO, None), ("司法局", "借调", DAY, None)]


def test_who_is_not_in_the_file_leaves_and_their_invitation_ends(imported: Store) -> None:
    invited = who(imported, "李四").id
    invitations.make(imported, [("t" * 43, invited)], BIND, None, NOW, timedelta(days=7))
    import_(imported, ZHANG)
    assert posts(imported, "李四") == [("司法局", "编制", LONG_AGO, DAY - timedelta(days=1))]
    assert imported.value(select(tables.invitation.c.revoked_at)) == NOW
    assert rosters.standing(imported, DAY).people == people.people(imported)


def test_half_a_roster_can_be_applied_without_anybody_leaving(imported: Store) -> None:
    import_(imported, replace(ZHANG, rank="科长"), leavers=False)
    assert posts(imported, "李四") == [("司法局", "编制", LONG_AGO, None)]
    assert who(imported, "张三").rank == "科长"


def test_who_comes_back_is_the_same_person_from_that_day_on(imported: Store) -> None:
    number = who(imported, "李四").id
    import_(imported, ZHANG, day=date(2026, 6, 1))
    import_(imported, ZHANG, replace(LI, starts_on=LONG_AGO))
    assert who(imported, "李四").id == number
    assert posts(imported, "李四") == [("司法局", "编制", LONG_AGO, date(2026, 5, 31)), ("司法局", "编制", DAY, None)]


def test_a_new_person_may_have_begun_long_ago_but_not_in_the_future(imported: Store) -> None:
    new = RosterRow(9, "王五", "司法局", staff_no="9", starts_on=date(2015, 3, 1))
    import_(imported, ZHANG, LI, new, replace(new, row=10, name="赵六", staff_no="10", starts_on=date(2027, 1, 1)))
    assert posts(imported, "王五") == [("司法局", "编制", date(2015, 3, 1), None)]
    assert posts(imported, "赵六") == [("司法局", "编制", DAY, None)]


def test_new_units_are_made_below_what_the_row_names(imported: Store) -> None:
    new = [RosterRow(9, "王五", "质安站", "住建局", "9"), RosterRow(10, "赵六", "办公室", "城管局", "10")]
    import_(imported, ZHANG, LI, *new)
    tree = {unit.id: unit for unit in people.units(imported)}
    below = {unit.name: tree[unit.parent_id].name for unit in tree.values() if unit.parent_id}
    assert below == {"住建局": "全区", "司法局": "全区", "质安站": "住建局", "城管局": "全区", "办公室": "城管局"}


def test_a_blank_cell_clears_nothing_and_a_language_is_ones_own(imported: Store) -> None:
    accounts.set_language(imported, who(imported, "张三").id, "en")
    import_(imported, replace(ZHANG, phone="", category="", leadership=True), LI)
    found = who(imported, "张三")
    assert (found.phone, found.category, found.leadership, found.language) == ("13800000001", "公务员", True, "en")


def test_the_fingerprint_changes_with_whatever_a_diff_is_computed_from(imported: Store) -> None:
    stands = rosters.standing(imported, DAY)
    first, unit, post = stands.people[0], stands.units[-1], stands.postings[0]
    seen = {stands.fingerprint}
    for name, value in (("name", "某"), ("staff_no", "0"), ("phone", "1"), ("category", "x"), ("rank", "y"), ("leadership", True),
                        ("enforcement", True), ("retires_on", DAY)):  # fmt: skip
        seen.add(replace(stands, people=[replace(first, **{name: value}), *stands.people[1:]]).fingerprint)
    for changed in (replace(post, unit_id=99), replace(post, kind=PostingKind.VILLAGE), replace(post, starts_on=DAY),
                    replace(post, ends_on=DAY)):  # fmt: skip
        seen.add(replace(stands, postings=[changed, *stands.postings[1:]]).fingerprint)
    seen.add(replace(stands, units=[*stands.units[:-1], replace(unit, name="新局")]).fingerprint)
    seen.add(replace(stands, people=stands.people[1:]).fingerprint)
    assert len(seen) == 15


def test_the_fingerprint_does_not_change_with_a_language_or_the_order_of_units(imported: Store) -> None:
    stands = rosters.standing(imported, DAY)
    spoken = [replace(each, language="en") for each in stands.people]
    same = replace(stands, people=spoken, units=[replace(unit, position=9) for unit in reversed(stands.units)])
    assert same.fingerprint == stands.fingerprint


def test_what_is_not_in_force_that_day_does_not_stand(imported: Store) -> None:
    person_id = who(imported, "张三").id
    unit_id = people.units(imported)[-1].id
    past = Posting(0, person_id, unit_id, PostingKind.STAFF, date(2019, 1, 1), date(2019, 12, 31))
    people.add_postings(imported, [past], None, NOW)
    assert len(rosters.standing(imported, DAY).postings) == 2
    assert len(rosters.standing(imported, date(2019, 6, 1)).postings) == 1
