"""Shows the replies of committed turns: per chat in order, each once, and again when nobody is known to have shown them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from channels.base import GONE, DeliveryFailed, House
from channels.sending import Sleep, unless, utc_now
from handlers.messages import BLOCKED, Incoming, Owed, ShownCard

log = structlog.get_logger()

Show = Callable[[Owed, Callable[[], bool]], Awaitable[Sequence[ShownCard]]]
"""Shows replies, and gives the question cards that stand open then. The callable it is given says whether a later press has changed
the same message meanwhile, so that an edit would put an older state over a newer one. Raises DeliveryFailed: permanent is final,
anything else leaves the replies owed."""

_MOST_WAITING = 2000
_KEPT_ORIGINS = 10_000
_MANY = 50
"""As many owed replies at once mean that there are more: after an outage they go out at 25 a second, as pushes do."""


class Answers:
    """The replies on their way. Past `_MOST_WAITING` a reply is left for `house.owed`, so that intake never waits for sends.

    Replies still owed after 15 s are shown again, unless they are on their way here (to the chat, or the word that they were shown to the
    house), or would put an older state of a message
    over a newer one.
    """

    def __init__(
        self,
        channel: str,
        house: House,
        show: Show,
        *,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._channel, self._house, self._how, self._now, self._sleep = channel, house, show, now, sleep
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_their_way: set[str] = set()
        self._newest: dict[tuple[str, str], str] = {}
        self._shown: list[str] = []
        self._cards: list[ShownCard] = []
        self._stop, self._done, self._due = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins to look for owed replies and to report shown ones."""
        self._loops = [asyncio.create_task(self._owed_loop()), asyncio.create_task(self._shown_loop())]

    async def stop(self, within: float = 8.0) -> None:
        """Waits that long for the replies on their way; the rest is owed."""
        self._stop.set()
        landed, late = asyncio.ensure_future(self._landed()), asyncio.ensure_future(self._sleep(within))
        await asyncio.wait({landed, late}, return_when=asyncio.FIRST_COMPLETED)
        for task in (landed, late, *self._tasks):
            task.cancel()
        self._done.set()
        await asyncio.gather(*self._loops, return_exceptions=True)

    def show(self, owed: Owed, *, again: bool = False) -> None:
        """Shows these replies once what this chat waits for already has been shown. Returns at once."""
        if owed.key in self._on_their_way or len(self._tasks) >= _MOST_WAITING or self._stop.is_set():
            return
        if not owed.replies:
            self._report(owed.key)
            return
        self._on_their_way.add(owed.key)
        self._note_newest(owed, again=again)
        self._spawn(lambda: self._show(owed), owed.address.id)

    def note(self, cards: Sequence[ShownCard]) -> None:
        """Cards that were greyed without a word of ours: the house hears of them with the next replies. Returns at once."""
        self._cards += cards
        self._due.set()

    def aside(self, story: Callable[[], Awaitable[None]]) -> None:
        """Something small beside everything else, like a spinner to stop. Returns at once."""
        self._spawn(story)

    async def _show(self, owed: Owed) -> None:
        try:
            self._cards += await self._how(owed, lambda: self._superseded(owed))
            self._report(owed.key)
        except DeliveryFailed as failed:
            await self._unshown(owed, failed)
        except Exception:
            log.exception("reply_failed", channel=self._channel, key=owed.key)
            self._report(owed.key)
        except BaseException:
            self._on_their_way.discard(owed.key)
            raise

    async def _unshown(self, owed: Owed, failed: DeliveryFailed) -> None:
        """A refusal is final, and an account that cannot be reached is told to the house; anything else is owed."""
        log.warning(
            "reply_not_shown", channel=self._channel, key=owed.key, permanent=failed.permanent, reason=failed.reason
        )
        if not failed.permanent:
            self._on_their_way.discard(owed.key)
            return
        self._report(owed.key)
        if failed.reason in GONE:
            key = f"{owed.key}:{failed.reason}"
            await self._house.submit(Incoming(key, owed.address, self._now(), action=f"{BLOCKED} {failed.reason}"))

    def _note_newest(self, owed: Owed, *, again: bool) -> None:
        if not owed.origin or not any(reply.edits for reply in owed.replies):
            return
        place = owed.address.id, owed.origin
        if again:
            self._newest.setdefault(place, owed.key)
            return
        self._newest.pop(place, None)
        self._newest[place] = owed.key
        while len(self._newest) > _KEPT_ORIGINS:
            self._newest.pop(next(iter(self._newest)))

    def _superseded(self, owed: Owed) -> bool:
        """A later press changes the same message, after this one or already: its state is the one to see."""
        return self._newest.get((owed.address.id, owed.origin or ""), owed.key) != owed.key

    def _report(self, key: str) -> None:
        self._shown.append(key)
        self._due.set()

    def _spawn(self, story: Callable[[], Awaitable[None]], chat: str = "") -> None:
        before = self._last.get(chat) if chat else None

        async def tell() -> None:
            if before is not None and not before.done():
                await asyncio.wait({before})
            await story()

        task = asyncio.create_task(tell())
        self._tasks.add(task)
        if chat:
            self._last[chat] = task
        task.add_done_callback(lambda done: self._over(done, chat))

    def _over(self, task: asyncio.Task[None], chat: str) -> None:
        self._tasks.discard(task)
        if self._last.get(chat) is task:
            del self._last[chat]
        if not task.cancelled() and (error := task.exception()):
            log.error("reply_task_failed", error=repr(error))

    async def _landed(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _owed_loop(self) -> None:
        while not self._stop.is_set():
            pause = 5.0
            try:
                found = await self._house.owed(self._channel)
                pause = 5.0 if len(found) < _MANY else _MANY / 25
                for owed in found:
                    self.show(owed, again=True)
            except Exception:
                log.exception("owed_failed", channel=self._channel)
            await unless(self._stop, self._sleep(pause))

    async def _shown_loop(self) -> None:
        """Reports what was shown, a fifth of a second's worth at a time; at the stop once more, whatever comes of it."""
        while not self._done.is_set():
            if await unless(self._done, self._due.wait()):
                await unless(self._done, self._sleep(0.2))
            self._due.clear()
            await self._report_batch()

    async def _report_batch(self) -> None:
        batch, cards = self._shown[:], self._cards[:]
        try:
            if batch or cards:
                await self._house.shown(batch, cards)
            del self._shown[: len(batch)]
            self._on_their_way.difference_update(batch)
            del self._cards[: len(cards)]
        except Exception:
            log.exception("shown_failed", keys=len(batch))
            await unless(self._done, self._sleep(2.0))
            self._due.set()
