"""From a frame to its record: fetches the file, hands the Incoming to the house, and only then lets anything be seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from channels.answering import Answers
from channels.base import House
from channels.sending import Clock, Sleep
from channels.wecom.bot.frames import Attachment, Frame
from channels.wecom.bot.showing import replacement
from channels.wecom.bot.speaking import Door, Speaker
from channels.wecom.bot.wire import Wire
from handlers.messages import UNREADABLE, Answered, File, Incoming, Owed

log = structlog.get_logger()

_MOST_WAITING = 1000
_TRIES = 6


class Receiver:
    """One person's frames are taken one after another, everybody's side by side; past `_MOST_WAITING` the connection is not read.

    WeCom delivers every event once and never again: so a record that fails is tried again here, for some seconds, and if it cannot be
    made the person is told that nothing was recorded.
    """

    def __init__(
        self,
        house: House,
        speaker: Speaker,
        answers: Answers,
        fetch: Callable[[Attachment], Awaitable[File | None]],
        *,
        monotonic: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._house, self._speaker, self._answers, self._fetch = house, speaker, answers, fetch
        self._monotonic, self._sleep = monotonic, sleep
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def heard(self, frame: Frame, wire: Wire) -> None:
        """Takes a frame; returns when it stands in the row, which is at once unless a thousand wait already."""
        while len(self._tasks) >= _MOST_WAITING:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        door = Door(wire, frame.req_id, self._monotonic())
        if frame.kind == "enter":
            text = self._words()["wecom.bot_welcome"]
            self._answers.aside(lambda: self._speaker.welcome(frame.who, text, door))
        elif frame.incoming is not None:
            self._in_row(frame, frame.incoming, door)

    async def stop(self, within: float = 3.0) -> None:
        """Waits that long for what is in hand."""
        landed, late = asyncio.ensure_future(self._landed()), asyncio.ensure_future(self._sleep(within))
        await asyncio.wait({landed, late}, return_when=asyncio.FIRST_COMPLETED)
        for task in (landed, late, *self._tasks):
            task.cancel()
        await asyncio.gather(landed, late, *self._tasks, return_exceptions=True)

    async def _landed(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _in_row(self, frame: Frame, incoming: Incoming, door: Door) -> None:
        before = self._last.get(frame.who)

        async def turn() -> None:
            if before is not None and not before.done():
                await asyncio.wait({before})
            await self._take(frame, incoming, door)

        task = asyncio.create_task(turn())
        self._tasks.add(task)
        self._last[frame.who] = task
        task.add_done_callback(lambda done: self._over(done, frame.who))

    def _over(self, task: asyncio.Task[None], who: str) -> None:
        self._tasks.discard(task)
        if self._last.get(who) is task:
            del self._last[who]
        if not task.cancelled() and (error := task.exception()):
            log.error("wecom_bot_turn_failed", error=repr(error))

    async def _take(self, frame: Frame, incoming: Incoming, door: Door) -> None:
        if frame.attachment is not None:
            file = await self._fetch(frame.attachment)
            incoming = replace(incoming, file=file) if file else replace(incoming, text="", action=UNREADABLE)
        answered = await self._recorded(incoming)
        if answered is None:
            text = self._words()["wecom.bot_not_recorded"]
            await self._speaker.say(incoming.account.id, text)
        elif not answered.again:
            self._show(frame.kind, incoming, answered, door)

    async def _recorded(self, incoming: Incoming) -> Answered | None:
        for tried in range(_TRIES):
            try:
                return await self._house.submit(incoming)
            except Exception:
                log.exception("wecom_bot_not_recorded", key=incoming.key, tries=tried + 1)
                await self._sleep(0.2 * 2.0**tried)
        return None

    def _show(self, kind: str, incoming: Incoming, answered: Answered, door: Door) -> None:
        """Replies of a repeated event have been shown, are on their way, or will be owed. The mark on a pressed card goes beside the
        replies, which may have to wait."""
        if kind == "message":
            self._speaker.opened(answered.key, door)
        elif card := replacement(incoming.action, answered.replies, incoming.origin or ""):
            self._answers.aside(lambda: self._speaker.replace(incoming.account.id, card, door))
        self._answers.show(Owed(answered.key, incoming.account, incoming.origin, answered.replies))

    def _words(self) -> Mapping[str, str]:
        """Whoever stands at the door has no language yet."""
        return self._house.words("zh")
