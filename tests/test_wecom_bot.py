"""The real program behind the 智能机器人 of WeCom, with no public address: binding, the daily quiz, a roster, figures, and a broken line."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from channels import serving
from tests.channels.wecom.running import until
from tests.fakes.wecom.longconn import LongConn
from tests.wecom_town import LONG, NEWCOMER, ROSTER, Bot, Site, book, bot_settings, furnished, plans, program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two plans and a roster."""
    return furnished(tmp_path_factory.mktemp("bot") / "xuefa", plans(daily="每日一题", weekly="每周一测"))


class Town(Site, Bot):
    """The program's pages and its bot."""

    def __init__(self, url, workspace, settings, fake):
        Site.__init__(self, url, workspace, settings)
        Bot.__init__(self, fake)
        self.fake = fake


@asynccontextmanager
async def town(folder):
    port = serving.any_port("127.0.0.1")
    async with LongConn() as fake:
        settings = bot_settings(fake)
        async with program(folder, port, settings) as url:
            here = Town(url, folder, settings, fake)
            await here.connected()
            yield here
        assert fake.problems == []


async def the_first_week(folder):
    async with town(folder) as here, here.browser() as session:
        entry = (await here.command("invite", "周明", "--unit", "司法局")).strip()
        await here.enters(session, entry)
        await everybody_binds(here)
        await here.command("round", "open", "daily")
        await a_quiz_over_a_broken_line(here)
        await somebody_is_forgotten(here)
        await a_roster_in_the_chat(here)
        await a_leader_reads(here)
        await another_program_takes_the_place(here, session)


async def everybody_binds(here):
    """Opening the chat brings a welcome; the first word of all is the code of an invitation."""
    assert await here.fake.enters("guochunmei")
    await here.sees("guochunmei", "单位联络员给您的邀请码")
    await here.says("guochunmei", "你好")
    await here.sees("guochunmei", "您还没有绑定")
    for user, name in (("guochunmei", "郭春梅"), ("maxinhua", "马新华"), ("ChenLixin", "陈立新"), ("zhouming", "周明")):
        await here.binds(user, name, here.invite(name))


async def a_quiz_over_a_broken_line(here):
    """Three questions by cards, each put in the place of the last; twice the line breaks, and nothing is lost or said twice."""
    fake, user = here.fake, "guochunmei"
    await here.sees(user, "「每日一题」开始了，3 题")
    await here.sees(user, "第 1/3 题")
    # Each press is delivered, and then there is no line any more to answer it: once without a word, once closed in good order.
    for number, how in ((2, "abort"), (3, "close")):
        fake.pull("aibot_event_callback", "acked", how)
        await here.answers(user)
        await here.sees(user, f"第 {number}/3 题")
        assert not fake.pulls
    card = await here.answers(user)
    await here.sees(user, "「每日一题」答完了")
    await until(lambda: card.replaced, LONG)
    assert fake.connections == 3
    for number in (1, 2, 3):
        seen = [
            each for each in here.inbox(user) if f"第 {number}/3 题" in here.words(each) and each.msgtype == "markdown"
        ]
        assert len(seen) == 1, f"question {number}: {len(seen)} times"


async def somebody_is_forgotten(here):
    """WeCom does not know a conversation any more: the officer reads who, why and what to do; a word of theirs mends it."""
    here.fake.someone("maxinhua").wrote = False
    here.turn("ChenLixin")
    await here.command("round", "close", "1")
    await here.command("round", "open", "weekly")
    await here.sees("ChenLixin", "每周一测")
    await until(lambda: any(entry.code == 846607 for entry in here.fake.called("aibot_send_msg")), LONG)
    told = await asked_until(here, "zhouming", "未参考", "还没有给机器人发过第一句话")
    assert "马新华" in here.words(told)
    assert "随便发一句话，以后就收得到" in here.words(told)
    await here.says("maxinhua", "今日答题")
    await here.sees("maxinhua", "第 1/3 题")
    await here.answers("maxinhua")
    await here.sees("maxinhua", "第 2/3 题")
    await here.says("zhouming", "未参考")
    told = await here.sees("zhouming", "马新华（已开始，未交卷）")
    assert "第一句话" not in here.words(told)


async def asked_until(here, user, word, text):
    """Says a word every half second, until it is answered by this text: what was sent is settled a moment later."""
    for _ in range(int(LONG * 2)):
        await here.says(user, word)
        await until(lambda: here.new(user), LONG)
        found = [each for each in here.new(user) if text in here.words(each)]
        if found:
            return found[-1]
        await asyncio.sleep(0.5)
    raise AssertionError(f"no {text!r} in {list(map(here.words, here.new(user)))}")


async def a_roster_in_the_chat(here):
    """A file dropped into the bot's chat, its difference, the confirmation."""
    here.turn("zhouming")
    assert await here.fake.sends_file("zhouming", "名册.xlsx", book([*ROSTER, NEWCOMER]))
    await here.sees("zhouming", "新增 1 人")
    await until(lambda: confirmations(here), LONG)  # the card comes after the text
    await here.presses("zhouming", confirmations(here)[0])
    await here.sees("zhouming", "已导入")


def confirmations(here):
    """The labels that confirm the import, on whatever card has come."""
    buttons = [label for each in here.new("zhouming") for label, _ in each.buttons or ()]
    return [label for label in buttons if label.startswith("确认导入")]


async def a_leader_reads(here):
    """The figures as text, and as a picture that is uploaded over the same line."""
    await here.says("zhouming", "角色 陈立新 领导")
    await here.presses("zhouming", "确定授权")
    await here.sees("zhouming", "已授权")
    await here.says("ChenLixin", "参考率 1")
    await here.sees("ChenLixin", "住建局")
    await here.presses("ChenLixin", "情况图")
    await until(lambda: any(each.msgtype == "image" for each in here.new("ChenLixin")), LONG)
    picture = next(each for each in here.new("ChenLixin") if each.msgtype == "image")
    assert picture.content.startswith(b"\x89PNG")


async def another_program_takes_the_place(here, session):
    """One bot has one connection: the admins are told, where they can be reached, and we do not fight for it."""
    await here.says("zhouming", "推送到 网页")
    await here.sees("zhouming", "只在网页上等您来看")
    before = here.fake.connections
    await here.fake.kick()
    await here.shows(session, "另一个程序用同一个智能机器人连接了企业微信", 40)
    assert here.fake.connections == before, "we came back before a minute was over"


def test_the_first_week_with_the_bot(folder):
    asyncio.run(asyncio.wait_for(the_first_week(folder), 240))
