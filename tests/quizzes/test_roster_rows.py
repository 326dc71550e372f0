"""What two rows that look like one person say about each other."""

from quizzes.people import PostingKind
from quizzes.roster_rows import RosterRow, without_collisions

SECONDED, STAFF = PostingKind.SECONDED, PostingKind.STAFF


def settle(*rows):
    kept, problems = without_collisions(rows, lambda field: field)
    return {row.row: row for row in kept}, [(problem.row, problem.code) for problem in problems]


def row(number, name="张三", unit="住建局", **sides):
    return RosterRow(number, name, unit, **sides)


def test_rows_of_different_people_are_left_alone():
    rows, problems = settle(row(2), row(3, "李四"), row(4, unit="司法局"))
    assert problems == []
    assert not any(r.faulty for r in rows.values())


def test_a_row_written_twice_is_read_once_and_said():
    rows, problems = settle(row(2, staff_no="1"), row(5, staff_no="1"))
    assert list(rows) == [2]
    assert problems == [(5, "row_twice")]


def test_one_staff_number_for_two_people_is_asked_on_both_rows():
    rows, problems = settle(row(2, staff_no="007"), row(3, "李四", staff_no="7"))
    assert problems == [(2, "duplicate_staff_no"), (3, "duplicate_staff_no")]
    assert all(r.faulty for r in rows.values())


def test_one_person_in_two_units_of_which_neither_is_a_second_post_is_asked():
    assert settle(row(2, staff_no="7"), row(3, unit="司法局", staff_no="7"))[1] == [
        (2, "duplicate_staff_no"),
        (3, "duplicate_staff_no"),
    ]
    assert settle(row(2, phone="13800000000"), row(3, unit="司法局", phone="13800000000"))[1] == [
        (2, "person_twice"),
        (3, "person_twice"),
    ]


def test_a_second_post_beside_the_own_one_is_no_collision():
    rows, problems = settle(row(2, staff_no="7", kind=STAFF), row(3, unit="司法局", staff_no="7", kind=SECONDED))
    assert problems == []
    assert not any(r.faulty for r in rows.values())


def test_a_phone_shared_by_two_people_is_taken_from_both():
    rows, problems = settle(row(2, phone="13800000000"), row(3, "李四", phone="13800000000", staff_no="1"))
    assert problems == [(2, "duplicate_phone"), (3, "duplicate_phone")]
    assert [(r.phone, r.faulty) for r in rows.values()] == [("", False), ("", False)]


def test_namesakes_in_a_unit_are_asked_where_no_number_tells_them_apart():
    rows, problems = settle(row(2, rank="科员"), row(3), row(4, phone="13800000000"))
    assert problems == [(2, "same_name"), (3, "same_name")]
    assert [r.faulty for r in rows.values()] == [True, True, False]


def test_namesakes_with_numbers_are_two_people():
    assert settle(row(2, staff_no="1"), row(3, staff_no="2"))[1] == []
