"""From an event to its record: fetches the file, hands the Incoming to the house, and only then lets anything be seen."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial

import structlog
from telegram.error import TelegramError

from channels.answering import Answers
from channels.base import House
from channels.sending import Clock
from channels.telegram.calls import Api
from channels.telegram.reading import MOST_BYTES, Document, Event
from channels.telegram.speaking import Speaker
from handlers.messages import BLOCKED, UNREADABLE, Answered, File, Incoming, Owed

log = structlog.get_logger()

FETCH_SECONDS = 20.0
_MINUTE = 60.0


class Receiver:
    """What polling and webhook have in common. `take` resolves once the event is on disk and raises if it is not.

    Files are fetched before the record, since they are part of it. So that nobody can hold up the others' answers by sending
    files, four are fetched at once and a person has 20 s of fetching (and waiting for it) a minute. A file that does not come
    in that time is UNREADABLE, and its sender can try again.
    """

    def __init__(
        self, house: House, api: Api, answers: Answers, speaker: Speaker, *, monotonic: Clock = time.monotonic
    ) -> None:
        self._house, self._api, self._answers, self._speaker = house, api, answers, speaker
        self._monotonic = monotonic
        self._fetches = asyncio.Semaphore(4)
        self._spent: dict[str, tuple[float, float]] = {}

    async def take(self, event: Event) -> None:
        """Records the event; its replies follow by themselves. A press that is no business of ours only stops spinning."""
        incoming = event.incoming
        answered: Answered | None = None
        if incoming is not None:
            if event.document is not None:
                incoming = await self._with_file(incoming, event.document)
            answered = await self._house.submit(incoming)
        if event.callback:
            self._answers.aside(partial(self._speaker.stop_spinner, event.callback))
        if incoming is not None and answered is not None:
            self._show(incoming, answered)

    def _show(self, incoming: Incoming, answered: Answered) -> None:
        """Replies of a repeated event have been shown, are on their way, or will be owed: shown now, they could put an old
        question over a newer one. Who has just blocked us is told nothing."""
        if answered.again:
            return
        replies = () if incoming.action == BLOCKED else answered.replies
        self._answers.show(Owed(answered.key, incoming.account, incoming.origin, replies))

    async def _with_file(self, incoming: Incoming, document: Document) -> Incoming:
        content = await self._fetched(incoming.account.id, document)
        if content is None:
            return replace(incoming, text="", action=UNREADABLE)
        return replace(incoming, file=File(document.name, document.media_type, content))

    async def _fetched(self, person: str, document: Document) -> bytes | None:
        began = self._monotonic()
        since, spent = self._spent.get(person, (began, 0.0))
        if began - since > _MINUTE:
            since, spent = began, 0.0
        try:
            async with asyncio.timeout(FETCH_SECONDS - spent), self._fetches:
                return await self._api.file(document.id, MOST_BYTES)
        except (TelegramError, TimeoutError) as error:
            log.warning("file_not_fetched", error=str(error) or "took too long")
            return None
        finally:
            now = self._monotonic()
            self._spent = {other: kept for other, kept in self._spent.items() if now - kept[0] <= _MINUTE}
            self._spent[person] = (since, spent + now - began)
