"""The wire of the simulator: tokens, addresses, ceilings, faults, the journal, and the table of what can be called."""

import asyncio
import json
from collections import deque

from aiohttp import web

from tests.fakes.wecom.routes import ROUTES
from tests.fakes.wecom.seen import Call
from tests.fakes.wecom.settings import WORLD
from tests.fakes.wecom.world import Refused

_LOGINS_A_MINUTE = 20


class Server:
    """Serves one World on 127.0.0.1 in the running loop; `more` adds routes to the aiohttp application."""

    def __init__(self, world, *, prefix="", more=()):
        self.world, self.prefix = world, prefix
        self._more, self._logins = more, deque()

    async def start(self, port=0):
        self.closing = asyncio.Event()
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", self.prefix + "/cgi-bin/{path:.*}", self._called)
        app[WORLD] = self.world
        app.add_routes(self._more)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, backlog=1024)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}{self.prefix}"

    async def stop(self):
        self.closing.set()
        await self._runner.cleanup()

    async def _called(self, request):
        path, query = request.path.removeprefix(self.prefix), dict(request.query)
        token = query.pop("access_token", None)
        fault = self._fault(path)
        try:
            body = await _body(request)
        except _Unreadable as error:
            body, fault = {}, fault or error
        call = Call(path, query, body, None, self.world.now(), request.remote)
        done = fault in (None, "drop_after", "hang_after")
        answer = self._answer(call, request.method, token) if done else self._faulty(fault)
        self._note(call, answer)
        if fault in ("hang", "hang_after"):
            await self.closing.wait()
        if fault in ("drop", "drop_after", "hang", "hang_after"):
            _cut(request)
            return web.Response()
        if fault == "500":
            return web.Response(status=500, text="<html>500 Internal Server Error</html>")
        if isinstance(answer, web.Response):
            return answer
        return web.Response(body=json.dumps(answer, ensure_ascii=False).encode(), content_type="application/json")

    def _note(self, call, answer):
        body = call.body
        if "media" in body and isinstance(body["media"], tuple):
            body = {"name": body["media"][0], "size": len(body["media"][1])}
        query = {name: "***" if name == "corpsecret" else value for name, value in call.query.items()}
        shown = {"status": answer.status} if isinstance(answer, web.Response) else answer
        shown = {name: "***" if name == "access_token" else value for name, value in shown.items()}
        self.world.journal.append(Call(call.path, query, body, shown, call.at, call.ip))

    def _answer(self, call, method, token):
        try:
            return {"errcode": 0, "errmsg": "ok"} | self._do(call, method, token)
        except Refused as refused:
            return {"errcode": refused.code, "errmsg": refused.text, **refused.more}
        except _Raw as raw:
            return raw.response
        except Exception as error:
            self.world.problem(f"{call.path}: the simulator cannot make sense of it: {error!r}")
            raise

    def _do(self, call, method, token):
        route = ROUTES.get(call.path)
        if route is None:
            self.world.problem(f"unknown path {call.path}")
            raise Refused(404, "no such path")
        if method != route.method:
            self.world.problem(f"{method} {call.path}")
            raise Refused(43001 if route.method == "GET" else 43002, f"require {route.method} method")
        if "__wrong__" in call.body:
            self.world.problem(f"{call.path}: {call.body['__wrong__']}")
            raise Refused(47001, "data format error, Warning: wrong json format.")
        if route.token:
            self._admit(call, token)
        else:
            self._login()
        self.world.count_call(call.path)
        for name in [*(n for n in call.query if n not in route.query), *(n for n in call.body if n not in route.body)]:
            self.world.problem(f"{call.path}: unknown field {name}")
        answer = route.function(self.world, call)
        if isinstance(answer, web.Response):
            raise _Raw(answer)
        return answer

    def _admit(self, call, token):
        world = self.world
        if "access_token" in call.body:
            world.problem(f"{call.path}: access_token in the body")
        if not token:
            raise Refused(41001, "access_token missing")
        if token not in world.tokens:
            raise Refused(40014, "invalid access_token")
        if world.tokens[token] <= world.now():
            raise Refused(42001, "access_token expired")
        if world.trusted_ips is not None and call.ip not in world.trusted_ips:
            more = "more info at https://open.work.weixin.qq.com/devtool/query?e=60020"
            raise Refused(60020, f"not allow to access from your ip, hint: [1], from ip: {call.ip}, {more}")
        if world.disabled:
            raise Refused(50003, "app is disabled")

    def _login(self):
        now = self.world.now()
        while self._logins and self._logins[0] <= now - 60:
            self._logins.popleft()
        self._logins.append(now)
        if len(self._logins) == _LOGINS_A_MINUTE + 1:
            self.world.problem(f"gettoken more than {_LOGINS_A_MINUTE} times in a minute")

    # --- faults -------------------------------------------------------------------------------------------------------

    def _fault(self, path):
        for fault in self.world.faults:
            if path.startswith(fault["path"]) and fault["times"] > 0:
                fault["times"] -= 1
                self.world.faults[:] = [each for each in self.world.faults if each["times"] > 0]
                return fault["code"]
        return None

    def _faulty(self, fault):
        if isinstance(fault, _Unreadable):
            self.world.problem(str(fault))
            return {"errcode": 47001, "errmsg": "data format error"}
        if isinstance(fault, int):
            return {"errcode": fault, "errmsg": "fault on purpose"}
        return {"fault": fault}


class _Raw(Exception):
    def __init__(self, response):
        self.response = response


class _Unreadable(Exception):
    """A body that cannot even be journalled."""


async def _body(request):
    if request.content_type == "multipart/form-data":
        return await _parts(request)
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw.decode())
    except ValueError as error:
        return {"__wrong__": f"{type(error).__name__}: {error}"}
    return body if isinstance(body, dict) else {"__wrong__": "no JSON object"}


async def _parts(request):
    """The one field of an upload as (file name, content); the name as it stands in the header, since WeCom decodes nothing."""
    found = {}
    try:
        async for part in await request.multipart():
            header = part.headers.get("Content-Disposition", "")
            name = header.partition('filename="')[2].rpartition('"')[0] if 'filename="' in header else ""
            found[part.name] = (name.split('";')[0], bytes(await part.read()))
    except ValueError as error:
        raise _Unreadable(f"multipart: {error}") from None
    return found


def _cut(request):
    if request.transport is not None:
        request.transport.abort()
