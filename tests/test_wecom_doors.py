"""One person at four doors of the real program at once: WeCom's app and its bot, Telegram, and the web; and she counts once."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from channels import serving
from tests.channels.wecom.running import until
from tests.fakes.telegram import FakeTelegram
from tests.fakes.wecom.longconn import LongConn
from tests.wecom_town import (
    DIGITS,
    LONG,
    App,
    Bot,
    Site,
    app_settings,
    bot_settings,
    console,
    furnished,
    plans,
    program,
)

NAME, USER, CHAT = "郭春梅", "guochunmei", 7002
TITLES = {"first": "第一课", "second": "第二课", "third": "第三课"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three plans and a roster."""
    return furnished(tmp_path_factory.mktemp("doors") / "xuefa", plans(**TITLES))


class Telegram:
    """Her chat there."""

    def __init__(self, fake):
        self.fake, self.person = fake, fake.person(CHAT, NAME)

    def all(self, text):
        return [each for each in self.person.sees() if text in each.text]

    async def sees(self, text):
        """The newest message that holds this text."""
        try:
            await self.fake.waits(lambda: self.all(text), LONG)
        except AssertionError:
            raise AssertionError(f"no {text!r} in {[each.text for each in self.person.sees()]}") from None
        return self.all(text)[-1]

    async def ticks_and_submits(self, message, *letters):
        """Each press changes the message, which is then pressed again."""
        for letter in letters:
            self.person.presses(message, letter)
            await self.fake.waits(lambda before=message: self._now(before) != before, LONG)
            message = self._now(message)
        self.person.presses(message, "提交")

    def _now(self, message):
        return next(each for each in self.person.sees() if each.id == message.id)


class Town(Site):
    """The program's pages, and a chat of each kind."""

    def __init__(self, url, workspace, settings, sim, fake, telegram):
        super().__init__(url, workspace, settings)
        self.app, self.bot, self.telegram = App(sim), Bot(fake), Telegram(telegram)

    def cards(self, title):
        """How many invitations to this round came to her, by door."""
        said = f"「{title}」开始了"
        count = {
            each: sum(said in chat.words(sent) for sent in chat.inbox(USER))
            for each, chat in (("app", self.app), ("bot", self.bot))
        }
        return count | {"telegram": len(self.telegram.all(said))}


@asynccontextmanager
async def town(folder):
    port = serving.any_port("127.0.0.1")
    with FakeTelegram() as telegram:
        async with console(port) as sim, LongConn() as fake:
            known = {"TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API_BASE": telegram.url, "TELEGRAM_MODE": "poll"}
            settings = app_settings(sim) | bot_settings(fake) | known
            async with program(folder, port, settings) as url:
                await until(lambda: sim.menu and fake.is_live and telegram.called("getMe"), 60)
                yield Town(url, folder, settings, sim, fake, telegram)
            assert fake.problems == []
        assert telegram.problems == []


async def four_doors(folder):
    async with town(folder) as here, here.browser() as session:
        await she_binds_at_all(here, session)
        await she_goes_from_door_to_door(here, session)
        await she_chooses_another_door(here)
        await a_door_shuts_unseen(here)
        await she_is_counted_once(here)


async def she_binds_at_all(here, session):
    """The code of an invitation to the bot, a link of another to Telegram, a one-time link for the browser, and a word to the app."""
    await here.bot.binds(USER, NAME, here.invite(NAME))
    here.telegram.person.says(f"/start {here.invite(NAME)}")
    await here.telegram.sees("后四位")
    here.telegram.person.says(DIGITS[NAME])
    await here.telegram.sees("账号已绑定")
    await here.bot.says(USER, "网页登录")
    told = await here.bot.sees(USER, "/enter/")
    await here.enters(session, re.search(r"\[登录网页\]\((\S+)\)", told.text)[1])
    await here.app.says(USER, "推送到 企业微信")
    told = await here.app.sees(USER, "好的，以后推送到企业微信。")
    for door in ("企业微信：收得到", "智能机器人：收得到", "Telegram：收得到", "网页：不推送"):
        assert door in told.text


async def she_goes_from_door_to_door(here, session):
    """Begins in the app, goes on in Telegram, ends on the web; the question that stands open in the app is greyed."""
    here.app.turn(USER)
    await here.command("round", "open", "first")
    await here.app.presses(USER, "开始答题")
    await here.app.sees(USER, "第 1/3 题")
    await here.app.answers(USER)
    await here.app.sees(USER, "第 2/3 题")
    left = await here.app.card(USER, key="=")
    here.telegram.person.says("今日答题")
    await here.telegram.ticks_and_submits(await here.telegram.sees("第 2/3 题"), "A", "B")
    await here.telegram.sees("第 3/3 题")
    await until(lambda: here.app.now(USER, left).greyed, 15)
    await here.chooses(session, "今日答题")
    await here.shows(session, "第 3/3 题")
    await here.types(session, "对")
    await here.shows(session, "「第一课」答完了")
    here.telegram.person.says("今日答题")
    await here.telegram.sees("「第一课」您已答完")
    assert here.cards("第一课") == {"app": 1, "bot": 0, "telegram": 0}


async def she_chooses_another_door(here):
    here.telegram.person.says("推送到 Telegram")
    await here.telegram.sees("好的，以后推送到Telegram。")
    await here.command("round", "open", "second")
    await here.telegram.sees("「第二课」开始了")
    assert here.cards("第二课") == {"app": 0, "bot": 0, "telegram": 1}


async def a_door_shuts_unseen(here):
    """She leaves the app's visible range, and the word of it is lost: the card fails there, and goes to the next door."""
    sim = here.app.server
    await here.app.says(USER, "推送到 企业微信")
    await here.app.sees(USER, "好的，以后推送到企业微信。")
    sim.lose_next_callbacks()
    await sim.unsubscribes(USER)
    await here.command("round", "open", "third")
    await here.telegram.sees("「第三课」开始了")
    assert here.cards("第三课") == {"app": 0, "bot": 0, "telegram": 1}
    here.telegram.person.says("推送到")
    told = await here.telegram.sees("企业微信：收不到，不在应用可见范围内")
    assert "发给您的消息现在推送到：Telegram。" in told.text
    assert "管理后台 → 应用管理 → 可见范围" in told.text
    # Back in the range, she is reached there again.
    assert (await sim.subscribes(USER)).accepted
    here.telegram.person.says("推送到")
    await here.telegram.sees("发给您的消息现在推送到：企业微信。")


async def she_is_counted_once(here):
    rows = json.loads(await here.command("report", "1", "--format", "json"))
    assert [(row["unit"], row["due"], row["sat"]) for row in rows if row["sat"]] == [("住建局", 2, 1), ("合计", 4, 1)]


def test_one_person_at_four_doors(folder):
    asyncio.run(asyncio.wait_for(four_doors(folder), 240))
