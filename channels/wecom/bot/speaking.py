"""Everything this bot says: within what a conversation may get, replies before pushes, each message to its ack before the next."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog

from channels.allowance import Allowance
from channels.base import DeliveryFailed
from channels.sending import Clock, Pace, Sleep, utc_now
from channels.wecom.bot import media, verdicts
from channels.wecom.bot.showing import Body, bodies
from channels.wecom.bot.wire import Wire
from channels.wecom.cards import Card
from channels.wecom.refusals import NotSent, Refused, Trouble, Unsure
from handlers.messages import File, Outcome, Owed, Parcel, ShownCard

log = structlog.get_logger()

PER_MINUTE, PER_HOUR = 25, 900
"""Of the 30 and 1,000 that WeCom lets one conversation have, replies and pushes together."""
WINDOW = 4.5
"""Seconds to answer a press or an entry; WeCom takes 5."""
_MESSAGE_WINDOW = 540.0
_PATIENCE = 3.0
_RECONNECTING = 10.0
_TRIES = 4
_KEPT = 2000


class Asking(Protocol):
    """What is used of a `Connection`."""

    def ask(
        self, cmd: str, body: Mapping[str, Any], *, to: tuple[Wire, str] | None = None
    ) -> Awaitable[Mapping[str, Any]]: ...

    def ready(self, seconds: float) -> Awaitable[bool]: ...


@dataclass(frozen=True, slots=True)
class Door:
    """A callback that can be answered: by its own connection, under its req_id, for some time from `at` on."""

    wire: Wire
    req_id: str
    at: float

    @property
    def to(self) -> tuple[Wire, str]:
        return self.wire, self.req_id


class Speaker:
    """`salt` resolves to what tells this house's cards from another's with the same bot. A reply that was shown in part is taken up
    where it was left, and one that was shown is not shown again while the house does not know it yet."""

    def __init__(
        self,
        connection: Asking,
        uploads: media.Media,
        pace: Pace,
        salt: Callable[[], Awaitable[str]],
        *,
        allowance: Allowance | None = None,
        monotonic: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._connection, self._uploads, self._pace, self._salt = connection, uploads, pace, salt
        self._allowance = Allowance(PER_MINUTE, PER_HOUR) if allowance is None else allowance
        self._monotonic, self._now, self._sleep = monotonic, now, sleep
        self._doors: dict[str, Door] = {}
        self._progress: dict[str, int] = {}
        self._replying: Counter[str] = Counter()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def opened(self, key: str, door: Door) -> None:
        """The message with this inbox key can be answered here, once."""
        _remember(self._doors, key, door)

    async def reply(self, owed: Owed, _: Callable[[], bool]) -> Sequence[ShownCard]:
        """Shows replies (`answering.Show`): the first body as the answer to the message, the rest as messages of their own. No card of
        this bot can be greyed later. Raises DeliveryFailed."""
        chat, salt = owed.address.id, await self._salt()
        found = [
            body
            for at, reply in enumerate(owed.replies)
            for body in bodies(reply, task_of(salt, f"{owed.key}:{chat}:{at}"))
        ]
        door = self._doors.pop(owed.key, None)
        with self._replies(chat):
            async with self._lock(chat):
                for at in range(self._progress.get(owed.key, 0), len(found)):
                    try:
                        await self._insist(chat, found[at], door if at == 0 else None)
                    except (Refused, NotSent, Unsure) as error:
                        state, reason = verdicts.verdict(error)
                        raise DeliveryFailed(reason, permanent=state == "failed") from None
                    _remember(self._progress, owed.key, at + 1)
        return ()

    async def push(self, parcel: Parcel) -> Outcome:
        """Sends a delivery and says what became of it. What a person cannot have yet goes back to the queue; once a part of it is out
        nothing may send the whole again, so a rest that fails is uncertain at worst."""
        chat = parcel.address.id
        found = bodies(parcel.reply, task_of(await self._salt(), f"{parcel.id}:{chat}"))
        if not found:
            return Outcome(parcel.id, "failed", reason="empty")
        if not await self._connection.ready(_PATIENCE):
            return Outcome(parcel.id, "retry", reason="unreachable")
        if (wait := self._allowance.wait(chat, self._monotonic(), len(found))) > _PATIENCE:
            return self._later(parcel, wait)
        self._pace.charge(len(found) - 1, self._monotonic())
        await self._admitted(chat, urgent=False)
        async with self._lock(chat):
            for at, body in enumerate(found):
                try:
                    await (self._insist(chat, body) if at else self._carry_out(chat, body, None))
                except Refused as refused:
                    if body.card is not None and verdicts.is_there_already(refused):
                        continue
                    if at == 0 and refused.code == verdicts.TOO_MUCH:
                        self._hold(chat)
                        return self._later(parcel, verdicts.SECONDS_OF_REST)
                    return self._unsent(parcel, refused, at)
                except (NotSent, Unsure) as error:
                    return self._unsent(parcel, error, at)
        return Outcome(parcel.id, "sent", f"{parcel.id}")

    async def replace(self, chat: str, card: Card, door: Door) -> None:
        """Puts a card in the place of the pressed one, if that is possible in time; it is a mark only, and what the press came to is
        said by a message in any case."""
        body = {"response_type": "update_template_card", "template_card": card}
        await self._in_time(chat, "aibot_respond_update_msg", body, door)

    async def welcome(self, chat: str, text: str, door: Door) -> None:
        """Greets somebody who has opened the chat, if that is possible in time."""
        await self._in_time(chat, "aibot_respond_welcome_msg", {"msgtype": "text", "text": {"content": text}}, door)

    async def say(self, chat: str, text: str) -> None:
        """Says something that stands in no book; if it does not arrive, the log says so."""
        try:
            with self._replies(chat):
                await self._insist(chat, Body(markdown=text))
        except (Refused, NotSent, Unsure) as error:
            log.warning("wecom_bot_not_said", error=str(error))

    async def _in_time(self, chat: str, cmd: str, body: Mapping[str, Any], door: Door) -> None:
        with self._replies(chat):
            left = door.at + WINDOW - self._monotonic()
            if self._allowance.wait(chat, self._monotonic()) > left:
                log.info("wecom_bot_too_much_for_an_answer_in_time", cmd=cmd)
                return
            await self._admitted(chat, urgent=True)
            try:
                await self._connection.ask(cmd, body, to=door.to)
            except (Refused, NotSent, Unsure) as error:
                log.info("wecom_bot_not_answered_in_time", cmd=cmd, error=str(error))

    async def _insist(self, chat: str, body: Body, door: Door | None = None) -> None:
        """One message, with all ways out but for sending twice what may have arrived."""
        tries = 0
        while True:
            await self._admitted(chat, urgent=True)
            try:
                await self._carry_out(chat, body, door)
                return
            except Refused as refused:
                if body.card is not None and verdicts.is_there_already(refused):
                    return
                if door is not None and refused.code in verdicts.CLOSED_DOOR:
                    door = None
                    continue
                if refused.code == verdicts.TOO_MUCH:
                    self._hold(chat)
                    continue
                tries += 1
                if tries == _TRIES or refused.kind != "retry":
                    raise
                await self._sleep(0.25 * 2.0**tries)
            except NotSent:
                tries += 1
                if tries == _TRIES or not await self._connection.ready(_RECONNECTING):
                    raise

    async def _carry_out(self, chat: str, body: Body, door: Door | None) -> None:
        """One message, which counts from now on; a file that WeCom has forgotten is uploaded again."""
        self._pace.spoke(chat, self._monotonic())
        try:
            await self._ask(chat, body, door)
        except Refused as refused:
            if body.file is None or not verdicts.media_is_gone(refused):
                raise
            self._uploads.forget(body.file)
            await self._ask(chat, body, door)

    async def _ask(self, chat: str, body: Body, door: Door | None) -> None:
        uploaded = await self._uploaded(body.file)
        if door is not None and self._monotonic() - door.at < _MESSAGE_WINDOW:
            await self._connection.ask("aibot_respond_msg", body.answered(f"s{door.req_id}", uploaded), to=door.to)
        else:
            await self._connection.ask("aibot_send_msg", {"chatid": chat, "chat_type": 1, **body.sent(uploaded)})

    async def _uploaded(self, file: File | None) -> tuple[str, str]:
        return (media.kind(file), await self._uploads.number(file)) if file else ("", "")

    async def _admitted(self, chat: str, *, urgent: bool) -> None:
        """Waits until this conversation may have the next message, and takes it; a push lets every waiting reply go first."""
        while True:
            now = self._monotonic()
            delay = self._allowance.wait(chat, now)
            if delay <= 0 and not urgent and self._replying[chat]:
                delay = 0.1
            if delay <= 0:
                self._allowance.take(chat, now)
                return
            await self._sleep(delay)

    def _hold(self, chat: str) -> None:
        log.warning("too_fast", channel="wecom_bot", seconds=verdicts.SECONDS_OF_REST)
        self._allowance.hold(chat, verdicts.SECONDS_OF_REST, self._monotonic())

    def _later(self, parcel: Parcel, seconds: float) -> Outcome:
        return Outcome(parcel.id, "retry", reason="too_much", not_before=self._now() + timedelta(seconds=seconds))

    def _unsent(self, parcel: Parcel, error: Trouble, parts: int) -> Outcome:
        state, reason = verdicts.verdict(error)
        log.warning("push_not_sent", delivery=parcel.id, state=state, reason=reason, error=str(error))
        return Outcome(parcel.id, "uncertain" if parts and state == "retry" else state, reason=reason)

    def _lock(self, chat: str) -> asyncio.Lock:
        """What belongs together stays together."""
        return self._locks.setdefault(chat, asyncio.Lock())

    @contextmanager
    def _replies(self, chat: str) -> Iterator[None]:
        self._replying[chat] += 1
        try:
            yield
        finally:
            self._replying[chat] -= 1
            if not self._replying[chat]:
                del self._replying[chat]


def task_of(salt: str, what: str) -> str:
    """The number of a reply's or delivery's cards: the same whenever it is sent again, and nobody else's."""
    return "x" + sha256(f"{salt}:{what}".encode()).hexdigest()[:32]


def _remember(kept: dict[str, Any], key: str, value: Any) -> None:
    kept.pop(key, None)
    while len(kept) >= _KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = value
