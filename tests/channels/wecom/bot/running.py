"""The long connection against its simulator: what its tests share."""

import asyncio
import heapq
import itertools
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from channels.sending import Pace
from channels.wecom.bot.channel import WeComBot
from channels.wecom.bot.connection import Connection
from handlers.messages import QuestionCard, Reply, answer_action
from tests.fakes.collecting import CollectingHouse
from tests.fakes.wecom.longconn import LongConn

BEGINNING = datetime(2026, 12, 4, 1, tzinfo=UTC)


class Hands:
    """A clock whose hands a test moves, for loops that speak over real sockets: `waits` moves them a little whenever the loop has had its
    turn, until something happens; `still` waits without moving them."""

    def __init__(self):
        self._at, self._sleepers, self._order = 1000.0, [], itertools.count()

    def monotonic(self):
        return self._at

    def now(self):
        return BEGINNING + timedelta(seconds=self._at)

    async def sleep(self, seconds):
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._at + max(0.0, seconds), next(self._order), woken))
        await woken

    def advance(self, seconds):
        """Moves the hands; whoever slept until then wakes."""
        self._at += seconds
        while self._sleepers and self._sleepers[0][0] <= self._at:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)

    async def waits(self, until, step=0.05, most=40_000):
        """Lets time pass in steps until `until()`."""
        for _ in range(most):
            for _ in range(8):
                await asyncio.sleep(0)
            if until():
                return
            await asyncio.sleep(0.0005)
            self.advance(step)
        raise AssertionError("it did not come to pass")

    async def passes(self, seconds, step=0.05):
        """Lets that much time pass."""
        end = self._at + seconds
        await self.waits(lambda: self._at >= end, step)

    async def still(self, until):
        """Waits while no time passes."""
        await self.waits(until, step=0.0)


@asynccontextmanager
async def simulated():
    """A simulator on a clock of its own, to which nothing wrong may be said."""
    hands = Hands()
    async with LongConn(now=hands.monotonic) as fake:
        yield fake, hands
    assert not fake.problems


@asynccontextmanager
async def connected(fake, hands, heard=None, **settings):
    """A Connection, started; nothing it hears is lost."""
    came = []

    async def keep(frame, wire):
        came.append((frame, wire))

    known = {"url": fake.url, "chance": lambda: 0.0, "monotonic": hands.monotonic, "now": hands.now, "sleep": hands.sleep}  # fmt: skip
    connection = Connection(fake.bot_id, fake.secret, heard or keep, **{**known, **settings})
    connection.came = came
    await connection.start()
    try:
        yield connection
    finally:
        await over(hands, connection.stop())


@asynccontextmanager
async def running(fake, hands, house, **settings):
    """The whole channel, started and connected."""
    house._sleep, house._now = hands.sleep, hands.now
    house.on_change = fake.nudge
    known = {
        "url": fake.url, "chance": lambda: 0.0, "monotonic": hands.monotonic, "now": hands.now, "sleep": hands.sleep,
        "pace": Pace(per_second=5000, per_chat=0.0, restart=0.01),
    }  # fmt: skip
    channel = WeComBot(house.house, fake.bot_id, fake.secret, **{**known, **settings})
    await channel.start()
    try:
        if "url" not in settings:
            await hands.waits(lambda: fake.is_live)
        yield channel
    finally:
        await over(hands, channel.stop())


async def over(hands, story):
    """Lets time pass until a story is over; what it came to."""
    task = asyncio.ensure_future(story)
    await hands.waits(task.done)
    return task.result()


def answering(**replies):
    """A house that answers a text or action by its replies, and everything else by nothing."""
    return CollectingHouse(lambda incoming: replies.get(incoming.action or incoming.text, ()))


FIRST = QuestionCard("每日一题 · 第 1/2 题 · 单选题", "一？", ("甲", "乙", "丙"), multiple=False, token="1.0.one")
SECOND = QuestionCard("每日一题 · 第 2/2 题 · 多选题", "二？", ("甲", "乙", "丙"), multiple=True, token="1.1.two", submit_label="提交")  # fmt: skip


def quiz():
    """今日答题 -> first card; its A -> the second, a vote; the second's AC -> the result."""
    return answering(
        **{
            "今日答题": (Reply("", card=FIRST),),
            answer_action(FIRST.token, "A"): (Reply("回答正确。\n轻微不罚。", card=SECOND, edits=True),),
            answer_action(SECOND.token, "AC"): (Reply("完成，得2分。", edits=True),),
        }
    )
