"""The load, a process of its own: presses over HTTP as Telegram posts them, and the Bot API that the server's replies go to.

`python -m tests.bench.load ORDER`: reads its order as JSON and writes what became of it, as JSON, into the file that the order names.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import uvloop

from tests.bench.wire import InstantBotApi, Pool

HOST = "127.0.0.1"
_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept-Encoding: gzip, deflate\r\n"
    "X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: {length}\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: the file of bodies (a JSON line each: update id, body), where, how many connections; `rate` presses a
    second come at random (0: each connection sends as soon as it is answered); the first `warm` are not measured."""

    presses: str
    port: int
    path: str
    secret: str
    connections: int
    rate: float
    warm: int
    bot_api_port: int
    result: str


@dataclass(slots=True)
class Measured:
    """Seconds of each answered press, and the numbers of those that were answered with 200."""

    seconds: list[float] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    refused: int = 0

    def note(self, update_id: int, status: int, seconds: float) -> None:
        """One answer."""
        if status == 200:
            self.acknowledged.append(update_id)
            self.seconds.append(seconds)
        else:
            self.refused += 1


def main() -> None:
    """Carry out the order that stands on the command line."""
    order = Order(**json.loads(sys.argv[1]))
    Path(order.result).write_text(json.dumps(uvloop.run(_carry_out(order))), encoding="utf-8")


async def _carry_out(order: Order) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    bot_api = await loop.create_server(InstantBotApi, HOST, order.bot_api_port) if order.bot_api_port else None
    requests = list(_requests(order))
    pool = Pool(HOST, order.port, order.connections)
    await pool.open()
    warm = Measured()
    await _sustained(pool, requests[: order.warm], 1, warm)
    measured = Measured()
    began, cpu = time.perf_counter(), time.process_time()
    if order.rate:
        await _offered(pool, requests[order.warm :], order.rate, measured)
    else:
        await _sustained(pool, requests[order.warm :], order.connections, measured)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    if bot_api is not None:
        await _replies_in(len(requests))
        bot_api.close()
    pool.close()
    return {"took": took, "cpu": cpu / took, "seconds": measured.seconds, "refused": measured.refused + warm.refused,
            "measured": len(measured.acknowledged), "acknowledged": warm.acknowledged + measured.acknowledged,
            "calls": InstantBotApi.count}  # fmt: skip


def _requests(order: Order) -> Iterator[tuple[int, bytes]]:
    with Path(order.presses).open("rb") as file:
        for line in file:
            update_id, body = json.loads(line)
            head = _HEAD.format(path=order.path, secret=order.secret, length=len(body.encode()))
            yield update_id, head.encode() + body.encode()


async def _sustained(pool: Pool, requests: list[tuple[int, bytes]], callers: int, measured: Measured) -> None:
    """Each of the callers sends its next press when the last is answered."""
    over = asyncio.Event()
    left, following = len(requests), iter(requests)

    def go_on() -> None:
        if (chosen := next(following, None)) is not None:
            update_id, request = chosen
            at = time.perf_counter()
            pool.send(request, lambda status: done(update_id, status, time.perf_counter() - at))

    def done(update_id: int, status: int, seconds: float) -> None:
        nonlocal left
        measured.note(update_id, status, seconds)
        left -= 1
        if not left:
            over.set()
        go_on()

    for _ in range(callers):
        go_on()
    if left:
        await over.wait()


async def _offered(pool: Pool, requests: list[tuple[int, bytes]], rate: float, measured: Measured) -> None:
    """Presses come by themselves, however long the answers take; each one's clock runs from the moment it was due."""
    over, loop, rng = asyncio.Event(), asyncio.get_running_loop(), Random(7)
    left, due = len(requests), time.perf_counter()

    def done(update_id: int, status: int, seconds: float) -> None:
        nonlocal left
        measured.note(update_id, status, seconds)
        left -= 1
        if not left:
            over.set()

    def send(update_id: int, request: bytes, due: float) -> None:
        pool.send(request, lambda status: done(update_id, status, time.perf_counter() - due))

    for update_id, request in requests:
        due += rng.expovariate(rate)
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        loop.call_soon(send, update_id, request, due)
    await over.wait()


async def _replies_in(presses: int) -> None:
    """Wait for the replies on their way (two calls a press) for as long as they keep coming."""
    before = -1
    while InstantBotApi.count < 2 * presses and InstantBotApi.count != before:
        before = InstantBotApi.count
        await asyncio.sleep(1.0)


if __name__ == "__main__":
    main()
