"""Files that are sent: one upload for everybody who waits for it, another after three days, and another when WeCom forgot."""

import asyncio

import pytest

from channels.wecom import media
from channels.wecom.media import LASTS, Media
from channels.wecom.refusals import NotSent, Refused
from handlers.messages import File
from tests.channels.wecom.running import opened, simulated
from tests.fakes.hours import Hours, settled, told

SHEET = File("未参考名单.xlsx", "application/vnd.ms-excel", b"a sheet of names")


class Server:
    """An upload that takes until it is let through, or fails."""

    def __init__(self):
        self.came, self.through, self.failing = [], asyncio.Event(), []
        self.through.set()
        self.hours = Hours()
        self.media = Media(self.upload, monotonic=self.hours.monotonic)

    async def upload(self, kind, name, content):
        self.came.append((kind, name, content))
        number = f"m{len(self.came)}"
        await self.through.wait()
        if self.failing:
            raise self.failing.pop()
        return number

    async def pass_(self, seconds):
        """Lets the clock go on."""
        await self.hours.pass_for(seconds)


@told
async def test_a_file_is_uploaded_once_and_goes_under_its_number():
    server = Server()
    assert [await server.media.number("file", SHEET) for _ in range(3)] == ["m1"] * 3
    assert server.came == [("file", "未参考名单.xlsx", b"a sheet of names")]


@told
async def test_fifty_who_wait_for_a_file_wait_for_one_upload():
    server = Server()
    server.through.clear()
    waiting = [asyncio.ensure_future(server.media.number("file", SHEET)) for _ in range(50)]
    await settled()
    server.through.set()
    assert set(await asyncio.gather(*waiting)) == {"m1"}
    assert len(server.came) == 1


@told
async def test_another_name_content_or_kind_is_another_file():
    server = Server()
    other = [File("x.xlsx", SHEET.media_type, SHEET.content), File(SHEET.name, SHEET.media_type, b"another")]
    numbers = [await server.media.number("file", each) for each in (SHEET, *other)]
    assert [*numbers, await server.media.number("image", SHEET)] == ["m1", "m2", "m3", "m4"]


@told
async def test_a_number_is_used_for_three_days_and_an_hour_less():
    server = Server()
    assert LASTS == 71 * 3600
    assert await server.media.number("file", SHEET) == "m1"
    await server.pass_(LASTS - 1)
    assert await server.media.number("file", SHEET) == "m1"
    await server.pass_(1)
    assert await server.media.number("file", SHEET) == "m2"
    assert await server.media.number("file", SHEET) == "m2"


@told
async def test_what_wecom_forgot_is_uploaded_again_and_what_it_knows_is_not():
    server = Server()
    await server.media.number("file", SHEET)
    await server.media.number("image", SHEET)
    server.media.forget("file", SHEET)
    server.media.forget("file", File("unknown", "", b""))
    assert await server.media.number("image", SHEET) == "m2"
    assert await server.media.number("file", SHEET) == "m3"


@told
async def test_an_upload_that_fails_is_tried_again_by_the_next_who_asks():
    server = Server()
    server.failing = [NotSent("no route")]
    with pytest.raises(NotSent):
        await server.media.number("file", SHEET)
    assert await server.media.number("file", SHEET) == "m2"


@told
async def test_one_of_those_who_wait_may_give_up_alone():
    server = Server()
    server.through.clear()
    first, second = [asyncio.ensure_future(server.media.number("file", SHEET)) for _ in range(2)]
    await settled()
    first.cancel()
    await settled()
    server.through.set()
    assert await second == "m2"
    assert first.cancelled()


@told
async def test_what_was_not_sent_for_long_is_forgotten(monkeypatch):
    monkeypatch.setattr(media, "_MOST", 3)
    server = Server()
    some = [File(f"{number}.txt", "text/plain", b"x") for number in range(5)]
    for each in some:
        await server.media.number("file", each)
    assert [await server.media.number("file", each) for each in reversed(some[2:])] == ["m5", "m4", "m3"]
    assert await server.media.number("file", some[0]) == "m6"
    assert len(server.media._known) == 3
    assert len(server.media._busy) == 0


@told
async def test_what_fails_for_ever_is_not_kept_in_mind():
    server = Server()
    server.failing = [NotSent("no route")] * 50
    for number in range(50):
        with pytest.raises(NotSent):
            await server.media.number("file", File(f"{number}.txt", "text/plain", b"x"))
    assert len(server.media._busy) == len(server.media._known) == 0


@told
async def test_a_file_of_the_store_is_known_by_its_number_without_being_read():
    server = Server()
    files = [File("民法典.pdf", "application/pdf", content, id=7) for content in (b"%PDF", None)]
    assert [await server.media.number("file", each) for each in files] == ["m1", "m1"]
    assert await server.media.number("file", File("民法典.pdf", "application/pdf", b"%PDF", id=8)) == "m2"


@told
async def test_on_the_server_a_number_works_until_the_server_forgets_it():
    async with simulated(zhangsan="张三") as sim, opened(sim) as api:
        kept = Media(api.upload, monotonic=Hours().monotonic)

        async def send():
            number = await kept.number("file", SHEET)
            body = {"touser": "zhangsan", "agentid": sim.agent_id, "msgtype": "file", "file": {"media_id": number}}
            return await api.post("/cgi-bin/message/send", body)

        await send()
        sim.expire_media()
        with pytest.raises(Refused) as refused:
            await send()
        assert refused.value.kind == "media"
        kept.forget("file", SHEET)
        await send()
        assert [each.file for each in sim.inbox("zhangsan")] == [(SHEET.name, SHEET.content)] * 2
        assert sim.problems == []
