"""From an event to its record: fetches the file, hands the Incoming to the house, and only then lets anything be seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog
from telegram.error import TelegramError

from channels.base import House
from channels.telegram.answering import Answers
from channels.telegram.calls import Api
from channels.telegram.reading import MOST_BYTES, Document, Event
from handlers.messages import BLOCKED, UNREADABLE, Answered, File, Incoming, Owed

log = structlog.get_logger()

FETCH_SECONDS = 20.0


class Receiver:
    """What polling and webhook have in common. `take` resolves once the event is on disk and raises if it is not.

    Files are fetched before the record, since they are part of it: at most four at once, one per person, 20 s each, so that
    nobody can hold up the others' answers for long; a file that does not come is UNREADABLE, and its sender can try again.
    """

    def __init__(self, house: House, api: Api, answers: Answers) -> None:
        self._house, self._api, self._answers = house, api, answers
        self._fetches = asyncio.Semaphore(4)
        self._fetching: set[str] = set()

    async def take(self, event: Event) -> None:
        """Records the event; its replies follow by themselves. A press that is no business of ours only stops spinning."""
        incoming = event.incoming
        if incoming is not None:
            if event.document is not None:
                incoming = await self._with_file(incoming, event.document)
            self._show(incoming, await self._house.submit(incoming))
        if event.callback:
            self._answers.stop_spinner(event.callback)

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
        if person in self._fetching:
            return None
        self._fetching.add(person)
        try:
            async with asyncio.timeout(FETCH_SECONDS), self._fetches:
                return await self._api.file(document.id, MOST_BYTES)
        except (TelegramError, TimeoutError) as error:
            log.warning("file_not_fetched", error=str(error))
            return None
        finally:
            self._fetching.discard(person)
