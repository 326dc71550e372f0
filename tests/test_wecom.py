"""The real program behind WeCom, over real HTTP with encrypted callbacks: an officer, cadres and a leader do everything there."""

from __future__ import annotations

import asyncio
import io
import re
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from channels import serving
from tests.channels.wecom.running import until
from tests.wecom_town import NEWCOMER, ROSTER, App, Site, app_settings, book, console, furnished, plans, program

EXAM = """\
  - plan: exam
    title: 宪法宣传周考试
    counts: practice
    opens: {dates: [2098-06-03], at: "09:00"}
    closes: {at: "23:59"}
    who: all
    paper: {draw: [{kind: single, count: 2}]}
    rules: {minutes: 30, release: handed_in}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two plans and a roster."""
    return furnished(tmp_path_factory.mktemp("wecom") / "xuefa", plans(daily="每日一题") + EXAM)


class Town(Site, App):
    """The program's pages and its app."""

    def __init__(self, url, workspace, settings, sim):
        Site.__init__(self, url, workspace, settings)
        App.__init__(self, sim)
        self.sim = sim


@asynccontextmanager
async def town(folder):
    port = serving.any_port("127.0.0.1")
    async with console(port) as sim:
        settings = app_settings(sim)
        async with program(folder, port, settings) as url:
            await until(lambda: sim.menu, 60)
            yield Town(url, folder, settings, sim)


async def opens(town, user, text):
    """The address behind the button of this label, on the newest card that has it."""
    return dict((await town.card(user, text)).buttons)[text]


async def the_first_monday(folder):
    async with town(folder) as here:
        sim = here.sim
        assert await sim.verify_url(), sim.verify_problem
        # The officer enters by the link of the command, and binds everybody by the directory, himself too.
        entry = (await here.command("invite", "周明", "--unit", "司法局")).strip()
        async with here.browser("zhouming") as session:
            await here.enters(session, entry)
            await here.chooses(session, "通讯录比对")
            page = await here.shows(session, "确认绑定")
            assert "4" in page
            await here.chooses(session, re.search(r'value="(确认绑定 \d+)"', page)[1])
            await here.shows(session, "已绑定 4 人")
        # A word to a department, once it has been looked at.
        preview = await here.command("announce", "学法答题今天开始。", "--department", "住建局")
        assert "住建局：2 人" in preview
        assert not any("今天开始" in each.text for each in sim.inbox("maxinhua"))
        await here.command("announce", "学法答题今天开始。", "--department", "住建局", "--send")
        assert "今天开始" in sim.inbox("maxinhua")[-1].text
        # A question a day: one card for all, the question when it is pressed.
        await here.command("round", "open", "daily")
        for user in ("guochunmei", "maxinhua", "ChenLixin"):
            await here.sees(user, "每日一题")
        sends = [call for call in sim.journal if call.path.endswith("/message/send") and "开始答题" in str(call.body)]
        assert len(sends) == 1, "one call for everybody"
        await here.presses("guochunmei", "开始答题")
        for number in (1, 2, 3):
            await here.sees("guochunmei", f"第 {number}/3 题")
            card = await here.answers("guochunmei")
            assert here.now("guochunmei", card).greyed
        await here.sees("guochunmei", "「每日一题」答完了")
        # An exam opens as a page, with the person signed in.
        await here.command("round", "open", "exam")
        address = await opens(here, "maxinhua", "打开答题页面")
        assert address.startswith(f"{here.url}/wecom/login?to=")
        async with here.browser("maxinhua") as session:
            where, text = await here.page(session, address)
            assert where == f"{here.url}/exam"
            assert "宪法宣传周考试" in text
            await sits(here, session, text)
        # A new roster by the page that opens from the chat.
        await here.says("zhouming", "网页登录")
        entry = await opens(here, "zhouming", "登录网页")
        async with here.browser("zhouming") as session:
            await here.enters(session, entry)
            await imports(here, session)
        # A leader reads the figures, as text and as a picture.
        await here.says("zhouming", "角色 陈立新 领导")
        await here.presses("zhouming", "确定授权")
        await here.sees("zhouming", "已授权")
        await here.says("ChenLixin", "参考率")
        await here.sees("ChenLixin", "住建局")
        await here.presses("ChenLixin", "情况图")
        await until(lambda: any(each.msgtype == "image" for each in here.new("ChenLixin")), 30)
        # What is closed can no longer be pressed.
        card = next(each for each in sim.inbox("ChenLixin") if "开始答题" in dict(each.buttons))
        await here.command("round", "close", "1")
        await until(lambda: next(e for e in sim.inbox("ChenLixin") if e.id == card.id).greyed, 40)


async def sits(here, session, text):
    """Begins, answers both questions, hands in, all by plain forms."""
    paper = re.search(r'action="/exam/(\d+)"', text)[1]
    address = f"{here.url}/exam/{paper}"
    where, text = await here.page(session, address, key="begin")
    assert where == f"{address}/1"
    for number in (1, 2):
        given = re.search(r'name="given" value="([^"]*)"', text)[1]
        where, text = await here.page(
            session, f"{address}/{number}", key=f"answer-{number}", given=given, pick="A", go="forth"
        )
    _, text = await here.page(session, f"{address}/hand-in")
    _, text = await here.page(session, f"{address}/hand-in", key="hand-in")
    assert re.search(r"得分|分", text), text[-3000:]


async def imports(here, session):
    """Drops a file into the page's chat, reads the difference, confirms."""
    data = aiohttp.FormData()
    data.add_field("key", "upload-1")
    data.add_field("file", io.BytesIO(book([*ROSTER, NEWCOMER])), filename="名册.xlsx")
    async with session.post(f"{here.url}/say", data=data, headers={"Origin": here.url}) as answer:
        assert answer.status < 400, await answer.text()
    page = await here.shows(session, "确认导入")
    assert "新增 1 人" in page
    await here.chooses(session, re.search(r'value="(确认导入 \d+)"', page)[1])
    await here.shows(session, "已导入")


def test_the_first_monday_on_wecom(folder):
    asyncio.run(asyncio.wait_for(the_first_monday(folder), 240))
