"""Hostile YAML: every bomb is stopped early, cheaply and with a place."""

import subprocess
import sys

import pytest

from quizzes.content.problems import Problems
from quizzes.content.reading import read_node, stream_items
from quizzes.content.sources import from_bytes, scan
from tests.quizzes.content.files import HEADER, codes, places, read_text, write

NINE = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{now}: &{now} [{', '.join([f'*{before}'] * 9)}]\n" for before, now in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_a_pyramid_of_aliases_is_refused_without_being_climbed():
    value, problems = read_text(NINE)
    assert set(codes(problems)) == {"alias_refused", "anchor_refused"}
    assert len(problems) == 9 + 8 * 9
    assert len(value["i"]) == 9


def test_merge_keys_are_refused_and_merge_nothing():
    value, problems = read_text("a: &a {x: 1}\nb: {<<: [*a, *a], y: 2}\n")
    assert value["b"] == {"y": 2}
    assert codes(problems) == ["anchor_refused", "merge_refused", "alias_refused", "alias_refused"]


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [id]", "!!str 1", "! x", "!local x", "!!binary aGk="])
def test_tags_are_refused_and_construct_nothing(tag):
    _, problems = read_text(f"a: {tag}\n")
    assert places(problems) == [(1, 4, "tag_refused")]


def test_forty_levels_are_read_and_the_next_is_not():
    assert codes(read_text("[" * 40 + "]" * 40)[1]) == []
    assert places(read_text("[" * 41 + "]" * 41)[1]) == [(1, 41, "too_deep")]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{"])
def test_two_hundred_thousand_levels_end_in_a_problem_and_not_in_a_crash(opening, tmp_path):
    path = write(tmp_path, "deep.yaml", opening * 200_000)
    code = (
        "import sys; from pathlib import Path; from quizzes.content.workspace import check_paths;"
        "print(*[p.code for p in check_paths([Path(sys.argv[1])])])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "too_deep" in done.stdout.split()


@pytest.mark.parametrize(
    "bomb", ["a: " + "x" * 3_000_000, "a: '" + "x\n " * 800_000, "a: |\n" + " x\n" * 900_000, "#" * 3_000_000]
)
def test_one_enormous_text_is_stopped_before_it_is_in_memory(bomb):
    assert codes(read_text(bomb)[1]) == ["scalar_too_long"]


def test_a_question_with_too_many_values_is_stopped(tmp_path):
    problems = Problems("x")
    source = scan(write(tmp_path, "x.yaml", HEADER + "  - [" + "a," * 500_000 + "]\n"), problems)
    assert len(list(stream_items(source, "questions", problems))) == 1
    assert codes(problems.found()) == ["too_many_values"]


def test_an_unseen_character_behind_an_escape_is_found():
    _, problems = read_text('a: "x\\u200by"\n')
    assert places(problems) == [(1, 4, "unseen_character")]


def test_a_key_said_twice_is_reported_with_the_first_line_and_the_first_value_stays():
    value, problems = read_text("a: 1\nb: 2\na: 3\n")
    assert value == {"a": 1, "b": 2}
    assert places(problems) == [(3, 1, "duplicate_key")]
    assert problems[0].values == {"key": "a", "line": "1"}


def test_keys_are_text_however_they_look():
    assert read_text("on: 1\n12: 2\n2026-11-01: 3\n") == ({"on": 1, "12": 2, "2026-11-01": 3}, [])


def test_a_mapping_as_a_key_is_refused_and_reading_goes_on():
    value, problems = read_text("? {a: b}\n: c\nd: e\n")
    assert value == {"d": "e"}
    assert codes(problems) == ["key_not_text"]


def test_a_tag_directive_is_refused():
    assert codes(read_text("%TAG ! tag:x,2000:\n---\na: 1\n")[1]) == ["tag_refused"]


def test_places_of_values_and_keys_are_known():
    node = read_node(from_bytes("x", "甲: [一, 二]\n乙:\n  丙: 丁\n".encode()), Problems("x"))
    second = node.place.parts["甲"].parts[1]
    assert (second.line, second.column) == (0, 7)
    inner = node.place.parts["乙"].keys["丙"]
    assert (inner.line, inner.column) == (2, 2)
