"""How a sheet of scores is said."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from handlers.rounds import outside_words
from handlers.rounds.outside_words import Shown
from handlers.words import LANGUAGES, say, words
from quizzes.batches import BatchState
from quizzes.people import Person, Unit
from quizzes.rules import Rules
from quizzes.score_checks import Book, Checked, Doubt, Window
from quizzes.score_sheets import ScoreRow
from storage.batches import Batch
from tests.builders import NOW

CODES = [key.removeprefix("outside.doubt_") for key in words("zh") if key.startswith("outside.doubt_")]
BOOK = Book((Person(6, "张三", "T006"),), (Unit(2, 1, "住建局", 0),), {6: (2, 2)}, {}, (Window(1, date(2026, 12, 1), date(2026, 12, 10), Rules()),),
            date(2026, 12, 4))  # fmt: skip
ROW = ScoreRow(7, "张山", "住建局", score=10100)
VALUES = {
    "day": date(2026, 12, 20),
    "here": 7050,
    "batch": 3,
    "source": "上级平台",
    "line": 60,
    "code": "K3F9TV",
    "value": "x",
    "others": "8",
}


def shown(*doubts: Doubt) -> Shown:
    batch = Batch(5, 1, "纸质", BatchState.DRAFT, 1, None, {"name": "成绩.xlsx", "dropped": []}, NOW, 1, None, None, "")
    first = type("First", (), {"title": "考试", "id": 1})()
    return Shown(batch, first, Checked((), {}, doubts), BOOK, (), {})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_doubt_says_row_name_and_what_to_do(language, code):
    said = outside_words.doubt(language, Doubt(ROW, code, VALUES, (6,)), shown())
    assert "7" in said
    assert "张山" in said
    assert "{" not in said
    assert len(said) > 20


def test_scores_are_said_in_points_and_sources_in_words():
    said = outside_words.doubt("en", Doubt(ROW, "other_source", VALUES), shown())
    assert "70.5 points from platform" in said


def test_a_person_is_said_with_unit_and_number():
    assert outside_words.person(shown(), 6) == "住建局张三（T006）"
    assert outside_words.person(shown(), 99) == ""


def test_a_source_is_understood_in_either_language():
    assert {outside_words.read_source(word) for word in ("纸质", "paper")} == {"纸质"}
    assert {outside_words.read_source(word) for word in ("上级平台", "platform")} == {"上级平台"}
    assert outside_words.read_source("微信") is None


def test_many_doubts_are_counted_and_the_rest_is_in_the_sheet():
    doubts = tuple(
        Doubt(ScoreRow(number, "某某", "水务局", score=100), "unmatched", {}, (6,)) for number in range(2, 32)
    )
    text = outside_words.report("zh", shown(*doubts), names=True)
    assert "还有 22 行，见问题表" in text
    assert len(text) < 2000
    assert len(outside_words.settling("zh", shown(*doubts))) == 8


def test_without_names_nobody_is_named():
    text = outside_words.report("zh", shown(Doubt(ROW, "unmatched", {}, (6,))), names=False)
    assert "张山" not in text
    assert say("zh", "outside.doubts_elsewhere", batch=5) in text


def test_the_sheet_of_doubts_holds_every_row_its_reason_and_the_likely(tmp_path):
    content = outside_words.doubts_sheet("zh", shown(Doubt(ROW, "unmatched", {}, (6,))), NOW)
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert rows[0][-2:] == ("问题和办法", "可能是谁")
    assert rows[1][0] == 7
    assert rows[1][-1] == "住建局张三（T006）"
