"""HTTP/1.1 as cheaply as a measurement needs it: messages with a Content-Length on connections that are kept alive."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import cast

_LENGTH = re.compile(rb"(?i)\r\ncontent-length:\s*(\d+)")
_RESULT = b'{"ok":true,"result":{"message_id":11,"date":1795000000,"chat":{"id":1,"type":"private"},"text":"."}}'
_INSTANT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_RESULT),
    _RESULT,
)


class Messages(asyncio.Protocol):
    """Cuts what comes in into messages; `came` gets the head of each."""

    def __init__(self) -> None:
        self._held = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        held = self._held + data
        while (end := held.find(b"\r\n\r\n")) >= 0:
            length = _length(held[:end])
            if len(held) < end + 4 + length:
                break
            head, held = held[:end], held[end + 4 + length :]
            self.came(head)
        self._held = held

    def came(self, head: bytes) -> None:
        """One whole message has come in."""


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


class InstantBotApi(Messages):
    """A Bot API to which every call succeeds at once."""

    count = 0

    def came(self, head: bytes) -> None:
        type(self).count += 1
        assert self.transport is not None
        self.transport.write(_INSTANT)


class Caller(Messages):
    """One connection to the server: a request at a time; `done(status)` is called with each answer."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__()
        self._lost = lost
        self.waiting: Callable[[int], None] | None = None

    def send(self, request: bytes, done: Callable[[int], None]) -> None:
        """Send a request on the idle connection."""
        assert self.transport is not None
        self.waiting = done
        self.transport.write(request)

    def came(self, head: bytes) -> None:
        done, self.waiting = self.waiting, None
        if done is not None:
            done(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if self.waiting is not None:
            self.waiting(0)
        self._lost()


class Pool:
    """At most `most` connections, as Telegram keeps them; a request waits for one that is free, and its clock runs meanwhile."""

    def __init__(self, host: str, port: int, most: int) -> None:
        self._address, self._most = (host, port), most
        self._free: deque[Caller] = deque()
        self._waiting: deque[tuple[bytes, Callable[[int], None]]] = deque()

    async def open(self) -> None:
        """Connect them all."""
        loop = asyncio.get_running_loop()
        for _ in range(self._most):
            _, caller = await loop.create_connection(lambda: Caller(self._one_lost), *self._address)
            self._free.append(caller)

    def _one_lost(self) -> None:
        self._free = deque(caller for caller in self._free if caller.transport is not None)

    def send(self, request: bytes, done: Callable[[int], None]) -> None:
        """Send as soon as a connection is free."""
        if not self._free:
            self._waiting.append((request, done))
            return
        caller = self._free.pop()
        caller.send(request, lambda status: self._answered(caller, status, done))

    def _answered(self, caller: Caller, status: int, done: Callable[[int], None]) -> None:
        if caller.transport is not None:
            self._free.append(caller)
        if self._waiting and self._free:
            self.send(*self._waiting.popleft())
        done(status)

    def close(self) -> None:
        """Close them all."""
        for caller in self._free:
            if caller.transport is not None:
                caller.transport.close()
