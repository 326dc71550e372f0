"""The exam page in a real Chromium: with and without a script, off and on the network, at the end of the time, on small and large screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from quizzes.plans import Draw
from quizzes.questions import Kind
from storage.tables import response
from tests.channels.web.conftest import SECRET, Clock, serving
from tests.channels.web.real import Real
from tests.channels.web.test_browser import LARGE, OVERFLOW, SMALL
from tests.channels.web.test_exam import Sitting, sitting
from tests.engine import BLANK, QUESTIONS
from tests.handlers.sitting.exams import CASE, EXAM, exam

__all__ = ["sitting"]
pytestmark = pytest.mark.browser
Opened = Callable[..., Any]


@pytest.fixture
def opened(chromium: Any) -> Iterator[Opened]:
    """Opens the browser of 张三 at the list of exams; keywords are Playwright's for a context."""
    contexts = []

    def open_at(sat: Sitting, **settings: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 360, "height": 740}, "locale": "zh-CN", **settings})
        context.set_default_timeout(20_000)
        contexts.append(context)
        context.add_cookies([{"name": "xuefa", "value": SECRET, "url": sat.site.url}])
        page = context.new_page()
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.goto(sat.site.url + "/exam")
        return page

    yield open_at
    for context in contexts:
        context.close()


@pytest.fixture
def every_kind(sqlite: Any) -> Iterator[Sitting]:
    """张三 before an exam with a blank and a case in it."""
    draw = (*EXAM.draw, Draw(1, Kind.BLANK), Draw(1, Kind.CASE))
    engine = exam(sqlite, replace(EXAM, draw=draw), (*QUESTIONS, BLANK, CASE)).at("09:00")
    real = Real(engine)
    real.signs_in("张三", SECRET)
    with serving(real, Clock(), zone="Asia/Shanghai") as site, site.client() as browser:
        yield Sitting(engine, real, site, browser)


def presses(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def begins(page: Any) -> None:
    presses(page, "本人独立作答，开始考试")
    page.get_by_text("第 1/").wait_for()


def counts_down(page: Any) -> None:
    left = page.locator("#left", has_text="秒")
    left.wait_for()
    assert re.match(r"剩 (59|60) 分 \d\d 秒", left.inner_text())


def answers(sat: Sitting) -> list[tuple[Any, ...]]:
    return sat.rows(response.c.slot, response.c.serial)


@pytest.mark.parametrize("width", [360, 1440])
def test_an_exam_from_the_first_tap_to_the_result(sitting, opened, width, tmp_path):
    page = opened(sitting, viewport={"width": width, "height": 740})

    def fits(name: str) -> None:
        assert page.evaluate(OVERFLOW) <= 0, f"{name} scrolls sideways"
        page.screenshot(path=str(tmp_path / f"{name}-{width}.png"), full_page=True)

    fits("list")
    begins(page)
    counts_down(page)
    fits("question")
    page.locator("label.option").nth(1).click()
    page.get_by_text("✓ 已保存").wait_for()
    page.locator("label.option").nth(2).click()
    page.locator("label.option").nth(1).click()
    presses(page, "下一题")
    page.get_by_text("第 2/3 题").wait_for()
    page.locator("label.option").nth(0).click()
    page.get_by_text("多选题选两项以上才保存").wait_for()
    page.locator("label.option").nth(1).click()
    page.get_by_text("✓ 已保存").wait_for()
    presses(page, "标记")
    page.get_by_text("已标记").wait_for()
    fits("flagged")
    presses(page, "答题卡")
    page.get_by_text("已答 2/3 题，标记 1 题").wait_for()
    fits("sheet")
    page.get_by_role("link", name="第 1 题，已答").click()
    assert page.locator("label.option input").nth(1).is_checked()
    presses(page, "交卷")
    page.get_by_text("还有 1 题没有答").wait_for()
    fits("hand-in")
    presses(page, "确认交卷")
    page.get_by_text("您已交卷").wait_for()
    fits("result")
    assert page.troubles == []


def test_off_the_network_nothing_is_called_saved_and_going_on_waits_for_it(sitting, opened, tmp_path):
    page = opened(sitting)
    begins(page)
    page.locator("label.option").nth(1).click()
    page.get_by_text("✓ 已保存").wait_for()
    page.context.set_offline(True)
    page.locator("label.option").nth(2).click()
    page.get_by_text("没有保存，正在重试").wait_for()
    assert page.get_by_text("✓ 已保存").count() == 0
    page.screenshot(path=str(tmp_path / "offline.png"), full_page=True)
    presses(page, "交卷")
    assert page.url.endswith("/1")
    assert answers(sitting) == [(0, 0)]
    page.context.set_offline(False)
    page.get_by_text("还有 2 题没有答").wait_for()
    assert answers(sitting) == [(0, 0), (0, 1)]
    page.context.set_offline(True)
    presses(page, "确认交卷")
    page.get_by_text("现在没有网络").wait_for()
    page.context.set_offline(False)
    presses(page, "确认交卷")
    page.get_by_text("您已交卷").wait_for()


def test_a_choice_made_before_the_script_has_arrived_is_saved_too(sitting, opened):
    page = opened(sitting)
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/static/exam.js*", hold)
    page.get_by_role("button", name="本人独立作答，开始考试").click(no_wait_after=True)
    page.locator("label.option").nth(1).click()
    page.locator("label.option input:checked").wait_for()
    assert answers(sitting) == []
    held[0].continue_()
    page.get_by_text("✓ 已保存").wait_for()
    assert answers(sitting) == [(0, 0)]


def test_choices_made_faster_than_they_are_saved_end_with_the_last(sitting, opened):
    page = opened(sitting)
    begins(page)
    for number in (0, 1, 2, 3, 0, 1, 0):
        page.locator("label.option").nth(number).click()
    presses(page, "下一题")
    page.get_by_text("第 2/3 题").wait_for()
    presses(page, "上一题")
    page.get_by_text("第 1/3 题").wait_for()
    assert page.locator("label.option input").nth(0).is_checked()
    assert page.troubles == []


def test_an_answer_lost_on_the_way_back_is_sent_again_and_saved_once(sitting, opened):
    page = opened(sitting)
    begins(page)

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/exam/*/1", lose, times=1)
    page.locator("label.option").nth(1).click()
    page.get_by_text("没有保存，正在重试").wait_for()
    page.get_by_text("✓ 已保存").wait_for()
    assert answers(sitting) == [(0, 0)]


def test_signed_out_meanwhile_one_is_told_and_nothing_is_called_saved(sitting, opened):
    page = opened(sitting)
    begins(page)
    sitting.browser.post("/leave")
    page.locator("label.option").nth(1).click()
    page.get_by_text("请打开单位联络员发给您的邀请链接").wait_for()
    assert answers(sitting) == []


def test_the_last_minutes_are_announced_and_the_end_leads_to_the_result(sitting, opened, tmp_path):
    sitting.begins()
    sitting.engine.now += timedelta(minutes=54, seconds=58)
    page = opened(sitting)
    page.clock.install()
    page.goto(f"{sitting.site.url}/exam/{sitting.paper}/1")
    assert page.locator("#soon").is_hidden()
    page.clock.run_for(4000)
    page.get_by_text("剩余时间不到 5 分钟").wait_for()
    assert page.locator("#soon").get_attribute("role") == "alert"
    page.locator("label.option").nth(1).click()
    page.clock.run_for(500)
    page.get_by_text("✓ 已保存").wait_for()
    page.screenshot(path=str(tmp_path / "soon.png"), full_page=True)
    page.clock.run_for(240_000)
    page.get_by_text("剩余时间不到 1 分钟").wait_for()
    page.locator("label.option").nth(2).click()
    page.clock.run_for(60_000)
    page.get_by_text("正在自动交卷").wait_for()
    assert page.locator("#left").inner_text() == "剩 0 分 00 秒"
    assert page.get_by_role("button", name="下一题").is_disabled()
    sitting.engine.now += timedelta(minutes=6)
    sitting.engine.settle()
    page.clock.run_for(12_000)
    page.get_by_text("您已交卷").wait_for()
    assert answers(sitting) == [(0, 0), (0, 1)]
    assert page.troubles == []


def test_the_time_left_does_not_believe_the_clock_of_the_phone(sitting, opened):
    sitting.begins()
    page = opened(sitting)
    page.clock.set_fixed_time("2031-01-01T00:00:00Z")
    page.goto(f"{sitting.site.url}/exam/{sitting.paper}/1")
    counts_down(page)


def test_without_a_script_the_buttons_do_everything(every_kind, opened):
    page = opened(every_kind, java_script_enabled=False)
    begins(page)
    for number, kind in enumerate(("radio", "checkbox", "radio", "text", "radio", "radio"), 1):
        page.get_by_text(f"第 {number}/6 题").wait_for()
        assert "剩 60 分钟" in page.locator("#left").inner_text()
        if kind == "text":
            page.fill("input[name=text]", "二十日")
        else:
            for box in page.locator(f"input[type={kind}]").all()[: 2 if kind == "checkbox" else 1]:
                box.check()
        presses(page, "下一题" if number < 6 else "检查")
    page.get_by_text("已答 6/6 题").wait_for()
    page.get_by_role("link", name="交卷").click()
    presses(page, "确认交卷")
    page.get_by_text("您已交卷").wait_for()
    assert len(answers(every_kind)) == 6


def pages(sat: Sitting) -> list[str]:
    """Every page of an exam that is under way."""
    base = f"/exam/{sat.paper}"
    return ["/exam", *(f"{base}/{number}" for number in range(1, 7)), f"{base}/sheet", f"{base}/hand-in"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_fits_a_small_screen_at_double_text_and_is_for_thumbs(every_kind, opened, language):
    page = opened(every_kind)
    every_kind.begins()
    if language == "en":
        every_kind.browser.post("/say", data={"action": "/language en"})
    every_kind.browser.post(f"/exam/{every_kind.paper}/2", data={"key": "1", "pick": ["A", "B"], "go": "flag"})
    for path in pages(every_kind):
        page.goto(every_kind.site.url + path)
        assert page.evaluate(SMALL) == [], path
        assert page.get_attribute("html", "lang") == ("en" if language == "en" else "zh-CN")
        page.evaluate(LARGE)
        assert page.evaluate(OVERFLOW) <= 0, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(every_kind, opened, scheme, tmp_path):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    page = opened(every_kind, color_scheme=scheme)
    found = {}

    def look(path: str) -> None:
        page.goto(every_kind.site.url + path)
        page.screenshot(path=str(tmp_path / f"{scheme}{path.replace('/', '-')}.png"), full_page=True)
        for violation in axe.run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found[path, violation["id"]] = [node["html"][:120] for node in violation["nodes"]]

    look("/exam")
    every_kind.begins()
    paper = every_kind.paper
    for path in pages(every_kind):
        look(path)
    every_kind.post(f"/exam/{paper}/1", pick="A", go="flag")
    look(f"/exam/{paper}/sheet")
    every_kind.post(f"/exam/{paper}/hand-in")
    look(f"/exam/{paper}")
    every_kind.engine.at("18:01", every_kind.engine.house.today(every_kind.engine.now) + timedelta(days=1))
    look("/exam")
    look(f"/exam/{paper}/review")
    assert found == {}


def test_the_keyboard_alone_is_enough(sitting, opened):
    page = opened(sitting)
    begins(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "pick"
    page.keyboard.press("Space")
    page.get_by_text("✓ 已保存").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "forth"
    page.keyboard.press("Enter")
    page.get_by_text("第 2/3 题").wait_for()
    assert answers(sitting) == [(0, 0), (0, 1)]
