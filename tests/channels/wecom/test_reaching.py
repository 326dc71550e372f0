"""Whether the doctor tells apart what stands between us and WeCom, and between WeCom and us."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest
import uvicorn
from aiohttp import web
from starlette.applications import Starlette

from channels.wecom import reaching
from channels.wecom.callback import Callback
from channels.wecom.secrecy import Secrecy
from channels.wecom.wellformed import Finding, Setup
from tests.channels.wecom.sites import AES_KEY, TOKEN, own_authority, served, standing
from tests.fakes.hours import told
from tests.fakes.wecom.longconn import LongConn

NOON = datetime(2026, 12, 4, 4, tzinfo=UTC)
WHOLE = Setup("wwcorp", 1000002, "app-secret", TOKEN, AES_KEY, bot_id="bot", bot_secret="bot-SECRET")


def nobody():
    """An address of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def saying(status=404, **headers):
    async def answer(request):
        return web.Response(status=status, headers=headers)

    return answer


async def server(base, *, now=NOON, ca_bundle=None):
    async with reaching.session() as http:
        return await reaching.server(http, replace(WHOLE, api_base=base, ca_bundle=ca_bundle), now)


async def callback(base, now=NOON, **also):
    async with reaching.session() as http:
        return await reaching.callback(http, replace(WHOLE, public_url=base), now, **also)


async def long_connection(url, *, exclusive=False, **also):
    async with reaching.session() as http:
        return await reaching.long_connection(http, replace(WHOLE, ws_url=url, **also), exclusive=exclusive)


# WeCom's server. --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 302, 404, 500])
@told
async def test_a_server_that_answers_anything_is_reached(status):
    async with served(saying(status, Date=format_datetime(NOON, usegmt=True))) as base:
        assert [(each.code, each.fine) for each in await server(base)] == [("server", True), ("clock", True)]


@pytest.mark.parametrize(("minutes", "fine"), [(0, True), (4, True), (-4, True), (6, False), (-6, False), (600, False)])
@told
async def test_a_clock_that_is_wrong_is_told_before_callbacks_are_refused(minutes, fine):
    async with served(saying(Date=format_datetime(NOON, usegmt=True))) as base:
        clock = (await server(base, now=NOON + timedelta(minutes=minutes)))[1]
    assert clock == Finding("clock", fine=fine, values={"minutes": str(abs(minutes)), "most": "10"})


@pytest.mark.parametrize("said", ["yesterday", "Fri, 04 Dec 2026 04:00:00 -0000", ""])
@told
async def test_a_server_without_a_readable_date_says_nothing_of_the_clock(said):
    async with served(saying(Date=said)) as base:
        assert [each.code for each in await server(base)] == ["server"]


@told
async def test_nobody_listening_is_unreachable():
    assert [each.code for each in await server(f"http://{nobody()}")] == ["server_unreachable"]


@told
async def test_a_certificate_of_an_unknown_authority_is_refused_until_it_is_named(tmp_path):
    tls, authority = own_authority(tmp_path)
    async with served(saying(), tls=tls) as base:
        assert [each.code for each in await server(base)] == ["server_certificate"]
        assert (await server(base, ca_bundle=authority))[0].code == "server"


@told
async def test_a_file_that_holds_no_certificate_is_a_certificates_trouble(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    async with served(saying()) as base:
        assert [each.code for each in await server(base, ca_bundle=tmp_path / "ca.pem")] == ["server_certificate"]


def test_a_name_that_does_not_resolve_is_told_from_the_rest():
    key = aiohttp.client_reqrep.ConnectionKey("a", 443, True, True, None, None, None)
    kinds = ("name", "certificate", "unreachable")
    assert reaching.met(aiohttp.ClientConnectorDNSError(key, OSError()), *kinds) == "name"
    assert reaching.met(aiohttp.ClientConnectorSSLError(key, OSError()), *kinds) == "certificate"
    assert reaching.met(ssl.SSLError(), *kinds) == "certificate"
    assert reaching.met(aiohttp.ClientConnectorError(key, OSError()), *kinds) == "unreachable"
    assert reaching.met(TimeoutError(), *kinds) == "unreachable"


# Our callback. ----------------------------------------------------------------------------------------------------------


@told
async def test_an_address_that_answers_as_wecom_wants_it_is_fine():
    async with standing() as site:
        assert await callback(site.base) == Finding(
            "callback", fine=True, values={"url": f"{site.base}/wecom/callback"}
        )
        assert (await callback(site.base + "/")).fine


@pytest.mark.parametrize("other", [{"token": "another"}, {"aes_key": "A" * 43}, {"corp_id": "wwother"}])
@told
async def test_a_server_with_other_settings_is_told_from_one_that_is_not_there(other):
    async with standing(**other) as site:
        assert (await callback(site.base)).code == "callback_refused"
        assert site.asked == 1


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"status": 404}, "callback_missing"),
        ({"status": 302}, "callback_status"),
        ({"status": 502}, "callback_status"),
        ({"around": ('"', '"')}, "callback_altered"),
        ({"around": ("", "\n")}, "callback_altered"),
        ({"around": ("\ufeff", "")}, "callback_altered"),
        ({"somebody": "<html>welcome</html>"}, "callback_other"),
    ],
)
@told
async def test_what_is_wrong_with_the_answer_is_said(broken, code):
    async with standing() as site:
        for name, value in broken.items():
            setattr(site, name, value)
        found = await callback(site.base)
    assert (found.code, found.fine) == (code, False)


@told
async def test_an_answer_that_takes_longer_than_the_console_waits_is_not_fine():
    ticks = iter((10.0, 11.5))
    async with standing() as site:
        found = await callback(site.base, monotonic=lambda: next(ticks))
    assert (found.code, found.values["seconds"]) == ("callback_slow", "1.5")


@told
async def test_an_address_where_nobody_listens_or_whose_certificate_nobody_trusts(tmp_path):
    assert (await callback(f"http://{nobody()}")).code == "callback_unreachable"
    tls, authority = own_authority(tmp_path)
    async with served(saying(), tls=tls) as base:
        assert (await callback(base)).code == "callback_certificate"
        async with reaching.session() as http:
            trusting = replace(WHOLE, public_url=base, ca_bundle=authority)
            assert (await reaching.callback(http, trusting, NOON)).code == "callback_missing"


@asynccontextmanager
async def xuefa(now, token=TOKEN):
    """The program's own callback behind a real web server."""
    route = Callback(Secrecy(token, AES_KEY, "wwcorp"), "wwcorp", 1000002, None, chance=bytes, now=lambda: now).route
    config = uvicorn.Config(Starlette(routes=[route]), host="127.0.0.1", port=0, log_level="critical", lifespan="off", ws="none")  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn offers no event)
        await asyncio.sleep(0)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@told
async def test_the_programs_own_callback_passes_its_own_doctor():
    async with xuefa(NOON) as base:
        assert (await callback(base)).code == "callback"
    async with xuefa(NOON, token="another") as base:
        assert (await callback(base)).code == "callback_refused"


# The long connection. ---------------------------------------------------------------------------------------------------


@told
async def test_while_a_server_runs_the_doctor_knocks_and_does_not_enter():
    async with LongConn() as sim:
        found = await long_connection(sim.url)
        assert [(each.code, each.fine) for each in found] == [("bot_server", True), ("bot_untried", True)]
        assert sim.journal == []


@told
async def test_alone_it_enters_and_says_whether_it_was_let_in():
    async with LongConn() as sim:
        assert (await long_connection(sim.url, exclusive=True))[1] == Finding("bot_login", fine=True)
        assert (await long_connection(sim.url, exclusive=True, bot_secret="wrong"))[1] == Finding(
            "bot_login", fine=False
        )
        for code, said in ((846601, Finding("bot_mode", fine=False)), (45009, Finding("bot_refused", fine=False, values={"code": "45009"}))):  # fmt: skip
            sim.refuses["aibot_subscribe"] = [code]
            assert (await long_connection(sim.url, exclusive=True))[1] == said
        assert [entry.cmd for entry in sim.journal] == ["aibot_subscribe"] * 4
        assert not sim.problems


@told
async def test_a_running_connection_is_not_ended_by_the_doctors_knock():
    async with LongConn() as sim, aiohttp.ClientSession() as http, http.ws_connect(sim.url) as running:
        await running.send_json({"cmd": "aibot_subscribe", "headers": {"req_id": "1"}, "body": {"bot_id": "bot", "secret": "bot-SECRET"}})  # fmt: skip
        assert (await running.receive_json())["errcode"] == 0
        await long_connection(sim.url)
        await running.send_json({"cmd": "ping", "headers": {"req_id": "2"}})
        assert (await running.receive_json())["errcode"] == 0


def hanging_up(*frames):
    async def answer(request):
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await connection.receive()
        for frame in frames:
            await connection.send_str(frame)
        await connection.close()
        return connection

    return answer


@pytest.mark.parametrize("frames", [(), ("no json",), ('{"headers": {"req_id": "another"}, "errcode": 0}',), ("[1]",)])
@told
async def test_a_server_that_hangs_up_without_an_answer_was_silent(frames):
    async with served(hanging_up(*frames)) as base:
        assert (await long_connection(base.replace("http", "ws"), exclusive=True))[1] == Finding("bot_silent", fine=False)  # fmt: skip


@told
async def test_other_frames_before_the_answer_are_let_pass():
    event = '{"cmd": "aibot_event_callback", "headers": {"req_id": "doctor"}, "body": {}}'
    answer = '{"headers": {"req_id": "doctor"}, "errcode": 0, "errmsg": "ok"}'
    async with served(hanging_up(event, answer)) as base:
        assert (await long_connection(base.replace("http", "ws"), exclusive=True))[1] == Finding("bot_login", fine=True)  # fmt: skip


@told
async def test_a_long_connections_server_that_is_not_there_or_not_trusted_or_no_websocket(tmp_path):
    assert [each.code for each in await long_connection(f"ws://{nobody()}")] == ["bot_server_unreachable"]
    async with served(saying()) as base:
        assert [each.code for each in await long_connection(base.replace("http", "ws"))] == ["bot_server_unreachable"]
    tls, _ = own_authority(tmp_path)
    async with served(saying(), tls=tls) as base:
        assert [each.code for each in await long_connection(base.replace("http", "ws"))] == ["bot_server_certificate"]
