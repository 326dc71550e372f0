"""A bank file: questions, or everything that is wrong with it."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from quizzes.content.banks import read_bank, stream_bank, survey_bank
from quizzes.content.problems import ContentRefused, Problems
from quizzes.content.question_items import Seen
from quizzes.content.sources import file_hash
from quizzes.questions import Kind, Question
from tests.quizzes.content.files import SINGLE, bank, places, single, write

STARTERS = sorted(Path(str(files("quizzes") / "starter" / "banks")).glob("*.yaml"))

TEN_MISTAKES = """\
bank: 行政处罚法
as_of: 2026年11月
law: 行政处罚法
questions:
  - id: a-1
    kind: singel
    stem: 当场改正的，如何处理？
    opions: [不予处罚, 从轻处罚]
    answer: A
    explain: 见法条。
  - id: a-1
    kind: single
    stem: 谁有权管辖？
    options: [甲局, 乙局, 甲局]
    answer: D
    cites: [第三十三]
  - id: a-3
    kind: judge
    stem: ""
    answer: yes
    explain: 见法条。
"""


def wrong(folder, text):
    problems = Problems("a.yaml")
    survey_bank(write(folder, "a.yaml", text), problems)
    return problems.found()


def test_a_bank_with_ten_mistakes_names_all_ten_by_line_and_column(tmp_path):
    assert places(wrong(tmp_path, TEN_MISTAKES)) == [
        (2, 8, "day_expected"),
        (6, 11, "not_one_of_close"),
        (8, 5, "unknown_key_close"),
        (11, 5, "missing_explain"),
        (11, 9, "duplicate_id"),
        (14, 23, "duplicate_option"),
        (15, 13, "answer_beyond_options"),
        (16, 13, "cite_unparsable"),
        (19, 11, "empty_value"),
        (20, 13, "answer_unclear"),
    ]


def test_a_question_is_read_into_the_domains_own_words(tmp_path):
    header, questions = read_bank(write(tmp_path, "a.yaml", bank(single(difficulty="2", tags="[处罚裁量]"))))
    assert (header.name, header.as_of, header.law) == ("行政处罚法", date(2026, 11, 1), "行政处罚法")
    assert header.file_hash == file_hash(tmp_path / "a.yaml")
    assert questions == (
        Question(
            key="a-1",
            kind=Kind.SINGLE,
            stem="当场改正的，如何处理？",
            options=("不予处罚", "从轻处罚", "减轻处罚", "警告"),
            answer=("A",),
            explain="三者具备即不予处罚。",
            cites=("行政处罚法 第三十三条",),
            difficulty=2,
            topics=("处罚裁量",),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"kind": "multiple", "answer": "DCA"}, ("A", "C", "D")),
        ({"kind": "judge", "options": None, "answer": "true"}, ("T",)),
        ({"kind": "judge", "options": None, "answer": "false"}, ("F",)),
        ({"kind": "blank", "options": None, "stem": "____日内", "answer": "[90, 九十]"}, ("90", "九十")),
    ],
)
def test_answers_are_canonical(tmp_path, changes, answer):
    _, questions = read_bank(write(tmp_path, "a.yaml", bank(single(**changes))))
    assert questions[0].answer == answer


def test_an_id_is_unique_across_files_read_together(tmp_path):
    seen, problems = Seen(), Problems("b.yaml")
    survey_bank(write(tmp_path, "a.yaml", bank()), Problems("a.yaml"), seen)
    survey_bank(write(tmp_path, "b.yaml", bank(single(stem="另一题？"))), problems, seen)
    assert places(problems.found()) == [(5, 9, "duplicate_id")]
    assert problems.found()[0].values == {"id": "a-1", "other": "a.yaml:5"}


def test_sound_questions_of_a_broken_bank_come_but_the_bank_is_refused(tmp_path):
    path = write(tmp_path, "a.yaml", bank(SINGLE, single(id="a-2", stem="另一题？", answer="E")))
    problems = Problems("a.yaml")
    _, questions = stream_bank(path, problems)
    assert [question.key for question in questions] == ["a-1"]
    assert problems
    assert survey_bank(path, Problems("a.yaml")) is None
    with pytest.raises(ContentRefused) as refused:
        read_bank(path)
    assert [p.code for p in refused.value.problems] == ["answer_beyond_options"]


def test_a_law_that_cannot_be_read_is_reported_once_and_not_at_every_citation(tmp_path):
    assert places(wrong(tmp_path, bank().replace("law: 行政处罚法", "law: no"))) == [(3, 6, "needs_quotes")]


def test_a_date_to_come_is_fine(tmp_path):
    assert wrong(tmp_path, bank().replace("2026-11-01", "2099-01-01")) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("bank: a\nas_of: 2026-11-01\n", (1, 1, "missing_key")),
        ("bank: a\nas_of: 2026-11-01\nquestions: 无\n", (3, 12, "list_expected")),
        ("bank: a\nas_of: 2026-11-01\nquestions: []\n", (1, 1, "empty_bank")),
        ("- a\n", (1, 1, "file_not_mapping")),
    ],
)
def test_a_bank_without_questions_is_said_once(tmp_path, text, place):
    assert places(wrong(tmp_path, text)) == [place]


def test_a_question_that_is_only_text_is_reported(tmp_path):
    assert places(wrong(tmp_path, bank("  - 题干\n"))) == [(5, 5, "mapping_expected")]


def test_the_census_counts_by_kind_difficulty_and_topics(tmp_path):
    text = bank(single(tags="[裁量]"), single(id="a-2", stem="另一题？", tags="[裁量]"))
    found = survey_bank(write(tmp_path, "a.yaml", text), Problems("a.yaml"))
    assert found.census == {(Kind.SINGLE, 3, ("裁量",)): 2}


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):
    _, plain = read_bank(write(tmp_path, "a.yaml", bank()))
    _, windows = read_bank(write(tmp_path, "b.yaml", "\ufeff" + bank().replace("\n", "\r\n")))
    assert plain == windows


@pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.name)
def test_the_starter_bank_is_sound(path):
    assert read_bank(path)[1]


def test_the_starter_banks_are_sound_together():
    seen = Seen()
    for path in STARTERS:
        problems = Problems(path.name)
        survey_bank(path, problems, seen)
        assert problems.found() == []
