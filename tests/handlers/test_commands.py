"""Commands: words of every language, and buttons that say what one could type."""

from __future__ import annotations

import pytest

from handlers.commands import BEYOND, as_number, choice, spoken
from handlers.registry import COMMANDS
from handlers.words import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.key)
def test_a_button_says_what_one_could_type(command, language):
    button = choice(language, command.key, 12, "住建局")
    assert button.says.lower().removesuffix(" 12 住建局") in spoken(command.key)
    assert choice(language, command.key).label == choice(language, command.key).says


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_alone_is_too_long_for_a_telegram_button(language):
    assert [command.key for command in COMMANDS if len(choice(language, command.key).says.encode()) > 48] == []


def test_a_label_of_its_own_does_not_change_what_is_said():
    assert choice("zh", "today", label="开始") == choice("zh", "today").__class__("开始", choice("zh", "today").says)


def test_words_are_spoken_in_all_languages_and_by_key():
    assert {"今日答题", "答题", "today", "quiz", "/today"} <= set(spoken("today"))


@pytest.mark.parametrize(
    ("word", "number"),
    [("0", 0), ("12", 12), ("٣", 3), ("9" * 18, 10**18 - 1), ("9" * 19, BEYOND), ("1" * 5000, BEYOND)],
)
def test_a_number_as_typed_is_one_that_a_row_may_have_or_one_that_none_has(word, number):
    assert as_number(word) == number


@pytest.mark.parametrize("word", ["", "x", "²", "1.5", "x" * 30])
def test_what_is_no_number_raises(word):
    with pytest.raises(ValueError):
        as_number(word)
