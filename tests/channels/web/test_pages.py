"""What every page shares: whose it is, in which language, and what one reads when something is refused or breaks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from channels.web.pages import Pages, wants_fragment
from channels.web.rendering import Renderer
from channels.web.sessions import Sessions
from handlers.messages import BotError, Viewer
from tests.channels.web.conftest import SECRET
from tests.channels.web.house import Memory, web_words
from tests.fakes.hours import told

SCRIPT = {"x-fragment": "1"}


def pages(memory: Memory | None = None) -> Pages:
    house = (memory or Memory()).house
    renderer = Renderer(
        web_words, zone="Asia/Shanghai", now=lambda: datetime(2026, 12, 4, 2, tzinfo=UTC), fresh=lambda: "key"
    )
    return Pages(house, Sessions(house, secure=False, secret=lambda: "fresh-secret"), renderer)


def request(query: str = "", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "method": "GET", "path": "/page", "query_string": query.encode(), "headers": raw, "state": {}}
    )


def raising(error: Exception):
    async def endpoint(_request: Request) -> Response:
        raise error

    return endpoint


def body(response: Response) -> str:
    return bytes(response.body).decode()


# Language. -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("accepted", "language"), [
    ("", "zh"), ("zh-CN,zh;q=0.9", "zh"), ("en-GB,en;q=0.9", "en"), ("en,zh;q=0.5", "zh"), ("fr", "zh"), ("EN-us", "en"),
])  # fmt: skip
def test_chinese_comes_first_and_english_only_where_no_chinese_is_accepted(accepted, language):
    assert pages().language(request(accept_language=accepted)) == language


@pytest.mark.parametrize(
    ("query", "language"), [("language=en", "en"), ("language=zh", "zh"), ("language=fr", "zh"), ("", "zh")]
)
def test_a_language_may_be_asked_for_in_the_address(query, language):
    assert pages().language(request(query, accept_language="zh")) == language


def test_a_persons_own_language_comes_before_all_else():
    asked = request("language=zh", accept_language="zh")
    asked.state.viewer = Viewer(1, 1, "张三", "en", ())
    assert pages().language(asked) == "en"


# What is refused. ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (BotError("not_allowed"), 403, "您没有权限看这一页"),
        (BotError("not_found"), 404, "没有找到这一页"),
        (BotError("a code nobody has words for"), 422, None),
        (HTTPException(404), 404, "没有找到这一页"),
        (HTTPException(413), 413, None),
        (HTTPException(405), 405, None),
    ],
    ids=str,
)
@told
async def test_a_refusal_is_a_page_with_one_sentence_and_a_status(error, status, sentence):
    answer = await pages().guarded(raising(error))(request())
    assert answer.status_code == status
    assert "<html" in body(answer)
    if sentence:
        assert sentence in body(answer)


@told
async def test_an_open_page_that_asks_gets_the_sentence_alone():
    answer = await pages().guarded(raising(BotError("not_found")))(request(x_fragment="1"))
    assert answer.media_type == "text/plain"
    assert "<" not in body(answer)


@told
async def test_what_nobody_foresaw_is_logged_under_a_number_and_names_neither_the_address_nor_the_error(caplog):
    answer = await pages().guarded(raising(RuntimeError("hush")))(request("token=hush-token"))
    assert answer.status_code == 500
    assert "fresh-se" in body(answer)
    assert "hush" not in body(answer)
    assert "reference fresh-se" in caplog.text
    assert "hush-token" not in caplog.text


@told
async def test_what_goes_well_is_left_alone():
    async def endpoint(_request: Request) -> Response:
        return PlainTextResponse("fine", 201)

    answer = await pages().guarded(endpoint)(request())
    assert (answer.status_code, body(answer)) == (201, "fine")


# Who it is. ------------------------------------------------------------------------------------------------------------


async def greet(_request: Request, viewer: Viewer) -> Response:
    return PlainTextResponse(viewer.name)


@told
async def test_who_is_in_is_known_by_the_cookie():
    memory = Memory()
    memory.sign_in(SECRET)
    answer = await pages(memory).signed_in(greet)(request(cookie=f"xuefa={SECRET}"))
    assert body(answer) == "张三"


@pytest.mark.parametrize("cookie", ["", f"xuefa={'x' * 43}"])
@told
async def test_who_is_not_in_reads_how_to_get_in_as_a_page_or_as_a_sentence(cookie):
    for headers in ({}, {"x_fragment": "1"}):
        answer = await pages().signed_in(greet)(request(cookie=cookie, **headers))
        assert answer.status_code == 401
        assert ("<html" in body(answer)) is (not headers)


def test_a_page_is_told_from_a_fragment_by_our_scripts_header():
    assert wants_fragment(request(x_fragment="1"))
    assert not wants_fragment(request())


@told
async def test_a_page_knows_whose_it_is_and_in_which_language():
    asked = request()
    asked.state.viewer = Viewer(1, 1, "张三", "en", ())
    shown = body(pages().html(asked, "notice.html", sentence="<b>x</b>"))
    assert '<html lang="en">' in shown
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
