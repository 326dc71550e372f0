"""Pages that open signed in: WeCom says who looks, and nobody comes in as somebody else or is led away from our site."""

from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import count
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx
import pytest
from aiohttp import web
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs
from yarl import URL

from channels.wecom.api import Api, Credentials
from channels.wecom.login import COOKIE, ENTERED, Login
from channels.wecom.showing import LOGIN
from handlers.messages import Address, Link, Reply
from tests.channels.wecom.running import Door, hurried, simulated
from tests.channels.wecom.sites import served
from tests.fakes.collecting import CollectingHouse
from tests.fakes.hours import told

SITE = "http://law.example"
ELSEWHERE = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/exam\\..\\x", "javascript:alert(1)", "evil.example", " /exam", "/exam\n", "/exam\r\nSet-Cookie: a=b", "/\x00", "/\u2028x", "",
    "http:/evil.example", "@evil.example", ".evil.example", "?to=/", "#",
]  # fmt: skip


def entries(incoming):
    """The house knows 张三 and nobody else."""
    if incoming.account.id != "zhangsan":
        return [Reply("您还没有绑定。")]
    return [Reply("点开就登录。", links=(Link("登录", f"http://x/enter/entry-{incoming.account.id}"),))]


class Entrance:
    """The login at SITE, with a simulator behind it."""

    def __init__(self, sim, site=SITE, base=""):
        self.sim, self.site, self.door, self.house = sim, site, Door(), CollectingHouse(entries)
        self.api = Api(Credentials(sim.corp_id, sim.agent_id, sim.secret), base or sim.base, sleep=hurried)
        numbers = count()
        self.login = Login(
            self.house.house,
            self.api,
            self.door,
            oauth_base=sim.base + "/",
            site=site,
            fresh=lambda: f"secret-{next(numbers)}",
        )
        page = Route("/{rest:path}", lambda request: PlainTextResponse(f"page {request.url.path}"))
        self.app = Starlette(routes=[*self.login.routes, page])

    @asynccontextmanager
    async def browser(self, cookie=None):
        """A client with cookies of its own. Gives get(address, **query) -> (status, body, response)."""
        here = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(base_url=self.site, mounts={self.site: here}, trust_env=False) as client:
            if cookie is not None:
                client.cookies.set(COOKIE, cookie, domain="law.example")

            async def get(address, *, follow=False, **query):
                answer = await client.get(address, params=query or None, follow_redirects=follow)
                return answer.status_code, answer.text, answer

            get.cookies, get.headers = client.cookies, client.headers
            yield get

    async def code(self, user):
        """A code that WeCom would bring back for this user, by the address it gives."""
        self.sim.browser_user = user
        async with self.browser() as get:
            _, _, answer = await get(LOGIN)
            _, _, back = await get(answer.headers["Location"])
        return dict(parse_qsl(urlsplit(back.headers["Location"]).query))["code"]

    def asked(self):
        return [call.path for call in self.sim.journal if "getuserinfo" in call.path]


@asynccontextmanager
async def entrance(**how):
    async with simulated(ZhangSan="张三", lisi="李四") as sim:
        found = Entrance(sim, **how)
        await found.api.open()
        try:
            yield found
        finally:
            await found.api.close()


def state_of(answer):
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["state"]


# The way in. ------------------------------------------------------------------------------------------------------------


@told
async def test_a_member_lands_on_the_page_signed_in_and_the_chat_does_not_repeat_it():
    async with entrance() as at, at.browser() as get:
        at.sim.browser_user = "ZhangSan"
        status, body, answer = await get(LOGIN, to="/exam/7?part=2", follow=True)
        assert (status, body, answer.url.host, answer.url.raw_path) == (
            200,
            "page /exam/7",
            "law.example",
            b"/exam/7?part=2",
        )
        assert at.door.admitted == [("entry-zhangsan", "/exam/7?part=2")]
        [incoming] = at.house.came
        assert (incoming.account, incoming.action) == (Address("wecom", "zhangsan"), "网页登录")
        assert at.house.shown == [incoming.key]
        assert COOKIE not in get.cookies
        assert at.sim.problems == []


@told
async def test_a_browser_that_is_somebodys_goes_straight_on():
    async with entrance() as at, at.browser() as get:
        at.door.known = True
        status, _, answer = await get(LOGIN, to="/exam")
        assert (status, answer.headers["Location"], at.sim.journal) == (303, "/exam", [])


@pytest.mark.parametrize("agent", ["MicroMessenger/7.0.1 wxwork/4.1.28", "wxworklocal/2.5 wxwork/3.0", "WXWork"])
@told
async def test_wecoms_own_browser_is_asked_who_looks_whosever_session_it_still_holds(agent):
    async with entrance() as at, at.browser() as get:
        at.door.known = True
        at.sim.browser_user = "ZhangSan"
        get.headers["User-Agent"] = agent
        await get(LOGIN, to="/exam", follow=True)
        assert at.door.admitted == [("entry-zhangsan", "/exam")]


@told
async def test_without_a_page_it_leads_to_the_first():
    async with entrance() as at, at.browser() as get:
        at.sim.browser_user = "ZhangSan"
        _, _, answer = await get(LOGIN, follow=True)
        assert (answer.url.host, answer.url.raw_path) == ("law.example", b"/")


@told
async def test_the_way_to_wecom_is_as_wecom_documents_it():
    async with entrance(site="https://law.example") as at, at.browser() as get:
        _, _, answer = await get(LOGIN, to="/exam")
        where = urlsplit(answer.headers["Location"])
        assert f"{where.scheme}://{where.netloc}{where.path}" == f"{at.sim.base}/connect/oauth2/authorize"
        assert where.fragment == "wechat_redirect"
        assert parse_qsl(where.query) == [
            ("appid", "wwcorp"), ("redirect_uri", "https://law.example/wecom/entered"), ("response_type", "code"),
            ("scope", "snsapi_base"), ("state", sha256(b"secret-0").hexdigest()[:32]), ("agentid", "1000002"),
        ]  # fmt: skip


@pytest.mark.parametrize(("site", "secure"), [(SITE, False), ("https://law.example", True)])
@told
async def test_the_cookie_is_as_safe_as_the_site(site, secure):
    async with entrance(site=site) as at, at.browser() as get:
        _, _, answer = await get(LOGIN, to="/exam")
        flags = {part.strip().lower() for part in answer.headers["Set-Cookie"].split(";")[1:]}
        assert flags == {"httponly", "max-age=600", "path=/", "samesite=lax"} | ({"secure"} if secure else set())
        name = f"__Host-{COOKIE}" if secure else COOKIE
        assert answer.headers["Set-Cookie"].startswith(f"{name}={state_of(answer)}%2Fexam;")
        code = await at.code("ZhangSan")
        _, _, answer = await get(LOGIN, to="/exam")
        status, _, back = await get(ENTERED, code=code, state=state_of(answer))
        assert status == 303
        assert f'{name}=""' in back.headers["Set-Cookie"]
        assert ("Secure" in back.headers["Set-Cookie"]) == secure


@told
async def test_two_browsers_never_have_the_same_state():
    async with entrance() as at:
        async with at.browser() as one, at.browser() as other:
            states = {state_of((await each(LOGIN))[2]) for each in (one, other, one)}
    assert len(states) == 3


@told
async def test_an_older_server_that_names_the_path_as_unknown_is_asked_in_the_older_way():
    async with entrance() as at, at.browser() as get:
        at.sim.browser_user = "ZhangSan"
        at.sim.fault("/cgi-bin/auth/getuserinfo", 404)
        await get(LOGIN, to="/exam", follow=True)
        assert at.asked() == ["/cgi-bin/auth/getuserinfo", "/cgi-bin/user/getuserinfo"]
        assert at.door.admitted == [("entry-zhangsan", "/exam")]


async def older(request):
    """A server that shows a page for a path it does not know, and says UserId."""
    if request.path == "/cgi-bin/gettoken":
        return web.json_response({"errcode": 0, "access_token": "t", "expires_in": 7200})
    if request.path == "/cgi-bin/user/getuserinfo" and request.query["code"] == "c":
        return web.json_response({"errcode": 0, "UserId": "ZhangSan", "DeviceId": ""})
    return web.Response(status=404, text="<html>404 Not Found</html>")


@told
async def test_an_older_server_that_shows_a_page_is_asked_in_the_older_way():
    async with served(older) as base, entrance(base=base) as at, at.browser() as get:
        _, _, answer = await get(LOGIN, to="/exam")
        assert (await get(ENTERED, code="c", state=state_of(answer)))[0] == 303
        assert at.door.admitted == [("entry-zhangsan", "/exam")]


# Who does not come in. --------------------------------------------------------------------------------------------------


@told
async def test_an_address_with_somebodys_code_opens_nothing_in_another_browser():
    async with entrance() as at:
        code = await at.code("ZhangSan")
        async with at.browser() as victim:
            assert (await victim(ENTERED, code=code, state="f" * 32))[:2] == (403, "wecom_again")
            await victim(LOGIN, to="/exam")
            async with at.browser() as attacker:
                _, _, answer = await attacker(LOGIN)
                theirs = state_of(answer)
            assert (await victim(ENTERED, code=code, state=theirs))[:2] == (403, "wecom_again")
        assert (at.asked(), at.door.admitted, at.house.came) == ([], [], [])


@pytest.mark.parametrize("cookie", ["", "f", "f" * 31, "%2Fexam", "x" * 32, "\"'", "f" * 32 + "x"])
@pytest.mark.parametrize("state", ["", "f" * 31, "é" * 32, "F" * 32])
@told
async def test_a_state_that_is_not_this_browsers_own_is_none(cookie, state):
    async with entrance() as at, at.browser(cookie) as get:
        status, body, _ = await get(ENTERED, code="c", state=state)
        assert (status, body, at.asked()) == (403, "wecom_again", [])


@told
async def test_a_code_works_once_and_for_five_minutes():
    async with entrance() as at, at.browser() as get:
        used = await at.code("ZhangSan")
        late = await at.code("ZhangSan")
        for code, expected in ((used, 303), (used, 403), ("", 403), ("x" * 5000, 403)):
            _, _, answer = await get(LOGIN)
            assert (await get(ENTERED, code=code, state=state_of(answer)))[0] == expected
        at.sim.advance(301)
        _, _, answer = await get(LOGIN)
        assert (await get(ENTERED, code=late, state=state_of(answer)))[:2] == (403, "wecom_again")
        assert len(at.door.admitted) == 1
        assert all(len(call.query["code"]) <= 512 for call in at.sim.journal if "code" in call.query)


@told
async def test_a_page_that_is_loaded_again_asks_for_another_start():
    async with entrance() as at, at.browser() as get:
        code = await at.code("ZhangSan")
        _, _, answer = await get(LOGIN)
        state = state_of(answer)
        assert [(await get(ENTERED, code=code, state=state))[0] for _ in range(2)] == [303, 403]
        assert len(at.asked()) == 1


@pytest.mark.parametrize(
    ("user", "asks"), [(None, 0), ("nobody", 0), ("lisi", 1)], ids=["no member", "gone", "not bound"]
)
@told
async def test_a_stranger_reads_what_to_do(user, asks):
    async with entrance() as at, at.browser() as get:
        at.sim.browser_user = user
        status, body, _ = await get(LOGIN, to="/exam", follow=True)
        assert (status, body, at.door.admitted) == (403, "wecom_stranger", [])
        assert len(at.house.came) == asks


@pytest.mark.parametrize("fault", ["500", "drop", 60020, 48002, 45009, 99999])
@told
async def test_a_server_that_is_not_well_lets_nobody_in_and_one_can_try_again(fault):
    async with entrance() as at, at.browser() as get:
        code = await at.code("ZhangSan")
        _, _, answer = await get(LOGIN)
        at.sim.fault("/cgi-bin/auth/getuserinfo", fault, times=2)
        with capture_logs() as logs:
            assert (await get(ENTERED, code=code, state=state_of(answer)))[:2] == (503, "wecom_again")
        assert [entry["event"] for entry in logs] == ["login_failed"]
        assert code not in str(logs)
        at.sim.faults.clear()
        assert (await get(ENTERED, code=code, state=state_of(answer)))[0] == 303


# Where it leads. --------------------------------------------------------------------------------------------------------


def stays(location):
    return URL(SITE).join(URL(location)).origin() == URL(SITE)


@pytest.mark.parametrize("to", ELSEWHERE)
@told
async def test_nobody_is_led_away_from_our_site(to):
    async with entrance() as at, at.browser() as get:
        code = await at.code("ZhangSan")
        _, _, answer = await get(f"{LOGIN}?{urlencode({'to': to})}")
        status, _, back = await get(ENTERED, code=code, state=state_of(answer))
        assert (status, at.door.admitted) == (303, [("entry-zhangsan", "/")])
        assert back.headers["Location"] == "/"
        at.door.known = True
        _, _, straight = await get(f"{LOGIN}?{urlencode({'to': to})}")
        assert straight.headers["Location"] == "/"


@pytest.mark.parametrize(
    "to", ["/exam", "/exam?a=1&b=%20x", "/资料/民法典", "/a//b", "/x?next=//evil.example", "/@x", "/a b"]
)
@told
async def test_every_page_of_ours_is_found_again(to):
    async with entrance() as at, at.browser() as get:
        code = await at.code("ZhangSan")
        _, _, answer = await get(f"{LOGIN}?{urlencode({'to': to})}")
        _, _, back = await get(ENTERED, code=code, state=state_of(answer))
        assert at.door.admitted == [("entry-zhangsan", to)]
        assert stays(back.headers["Location"])


@pytest.mark.parametrize("to", ELSEWHERE)
@told
async def test_not_even_by_a_cookie_that_somebody_wrote(to):
    state = "f" * 32
    async with entrance() as at, at.browser(state + quote(to, safe="")) as get:
        code = await at.code("ZhangSan")
        await get(ENTERED, code=code, state=state)
        assert at.door.admitted == [("entry-zhangsan", "/")]
