"""The starter content: sound as files, fair as quizzes, and true to the law where the law stands beside the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from quizzes.citations import Citation, parse_citation
from quizzes.content.banks import BankHeader, read_bank
from quizzes.content.workspace import read_workspace, workspace_files
from quizzes.materials import Material
from quizzes.questions import Kind, Question

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "quizzes" / "starter"
LAWS = {
    "宪法",
    "公务员法",
    "行政处罚法",
    "行政许可法",
    "行政复议法",
    "行政诉讼法",
    "政府信息公开条例",
    "民法典",
    "法治宣传教育法",
}
LONGEST_RUN = 24  # consecutive Chinese characters that may also stand in the article: names and terms, not sentences

Article = dict[str, Any]  # one line of articles.jsonl


def _articles_file() -> Path:
    folder = Path(os.environ.get("XUEFA_LAW") or ROOT.parent / "shared" / "law")
    return folder / "articles.jsonl"


@pytest.fixture(scope="session")
def banks() -> list[tuple[BankHeader, tuple[Question, ...]]]:
    return [read_bank(path) for path in workspace_files(STARTER).banks]


@pytest.fixture(scope="session")
def questions(banks: list[tuple[BankHeader, tuple[Question, ...]]]) -> list[Question]:
    return [question for _, several in banks for question in several]


@pytest.fixture(scope="session")
def asked(questions: list[Question]) -> list[Question]:
    """Every question a person answers: the items of cases, and all others."""
    return [part for question in questions for part in question.items or (question,)]


@pytest.fixture(scope="session")
def singles(asked: list[Question]) -> list[Question]:
    return [question for question in asked if question.kind is Kind.SINGLE]


@pytest.fixture(scope="session")
def notes() -> tuple[Material, ...]:
    return read_workspace(STARTER).materials


@pytest.fixture(scope="session")
def cited(
    banks: list[tuple[BankHeader, tuple[Question, ...]]], notes: tuple[Material, ...]
) -> list[tuple[str, date, Citation]]:
    """(question or note, the day its law was checked, what it cites)."""
    of_questions = ((q.key, header.as_of, cite) for header, several in banks for q in several for cite in q.cites)
    of_notes = ((note.key, note.as_of, cite) for note in notes for cite in note.cites)
    return [(key, as_of, parse_citation(cite)) for key, as_of, cite in chain(of_questions, of_notes)]


@pytest.fixture(scope="session")
def law(cited: list[tuple[str, date, Citation]]) -> dict[tuple[str, int, int], Article]:
    """The articles of the laws that are cited, by law, number and suffix; the file is read once, line by line."""
    path = _articles_file()
    if not path.is_file():
        pytest.skip(f"no law data: looked for {path} (set XUEFA_LAW to the folder that holds articles.jsonl)")
    wanted = {citation.law for _, _, citation in cited}
    hints = re.compile("|".join(f'"short": ?"{re.escape(name)}"' for name in sorted(wanted)))
    articles = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if hints.search(line):
                article = json.loads(line)
                articles[article["short"], article["article_no"], article["suffix"] or 0] = article
    return articles


# Sound as files


def test_every_starter_file_is_read_without_a_problem():
    found = read_workspace(STARTER)
    assert found.problems == ()
    assert len(found.banks) == len(list((STARTER / "banks").iterdir()))
    assert len(found.materials) == len(list((STARTER / "materials").iterdir()))
    assert found.plans


def test_there_is_enough_to_start_with(questions, notes):
    assert len(questions) >= 120
    assert len(notes) >= 12


def test_the_laws_every_official_is_asked_about_have_a_bank(banks):
    assert {header.law for header, _ in banks} >= LAWS


def test_there_are_cases_to_begin_with(questions):
    cases = [question for question in questions if question.kind is Kind.CASE]
    assert len(cases) >= 4
    assert all(len({item.kind for item in case.items}) > 1 for case in cases), "a case mixes kinds"


def test_the_exam_that_stands_commented_in_the_plans_is_sound_when_uncommented(tmp_path):
    text = (STARTER / "plans.yaml").read_text(encoding="utf-8")
    uncommented = re.sub(r"^  # ?(?=( {2}|- plan:))", "  ", text, flags=re.MULTILINE)
    shutil.copytree(STARTER / "banks", tmp_path / "banks")
    (tmp_path / "plans.yaml").write_text(uncommented, encoding="utf-8")
    found = read_workspace(tmp_path)
    assert found.problems == ()
    [exam] = [plan for plan in found.plans if plan.rules.exam]
    assert exam.rules.makeup is not None
    assert exam.variants


def test_ids_are_unique_over_all_banks_and_notes(questions, notes):
    keys = Counter([*(question.key for question in questions), *(note.key for note in notes)])
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_kind_of_question_is_there(questions):
    assert {question.kind for question in questions} == set(Kind)


def test_every_question_is_explained_and_cites_its_law(asked, notes):
    assert [question.key for question in asked if not question.explain.strip() or not question.cites] == []
    assert [note.key for note in notes if not note.cites] == []


# Fair as quizzes


def test_no_letter_is_right_much_more_often_than_the_others(singles):
    letters = Counter(question.answer[0] for question in singles)
    assert max(letters.values()) <= 0.35 * len(singles), letters


def test_as_many_judgements_are_wrong_as_right(asked):
    judged = Counter(question.answer[0] for question in asked if question.kind is Kind.JUDGE)
    assert max(judged.values()) <= 0.6 * judged.total(), judged


def test_the_right_option_is_seldom_known_by_its_length(singles):
    def given_away(question: Question) -> bool:
        lengths = [len(option) for option in question.options]
        right = lengths.pop("ABCDEFGHIJ".index(question.answer[0]))
        return right > max(lengths)

    longest = [question.key for question in singles if given_away(question)]
    assert len(longest) <= 0.35 * len(singles), longest


# True to the law


def test_every_citation_names_an_article_of_a_law_in_force_on_the_day_it_was_checked(cited, law):
    wrong = []
    for key, as_of, citation in cited:
        article = law.get((citation.law, citation.article, citation.suffix))
        if article is None:
            wrong.append(f"{key}: no such article: {citation.text}")
        elif article["status"] != "in_force":
            wrong.append(f"{key}: {citation.text} is {article['status']}")
        elif date.fromisoformat(article["version_date"]) > as_of:
            wrong.append(f"{key}: {citation.text} is of {article['version_date']}, checked {as_of} already")
    assert wrong == []


def test_questions_and_notes_are_in_our_own_words(questions, asked, notes, law):
    written = [
        (question.key, question.cites, (question.stem, *question.options, question.explain))
        for question in [*questions, *asked]
    ]
    written += [(note.key, note.cites, note.body.splitlines()) for note in notes]
    copied = []
    for key, cites, texts in written:
        for citation in map(parse_citation, cites):
            article = law.get((citation.law, citation.article, citation.suffix))  # a missing one is the other test's
            for text in texts if article else ():
                if run := _shared_run(text, article["text"]):
                    copied.append(f"{key}: {citation.text}: {run}")
    assert copied == []


def _shared_run(text: str, article: str) -> str:
    """The first run of Chinese characters longer than `LONGEST_RUN` in both, read over punctuation; else ""."""
    ours, theirs = (re.sub(r"[^\u4e00-\u9fff]", "", one) for one in (text, article))
    size = LONGEST_RUN + 1
    return next((ours[at : at + size] for at in range(len(ours) - size + 1) if ours[at : at + size] in theirs), "")


def test_a_copied_sentence_is_noticed_even_over_punctuation():
    article = "违法行为轻微并及时改正，没有造成危害后果的，不予行政处罚。初次违法且危害后果轻微"
    assert _shared_run("所以：违法行为轻微并及时改正、没有造成危害后果的不予行政处罚。", article)
    assert not _shared_run("违法行为轻微并及时改正，又没有造成后果的，不罚。", article)
