"""Requests and acks by req_id, on a socket that a test plays."""

import asyncio
import json
from types import SimpleNamespace

import aiohttp
import pytest

from channels.sending import within
from channels.wecom.bot.wire import Wire
from channels.wecom.refusals import NotSent, Refused, Unsure
from tests.fakes.hours import Hours, settled, told


class Socket:
    """What is sent stands in `sent`; what is put into `coming` is heard."""

    def __init__(self):
        self.sent, self.coming, self.closed, self.breaks = [], asyncio.Queue(), False, None

    async def send_str(self, text):
        if self.breaks:
            raise self.breaks
        self.sent.append(json.loads(text))

    def ack(self, at, code=0, **body):
        frame = {"headers": self.sent[at]["headers"], "errcode": code, "errmsg": "", "body": body}
        self.coming.put_nowait(SimpleNamespace(type=aiohttp.WSMsgType.TEXT, data=json.dumps(frame)))

    def __aiter__(self):
        return self

    async def __anext__(self):
        message = await self.coming.get()
        if message is None:
            raise StopAsyncIteration
        return message


def wired():
    socket, hours, came = Socket(), Hours(), []

    async def heard(frame, _):
        came.append(frame)

    return socket, hours, came, Wire(socket, heard, now=hours.now, sleep=hours.sleep)


@told
async def test_acks_find_their_requests_in_any_order():
    socket, _, _, wire = wired()
    listening = asyncio.ensure_future(wire.listen())
    both = [asyncio.ensure_future(wire.request("ping", {"at": at})) for at in range(2)]
    await settled()
    socket.ack(1, what="second")
    socket.ack(0, what="first")
    assert [answer["what"] for answer in await asyncio.gather(*both)] == ["first", "second"]
    listening.cancel()
    assert len({frame["headers"]["req_id"] for frame in socket.sent}) == 2


@told
async def test_a_refusal_is_its_code_and_a_ping_has_no_body():
    socket, _, _, wire = wired()
    listening = asyncio.ensure_future(wire.listen())
    asked = asyncio.ensure_future(wire.request("ping"))
    await settled()
    socket.ack(0, code=846609)
    with pytest.raises(Refused) as refused:
        await asked
    listening.cancel()
    assert refused.value.code == 846609
    assert "body" not in socket.sent[0]


@told
async def test_one_req_id_is_answered_once_at_a_time():
    _, hours, _, wire = wired()
    first = asyncio.ensure_future(wire.request("aibot_respond_msg", {}, "r1"))
    await asyncio.sleep(0)
    with pytest.raises(NotSent):
        await wire.request("aibot_respond_msg", {}, "r1")
    await hours.pass_until(first.done)
    with pytest.raises(Unsure):
        first.result()


@told
async def test_an_ack_that_nobody_waits_for_and_other_kinds_of_message_are_nothing():
    socket, _, came, wire = wired()
    listening = asyncio.ensure_future(wire.listen())
    socket.sent.append({"headers": {"req_id": "gone"}})
    socket.ack(0)
    socket.coming.put_nowait(SimpleNamespace(type=aiohttp.WSMsgType.BINARY, data=b"x"))
    socket.coming.put_nowait(None)
    assert await listening is False
    assert not came


@told
async def test_a_socket_that_breaks_at_the_sending_leaves_the_outcome_unknown():
    socket, _, _, wire = wired()
    socket.breaks = ConnectionResetError("lost")
    with pytest.raises(Unsure):
        await wire.request("ping")
    socket.closed = True
    with pytest.raises(NotSent):
        await wire.request("ping")


@told
async def test_the_end_answers_everybody_who_waits():
    _, _, _, wire = wired()
    asked = asyncio.ensure_future(wire.request("ping"))
    await asyncio.sleep(0)
    wire.end()
    with pytest.raises(Unsure):
        await asked
    with pytest.raises(NotSent):
        await wire.request("ping")


@told
async def test_within_gives_up_what_takes_too_long():
    hours, given_up = Hours(), []

    async def for_ever():
        try:
            await asyncio.Event().wait()
        finally:
            given_up.append(True)

    asked = asyncio.ensure_future(within(5.0, for_ever(), hours.sleep))
    await hours.pass_until(asked.done)
    assert (asked.result(), given_up) == (False, [True])
    assert await within(5.0, asyncio.sleep(0), hours.sleep)
