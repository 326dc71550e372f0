"""Time that passes only when everybody sleeps: loops of minutes run in milliseconds, in their true order."""

import asyncio
import functools
import heapq
import itertools
from datetime import UTC, datetime, timedelta


class Hours:
    """A monotonic clock, a wall clock and a sleep to hand to what is tested; `pass_until` lets time pass."""

    def __init__(self):
        self._now, self._sleepers, self._order = 1000.0, [], itertools.count()

    def monotonic(self):
        return self._now

    def now(self):
        return datetime(2026, 12, 4, 9, tzinfo=UTC) + timedelta(seconds=self._now)

    async def sleep(self, seconds):
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + max(0.0, seconds), next(self._order), woken))
        await woken

    async def pass_until(self, happened, most=100_000):
        """Wakes sleeper after sleeper until `happened()`."""
        for _ in range(most):
            await settled()
            if happened():
                return
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            assert self._sleepers, "nobody sleeps and it has not happened"
            self._now, _, woken = heapq.heappop(self._sleepers)
            woken.set_result(None)
        raise AssertionError("it did not happen")

    async def pass_for(self, seconds):
        """Lets that much time pass."""
        over = asyncio.ensure_future(self.sleep(seconds))
        await self.pass_until(over.done)


async def settled():
    """Lets every task run until it waits for something."""
    for _ in range(30):
        await asyncio.sleep(0)


def told(story):
    """An async test as a plain one, so that no plugin is needed."""

    @functools.wraps(story)
    def test(*args, **kwargs):
        asyncio.run(asyncio.wait_for(story(*args, **kwargs), 20))

    return test
