"""Single cells of a roster."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes import roster_cells as cells
from quizzes.people import PostingKind

anything = st.none() | st.text(max_size=30) | st.integers() | st.floats() | st.booleans() | st.dates() | st.datetimes()


@pytest.mark.parametrize(
    "cell",
    [
        13800000000.0,
        13800000000,
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "+8613800000000",
        "１３８００００００００",
        "手机13800000000",
    ],
)
def test_a_phone_is_eleven_digits_however_it_was_kept(cell):
    assert cells.phone(cell) == "13800000000"


@pytest.mark.parametrize("cell", ["0535-6251234", "1380000000", "13800000000/13900000000", "见通讯录", 1.38e10 + 1e11])
def test_what_is_no_mobile_number_or_two_is_a_doubt(cell):
    with pytest.raises(ValueError):
        cells.phone(cell)


@pytest.mark.parametrize("cell", [None, "", "　", "无", "/", "—", "#N/A", float("nan")])
def test_words_for_nothing_are_nothing(cell):
    assert cells.filled(cell) == cells.phone(cell) == cells.name(cell) == ""
    assert cells.day(cell) is None
    assert cells.kind(cell) is None
    assert cells.yes(cell) is False


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("张　三", "张三"),
        (" 张 三 ", "张三"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 . 艾力", "买买提·艾力"),
        ("John Smith", "John Smith"),
        ("张三\u200b", "张三"),
    ],
)
def test_a_name_is_one_name_however_it_was_padded(cell, name):
    assert cells.name(cell) == name


@pytest.mark.parametrize(
    "cell",
    [
        date(2027, 3, 1),
        datetime(2027, 3, 1, 8, tzinfo=UTC),
        "2027-03-01",
        "2027/3/1",
        "2027.3.1",
        "2027年3月1日",
        "20270301",
        20270301,
        46447.0,
        "2027-03-01 00:00:00",
    ],
)
def test_a_day_is_read_however_it_was_written(cell):
    assert cells.day(cell) == date(2027, 3, 1)


@pytest.mark.parametrize("cell", ["2027年2月", "2027.02", "202702", 202702.0, "2027-2"])
def test_a_month_means_its_first_day_or_for_a_retirement_its_last(cell):
    assert cells.day(cell) == date(2027, 2, 1)
    assert cells.day(cell, end_of_month=True) == date(2027, 2, 28)


@pytest.mark.parametrize("cell", ["明年", "2027", 2027, "2027-13-01", "2027-02-30", "2027年13月", "01/03/27"])
def test_what_is_no_day_is_a_doubt(cell):
    with pytest.raises(ValueError):
        cells.day(cell)


def test_kinds_of_posts_and_categories_go_by_many_words():
    assert cells.kind("抽调") is PostingKind.SECONDED
    assert cells.kind("第一书记") is PostingKind.VILLAGE
    assert cells.kind(" 在 编 ") is PostingKind.STAFF
    with pytest.raises(ValueError):
        cells.kind("外星")
    assert cells.category("参照公务员法管理") == "参公"
    assert cells.category("志愿者") == "志愿者"


def test_yes_is_a_tick_a_word_or_where_asked_a_licence_number():
    assert all(cells.yes(cell) for cell in ("是", "√", "Y", 1, True, 1.0))
    assert not any(cells.yes(cell) for cell in ("否", "×", "n", 0, False, None))
    assert cells.yes("37060012345", licence=True)
    with pytest.raises(ValueError):
        cells.yes("37060012345")
    with pytest.raises(ValueError):
        cells.yes("局长")


def test_id_numbers_are_recognised_as_text_and_as_the_floats_excel_makes_of_them():
    assert cells.is_id_number("11010119900101123X")
    assert cells.is_id_number(" 110101 19900101 1234")
    assert cells.is_id_number(1.10101199001011e17)
    assert not any(cells.is_id_number(cell) for cell in ("13800000000", "1101011990010112345", None, "张三", 12))


def test_excel_takes_leading_zeros_and_the_key_does_not_mind():
    assert cells.staff_key("0012") == cells.staff_key("12")
    assert cells.staff_key("A012") == cells.staff_key("a012") != cells.staff_key("a12")
    assert cells.staff_key("000") == "000"
    assert cells.staff_no(1001.0) == "1001"


@given(anything)
@settings(derandomize=True, deadline=None, max_examples=500)
def test_no_cell_breaks_the_reading(cell):
    for read in (
        cells.plain,
        cells.filled,
        cells.name,
        cells.unit_name,
        cells.staff_no,
        cells.category,
        cells.is_id_number,
    ):
        read(cell)
    for read in (cells.phone, cells.day, cells.kind, cells.yes):
        try:
            read(cell)
        except ValueError:
            continue
