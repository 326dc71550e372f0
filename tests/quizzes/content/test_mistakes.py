"""Every sentence about content is earned by a mistake, and can be said in both languages."""

import string
import tomllib
from importlib.resources import files

import pytest

from quizzes.content.workspace import check_paths
from tests.quizzes.content.files import write
from tests.quizzes.content.mistakes import ELSEWHERE, MISTAKES


def sentences(language):
    text = (files("handlers") / "texts" / language / "content.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def placeholders(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_sentence_has_an_example_and_every_example_a_sentence():
    assert set(sentences("zh")) == set(MISTAKES) | ELSEWHERE


def test_both_languages_say_the_same_with_the_same_values():
    chinese, english = sentences("zh"), sentences("en")
    assert {code: placeholders(text) for code, text in chinese.items()} == {
        code: placeholders(text) for code, text in english.items()
    }


@pytest.mark.parametrize("code", MISTAKES)
def test_the_mistake_is_named_and_can_be_said(code, tmp_path):
    for name, text in MISTAKES[code].items():
        write(tmp_path, name, text)
    problems = check_paths([tmp_path])
    assert code in {problem.code for problem in problems}
    for language in ("zh", "en"):
        known = sentences(language)
        for problem in problems:
            said = known[problem.code].format(**problem.values)
            assert said
            assert "！" not in said
