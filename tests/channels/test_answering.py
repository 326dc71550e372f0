"""Replies on their way, on a clock of their own: in order within a chat, each once, again when owed, and reported with the cards they left."""

import asyncio
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from channels import answering
from channels.answering import Answers
from channels.base import GONE, DeliveryFailed
from handlers.messages import BLOCKED, Address, Owed, Reply, ShownCard
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import Hours, settled, told

ZHANG, LI = Address("chat", "zhang"), Address("chat", "li")


class Wall:
    """Where replies are shown: `seen` are (key, whether a later press had changed the same message); `fate(key)` gives the cards that
    stand open then, or raises; showing takes `takes` seconds."""

    def __init__(self, fate=lambda _: (), *, takes=1.0):
        self.hours = Hours()
        self.house = CollectingHouse(now=self.hours.now, sleep=self.hours.sleep)
        self.fate, self.takes, self.seen = fate, takes, []
        self.answers = Answers("chat", self.house.house, self._show, now=self.hours.now, sleep=self.hours.sleep)

    async def _show(self, owed, superseded):
        await self.hours.sleep(self.takes)
        self.seen.append((owed.key, superseded()))
        return self.fate(owed.key)

    @property
    def keys(self):
        return [key for key, _ in self.seen]

    def show(self, *some):
        for each in some:
            self.answers.show(each)

    async def passes(self, seconds):
        await self.hours.pass_for(seconds)

    async def stops(self, within=8.0):
        stopping = asyncio.ensure_future(self.answers.stop(within))
        await self.hours.pass_until(stopping.done)


def owed(key, who=ZHANG, *, edits=False, origin=None):
    return Owed(key, who, origin, (Reply(f"答{key}", edits=edits),))


def refusing(reason, *, permanent):
    def fate(_):
        raise DeliveryFailed(reason, permanent=permanent)

    return fate


@told
async def test_a_chat_gets_its_replies_in_order_and_waits_for_nobody_elses():
    wall = Wall()
    wall.answers.start()
    wall.show(owed("1"), owed("2"), owed("3"), owed("4", LI))
    await wall.passes(1.1)
    assert sorted(wall.keys) == ["1", "4"]
    await wall.passes(2)
    assert sorted(wall.keys[:2]) + wall.keys[2:] == ["1", "4", "2", "3"]
    await wall.stops()


@told
async def test_what_was_shown_is_reported_together_with_the_questions_it_left_open():
    card = ShownCard(ZHANG, "1.0.m", "code")
    wall = Wall(lambda key: [card] if key == "1" else ())
    wall.answers.start()
    wall.show(owed("1"), owed("2", LI))
    await wall.passes(2)
    assert sorted(wall.house.shown) == ["1", "2"]
    assert wall.house.cards == [card]
    await wall.stops()


@told
async def test_a_card_that_was_greyed_without_a_word_is_reported_without_a_reply():
    wall = Wall()
    wall.answers.start()
    wall.answers.note([ShownCard(ZHANG, "1.0.m", "")])
    await wall.passes(1)
    assert wall.house.cards == [ShownCard(ZHANG, "1.0.m", "")]
    assert wall.house.shown == []
    await wall.stops()


@told
async def test_a_turn_without_replies_is_shown_by_saying_nothing():
    wall = Wall()
    wall.answers.start()
    wall.show(Owed("1", ZHANG, None, ()))
    await wall.passes(1)
    assert (wall.house.shown, wall.seen) == (["1"], [])
    await wall.stops()


@told
async def test_a_report_that_the_house_does_not_take_is_made_again():
    wall = Wall(lambda key: [ShownCard(ZHANG, key, "code")])
    wall.house.failing = {"shown": 2}
    wall.answers.start()
    with capture_logs():
        wall.show(owed("1"))
        await wall.passes(10)
    assert wall.house.shown == ["1"]
    assert [card.token for card in wall.house.cards] == ["1"]
    await wall.stops()


# Refused. -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(GONE))
@told
async def test_an_account_that_is_gone_is_told_to_the_house_as_blocked_once(reason):
    wall = Wall(refusing(reason, permanent=True))
    wall.answers.start()
    with capture_logs():
        wall.show(owed("1"))
        await wall.passes(2)
    [incoming] = wall.house.came
    assert (incoming.key, incoming.account, incoming.action) == (f"1:{reason}", ZHANG, f"{BLOCKED} {reason}")
    assert wall.house.shown == ["1"]
    await wall.stops()


@told
async def test_a_message_that_will_never_be_taken_is_over_and_the_account_is_not():
    wall = Wall(refusing("rejected", permanent=True))
    wall.answers.start()
    with capture_logs():
        wall.show(owed("1"))
        await wall.passes(2)
    assert (wall.house.shown, wall.house.came) == (["1"], [])
    await wall.stops()


@told
async def test_a_bug_in_showing_is_over_too_and_holds_up_nobody():
    wall = Wall(lambda key: 1 / 0 if key == "1" else ())
    wall.answers.start()
    with capture_logs() as logs:
        wall.show(owed("1"), owed("2"))
        await wall.passes(3)
    assert wall.house.shown == ["1", "2"]
    assert [line["event"] for line in logs] == ["reply_failed"]
    await wall.stops()


@told
async def test_what_may_be_tried_again_stays_owed_and_is_shown_when_the_house_says_so():
    tries = []

    def fate(key):
        tries.append(key)
        if len(tries) == 1:
            raise DeliveryFailed("unreachable", permanent=False)
        return ()

    wall = Wall(fate)
    wall.answers.start()
    with capture_logs():
        wall.show(owed("1"))
        await wall.passes(2)
    assert wall.house.shown == []
    wall.house.owing.append(owed("1"))
    await wall.passes(8)
    assert wall.house.shown == ["1"]
    assert tries == ["1", "1"]
    await wall.stops()


# Owed. --------------------------------------------------------------------------------------------------------------------


@told
async def test_what_is_on_its_way_here_is_not_shown_once_more():
    wall = Wall(takes=30)
    wall.answers.start()
    wall.show(owed("1"))
    wall.house.owing.append(owed("1"))
    await wall.passes(65)
    assert wall.keys == ["1"]
    await wall.stops()


@told
async def test_a_house_that_cannot_be_asked_is_asked_again():
    wall = Wall()
    wall.house.failing = {"owed": 2}
    wall.house.owing.append(owed("1"))
    with capture_logs():
        wall.answers.start()
        await wall.passes(14)
    assert wall.house.shown == ["1"]
    await wall.stops()


@told
async def test_many_owed_replies_come_at_twenty_five_a_second_and_few_every_five_seconds():
    asked = []

    class House(CollectingHouse):
        async def _owed(self, channel):
            asked.append(wall.hours.monotonic())
            return [owed(f"{len(asked)}.{n}", Address("chat", str(n))) for n in range(50 if len(asked) < 3 else 1)]

    wall = Wall()
    wall.house = House(now=wall.hours.now, sleep=wall.hours.sleep)
    wall.answers = Answers("chat", wall.house.house, wall._show, now=wall.hours.now, sleep=wall.hours.sleep)
    wall.answers.start()
    await wall.passes(15)
    assert [round(later - earlier) for earlier, later in pairwise(asked[:4])] == [2, 2, 5]
    await wall.stops()


# Edits. -------------------------------------------------------------------------------------------------------------------


@told
async def test_of_two_changes_of_the_same_message_only_the_later_is_the_newest():
    wall = Wall()
    wall.answers.start()
    wall.show(owed("1", edits=True, origin="m"), owed("2", edits=True, origin="m"), owed("3", edits=True, origin="n"))
    await wall.passes(4)
    assert wall.seen == [("1", True), ("2", False), ("3", False)]
    await wall.stops()


@told
async def test_an_owed_change_is_not_the_newest_where_a_later_one_was_shown_meanwhile():
    wall = Wall()
    wall.answers.start()
    wall.show(owed("2", edits=True, origin="m"))
    await wall.passes(2)
    wall.house.owing += [owed("1", edits=True, origin="m"), owed("0", LI, edits=True, origin="m")]
    await wall.passes(8)
    assert wall.seen == [("2", False), ("1", True), ("0", False)]
    await wall.stops()


@told
async def test_only_so_many_messages_are_remembered_as_changed(monkeypatch):
    monkeypatch.setattr(answering, "_KEPT_ORIGINS", 2)
    wall = Wall()
    wall.answers.start()
    for number in range(5):
        wall.show(owed(str(number), edits=True, origin=str(number)))
    await wall.passes(6)
    assert len(wall.answers._newest) == 2
    await wall.stops()


# Intake and the stop. -----------------------------------------------------------------------------------------------------


@told
async def test_past_so_many_waiting_replies_the_rest_is_owed_and_intake_goes_on(monkeypatch):
    monkeypatch.setattr(answering, "_MOST_WAITING", 3)
    wall = Wall()
    wall.answers.start()
    wall.show(*(owed(str(number)) for number in range(5)))
    await wall.passes(6)
    assert wall.keys == ["0", "1", "2"]
    await wall.stops()


@told
async def test_a_stop_waits_for_what_is_on_its_way_and_takes_nothing_new():
    wall = Wall()
    wall.answers.start()
    wall.show(owed("1"), owed("2"))
    stopping = asyncio.ensure_future(wall.answers.stop(8.0))
    await settled()
    wall.show(owed("3", LI))
    await wall.hours.pass_until(stopping.done)
    assert wall.house.shown == ["1", "2"]


@told
async def test_a_stop_gives_up_what_takes_too_long_and_leaves_it_owed():
    wall = Wall(takes=60)
    wall.answers.start()
    wall.show(owed("1"))
    before = wall.hours.monotonic()
    await wall.stops(within=6.0)
    assert wall.hours.monotonic() - before <= 7
    assert wall.house.shown == []


@told
async def test_something_small_goes_on_beside_everything_else_and_may_fail():
    wall, done = Wall(takes=5), []

    async def spins():
        done.append("spinner")

    async def fails():
        raise RuntimeError("on purpose")

    wall.answers.start()
    wall.show(owed("1"))
    with capture_logs() as logs:
        wall.answers.aside(spins)
        wall.answers.aside(fails)
        await settled()
    assert done == ["spinner"]
    assert [line["event"] for line in logs] == ["reply_task_failed"]
    await wall.stops()
