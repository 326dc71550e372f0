"""Unquoted words."""

from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.content.scalars import Unclear, fold, plain, read_day, tidy

WORDS = [
    "NO",
    "yes",
    "On",
    "off",
    "y",
    "N",
    "012",
    "0x1F",
    "0b11",
    "1_000",
    "16:30",
    "09:00",
    "1.50",
    ".5",
    "1e3",
    "-.inf",
    ".NaN",
]


@pytest.mark.parametrize("word", [*WORDS, "+5", "=", "<<", "2026-1-5", "2026-02-30", "2026-11-01 09:00:00", "1" * 30])
def test_a_word_that_readers_of_yaml_take_differently_is_never_guessed(word):
    assert plain(word) == Unclear(word)


@pytest.mark.parametrize(
    ("word", "value"),
    [("true", True), ("False", False), ("", None), ("~", None), ("null", None), ("7", 7), ("-30", -30), ("0", 0)],
)
def test_what_cannot_be_mistaken_is_taken_at_its_word(word, value):
    assert plain(word) == value
    assert type(plain(word)) is type(value)


def test_a_date_is_a_date():
    assert plain("2026-11-01") == date(2026, 11, 1)
    assert read_day("2026-11-01") == date(2026, 11, 1)
    assert read_day("2026-02-30") is None


@pytest.mark.parametrize(
    "word", ["不予处罚", "1/5", "20%", "30日", "A", "ACD", "第三十三条", "note", "yesterday", "+-", "1.2.3"]
)
def test_other_words_are_text(word):
    assert plain(word) == word


def test_text_is_in_normal_form_c_without_space_around_it():
    assert tidy("  e\u0301 ") == "é"


def test_texts_that_look_the_same_fold_to_the_same():
    assert fold("ＡＢ　c") == fold("ab  C")


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789abcdefxyYnNoOtTrRuUeEsS_:.+-~=< ", min_size=1, max_size=12).map(str.strip))
def test_nothing_is_taken_for_text_that_pyyaml_would_take_for_something_else(word):
    kind = yaml.SafeLoader("").resolve(yaml.ScalarNode, word, (True, False))
    if isinstance(plain(word), str):
        assert kind == "tag:yaml.org,2002:str"
