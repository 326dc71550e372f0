"""materials/*.md."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from quizzes.content.material_file import read_material
from quizzes.content.problems import Problems
from quizzes.materials import Material
from tests.quizzes.content.files import MATERIAL, places, write

STARTERS = sorted(Path(str(files("quizzes") / "starter" / "materials")).glob("*.md"))


def read(folder, text):
    problems = Problems("a.md")
    return read_material(write(folder, "a.md", text), problems), problems.found()


def test_a_material_is_its_front_matter_and_its_text(tmp_path):
    material = Material("m-1", "题目", date(2026, 11, 1), ("行政处罚法 第三十三条",), "正文。")
    assert read(tmp_path, MATERIAL) == (material, [])


def test_windows_line_ends_and_a_byte_order_mark_are_fine(tmp_path):
    material, problems = read(tmp_path, "\ufeff" + MATERIAL.replace("\n", "\r\n"))
    assert (material.body, problems) == ("正文。", [])


def test_a_line_of_hyphens_in_the_text_is_text(tmp_path):
    assert read(tmp_path, MATERIAL + "\n---\n\n后文\n")[0].body == "正文。\n\n---\n\n后文"


def test_mistakes_in_the_front_matter_have_the_lines_of_the_file(tmp_path):
    text = MATERIAL.replace("title: 题目", "titel: 题目").replace("第三十三条", "第三条之")
    assert places(read(tmp_path, text)[1]) == [
        (2, 1, "missing_key"),
        (3, 1, "unknown_key_close"),
        (5, 9, "cite_unparsable"),
    ]


def test_a_citation_without_its_law_is_refused(tmp_path):
    assert places(read(tmp_path, MATERIAL.replace("行政处罚法 ", ""))[1]) == [(5, 9, "cite_without_law")]


def test_an_unseen_character_in_the_text_is_found(tmp_path):
    assert places(read(tmp_path, MATERIAL + "看不\u200b见\n")[1]) == [(8, 3, "unseen_character")]


@pytest.mark.parametrize("text", ["正文\n", "---\nmaterial: a\n正文\n", ""])
def test_a_text_without_front_matter_says_so(tmp_path, text):
    assert places(read(tmp_path, text)[1]) == [(1, 1, "front_matter_missing")]


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.name)
def test_the_starter_material_is_sound(path):
    problems = Problems(path.name)
    assert read_material(path, problems)
    assert problems.found() == []
