"""Text in WeCom's measure: no message over its bytes, nothing lost but the spaces at a cut, and no character broken."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.markdown import blocks
from channels.wecom.words import MOST_TEXT, heading, literal, marked, merged, pieces, said, short

ANY = st.characters(exclude_categories=("Cs",))
LETTERS = st.sampled_from(
    ["法", "a", "📚", "é", "。", "；", "，", " ", "\n", ".", "\u3000", "\t", "👨‍👩‍👧", '<a href="x">']
)
WORDY = st.lists(LETTERS, max_size=400).map("".join)
LONG = st.lists(
    st.sampled_from(["法条 " * 300, "。", "a" * 2047, "\n\n", "第一条。" * 200, "📚" * 513, " "]), max_size=6
).map("".join)


def unspaced(text):
    return re.sub(r"\s+", "", text)


def holds(text, most):
    """Every promise of `pieces` at once; gives them."""
    found = pieces(text, most)
    assert all(len(piece.encode()) <= most for piece in found)
    assert all(piece and piece == piece.strip() for piece in found)
    assert unspaced("".join(found)) == unspaced(text)
    at = 0
    for piece in found:  # what lies between two pieces is space
        start = text.index(piece, at)
        assert not text[at:start].strip()
        at = start + len(piece)
    assert not text[at:].strip()
    return found


@settings(max_examples=150, deadline=None)
@given(st.one_of(WORDY, st.text(ANY, max_size=300)), st.sampled_from([8, 20, 64, 500]))
def test_pieces_fit_and_lose_nothing_but_spaces(text, most):
    holds(text, most)


@settings(max_examples=60, deadline=None)
@given(LONG)
def test_pieces_fit_the_messages_of_wecom(text):
    holds(text, MOST_TEXT)


@pytest.mark.parametrize("size", [2047, 2048, 2049, 4096, 6000])
@pytest.mark.parametrize("letter", ["a", "法", "📚", "é"])
def test_text_without_a_place_to_cut_is_cut_between_characters(letter, size):
    text = letter * (size // len(letter.encode()))
    found = holds(text, MOST_TEXT)
    assert "".join(found) == text
    assert all(len(piece.encode()) > MOST_TEXT - 4 for piece in found[:-1])


def test_it_is_cut_at_the_end_of_a_line_else_of_a_sentence_else_at_a_comma():
    assert pieces("第一行。还有\n第二行", 24) == ["第一行。还有", "第二行"]
    assert pieces("第一句话。第二句还没完", 24) == ["第一句话。", "第二句还没完"]
    assert pieces("第一句话，第二句还没完", 24) == ["第一句话，", "第二句还没完"]
    assert pieces("短。一二三四五六七八九十", 24) == ["短。一二三四五六", "七八九十"]


def test_short_text_is_one_piece_and_none_is_none():
    assert pieces(" 今日答题 \n") == ["今日答题"]
    assert pieces(" \n") == pieces("") == []
    assert pieces("法" * 682 + "aa") == ["法" * 682 + "aa"]


def test_a_link_on_a_line_of_its_own_is_never_cut():
    link = f'<a href="https://law.example/wecom/login?to=/{"x" * 300}">考试页面</a>'
    for before in range(0, 1200, 7):
        text = "法" * before + "\n" + link + "\n" + "条" * 100
        assert any(link in piece for piece in pieces(text))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.sampled_from(["法", "a", "📚"]), max_size=30), max_size=12))
def test_neighbours_are_one_message_while_they_fit(texts):
    found = merged(texts, 60)
    assert "\n\n".join(found) == "\n\n".join(texts)
    assert all(len(one.encode()) <= 60 or one in texts for one in found)
    for one, other in pairwise(found):
        assert len(f"{one}\n\n{other}".encode()) > 60


@settings(max_examples=100, deadline=None)
@given(st.one_of(WORDY, st.text(ANY, max_size=60)), st.integers(1, 40))
def test_a_label_is_one_line_of_at_most_so_many_characters(text, most):
    found = short(text, most)
    assert len(found) <= most
    assert "\n" not in found
    assert found == " ".join(text.split()) or found.endswith("…")


def test_a_heading_keeps_its_end():
    whole = "区直机关年度考试 · 第 1/3 题 · 单选题"
    assert heading(whole, 36) == whole
    assert heading(whole, 16) == "第 1/3 题 · 单选题"
    assert heading(whole, 5) == "单选题"
    assert heading(whole, 2) == "单…"


def test_nobody_else_can_write_a_link():
    assert literal('<a href="https://evil.example">考试</a> <A HREF=x> 1 < 2 <b>') == (
        '＜a href="https://evil.example">考试</a> ＜A HREF=x> 1 < 2 <b>'
    )
    assert literal(r"C:\users \u4e00") == r"C:＼users ＼u4e00"


def test_a_link_in_an_article_is_followed_by_its_address():
    article = "见[**司法部** 网站](https://www.moj.gov.cn/x)和 https://example.org 。\n\n第二段"
    assert said(blocks(article)) == ("见司法部 网站 https://www.moj.gov.cn/x 和 https://example.org 。\n\n第二段")


# Markdown. ----------------------------------------------------------------------------------------------------------------


def test_materials_keep_what_the_apps_markdown_knows():
    article = "# 要点\n\n**行政处罚**由`行政机关`实施，见[全文](https://flk.npc.gov.cn/x)。\n\n> 教育与处罚相结合\n\n- 一\n- 二"
    assert marked(blocks(article)) == (
        "**要点**\n\n**行政处罚**由`行政机关`实施，见[全文](https://flk.npc.gov.cn/x)。\n\n> 教育与处罚相结合\n\n• 一\n• 二"
    )


def test_no_text_of_a_material_becomes_a_colour_or_a_mention_of_wecoms():
    assert "<" not in marked(blocks('<font color="warning">红</font> <@all>'))
