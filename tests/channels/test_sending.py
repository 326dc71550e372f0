"""The sender loop and its limiter, on a clock of their own."""

import asyncio

import pytest

from channels.base import DeliveryFailed
from channels.sending import Pace, Sender, SlowDown, unless
from handlers.messages import Outcome
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import Hours, settled, told


class Post:
    """A sender on a fake clock: `went` are (time, delivery id); `fate(parcel)` gives a state or raises; a send takes `takes` s."""

    def __init__(self, fate=lambda _: "sent", *, takes=0.05, pace=None, at_once=32):
        self.hours = Hours()
        self.house = CollectingHouse(now=self.hours.now, sleep=self.hours.sleep)
        self.pace, self.fate, self.takes, self.went = pace or Pace(), fate, takes, []
        self.sender = Sender(
            "telegram", self.house.house, self._send, self.pace, at_once=at_once,
            monotonic=self.hours.monotonic, now=self.hours.now, sleep=self.hours.sleep,
        )  # fmt: skip

    async def _send(self, parcel):
        self.went.append((self.hours.monotonic(), parcel.id))
        state = self.fate(parcel)
        await self.hours.sleep(self.takes)
        return Outcome(parcel.id, state)

    async def all_settled(self, count):
        self.sender.start()
        await self.hours.pass_until(lambda: sum(state != "retry" for state in self.house.states.values()) == count)

    async def stopped(self):
        stopping = asyncio.ensure_future(self.sender.stop())
        await self.hours.pass_until(stopping.done)


@told
async def test_three_hundred_people_get_theirs_evenly_at_no_more_than_twenty_five_a_second():
    post = Post()
    for number in range(300):
        post.house.plan(number, number)
    await post.all_settled(300)
    times = [at for at, _ in post.went]
    assert all(sum(start <= at < start + 1 for at in times) <= 26 for start in times)
    assert 11.5 <= times[-1] - times[0] <= 12.5
    assert [number for _, number in post.went] == list(range(300))
    await post.stopped()


@told
async def test_one_chat_gets_one_message_a_second_and_holds_nobody_up():
    post = Post()
    for number in (1, 2, 3):
        post.house.plan(number, 7)
    post.house.plan(4, 8)
    await post.all_settled(4)
    times = {number: at for at, number in post.went}
    assert times[2] - times[1] >= 1
    assert times[3] - times[2] >= 1
    assert times[4] < times[2]
    await post.stopped()


@told
async def test_a_429_halts_everything_exactly_as_long_as_told_and_comes_back_gently():
    told_once = []

    def fate(parcel):
        if parcel.id == 5 and not told_once:
            told_once.append(parcel.id)
            raise SlowDown(7)
        return "sent"

    post = Post(fate)
    for number in range(60):
        post.house.plan(number, number)
    await post.all_settled(60)
    refused = next(at for at, number in post.went if number == 5)
    later = [at for at, number in post.went if at > refused]
    assert min(later) >= refused + 7
    assert sum(at < refused + 8 for at in later) <= 10
    assert sorted({number for _, number in post.went}) == list(range(60))
    assert len(post.went) == 61, "only the refused one went twice"
    retried = [outcome for outcome in post.house.outcomes if outcome.state == "retry"]
    assert all(outcome.not_before is not None for outcome in retried)
    await post.stopped()


@told
async def test_a_reply_is_held_by_a_halt_but_never_by_a_broadcast():
    pace, now = Pace(), 100.0
    for number in range(1000):
        pace.take(str(number), now)
    assert pace.wait("7", now) > 30
    assert pace.reply(now) == 0
    pace.halt(3, now)
    assert [pace.reply(now) for _ in range(3)] == [pytest.approx(at) for at in (3, 3.04, 3.08)]
    pace.halt(1, now)
    assert pace.halted(now) == 3, "a shorter halt does not end a longer one"
    assert pace.reply(now + 3 + 11) == 0


@told
async def test_a_push_leaves_a_chat_a_second_after_a_reply():
    pace = Pace()
    pace.spoke("7", 100.0)
    assert pace.wait("7", 100.2) == pytest.approx(0.8)
    assert pace.wait("8", 100.2) == 0


@told
async def test_a_refusal_is_final_and_a_bug_is_uncertain_and_neither_stops_the_others():
    def fate(parcel):
        if parcel.id == 1:
            raise DeliveryFailed("blocked", permanent=True)
        if parcel.id == 2:
            raise ZeroDivisionError
        return "sent"

    post = Post(fate)
    for number in (1, 2, 3):
        post.house.plan(number, number)
    await post.all_settled(3)
    assert post.house.states == {1: "failed", 2: "uncertain", 3: "sent"}
    assert next(outcome.reason for outcome in post.house.outcomes if outcome.id == 1) == "blocked"
    await post.stopped()


@told
async def test_outcomes_are_settled_in_batches():
    post = Post()
    for number in range(100):
        post.house.plan(number, number)
    await post.all_settled(100)
    assert len(post.house.settles) <= 30
    await post.stopped()


@told
async def test_a_house_that_fails_for_a_while_loses_no_outcome_and_no_claim():
    post = Post()
    post.house.failing = {"settle": 3, "claim": 2}
    for number in range(20):
        post.house.plan(number, number)
    await post.all_settled(20)
    assert set(post.house.states.values()) == {"sent"}
    assert len(post.went) == 20
    await post.stopped()


@told
async def test_a_platform_that_cannot_be_reached_is_not_hammered():
    post = Post(lambda _: "retry", takes=0.01)
    for number in range(50):
        post.house.plan(number, number)
    post.sender.start()
    await post.hours.pass_for(60)
    assert len(post.went) <= 150, "an unhindered loop would have made 1,500 tries"
    post.fate = lambda _: "sent"
    await post.hours.pass_until(lambda: list(post.house.states.values()).count("sent") == 50)
    await post.stopped()


@told
async def test_stopping_waits_for_what_is_on_its_way_and_hands_the_rest_back_unsent():
    post = Post(takes=2.0)
    for number in range(30):
        post.house.plan(number, number)
    post.sender.start()
    await post.hours.pass_until(lambda: len(post.went) == 5)
    await post.stopped()
    gone = {number for _, number in post.went}
    assert {number for number, state in post.house.states.items() if state == "sent"} == gone
    assert not post.house.sending
    assert all(outcome.state == "retry" for outcome in post.house.outcomes if outcome.id not in gone)


@told
async def test_what_hangs_past_the_stop_stays_sending_for_the_store_to_find():
    post = Post(takes=3600.0)
    post.house.plan(1, 1)
    post.sender.start()
    await post.hours.pass_until(lambda: post.went)
    before = post.hours.monotonic()
    await post.stopped()
    assert post.hours.monotonic() - before <= 10
    assert list(post.house.sending) == [1]
    assert not post.house.outcomes


@told
async def test_no_more_is_claimed_than_can_go_at_once():
    post = Post(takes=30.0, at_once=4)
    for number in range(40):
        post.house.plan(number, number)
    post.sender.start()
    await post.hours.pass_until(lambda: len(post.went) == 4)
    await settled()
    assert len(post.house.sending) == 4
    await post.stopped()


@told
async def test_waiting_is_given_up_at_the_stop_and_errors_pass_through():
    stop = asyncio.Event()
    assert await unless(stop, asyncio.sleep(0))
    with pytest.raises(ZeroDivisionError):
        await unless(stop, _raising())
    stop.set()
    assert not await unless(stop, asyncio.Event().wait())


async def _raising():
    raise ZeroDivisionError
