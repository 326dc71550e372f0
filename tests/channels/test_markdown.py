"""Study materials in Markdown, as Telegram can show them."""

import pytest

from channels.markdown import blocks, web_address
from channels.telegram.richtext import html, parts
from tests.fakes.botapi.markup import parse


def shown(markdown):
    return [html(part) for part in parts(blocks(markdown))]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# 第一章 总则", "<b>第一章 总则</b>"),
        ("**粗**与*斜*与~~删~~与`码`", "<b>粗</b>与<i>斜</i>与<s>删</s>与<code>码</code>"),
        ("**粗*斜*粗**", "<b>粗<i>斜</i>粗</b>"),
        ("**重`码`**", "<b>重</b><code>码</code>"),
        ("一\n二", "一\n二"),
        ("- 甲\n- 乙\n  - 丙", "• 甲\n• 乙\n  • 丙"),
        ("3. 甲\n4. 乙", "3. 甲\n4. 乙"),
        ("> 引\n>\n> **用**", "<blockquote>引\n<b>用</b></blockquote>"),
        ("> 一\n>\n> > 二", "<blockquote>一\n二</blockquote>"),
        ("```\na < b\n```", "<pre>a &lt; b</pre>"),
        ("[法](https://flk.npc.gov.cn/x?a=1&b=2)", '<a href="https://flk.npc.gov.cn/x?a=1&amp;b=2">法</a>'),
        ("[坏](javascript:alert(1)) [本机](http://localhost/x)", "[坏](javascript:alert(1)) 本机"),
        ("![图](https://a.cn/b.png)", "图"),
        ("<script>alert(1)</script> & <b>", "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;"),
        ("| 项 | 数 |\n|---|---|\n| 甲 | 1 |", "<b>项</b> | <b>数</b>\n甲 | 1"),
        ("一\n\n---\n\n二", "一\n\n———\n\n二"),
    ],
)
def test_markdown_becomes_the_html_telegram_knows(markdown, expected):
    assert shown(markdown) == [expected]
    parse(expected)


def test_an_article_with_more_than_a_hundred_bold_words_is_split_before_telegram_drops_them():
    found = shown("\n\n".join(f"**第{n}条**　内容" for n in range(150)))
    assert [part.count("<b>") for part in found] == [100, 50]
    found = shown(" ".join(f"**第{n}条**" for n in range(150)))
    assert sum(part.count("<b>") for part in found) == 150
    assert max(part.count("<b>") for part in found) <= 100


def test_a_long_quotation_stays_a_quotation_in_both_messages():
    found = shown("> " + "一句话。" * 1500)
    assert len(found) == 2
    assert all(part.startswith("<blockquote>") and part.endswith("</blockquote>") for part in found)


def test_only_web_addresses_with_a_dot_are_links():
    assert web_address("https://a.cn/x")
    assert web_address("http://10.0.0.1:8080")
    for bad in (
        "http://localhost",
        "ftp://a.cn",
        "tg://user?id=1",
        "javascript:1",
        "https://",
        "http://[",
        "//a.cn",
        "",
    ):
        assert not web_address(bad)
