"""A sheet of scores against the roster of a round: everything that is wrong, at once, and nothing guessed."""

from dataclasses import replace
from datetime import date

import pytest

from quizzes.people import Person, Unit
from quizzes.rules import Rules
from quizzes.score_checks import Book, Outside, Place, Window, check
from quizzes.score_sheets import ScoreRow

DAY = date(2026, 12, 3)
TREE = (Unit(1, None, "城南区", 0), Unit(2, 1, "住建局", 0), Unit(3, 2, "质安站", 0), Unit(4, 1, "司法局", 1))
PEOPLE = (
    Person(1, "张三", "T001", "13800000001"), Person(2, "李四", "T002", "13800000002"), Person(3, "赵六", "", "13800000003"),
    Person(4, "赵六", "", ""), Person(5, "外人", "T005", ""),
)  # fmt: skip
UNITS = {1: (2, 2), 2: (3, 2), 3: (3, 2), 4: (4, 4)}
PLACES = {number: (Place(10 * number, 1),) for number in UNITS}
FIRST = Window(1, date(2026, 12, 1), date(2026, 12, 10), Rules())
MAKEUP = Window(2, date(2026, 12, 14), date(2026, 12, 16), Rules(pass_line=80))
BOOK = Book(PEOPLE, TREE, UNITS, PLACES, (FIRST, MAKEUP), date(2026, 12, 20))


def row(number=2, name="张三", **more):
    return ScoreRow(number, name, **{"unit": "住建局", "score": 8000, "day": DAY, **more})


def doubts(*rows, book=BOOK, source="纸质", **more):
    return [(doubt.row.row, doubt.code) for doubt in check(rows, book, source, **more).doubts]


def test_rows_are_matched_by_number_then_phone_then_unit_and_name():
    found = check(
        [row(2, staff_no="t001", unit="哪里"), row(3, "赵六", phone="13800000003"), row(4, "李四")], BOOK, "纸质"
    )
    assert [entry.enrolment_id for entry in found.entries] == [10, 30, 20]
    assert found.doubts == ()


def test_the_bureau_is_as_good_as_the_unit_inside_it():
    assert [
        entry.enrolment_id
        for entry in check([row(2, "李四", unit="质安站"), row(3, "张三", unit="住建局")], BOOK, "纸质").entries
    ] == [20, 10]


def test_namesakes_in_one_bureau_are_asked_about_not_guessed():
    book = replace(BOOK, units={**UNITS, 4: (2, 2)})
    [doubt] = check([row(2, "赵六")], book, "纸质").doubts
    assert (doubt.code, set(doubt.candidates)) == ("matches_several", {3, 4})


def test_a_number_that_is_somebody_else_s_is_asked_about():
    [doubt] = check([row(2, "李四", staff_no="T001")], BOOK, "纸质").doubts
    assert (doubt.code, doubt.candidates) == ("staff_no_of_other", (1,))


def test_an_unmatched_row_names_the_likely():
    [doubt] = check([row(2, "张山")], BOOK, "纸质").doubts
    assert (doubt.code, doubt.candidates) == ("unmatched", (1,))
    [doubt] = check([row(2, "赵六", unit="水务局")], BOOK, "纸质").doubts
    assert (doubt.code, doubt.candidates) == ("unmatched", (3, 4))


def test_everything_that_is_wrong_is_said_at_once():
    rows = [
        row(2, "谁也"), row(3, "张三"), row(4, "张三", staff_no="T001"), row(5, "李四", score=10001), row(6, "赵六", phone="13800000003", day=date(2026, 12, 12)),
        row(7, "外人", staff_no="T005"), row(8, "赵六", unit="司法局", score=None, wrong=(("bad_score", "八十"),)), row(9, ""),
    ]  # fmt: skip
    rows[-1] = replace(rows[-1], wrong=(("no_name", ""),))
    assert dict(doubts(*rows)) == {
        2: "unmatched", 3: "doubled", 4: "doubled", 5: "out_of_range", 6: "outside_window", 7: "not_enrolled", 8: "bad_score", 9: "no_name",
    }  # fmt: skip


@pytest.mark.parametrize("score", [-1, 10001])
def test_a_score_is_between_nothing_and_a_hundred(score):
    assert doubts(row(score=score)) == [(2, "out_of_range")]
    assert doubts(row(2, score=0), row(3, "李四", score=10000)) == []


@pytest.mark.parametrize(("day", "code"), [(date(2026, 11, 30), "outside_window"), (date(2026, 12, 11), "outside_window"), (date(2026, 12, 21), "future_day"), (None, "no_day")])  # fmt: skip
def test_a_sitting_counts_by_its_day_only_within_the_round(day, code):
    assert doubts(row(day=day)) == [(2, code)]


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2026, 12, 10)])
def test_the_first_and_the_last_day_are_within(day):
    assert doubts(row(day=day)) == []


def test_a_day_within_the_make_up_belongs_to_the_make_up_of_those_enrolled_in_it():
    book = replace(BOOK, places={**PLACES, 1: (Place(10, 1), Place(11, 2))})
    found = check([row(day=date(2026, 12, 15)), row(3, "李四", day=date(2026, 12, 15))], book, "纸质")
    assert [entry.enrolment_id for entry in found.entries] == [11]
    assert [doubt.code for doubt in found.doubts] == ["outside_window"]


def test_whoever_has_sat_here_is_not_entered_again():
    book = replace(BOOK, places={**PLACES, 1: (Place(10, 1, here=7000),)})
    assert doubts(row(), book=book) == [(2, "sat_here")]


def test_what_is_on_the_books_already_changes_nothing_and_another_score_is_a_correction():
    outside = Outside(7, "上级平台", 8000, DAY)
    book = replace(BOOK, places={**PLACES, 1: (Place(10, 1, outside=outside),)})
    assert (
        check([row()], book, "上级平台").same,
        check([row(day=None)], book, "上级平台", day=date(2026, 12, 4)).same,
    ) == (1, 1)
    [entry] = check([row(score=9000)], book, "上级平台").changed
    assert (entry.score, entry.replaces, entry.before) == (9000, 7, 8000)
    assert doubts(row(score=9000), book=book, source="纸质") == [(2, "other_source")]


def test_a_person_in_a_batch_that_waits_is_not_entered_twice():
    book = replace(BOOK, places={**PLACES, 1: (Place(10, 1, waiting=5),)})
    assert doubts(row(), book=book) == [(2, "waiting")]


def test_a_pass_that_the_score_does_not_bear_out_is_asked_about_until_settled():
    assert doubts(row(score=5900, passed=True)) == [(2, "pass_disagrees")]
    assert doubts(row(score=6000, passed=True)) == []
    assert doubts(row(score=5900, passed=True), settled={2: 1}) == []


def test_a_settled_row_is_whom_the_officer_said_and_a_skipped_one_is_left_out():
    found = check([row(2, "张山"), row(3, "谁也")], BOOK, "纸质", settled={2: 1}, skipped={3: "不在编"})
    assert ([entry.enrolment_id for entry in found.entries], found.skipped, found.doubts) == ([10], 1, ())


def test_settling_two_rows_on_one_person_makes_them_doubled():
    assert doubts(row(2, "张山"), row(3), settled={2: 1}) == [(2, "doubled"), (3, "doubled")]


def test_the_code_on_the_paper_must_be_the_one_the_person_was_given():
    book = replace(BOOK, prints={10: (4, "K3F9TV")})
    [entry] = check([row(letter="B", code="K3F9TV")], book, "纸质").entries
    assert (entry.letter, entry.print_id) == ("B", 4)
    assert doubts(row(letter="B", code="XXXXXX"), book=book) == [(2, "bad_code")]
    assert check([row()], book, "纸质").entries[0].print_id == 0
