"""What fields may hold."""

from datetime import date, time
from typing import Annotated, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from quizzes.content.scalars import Unclear
from quizzes.content.shapes import Clock, Day, Key, ListForm, Name, ScalarForm, by_form


def read(kind, value):
    return TypeAdapter(kind).validate_python(value, strict=True)


def test_a_plain_whole_number_is_text_where_text_is_asked_for():
    assert read(Name, 30) == "30"


@pytest.mark.parametrize("value", [True, None, 1.5, Unclear("NO"), date(2026, 11, 1), ["x"], ""])
def test_anything_else_is_not_text(value):
    with pytest.raises(ValidationError):
        read(Name, value)


@pytest.mark.parametrize("value", ["xzcf-033-1", "A.b_c", 7, "x" * 64])
def test_a_key_is_short_and_plain(value):
    assert read(Key, value) == str(value)


@pytest.mark.parametrize("value", ["", "-a", "甲", "a b", "x" * 65, "a\n"])
def test_other_keys_are_refused(value):
    with pytest.raises(ValidationError):
        read(Key, value)


@pytest.mark.parametrize("value", ["16:30", Unclear("16:30")])
def test_a_time_is_read_with_and_without_quotes(value):
    assert read(Clock, value) == time(16, 30)


@pytest.mark.parametrize("value", ["9:00", "24:00", "1630", 990, None, "16.30"])
def test_other_times_are_refused(value):
    with pytest.raises(ValidationError, match="time_expected"):
        read(Clock, value)


@pytest.mark.parametrize("value", ["2026-11-01", date(2026, 11, 1)])
def test_a_day_is_read_with_and_without_quotes(value):
    assert read(Day, value) == date(2026, 11, 1)


@pytest.mark.parametrize("value", ["2026-11-1", "2026-02-30", 20261101, None, True])
def test_other_days_are_refused(value):
    with pytest.raises(ValidationError, match="day_expected"):
        read(Day, value)


def test_a_mistake_in_a_union_gives_one_error():
    either = Annotated[Annotated[Literal["all"], ScalarForm] | Annotated[list[Name], ListForm], by_form("<list>")]
    for value in ("al", {"a": 1}, [None]):
        with pytest.raises(ValidationError) as refused:
            read(either, value)
        assert refused.value.error_count() == 1
