"""From an event to its record: fetches the file, hands the Incoming to the house, and only then lets anything be seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from channels.answering import Answers
from channels.base import House
from channels.wecom.api import Api
from channels.wecom.cards import answered
from channels.wecom.reading import CHANNEL, Event, Media
from channels.wecom.refusals import Trouble
from handlers.messages import BLOCKED, UNREADABLE, Answered, File, Incoming, Owed, ShownCard, read_card_action

log = structlog.get_logger()

FETCH_SECONDS = 20.0


class Receiver:
    """`take` resolves once the event is on disk, to the label that greys the pressed card at once, and raises if it is not. Its replies
    follow by themselves. Four files are fetched at once; one that does not come within 20 s is UNREADABLE, and its sender can try again."""

    def __init__(self, house: House, api: Api, answers: Answers) -> None:
        self._house, self._api, self._answers = house, api, answers
        self._fetches = asyncio.Semaphore(4)

    async def take(self, event: Event) -> str:
        """Records an event. A repetition, whose answer WeCom did not get, greys its card all the same."""
        if event.trouble:
            log.error("wecom_warns", of=event.trouble)
            await self._house.alarm(CHANNEL, event.trouble, {})
        if event.incoming is None:
            return ""
        incoming = await self._with_file(event.incoming, event.media) if event.media else event.incoming
        recorded = await self._house.submit(incoming)
        label = _label(incoming, recorded) if event.task else ""
        self._show(incoming, recorded, label)
        return label

    def _show(self, incoming: Incoming, recorded: Answered, label: str) -> None:
        """Replies of a repeated event have been shown, are on their way, or will be owed. Who has just left is told nothing."""
        if recorded.again:
            return
        pressed = read_card_action(incoming.action)
        if pressed and label:
            self._answers.note([ShownCard(incoming.account, pressed[0], "")])
        replies = () if incoming.action == BLOCKED else recorded.replies
        self._answers.show(Owed(recorded.key, incoming.account, incoming.origin, replies))

    async def _with_file(self, incoming: Incoming, media: Media) -> Incoming:
        try:
            async with asyncio.timeout(FETCH_SECONDS), self._fetches:
                content = await self._api.download(media.id)
        except (Trouble, TimeoutError) as error:
            log.warning("file_not_fetched", error=str(error) or "took too long")
            content = None
        if content is None:
            return replace(incoming, action=UNREADABLE)
        return replace(incoming, file=File(media.name, media.media_type, content))


def _label(incoming: Incoming, recorded: Answered) -> str:
    """What the pressed card's button says from now on: what was chosen, and that only where it was recorded; a card that stays as it
    is can be pressed again, as after an error. A press answered by the same question was no answer: its card points down."""
    reply = next((reply for reply in recorded.replies if reply.edits), None)
    if reply is None:
        return ""
    pressed = read_card_action(incoming.action)
    again = pressed is not None and reply.card is not None and reply.card.token == pressed[0]
    return "↓" if again else answered(incoming.action)
