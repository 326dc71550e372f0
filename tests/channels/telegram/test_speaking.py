"""Calls that meet trouble, one by one: what is tried again, what is halted, what is given up."""

import asyncio

import pytest
from telegram.error import BadRequest, NetworkError

from channels.sending import Pace, SlowDown
from channels.telegram.request import NotSent, TooFast
from channels.telegram.showing import calls
from channels.telegram.speaking import Speaker
from handlers.messages import Reply
from tests.fakes.hours import Hours, told

LONG = calls(Reply("字" * 9000))
EDIT = calls(Reply("好", edits=True), "31")


class Script:
    """A Speaker on an Api that follows a script: exceptions are raised, None is success; `called` are (time, method)."""

    def __init__(self, *script):
        self.hours, self.script, self.called, self.pace = Hours(), list(script), [], Pace()
        self.speaker = Speaker(self, self.pace, monotonic=self.hours.monotonic, sleep=self.hours.sleep)

    async def call(self, method, **_):
        self.called.append((self.hours.monotonic() - 1000, method))
        step = self.script.pop(0) if self.script else None
        if step is not None:
            raise step
        return {"message_id": 100 + len(self.called)}

    async def plays(self, story):
        playing = asyncio.ensure_future(story)
        await self.hours.pass_until(playing.done)
        return await playing

    @property
    def methods(self):
        return [method for _, method in self.called]


@told
async def test_a_push_in_three_parts_is_sent_under_the_number_of_the_last():
    script = Script()
    outcome = await script.plays(script.speaker.push(5, "7", LONG))
    assert (outcome.id, outcome.state, outcome.platform_id) == (5, "sent", "103")


@told
async def test_a_push_whose_first_call_is_too_fast_is_handed_back_with_the_exact_time():
    script = Script(TooFast(7))
    with pytest.raises(SlowDown) as raised:
        await script.plays(script.speaker.push(5, "7", LONG))
    assert raised.value.seconds == 7
    assert len(script.called) == 1


@told
async def test_a_push_that_is_half_out_waits_out_a_halt_and_goes_on_where_it_was():
    script = Script(None, TooFast(7))
    outcome = await script.plays(script.speaker.push(5, "7", LONG))
    assert outcome.state == "sent"
    assert [round(at) for at, _ in script.called] == [0, 0, 7, 7]


@pytest.mark.parametrize(
    ("error", "first", "later"),
    [
        (NotSent("x"), ("retry", "unreachable"), "uncertain"),
        (NetworkError("x"), ("uncertain", "NetworkError"), "uncertain"),
        (BadRequest("chat not found"), ("failed", "chat_not_found"), "failed"),
        (BadRequest("can't parse entities"), ("failed", "rejected"), "failed"),
    ],
)
@told
async def test_a_push_may_be_sent_again_only_while_nothing_of_it_is_out(error, first, later):
    script = Script(error)
    outcome = await script.plays(script.speaker.push(5, "7", LONG))
    assert (outcome.state, outcome.reason) == first
    script = Script(None, error)
    outcome = await script.plays(script.speaker.push(5, "7", LONG))
    assert (outcome.state, outcome.platform_id) == (later, "101")


@told
async def test_the_parts_of_a_push_count_towards_the_rate():
    script = Script()
    await script.plays(script.speaker.push(5, "7", LONG))
    assert script.pace.wait("8", script.hours.monotonic()) >= 0.06


@told
async def test_a_push_of_nothing_is_a_failure_and_not_silence():
    script = Script()
    assert (await script.plays(script.speaker.push(5, "7", []))).state == "failed"


@told
async def test_a_reply_waits_exactly_as_long_as_told_and_the_others_then_come_evenly():
    script = Script(TooFast(9))
    await script.plays(three(script))
    assert [round(at, 2) for at, _ in script.called] == [0, 9, 9.04, 9.08]


async def three(script):
    """One reply that is refused, and two that come right after."""
    first = asyncio.ensure_future(script.speaker.reply("7", calls(Reply("一"))))
    await asyncio.sleep(0)
    await script.speaker.reply("8", calls(Reply("二")))
    await asyncio.gather(first, script.speaker.reply("9", calls(Reply("三"))))


@told
async def test_an_edit_that_changes_nothing_is_done():
    script = Script(BadRequest("Bad Request: message is not modified: specified new message content ..."))
    await script.plays(script.speaker.reply("7", [*EDIT, *calls(Reply("下一条"))]))
    assert script.methods == ["editMessageText", "sendMessage"]


@pytest.mark.parametrize(
    "words", ["message to edit not found", "message can't be edited", "there is no text in the message to edit"]
)
@told
async def test_an_edit_that_cannot_be_is_a_new_message(words):
    script = Script(BadRequest(f"Bad Request: {words}"))
    await script.plays(script.speaker.reply("7", EDIT))
    assert script.methods == ["editMessageText", "sendMessage"]


@told
async def test_a_reply_that_surely_was_not_sent_is_tried_four_times_and_then_owed():
    script = Script(*[NotSent("x")] * 4)
    with pytest.raises(NotSent):
        await script.plays(script.speaker.reply("7", calls(Reply("一"))))
    assert [round(at, 2) for at, _ in script.called] == [0, 0.5, 1.5, 3.5]


@told
async def test_a_new_message_that_may_be_out_is_not_tried_again_but_an_edit_is():
    script = Script(NetworkError("x"))
    with pytest.raises(NetworkError):
        await script.plays(script.speaker.reply("7", calls(Reply("一"))))
    assert len(script.called) == 1
    script = Script(NetworkError("x"))
    await script.plays(script.speaker.reply("7", EDIT))
    assert len(script.called) == 2


@told
async def test_a_spinner_is_left_alone_during_a_halt_and_causes_one():
    script = Script(TooFast(5))
    await script.plays(script.speaker.stop_spinner("1"))
    await script.plays(script.speaker.stop_spinner("2"))
    assert len(script.called) == 1
    assert script.pace.halted(script.hours.monotonic()) == 5
