"""The exam page, on the real house: saved at each answer with and without a script, gated and timed by the server, silent about keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from quizzes.plans import Draw
from quizzes.questions import Kind
from storage.tables import attempt, enrolment, response
from tests.channels.web.conftest import SECRET, Clock, Site, serving
from tests.channels.web.real import Real
from tests.engine import BLANK, QUESTIONS, Engine
from tests.handlers.sitting.exams import EXAM, exam


@dataclass
class Sitting:
    """张三 before a browser, with the exam of the day open."""

    engine: Engine
    real: Real
    site: Site
    browser: httpx.Client

    def get(self, path: str) -> str:
        return self.browser.get(path, follow_redirects=True).text

    def saves(self, number: int, pick: str, given: int | str = "", key: str = "one page") -> httpx.Response:
        """What the script of a page sends, under the same key as long as the page is open."""
        form = {"key": key, "pick": list(pick), "given": given, "go": "save"}
        return self.browser.post(f"/exam/{self.paper}/{number}", data=form, headers={"X-Fragment": "1"})

    def post(self, path: str, page: str = "", **form: Any) -> httpx.Response:
        key = re.search(r'name="key" value="([^"]+)"', page)
        return self.browser.post(path, data={"key": key[1] if key else "k", **form}, follow_redirects=True)

    def begins(self) -> httpx.Response:
        return self.post(f"/exam/{self.paper}", self.get("/exam"))

    @property
    def paper(self) -> int:
        return int(re.search(r'"/exam/(\d+)[/"]', self.get("/exam"))[1])

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
    sitting.begins()
    saved = sitting.saves(1, "A", 0)
    assert (saved.status_code, saved.json()) == (200, {"given": 1, "trouble": "", "over": ""})
    refused = sitting.saves(2, "A", 0)
    assert refused.status_code == 422
    assert "至少选两个" in refused.json()["trouble"]


def test_a_choice_taken_back_and_made_again_on_the_same_page_is_what_counts(sitting):
    sitting.begins()
    for given, pick in enumerate("ABAA"):
        assert sitting.saves(1, pick, given).json()["given"] == min(given + 1, 3)
    page = sitting.get(f"/exam/{sitting.paper}/1")
    assert 'value="A" autocomplete="off" checked' in page
    assert sitting.rows(response.c.serial) == [(0,), (1,), (2,)]


def test_a_choice_that_got_stuck_on_its_way_does_not_take_the_place_of_a_newer_one(sitting):
    sitting.begins()
    sitting.saves(1, "B", 0)
    stuck = sitting.saves(1, "A", 0)
    assert (stuck.status_code, stuck.json()) == (409, {"given": 1})
    assert len(sitting.rows(response.c.id)) == 1


def test_what_the_house_could_not_record_is_said_and_shown_as_it_was_chosen(sitting, monkeypatch):
    paper, page = sitting.paper, sitting.begins()

    async def fails(_incoming: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(sitting.real, "taken", fails)
        told = sitting.saves(1, "C", 0)
        assert (told.status_code, told.json()["given"]) == (503, 0)
        shown = sitting.post(f"/exam/{paper}/1", page.text, pick="C", go="forth")
        assert shown.status_code == 503
        assert "没有记下，请再按一次" in shown.text
        assert 'role="status"></p>' in shown.text  # no word about having saved
        assert 'value="C" autocomplete="off" checked' in shown.text
    assert sitting.post(f"/exam/{paper}/1", shown.text, pick="C", go="forth").url.path == f"/exam/{paper}/2"
    assert len(sitting.rows(response.c.id)) == 1


def test_a_blank_is_filled_corrected_and_kept_under_other_widths(sqlite):
    plan = replace(EXAM, draw=(Draw(1, Kind.BLANK),))
    engine = exam(sqlite, plan, (BLANK,)).at("09:00")
    real = Real(engine)
    real.signs_in("张三", SECRET)
    with serving(real, Clock(), zone="Asia/Shanghai") as site, site.client() as browser:
        blank = Sitting(engine, real, site, browser)
        page = blank.begins()
        assert 'name="text"' in page.text
        path = f"/exam/{blank.paper}/1"
        for text, status in (("二十日", 200), (" 二十日 ", 200), ("20", 200), ("２０", 200), ("\u200b", 422)):
            form = {"key": "k", "text": text, "go": "save"}
            assert browser.post(path, data=form, headers={"X-Fragment": "1"}).status_code == status, text
        assert [answer for (answer,) in blank.rows(response.c.answer)] == [["二十日"], ["20"]]
        assert 'value="20"' in blank.get(path)


def test_what_happens_on_this_page_does_not_fill_the_chat(sitting):
    paper, page = sitting.paper, sitting.begins()
    sitting.post(f"/exam/{paper}/1", page.text, pick="A", go="flag")
    assert "已记录" not in sitting.get("/")
    sitting.post(f"/exam/{paper}/hand-in", sitting.get(f"/exam/{paper}/hand-in"))
    chat = sitting.get("/")
    assert chat.count("已交卷") == 1
    assert "第 1/3 题" not in chat


def test_an_exam_is_announced_before_it_opens_and_found_again_after_its_close(sqlite):
    engine = exam(sqlite)
    real = Real(engine)
    real.signs_in("张三", SECRET)
    with serving(real, Clock(), zone="Asia/Shanghai") as site, site.client() as browser:
        sitting = Sitting(engine, real, site, browser)
        engine.settle()
        assert "将要开始的考试" in sitting.get("/exam")
        engine.at("09:00")
        paper, page = sitting.paper, sitting.begins()
        sitting.post(f"/exam/{paper}/hand-in", page.text)
        engine.at("18:01", engine.house.today(engine.now) + timedelta(days=1))
        assert "考过的考试" in sitting.get("/exam")
        assert "看答案和解析" in sitting.get(f"/exam/{paper}")


def test_the_browser_is_known_again_in_the_chat_and_here_and_only_by_a_digest(sitting):
    sitting.get("/")
    sitting.begins()
    sitting.browser.post("/say", data={"text": "帮助"})
    devices = {each.device for each in sitting.real.heard}
    assert len(devices) == 1
    assert re.fullmatch(r"[0-9a-f]{16}", devices.pop())
    assert sitting.browser.cookies["xuefa-device"] not in str(sitting.real.heard)


def test_handing_in_asks_first_and_shows_the_score_without_the_key(sitting):
    paper, page = sitting.paper, sitting.begins()
    page = sitting.post(f"/exam/{paper}/1", page.text, pick="A", go="hand_in")
    assert "还有 2 题没有答" in page.text
    assert "作了标记" not in page.text
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
    assert "刚才的改动没有记下" in page.text
    assert "正在自动交卷" in page.text
    told = sitting.browser.post(f"/exam/{paper}/3", data={"pick": "A"}, headers={"X-Fragment": "1"})
    assert (told.status_code, told.json()["over"]) == (410, f"/exam/{paper}?late=1")
    assert len(sitting.rows(response.c.id)) == 1
    sitting.engine.settle()
    assert "您已交卷" in sitting.get(f"/exam/{paper}")


def test_in_the_seconds_after_the_end_what_was_under_way_still_counts(sitting):
    paper, page = sitting.paper, sitting.begins()
    sitting.engine.now += timedelta(minutes=60, seconds=9)
    assert sitting.post(f"/exam/{paper}/1", page.text, pick="A", go="forth").url.path == f"/exam/{paper}/2"
    assert len(sitting.rows(response.c.id)) == 1


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
