"""The webhook: who may speak to it, and that 200 means on disk. The second half is real HTTP, as Telegram would call it."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette

from channels.telegram.webhook import MOST_BODY, Webhook
from handlers.messages import Reply
from tests.channels.telegram.running import answering, running
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import told
from tests.fakes.telegram import FakeTelegram

SECRET = "s3cret-Header_1"
UPDATE = {
    "update_id": 1,
    "message": {"message_id": 1, "chat": {"id": 7, "type": "private"}, "from": {"id": 7}, "text": "A"},
}


class Door:
    """A webhook with a take that keeps events, or raises."""

    def __init__(self):
        self.events, self.broken = [], False
        self.webhook = Webhook(SECRET, self._take)
        self.app = Starlette(routes=[self.webhook.route])

    async def _take(self, event):
        if self.broken:
            raise RuntimeError("the disk is full")
        self.events.append(event)

    async def post(self, chunks, *, path=None, secret=SECRET, method="POST"):
        """The status of one request, by ASGI; how many chunks were read stays in `self.read`."""
        chunks, sent, self.read = list(chunks), [], 0
        headers = [(b"content-type", b"application/json")]
        headers += [(b"x-telegram-bot-api-secret-token", secret.encode("latin-1"))] if secret is not None else []
        where = f"/telegram/{path or self.webhook.path}"

        async def receive():
            if not chunks:
                return {"type": "http.disconnect"}
            self.read += 1
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

        async def send(event):
            sent.append(event)

        scope = {
            "type": "http", "method": method, "path": where, "raw_path": where.encode(), "query_string": b"", "root_path": "",
            "headers": headers, "scheme": "http", "http_version": "1.1", "server": ("x", 80), "client": ("y", 1), "asgi": {},
        }  # fmt: skip
        await self.app(scope, receive, send)
        return sent[0]["status"]


@told
async def test_an_update_with_the_secret_is_taken():
    door = Door()
    assert await door.post([json.dumps(UPDATE).encode()]) == 200
    assert door.events[0].incoming.text == "A"


@pytest.mark.parametrize(
    "wrong", [{"secret": "guess"}, {"secret": None}, {"secret": ""}, {"secret": "é"}, {"path": "guess"}]
)
@told
async def test_without_the_secret_or_the_path_nothing_is_even_read(wrong):
    door = Door()
    assert await door.post([json.dumps(UPDATE).encode()], **wrong) == 403
    assert (door.events, door.read) == ([], 0)


@told
async def test_a_body_is_counted_while_it_comes_and_cut_off():
    door = Door()
    assert await door.post([b"x" * 65_536] * 1000) == 413
    assert door.read == MOST_BODY // 65_536 + 1


@told
async def test_what_is_no_json_is_refused_and_what_means_nothing_is_accepted():
    door = Door()
    assert await door.post([b"{nonsense"]) == 400
    assert await door.post([b"[" * 100_000]) == 400
    assert await door.post([b"[]"]) == 200
    assert not door.events


@told
async def test_what_is_not_on_disk_is_not_acknowledged():
    door = Door()
    door.broken = True
    assert await door.post([json.dumps(UPDATE).encode()]) == 503


def test_neither_path_nor_route_shows_the_secret_and_a_bad_secret_is_refused_at_once():
    assert SECRET not in Webhook(SECRET, None).path
    assert Webhook(SECRET, None).path != Webhook(SECRET + "x", None).path
    for bad in ("", "with space", "x" * 257, "é"):
        with pytest.raises(ValueError, match="TELEGRAM_WEBHOOK_SECRET"):
            Webhook(bad, None)


@asynccontextmanager
async def served(fake, house):
    """The channel in webhook mode behind a real web server."""
    config = uvicorn.Config(
        app := Starlette(), host="127.0.0.1", port=0, log_level="critical", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn offers no event)
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        url = f"http://127.0.0.1:{port}"
        async with running(fake, house, mode="webhook", webhook_secret=SECRET, public_url=url) as channel:
            app.router.routes.extend(channel.routes)
            yield channel
    finally:
        server.should_exit = True
        await serving


@told
async def test_updates_come_by_webhook_and_are_answered():
    house = answering(你好=(Reply("你好，张三。"),))
    with FakeTelegram() as fake:
        zhang = fake.person(7)
        async with served(fake, house):
            zhang.says("你好")
            await fake.waits(zhang.sees)
            await fake.waits(lambda: not fake.unacknowledged)
            (call,) = fake.called("setWebhook")
            assert call.params["secret_token"] == SECRET
        assert not fake.problems
        assert not fake.called("getUpdates")


@told
async def test_an_update_that_was_not_recorded_comes_again_in_its_order_and_is_recorded_once():
    house = CollectingHouse()
    house.failing = {"submit": 3}
    with FakeTelegram() as fake:
        zhang = fake.person(7)
        async with served(fake, house):
            for number in range(6):
                zhang.says(str(number))
            await fake.waits(lambda: not fake.unacknowledged)
    assert [incoming.text for incoming in house.came] == [str(number) for number in range(6)]


@told
async def test_an_update_whose_200_was_lost_is_recorded_once_and_shown_once():
    house = answering(你好=(Reply("你好，张三。"),))
    with FakeTelegram() as fake:
        zhang = fake.person(7)
        async with served(fake, house) as channel:
            zhang.says("你好")
            await fake.waits(zhang.sees)
            update = {"update_id": 1000, "message": fake.world.shown(fake.world.messages[7, 1])}
            with fake.world.lock:
                fake.world.waiting.append((update, fake.world.now() + 100, 7))
                fake.world.changed()
            await fake.waits(lambda: not fake.unacknowledged)
            assert channel.poll_age is None
        assert len(zhang.sees()) == 1
    assert (len(house.came), len(house.again)) == (1, 1)
