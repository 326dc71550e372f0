"""Styled text as Telegram's HTML, in messages that Telegram takes whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.richtext import Run, plain
from channels.telegram.richtext import GAP, MOST_CHARACTERS, MOST_ENTITIES, html, parts
from tests.fakes.botapi.markup import parse


def text(part) -> str:
    return "".join(run.text for run in part)


@pytest.mark.parametrize(("runs", "expected"), [
    ([], ""),
    ([Run("a < b & \"c\"")], "a &lt; b &amp; \"c\""),
    ([Run("重", ("b",)), Run("轻")], "<b>重</b>轻"),
    ([Run("一", ("b",)), Run("二", ("b", "i")), Run("三", ("b",))], "<b>一<i>二</i>三</b>"),
    ([Run("一", ("b",)), Run("二", ("i",))], "<b>一</b><i>二</i>"),
    ([Run("法", ("a:https://a.cn/?x=1&y=\"2\"",))], '<a href="https://a.cn/?x=1&amp;y=&quot;2&quot;">法</a>'),
    ([Run("一", ("a:https://a.cn/",)), Run("二", ("a:https://b.cn/",))], '<a href="https://a.cn/">一</a><a href="https://b.cn/">二</a>'),
], ids=str)  # fmt: skip
def test_runs_become_html_whose_tags_nest(runs, expected):
    assert html(runs) == expected
    parse(expected)


def test_short_blocks_are_one_message_with_empty_lines_between():
    assert parts(plain("一\n\n二")) == [(Run("一"), GAP, Run("二"))]


@pytest.mark.parametrize("blocks", [[], [()], [(Run(""),)], [(Run(" \n"),)]], ids=str)
def test_nothing_to_say_is_no_message(blocks):
    assert parts(blocks) == []


def test_messages_are_cut_between_blocks():
    found = parts([(Run("一" * 3000),), (Run("二" * 1000),), (Run("三" * 3000),)])
    assert [len(text(part)) for part in found] == [4002, 3000]


@pytest.mark.parametrize(("size", "messages"), [(4096, 1), (4097, 2), (3 * 4096, 3), (3 * 4096 + 1, 4)])
def test_a_block_without_any_mark_is_cut_where_it_must_be(size, messages):
    found = parts([(Run("字" * size),)])
    assert len(found) == messages
    assert sum(len(text(part)) for part in found) == size


@pytest.mark.parametrize("mark", ["\n", "。", "；", "，", " "])
def test_a_long_block_is_cut_at_the_end_of_a_line_a_sentence_or_a_word(mark):
    found = parts([(Run(("字" * 99 + mark) * 60),)])
    assert all(text(part).endswith(mark) for part in found)


def test_a_line_is_a_better_place_to_cut_than_a_later_sentence():
    found = parts([(Run("字" * 3000 + "\n" + "字" * 500 + "。" + "字" * 2000),)])
    assert text(found[0]).endswith("\n")


def test_an_early_mark_is_no_reason_for_a_short_message():
    found = parts([(Run("字" * 100 + "\n" + "字" * 5000),)])
    assert len(text(found[0])) == MOST_CHARACTERS


def test_more_styles_than_telegram_keeps_are_cut_into_another_message():
    block = tuple(Run("重", ("b",)) if number % 2 else Run("轻") for number in range(2 * MOST_ENTITIES + 2))
    found = parts([block])
    assert [html(part).count("<b>") for part in found] == [100, 1]


def test_neighbours_of_one_style_are_one_entity():
    assert len(parts([tuple(Run("重", ("b",)) for _ in range(500))])) == 1


styles = st.lists(st.sampled_from(["b", "i", "s", "a:https://a.cn/"]), unique=True, max_size=3).map(tuple)
runs = st.builds(Run, st.text(alphabet="字a。 \n<&", max_size=60).map(lambda few: few * 40), styles)


@given(st.lists(st.lists(runs, max_size=8).map(tuple), max_size=5))
def test_whatever_is_cut_fits_and_nothing_is_lost_but_empty_space(blocks):
    found = parts(blocks)
    for part in found:
        assert len(text(part)) <= MOST_CHARACTERS
        shown, entities = parse(html(part))
        assert shown.strip() == text(part).strip()
        assert len(entities) <= MOST_ENTITIES
    assert "".join("".join(map(text, found)).split()) == "".join("".join(map(text, blocks)).split())
