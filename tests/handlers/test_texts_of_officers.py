from __future__ import annotations

import string

import pytest

from handlers.words import words

AREAS = ("figures", "missing", "pushing", "materials", "why", "feedback")


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_say_the_same_things_about_the_same_values(area: str) -> None:
    zh, en = (
        {key: text for key, text in words(language).items() if key.startswith(f"{area}.")} for language in ("zh", "en")
    )
    assert zh.keys() == en.keys()
    assert {key for key in zh if fields(zh[key]) != fields(en[key])} == set()


@pytest.mark.parametrize("area", AREAS)
def test_no_sentence_shouts(area: str) -> None:
    assert not any(
        "！" in text or "!" in text
        for language in ("zh", "en")
        for key, text in words(language).items()
        if key.startswith(f"{area}.")
    )
