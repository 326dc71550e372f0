"""Reading a whole roster."""

import string
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import quizzes
from quizzes.people import PostingKind
from quizzes.roster import read_roster
from quizzes.roster_rows import Problem, RosterRow

HEADER = [
    "姓名",
    "单位",
    "工号",
    "手机号",
    "人员类别",
    "职级",
    "班子成员",
    "执法证号",
    "退休日期",
    "人事关系",
    "调入日期",
]


def read(*rows, header=HEADER):
    return read_roster(list(enumerate([header, *rows], 1)))


def codes(file):
    return [(problem.row, problem.column, problem.code) for problem in file.problems]


def test_a_whole_row_is_read():
    file = read(
        [
            "张　三",
            " 住建局 ",
            1001.0,
            13800000000.0,
            "参照公务员法管理",
            "四级主任科员",
            "是",
            "37060012345",
            "2035年3月",
            "借调",
            date(2026, 1, 5),
        ]
    )
    assert file.problems == ()
    assert file.rows == (
        RosterRow(
            row=2, name="张三", unit="住建局", staff_no="1001", phone="13800000000", category="参公", rank="四级主任科员",
            leadership=True, enforcement=True, retires_on=date(2035, 3, 31), kind=PostingKind.SECONDED,
            starts_on=date(2026, 1, 5),
        ),
    )  # fmt: skip


def test_columns_the_file_does_not_have_say_nothing():
    file = read(["张三", "住建局"], header=["姓名", "单位"])
    assert file.rows == (RosterRow(2, "张三", "住建局"),)


def test_an_unticked_box_is_no_but_only_where_there_is_a_column_of_boxes():
    file = read(["张三", "住建局", None], header=["姓名", "单位", "班子成员"])
    assert file.rows[0].leadership is False
    assert file.rows[0].enforcement is None


def test_without_a_name_or_unit_column_there_is_one_clear_problem_and_no_row():
    file = read(["张三", "13800000000"], header=["姓名", "手机"])
    assert file.rows == ()
    assert file.problems == (Problem(0, "", "missing_columns", {"columns": "单位"}),)


def test_an_empty_table_is_a_problem_too():
    assert codes(read_roster([])) == [(0, "", "missing_columns")]
    assert codes(read()) == [(0, "", "no_rows")]


def test_titles_empty_rows_sums_and_repeated_headers_are_skipped():
    table = [
        (1, ["住建局人员名册"]),
        (3, ["序号", "姓名", "单位"]),
        (4, [1, "张三", "住建局"]),
        (5, [None, None, None]),
        (6, [2, "", "　"]),
        (7, ["序号", "姓名", "单位"]),
        (8, [3, "李四", "住建局"]),
        (9, ["", "合计", 2]),
        (10, []),
    ]
    file = read_roster(table)
    assert [(row.row, row.name) for row in file.rows] == [(4, "张三"), (8, "李四")]
    assert file.problems == ()


def test_a_blank_unit_is_a_problem_and_the_row_is_kept_so_nobody_seems_to_have_left():
    file = read(["张三", None, "1001"])
    assert codes(file) == [(2, "单位", "no_unit")]
    assert file.rows[0].faulty
    assert file.rows[0].staff_no == "1001"


def test_a_row_without_a_name_is_a_problem():
    assert codes(read([None, "住建局", "1001"])) == [(2, "姓名", "no_name")]


def test_a_cell_that_cannot_be_read_is_said_and_the_rest_of_the_row_is_kept():
    file = read(["张三", "住建局", "1", "0535-1", "志愿者", "", "局长", "", "明年", "", "昨天"])
    assert codes(file) == [
        (2, "手机号", "bad_phone"),
        (2, "人员类别", "unknown_category"),
        (2, "班子成员", "bad_leadership"),
        (2, "退休日期", "bad_retires_on"),
        (2, "调入日期", "bad_starts_on"),
    ]
    assert file.rows == (RosterRow(2, "张三", "住建局", staff_no="1", category="志愿者", enforcement=False),)


def test_a_kind_of_post_that_cannot_be_read_stops_its_row_since_it_decides_who_is_due():
    file = read(["张三", "住建局", "1", "", "", "", "", "", "", "外星"])
    assert codes(file) == [(2, "人事关系", "bad_kind")]
    assert file.rows[0].faulty


def test_id_numbers_are_never_kept_nor_repeated_in_a_problem():
    number = "110101199001011234"
    file = read(
        ["张三", "住建局", number, "1"],
        ["李四", "住建局", "1002", "2"],
        ["王五", "住建局", "1003", "3"],
        header=["姓名", "单位", "工号", "身份证号"],
    )
    assert file.dropped_columns == ("身份证号",)
    assert codes(file) == [(0, "身份证号", "id_column_dropped"), (2, "工号", "id_number_in_cell")]
    assert number not in repr(file)


def test_problems_stand_in_the_order_of_the_sheet():
    file = read(["张三", "住建局", "1"], ["李四", "", "2"], ["王五", "住建局", "1"])
    assert [problem.row for problem in file.problems] == [2, 3, 4]


TEXTS = Path(quizzes.__file__).parent.parent / "handlers" / "texts"
CODES = {
    "missing_columns", "no_rows", "id_column_dropped", "id_number_in_cell", "no_name", "no_unit", "bad_phone",
    "bad_leadership", "bad_enforcement", "bad_retires_on", "bad_starts_on", "bad_kind", "unknown_category", "row_twice",
    "duplicate_staff_no", "duplicate_phone", "person_twice", "same_name", "matches_several", "maybe_known",
    "staff_no_of_other", "phone_of_other", "phone_taken", "unit_several",
}  # fmt: skip
GIVEN = {"row", "column", "value", "name", "unit", "others", "columns", "known", "staff_no", "phone"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_problem_has_a_sentence_in_both_languages(language):
    sentences = tomllib.loads((TEXTS / language / "roster_problems.toml").read_text(encoding="utf-8"))
    assert sentences.keys() == CODES
    for sentence in sentences.values():
        assert {name for _, name, _, _ in string.Formatter().parse(sentence) if name} <= GIVEN


table_cells = (
    st.none()
    | st.sampled_from(["姓名", "单位", "工号", "张三", "住建局", "借调", "110101199001011234", "合计"])
    | st.text(max_size=8)
    | st.floats()
    | st.dates()
)


@given(st.lists(st.lists(table_cells, max_size=6), max_size=8))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_no_table_breaks_the_reading(rows):
    file = read_roster(list(enumerate(rows, 1)))
    numbers = [row.row for row in file.rows]
    assert len(set(numbers)) == len(numbers)
    assert {problem.code for problem in file.problems} <= CODES
