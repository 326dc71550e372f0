"""The texts: both languages complete, every sentence that the code asks for there, none left over, and all in the house's manner."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from handlers.words import LANGUAGES, words

ROOT = Path(__file__).parents[2]
AREAS = {key.split(".")[0] for key in words("zh")}
KEY = re.compile(rf"(?:{'|'.join(sorted(AREAS))})\.[a-z0-9_]+")
SAYERS = {"say", "t", "_say"}
DYNAMIC = ("roster_problems.", "web.door_", "web.hall_", "web.seat_")
"""Beginnings of keys that are put together where this test cannot read it: an area chosen by a problem, a template's sentence."""
LONGEST = 400
"""Characters of one sentence's text; a phone shows no more at once."""


def holes(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@cache
def trees() -> tuple[ast.Module, ...]:
    folders = ("handlers", "channels", "quizzes", "storage")
    files = [ROOT / "bot.py", *(file for folder in folders for file in (ROOT / folder).rglob("*.py"))]
    return tuple(ast.parse(file.read_text(encoding="utf-8")) for file in files)


def nodes() -> Iterator[ast.AST]:
    return (node for tree in trees() for node in ast.walk(tree))


@cache
def literals() -> frozenset[str]:
    """Every string of the code, and what stands between quotes in the web's templates and script."""
    quoted = {part for file in (ROOT / "channels/web").rglob("*.[hj][ts]*") for part in re.findall(r"""["']([\w.]+)["']""", file.read_text("utf-8"))}  # fmt: skip
    named = {word for node in nodes() if isinstance(node, ast.keyword) and node.arg for word in [node.arg]}
    return frozenset(node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)) | quoted | named  # fmt: skip


@cache
def made() -> tuple[re.Pattern[str], ...]:
    """What the code puts together, as patterns: f"quiz.kind_{…}" is quiz\\.kind_(.+); f"bad_{…}" is bad_(.+)."""
    found = set()
    for node in nodes():
        if isinstance(node, ast.JoinedStr):
            parts = [v.value if isinstance(v, ast.Constant) else "(.+)" for v in node.values]
            if any("_" in part or part.split(".")[0] in AREAS for part in parts) and re.fullmatch(
                r"[a-z_.]*(\(\.\+\)[a-z_]*)+", "".join(parts)
            ):
                found.add("".join(parts).replace(".", r"\.").replace(r"(\.+)", "(.+)"))
    return tuple(re.compile(pattern) for pattern in sorted(found))


def known(part: str) -> bool:
    """Whether a piece of a key stands in the code, whole or put together from what does."""
    if part in literals():
        return True
    found = (pattern.fullmatch(part) for pattern in made())
    return any(all(map(known, match.groups())) for match in found if match)


def asked_for() -> Iterator[str]:
    """Whole keys that stand in a call that says something."""
    for node in nodes():
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in SAYERS:
            whole = (inner for argument in node.args[:2] for inner in _whole(argument))
            yield from (value for value in whole if KEY.fullmatch(value))


def _whole(node: ast.AST) -> Iterator[str]:
    """The strings an argument may be, but not the pieces of one that is put together."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.JoinedStr):
        for inner in ast.iter_child_nodes(node):
            yield from _whole(inner)


def test_both_languages_have_the_same_keys_in_every_area() -> None:
    chinese, english = (set(words(language)) for language in LANGUAGES)
    assert chinese == english


def test_both_languages_fill_in_the_same_things() -> None:
    chinese, english = (words(language) for language in LANGUAGES)
    assert not [key for key in chinese if holes(chinese[key]) != holes(english[key])]


def test_every_sentence_that_the_code_asks_for_is_there() -> None:
    assert not sorted({key for key in asked_for() if key not in words("zh")})


def test_no_sentence_is_left_over() -> None:
    def put_together(key: str) -> bool:
        return any(key.startswith(start) and known(key.removeprefix(start)) for start in DYNAMIC)

    assert not [key for key in words("zh") if not known(key) and not put_together(key)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shouted_at_and_nothing_is_empty(language: str) -> None:
    said = {key: text for key, text in words(language).items() if not key.startswith("content.")}
    assert not [key for key, text in said.items() if "!" in text or "！" in text or not text.strip() or "~" in text]


def test_chinese_is_quoted_as_chinese_and_english_as_english() -> None:
    apart = {"content.yaml_quote_open"}
    assert not [key for key, text in words("zh").items() if set("“”") & set(text) and key not in apart]
    own = [key for key in words("en") if not key.startswith("content.")]
    assert not [key for key in own if set("「」，。；：？") & set(words("en")[key])]


def test_chinese_has_no_western_marks_between_its_words() -> None:
    marked = re.compile(r"[\u4e00-\u9fff」][,;?]|[\u4e00-\u9fff」]:(?!//)")
    apart = ("content.", "terminal.")
    assert not [key for key, text in words("zh").items() if marked.search(text) and not key.startswith(apart)]


def test_sentences_are_short_enough_for_a_phone() -> None:
    assert not [key for key, text in words("zh").items() if len(text) > LONGEST and not key.startswith("help.")]


def test_what_a_text_tells_people_to_say_is_a_command() -> None:
    """「今日答题」 in a sentence is something one can type or press here."""
    spoken = {word for key, text in words("zh").items() if key.startswith("commands.") for word in text.split("|")}
    buttons = set(words("zh").values())
    for key, text in words("zh").items():
        if key.split(".")[0] in ("content", "doctor", "terminal", "roster_problems", "commands"):
            continue
        for quoted in re.findall(r"[发输入点按用]「([^」{}]+)」", text):
            first = quoted.split(" ")[0]
            assert first in spoken or quoted in buttons, f"{key}: 「{quoted}」"
