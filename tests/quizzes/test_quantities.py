"""Numbers as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.numerals import to_chinese
from quizzes.quantities import number, quantity


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("15", 15),
        ("十五", 15),
        ("一十五", 15),
        ("二〇二五", 2025),
        ("两千", 2000),
        ("一万二千", 12_000),
        ("十万", 100_000),
        ("10万", 100_000),
        ("一百零五", 105),
        ("一亿零五百万", 105_000_000),
        ("一万零五", 10_005),
        ("一万亿", 1_000_000_000_000),
        ("1,000", 1000),
        ("0.5", Decimal("0.5")),
        ("伍佰", 500),
        ("零", 0),
    ],
)
def test_a_number_is_read_however_it_is_written(written, value):
    assert number(written) == value


@pytest.mark.parametrize("written", ["", "一百五", "一万五", "万", "宪法", "1.2.3", "十百", "1,00", "-3"])
def test_what_is_no_number_or_could_be_two_is_not_read_as_one(written):
    assert number(written) is None


def test_units_and_ordinals_belong_to_the_quantity():
    assert quantity("十五日") == quantity("15日") == quantity("15 日")
    assert quantity("第三十三条") == quantity("第33条")
    assert quantity("百分之五十") == quantity("50%")
    assert quantity("三千克") == quantity("3千克")
    assert quantity("15日") != quantity("15天")
    assert quantity("第3条") != quantity("3条")


@given(st.integers(0, 9999))
@settings(derandomize=True, deadline=None)
def test_every_numeral_equals_its_digits(value):
    assert number(to_chinese(value)) == number(str(value)) == value


@given(st.text("零一二两三四五六七八九十百千万亿第日年元0123456789,.%", max_size=30))
@settings(derandomize=True, deadline=None, max_examples=1000)
def test_no_text_makes_reading_fail(text):
    assert quantity(text) is None or quantity(text).value >= 0
