"""案例题 in a bank file: one text with items, and every mistake in its place."""

from __future__ import annotations

import pytest

from quizzes.content.banks import read_bank, survey_bank
from quizzes.content.problems import Problems
from quizzes.questions import Kind, Question
from tests.quizzes.content.files import CASE, bank, places, single, write


def read(folder, *questions):
    return read_bank(write(folder, "a.yaml", bank(*questions)))[1]


def problems(folder, *questions):
    noted = Problems("a.yaml")
    survey_bank(write(folder, "a.yaml", bank(*questions)), noted)
    return noted.found()


def test_a_case_is_its_text_and_its_items(tmp_path):
    [found] = read(tmp_path, CASE)
    assert (found.key, found.kind, found.stem) == ("c-1", Kind.CASE, "城管队员当场开出罚单，当事人已当场改正。")
    assert (found.options, found.answer, found.explain, found.difficulty, found.topics) == ((), (), "", 4, ("裁量",))
    assert found.items == (
        Question("c-1.1", Kind.SINGLE, "应当如何处理？", ("不予处罚", "从轻处罚", "减轻处罚", "警告"), ("A",), "三者具备即不予处罚。",
                 ("行政处罚法 第三十三条",)),
        Question("c-1.2", Kind.JUDGE, "当事人可以陈述和申辩。", (), ("T",), "陈述、申辩是当事人的权利。", ("行政处罚法 第七条",)),
    )  # fmt: skip


def test_a_case_cites_what_its_items_cite(tmp_path):
    [found] = read(tmp_path, CASE.replace("[第七条]", "[第七条, 第三十三条]"))
    assert found.cites == ("行政处罚法 第三十三条", "行政处罚法 第七条")


def test_a_case_stands_beside_other_questions_and_is_counted_as_one(tmp_path):
    noted = Problems("a.yaml")
    found = survey_bank(write(tmp_path, "a.yaml", bank(single(), CASE)), noted)
    assert found.census == {(Kind.SINGLE, 3, ()): 1, (Kind.CASE, 4, ("裁量",)): 1}


def test_every_mistake_of_every_item_stands_where_it_was_made(tmp_path):
    text = (
        CASE.replace("answer: A", "answer: AE")
        .replace("answer: true", "answer: 对")
        .replace("[第七条]", "[第七条, 某条]")
    )
    text = (
        text.replace("kind: single", "kind: case")
        .replace("    difficulty: 4", "    difficulty: 9")
        .replace("stem: 当事人", "steam: 当事人")
    )
    assert places(problems(tmp_path, text)) == [
        (9, 15, "not_one_of"),
        (15, 9, "missing_key"),
        (16, 9, "unknown_key_close"),
        (17, 17, "answer_true_false"),
        (19, 22, "cite_unparsable"),
        (20, 17, "number_too_large"),
    ]


def test_checks_of_an_item_go_on_beside_a_broken_one(tmp_path):
    text = CASE.replace("answer: A", "answer: E").replace("        explain: 陈述、申辩是当事人的权利。\n", "")
    assert places(problems(tmp_path, text)) == [(12, 17, "answer_beyond_options"), (15, 9, "missing_explain")]


@pytest.mark.parametrize("key", ["answer: A", "options: [甲, 乙]", "explain: 解析", "cites: [第七条]"])
def test_what_belongs_to_the_items_is_not_written_on_the_case(tmp_path, key):
    assert places(problems(tmp_path, CASE + f"    {key}\n")) == [(22, 5, "case_own_key")]


def test_an_item_has_no_id(tmp_path):
    assert places(problems(tmp_path, CASE.replace("kind: judge", "id: x\n        kind: judge"))) == [
        (15, 9, "case_item_id")
    ]


@pytest.mark.parametrize(("items", "code"), [
    ("[]", "list_too_short"), ("无", "list_expected"), ("[甲, 乙]", "mapping_expected"), ("", "empty_value"),
])  # fmt: skip
def test_items_that_are_none_are_named(tmp_path, items, code):
    head = CASE[: CASE.index("    items:")]
    assert {p.code for p in problems(tmp_path, f"{head}    items: {items}\n")} == {code}


def test_a_case_without_items_says_so(tmp_path):
    assert places(problems(tmp_path, CASE[: CASE.index("    items:")])) == [(5, 5, "missing_key")]


def test_the_same_question_twice_in_a_case_is_noticed(tmp_path):
    item = CASE[CASE.index("      - kind: judge") : CASE.index("    difficulty")]
    assert places(problems(tmp_path, CASE.replace(item, item + item))) == [(21, 15, "duplicate_question")]


def test_the_same_case_twice_is_noticed_and_the_same_text_with_other_items_is_not(tmp_path):
    again = CASE.replace("c-1", "c-2")
    assert places(problems(tmp_path, CASE, again)) == [(24, 11, "duplicate_question")]
    assert problems(tmp_path, CASE, again.replace("如何处理", "怎样处理")) == []


def test_an_item_may_ask_what_a_question_asks_elsewhere(tmp_path):
    assert problems(tmp_path, CASE, single(stem="应当如何处理？")) == []
