"""The app's channel on the simulator of WeCom's server, with its callback address on a real port: what its tests share."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse

from channels.allowance import Allowance
from channels.wecom.api import Api, Credentials
from channels.wecom.channel import Setup, WeCom
from tests.fakes.wecom.simulator import Simulator

TOKEN, AES_KEY = "tok", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
PATIENT = 10.0


class Door:
    """How the web would let a browser in: remembered, not done."""

    def __init__(self):
        self.admitted, self.known = [], False

    async def knows(self, request):
        return self.known

    async def admit(self, request, token, to):
        self.admitted.append((token, to))
        return RedirectResponse(to, 303)

    def refuse(self, request, status, key):
        return PlainTextResponse(key, status)


async def hurried(seconds):
    """A sleep a hundred times as short."""
    await asyncio.sleep(seconds / 100)


def utc():
    return datetime.now(UTC)


async def until(happened, seconds=PATIENT):
    """Waits for something to have happened, a moment at a time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not happened():
        assert loop.time() < end, "it did not happen"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def web_server(app):
    """An application on a port of its own, on 127.0.0.1; gives its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    server.capture_signals = suppress
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn offers no event)
        await asyncio.sleep(0)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def simulated(**members):
    """A simulator with a root department and these members: userid=name."""
    sim = Simulator()
    await sim.start()
    for userid, name in members.items():
        sim.user(userid, name, [1])
    try:
        yield sim
    finally:
        await sim.stop()


@asynccontextmanager
async def opened(sim, **settings):
    """An Api on the simulator."""
    api = Api(Credentials(sim.corp_id, sim.agent_id, sim.secret), sim.base, sleep=hurried, **settings)
    await api.open()
    try:
        yield api
    finally:
        await api.close()


@asynccontextmanager
async def running(sim, house, *, cards=True, door=None, also=(), site="", **settings):
    """The whole channel on the simulator, with an allowance that holds nobody up; `also` are more routes behind its own."""
    house._sleep = hurried
    app = Starlette()
    async with web_server(app) as url:
        setup = Setup(
            Credentials(sim.corp_id, sim.agent_id, sim.secret), TOKEN, AES_KEY, sim.base, sim.base, cards=cards
        )
        known = {"allowance": Allowance(10_000, 100_000), "sleep": hurried, "now": utc, **settings}
        channel = WeCom(
            house.house, setup, site=site or url, door=door or Door(), fresh=lambda: "f" * 43, chance=bytes, **known
        )
        app.router.routes.extend([*channel.routes, *also])
        sim.callback(f"{url}/wecom/callback", token=TOKEN, aes_key=AES_KEY)
        await channel.start()
        channel.url = url
        try:
            yield channel
        finally:
            await channel.stop()
