"""Codes that nobody finds by trying and everybody can type, masked names, and the seal over what a document says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.documents import BITS, code, masked, read_code, seal, short, shown_code

NUMBERS = st.integers(0, 2**BITS - 1)


@given(NUMBERS)
def test_a_code_is_read_however_it_is_typed(number):
    made = code(number)
    assert len(made) == 16
    for typed in (
        made,
        made.lower(),
        shown_code(made),
        f" {shown_code(made)} ",
        made.replace("0", "O").replace("1", "l"),
    ):
        assert read_code(typed) == made


@given(NUMBERS, NUMBERS)
def test_different_numbers_have_different_codes(one, other):
    assert (code(one) == code(other)) == (one == other)


def test_a_number_of_more_bits_is_refused():
    with pytest.raises(ValueError, match="80 bits"):
        code(2**BITS)


@pytest.mark.parametrize("typed", ["", "1", "U" * 16, "A" * 17, "住建局住建局住建局住建局住建局住", "0" * 15 + "!"])
def test_what_can_be_no_code_is_none(typed):
    assert read_code(typed) == ""


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("欧阳若兰", "欧*"), ("Zhang Wei", "Z*"), ("", "*")])
def test_of_a_name_strangers_read_the_first_character_only(name, shown):
    assert masked(name) == shown


def test_the_seal_is_over_what_is_said_not_over_how_it_is_written():
    assert seal({"a": 1, "b": ["甲"]}) == seal({"b": ["甲"], "a": 1})
    assert seal({"a": 1}) != seal({"a": 2})
    assert short("0123456789abcdef" + "f" * 48) == "0123 4567 89AB CDEF"
