"""The chat in a real Chromium of 360 px: pressed, ticked, typed, without script, with the keyboard, at large text."""

from __future__ import annotations

import re

import pytest

from handlers.messages import Choice, Link, Reply
from tests.channels.web.house import FILES, SINGLE

pytestmark = pytest.mark.browser

LARGE = "document.documentElement.style.fontSize = '225%'"  # twice our base of 112.5 %
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => Array.from(document.querySelectorAll('a, button, input:not([type=hidden]), textarea, label.option'))
    .filter(e => e.checkVisibility() && !e.closest('label.option:not(:scope)') && e.id !== 'file' && !e.matches('.skip, p a, li p a'))
    .map(e => [e.outerHTML.slice(0, 90), Math.round(e.getBoundingClientRect().height)])
    .filter(([, height]) => height < 44)"""
PAGES = ["/", "/materials", "/materials/xianfa", "/leave", "/nothing"]


def start(page):
    """Presses 今日答题 and waits for the first question."""
    page.click(".menu button >> nth=0")
    page.wait_for_selector("form.card")


def bubble(page, text):
    return page.locator(".bubble", has_text=text)


def test_one_answers_a_question_by_pressing(open_page, memory):
    page = open_page()
    start(page)
    page.click("text=不予行政处罚")
    bubble(page, "您的答案：A").wait_for()
    assert memory.answered == {"q1": "A"}
    assert page.locator("form.card").count() == 1  # the next question; the old one is no longer there to press
    assert page.locator("button.option").count() == 0
    assert bubble(page, "您的答案：A").evaluate("e => e === document.activeElement")
    assert page.troubles == []


def test_one_ticks_several_and_submits(open_page, memory):
    memory.answered["q1"] = "A"
    page = open_page()
    start(page)
    for letter in "DAC":
        page.click(f"label.option:has(input[value={letter}])")
    page.click("text=选好了，提交")
    bubble(page, "您的答案：ACD").wait_for()
    assert memory.answered["q2"] == "ACD"


def test_submitting_without_a_tick_says_what_to_do_and_keeps_the_card(open_page, memory):
    memory.answered["q1"] = "A"
    page = open_page()
    start(page)
    page.click("text=选好了，提交")
    page.wait_for_selector(".status.failed >> text=请至少选一项")
    assert page.locator("label.option input").first.is_enabled()
    assert page.locator(".retry").count() == 0


def test_one_fills_a_blank(open_page, memory):
    memory.answered |= {"q1": "A", "q2": "ACD"}
    page = open_page()
    start(page)
    page.fill(".blank input", "12月4日")
    page.click(".card .primary")
    bubble(page, "您的答案：12月4日").wait_for()
    assert page.locator("form.card").count() == 0


def test_a_card_answered_by_typing_no_longer_looks_pressable(open_page, memory):
    page = open_page()
    start(page)
    page.fill("#text", "a")
    page.press("#text", "Enter")
    page.wait_for_selector("form.card.shut")
    assert memory.heard[-1].text == "a"
    assert page.locator("form.card.shut button").first.is_disabled()
    assert page.locator("form.card:not(.shut)").count() == 1
    assert page.input_value("#text") == ""


def test_deliveries_arrive_by_themselves_and_once(open_page, memory):
    memory.deliver(Reply("先前的通知"))
    page = open_page()
    with page.expect_request("**/stream*"):
        page.reload()
    memory.deliver(Reply("今天有新题", card=SINGLE, choices=(Choice("稍后", "稍后"),)))
    bubble(page, "今天有新题").wait_for()
    assert bubble(page, "先前的通知").count() == 1
    page.click("text=不予行政处罚")
    bubble(page, "您的答案：A").wait_for()
    assert memory.heard[-1].origin == "d2"
    assert bubble(page, "今天有新题").count() == 0
    assert {outcome.id for outcome in memory.settled} == {1, 2}


def test_everything_can_be_answered_without_script(open_page, memory):
    page = open_page(java_script_enabled=False)
    page.click(".menu button >> nth=0")
    page.click("text=不予行政处罚")
    for letter in "ACD":
        page.check(f"input[value={letter}]")
    page.click("text=选好了，提交")
    page.fill(".blank input", "12月4日")
    page.click(".card .primary")
    assert memory.answered == {"q1": "A", "q2": "ACD", "q3": "12月4日"}
    assert bubble(page, "今天的题做完了").is_visible()
    assert page.locator("form.card").count() == 0
    memory.deliver(Reply("新的通知"))
    page.click(".refresh button")
    assert bubble(page, "新的通知").is_visible()


def test_one_gets_in_without_script(open_page):
    page = open_page("/join/token-1", secret=None, java_script_enabled=False)
    page.fill("#digits", "1234")
    page.click("text=是我，进入")
    assert page.locator("#text").is_visible()
    page.click("text=退出")
    page.click("text=确定退出")
    assert page.locator("text=请打开单位联络员发给您的邀请链接").is_visible()


def test_the_keyboard_alone_is_enough(open_page, memory):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.type("今日答题")
    page.keyboard.press("Enter")
    page.wait_for_selector("form.card")
    page.keyboard.type("B")
    page.keyboard.press("Enter")
    bubble(page, "您的答案：B").wait_for()
    page.locator("label.option input").first.focus()
    page.keyboard.press("Space")
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    bubble(page, "您的答案：A").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "text"  # on to the next question from where one was
    assert memory.answered == {"q1": "B", "q2": "A"}


def test_a_double_click_is_one_answer(open_page, memory):
    page = open_page()
    start(page)
    page.dblclick("text=不予行政处罚")
    bubble(page, "您的答案：A").wait_for()
    assert [heard.action for heard in memory.heard] == ["今日答题", "=q1:A"]


def test_what_was_not_recorded_says_so_and_is_repeated_by_pressing(open_page, memory):
    page = open_page()
    start(page)
    memory.broken = 1
    page.click("text=不予行政处罚")
    page.wait_for_selector(".status.failed >> text=没有记下，请再按一次")
    assert "正确" not in page.inner_text("#log")
    page.click(".retry")
    bubble(page, "您的答案：A").wait_for()
    assert page.locator(".failed").count() == 0


def test_an_answer_lost_on_the_way_back_is_not_recorded_twice(open_page, memory):
    page = open_page()

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/say", lose, times=1)
    page.fill("#text", "投诉：太吵")
    page.click(".send")
    page.wait_for_selector(".mine .failed")
    page.click(".retry")
    page.wait_for_selector(".theirs")
    assert [heard.text for heard in memory.heard] == ["投诉：太吵"]
    assert bubble(page, "投诉：太吵").count() == 2  # one's own, and the reply that quotes it


def test_without_a_network_nothing_is_ticked(open_page, memory):
    page = open_page()
    page.context.set_offline(True)
    page.fill("#text", "你好")
    page.click(".send")
    page.wait_for_selector(".mine .failed >> text=没有记下")
    page.context.set_offline(False)
    page.click(".retry")
    bubble(page, "没有听懂").wait_for()
    assert len(memory.heard) == 1


def test_a_file_is_attached(open_page, memory):
    page = open_page()
    page.set_input_files("#file", {"name": "名册.csv", "mimeType": "text/csv", "buffer": b"a,b"})
    assert page.inner_text(".attach") == "名册.csv"
    page.click(".send")
    bubble(page, "收到文件 名册.csv").wait_for()
    assert memory.heard[0].file.content == b"a,b"


def test_an_ended_session_is_told_how_to_get_in(open_page, memory):
    page = open_page()
    memory.people.clear()
    page.fill("#text", "你好")
    page.click(".send")
    page.wait_for_selector("text=请打开单位联络员发给您的邀请链接")


def test_what_people_wrote_does_not_run(open_page, memory):
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    page = open_page()
    page.on("dialog", lambda dialog: pytest.fail("it ran"))
    page.fill("#text", evil)
    page.click(".send")
    bubble(page, "没有听懂").wait_for()
    memory.deliver(Reply(evil, article=evil, links=(Link(evil, "javascript:alert(3)"),)))
    page.wait_for_selector("#d1")
    assert page.locator("#log img, #log script, #log a").count() == 0
    assert page.troubles == []


def full(memory):
    """A chat with everything a reply can hold."""
    article = (
        "# 要点\n\n> 引用\n\n"
        "| 单位 | 应考人数 | 实考人数 | 参考率 | 合格率 |\n|-|-|-|-|-|\n| 住房和城乡建设局 | 186 | 184 | 98.92% | 99.45% |\n"
    )
    memory.deliver(
        Reply("一段很长的地址https://example.gov.cn/" + "a" * 120, article=article, files=(FILES[1], FILES[2]))
    )
    memory.deliver(
        Reply(
            "看",
            links=(Link("打印成绩汇总表", "https://x.cn/"),),
            choices=tuple(Choice(t, t) for t in ("今日答题", "为什么给我发这个")),
        )
    )
    memory.deliver(Reply("", card=SINGLE))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["base", "200%"])
def test_nothing_runs_over_the_edge_of_a_small_screen(open_page, memory, site, language, large):
    full(memory)
    memory.sign_in("e" * 43, language=language, name="欧阳建国")
    page = open_page(secret="e" * 43)
    for path in [*PAGES, "/join/token-1", "/enter/code-2"]:
        page.goto(site.url + path)
        if large:
            page.evaluate(LARGE)
        assert page.evaluate(OVERFLOW) <= 0, path


def test_at_large_text_the_bars_leave_the_screen_to_the_question(open_page):
    page = open_page()
    assert page.locator("html.fits").count() == 1
    page.evaluate(LARGE)
    page.wait_for_selector("html:not(.fits)")
    start(page)
    page.click("text=不予行政处罚")
    bubble(page, "您的答案：A").wait_for()


@pytest.mark.parametrize("script", [True, False])
def test_everything_to_press_is_large_enough_for_a_thumb(open_page, memory, site, script):
    full(memory)
    page = open_page(java_script_enabled=True)
    if not script:
        page.route("**/chat.js*", lambda route: route.abort())
    for path in PAGES:
        page.goto(site.url + path)
        assert page.evaluate(SMALL) == [], path


def test_the_chat_in_english(open_page, memory):
    page = open_page()
    page.click("text=English")
    assert page.get_attribute("html", "lang") == "en"
    assert page.inner_text(".send") == "Send"
    text = page.inner_text(".top") + page.inner_text("#composer")
    assert re.findall(r"[一-鿿]+", text.replace("张三", "").replace("中文", "")) == []
    page.click("text=中文")
    assert page.get_attribute("html", "lang") == "zh-CN"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, memory, site, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    full(memory)
    memory.answered["q1"] = "A"
    page = open_page(color_scheme=scheme)
    start(page)
    found = {}
    for path in ["", *PAGES[1:], "/join/token-1"]:
        if path:
            page.goto(site.url + path)
        for violation in axe.run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found[path, violation["id"]] = [node["html"][:120] for node in violation["nodes"]]
    page.context.clear_cookies()
    for path in ["/", "/join/token-1"]:
        page.goto(site.url + path)
        for violation in axe.run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found[path + "(out)", violation["id"]] = [node["html"][:120] for node in violation["nodes"]]
    assert found == {}


def test_it_prints_what_was_said_without_what_is_pressed(open_page, memory):
    memory.deliver(Reply("截至12月4日", choices=(Choice("好", "好"),)))
    page = open_page()
    page.emulate_media(media="print")
    assert bubble(page, "截至12月4日").is_visible()
    assert not page.locator(".bottom").is_visible()
    assert not page.locator(".choices").is_visible()
