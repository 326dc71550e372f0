"""What a person sent, fetched and decrypted; what cannot be had is None."""

import pytest

from channels.wecom.bot import fetching
from channels.wecom.bot.fetching import Fetcher, decrypted, named
from channels.wecom.bot.frames import Attachment
from tests.channels.wecom.bot.running import Hands, over, simulated
from tests.fakes.hours import told


async def fetched(hands, attachment):
    fetcher = Fetcher(sleep=hands.sleep)
    await fetcher.open()
    try:
        return await over(hands, fetcher.fetch(attachment))
    finally:
        await fetcher.close()


def attached(stored):
    return Attachment(stored["url"], stored["aeskey"], "file")


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 100_000])
@told
async def test_a_file_of_any_size_comes_whole_and_under_its_name(size):
    async with simulated() as (fake, hands):
        file = await fetched(hands, attached(fake.stored("名册 1.xlsx", b"x" * size)))
    assert (file.name, file.content, file.media_type) == ("名册 1.xlsx", b"x" * size, "application/octet-stream")


@told
async def test_what_is_not_there_or_not_encrypted_under_its_key_cannot_be_had():
    async with simulated() as (fake, hands):
        stored = attached(fake.stored("a.pdf", b"%PDF"))
        assert await fetched(hands, Attachment(stored.url + "0", stored.key, "file")) is None
        assert await fetched(hands, Attachment(stored.url, "A" * 43, "file")) is None
        assert await fetched(hands, Attachment(stored.url, "no key", "file")) is None
        assert await fetched(hands, Attachment("http://127.0.0.1:9/x", stored.key, "file")) is None
    assert await Fetcher(sleep=Hands().sleep).fetch(stored) is None


@told
async def test_a_file_over_the_limit_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(fetching, "MOST_BYTES", 1000)
    async with simulated() as (fake, hands):
        assert await fetched(hands, attached(fake.stored("a.bin", b"x" * 1032))) is None
        assert await fetched(hands, attached(fake.stored("a.bin", b"x" * 1000))) is not None


def test_padding_is_checked_and_a_file_without_a_key_came_in_the_clear():
    assert decrypted(b"plain", "") == b"plain"
    for wrong in (b"", b"x" * 15, b"x" * 32):
        with pytest.raises(ValueError):
            decrypted(wrong, "A" * 43)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("名册.XLSX", b"", "名册.XLSX"),
        ("", b"PK\x03\x04...xl/workbook.xml", "file.xlsx"),
        ("", b"PK\x03\x04...word/document.xml", "file.docx"),
        ("abc", b"%PDF-1.7", "abc.pdf"),
        ("../../etc/passwd", b"", "_.._etc_passwd"),
        ("", b"\x89PNG", "file.png"),
        ("", b"?", "file"),
    ],
)
def test_a_name_has_no_folders_and_one_without_an_ending_gets_that_of_its_content(name, content, expected):
    assert named(name, content) == expected
