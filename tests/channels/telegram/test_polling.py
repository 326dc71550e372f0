"""The poll loop on a clock of its own: what the offset does, and how long it waits."""

import asyncio

from telegram.error import Conflict, InvalidToken, NetworkError, TimedOut

from channels.telegram.polling import Poller
from channels.telegram.request import TooFast
from tests.fakes.hours import Hours, told


class Line:
    """An Api whose getUpdates follows a script: lists are answered, exceptions raised; after it, silence."""

    def __init__(self, *script):
        self.hours, self.script = Hours(), list(script)
        self.asked, self.times, self.taken, self.renewed, self.refuse = [], [], [], 0, set()
        self.poller = Poller(
            self, self._take, monotonic=self.hours.monotonic, now=self.hours.now, sleep=self.hours.sleep
        )

    async def updates(self, offset, wait):
        self.asked.append(offset)
        self.times.append(self.hours.monotonic())
        if not self.script:
            await self.hours.sleep(wait)
            return []
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    async def renew_polls(self):
        self.renewed += 1

    async def _take(self, event):
        await asyncio.sleep(0)
        if event.update_id in self.refuse:
            self.refuse.discard(event.update_id)
            raise RuntimeError("the disk is full")
        self.taken.append(event.update_id)

    async def plays(self, happened):
        running = asyncio.create_task(self.poller.run())
        await self.hours.pass_until(happened)
        self.poller.stop()
        await self.hours.pass_until(running.done)


def said(number, person=7):
    chat = {"id": person, "type": "private"}
    return {
        "update_id": number,
        "message": {"chat": chat, "from": {"id": person}, "text": str(number), "message_id": 1},
    }


@told
async def test_the_offset_begins_at_nothing_and_follows_what_is_on_disk():
    line = Line([said(5), said(6)], [said(9)])
    await line.plays(lambda: len(line.asked) == 3)
    assert line.asked == [0, 7, 10]
    assert line.taken == [5, 6, 9]


@told
async def test_the_offset_stays_at_the_first_that_failed_and_the_same_persons_next_waits_for_it():
    batch = [said(1, 7), said(2, 8), said(3, 7), said(4, 8)]
    line = Line(batch, batch[1:])
    line.refuse = {2}
    await line.plays(lambda: len(line.asked) == 3)
    assert line.asked == [0, 2, 5]
    assert line.taken[:2] == [1, 3]
    assert line.taken.index(2) < line.taken.index(4)
    assert line.times[1] - line.times[0] == 1


@told
async def test_it_waits_longer_each_time_and_exactly_as_long_as_it_is_told():
    errors = [NetworkError("x"), TimedOut(), NetworkError("x"), TooFast(17), InvalidToken(), ValueError("a bug")]
    line = Line(*errors, [said(1)], NetworkError("x"))
    await line.plays(lambda: len(line.asked) == 9)
    waits = [later - earlier for earlier, later in zip(line.times, line.times[1:], strict=False)]
    assert waits[:6] == [1, 2, 4, 17, 60, 30]
    assert waits[7] == 1, "a success makes it begin again"


@told
async def test_a_conflict_is_known_until_a_poll_succeeds():
    line = Line(Conflict("terminated by other getUpdates request"))
    running = asyncio.create_task(line.poller.run())
    await line.hours.pass_until(lambda: line.poller.conflict)
    await line.hours.pass_until(lambda: not line.poller.conflict)
    line.poller.stop()
    await line.hours.pass_until(running.done)


@told
async def test_after_a_minute_and_a_half_of_deafness_the_connections_are_thrown_away():
    line = Line(*[NetworkError("x")] * 10)
    assert line.poller.age == 0
    await line.plays(lambda: line.renewed)
    assert line.poller.age > 90


@told
async def test_after_a_day_of_silence_the_numbering_may_start_anew():
    line = Line([said(2_000_000)])
    await line.plays(lambda: 0 in line.asked[1:])
    assert line.times[-1] - line.times[0] >= 24 * 3600
    assert line.asked[1] == 2_000_001


@told
async def test_updates_without_numbers_are_no_reason_to_spin():
    line = Line(*[[{"nonsense": 1}]] * 4)
    await line.plays(lambda: len(line.asked) == 4)
    assert line.times[3] - line.times[0] >= 7


@told
async def test_stopping_gives_up_a_long_poll_at_once():
    line = Line()
    running = asyncio.create_task(line.poller.run())
    await line.hours.pass_until(lambda: line.asked)
    line.poller.stop()
    await asyncio.wait_for(running, 1)
    assert line.hours.monotonic() == 1000
