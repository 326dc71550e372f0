"""Documents and streams of items."""

import unicodedata

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.content.banks import stream_bank
from quizzes.content.problems import Problems
from quizzes.content.reading import stream_items
from quizzes.content.scalars import Unclear
from quizzes.content.sources import Source, from_bytes
from tests.quizzes.content.files import SINGLE, bank, codes, read_text, single, write


def stream(text):
    problems = Problems("x")
    nodes = list(stream_items(from_bytes("x", text.encode()), "items", problems))
    return [node.value for node in nodes], problems.found()


def test_the_header_comes_first_then_each_item():
    assert stream("a: 1\nitems:\n - x\n - {y: 2}\n") == ([{"a": 1}, "x", {"y": 2}], [])


def test_a_mapping_without_the_list_is_only_a_header():
    assert stream("a: 1\n") == ([{"a": 1}], [])


def test_what_should_be_a_list_and_is_not_stays_in_the_header():
    assert stream("items: x\n") == ([{"items": "x"}], [])


def test_a_key_after_the_items_is_reported():
    values, problems = stream("items: [x]\na: 1\n")
    assert values == [{}, "x"]
    assert codes(problems) == ["items_not_last"]


def test_a_syntax_error_ends_the_stream_after_the_items_before_it():
    values, problems = stream("items:\n - x\n - y: z: q\n - w\n")
    assert values == [{}, "x"]
    assert codes(problems) == ["yaml_colon"]


def test_items_are_given_before_the_rest_of_the_file_is_read():
    class Endless:
        def __init__(self):
            self.given = b"items:\n"

        def read(self, size):
            given, self.given = self.given, b"- x\n" * 1000
            return given

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

    nodes = stream_items(Source("x", Endless, ""), "items", Problems("x"))
    assert [next(nodes).value for _ in range(5)] == [{}, "x", "x", "x", "x"]
    nodes.close()


def test_an_empty_file_says_so():
    assert codes(read_text("# nothing\n")[1]) == ["empty_file"]


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20)
VALUES = st.recursive(
    st.one_of(WORDS, st.booleans(), st.none(), st.integers(-(10**9), 10**9)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_what_pyyaml_writes_is_read_back(value):
    read, problems = read_text(yaml.safe_dump(value, allow_unicode=False))
    seen = {"unseen_character", "duplicate_key"}
    if not set(codes(problems)) & seen:
        assert same(read, value)


def same(read, value):
    if isinstance(value, dict):
        return {as_written(k) for k in value} == {as_written(k) for k in read}
    if isinstance(value, list):
        return len(read) == len(value) and all(map(same, read, value))
    return str(read) == as_written(value) if isinstance(read, Unclear) else as_written(read) == as_written(value)


def as_written(value):
    return " ".join(unicodedata.normalize("NFC", value).split()) if isinstance(value, str) else value


BANK = bank(SINGLE, single(id="a-2", kind="multiple", answer="ACD", stem="哪些？"))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_bank_with_any_bytes_changed_gives_questions_or_problems_and_never_an_error(tmp_path_factory, data):
    content = bytearray(BANK.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(
            st.sampled_from(
                [
                    b"",
                    b"[",
                    b"{",
                    b'"',
                    b"'",
                    b"&a ",
                    b"*a",
                    b"!!x ",
                    b": ",
                    b"- ",
                    b"\n",
                    b"\t",
                    b"\0",
                    b"\xff",
                    b"<<: ",
                ]
            )
        )
        content[at : at + data.draw(st.integers(0, 3))] = piece
    path = write(tmp_path_factory.getbasetemp(), "fuzz.yaml", bytes(content))
    problems = Problems("fuzz.yaml")
    _, questions = stream_bank(path, problems)
    kept = list(questions)
    assert len(kept) == 2 or problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems.found())
