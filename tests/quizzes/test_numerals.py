"""Chinese numerals."""

import pytest

from quizzes.numerals import from_chinese, to_chinese


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "零"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (1254, "一千二百五十四"),
    ],
)
def test_a_number_is_written_as_statutes_do(number, written):
    assert to_chinese(number) == written


def test_what_is_written_is_read_back_for_every_number():
    assert [from_chinese(to_chinese(number)) for number in range(10_000)] == list(range(10_000))


@pytest.mark.parametrize(
    ("written", "number"),
    [("一十二", 12), ("33", 33), ("一二五四", 1254), ("二〇二一", 2021), ("两百", 200), ("一千〇一", 1001)],
)
def test_other_ways_of_writing_are_read(written, number):
    assert from_chinese(written) == number


@pytest.mark.parametrize(
    "written", ["", "甲", "十百", "一百一", "一百零", "百零一零", "12345", "３", "-1", "一二三四五"]
)
def test_what_is_no_numeral_is_refused(written):
    with pytest.raises(ValueError):
        from_chinese(written)


def test_numbers_beyond_any_statute_are_refused():
    with pytest.raises(ValueError):
        to_chinese(10_000)
