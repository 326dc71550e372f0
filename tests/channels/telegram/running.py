"""The channel against the fake server: what its tests share."""

import asyncio
from contextlib import asynccontextmanager

from channels.sending import Pace
from channels.telegram.calls import Api
from channels.telegram.channel import Telegram
from channels.telegram.request import AiohttpRequest
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
