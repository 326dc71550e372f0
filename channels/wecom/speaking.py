"""Everything the app says: to one member or to a thousand in one call, within what WeCom would otherwise drop without a word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import structlog

from channels.allowance import Allowance
from channels.base import DeliveryFailed
from channels.sending import Clock, Pace, Sleep, SlowDown
from channels.wecom.api import Api
from channels.wecom.media import Media
from channels.wecom.refusals import (
    SAME_TASK,
    SECONDS_OF_REST,
    NotSent,
    Refused,
    Trouble,
    Unsure,
    raised,
    users_in,
    verdict,
)
from channels.wecom.showing import Manner, Message, messages
from handlers.messages import Owed, ShownCard

log = structlog.get_logger()

MOST_USERS = 1000
"""Members one call may name (document 90236); departments and tags a hundred each."""
_TRIES = 4
_MOST_BEGUN = 1000
_REPEATS_KNOWN_FOR = 4 * 3600


@dataclass(frozen=True, slots=True)
class Recipients:
    """To whom one call goes: members, whole departments, tags, by their numbers in WeCom."""

    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()

    def fields(self) -> dict[str, str]:
        """As WeCom wants them."""
        named = {"touser": self.users, "toparty": self.departments, "totag": self.tags}
        return {name: "|".join(map(str, some)) for name, some in named.items() if some}


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one call that WeCom took: its number, the code that greys the card once for all, and whom it did not reach,
    although it said yes."""

    number: str = ""
    code: str = ""
    unseen: frozenset[str] = field(default=frozenset())
    unlicensed: frozenset[str] = field(default=frozenset())

    def missed(self, user: str) -> str:
        """Why this member got nothing, or ""."""
        return "not_visible" if user in self.unseen else "unlicensed" if user in self.unlicensed else ""


class Speaker:
    """Replies wait for their member's allowance and for a halt, and for nothing else; pushes are spread over time by their own loop."""

    def __init__(
        self,
        api: Api,
        manner: Manner,
        allowance: Allowance,
        pace: Pace,
        *,
        at_once: int = 64,
        monotonic: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._api, self._manner, self._allowance, self._pace = api, manner, allowance, pace
        self._monotonic, self._sleep = monotonic, sleep
        self._room = asyncio.Semaphore(at_once)
        self._media = Media(api.upload, monotonic=monotonic)
        self._begun: dict[str, list[ShownCard]] = {}

    async def show(self, owed: Owed, superseded: Callable[[], bool]) -> Sequence[ShownCard]:
        """Shows the replies of a turn to its member; gives the question cards that stand open then. Raises DeliveryFailed."""
        user, begun = owed.address.id, self._begun.pop(owed.key, [])
        for message in messages(owed.replies, task_of(owed.key), self._manner)[len(begun) :]:
            try:
                sent = await self._insist(user, message)
            except DeliveryFailed:
                self._remember(owed.key, begun)
                raise
            if why := sent.missed(user):
                raise DeliveryFailed(why, permanent=True)
            begun.append(ShownCard(owed.address, message.token, sent.code))
        return [each for each in begun if each.token and each.code]

    def _remember(self, key: str, begun: list[ShownCard]) -> None:
        """What of a reply has been shown, so that the rest goes on there when it is owed."""
        if begun:
            while len(self._begun) >= _MOST_BEGUN:
                self._begun.pop(next(iter(self._begun)))
            self._begun[key] = begun

    async def send(self, to: Recipients, message: Message) -> Sent:
        """One message in one call. A card whose answer got lost is sent again under the same task_id, which WeCom gives to nobody
        twice; that a later try surely was not carried out says nothing about the first. Raises Trouble."""
        tries = 0
        while True:
            try:
                return await self._once(to, message)
            except Trouble as trouble:
                if isinstance(trouble, Refused) and trouble.code == SAME_TASK:
                    return Sent()
                lost = isinstance(trouble, Unsure)
                if not (lost or tries) or verdict(trouble)[0] == "failed":
                    raise
                tries += 1
                if message.kind != "template_card" or tries == _TRIES:
                    raise (trouble if lost else Unsure(str(trouble))) from None
                await self._sleep(0.25 * 2.0**tries)

    async def grey(self, users: Sequence[str], code: str, label: str) -> None:
        """Greys the card that this code belongs to. A code works once, for three days. Raises Trouble."""
        body = {"userids": list(users), "agentid": self._api.credentials.agent_id, "response_code": code,
                "button": {"replace_name": label}}  # fmt: skip
        await self._api.post("/cgi-bin/message/update_template_card", body)

    async def _insist(self, user: str, message: Message) -> Sent:
        """One message of a reply: what surely was not sent is tried again a few times, then the reply is owed."""
        tries = 0
        while True:
            await self._turn(user)
            try:
                async with self._room:
                    return await self.send(Recipients((user,)), message)
            except Trouble as trouble:
                tries += 1
                error = raised(trouble)
                if isinstance(error, SlowDown):
                    self._pace.halt(SECONDS_OF_REST, self._monotonic())
                elif isinstance(error, DeliveryFailed) and error.permanent:
                    raise error from None
                if tries == _TRIES or isinstance(trouble, Unsure):
                    raise DeliveryFailed(str(trouble), permanent=False) from None
                await self._sleep(0.25 * 2.0**tries)

    async def _turn(self, user: str) -> None:
        """Waits for the member's allowance (thirty a minute are shown, the rest dropped) and for a halt."""
        while (delay := self._allowance.wait(user, self._monotonic())) > 0:
            await self._sleep(delay)
        self._allowance.take(user, self._monotonic())
        while (delay := self._pace.reply(self._monotonic())) > 0:
            await self._sleep(delay)
            if not self._pace.halted(self._monotonic()):
                return

    async def _once(self, to: Recipients, message: Message) -> Sent:
        body: dict[str, Any] = {**to.fields(), "agentid": self._api.credentials.agent_id, "msgtype": message.kind}
        if message.kind == "template_card":
            body |= {"enable_duplicate_check": 1, "duplicate_check_interval": _REPEATS_KNOWN_FOR}
        if message.file is None:
            return _sent(await self._api.post("/cgi-bin/message/send", {**body, message.kind: message.body}))
        for again in (False, True):
            number = await self._number(message)
            try:
                content = {**message.body, "media_id": number}
                return _sent(await self._api.post("/cgi-bin/message/send", {**body, message.kind: content}))
            except Refused as refused:
                if refused.kind != "media" or again:
                    raise
                self._media.forget(message.kind, message.file)
        raise AssertionError

    async def _number(self, message: Message) -> str:
        """The file's media_id. An upload whose answer got lost shows nobody anything: it surely was not sent."""
        assert message.file is not None
        try:
            return await self._media.number(message.kind, message.file)
        except Unsure as unsure:
            raise NotSent(str(unsure)) from None


def task_of(key: str) -> Callable[[int], str]:
    """The task_ids of what follows from one event or delivery: the same for a repetition of it."""
    stem = sha256(key.encode()).hexdigest()[:24]
    return lambda number: f"{stem}-{number}"


def _sent(answer: dict[str, Any]) -> Sent:
    return Sent(
        str(answer.get("msgid", "")),
        str(answer.get("response_code", "")),
        users_in(answer.get("invaliduser")),
        users_in(answer.get("unlicenseduser")),
    )
