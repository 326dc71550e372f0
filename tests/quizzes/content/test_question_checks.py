"""Inside one question."""

import pytest

from quizzes.content.question_checks import check, draft, letters


def findings(**fields):
    whole = {"kind": "single", "stem": "题干", "options": ["甲", "乙", "丙"], "answer": "A"} | fields
    question = draft(whole, whole)
    return [(where, code) for where, code, _ in check(question, "行政处罚法")]


@pytest.mark.parametrize(
    ("written", "read"),
    [("A", "A"), ("acd", "ACD"), ("DCA", "ACD"), ("A、C，D", "ACD"), ("Ａ，Ｃ", "AC"), ("A C", "AC")],
)
def test_letters_are_read_however_they_are_written(written, read):
    assert letters(written) == read


def test_a_sound_question_has_no_findings():
    assert findings() == []
    assert findings(kind="multiple", answer="ABC") == []
    assert findings(kind="judge", options=[], answer=False) == []
    assert findings(kind="blank", options=[], stem="____日内", answer=["90", "九十"]) == []


def test_the_answer_must_fit_the_options_and_the_kind():
    assert findings(answer="D") == [(("answer",), "answer_beyond_options")]
    assert findings(answer="AB") == [(("answer",), "single_several_letters")]
    assert findings(answer=True) == [(("answer",), "answer_letters_expected")]
    assert findings(answer=["A"]) == [(("answer",), "answer_letters_expected")]
    assert findings(kind="multiple") == [(("answer",), "multiple_one_letter")]


def test_options_that_a_reader_cannot_tell_apart_are_found():
    assert findings(options=["罚款 100 元", "罚款  １００ 元", "警告"]) == [(("options", 1), "duplicate_option")]


def test_an_option_that_begins_with_a_letter_by_chance_is_fine():
    assert findings(options=["B. 超", "C 类", "A 股"]) == []
    assert findings(options=["A、甲", "B、乙", "C、丙"]) == [(("options", 0), "options_lettered")]


def test_several_mistakes_of_one_question_are_all_found():
    found = findings(kind="blank", options=["甲"], answer="九十", stem="没有空", cites=["第三十三条", "x"])
    assert [code for _, code in found] == ["cite_unparsable", "blank_options", "blank_missing", "answer_texts_expected"]


def test_what_did_not_fit_its_shape_is_not_judged_again():
    question = draft({"kind": "single", "answer": "D"}, {"kind": "single", "answer": "D", "options": "甲"})
    assert list(check(question, "")) == []


def test_citations_are_whole_after_the_check():
    question = draft({"cites": ["第33条", "民法典 第一条"]}, {})
    assert list(check(question, "行政处罚法")) == []
    assert question.citations == ["行政处罚法 第三十三条", "民法典 第一条"]
