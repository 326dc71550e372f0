"""The one web server on which every channel's routes are mounted, and the metronome beside it; both stop in order."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import nullcontext
from typing import Any

import uvicorn
from apscheduler.schedulers.background import BackgroundScheduler
from starlette.applications import Starlette

from channels.base import Channel

Beat = tuple[Callable[[], object], float]
"""Something to do, in a thread, every so many seconds; never twice at once, and missed beats are not made up for."""


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen there."""
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_port(host: str) -> int:
    """The number of some port that is free now."""
    with socket.socket(_family(host)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def run(serving: Coroutine[Any, Any, None]) -> None:
    """Run to the end, on uvloop where there is one (not on Windows): half the work of an answer is the event loop's."""
    with asyncio.Runner(loop_factory=uvicorn.Config("", loop="auto").get_loop_factory()) as runner:
        runner.run(serving)


async def serve(
    channels: Sequence[Channel],
    address: tuple[str, int],
    beats: Sequence[Beat],
    *,
    started: Callable[[], Awaitable[None]],
    ending: Callable[[], None],
) -> None:
    """Serve until Ctrl+C or SIGTERM, then take nothing new, finish what is in hand, and end. `started` runs once the port
    answers; `ending` is told first, so that long beats break off."""
    app = Starlette(routes=[route for channel in channels for route in channel.routes])
    server = _server(app, *address)
    stop = _stop_signal(asyncio.get_running_loop())
    metronome = _metronome(beats)
    for channel in channels:
        await channel.start()
    serving = asyncio.create_task(server.serve())
    starting = asyncio.create_task(_when_up(server, started))
    metronome.start()
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    ending()
    for task in (starting, stopping):
        task.cancel()
    server.should_exit = True
    beating = asyncio.to_thread(metronome.shutdown)
    await asyncio.gather(*(channel.stop() for channel in channels), beating, serving)


def _server(app: Starlette, host: str, port: int) -> uvicorn.Server:
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=8
    )
    server = uvicorn.Server(config)
    # uvicorn raises a signal again when it is done, which would end the process before the rest of the house has.
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    return server


def _metronome(beats: Sequence[Beat]) -> BackgroundScheduler:
    """APScheduler, in memory: what is due lives in the database."""
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    metronome = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
    for work, seconds in beats:
        metronome.add_job(work, "interval", seconds=seconds)
    return metronome


def _stop_signal(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows has no such handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


async def _when_up(server: uvicorn.Server, started: Callable[[], Awaitable[None]]) -> None:
    while not server.started:  # noqa: ASYNC110 (uvicorn offers no event)
        await asyncio.sleep(0.01)
    await started()
