"""What a roster would change."""

from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.roster_diff import FieldChange, Joiner, Leaver, Post, Secondment, Transfer, compare
from quizzes.roster_rows import RosterRow

DAY = date(2026, 12, 1)
LONG_AGO = date(2020, 1, 1)
STAFF, SECONDED = PostingKind.STAFF, PostingKind.SECONDED
HOUSING, JUSTICE = 2, 3
UNITS = [Unit(1, None, "示例区", 0), Unit(HOUSING, 1, "住建局", 1), Unit(JUSTICE, 1, "司法局", 2)]
ZHANG = Person(1, "张三", staff_no="7", phone="13800000001", category="公务员")
LI = Person(2, "李四", staff_no="8")
ZHANG_HOME = Posting(1, 1, HOUSING, STAFF, LONG_AGO)
LI_HOME = Posting(2, 2, JUSTICE, STAFF, LONG_AGO)
HOME = [ZHANG_HOME, LI_HOME]
LI_STAYS = RosterRow(9, "李四", "司法局", staff_no="8")


def row(number=2, name="张三", unit="住建局", staff_no="7", **sides):
    return RosterRow(number, name, unit, staff_no=staff_no, **sides)


def diff(*rows, people=(ZHANG, LI), postings=HOME):
    return compare([*rows, LI_STAYS], people, postings, UNITS, DAY)


def changed(found):
    """The names of everything in a diff that is not empty."""
    names = ("new_units", "joiners", "leavers", "transfers", "secondments", "changes", "ambiguous")
    return [name for name in names if getattr(found, name)]


def test_a_roster_that_says_what_is_already_so_changes_nothing():
    found = diff(row(phone="13800000001", category="公务员", kind=STAFF))
    assert changed(found) == []
    assert (found.unchanged, found.counted) == (2, 2)


def test_a_new_person_joins():
    new = row(3, "王五", "司法局", "9")
    found = diff(row(), new)
    assert found.joiners == (Joiner(None, (Post(new, JUSTICE, STAFF),)),)
    assert changed(found) == ["joiners"]


def test_a_person_known_from_before_comes_back_as_the_same_person():
    ended = [Posting(1, 1, HOUSING, STAFF, LONG_AGO, DAY - timedelta(days=1)), LI_HOME]
    found = diff(row(), postings=ended)
    assert found.joiners == (Joiner(ZHANG.id, (Post(row(), HOUSING, STAFF),)),)


def test_who_is_not_in_the_file_is_listed_as_leaving_and_many_are_warned_of():
    found = diff()
    assert found.leavers == (Leaver(ZHANG.id, ZHANG_HOME),)
    assert found.many_leavers


@pytest.mark.parametrize(("leaving", "warned"), [(5, False), (6, True)])
def test_more_than_five_in_a_hundred_leaving_is_warned_of(leaving, warned):
    people = [Person(n, f"干部{n}", staff_no=str(n)) for n in range(1, 101)]
    postings = [Posting(n, n, HOUSING, STAFF, LONG_AGO) for n in range(1, 101)]
    rows = [RosterRow(n, f"干部{n}", "住建局", staff_no=str(n)) for n in range(leaving + 1, 101)]
    found = compare(rows, people, postings, UNITS, DAY)
    assert len(found.leavers) == leaving
    assert found.many_leavers is warned


def test_only_people_who_count_can_be_missing_from_the_file():
    seconded = [Posting(1, 1, HOUSING, SECONDED, LONG_AGO), LI_HOME]
    assert diff(postings=seconded).leavers == ()


def test_a_person_in_another_unit_is_transferred():
    moved = row(unit="司法局")
    found = diff(moved)
    assert found.transfers == (Transfer(ZHANG.id, ZHANG_HOME, Post(moved, JUSTICE, STAFF)),)
    assert changed(found) == ["transfers"]


def test_another_kind_of_own_post_is_a_transfer_within_the_unit():
    hired = row(kind=PostingKind.DISPATCHED)
    assert diff(hired).transfers == (Transfer(ZHANG.id, ZHANG_HOME, Post(hired, HOUSING, PostingKind.DISPATCHED)),)


def test_a_secondment_adds_a_post_and_moves_nobody():
    there = row(unit="司法局", kind=SECONDED)
    found = diff(there)
    assert found.secondments == (Secondment(ZHANG.id, Post(there, JUSTICE, SECONDED)),)
    assert changed(found) == ["secondments"]


def test_own_post_and_secondment_in_one_file_keep_both():
    home, there = row(2, kind=STAFF), row(3, unit="司法局", kind=SECONDED)
    assert changed(diff(home, there)) == ["secondments"]
    both = [*HOME, Posting(3, 1, JUSTICE, SECONDED, LONG_AGO)]
    assert changed(diff(home, there, postings=both)) == []


def test_the_list_of_the_host_unit_without_kinds_moves_no_seconded_person():
    both = [*HOME, Posting(3, 1, JUSTICE, SECONDED, LONG_AGO)]
    assert changed(diff(row(unit="司法局"), postings=both)) == []


def test_a_new_person_with_two_posts_joins_once_the_own_post_first():
    there, home = row(2, "王五", "司法局", "9", kind=SECONDED), row(3, "王五", "住建局", "9", kind=STAFF)
    found = diff(row(4), there, home)
    assert found.joiners == (Joiner(None, (Post(home, HOUSING, STAFF), Post(there, JUSTICE, SECONDED))),)


def test_changed_fields_are_listed_one_by_one_and_a_blank_clears_nothing():
    found = diff(
        row(category="", rank="四级主任科员", leadership=True, retires_on=date(2030, 1, 1), phone="13800000009")
    )
    assert found.changes == (
        FieldChange(1, 2, "phone", "13800000001", "13800000009"),
        FieldChange(1, 2, "rank", "", "四级主任科员"),
        FieldChange(1, 2, "leadership", False, True),
        FieldChange(1, 2, "retires_on", None, date(2030, 1, 1)),
    )
    assert found.unchanged == 1


def test_the_zeros_excel_took_from_a_staff_number_are_no_change():
    assert changed(diff(row(staff_no="0007"))) == []


def test_a_unit_the_tree_lacks_is_proposed_and_its_people_wait_for_it():
    moved = row(unit="气象局")
    found = diff(moved)
    assert [unit.name for unit in found.new_units] == ["气象局"]
    assert found.transfers == (Transfer(ZHANG.id, ZHANG_HOME, Post(moved, None, STAFF)),)


def test_a_row_that_is_asked_about_changes_nothing_and_loses_nobody():
    found = diff(row(name="张珊", unit="气象局"))
    assert changed(found) == ["ambiguous"]
    assert found.ambiguous[0].candidates == (ZHANG.id,)


def test_a_faulty_row_changes_nothing_and_loses_nobody():
    assert changed(diff(row(unit="", faulty=True))) == []


# A district, and files that go wrong. ----------------------------------------------------------------------------------


def district(size):
    units = [Unit(1, None, "示例区", 0), *(Unit(n, 1, f"第{n}局", n) for n in range(2, 72))]
    people = [Person(n, f"干部{n % 3000}", str(n), f"138{n:08d}") for n in range(1, size + 1)]
    postings = [Posting(n, n, 2 + n % 70, STAFF, LONG_AGO) for n in range(1, size + 1)]
    rows = [RosterRow(n + 1, p.name, f"第{2 + n % 70}局", "", p.staff_no, p.phone) for n, p in enumerate(people, 1)]
    return units, people, postings, rows


def test_ten_thousand_rows_are_compared_in_two_seconds():
    units, people, postings, rows = district(10_000)
    began = perf_counter()
    found = compare(rows, people, postings, units, DAY)
    assert perf_counter() - began < 2
    assert (found.unchanged, changed(found)) == (10_000, [])


mutations = st.sampled_from(
    ["drop", "rename", "move", "no number", "no phone", "no marks", "other's number", "twice", "faulty"]
)


def mutated(rows, which):
    """Rows after a series of mishaps (position, mishap)."""
    rows = list(rows)
    for place, mishap in which:
        at = place % len(rows)
        old = rows[at]
        new = {
            "drop": [],
            "rename": [RosterRow(old.row, "改名", old.unit, "", old.staff_no, old.phone)],
            "move": [RosterRow(old.row, old.name, "第2局", "", old.staff_no, old.phone)],
            "no number": [RosterRow(old.row, old.name, old.unit, "", "", old.phone)],
            "no phone": [RosterRow(old.row, old.name, old.unit, "", old.staff_no)],
            "no marks": [RosterRow(old.row, old.name, old.unit)],
            "other's number": [RosterRow(old.row, old.name, old.unit, "", rows[at - 1].staff_no, old.phone)],
            "twice": [old, RosterRow(old.row + 1000, old.name, "第3局", "", old.staff_no, kind=SECONDED)],
            "faulty": [RosterRow(old.row, old.name, "", "", old.staff_no, faulty=True)],
        }[mishap]
        rows[at : at + 1] = new
        if not rows:
            break
    return rows


@given(st.lists(st.tuples(st.integers(0, 99), mutations), max_size=8))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_every_person_and_every_row_comes_out_once_whatever_happened_to_the_file(which):
    units, people, postings, rows = district(40)
    rows = mutated(rows, which)
    found = compare(rows, people, postings, units, DAY)
    touched = {t.person_id for t in found.transfers} | {s.person_id for s in found.secondments}
    touched |= {c.person_id for c in found.changes}
    leaving = {leaver.person_id for leaver in found.leavers}
    assert not touched & leaving
    assert len(touched) + len(leaving) + found.unchanged <= len(people)
    asked = {a.row.row for a in found.ambiguous}
    placed = {p.row.row for j in found.joiners for p in j.posts}
    assert not asked & placed
    assert found == compare(rows, people, postings, units, DAY)
    if not which:
        assert found.unchanged == len(people)


def test_whom_an_account_vouches_for_moves_by_a_row_that_says_nothing_else():
    bare = RosterRow(3, "李四", "住建局")
    found = compare([row(), bare], [ZHANG, LI], HOME, UNITS, DAY, means={bare.row: LI.id})
    assert [(move.person_id, move.post.unit_id) for move in found.transfers] == [(2, HOUSING)]
    assert found.changes == ()
