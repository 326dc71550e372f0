"""Replies become HTML in which nothing a person wrote can act."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.web.rendering import Bubble, Renderer, web_link
from handlers.messages import Choice, Link, QuestionCard, Reply
from handlers.words import LANGUAGES, words
from tests.channels.web.house import AT, FILES, MULTIPLE, SINGLE, web_words

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


@pytest.fixture
def renderer() -> Renderer:
    return Renderer(
        web_words, zone="Asia/Shanghai", now=lambda: datetime(2026, 12, 4, 2, tzinfo=UTC), fresh=lambda: "key"
    )


def html(renderer: Renderer, reply: Reply, **settings: bool) -> str:
    return renderer.bubbles("zh", [Bubble("b1", AT, reply, **settings)])


def test_every_sentence_is_there_in_both_languages_with_the_same_placeholders():
    by_language = [{k: v for k, v in words(language).items() if k.startswith("web.")} for language in LANGUAGES]
    chinese, english = ({k: sorted(set(_holes(v))) for k, v in found.items()} for found in by_language)
    assert chinese == english
    assert all("!" not in v and "！" not in v for found in by_language for v in found.values())


def _holes(sentence: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(sentence) if name]


def test_what_people_wrote_stays_text_everywhere(renderer):
    card = QuestionCard(EVIL, EVIL, (EVIL,), multiple=True, token=EVIL, submit_label=EVIL)
    reply = Reply(
        EVIL, card=card, choices=(Choice(EVIL, EVIL),), links=(Link(EVIL, "https://x.cn/" + EVIL),), article=EVIL
    )
    for shown in (
        html(renderer, reply),
        html(renderer, reply, open=False),
        renderer.bubbles("en", [Bubble(EVIL, AT, reply, mine=True)]),
    ):
        assert "<script" not in shown
        assert "<img src=x" not in shown
        assert "\"'" not in shown


def test_an_article_is_markdown_without_html_pictures_or_script_links(renderer):
    shown = renderer.article(
        "# 题\n\n**重**\n\n<b>x</b>\n\n[a](javascript:alert(1))\n\n![p](https://x.cn/p.png)\n\n|甲|\n|-|\n|1|"
    )
    assert "<h2>题</h2>" in shown
    assert "<strong>重</strong>" in shown
    assert "<b>" not in shown
    assert 'href="javascript' not in shown
    assert "<img" not in shown
    assert "<table>" in shown


def test_a_single_choice_is_buttons_that_say_their_answer(renderer):
    shown = html(renderer, Reply("", card=SINGLE))
    assert shown.count('class="option" name="action"') == 4
    assert 'value="=q1:A"' in shown
    assert 'value="b1"' in shown  # the origin


def test_a_multiple_choice_is_boxes_of_which_the_chosen_are_ticked(renderer):
    shown = html(renderer, Reply("", card=QuestionCard("h", "s", ("甲", "乙"), multiple=True, token="t", chosen="B")))
    assert shown.count('type="checkbox"') == 2
    assert shown.index('value="B"') < shown.index("checked") < shown.index("乙")


def test_a_closed_card_has_nothing_to_press(renderer):
    shown = html(renderer, Reply("", card=MULTIPLE), open=False)
    assert "行政拘留" in shown
    assert "<form" not in shown
    assert "<button" not in shown
    assert "<input" not in shown


def test_pictures_are_shown_and_other_files_offered(renderer):
    shown = html(renderer, Reply("", files=(FILES[1], FILES[2])))
    assert '<img src="/files/1" alt="图片：各单位参考率.png"' in shown
    assert 'href="/files/2" download' in shown


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.cn/x", "ftp://x.cn", "https:", "x", "JAVASCRIPT:1"]
)
def test_links_that_are_no_web_addresses_are_not_linked(url, renderer):
    assert web_link(url) == ""
    assert "<a" not in html(renderer, Reply("看", links=(Link("标签", url),)))


@pytest.mark.parametrize("url", ["https://flk.npc.gov.cn/a?b=c", "http://10.0.0.1:8080/x", "/materials/a"])
def test_web_addresses_are_links(url):
    assert web_link(url) == url


@pytest.mark.parametrize(
    ("at", "chinese", "english"),
    [
        ("2026-12-04T01:05:00+00:00", "09:05", "09:05"),
        ("2026-12-03T15:59:00", "12月3日 23:59", "12-03 23:59"),
        ("2026-12-03T16:01:00Z", "00:01", "00:01"),
        ("2025-01-02T00:00:00+00:00", "2025年1月2日 08:00", "2025-01-02 08:00"),
    ],
)
def test_times_are_the_deployments_and_dated_unless_today(renderer, at, chinese, english):
    assert renderer.when("zh", at) == chinese
    assert renderer.when("en", at) == english


def test_a_missing_sentence_is_a_bug_and_an_unknown_code_is_none(renderer):
    assert renderer.error("zh", "nothing_like_it", {}) is None
    assert renderer.error("en", "not_allowed", {}) == "You may not see this page."
    with pytest.raises(KeyError):
        renderer.say("zh", "nothing_like_it")


def test_the_houses_own_sentence_for_an_error_comes_first():
    sentences = {"errors.closed": "{round}已经结束。", "web.closed": "结束"}
    renderer = Renderer(lambda language: sentences, zone="Asia/Shanghai", now=lambda: datetime.now(UTC), fresh=str)
    assert renderer.error("zh", "closed", {"round": "第3期"}) == "第3期已经结束。"
