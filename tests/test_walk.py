"""A first Monday with the real program in a real browser: the officer imports a roster and invites, a cadre answers, a leader reads."""

from __future__ import annotations

import io
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

ROOT = Path(__file__).resolve().parent.parent
PLAN = """\
plans:
  - plan: daily
    title: 每日一题
    opens: {every: [mon, tue, wed, thu, fri, sat, sun], at: "00:00"}
    closes: {at: "00:00", after: 1}
    who: all
    paper: {draw: [{kind: single, count: 1}, {kind: multiple, count: 1}, {kind: judge, count: 1}]}
    rules: {preset: daily}
"""
ROSTER = [
    ["明湖区工作人员名册", None, None, None, None],
    ["姓名", "单位", "手机号", "班子成员", "身份证号"],
    ["周明", "司法局", "13800000001", "否", "110101199001011234"],
    ["陈立新", "区政府办公室", "13800000002", "是", "110101199001011234"],
    ["郭春梅", "住房和城乡建设局 ", 13800001234, "否", "110101199001011234"],
    ["马新华", "住房和城乡建设局", "13800005678", "否", "110101199001011234"],
]


def command(workspace: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "bot.py", *words, "--workspace", str(workspace)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A new workspace, as its officer makes it, and the address it is served at."""
    folder = tmp_path_factory.mktemp("monday") / "xuefa"
    subprocess.run([sys.executable, "bot.py", "init", str(folder)], cwd=ROOT, check=True, capture_output=True)
    (folder / "plans.yaml").write_text(PLAN, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "xuefa.toml").write_text(f"web_port = {port}\n", encoding="utf-8")
    program = subprocess.Popen(
        [sys.executable, "bot.py", "run", "--workspace", str(folder)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_up(base))
        yield folder, base
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=20) == 0
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()


def is_up(base: str) -> bool:
    with urllib.request.urlopen(base + "/healthz", timeout=2) as answer:
        return answer.status == 200


def wait_until(holds, within: float = 30.0) -> None:
    end = time.monotonic() + within
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def sheet() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    for row in ROSTER:
        page.append(row)
    page.merge_cells("A1:E1")
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


class Somebody:
    """A person before a browser of their own."""

    def __init__(self, chromium, width: int, language: str = "zh-CN") -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": 800}, locale=language)
        self.page = self.context.new_page()

    def says(self, text: str) -> None:
        self.page.fill("[name=text]", text)
        self.page.press("[name=text]", "Enter")

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).last.wait_for(timeout=20_000)

    def presses(self, label: str) -> None:
        self.page.get_by_role("button", name=label).last.click()

    def fits(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page scrolls sideways"


@pytest.mark.browser
def test_the_first_monday(served, chromium, tmp_path):
    workspace, base = served
    officer = Somebody(chromium, 1440)
    officer.page.goto(command(workspace, "invite", "周明", "--unit", "司法局").strip())
    officer.page.get_by_role("button").last.click()
    officer.sees("帮助")
    file = tmp_path / "名册.xlsx"
    file.write_bytes(sheet())
    officer.page.set_input_files("input[type=file]", str(file))
    officer.presses("发送")
    officer.sees("身份证号")
    officer.page.screenshot(path=str(tmp_path / "roster.png"))
    officer.presses("确认导入")
    officer.sees("已导入：新增 3 人")
    officer.says("开放答题 daily")
    officer.sees("应考 4 人")
    officer.presses("确认开放")
    officer.sees("正在开放")
    officer.says("邀请 郭春梅")
    officer.sees("/join/")
    link = re.search(r"http://\S+/join/[\w-]+", officer.page.inner_text("main"))
    assert link
    cadre = Somebody(chromium, 360)
    cadre.page.goto(link[0])
    cadre.sees("您是住房和城乡建设局郭春梅吗")
    cadre.page.fill("input[name=digits]", "1234")
    cadre.page.get_by_role("button").last.click()
    cadre.page.wait_for_url(base + "/**")
    cadre.says("今日答题")
    cadre.sees("第 1/3 题")
    cadre.fits()
    for number in (1, 2, 3):
        cadre.sees(f"第 {number}/3 题")
        answer(cadre)
    cadre.sees("答完了")
    cadre.fits()
    cadre.page.screenshot(path=str(tmp_path / "cadre.png"), full_page=True)
    leader_reads(command, workspace, officer, chromium)


def answer(cadre: Somebody) -> None:
    """Tick or press whatever the card offers."""
    card = cadre.page.locator("form.card").last
    boxes = card.locator("input[type=checkbox]")
    if boxes.count():
        boxes.nth(0).check()
        boxes.nth(1).check()
        card.get_by_role("button").last.click()
    else:
        card.get_by_role("button").first.click()


def leader_reads(command, workspace: Path, officer: Somebody, chromium) -> None:
    officer.says("角色 陈立新 领导")
    officer.sees("确认")
    officer.presses("确认")
    officer.says("未参考")
    officer.sees("马新华")
    officer.says("参考率")
    officer.sees("应考4人，实考1人，参考率25.00%")
    opened = next(each["id"] for each in json.loads(command(workspace, "round", "list", "--json")) if each["sat"] == 1)
    assert "25.00%" in command(workspace, "report", str(opened))
    assert "一致" in command(workspace, "verify")
