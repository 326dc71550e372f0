"""The channel against the fake server: what its tests share."""

import asyncio
from contextlib import asynccontextmanager

from channels.sending import Pace
from channels.telegram.calls import Api
from channels.telegram.channel import Telegram
from channels.telegram.request import AiohttpRequest
from handlers.messages import QuestionCard, Reply, answer_action
from tests.fakes.collecting import CollectingHouse


async def hurried(seconds):
    """A sleep a hundred times as short."""
    await asyncio.sleep(seconds / 100)


class Fast:
    """A clock that runs a hundred times as fast, to match."""

    def __call__(self):
        return asyncio.get_running_loop().time() * 100


def patient():
    """The transport as it is."""
    return AiohttpRequest()


def impatient():
    """The transport with a timeout that a test can wait for."""
    return AiohttpRequest(read=0.25)


@asynccontextmanager
async def opened(fake, *, token=None, request=patient):
    """An Api on the fake."""
    api = Api(token or fake.token, fake.url, sends=request(), polls=request())
    await api.open()
    try:
        yield api
    finally:
        await api.close()


@asynccontextmanager
async def running(fake, house, **settings):
    """The whole channel on the fake, with a pace that holds nobody up."""
    known = {
        "pace": Pace(per_second=5000, per_chat=0.0, restart=0.01),
        "sleep": hurried,
        **settings,
    }
    house.on_change, house._sleep = fake.nudge, hurried
    channel = Telegram(house.house, fake.token, api_base=fake.url, **known)
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


def answering(**replies):
    """A house that answers a text or action by its replies, and everything else by nothing."""
    return CollectingHouse(lambda incoming: replies.get(incoming.action or incoming.text, ()))


FIRST = QuestionCard("第 1/2 题", "一？", ("甲", "乙", "丙"), multiple=False, token="one")
SECOND = QuestionCard("第 2/2 题", "二？", ("甲", "乙", "丙"), multiple=False, token="two")


def quiz():
    """今日答题 -> first card; its A -> the second card in its place; the second's B -> the result."""
    return answering(
        **{
            "今日答题": (Reply("", card=FIRST),),
            answer_action("one", "A"): (Reply("正确。", card=SECOND, edits=True),),
            answer_action("two", "B"): (Reply("完成，得2分。", edits=True),),
        }
    )
