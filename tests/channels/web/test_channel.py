"""The web as a channel: every address has its guard, and it ends without leaving anybody waiting."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from channels.web.channel import Web
from tests.channels.web.conftest import SECRET, serving
from tests.channels.web.house import Memory
from tests.fakes.hours import told

OPEN = {
    "/",
    "/stream",
    "/hall/{token}",
    "/seat",
    "/join/{token}",
    "/enter/{token}",
    "/leave",
    "/verify",
    "/verify/{code}",
    "/privacy",
    "/healthz",
    "/static/{name}",
    "/{rest:path}",
}
"""What one may ask for without being signed in."""


def made(memory: Memory | None = None, **settings: object) -> Web:
    given = {
        "public_url": "http://a.example",
        "secure": False,
        "now": lambda: datetime(2026, 12, 4, tzinfo=UTC),
        "secret": lambda: "f" * 43,
    }
    return Web((memory or Memory()).house, **(given | settings))  # type: ignore[arg-type]


def routes(web: Web) -> list[Route]:
    [mount] = web.routes
    assert isinstance(mount, Mount)
    return [route for route in mount.routes if isinstance(route, Route)]


def test_it_answers_every_address_and_so_comes_last():
    [mount] = made().routes
    assert mount.path == ""
    assert routes(made())[-1].path == "/{rest:path}"


@pytest.mark.parametrize(
    "route", [route for route in routes(made()) if route.path not in OPEN], ids=lambda route: route.path
)
@told
async def test_what_is_inside_asks_who_one_is(route):
    transport = httpx.ASGITransport(Starlette(routes=list(made().routes)))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://a.example", headers={"origin": "http://a.example"}
    ) as client:
        method = "POST" if "POST" in route.methods else "GET"
        path = (
            route.path.replace("{key:path}", "xianfa")
            .replace("{id:int}", "1")
            .replace("{paper:int}", "1")
            .replace("{number:int}", "1")
        )
        answer = await client.request(method, path)
    assert answer.status_code == 401


def test_whatever_is_asked_for_by_post_is_guarded_and_nothing_else_writes():
    assert {route.path for route in routes(made()) if "POST" in route.methods} == {
        "/join/{token}", "/enter/{token}", "/leave", "/say", "/{rest:path}", "/hall/{token}", "/seat", "/exam", "/exam/{paper:int}",
        "/exam/{paper:int}/hand-in", "/exam/{paper:int}/{number:int}",
    }  # fmt: skip


def test_every_page_says_who_may_frame_it(site, client):
    policy = client.get("/").headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "default-src 'none'" in policy


@told
async def test_who_may_frame_it_is_a_setting():
    web = made(frame_ancestors="https://oa.example")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=list(web.routes))), base_url="http://a.example"
    ) as client:
        assert "frame-ancestors https://oa.example" in (await client.get("/")).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("origin", "status"), [("http://a.example", 303), ("https://a.example", 303), ("http://evil.example", 403)]
)
@told
async def test_a_post_is_taken_from_the_public_address_only(origin, status):
    """Of another scheme on the same host too: a proxy in front may speak https where we speak http."""
    memory = Memory()
    memory.sign_in(SECRET)
    transport = httpx.ASGITransport(Starlette(routes=list(made(memory).routes)))
    async with httpx.AsyncClient(transport=transport, base_url="http://a.example", cookies={"xuefa": SECRET}) as client:
        answer = await client.post("/say", data={"text": "今日答题"}, headers={"origin": origin})
    assert answer.status_code == status
    assert len(memory.heard) == (status == 303)


@told
async def test_a_stop_ends_open_streams_and_a_new_start_opens_them_again():
    web = made()
    assert not web._closing.is_set()
    await web.stop()
    assert web._closing.is_set()
    await web.start()
    assert not web._closing.is_set()


def test_the_end_of_the_server_ends_a_stream_that_somebody_listens_to(memory):
    with ExitStack() as listening:
        with serving(memory) as site:
            client = listening.enter_context(site.client())
            stream = listening.enter_context(client.stream("GET", "/stream?after=0"))
            assert stream.status_code == 200
        assert not [line for line in stream.iter_lines() if line.startswith("data")]
