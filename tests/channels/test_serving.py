"""The one web server: it comes up, answers, and ends in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Sequence
from typing import Self

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

from channels.serving import any_port, is_free, serve
from tests.fakes.hours import told

HOST = "127.0.0.1"


class Tiny:
    """A channel of one page that notes what happens to it."""

    def __init__(self, name: str, happened: list[str], *, slow: float = 0) -> None:
        self.name, self._happened, self._slow = name, happened, slow

    @property
    def routes(self) -> Sequence[BaseRoute]:
        async def page(request: Request) -> PlainTextResponse:
            self._happened.append(f"{self.name} asked")
            await asyncio.sleep(self._slow)
            return PlainTextResponse(f"this is {self.name}")

        return [Route(f"/{self.name}", page)]

    async def start(self) -> None:
        self._happened.append(f"{self.name} started")

    async def stop(self) -> None:
        self._happened.append(f"{self.name} stopped")


class Served:
    """A server that is up, and what has happened so far."""

    def __init__(self, *, slow: float = 0, beats: int = 0, number: int = signal.SIGTERM) -> None:
        self.happened: list[str] = []
        self.channels = [Tiny("one", self.happened, slow=slow), Tiny("two", self.happened)]
        self.port, self.up, self.number = any_port(HOST), asyncio.Event(), number
        self.release, self.beating = threading.Event(), threading.Event()
        self._beats = [(self._beat, 0.01)] * beats

    def _beat(self) -> None:
        self.beating.set()
        self.release.wait(10)
        self.happened.append("beat ended")

    def _ending(self) -> None:
        self.happened.append("ending")
        self.release.set()

    async def _started(self) -> None:
        self.happened.append("up")
        self.up.set()

    async def __aenter__(self) -> Self:
        address = (HOST, self.port)
        self.task = asyncio.create_task(
            serve(self.channels, address, self._beats, started=self._started, ending=self._ending)
        )
        await asyncio.wait_for(self.up.wait(), 10)
        self.client = httpx.AsyncClient(base_url=f"http://{HOST}:{self.port}", trust_env=False, timeout=10)
        return self

    async def stop(self) -> None:
        """As an operator or a service manager stops it."""
        os.kill(os.getpid(), self.number)
        await asyncio.wait_for(self.task, 15)

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        if not self.task.done():
            await self.stop()
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(each)


@told
async def test_every_channels_pages_are_on_the_one_server():
    async with Served() as served:
        assert (await served.client.get("/one")).text == "this is one"
        assert (await served.client.get("/two")).text == "this is two"
        assert (await served.client.get("/three")).status_code == 404


@told
async def test_channels_have_started_before_anybody_hears_that_it_is_up():
    async with Served() as served:
        assert served.happened == ["one started", "two started", "up"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl+C"])
@told
async def test_a_stop_is_told_first_then_channels_end_and_a_long_beat_is_waited_for(number):
    async with Served(beats=1, number=number) as served:
        assert await asyncio.to_thread(served.beating.wait, 10)
        served.happened.clear()
        await served.stop()
        assert served.happened[0] == "ending"
        assert set(served.happened[1:]) == {"beat ended", "one stopped", "two stopped"}
        assert served.happened.index("one stopped") < served.happened.index("two stopped")


@told
async def test_no_beat_begins_after_the_end():
    async with Served(beats=1) as served:
        served.release.set()
        await asyncio.to_thread(served.beating.wait, 10)
        await served.stop()
        before = len(served.happened)
        await asyncio.sleep(0.05)
        assert len(served.happened) == before
        assert [each for each in threading.enumerate() if each.name.startswith("APScheduler")] == []


@told
async def test_what_is_being_answered_is_answered_to_its_end():
    async with Served(slow=0.3) as served:
        asked = asyncio.create_task(served.client.get("/one"))
        while "one asked" not in served.happened:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        stopping = asyncio.create_task(served.stop())
        assert (await asked).text == "this is one"
        await stopping


@told
async def test_after_the_end_the_port_is_free_and_nobody_answers():
    async with Served() as served:
        assert not is_free(HOST, served.port)
        await served.stop()
        assert is_free(HOST, served.port)
        with pytest.raises(httpx.ConnectError):
            await served.client.get("/one")


def test_a_port_that_somebody_listens_on_is_not_free():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        assert not is_free(HOST, taken.getsockname()[1])


def test_an_address_that_is_not_ours_is_not_free():
    assert not is_free("203.0.113.7", any_port(HOST))


def test_any_port_is_one_that_is_free():
    assert is_free(HOST, any_port(HOST))


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_any_port_is_found_on_an_ipv6_address_too():
    try:
        port = any_port("::1")
    except OSError as error:
        pytest.skip(f"no IPv6 loopback: {error}")
    assert is_free("::1", port)
