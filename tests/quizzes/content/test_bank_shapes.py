"""The shapes of a bank and of a material's front matter: what a field may hold, and no guessing."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from quizzes.content.bank_shapes import BankShape, CaseShape, HeaderShape, MaterialShape, QuestionShape, is_case

ITEM = {"id": "a-1", "kind": "single", "stem": "题干", "options": ["甲", "乙"], "answer": "A", "explain": "见法条。"}


def item(**changes):
    return QuestionShape(**{**ITEM, **changes})


def codes(shape, **data):
    with pytest.raises(ValidationError) as raised:
        shape(**data)
    return [(error["type"], error["loc"][0]) for error in raised.value.errors()]


def test_what_is_left_out_has_its_default():
    found = item()
    assert (found.cites, found.difficulty, found.tags) == ([], 3, [])
    assert HeaderShape(bank="宪法", as_of=date(2026, 11, 1)).law == ""


@pytest.mark.parametrize("missing", ["id", "kind", "stem", "answer", "explain"])
def test_what_every_question_needs_is_asked_for(missing):
    assert codes(QuestionShape, **{k: v for k, v in ITEM.items() if k != missing}) == [("missing", missing)]


def test_a_key_that_nobody_knows_is_refused():
    assert codes(QuestionShape, **ITEM, opions=[]) == [("extra_forbidden", "opions")]


@pytest.mark.parametrize("answer", ["A", "ACD", True, False, ["二十", "20"]], ids=str)
def test_an_answer_is_letters_yes_or_no_or_accepted_texts(answer):
    assert item(answer=answer).answer == answer


@pytest.mark.parametrize("answer", [1.5, {"a": 1}, None, [True], [], ""], ids=str)
def test_an_answer_of_another_form_gives_one_error_and_not_one_per_form(answer):
    if answer == []:
        assert item(answer=answer).answer == [], "an empty list is the checks' to refuse, by kind"
        return
    assert len(codes(QuestionShape, **{**ITEM, "answer": answer})) == 1


def test_whole_numbers_read_the_same_as_text():
    found = item(id=7, options=[7, 15], answer=[20], tags=[3])
    assert (found.id, found.options, found.answer, found.tags) == ("7", ["7", "15"], ["20"], ["3"])


@pytest.mark.parametrize("option", [True, 1.5, None, date(2026, 11, 1), "", "长" * 501])
def test_nothing_else_is_taken_for_text(option):
    assert codes(QuestionShape, **{**ITEM, "options": ["甲", option]})[0][1] == "options"


@pytest.mark.parametrize("key", ["", "-a", "a b", "题-1", "a" * 65, "a/b"])
def test_an_id_is_letters_digits_dots_and_hyphens(key):
    assert codes(QuestionShape, **{**ITEM, "id": key}) == [("string_pattern_mismatch", "id")]


@pytest.mark.parametrize("difficulty", [0, 6, "3", 2.0, True])
def test_a_difficulty_is_a_whole_number_from_one_to_five(difficulty):
    assert codes(QuestionShape, **{**ITEM, "difficulty": difficulty})[0][1] == "difficulty"


def test_a_kind_that_nobody_knows_is_refused():
    assert codes(QuestionShape, **{**ITEM, "kind": "essay"}) == [("literal_error", "kind")]


def test_no_more_options_than_letters():
    assert len(item(options=[str(n) for n in range(10)]).options) == 10
    assert codes(QuestionShape, **{**ITEM, "options": [str(n) for n in range(11)]}) == [("too_long", "options")]


@pytest.mark.parametrize("day", ["2026-11-01", date(2026, 11, 1)], ids=repr)
def test_a_day_reads_the_same_quoted_or_not(day):
    assert HeaderShape(bank="宪法", as_of=day).as_of == date(2026, 11, 1)


@pytest.mark.parametrize("day", ["2026-13-01", "2026年11月", 20261101, None])
def test_what_is_no_day_is_refused(day):
    assert codes(HeaderShape, bank="宪法", as_of=day) == [("day_expected", "as_of")]


def test_a_bank_holds_a_question_and_a_material_its_front_matter():
    assert codes(BankShape, bank="宪法", as_of=date(2026, 11, 1), questions=[]) == [("too_short", "questions")]
    found = MaterialShape(material="m-1", title="题目", as_of=date(2026, 11, 1))
    assert found.cites == []


PART = {key: value for key, value in ITEM.items() if key != "id"}


def test_a_case_has_two_to_ten_items_that_are_no_cases():
    case = {"id": "c-1", "kind": "case", "stem": "某局查处一起案件。"}
    assert len(CaseShape(**case, items=[PART] * 10).items) == 10
    for items, code in (([PART], "too_short"), ([PART] * 11, "too_long"), ([PART, {**PART, "kind": "case"}], "literal_error"),
                        ([PART, ITEM], "extra_forbidden")):  # fmt: skip
        assert codes(CaseShape, **case, items=items) == [(code, "items")]


def test_a_bank_holds_both_sorts_of_questions():
    case = {"id": "c-1", "kind": "case", "stem": "某局查处一起案件。", "items": [PART, PART]}
    found = BankShape(bank="宪法", as_of=date(2026, 11, 1), questions=[ITEM, case]).questions
    assert [type(each) for each in found] == [QuestionShape, CaseShape]
    assert [is_case(each) for each in (ITEM, case, "case", None)] == [False, True, False, False]


def test_a_shape_cannot_be_changed_in_place():
    with pytest.raises(ValidationError):
        item().stem = "别的"
