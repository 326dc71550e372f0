"""Carries out the calls that show something in a chat: in their order, at the shared pace, with Telegram's ways out."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from telegram import InputFile
from telegram.error import BadRequest, TelegramError

from channels.base import DeliveryFailed
from channels.sending import Clock, Pace, Sleep, SlowDown
from channels.telegram.calls import Api
from channels.telegram.refusals import cannot_edit, unchanged, verdict
from channels.telegram.request import TooFast
from channels.telegram.showing import Call, calls
from handlers.messages import File, Outcome, Owed, ShownCard

log = structlog.get_logger()

_TRIES = 4
_KEPT_UPLOADS = 200


class Speaker:
    """Everything this bot says goes through here. Replies wait for nothing but a halt (HTTP 429); pushes come from the
    sender loop, which has paced them already. What was uploaded once is sent again by its file_id."""

    def __init__(
        self,
        api: Api,
        pace: Pace,
        *,
        at_once: int = 64,
        monotonic: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._api, self._pace = api, pace
        self._monotonic, self._sleep = monotonic, sleep
        self._room, self._spinners = asyncio.Semaphore(at_once), asyncio.Semaphore(at_once)
        self._uploads: dict[str, str] = {}

    async def show(self, owed: Owed, superseded: Callable[[], bool]) -> Sequence[ShownCard]:
        """Shows replies; an edit only while no later press has changed the same message. Telegram's cards need no greying later.
        Raises DeliveryFailed."""
        try:
            for reply in owed.replies:
                if not (reply.edits and superseded()):
                    await self.reply(owed.address.id, calls(reply, owed.origin))
        except TelegramError as error:
            state, reason = verdict(error)
            raise DeliveryFailed(reason, permanent=state == "failed") from error
        return ()

    async def reply(self, chat: str, calls: Sequence[Call]) -> None:
        """Shows a reply. What surely was not sent, and edits, which can be repeated, are tried again a few times; raises the
        last error if the reply, or the rest of it, was not shown or may not have been."""
        for call in calls:
            tries = 0
            while True:
                await self._turn()
                self._pace.spoke(chat, self._monotonic())
                try:
                    async with self._room:
                        await self._carry_out(chat, call)
                    break
                except TooFast as refused:
                    self._pace.halt(refused.seconds, self._monotonic())
                except TelegramError as error:
                    tries += 1
                    state, _ = verdict(error)
                    if tries == _TRIES or not (state == "retry" or (state == "uncertain" and call.edits)):
                        raise
                    await self._sleep(0.25 * 2.0**tries)

    async def push(self, delivery: int, chat: str, calls: Sequence[Call]) -> Outcome:
        """Sends a delivery and says what became of it; raises SlowDown if it was refused for haste before anything was out.
        Once its first message is out nothing may send the whole again, so a rest that fails is uncertain at worst."""
        self._pace.charge(len(calls) - 1, self._monotonic())
        number = ""
        for call in calls:
            try:
                number = await self._next(chat, call, first=not number)
            except TooFast as refused:
                raise SlowDown(refused.seconds) from None
            except TelegramError as error:
                state, reason = verdict(error)
                log.warning("push_not_sent", delivery=delivery, state=state, reason=reason, error=str(error))
                return Outcome(delivery, "uncertain" if number and state == "retry" else state, number, reason)
        return Outcome(delivery, "sent", number) if number else Outcome(delivery, "failed", reason="empty")

    async def stop_spinner(self, callback: str) -> None:
        """Answers a callback query. It is only the spinner on a button: an error, or being too late, harms nothing."""
        if self._pace.halted(self._monotonic()):
            return
        try:
            async with self._spinners:
                await self._api.call("answerCallbackQuery", callback_query_id=callback)
        except TooFast as refused:
            self._pace.halt(refused.seconds, self._monotonic())
        except TelegramError as error:
            log.debug("spinner_not_stopped", error=str(error))

    async def _next(self, chat: str, call: Call, *, first: bool) -> str:
        """One message of a push; the later ones wait out a halt themselves."""
        while True:
            try:
                return await self._carry_out(chat, call)
            except TooFast as refused:
                if first:
                    raise
                self._pace.halt(refused.seconds, self._monotonic())
                await self._turn()

    async def _turn(self) -> None:
        while (delay := self._pace.reply(self._monotonic())) > 0:
            await self._sleep(delay)
            if not self._pace.halted(self._monotonic()):
                return

    async def _carry_out(self, chat: str, call: Call) -> str:
        """One call; the number of the message that now shows it."""
        try:
            if call.file is not None:
                return await self._upload(chat, call, call.file)
            return _number(await self._api.call(call.method, chat_id=chat, **call.arguments))
        except BadRequest as refused:
            if call.edits and unchanged(refused):
                return str(call.arguments["message_id"])
            if call.edits and cannot_edit(refused):
                return await self._carry_out(chat, call.anew())
            if call.method == "sendPhoto":  # wrong proportions, or no picture at all
                return await self._carry_out(chat, Call("sendDocument", call.arguments, call.file))
            raise

    async def _upload(self, chat: str, call: Call, file: File) -> str:
        part = call.method.removeprefix("send").lower()
        name = f"{part}:{file.name}:{hashlib.sha256(file.content).hexdigest()}"
        if known := self._uploads.get(name):
            try:
                return _number(await self._api.call(call.method, chat_id=chat, **{part: known}, **call.arguments))
            except BadRequest as refused:
                if "file" not in str(refused).lower():
                    raise
        sent = InputFile(file.content, filename=file.name)
        result = await self._api.call(call.method, chat_id=chat, **{part: sent}, **call.arguments)
        self._remember(name, result.get(part) if isinstance(result, dict) else None)
        return _number(result)

    def _remember(self, name: str, media: Any) -> None:
        largest = media[-1] if isinstance(media, list) and media else media
        if isinstance(largest, dict) and isinstance(largest.get("file_id"), str):
            while len(self._uploads) >= _KEPT_UPLOADS:
                self._uploads.pop(next(iter(self._uploads)))
            self._uploads[name] = largest["file_id"]


def _number(result: Any) -> str:
    """The message's id; a result without one still means it was sent."""
    number = result.get("message_id") if isinstance(result, dict) else None
    return str(number) if isinstance(number, int) else "0"
