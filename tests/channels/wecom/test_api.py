"""Calls of the API: one token for everybody, renewed once; what is repeated and what is not; and no secret anywhere but on the wire."""

import asyncio
import logging
import math
import socket
import ssl
import traceback
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from channels.wecom import api as module
from channels.wecom.api import Api, Credentials, trust
from channels.wecom.refusals import SECONDS_OF_REST, NotSent, Refused, Unsure, verdict
from tests.channels.wecom.running import opened, simulated
from tests.channels.wecom.sites import own_authority, served
from tests.fakes.hours import Hours, told
from tests.fakes.wecom.simulator import Simulator

AGENT = "/cgi-bin/agent/get"
SEND = "/cgi-bin/message/send"
SHEET = b"a sheet of names"


def calls(sim, path="/cgi-bin/gettoken"):
    return [call for call in sim.journal if call.path == path]


def agent(api):
    return api.get(AGENT, agentid=1000002)


def hello(api, text="你好"):
    body = {"touser": "zhangsan", "agentid": 1000002, "msgtype": "text", "text": {"content": text}}
    return api.post(SEND, body)


async def refusal(call):
    with pytest.raises(Refused) as refused:
        await call
    return refused.value


@asynccontextmanager
async def both(**settings):
    """A simulator with 张三, and an Api on it."""
    async with simulated(zhangsan="张三") as sim, opened(sim, **settings) as api:
        yield sim, api


# The token. -------------------------------------------------------------------------------------------------------------


@told
async def test_fifty_who_need_a_token_fetch_one():
    async with both() as (sim, api):
        await asyncio.gather(*[agent(api) for _ in range(50)])
        assert (len(calls(sim)), len(calls(sim, AGENT))) == (1, 50)
        assert sim.problems == []


@told
async def test_a_token_is_used_until_five_minutes_before_its_end():
    hours = Hours()
    async with both(monotonic=hours.monotonic) as (sim, api):
        await agent(api)
        await hours.pass_for(7200 - 300 - 1)
        await agent(api)
        assert len(calls(sim)) == 1
        await hours.pass_for(1)
        await agent(api)
        assert len(calls(sim)) == 2


@told
async def test_a_token_that_lasts_shortly_is_used_for_half_its_time():
    hours, came = Hours(), []

    async def short(request):
        came.append(request.path)
        return web.json_response({"errcode": 0, "access_token": f"t{len(came)}", "expires_in": 100})

    async with served(short) as base, standing_on(base, monotonic=hours.monotonic) as api:
        assert await api.token() == "t1"
        await hours.pass_for(49)
        assert await api.token() == "t1"
        await hours.pass_for(1)
        assert await api.token() == "t2"


@told
async def test_a_token_that_wecom_took_back_is_renewed_once_by_all_who_met_it():
    async with both() as (sim, api):
        await agent(api)
        sim.revoke_token()
        await asyncio.gather(*[agent(api) for _ in range(20)])
        assert len(calls(sim)) == 2
        assert [call.answer["errcode"] for call in calls(sim, AGENT)].count(0) == 21


@told
async def test_a_late_refusal_of_the_old_token_does_not_end_the_new_one():
    fetched, renewed = [], asyncio.Event()

    async def answer(request):
        if request.path == "/cgi-bin/gettoken":
            fetched.append(f"t{len(fetched) + 1}")
            return web.json_response({"errcode": 0, "access_token": fetched[-1], "expires_in": 7200})
        if request.query["access_token"] == "t2":
            renewed.set()
            return web.json_response({"errcode": 0})
        if request.query["slow"] == "1":
            await renewed.wait()
        return web.json_response({"errcode": 40014})

    async with served(answer) as base, standing_on(base) as api:
        await asyncio.gather(api.get(AGENT, slow=1), api.get(AGENT, slow=0))
    assert fetched == ["t1", "t2"]


@told
async def test_a_token_that_ended_early_by_wecoms_clock_is_renewed_once():
    async with both() as (sim, api):
        await agent(api)
        sim.advance(7200)
        await agent(api)
        assert [call.answer["errcode"] for call in calls(sim, AGENT)] == [0, 42001, 0]


@pytest.mark.parametrize("code", [40014, 42001, 41001])
@told
async def test_a_second_refusal_of_the_token_is_told(code):
    async with both() as (sim, api):
        sim.fault(AGENT, code)
        await agent(api)
        assert (len(calls(sim)), len(calls(sim, AGENT))) == (2, 2)
        sim.fault(AGENT, code, times=2)
        refused = await refusal(agent(api))
        assert (refused.code, refused.kind) == (code, "token")
        assert len(calls(sim, AGENT)) == 4


@told
async def test_a_wrong_secret_is_asked_for_once_a_minute_however_many_want_it():
    hours = Hours()
    async with both(monotonic=hours.monotonic) as (sim, api):
        sim.secret = "another"
        found = await asyncio.gather(*[agent(api) for _ in range(50)], return_exceptions=True)
        assert {(type(each), each.code, each.kind) for each in found} == {(Refused, 40001, "config")}
        await hours.pass_for(SECONDS_OF_REST - 1)
        assert (await refusal(agent(api))).code == 40001
        assert len(calls(sim)) == 1
        sim.secret = "app-secret"
        await hours.pass_for(1)
        await agent(api)
        assert len(calls(sim)) == 2


@pytest.mark.parametrize("fault", [404, 99999, "500"])
@told
async def test_a_server_that_is_not_well_for_a_moment_is_asked_again_at_once(fault):
    async with both() as (sim, api):
        sim.fault("/cgi-bin/gettoken", fault)
        with pytest.raises((Refused, NotSent)):
            await agent(api)
        await agent(api)
        assert len(calls(sim)) == 2


@pytest.mark.parametrize("fault", ["drop", "drop_after", "500"])
@told
async def test_what_waits_for_a_token_that_does_not_come_has_surely_not_left(fault):
    async with both() as (sim, api):
        sim.fault("/cgi-bin/gettoken", fault, times=2)  # aiohttp itself asks once more for what only reads
        with pytest.raises(NotSent):
            await hello(api)
        assert not calls(sim, SEND)


@pytest.mark.parametrize("code", [40013, 40001, 41002, 44004, 81013, 40014, 99999])
@told
async def test_whatever_refuses_the_token_is_no_fault_of_the_message_that_waits_for_it(code):
    async with both() as (sim, api):
        sim.fault("/cgi-bin/gettoken", code)
        refused = await refusal(hello(api))
        assert (refused.code, refused.kind) == (code, "config")
        assert verdict(refused)[0] == "retry"


@told
async def test_a_busy_system_while_the_token_is_fetched_is_asked_again():
    async with both() as (sim, api):
        sim.fault("/cgi-bin/gettoken", -1, times=2)
        await agent(api)
        assert (len(calls(sim)), len(calls(sim, AGENT))) == (3, 1)


# What is repeated. ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [-1, 6000, 45033, 45035])
@told
async def test_a_busy_system_is_asked_again_with_longer_and_longer_pauses(code):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    async with simulated(zhangsan="张三") as sim, standing_on(sim.base, sim, sleep=sleep) as api:
        sim.fault(SEND, code, times=3)
        await hello(api)
        assert slept == [0.5, 1.0, 2.0]
        assert len(sim.inbox("zhangsan")) == 1
        sim.fault(SEND, code, times=4)
        assert (await refusal(hello(api))).code == code
        assert slept == [0.5, 1.0, 2.0] * 2
        assert len(sim.inbox("zhangsan")) == 1


@pytest.mark.parametrize("code", [45009, 60020, 81013, 44004, 40007, 42014, 48002, 99999])
@told
async def test_any_other_refusal_is_told_at_once(code):
    async with both() as (sim, api):
        sim.fault(SEND, code)
        assert (await refusal(hello(api))).code == code
        assert len(calls(sim, SEND)) == 1


@told
async def test_an_address_that_is_not_trusted_is_named():
    async with both() as (sim, api):
        sim.trusted_ips = {"203.0.113.7"}
        refused = await refusal(hello(api))
        assert (refused.code, refused.ip) == (60020, "127.0.0.1")
        assert "127.0.0.1" in str(refused)


# What is not known. -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["500", "drop", "drop_after", "hang", "hang_after"])
@told
async def test_a_call_without_an_answer_may_have_been_carried_out(fault):
    async with both(read=0.1) as (sim, api):
        await agent(api)
        sim.fault(SEND, fault)
        with pytest.raises(Unsure):
            await hello(api)
        assert len(calls(sim, SEND)) == 1
        assert len(sim.inbox("zhangsan")) == int(fault.endswith("after"))
        await hello(api)


@pytest.mark.parametrize(
    "body", ["", "<html>ok</html>", "[]", '"ok"', "null", "[" * 100_000], ids=lambda each: each[:8]
)
@told
async def test_an_answer_that_says_nothing_is_none(body):
    async def answer(request):
        return web.Response(text=body)

    async with served(answer) as base, standing_on(base) as api:
        with pytest.raises(NotSent):
            await api.token()
        api._token, api._until = "t", math.inf
        with pytest.raises(Unsure):
            await agent(api)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, "<html>nginx</html>", 404),
        (404, "{}", 404),
        (200, '{"errcode": "40013"}', 0),
    ],
)
@told
async def test_an_answer_that_says_no_in_its_own_way_is_a_refusal(status, body, code):
    async def answer(request):
        return web.Response(status=status, text=body)

    async with served(answer) as base, standing_on(base) as api:
        assert (await refusal(api.token())).code == code


@pytest.mark.parametrize("status", [403, 413, 429])
@told
async def test_what_a_gateway_on_the_way_refuses_was_not_carried_out(status):
    async def answer(request):
        return web.Response(status=status, text='{"message": "no"}')

    async with served(answer) as base, standing_on(base) as api:
        with pytest.raises(NotSent, match=str(status)):
            await api.token()


@told
async def test_control_characters_in_an_answer_do_no_harm():
    async def answer(request):
        return web.Response(body=b'{"errcode":0,"errmsg":"o\x01\xff","access_token":"t","expires_in":7200}')

    async with served(answer) as base, standing_on(base) as api:
        assert await api.token() == "t"


@told
async def test_where_nobody_listens_nothing_was_sent():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
        async with standing_on(base) as api:
            with pytest.raises(NotSent):
                await agent(api)
    async with standing_on("http://no.such.host.invalid") as api:
        with pytest.raises(NotSent):
            await agent(api)
    async with standing_on("http://[") as api:
        with pytest.raises(NotSent):
            await agent(api)


@told
async def test_before_it_is_opened_and_after_it_is_closed_nothing_is_sent():
    async with simulated() as sim:
        api = Api(Credentials(sim.corp_id, sim.agent_id, sim.secret), sim.base)
        for _ in range(2):
            with pytest.raises(NotSent, match="closed"):
                await agent(api)
            with pytest.raises(NotSent, match="closed"):
                await api.download("m")
            await api.open()
            await api.open()
            await agent(api)
            await api.close()
            await api.close()
            api._until = 0.0


@told
async def test_nothing_is_sent_on_to_another_address():
    async def answer(request):
        assert request.path == "/cgi-bin/gettoken"
        raise web.HTTPFound("/elsewhere")

    async with served(answer) as base, standing_on(base) as api:
        with pytest.raises(NotSent, match="302"):
            await api.token()


# Where it is. -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", "/"])
@told
async def test_a_server_behind_a_path_is_reached_there(end):
    sim = Simulator(prefix="/gov/wecom")
    await sim.start()
    sim.user("zhangsan", "张三", [1])
    try:
        assert sim.base.endswith("/gov/wecom")
        async with standing_on(sim.base + end, sim) as api:
            await hello(api)
            await api.download(await api.upload("file", "a.txt", SHEET))
        assert [each.text for each in sim.inbox("zhangsan")] == ["你好"]
        assert sim.problems == []
    finally:
        await sim.stop()


@told
async def test_a_private_authority_is_trusted_where_it_is_named(tmp_path):
    tls, certificate = own_authority(tmp_path)

    async def answer(request):
        return web.json_response({"errcode": 0, "access_token": "t", "expires_in": 7200})

    async with served(answer, tls=tls) as base:
        async with standing_on(base, ca_bundle=certificate) as api:
            assert await api.token() == "t"
        async with standing_on(base) as api:
            with pytest.raises(NotSent):
                await api.token()


def test_a_bundle_that_is_none_is_told_before_anything_is_sent(tmp_path):
    assert trust(None) is True
    with pytest.raises(OSError):
        trust(tmp_path / "nothing.pem")
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ssl.SSLError):
        trust(tmp_path / "ca.pem")


# Bodies and files. ------------------------------------------------------------------------------------------------------


@told
async def test_chinese_goes_as_it_is():
    raw = []

    async def answer(request):
        raw.append(await request.read())
        return web.json_response({"errcode": 0, "access_token": "t", "expires_in": 7200})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with standing_on(f"http://127.0.0.1:{runner.addresses[0][1]}") as api:
        await hello(api, '学法 "📚"\n')
    await runner.cleanup()
    assert raw[1] == (
        '{"touser":"zhangsan","agentid":1000002,"msgtype":"text","text":{"content":"学法 \\"📚\\"\\n"}}'.encode()
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("未参考名单（住建局）.xlsx", None),
        ("a b.txt", None),
        ("100%.txt", None),
        ('他说"好".txt', "他说'好'.txt"),
        ("📚.pdf", None),
    ],
)
@told
async def test_a_file_is_shown_under_its_own_name(name, shown):
    async with both() as (sim, api):
        number = await api.upload("file", name, SHEET)
        assert sim.media[number]["name"] == (shown or name)
        assert sim.media[number]["content"] == SHEET
        assert sim.problems == []


@told
async def test_a_name_cannot_write_headers():
    async with both() as (sim, api):
        number = await api.upload("file", "a\r\nX-Evil: 1\r\n\r\n.txt", SHEET)
        assert sim.media[number]["content"] == SHEET
        assert sim.media[number]["name"] == "a''X-Evil: 1''''.txt"


@told
async def test_an_upload_outlives_the_end_of_its_token():
    async with both() as (sim, api):
        await agent(api)
        sim.revoke_token()
        assert await api.upload("file", "a.txt", SHEET) in sim.media


@told
async def test_what_somebody_sent_is_fetched_as_it_was():
    async with both() as (sim, api):
        for content in (SHEET, b'{"errcode": 0, "mine": 1}', bytes(range(256)) * 1000):
            assert await api.download(sim.keep_media("file", "a", content)) == content


@told
async def test_what_wecom_will_not_give_or_is_too_large_is_not_there():
    async with both() as (sim, api):
        number = sim.keep_media("file", "a", b"x" * 100_000)
        assert len(await api.download(number, most=100_000)) == 100_000
        assert await api.download(number, most=99_999) is None
        assert await api.download("no such") is None
        sim.expire_media()
        assert await api.download(number) is None


@told
async def test_a_file_is_fetched_again_under_a_new_token():
    async with both() as (sim, api):
        number = sim.keep_media("file", "a", SHEET)
        await agent(api)
        sim.revoke_token()
        assert await api.download(number) == SHEET
        sim.fault("/cgi-bin/media/get", 40014, times=2)
        assert (await refusal(api.download(number))).kind == "token"


@pytest.mark.parametrize("fault", ["500", "drop", "hang"])
@told
async def test_an_error_page_is_never_taken_for_the_file(fault, monkeypatch):
    monkeypatch.setattr(module, "_UPLOAD_SECONDS", 0.2)
    async with both() as (sim, api):
        number = sim.keep_media("file", "a", SHEET)
        await agent(api)
        sim.fault("/cgi-bin/media/get", fault, times=2)
        with pytest.raises(Unsure):
            await api.download(number)


# Secrets. ---------------------------------------------------------------------------------------------------------------


def everything_of(error):
    return repr(error) + str(error) + "".join(traceback.format_exception(error))


@told
async def test_no_secret_and_no_token_stands_in_a_repr_an_error_or_a_log(caplog):
    shown = []
    caplog.set_level(logging.DEBUG)

    async def met(call):
        with pytest.raises((Refused, NotSent, Unsure)) as trouble:
            await call
        shown.append(everything_of(trouble.value))

    with capture_logs() as logs:
        async with both(read=0.1) as (sim, api):
            token = await api.token()
            for fault in (40014, 60020, -1, 45009, "500", "drop", "hang"):
                sim.fault(SEND, fault, times=8)
                await met(hello(api))
                sim.faults.clear()
            sim.fault("/cgi-bin/media/get", "drop", times=2)
            await met(api.download("m"))
            shown += [repr(api), repr(api.credentials), str(api.credentials), repr(vars(api.credentials.__class__))]
        async with standing_on("http://127.0.0.1:9", sim) as nobody:
            await met(agent(nobody))
        async with standing_on(sim.base, sim, connect=1e-9) as hasty:
            await met(hasty.token())
            hasty._token, hasty._until = token, float("inf")
            await met(agent(hasty))
        async with standing_on("http://[", sim) as nowhere:
            await met(agent(nowhere))
    whole = "".join([*shown, str(logs), caplog.text])
    assert len(shown) == 16
    assert token not in whole
    assert "app-secret" not in whole
    assert "access_token=" not in whole


@asynccontextmanager
async def standing_on(base, sim=None, **settings):
    """An Api on any address."""
    known = Credentials(sim.corp_id, sim.agent_id, sim.secret) if sim else Credentials("wwcorp", 1000002, "app-secret")
    api = Api(known, base, **settings)
    await api.open()
    try:
        yield api
    finally:
        await api.close()
