"""The real program behind WeCom, over real HTTP with encrypted callbacks: an officer, cadres and a leader do everything there."""

from __future__ import annotations

import asyncio
import io
import re
import socket
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import openpyxl
import pytest

from tests.channels.wecom.running import AES_KEY, TOKEN, simulated, until
from tests.faults.program import Program, command

PLAN = """\
plans:
  - plan: daily
    title: 每日一题
    opens: {dates: [2099-01-01], at: "09:00"}
    closes: {at: "23:59"}
    who: all
    paper: {draw: [{kind: single, count: 1}, {kind: multiple, count: 1}, {kind: judge, count: 1}]}
    rules: {preset: daily}
  - plan: exam
    title: 宪法宣传周考试
    counts: practice
    opens: {dates: [2098-06-03], at: "09:00"}
    closes: {at: "23:59"}
    who: all
    paper: {draw: [{kind: single, count: 2}]}
    rules: {minutes: 30, release: handed_in}
"""
ROSTER = [
    ["姓名", "单位", "手机号", "班子成员"],
    ["周明", "司法局", "13800000001", "否"],
    ["郭春梅", "住建局", "13800001234", "否"],
    ["马新华", "住建局", "13800005678", "否"],
    ["陈立新", "区政府办", "13800000002", "是"],
]
MEMBERS = {"zhouming": ("周明", 2), "guochunmei": ("郭春梅", 3), "maxinhua": ("马新华", 3), "ChenLixin": ("陈立新", 4)}


def csv(rows):
    return "\n".join(",".join(row) for row in rows)


def book(rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two plans and a roster, and the first admin's invitation in a file."""
    made = tmp_path_factory.mktemp("wecom") / "xuefa"
    assert command("init", made).returncode == 0
    (made / "plans.yaml").write_text(PLAN, encoding="utf-8")
    roster = made.parent / "名册.csv"
    roster.write_text(csv(ROSTER), encoding="utf-8")
    applied = command("roster", roster, "--apply", "--workspace", made)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    return made


class Town:
    """The simulator, the program's address, and what its people do."""

    def __init__(self, sim, url, workspace, settings):
        self.sim, self.url, self.workspace, self.settings = sim, url, workspace, settings
        self.read = {user: 0 for user in MEMBERS}

    async def says(self, user, text):
        self.read[user] = len(self.sim.inbox(user))
        delivery = await self.sim.says(user, text)
        assert (delivery.accepted, delivery.tries) == (True, 1)

    def new(self, user):
        return self.sim.inbox(user)[self.read[user] :]

    async def sees(self, user, text):
        """The newest message since the last thing the user did that holds this text."""
        try:
            await until(lambda: any(text in each.text for each in self.new(user)), 30)
        except AssertionError:
            raise AssertionError(f"{user}: no {text!r} in {[each.text for each in self.new(user)]}") from None
        return next(each for each in reversed(self.new(user)) if text in each.text)

    async def card(self, user, label=""):
        """The newest card that can be pressed (with a button of this label)."""

        def cards():
            return [each for each in self.new(user) if each.buttons and not each.greyed and (not label or label in dict(each.buttons))]

        await until(cards, 30)
        return cards()[-1]

    async def presses(self, user, label):
        card = await self.card(user, label)
        self.read[user] = len(self.sim.inbox(user))
        assert (await self.sim.clicks(user, card, dict(card.buttons)[label])).accepted

    async def answers(self, user):
        """Presses an answer of the question that stands open; gives the greyed card."""
        card = await self.card(user)
        self.read[user] = len(self.sim.inbox(user))
        picked = [each for each, _ in card.options[:2]]
        assert (await self.sim.clicks(user, card, card.buttons[0][1], picked)).accepted
        return next(each for each in self.sim.inbox(user) if each.id == card.id)

    async def command(self, *words):
        done = await asyncio.to_thread(command, *words, "--workspace", self.workspace, **self.settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @asynccontextmanager
    async def browser(self, user):
        """WeCom's own browser, where the member is who they are."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, headers={"X-Sim-User": user, "Accept-Language": "zh-CN"}) as session:
            yield session

    async def page(self, session, address, **form):
        async with session.request("POST" if form else "GET", address, data=form or None, headers={"Origin": self.url}) as answer:
            text = await answer.text()
            assert answer.status < 400, f"{answer.status} {address}\n{text[:2000]}"
            return str(answer.url), text


    async def enters(self, session, entry):
        """Opens a one-time link and confirms."""
        _, text = await self.page(session, entry)
        await self.page(session, entry, key=re.search(r'name="key" value="([^"]*)"', text)[1])

    async def shows(self, session, text):
        """The page's chat, once it holds this text."""
        for _ in range(60):
            _, page = await self.page(session, self.url + "/")
            if text in page:
                return page
            await asyncio.sleep(0.5)  # as often as a page may be looked at
        raise AssertionError(f"no {text!r} in {page[-3000:]}")

    async def chooses(self, session, action):
        await self.page(session, f"{self.url}/say", key=action, action=action)


@asynccontextmanager
async def town(folder):
    async with simulated() as sim:
        for number, name in enumerate(("司法局", "住建局", "区政府办"), 2):
            sim.department(number, name)
        for user, (name, department) in MEMBERS.items():
            sim.user(user, name, [department])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        sim.trusted_domain = f"127.0.0.1:{port}"
        sim.callback(f"{url}/wecom/callback", token=TOKEN, aes_key=AES_KEY)
        settings = {
            "WECOM_CORP_ID": sim.corp_id, "WECOM_AGENT_ID": str(sim.agent_id), "WECOM_SECRET": sim.secret, "WECOM_TOKEN": TOKEN,
            "WECOM_AES_KEY": AES_KEY, "WECOM_API_BASE": sim.base, "WECOM_OAUTH_BASE": sim.base,
        }  # fmt: skip
        with Program(folder, folder.parent / "program.log", port=port, **settings) as program:
            made = Town(sim, url, folder, settings)
            await until(lambda: sim.menu, 60)
            yield made
            code, _ = await asyncio.to_thread(program.stop)
        assert code == 0
        assert not sim.problems
        assert not sim.dropped
        assert "Traceback" not in program.said


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
            await here.enters(session, entry.replace("http://127.0.0.1:8000", here.url))
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
            greyed = await here.answers("guochunmei")
            assert greyed.greyed
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
        where, text = await here.page(session, f"{address}/{number}", key=f"answer-{number}", given=given, pick="A", go="forth")
    _, text = await here.page(session, f"{address}/hand-in")
    _, text = await here.page(session, f"{address}/hand-in", key="hand-in")
    assert re.search(r"得分|分", text), text[-3000:]


async def imports(here, session):
    """Drops a file into the page's chat, reads the difference, confirms."""
    data = aiohttp.FormData()
    data.add_field("key", "upload-1")
    data.add_field("file", io.BytesIO(book([*ROSTER, ["宋佳", "教育局", "13800009999", "否"]])), filename="名册.xlsx")
    async with session.post(f"{here.url}/say", data=data, headers={"Origin": here.url}) as answer:
        assert answer.status < 400, await answer.text()
    page = await here.shows(session, "确认导入")
    assert "新增 1 人" in page
    await here.chooses(session, re.search(r'value="(确认导入 \d+)"', page)[1])
    await here.shows(session, "已导入")


def test_the_first_monday_on_wecom(folder):
    asyncio.run(asyncio.wait_for(the_first_monday(folder), 240))
