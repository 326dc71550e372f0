"""The bytes of a content file."""

import hashlib

import pytest

from quizzes.content.problems import Problems
from quizzes.content.sources import file_hash, from_bytes, scan
from tests.quizzes.content.files import codes, places, scan_text, write


def test_a_clean_file_gives_its_bytes_and_hash(tmp_path):
    path = write(tmp_path, "a.yaml", "bank: 题库\n")
    source = scan(path, Problems("a.yaml"))
    with source.open() as stream:
        assert stream.read() == "bank: 题库\n".encode()
    assert source.file_hash == file_hash(path) == hashlib.sha256("bank: 题库\n".encode()).hexdigest()


def test_a_line_can_be_looked_at_again():
    source = from_bytes("a.yaml", "一\n二\n".encode())
    assert source.line(1) == "二"
    assert source.line(9) == ""


def test_bytes_that_are_not_utf8_are_placed_at_the_first_of_them(tmp_path):
    assert places(scan_text(tmp_path, b"bank: a\nlaw: " + "法".encode("gbk"))) == [(2, 6, "not_utf8")]


def test_a_file_that_ends_inside_a_character_is_not_utf8(tmp_path):
    assert codes(scan_text(tmp_path, "法".encode()[:2])) == ["not_utf8"]


@pytest.mark.parametrize(
    "character", ["\0", "\x1b", "\x7f", "\x85", "\xad", "\u200b", "\u202e", "\u2028", "\ue000", "\ufffd", "\U000e0041"]
)
def test_a_character_nobody_can_see_is_named_with_its_place(tmp_path, character):
    problems = scan_text(tmp_path, f"a: 好\nb: 不{character}好\n")
    assert places(problems) == [(2, 5, "unseen_character")]
    assert problems[0].values == {"character": f"U+{ord(character):04X}"}


def test_a_byte_order_mark_at_the_start_is_allowed_and_not_counted(tmp_path):
    assert places(scan_text(tmp_path, "\ufeffa: \u200b\n")) == [(1, 4, "unseen_character")]


def test_places_are_right_beyond_the_first_chunk(tmp_path):
    text = "法律\n" * 400_000 + "x\u200b\n"
    assert len(text.encode()) > 2 << 20
    problems = Problems("x")
    scan(write(tmp_path, "x.yaml", text), problems, 100_000_000)
    assert places(problems.found()) == [(400_001, 2, "unseen_character")]


def test_many_unseen_characters_cost_no_more_than_one_pass(tmp_path):
    assert codes(scan_text(tmp_path, "\u200b" * 200_000))[-1] == "more_problems"


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    problems = Problems("x")
    assert scan(write(tmp_path, "x.yaml", b"x" * 11), problems, most=10) is None
    assert codes(problems.found()) == ["file_too_large"]


def test_a_file_that_is_not_there_and_one_that_is_a_folder_are_said_plainly(tmp_path):
    problems = Problems("x")
    assert scan(tmp_path / "none.yaml", problems) is None
    assert scan(tmp_path, problems) is None
    assert codes(problems.found()) == ["file_unreadable", "not_a_file"]
