"""A real server on a free port of this machine, a client with a session, and Chromium where there is one."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from channels.web.channel import Web
from tests.channels.web.house import Memory

SECRET = "s" * 43


class Clock:
    """The morning of Constitution Day. Every look moves it by `step` seconds, so that nobody runs out of tokens by testing."""

    def __init__(self, step: float = 5.0) -> None:
        self.moment = datetime(2026, 12, 4, 1, 10, tzinfo=UTC)
        self.step = step

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=self.step)
        return self.moment


@dataclass
class Site:
    """A web channel that is being served."""

    url: str
    memory: Memory
    clock: Clock

    def client(self, secret: str | None = SECRET, **settings: Any) -> httpx.Client:
        cookies = {"xuefa": secret} if secret else {}
        return httpx.Client(base_url=self.url, cookies=cookies, trust_env=False, timeout=10, **settings)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, web: Web) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._web = web

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()

    def leave(self) -> None:
        asyncio.run_coroutine_threadsafe(self._web.stop(), self.loop).result(10)
        self.should_exit = True


@contextmanager
def serving(memory: Memory, clock: Clock | None = None, **settings: Any) -> Iterator[Site]:
    clock = clock or Clock()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    numbers = count(1)
    web = Web(
        memory.house, public_url=url, secure=False, now=clock, secret=lambda: f"fresh{next(numbers):038d}", **settings
    )
    app = Starlette(routes=list(web.routes))
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", ws="none")
    server = _Server(config, web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert server.ready.wait(10)
        yield Site(url, memory, clock)
    finally:
        server.leave()
        thread.join(10)
        listening.close()
        assert not thread.is_alive()


@pytest.fixture
def memory() -> Memory:
    memory = Memory()
    memory.sign_in(SECRET)
    return memory


@pytest.fixture
def site(memory: Memory) -> Iterator[Site]:
    with serving(memory) as site:
        yield site


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with site.client() as client:
        yield client


@pytest.fixture
def open_page(chromium: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """Opens a phone of 360 px on the site, signed in; keywords are Playwright's for a context."""
    contexts = []

    def opened(path: str = "/", *, secret: str | None = SECRET, **settings: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 360, "height": 640}, "locale": "zh-CN", **settings})
        context.set_default_timeout(8000)
        contexts.append(context)
        if secret:
            context.add_cookies([{"name": "xuefa", "value": secret, "url": site.url}])
        page = context.new_page()
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("console", lambda message: message.type == "error" and page.troubles.append(message.text))
        page.goto(site.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
