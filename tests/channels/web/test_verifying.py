"""The pages that strangers may read, over the wire: the check of a code, and what is recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as having
from datetime import date
from typing import Any

import httpx
import pytest

from channels.web.guards import BURST
from tests.channels.web.conftest import Clock, Site, serving
from tests.channels.web.real import Real
from tests.channels.web.test_browser import OVERFLOW
from tests.engine import QUESTIONS, Engine
from tests.handlers.sitting.exams import EXAM


@dataclass
class Issued:
    """A site on which 张三 has a certificate."""

    engine: Engine
    site: Site
    browser: httpx.Client
    code: str
    asked: list[str] = having(default_factory=list)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.browser.get(path, **more)


@pytest.fixture
def issued(sqlite: Any) -> Iterator[Issued]:
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    engine.person("张三", "住建局")
    engine.person("管理员", "司法局", channel="wecom", role="admin")
    engine.with_plan(EXAM).at("09:00")
    shown = engine.says("张三", "考试")
    engine.presses("张三", shown[-1].choices[0])
    for _ in range(3):
        engine.answers("张三", engine.right("张三"))
    engine.presses("张三", engine.says("张三", "交卷")[0].choices[0])
    engine.at("18:01", date(2026, 11, 24))
    engine.says("张三", "证书")
    engine.settle()
    said = next(p.reply.text for p in engine.delivered() if "查验码" in p.reply.text)
    found = re.search(r"/verify/(\w+)", said)
    assert found
    with serving(Real(engine), Clock(), zone="Asia/Shanghai") as site, site.client(secret=None) as browser:
        yield Issued(engine, site, browser, found[1])


def test_a_scanned_code_says_what_was_issued_and_that_it_stands(issued):
    page = issued.get(f"/verify/{issued.code}")
    assert page.status_code == 200
    for said in ("证书有效", "张*", "住建局", "年度学法考试", "优秀", "2026年11月24日"):
        assert said in page.text
    assert "张三" not in page.text
    assert "no-store" in page.headers["cache-control"]


def test_an_unknown_code_is_a_calm_page_with_the_way_to_type_it_again(issued):
    page = issued.get("/verify/0000000000000000")
    assert page.status_code == 404
    assert "没有查到这个码" in page.text
    assert '<form method="get" action="/verify">' in page.text
    assert issued.get("/verify/%3Cscript%3E").status_code == 404
    assert "<script>" not in issued.get("/verify/%3Cscript%3E").text


def test_a_code_can_be_typed_as_it_is_printed(issued):
    assert "查验码" in issued.get("/verify").text
    typed = "-".join(issued.code[at : at + 4] for at in range(0, 16, 4)).lower()
    page = issued.get("/verify", params={"code": f" {typed} "}, follow_redirects=True)
    assert (page.url.path, "证书有效" in page.text) == (f"/verify/{issued.code.lower()}", True)
    assert issued.get("/verify", params={"code": "！！"}, follow_redirects=True).status_code == 404


def test_a_corrected_result_shows_on_the_page_at_once(issued):
    issued.engine.write(lambda s: s.plain("UPDATE enrolment SET excellent = false"))
    page = issued.get(f"/verify/{issued.code}")
    assert "不再有效" in page.text
    assert "证书有效" not in page.text


def test_trying_codes_is_slowed_down(issued):
    issued.site.clock.step = 0.0
    answers = [issued.get(f"/verify/{number:016d}").status_code for number in range(int(BURST * 10) + 5)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_what_is_recorded_is_a_page_for_everybody_in_both_languages(issued):
    page = issued.get("/privacy").text
    for said in ("记录了您的哪些数据", "不记录：在线时长", "谁能看", "导出我的数据"):
        assert said in page
    assert "What is recorded about you" in issued.get("/privacy", params={"language": "en"}).text
    assert 'href="/privacy"' in issued.get("/").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 360, 1440])
def test_the_pages_fit_a_phone_and_a_screen(issued, chromium, width, tmp_path):
    context = chromium.new_context(viewport={"width": width, "height": 740}, locale="zh-CN")
    page = context.new_page()
    for path in (f"/verify/{issued.code}", "/verify/0000000000000000", "/verify", "/privacy"):
        page.goto(issued.site.url + path)
        assert page.evaluate(OVERFLOW) <= 0, path
        page.screenshot(path=str(tmp_path / f"{path.strip('/').replace('/', '-')[:12]}-{width}.png"), full_page=True)
    context.close()
