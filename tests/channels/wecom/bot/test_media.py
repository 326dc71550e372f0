"""Uploads in chunks: whole, once, anew when they have gone, and never more than WeCom takes."""

import asyncio

import pytest

from channels.wecom.bot.media import CHUNK, KEPT, Media, kind, shortened
from channels.wecom.refusals import NotSent, Refused
from handlers.messages import File
from tests.channels.wecom.bot.running import connected, over, simulated
from tests.fakes.hours import told

SHEET = File("成绩.xlsx", "application/x", bytes(range(256)) * 5000)


def uploads(connection, hands):
    return Media(connection.ask, monotonic=hands.monotonic, sleep=hands.sleep)


@told
async def test_a_large_file_goes_in_chunks_and_arrives_whole():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        number = await over(hands, uploads(connection, hands).number(SHEET))
        assert fake.uploads.media[number][:3] == ("file", "成绩.xlsx", SHEET.content)
        assert len(fake.called("aibot_upload_media_chunk")) == -(-len(SHEET.content) // CHUNK) == 3


@told
async def test_the_same_file_is_uploaded_once_whoever_asks_until_it_has_gone():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        media = uploads(connection, hands)
        numbers = await over(hands, asyncio.gather(*(media.number(SHEET) for _ in range(5))))
        assert (len(set(numbers)), fake.uploads.finished) == (1, 1)
        hands.advance(KEPT - 60.0)
        await hands.waits(lambda: connection.connected)
        assert await over(hands, media.number(SHEET)) == numbers[0]
        assert fake.uploads.usable("file", numbers[0]) == 0
        hands.advance(61.0)
        await hands.waits(lambda: connection.connected)
        assert await over(hands, media.number(SHEET)) != numbers[0]
        media.forget(SHEET)
        await over(hands, media.number(SHEET))
        assert fake.uploads.finished == 3


@told
async def test_an_upload_without_an_answer_is_made_again_and_then_given_up_as_not_sent():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        media, fake.withhold_acks = uploads(connection, hands), True
        trying = asyncio.ensure_future(media.number(SHEET))
        await hands.waits(lambda: len(fake.called("aibot_upload_media_init")) == 2, step=0.5)
        fake.withhold_acks = False
        await hands.passes(31.0, step=0.5)
        with pytest.raises(NotSent):
            await trying
        assert await over(hands, media.number(SHEET))


@told
async def test_a_file_that_wecom_does_not_take_is_refused():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        with pytest.raises(Refused) as refused:
            await over(hands, uploads(connection, hands).number(File("a.txt", "text/plain", b"abc")))
        assert refused.value.code == 846613


@told
async def test_uploads_wait_rather_than_be_refused():
    async with simulated() as (fake, hands), connected(fake, hands) as connection:
        await hands.still(lambda: connection.connected)
        media, began = uploads(connection, hands), hands.monotonic()
        files = [File(f"{number}.txt", "text/plain", b"12345%d" % number) for number in range(40)]
        many = asyncio.ensure_future(asyncio.gather(*(media.number(file) for file in files)))
        await hands.waits(many.done, step=0.25)
        assert len(set(many.result())) == 40
        assert 60 <= hands.monotonic() - began < 65


def test_pictures_are_pictures_up_to_ten_megabytes():
    assert kind(File("a.png", "image/png", b"x")) == "image"
    assert kind(File("a.png", "image/png", b"x" * (10 * 1024 * 1024 + 1))) == "file"
    assert kind(File("a.gif", "image/gif", b"x")) == "file"


def test_a_long_name_is_cut_between_characters_and_keeps_its_ending():
    assert shortened("名册.xlsx") == "名册.xlsx"
    cut = shortened("册" * 200 + ".xlsx")
    assert len(cut.encode()) <= 256
    assert cut.endswith("册.xlsx")
    assert len(shortened("x" * 300)) == 256
