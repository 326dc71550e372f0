"""Plain words for the parser's complaints, at the place where one has to look."""

import pytest

from tests.quizzes.content.files import places, read_text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: b: c\n", (1, 5, "yaml_colon")),
        ("a: 1\nkind：single\nb: c\n", (2, 5, "fullwidth_colon")),
        ("- kind：single\n  b: c\n", (1, 7, "fullwidth_colon")),
        ("a: 1\n行政处罚法\nb: c\n", (3, 1, "yaml_line_without_colon")),
        ('a: "没有右引号\nb: c\n', (1, 4, "yaml_quote_open")),
        ("a: 'b\n", (1, 4, "yaml_quote_open")),
        ('a: "C:\\q"\n', (1, 7, "yaml_escape")),
        ("a: [1, 2\nb: 3\n", (1, 4, "yaml_bracket_open")),
        ("a: {b: 1\n", (1, 4, "yaml_bracket_open")),
        ("a:\n\t- b\n", (2, 1, "yaml_tab")),
        ("a: @b\n", (1, 4, "yaml_reserved")),
        ("a: *甲\n", (1, 5, "yaml_reserved")),
        ("a:\n  - b\n c: 1\n", (3, 2, "yaml_indent")),
        ("- a\nb: c\n", (2, 1, "yaml_indent")),
    ],
)
def test_a_common_slip_is_named_where_it_was_made(text, place):
    assert places(read_text(text)[1]) == [place]


def test_the_character_that_cannot_begin_a_text_is_shown():
    assert read_text("a: `b\n")[1][0].values == {"character": "`"}
    assert read_text("a: *甲\n")[1][0].values == {"character": "*"}


def test_an_error_nobody_foresaw_still_has_a_place_and_its_reason():
    problems = read_text("a: 1\n...\nb\n")[1]
    assert places(problems) == [(3, 1, "yaml_other")]
    assert problems[0].values["reason"]
