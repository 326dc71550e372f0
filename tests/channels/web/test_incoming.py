"""From forms to what a person said."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from starlette.datastructures import FormData, Headers, UploadFile

from channels.web.incoming import FILE_LIMIT, TEXT_LIMIT, Said, inbox_key, read
from channels.web.sessions import address


def said(*fields: tuple[str, object]) -> Said:
    return asyncio.run(read(FormData(fields)))


def upload(name: str, content: bytes = b"x", size: int | None = None) -> UploadFile:
    return UploadFile(
        BytesIO(content),
        size=len(content) if size is None else size,
        filename=name,
        headers=Headers({"content-type": "text/plain"}),
    )


def test_ticked_boxes_become_one_answer_in_the_order_of_letters():
    assert said(("token", "q2"), ("pick", "C"), ("pick", "A"), ("pick", "A")).action == "=q2:AC"


@pytest.mark.parametrize("pick", ["AB", "a", "1", ""])
def test_boxes_that_no_card_has_are_not_picked(pick):
    assert said(("token", "q2"), ("pick", pick)).trouble == "nothing_chosen"


def test_nothing_said_is_said_so():
    assert said(("text", "  \n ")).trouble == "nothing_said"


@pytest.mark.parametrize("action", ["/blocked", "/blocked unlicensed", " /blocked", "/unblocked", "/unreadable\n"])
def test_a_form_cannot_claim_what_only_a_platform_reports(action):
    assert said(("action", action)).trouble == "nothing_said"


def test_a_press_longer_than_anything_that_can_be_pressed_is_refused():
    assert said(("action", "=q2:" + "长" * TEXT_LIMIT)).trouble == "too_long"


def test_a_text_keeps_its_lines():
    assert said(("text", " 第一行\r\n第二行 ")).text == "第一行\n第二行"


def test_a_text_over_the_limit_is_refused_whole():
    assert said(("text", "长" * 4001)).trouble == "too_long"
    assert said(("text", "长" * 4000)).text == "长" * 4000


def test_a_file_brings_its_text_as_a_caption():
    result = said(("text", "请收"), ("file", upload("名册.xlsx")))
    assert result.file is not None
    assert (result.file.name, result.file.content, result.text) == ("名册.xlsx", b"x", "请收")


@pytest.mark.parametrize(
    ("sent", "kept"), [("../../etc/passwd", "passwd"), ("C:\\a\\b.txt", "b.txt"), ("a\x00\nb", "ab"), ("x/", "file")]
)
def test_only_the_last_part_of_a_file_name_is_kept(sent, kept):
    result = said(("file", upload(sent)))
    assert result.file is not None
    assert result.file.name == kept


def test_a_file_over_twenty_megabytes_is_refused():
    assert said(("file", upload("a", size=FILE_LIMIT + 1))).trouble == "too_large"


def test_a_key_belongs_to_one_account_and_one_sentence():
    mine, other = address("a" * 43), address("b" * 43)
    keys = {inbox_key(mine, "k", "A"), inbox_key(mine, "k", "B"), inbox_key(other, "k", "A"), inbox_key(mine, "l", "A")}
    assert len(keys) == 4
    assert inbox_key(mine, "k", "A") in keys
    assert all(key.startswith("web:") and len(key) == 36 for key in keys)
