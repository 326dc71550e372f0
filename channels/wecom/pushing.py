"""The sender loop of the app: what is alike goes to a thousand members in one call, and each of them is settled by himself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from channels.allowance import Allowance
from channels.base import DeliveryFailed, House
from channels.sending import Clock, Pace, Settling, Sleep, SlowDown, unless, utc_now
from channels.wecom.reading import CHANNEL
from channels.wecom.refusals import SECONDS_OF_REST, Trouble, Unsure, raised
from channels.wecom.showing import Manner, Message, messages
from channels.wecom.speaking import MOST_USERS, Recipients, Sent, Speaker, task_of
from handlers.messages import Outcome, Parcel, Reply

log = structlog.get_logger()

CHUNK = 100
"""Parcels of one claim: each claim is a turn of the ledger, between which people's answers are recorded."""

AT_ONCE = 16
"""Calls on their way at the same time."""


class Pusher:
    """Claims, groups by what is said, sends, settles. A member gets one after another, and waits whose allowance is used up; after 45009, or while WeCom is not well,
    everything does."""

    def __init__(
        self,
        house: House,
        speaker: Speaker,
        manner: Manner,
        allowance: Allowance,
        pace: Pace,
        *,
        monotonic: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._house, self._speaker, self._manner = house, speaker, manner
        self._allowance, self._pace = allowance, pace
        self._monotonic, self._now, self._sleep = monotonic, now, sleep
        self._settling = Settling(CHANNEL, house, sleep=sleep)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._stop = asyncio.Event()
        self._rest = 1.0
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins, in a task of its own."""
        self._settling.start()
        self._running = asyncio.create_task(self._run(), name="wecom: sender")

    async def stop(self, within: float = 8.0) -> None:
        """Sends nothing new, waits `within` seconds for the call that is on its way, settles."""
        self._stop.set()
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=within)
            self._running.cancel()
            await asyncio.wait({self._running})
        await self._settling.stop()

    async def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if (held := self._pace.halted(self._monotonic())) > 0:
                    await self._pause(held)
                elif not await self._round():
                    await unless(self._stop, self._house.stirred())
            except Exception:
                log.exception("sender_round_failed", channel=CHANNEL)
                await self._pause(1.0)

    async def _round(self) -> bool:
        """Up to a thousand parcels and their sending; whether there were any."""
        if self._settling.waiting > MOST_USERS:
            await self._pause(0.2)
            return True
        parcels = await self._claimed()
        for wave in _waves(parcels):
            groups: dict[tuple[Reply, bool], list[Parcel]] = {}
            for parcel in self._allowed(wave):
                groups.setdefault((parcel.reply, parcel.copy), []).append(parcel)
            await asyncio.gather(*map(self._send, groups.values()))
        return bool(parcels)

    async def _claimed(self) -> list[Parcel]:
        found: list[Parcel] = []
        while len(found) < MOST_USERS and not self._stop.is_set():
            chunk = await self._house.claim(CHANNEL, min(CHUNK, MOST_USERS - len(found)))
            found += chunk
            if len(chunk) < CHUNK:
                break
        return found

    def _allowed(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """Those whose members may get another message now; the others wait in the store."""
        found = []
        for parcel in parcels:
            now = self._monotonic()
            if (wait := self._allowance.wait(parcel.address.id, now)) > 0:
                self._later(parcel, wait, "paced")
            else:
                self._allowance.take(parcel.address.id, now)
                found.append(parcel)
        return found

    async def _send(self, group: list[Parcel]) -> None:
        async with self._room:
            await self._send_now(group)

    async def _send_now(self, group: list[Parcel]) -> None:
        """One reply to a group, message by message. Once its first message is out nothing may send the whole again."""
        if (held := self._pace.halted(self._monotonic())) > 0 or self._stop.is_set():
            for parcel in group:
                self._later(parcel, held, "paced")
            return
        stem = task_of(f"{sorted(parcel.id for parcel in group)}{group[0].copy}")
        first: Sent | None = None
        for message in messages([group[0].reply], stem, self._manner):
            reached = [p for p in group if first is None or not first.missed(p.address.id)]
            if not reached:
                break
            try:
                sent = await self._one(reached, message, first)
            except Trouble as trouble:
                self._failed(group, first, trouble)
                return
            first = (
                sent if first is None else Sent(first.number, first.code or sent.code, first.unseen, first.unlicensed)
            )
        self._rest = 1.0
        for parcel in group:
            self._sent(parcel, first or Sent())

    async def _one(self, group: list[Parcel], message: Message, first: Sent | None) -> Sent:
        if first is not None:
            for parcel in group:
                await self._turn(parcel.address.id)
        return await self._speaker.send(Recipients(tuple(parcel.address.id for parcel in group)), message)

    async def _turn(self, user: str) -> None:
        """Waits for a member's allowance: of a long text nothing is dropped either."""
        while (delay := self._allowance.wait(user, self._monotonic())) > 0:
            await self._sleep(delay)
        self._allowance.take(user, self._monotonic())

    def _sent(self, parcel: Parcel, sent: Sent) -> None:
        if why := sent.missed(parcel.address.id):
            self._settling.add(Outcome(parcel.id, "failed", reason=why))
        else:
            self._settling.add(Outcome(parcel.id, "sent", sent.number, code=sent.code))

    def _failed(self, group: list[Parcel], first: Sent | None, trouble: Trouble) -> None:
        error = raised(trouble)
        log.warning("push_not_sent", people=len(group), error=str(trouble))
        if first is not None or isinstance(error, Unsure):
            for parcel in group:
                why = first.missed(parcel.address.id) if first else ""
                self._settling.add(Outcome(parcel.id, "failed" if why else "uncertain", reason=why or "no_answer"))
        elif isinstance(error, DeliveryFailed) and error.permanent:
            for parcel in group:
                self._settling.add(Outcome(parcel.id, "failed", reason=error.reason))
        else:
            self._wait_for(group, error)

    def _wait_for(self, group: list[Parcel], error: Exception) -> None:
        """Surely not sent: everything rests, for the minute WeCom asks for, else longer each time, up to half a minute."""
        rest = SECONDS_OF_REST if isinstance(error, SlowDown) else self._rest
        self._rest = min(30.0, self._rest * 2)
        self._pace.halt(rest, self._monotonic())
        for parcel in group:
            self._later(parcel, rest, str(error))

    def _later(self, parcel: Parcel, seconds: float, reason: str) -> None:
        at = self._now() + timedelta(seconds=seconds)
        self._settling.add(Outcome(parcel.id, "retry", reason=reason, not_before=at))

    async def _pause(self, seconds: float) -> None:
        await unless(self._stop, self._sleep(seconds))


def _waves(parcels: Sequence[Parcel]) -> list[list[Parcel]]:
    """One parcel of each member at a time. What a member gets side by side could arrive closer together than it was allowed, and
    WeCom would drop of it what is over its minute."""
    waves: list[list[Parcel]] = []
    had: Counter[str] = Counter()
    for parcel in parcels:
        if had[parcel.address.id] == len(waves):
            waves.append([])
        waves[had[parcel.address.id]].append(parcel)
        had[parcel.address.id] += 1
    return waves
