"""A small town on WeCom: both simulators of its server, the real program before them, and what its people do at each door."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections import Counter
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime

import aiohttp
import openpyxl

from storage import invitations, people
from storage.database import open_database
from tests.channels.wecom.running import AES_KEY, TOKEN, simulated, until
from tests.faults.program import Program, command

DAILY = """\
  - plan: {name}
    title: {title}
    opens: {{dates: [2099-01-{day:02}], at: "09:00"}}
    closes: {{at: "23:59"}}
    who: all
    paper: {{draw: [{{kind: single, count: 1}}, {{kind: multiple, count: 1}}, {{kind: judge, count: 1}}]}}
    rules: {{preset: daily}}
"""
ROSTER = [
    ["姓名", "单位", "手机号", "班子成员"],
    ["周明", "司法局", "13800000001", "否"],
    ["郭春梅", "住建局", "13800001234", "否"],
    ["马新华", "住建局", "13800005678", "否"],
    ["陈立新", "区政府办", "13800000002", "是"],
]
NEWCOMER = ["宋佳", "教育局", "13800009999", "否"]
MEMBERS = {"zhouming": ("周明", 2), "guochunmei": ("郭春梅", 3), "maxinhua": ("马新华", 3), "ChenLixin": ("陈立新", 4)}
"""userid -> name, department."""
DIGITS = {name: phone[-4:] for name, _, phone, _ in ROSTER[1:]}
LONG = 30.0


def plans(**titles):
    """plans.yaml with daily rounds of three questions, by name."""
    some = enumerate(titles.items(), 1)
    return "plans:\n" + "".join(DAILY.format(name=name, title=title, day=day) for day, (name, title) in some)


def csv(rows):
    return "\n".join(",".join(row) for row in rows)


def book(rows):
    """An .xlsx file of these rows."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def furnished(folder, plan, rows=ROSTER):
    """A workspace with these plans and this roster."""
    assert command("init", folder).returncode == 0
    (folder / "plans.yaml").write_text(plan, encoding="utf-8")
    roster = folder.parent / "名册.csv"
    roster.write_text(csv(rows), encoding="utf-8")
    applied = command("roster", roster, "--apply", "--workspace", folder)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    return folder


class Site:
    """The program's pages, and the commands on its machine, which know its settings."""

    def __init__(self, url, workspace, settings):
        self.url, self.workspace, self.settings, self._invited = url, workspace, settings, 0

    async def command(self, *words):
        """What a command says that ends well."""
        done = await asyncio.to_thread(command, *words, "--workspace", self.workspace, **self.settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def invite(self, name):
        """A new invitation's code, which only its person is told."""
        self._invited += 1
        token, now = f"code-{self._invited}-SECRET".ljust(22, "x"), datetime.now(UTC)
        with closing(open_database(f"sqlite:///{self.workspace / 'xuefa.sqlite3'}")) as database:
            with database.writing() as store:
                who = next(each.id for each in people.people(store) if each.name == name)
                invitations.make(store, [(token, who)], invitations.BIND, None, now, invitations.BIND_FOR)
        return token

    @asynccontextmanager
    async def browser(self, user=""):
        """A browser; with a userid WeCom's own, where the member is who they are."""
        jar = aiohttp.CookieJar(unsafe=True)
        headers = {"Accept-Language": "zh-CN"} | ({"X-Sim-User": user} if user else {})
        async with aiohttp.ClientSession(cookie_jar=jar, headers=headers) as session:
            yield session

    async def page(self, session, address, **form):
        """(address, text) of a page, or of what answers a form."""
        method = "POST" if form else "GET"
        async with session.request(method, address, data=form or None, headers={"Origin": self.url}) as answer:
            text = await answer.text()
            assert answer.status < 400, f"{answer.status} {address}\n{text[:2000]}"
            return str(answer.url), text

    async def enters(self, session, entry):
        """Opens a one-time link and confirms."""
        _, text = await self.page(session, entry)
        await self.page(session, entry, key=re.search(r'name="key" value="([^"]*)"', text)[1])

    async def shows(self, session, text, seconds=LONG):
        """The page's chat, once it holds this text."""
        for _ in range(int(seconds * 2)):
            _, page = await self.page(session, self.url + "/")
            if text in page:
                return page
            await asyncio.sleep(0.5)  # as often as a page may be looked at
        raise AssertionError(f"no {text!r} in {page[-3000:]}")

    async def chooses(self, session, action):
        """Presses what is on the page's chat, or under it."""
        await self.page(session, f"{self.url}/say", key=action, action=action)

    async def types(self, session, text):
        await self.page(session, f"{self.url}/say", text=text)


class Chats:
    """The chats with the app or with the bot. What is new to people is what came since they last did something."""

    def __init__(self, server):
        self.server, self._read = server, Counter()

    def inbox(self, user):
        return self.server.inbox(user)

    def turn(self, user):
        """From now on what comes is new."""
        self._read[user] = len(self.inbox(user))

    def new(self, user):
        return self.inbox(user)[self._read[user] :]

    def words(self, sent):
        """All that is written in a message."""
        return sent.text

    async def sees(self, user, text):
        """The newest of the new messages that holds this text."""
        try:
            await until(lambda: any(text in self.words(each) for each in self.new(user)), LONG)
        except AssertionError:
            raise AssertionError(f"{user}: no {text!r} in {list(map(self.words, self.new(user)))}") from None
        return next(each for each in reversed(self.new(user)) if text in self.words(each))

    async def card(self, user, label="", key=""):
        """The newest card that can be pressed: with a button of this label, or whose first button's key begins so."""

        def cards():
            open_ = [each for each in self.new(user) if each.buttons and not self.spent(each)]
            return [
                each
                for each in open_
                if (not label or label in dict(each.buttons)) and each.buttons[0][1].startswith(key)
            ]

        try:
            await until(cards, LONG)
        except AssertionError:
            raise AssertionError(f"{user}: no {label!r} in {[each.buttons for each in self.new(user)]}") from None
        return cards()[-1]

    async def says(self, user, text):
        self.turn(user)
        self.took(await self.server.says(user, text))

    async def presses(self, user, label):
        card = await self.card(user, label)
        return await self._press(user, card, dict(card.buttons)[label])

    async def answers(self, user):
        """Presses an answer of the question that stands open (two of the options, where several can be ticked)."""
        card = await self.card(user, key="=")
        return await self._press(user, card, card.buttons[0][1], [each for each, _ in card.options[:2]])

    async def binds(self, user, name, code):
        """Sends the code of an invitation, then the last four digits."""
        await self.says(user, code)
        await self.sees(user, "后四位")
        await self.says(user, DIGITS[name])
        await self.sees(user, "账号已绑定")

    async def _press(self, user, card, key, picked=()):
        self.turn(user)
        self.took(await self.server.clicks(user, card, key, picked))
        return card


class App(Chats):
    """With the 自建应用: every callback is accepted at once."""

    def spent(self, sent):
        return sent.greyed

    def took(self, delivery):
        assert (delivery.accepted, delivery.tries) == (True, 1)

    def now(self, user, card):
        """A card as it is by now."""
        return next(each for each in self.inbox(user) if each.id == card.id)


class Bot(Chats):
    """With the 智能机器人, through its one connection, which people wait for."""

    def spent(self, sent):
        return sent.replaced is not None

    def took(self, delivered):
        assert delivered

    def words(self, sent):
        return f"{sent.text}\n{json.dumps(sent.shown, ensure_ascii=False)}"

    async def says(self, user, text):
        await self.connected()
        await super().says(user, text)

    async def _press(self, user, card, key, picked=()):
        await self.connected()
        return await super()._press(user, card, key, picked)

    async def connected(self):
        await until(lambda: self.server.is_live, LONG)


def app_settings(sim):
    return {
        "WECOM_CORP_ID": sim.corp_id, "WECOM_AGENT_ID": str(sim.agent_id), "WECOM_SECRET": sim.secret, "WECOM_TOKEN": TOKEN,
        "WECOM_AES_KEY": AES_KEY, "WECOM_API_BASE": sim.base, "WECOM_OAUTH_BASE": sim.base,
    }  # fmt: skip


def bot_settings(fake):
    return {"WECOM_BOT_ID": fake.bot_id, "WECOM_BOT_SECRET": fake.secret, "WECOM_WS_URL": fake.url}


@asynccontextmanager
async def console(port):
    """The simulator of the app's server, with the members and what the console holds for a program on this port."""
    async with simulated() as sim:
        for number, name in enumerate(("司法局", "住建局", "区政府办"), 2):
            sim.department(number, name)
        for user, (name, department) in MEMBERS.items():
            sim.user(user, name, [department])
        sim.trusted_domain = f"127.0.0.1:{port}"
        sim.callback(f"http://127.0.0.1:{port}/wecom/callback", token=TOKEN, aes_key=AES_KEY)
        yield sim
        assert sim.problems == []
        assert not sim.dropped


@asynccontextmanager
async def program(folder, port, settings):
    """The real program, which ends well and has nothing to be ashamed of in its log; gives its address."""
    with Program(folder, folder.parent / "program.log", port=port, **settings) as running:
        yield f"http://127.0.0.1:{port}"
        code, _ = await asyncio.to_thread(running.stop)
    assert code == 0
    assert "Traceback" not in running.said
