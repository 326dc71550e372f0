"""Files on their way in: nobody holds the others up by sending many."""

import asyncio

from channels.telegram.reading import Document, Event
from channels.telegram.receiving import Receiver
from handlers.messages import UNREADABLE, Address, Incoming
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import Hours, told


class Shelf:
    """An Api whose files take `takes` seconds of the clock's; at most `most` were fetched at the same time."""

    def __init__(self, hours, takes):
        self.hours, self.takes, self.now, self.most = hours, takes, 0, 0

    async def file(self, file_id, most):
        self.now += 1
        self.most = max(self.most, self.now)
        await self.hours.sleep(self.takes)
        self.now -= 1
        return b"x"


class Nobody:
    def show(self, owed):
        pass


def sent(hours, number, person):
    incoming = Incoming(f"telegram:{number}", Address("telegram", str(person)), hours.now())
    return Event(number, incoming, document=Document(str(number), "a.xlsx", "x"))


@told
async def test_four_files_are_fetched_at_once_and_all_come():
    hours, house = Hours(), CollectingHouse()
    shelf = Shelf(hours, 2.0)
    receiver = Receiver(house.house, shelf, Nobody(), Nobody(), monotonic=hours.monotonic)
    taking = asyncio.gather(*(receiver.take(sent(hours, n, n)) for n in range(10)))
    await hours.pass_until(taking.done)
    assert shelf.most == 4
    assert all(incoming.file for incoming in house.came)


@told
async def test_a_person_has_twenty_seconds_of_fetching_a_minute_and_then_is_told():
    hours, house = Hours(), CollectingHouse()
    receiver = Receiver(house.house, Shelf(hours, 8.0), Nobody(), Nobody(), monotonic=hours.monotonic)

    async def many():
        for number in range(5):
            await receiver.take(sent(hours, number, 7))
        await receiver.take(sent(hours, 99, 8))

    taking = asyncio.ensure_future(many())
    await hours.pass_until(taking.done)
    assert [incoming.action for incoming in house.came] == ["", "", "", UNREADABLE, UNREADABLE, ""]
    await hours.pass_for(61)
    taking = asyncio.ensure_future(receiver.take(sent(hours, 100, 7)))
    await hours.pass_until(taking.done)
    assert house.came[-1].file
