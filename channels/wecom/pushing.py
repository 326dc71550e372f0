"""The sender loop of the app: what is alike goes to a thousand members in one call, and each of them is settled by himself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from channels.allowance import Allowance
from channels.base import DeliveryFailed, House
from channels.sending import Clock, Pace, Settling, Sleep, SlowDown, unless, utc_now
from channels.wecom.reading import CHANNEL
from channels.wecom.refusals import NOBODY, SECONDS_OF_REST, Refused, Trouble, Unsure, raised
from channels.wecom.showing import Manner, Message, messages
from channels.wecom.speaking import MOST_USERS, Recipients, Sent, Speaker, task_of
from handlers.messages import Outcome, Parcel

log = structlog.get_logger()

CHUNK = 100
"""Parcels of one claim: each claim is a turn of the ledger, between which people's answers are recorded."""

AT_ONCE = 16
"""Calls on their way at the same time."""

TRIES = 3
"""Of a message that follows one which is out: a notice is not left half said for the sake of one refusal."""


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
        self._not_begun: dict[int, Parcel] = {}

    def start(self) -> None:
        """Begins, in a task of its own."""
        self._settling.start()
        self._running = asyncio.create_task(self._run(), name="wecom: sender")

    async def stop(self, within: float = 8.0) -> None:
        """Sends nothing new, waits `within` seconds for the calls that are on their way, hands back what had to wait for them, settles."""
        self._stop.set()
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=within)
            self._running.cancel()
            await asyncio.wait({self._running})
        for parcel in list(self._not_begun.values()):
            self._later(parcel, 0.0, "stopped")
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
            groups: dict[Hashable, list[Parcel]] = {}
            for parcel in wave:
                groups.setdefault(_what(parcel), []).append(parcel)
            await asyncio.gather(*map(self._send, groups.values()))
        return bool(parcels)

    async def _claimed(self) -> list[Parcel]:
        found: list[Parcel] = []
        while len(found) < MOST_USERS and not self._stop.is_set():
            chunk = await self._house.claim(CHANNEL, min(CHUNK, MOST_USERS - len(found)))
            found += chunk
            self._not_begun |= {parcel.id: parcel for parcel in chunk}
            if len(chunk) < CHUNK:
                break
        return found

    async def _send(self, group: list[Parcel]) -> None:
        """One reply to a group. What is wrong with it holds up no other."""
        async with self._room:
            try:
                size = len(messages([group[0].reply], task_of(""), self._manner))
                if allowed := self._allowed(group, size):
                    await self._send_to(allowed)
            except Exception:
                log.exception("push_failed", channel=CHANNEL, people=len(group))
                for parcel in group:
                    self._settle(Outcome(parcel.id, "uncertain", reason="error"))

    def _allowed(self, parcels: Sequence[Parcel], size: int) -> list[Parcel]:
        """Those whose members may get `size` messages now; the others wait in the store, so that nobody waits for them."""
        found = []
        for parcel in parcels:
            now = self._monotonic()
            if (wait := self._allowance.wait(parcel.address.id, now, size)) > 0:
                self._later(parcel, wait, "paced")
            else:
                self._allowance.take(parcel.address.id, now)
                found.append(parcel)
        return found

    async def _send_to(self, group: list[Parcel]) -> None:
        """Message by message. Once the first is out nothing may send the whole again."""
        if (held := self._pace.halted(self._monotonic())) > 0 or self._stop.is_set():
            for parcel in group:
                self._later(parcel, held, "paced")
            return
        for parcel in group:
            self._not_begun.pop(parcel.id, None)
        stem = task_of(f"{sorted(parcel.id for parcel in group)}{group[0].copy}")
        first: Sent | None = None
        for message in messages([group[0].reply], stem, self._manner):
            reached = [p for p in group if first is None or not first.missed(p.address.id)]
            if not reached:
                break
            try:
                sent = await (self._one(reached, message) if first is None else self._go_on(reached, message))
            except Trouble as trouble:
                if first is None and len(group) > 1 and _about_some(trouble):
                    self._not_begun |= {parcel.id: parcel for parcel in group}
                    await self._send_to(group[: len(group) // 2])
                    await self._send_to(group[len(group) // 2 :])
                else:
                    self._failed(group, first, trouble)
                return
            first = (
                sent if first is None else Sent(first.number, first.code or sent.code, first.unseen, first.unlicensed)
            )
        self._rest = 1.0
        for parcel in group:
            self._sent(parcel, first or Sent())

    async def _one(self, group: list[Parcel], message: Message) -> Sent:
        return await self._speaker.send(Recipients(tuple(parcel.address.id for parcel in group)), message)

    async def _go_on(self, group: list[Parcel], message: Message) -> Sent:
        """A message after the first. What surely was not sent is tried again after the rest that everything takes."""
        for parcel in group:
            await self._turn(parcel.address.id)
        for _ in range(TRIES - 1):
            try:
                return await self._one(group, message)
            except Trouble as trouble:
                error = raised(trouble)
                if isinstance(error, Unsure) or (isinstance(error, DeliveryFailed) and error.permanent):
                    raise
                await self._pause(self._halt(error))
        return await self._one(group, message)

    async def _turn(self, user: str) -> None:
        """Waits for a member's allowance: of a text longer than a minute's nothing is dropped either."""
        while (delay := self._allowance.wait(user, self._monotonic())) > 0:
            await self._sleep(delay)
        self._allowance.take(user, self._monotonic())

    def _sent(self, parcel: Parcel, sent: Sent) -> None:
        if why := sent.missed(parcel.address.id):
            self._settle(Outcome(parcel.id, "failed", reason=why))
        else:
            self._settle(Outcome(parcel.id, "sent", sent.number, code=sent.code))

    def _failed(self, group: list[Parcel], first: Sent | None, trouble: Trouble) -> None:
        error = raised(trouble)
        log.warning("push_not_sent", people=len(group), error=str(trouble))
        if first is not None or isinstance(error, Unsure):
            for parcel in group:
                why = first.missed(parcel.address.id) if first else ""
                self._settle(Outcome(parcel.id, "failed" if why else "uncertain", reason=why or "no_answer"))
        elif isinstance(error, DeliveryFailed) and error.permanent:
            refused = trouble if isinstance(trouble, Refused) and error.reason == "unlicensed" else None
            for parcel in group:
                named = refused is None or parcel.address.id in refused.unlicensed
                self._settle(Outcome(parcel.id, "failed", reason=error.reason if named else "not_visible"))
        else:
            self._wait_for(group, error)

    def _wait_for(self, group: list[Parcel], error: Exception) -> None:
        """Surely not sent: it goes once everything has rested."""
        rest = self._halt(error)
        for parcel in group:
            self._later(parcel, rest, str(error))

    def _halt(self, error: Exception) -> float:
        """Everything rests, for the minute WeCom asks for, else longer each time, up to half a minute; how long."""
        rest = SECONDS_OF_REST if isinstance(error, SlowDown) else self._rest
        self._rest = min(30.0, self._rest * 2)
        self._pace.halt(rest, self._monotonic())
        return rest

    def _later(self, parcel: Parcel, seconds: float, reason: str) -> None:
        at = self._now() + timedelta(seconds=seconds)
        self._settle(Outcome(parcel.id, "retry", reason=reason, not_before=at))

    def _settle(self, outcome: Outcome) -> None:
        self._not_begun.pop(outcome.id, None)
        self._settling.add(outcome)

    async def _pause(self, seconds: float) -> None:
        await unless(self._stop, self._sleep(seconds))


def _what(parcel: Parcel) -> Hashable:
    """What is the same for all who get it in one call. Files of the store are told apart by their number, and not by reading them."""
    return replace(parcel.reply, files=()), tuple(file.id or file for file in parcel.reply.files), parcel.copy


def _about_some(trouble: Trouble) -> bool:
    """Whether a call was refused for the sake of some of those it named: the others may still be reached."""
    return isinstance(trouble, Refused) and trouble.kind == "recipient" and trouble.code != NOBODY


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
