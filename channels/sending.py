"""The one sender loop of every channel that pushes: claims deliveries, keeps to the platform's limits, settles what became of them."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from channels.base import DeliveryFailed, House
from handlers.messages import Outcome, Parcel

log = structlog.get_logger()

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class SlowDown(Exception):
    """The platform refused a call because we were too fast: surely not sent; nothing more for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"nothing for {seconds:g} s")
        self.seconds = seconds


def utc_now() -> datetime:
    """The wall clock; every loop takes it as an argument so that a test can bring its own."""
    return datetime.now(UTC)


async def unless(stop: asyncio.Event, doing: Awaitable[object]) -> bool:
    """Waits for `doing`, or gives it up when `stop` is set; whether it came to its end. Its exception passes through."""
    return await _before(stop.wait(), doing)


async def within(seconds: float, doing: Awaitable[object], sleep: Sleep) -> bool:
    """Waits that long for `doing`, then gives it up; whether it came to its end. Its exception passes through."""
    return await _before(sleep(seconds), doing)


async def _before(over: Awaitable[object], doing: Awaitable[object]) -> bool:
    task, ending = asyncio.ensure_future(doing), asyncio.ensure_future(over)
    try:
        await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if task.cancelled():
        return False
    task.result()
    return True


class Pace:
    """When the next message may go. Pure: `now` is any monotonic clock in seconds, and nothing sleeps here.

    Pushes are spread evenly at `per_second`, never in bursts, and one chat gets one every `per_chat` seconds. A halt holds
    everything; after it pushes come back at a fifth of the rate, rising to all of it within `restart` seconds, and replies
    come evenly instead of all at once.
    """

    def __init__(self, per_second: float = 25.0, per_chat: float = 1.0, restart: float = 10.0) -> None:
        self._interval = 1.0 / per_second
        self._per_chat = per_chat
        self._restart = restart
        self._next = self._next_reply = self._until = -math.inf
        self._spoke: dict[str, float] = {}

    def wait(self, chat: str, now: float) -> float:
        """Seconds until a push to this chat may go; 0 is now."""
        spoke = self._spoke.get(chat, -math.inf)
        return max(0.0, self._next - now, self._until - now, spoke + self._per_chat - now)

    def take(self, chat: str, now: float) -> None:
        """A push goes to this chat now."""
        self.charge(1, now)
        self.spoke(chat, now)

    def charge(self, messages: int, now: float) -> None:
        """That many messages more count towards the pushes' rate. A late timer is made good up to a quarter of a slot."""
        since = now - self._until
        share = min(1.0, 0.2 + 0.8 * since / self._restart) if since < self._restart else 1.0
        self._next = max(self._next, now - self._interval / 4) + messages * self._interval / share

    def spoke(self, chat: str, now: float) -> None:
        """Something went to this chat now, be it a push or a reply."""
        if len(self._spoke) > 10_000:
            self._spoke = {other: at for other, at in self._spoke.items() if at + self._per_chat > now}
        self._spoke[chat] = now

    def reply(self, now: float) -> float:
        """Seconds until a reply may go: 0, but for a halt and the time after it. Asking takes the place in the queue."""
        if now >= self._until + self._restart:
            return 0.0
        at = max(self._next_reply, self._until, now)
        self._next_reply = at + self._interval
        return at - now

    def halt(self, seconds: float, now: float) -> None:
        """Nothing more for that long; a shorter halt never ends a longer one."""
        self._until = max(self._until, now + seconds)
        self._next_reply = max(self._next_reply, self._until)

    def halted(self, now: float) -> float:
        """Seconds the halt still lasts; 0 if there is none."""
        return max(0.0, self._until - now)


class Settling:
    """Outcomes on their way to the house: what has gathered a fifth of a second after the first, at most 500 in a turn. A failing house
    is asked again, and given up only at the stop."""

    def __init__(self, channel: str, house: House, *, sleep: Sleep = asyncio.sleep) -> None:
        self._channel, self._house, self._sleep = channel, house, sleep
        self._outcomes: list[Outcome] = []
        self._drained, self._due = asyncio.Event(), asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many outcomes the house has not taken yet."""
        return len(self._outcomes)

    def start(self) -> None:
        """Begins, in a task of its own."""
        self._running = asyncio.create_task(self._run(), name=f"{self._channel}: settling")

    def add(self, outcome: Outcome) -> None:
        """Takes what became of a parcel. Returns at once."""
        self._outcomes.append(outcome)
        self._due.set()

    async def stop(self) -> None:
        """Settles what there is."""
        self._drained.set()
        self._due.set()
        if self._running is not None:
            await self._running

    async def _run(self) -> None:
        failures = 0
        while True:
            await self._due.wait()
            await unless(self._drained, self._sleep(0.2 if not failures else min(30.0, 2.0**failures)))
            self._due.clear()
            batch = self._outcomes[:500]
            try:
                if batch:
                    await self._house.settle(batch)
                del self._outcomes[: len(batch)]
                failures = 0
            except Exception:
                failures += 1
                log.exception("settle_failed", channel=self._channel, outcomes=len(self._outcomes))
            if self._drained.is_set() and (not self._outcomes or failures > 3):
                return
            if self._outcomes or self._drained.is_set():
                self._due.set()


class Sender:
    """Sends what the house owes on one channel until stopped.

    `send` carries one parcel out. It returns its Outcome, or raises SlowDown (everything halts exactly that long) or
    DeliveryFailed; any other exception is a bug and leaves the parcel `uncertain`. A parcel is claimed only when it can go
    within a second or two, since whatever is claimed when the process dies becomes uncertain. Replies do not pass here:
    they ask the same `Pace`, so a halt holds them too, but no broadcast does.
    """

    def __init__(
        self,
        channel: str,
        house: House,
        send: Callable[[Parcel], Awaitable[Outcome]],
        pace: Pace,
        *,
        at_once: int = 32,
        monotonic: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._channel, self._house, self._send, self._pace = channel, house, send, pace
        self._at_once, self._monotonic, self._now, self._sleep = at_once, monotonic, now, sleep
        self._flying: set[asyncio.Task[None]] = set()
        self._settling = Settling(channel, house, sleep=sleep)
        self._stop = asyncio.Event()
        self._troubles, self._rest, self._rests_until = 0, 1.0, -math.inf
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins, in a task of its own."""
        self._running = asyncio.create_task(self._run(), name=f"{self._channel}: sender")

    async def stop(self, within: float = 8.0) -> None:
        """Sends nothing new, waits `within` seconds for what is on its way, settles. What is then still on its way stays
        `sending` in the store, which finds it uncertain later."""
        self._stop.set()
        if self._running is None:
            return
        landed, late = asyncio.ensure_future(self._landed()), asyncio.ensure_future(self._sleep(within))
        await asyncio.wait({landed, late}, return_when=asyncio.FIRST_COMPLETED)
        for task in (landed, late, *self._flying):
            task.cancel()
        await self._running

    async def _landed(self) -> None:
        while self._flying:
            await asyncio.wait(self._flying)

    async def _run(self) -> None:
        self._settling.start()
        while not self._stop.is_set():
            try:
                if not await self._round():
                    await unless(self._stop, self._house.stirred())
            except Exception:
                log.exception("sender_round_failed", channel=self._channel)
                await self._pause(1.0)
        await self._landed()
        await self._settling.stop()

    async def _round(self) -> bool:
        """One claim and its sends; whether there was anything."""
        held = max(self._pace.halted(self._monotonic()), self._rests_until - self._monotonic())
        room = self._at_once - len(self._flying)
        if held > 0:
            await self._pause(held)
        elif room <= 0:
            await unless(self._stop, asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED))
        elif self._settling.waiting > 500:
            await self._pause(0.5)
        else:
            parcels = await self._house.claim(self._channel, room)
            await self._launch(list(parcels))
            return bool(parcels)
        return True

    async def _launch(self, waiting: list[Parcel]) -> None:
        """Lets each parcel go at its time, those whose chat is free first; hands back what a halt or the stop overtakes."""
        while waiting and not self._stop.is_set():
            now = self._monotonic()
            if self._pace.halted(now) or self._rests_until > now:
                break
            first = min(waiting, key=lambda parcel: self._pace.wait(parcel.address.id, now))
            delay = self._pace.wait(first.address.id, now)
            if delay > 0:
                await self._pause(delay)
                continue
            waiting.remove(first)
            self._pace.take(first.address.id, now)
            task = asyncio.create_task(self._fly(first))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        for parcel in waiting:
            self._settling.add(self._later(parcel))

    async def _fly(self, parcel: Parcel) -> None:
        try:
            outcome = await self._send(parcel)
        except SlowDown as slow:
            log.warning("too_fast", channel=self._channel, seconds=slow.seconds)
            self._pace.halt(slow.seconds, self._monotonic())
            outcome = self._later(parcel)
        except DeliveryFailed as refused:
            outcome = Outcome(parcel.id, "failed" if refused.permanent else "retry", reason=refused.reason)
            self._heed(outcome)
        except Exception:
            log.exception("send_failed", channel=self._channel, delivery=parcel.id)
            outcome = Outcome(parcel.id, "uncertain", reason="error")
        else:
            self._heed(outcome)
        self._settling.add(outcome)

    def _heed(self, outcome: Outcome) -> None:
        """Three troubles in a row: the platform is not well, so pushes rest, longer each time, up to half a minute."""
        if outcome.state in ("sent", "failed"):
            self._troubles, self._rest = 0, 1.0
            return
        self._troubles += 1
        now = self._monotonic()
        if self._troubles >= 3 and now >= self._rests_until:
            log.warning("pushes_rest", channel=self._channel, seconds=self._rest, reason=outcome.reason)
            self._rests_until = now + self._rest
            self._rest = min(30.0, self._rest * 2)

    def _later(self, parcel: Parcel) -> Outcome:
        now = self._monotonic()
        held = max(self._pace.halted(now), self._rests_until - now, 0.0)
        return Outcome(parcel.id, "retry", not_before=self._now() + timedelta(seconds=held))

    async def _pause(self, seconds: float) -> None:
        await unless(self._stop, self._sleep(seconds))
