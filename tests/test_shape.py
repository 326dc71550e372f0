"""The shape of the house: what DESIGN §2 and §9 say of its rooms, kept by a test so that nobody has to remember it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("channels", "handlers", "quizzes", "storage")
SOURCES = sorted([ROOT / "bot.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))])
INITS = [path for path in SOURCES if path.name == "__init__.py"]
MODULES = [path for path in SOURCES if path.name != "__init__.py"]
LONGEST_MODULE, LONGEST_FUNCTION = 320, 50
HEAVY = {"alembic", "holidays", "justmytype", "python_calamine", "segno", "typst", "xlsxwriter"}
"""What is loaded on first use and never at start, so that `check` starts light (DESIGN §2)."""
ELSEWHERE = {"resource"}
"""Parts of the standard library that Windows does not have."""
SIGNS = {"tag_refused"}
"""Sentences about the sign itself: YAML begins a tag with it."""
UNTESTED: dict[str, str] = {
    "storage/migrations/draft.py": "writes the next migration; storage/test_schema.py holds what it wrote against the tables",
    "storage/migrations/env.py": "Alembic's entry: run by every test that migrates (storage/test_schema.py)",
    "storage/migrations/first_tables.py": "frozen: storage/test_schema.py proves it equal to storage/tables.py",
    "storage/migrations/triggers.py": "what it makes is proved by storage/test_schema.py and storage/test_changes.py",
    "storage/migrations/versions/0001_first.py": "run by every test that migrates (storage/test_schema.py)",
    "storage/migrations/versions/0003_open_cards.py": "run by every test that migrates (storage/test_schema.py)",
    "storage/migrations/versions/0002_exams.py": "run by every test that migrates (storage/test_schema.py)",
}
"""Modules without a test of the same name, and what tests them instead."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_module_has_a_test_of_the_same_name():
    tests = {path: ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}" for path in MODULES}
    assert {name(path) for path, test in tests.items() if not test.exists()} == set(UNTESTED)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_short_enough_to_be_read_at_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_function_is_longer_than_a_screen(path):
    long = {each.name: each.end_lineno - each.lineno + 1 for each in functions(path)}
    assert {each: lines for each, lines in long.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_in_its_first_line_what_it_is_for(path):
    assert ast.get_docstring(tree(path)), "a module without a docstring"


@pytest.mark.parametrize("path", INITS, ids=name)
def test_the_door_of_a_room_holds_a_docstring_only(path):
    [only] = tree(path).body
    assert isinstance(only, ast.Expr)
    assert isinstance(only.value, ast.Constant)
    assert isinstance(only.value.value, str)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_nothing_is_left_for_later(path):
    text = path.read_text(encoding="utf-8")
    # Windows' event loop raises NotImplementedError: catching it is no confession.
    for word in ("TODO", "FIXME", "XXX", "raise NotImplementedError"):
        assert word not in text


def imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The packages at the root of what is imported."""
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return {each.partition(".")[0] for each in names}


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "bot.py"], ids=name)
def test_only_the_heavy_is_imported_inside_functions(path):
    inside = [node for each in functions(path) for node in ast.walk(each)]
    imports = [imported(node) for node in inside if isinstance(node, ast.Import | ast.ImportFrom)]
    assert set().union(*imports) <= HEAVY | ELSEWHERE


@pytest.mark.parametrize("path", sorted((ROOT / "handlers" / "texts").rglob("*.toml")), ids=name)
def test_nobody_is_shouted_at(path):
    sentences = tomllib.loads(path.read_text(encoding="utf-8"))
    assert {key for key, sentence in sentences.items() if "!" in sentence or "！" in sentence} <= SIGNS


def test_both_languages_have_the_same_rooms_of_texts():
    found = [{path.name for path in (ROOT / "handlers" / "texts" / language).iterdir()} for language in ("zh", "en")]
    assert found[0] == found[1]
