"""The exam page, on the real house: saved at each answer with and without a script, gated and timed by the server, silent about keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from storage.tables import attempt, enrolment, response
from tests.channels.web.conftest import SECRET, Clock, Site, serving
from tests.channels.web.real import Real
from tests.engine import QUESTIONS, Engine
from tests.handlers.sitting.exams import exam


@dataclass
class Sitting:
    """张三 before a browser, with the exam of the day open."""

    engine: Engine
    real: Real
    site: Site
    browser: httpx.Client

    def get(self, path: str) -> str:
        return self.browser.get(path, follow_redirects=True).text

    def post(self, path: str, page: str = "", **form: Any) -> httpx.Response:
        key = re.search(r'name="key" value="([^"]+)"', page)
        return self.browser.post(path, data={"key": key[1] if key else "k", **form}, follow_redirects=True)

    def begins(self) -> httpx.Response:
        return self.post(f"/exam/{self.paper}", self.get("/exam"))

    @property
    def paper(self) -> int:
        return int(re.search(r'action="/exam/(\d+)"', self.get("/exam"))[1])

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        return [
            tuple(row) for row in self.engine.read(lambda s: s.rows(select(*columns).order_by(columns[0].table.c.id)))
        ]


@pytest.fixture
def sitting(sqlite) -> Iterator[Sitting]:
    engine = exam(sqlite).at("09:00")
    real = Real(engine)
    real.signs_in("张三", SECRET)
    with serving(real, Clock(), zone="Asia/Shanghai") as site, site.client() as browser:
        yield Sitting(engine, real, site, browser)


def silent(html: str) -> bool:
    """Nothing of the key is in it."""
    return (
        not any(part in html for question in QUESTIONS for part in (question.explain, question.cites[0]))
        and "正确答案" not in html
    )


def test_the_list_says_the_rules_and_one_tap_begins(sitting):
    page = sitting.get("/exam")
    for words in ("年度学法考试", "限时 60 分钟", "取最高分", "本人独立作答，开始考试"):
        assert words in page
    assert sitting.rows(attempt.c.id) == []
    page = sitting.begins()
    assert page.url.path.endswith("/1")
    assert "一、单选题 · 第 1/3 题" in page.text
    assert silent(page.text)
    [(declared, device)] = sitting.rows(attempt.c.declared_at, attempt.c.device)
    assert declared is not None
    assert re.fullmatch(r"[0-9a-f]{16}", device)


def test_every_button_saves_what_is_chosen_and_goes_its_way(sitting):
    paper, page = sitting.paper, sitting.begins()
    page = sitting.post(f"/exam/{paper}/1", page.text, pick="B", go="forth")
    assert page.url.path == f"/exam/{paper}/2"
    assert "选两项以上" in page.text
    page = sitting.post(f"/exam/{paper}/2", page.text, pick=["A", "C"], go="flag")
    assert page.url.path == f"/exam/{paper}/2"
    assert "已标记" in page.text
    assert page.text.count(" checked") == 2
    page = sitting.post(f"/exam/{paper}/2", page.text, pick=["A", "C"], go="back")
    assert 'value="B" autocomplete="off" checked' in page.text
    page = sitting.post(f"/exam/{paper}/1", page.text, pick="A", go="sheet")
    assert page.url.path == f"/exam/{paper}/sheet"
    assert "已答 2/3 题" in page.text
    assert "第 2 题，已答" in page.text
    assert "，已标记" in page.text
    assert "第 3 题，未答" in page.text
    assert sitting.rows(response.c.slot, response.c.serial) == [(0, 0), (1, 0), (0, 1)]
    assert silent(page.text)


def test_nothing_chosen_saves_nothing_and_one_tick_is_refused_in_words(sitting):
    paper, page = sitting.paper, sitting.begins()
    assert sitting.post(f"/exam/{paper}/1", page.text, go="forth").url.path == f"/exam/{paper}/2"
    page = sitting.post(f"/exam/{paper}/2", sitting.get(f"/exam/{paper}/2"), pick="A", go="forth")
    assert page.status_code == 422
    assert "至少选两个" in page.text
    assert sitting.rows(response.c.id) == []


def test_a_form_sent_twice_saves_once(sitting):
    paper, page = sitting.paper, sitting.begins()
    for _ in range(3):
        sitting.post(f"/exam/{paper}/1", page.text, pick="B", go="save")
    assert len(sitting.rows(response.c.id)) == 1


def test_the_script_hears_whether_it_was_saved(sitting):
    paper, page = sitting.paper, sitting.begins()
    headers = {"X-Fragment": "1"}
    saved = sitting.browser.post(f"/exam/{paper}/1", data={"key": "1", "pick": "A", "go": "save"}, headers=headers)
    assert (saved.status_code, saved.text) == (200, "")
    refused = sitting.browser.post(f"/exam/{paper}/2", data={"key": "2", "pick": "A", "go": "save"}, headers=headers)
    assert refused.status_code == 422
    assert "至少选两个" in refused.text
    assert page.status_code == 200


def test_handing_in_asks_first_and_shows_the_score_without_the_key(sitting):
    paper, page = sitting.paper, sitting.begins()
    page = sitting.post(f"/exam/{paper}/1", page.text, pick="A", go="hand_in")
    assert "还有 2 题没有答" in page.text
    assert not sitting.rows(enrolment.c.sat)[0][0]
    page = sitting.post(f"/exam/{paper}/hand-in", page.text)
    assert page.url.path == f"/exam/{paper}"
    assert "您已交卷" in page.text
    assert "截止后公布" in page.text
    assert silent(page.text)
    assert sitting.browser.get(f"/exam/{paper}/review").status_code == 404
    assert sitting.get(f"/exam/{paper}/1") == sitting.get(f"/exam/{paper}/sheet") or "您已交卷" in sitting.get(
        f"/exam/{paper}/1"
    )
    sitting.engine.at("18:01", sitting.engine.house.today(sitting.engine.now) + timedelta(days=1))
    assert not silent(sitting.get(f"/exam/{paper}/review"))


def test_after_the_end_the_page_says_so_and_what_was_saved_counts(sitting):
    paper, page = sitting.paper, sitting.begins()
    sitting.post(f"/exam/{paper}/1", page.text, pick="A", go="forth")
    sitting.engine.now += timedelta(minutes=60, seconds=11)
    page = sitting.post(f"/exam/{paper}/3", page.text, pick="A", go="save")
    assert "正在自动交卷" in page.text
    assert len(sitting.rows(response.c.id)) == 1
    sitting.engine.settle()
    assert "您已交卷" in sitting.get(f"/exam/{paper}")


def test_somebody_elses_paper_and_a_question_that_is_not_there_are_not_found(sitting):
    sitting.begins()
    others = [row[0] for row in sitting.rows(enrolment.c.id)]
    for path in (f"/exam/{max(others)}/1", f"/exam/{max(others)}", "/exam/999/1", f"/exam/{min(others)}/4"):
        assert sitting.browser.get(path, follow_redirects=True).status_code == 404


def test_a_later_joiner_is_looked_up_and_who_has_no_exam_reads_so(sitting):
    sitting.engine.person("新来的", "住建局", channel="")
    sitting.real.signs_in("新来的", "n" * 43)
    with sitting.site.client("n" * 43) as browser:
        assert "现在没有您要参加的考试" in browser.get("/exam").text
        assert "本人独立作答" in browser.post("/exam", data={"key": "x"}, follow_redirects=True).text


# In a browser. -----------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1440])
def test_an_exam_from_the_first_tap_to_the_result_in_a_browser(sitting, chromium, width, tmp_path):
    context = chromium.new_context(viewport={"width": width, "height": 740}, locale="zh-CN")
    context.add_cookies([{"name": "xuefa", "value": SECRET, "url": sitting.site.url}])
    context.set_default_timeout(8000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))

    def fits(name: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} scrolls sideways"
        page.screenshot(path=str(tmp_path / f"{name}-{width}.png"), full_page=True)

    try:
        page.goto(sitting.site.url + "/exam")
        fits("list")
        page.get_by_role("button", name="本人独立作答，开始考试").click()
        page.get_by_text("第 1/3 题").wait_for()
        assert re.match(r"剩 (59|60) 分 \d\d 秒", page.locator("#left").inner_text())
        fits("question")
        page.locator("label.option").nth(1).click()
        page.get_by_text("✓ 已保存").wait_for()
        assert len(sitting.rows(response.c.id)) == 1
        context.set_offline(True)
        page.locator("label.option").nth(2).click()
        page.get_by_text("没有保存，正在重试").wait_for()
        page.get_by_role("button", name="下一题").click()
        assert page.url.endswith("/1")
        context.set_offline(False)
        page.get_by_text("✓ 已保存").wait_for()
        assert sitting.rows(response.c.serial) == [(0,), (1,)]
        page.get_by_role("button", name="下一题").click()
        page.get_by_text("第 2/3 题").wait_for()
        page.get_by_role("button", name="标记").click()
        page.get_by_text("已标记").wait_for()
        page.get_by_role("button", name="答题卡").click()
        page.get_by_text("已答 1/3 题").wait_for()
        fits("sheet")
        page.get_by_role("link", name="交卷").click()
        fits("hand-in")
        page.get_by_role("button", name="确认交卷").click()
        page.get_by_text("您已交卷").wait_for()
        fits("result")
        assert troubles == []
    finally:
        context.close()


@pytest.mark.browser
def test_an_exam_without_a_script_and_at_double_text(sitting, chromium):
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", java_script_enabled=False)
    context.add_cookies([{"name": "xuefa", "value": SECRET, "url": sitting.site.url}])
    context.set_default_timeout(8000)
    page = context.new_page()
    try:
        page.goto(sitting.site.url + "/exam")
        page.get_by_role("button", name="本人独立作答，开始考试").click()
        page.locator("label.option").nth(0).click()
        page.get_by_role("button", name="下一题").click()
        page.get_by_text("第 2/3 题").wait_for()
        assert len(sitting.rows(response.c.id)) == 1
        assert "剩 60 分钟" in page.locator("#left").inner_text()
    finally:
        context.close()
