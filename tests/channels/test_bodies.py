"""Bodies are counted as they come, whatever their headers say."""

from starlette.requests import Request

from channels.bodies import body_of
from tests.fakes.hours import told


def request(*chunks, cut=False, headers=()):
    """A request whose body comes in these chunks, and (`cut`) is given up after them."""
    left = [
        {"type": "http.request", "body": chunk, "more_body": cut or at < len(chunks) - 1}
        for at, chunk in enumerate(chunks)
    ]

    async def receive():
        return left.pop(0) if left else {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "headers": list(headers)}, receive)


@told
async def test_the_chunks_are_one_body():
    assert await body_of(request(b"ab", b"cd"), 4) == b"abcd"


@told
async def test_more_than_may_come_is_none_even_if_the_header_says_less():
    assert await body_of(request(b"ab", b"cde", headers=[(b"content-length", b"2")]), 4) is None


@told
async def test_a_body_that_is_cut_off_midway_is_empty():
    assert await body_of(request(b"ab", cut=True), 4) == b""
