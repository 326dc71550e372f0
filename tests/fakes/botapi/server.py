"""The wire of the fake: HTTP in all of Telegram's dialects, long polls, webhook deliveries, and faults on demand."""

import asyncio
import json
import random

import aiohttp
from aiohttp import web

from tests.fakes.botapi.methods import METHODS
from tests.fakes.botapi.spec import problems
from tests.fakes.botapi.world import Entry, Refused

_WEBHOOK_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_SECOND = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class Server:
    """Serves one World on 127.0.0.1 in the running loop."""

    def __init__(self, world, *, webhook_retry=0.01):
        self.world, self.webhook_retry = world, webhook_retry
        self._dice = random.Random(1)
        self._delivering, self._tasks = set(), set()

    async def start(self):
        self._loop, self._changed, self.closing = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self.world.listeners.append(lambda: self._loop.call_soon_threadsafe(self._wake))
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._called)
        app.router.add_get("/file/bot{token}/{path:.*}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._session = aiohttp.ClientSession()
        self._spawn(self._webhooks())
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self):
        self.closing.set()
        self._wake()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
        await self._runner.cleanup()

    def _wake(self):
        self._changed.set()
        self._changed = asyncio.Event()

    def _spawn(self, story):
        task = asyncio.create_task(story)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- calls --------------------------------------------------------------------------------------------------------

    async def _called(self, request):
        params, files = await _arguments(request)
        method = request.match_info["method"]
        if request.match_info["token"] != self.world.token:
            return _answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        fault = self._fault(method)
        entry = Entry(method, params, files, at=self.world.now())
        if fault is None or fault.endswith("_after") or fault in ("half", "garbage"):
            entry.status, entry.answer = await self._do(method, params, files)
        with self.world.lock:
            self.world.journal.append(entry)
            self.world.changed()
        return await self._faulty(request, fault, entry) if fault else _answer(entry.status, entry.answer)

    async def _do(self, method, params, files):
        try:
            with self.world.lock:
                wrong = problems(method, params, files)
                self.world.problems += [f"{method}: {problem}" for problem in wrong]
            if method.lower() == "getupdates":
                return 200, {"ok": True, "result": await self._updates(params)}
            if wrong:
                raise Refused(400, f"Bad Request: {wrong[0]}")  # noqa: TRY301
            with self.world.lock:
                return 200, {"ok": True, "result": METHODS[method.lower()](self.world, params, files)}
        except KeyError:
            return 404, {"ok": False, "error_code": 404, "description": "Not Found"}
        except Refused as refused:
            body = {"ok": False, "error_code": refused.code, "description": refused.description}
            return refused.code, {**body, "parameters": refused.parameters} if refused.parameters else body

    async def _updates(self, params):
        offset, limit, timeout = (
            int(params.get(name, usual)) for name, usual in (("offset", 0), ("limit", 100), ("timeout", 0))
        )
        with self.world.lock:
            if self.world.webhook:
                raise Refused(409, _WEBHOOK_SET)
            self.world.poll += 1
            mine = self.world.poll
            if "allowed_updates" in params:
                self.world.allowed = json.loads(params["allowed_updates"]) or None
            self.world.confirm(offset)
            until = self.world.now() + min(timeout, 50)
            self.world.changed()
        while True:
            changed = self._changed
            with self.world.lock:
                if mine != self.world.poll:
                    raise Refused(409, _SECOND)
                found = [
                    entry[0]
                    for entry in self.world.fresh()
                    if not offset or offset < 0 or entry[0]["update_id"] >= offset
                ]
                left = until - self.world.now()
            if found or left <= 0 or self.closing.is_set():
                return found[: max(1, min(limit, 100))]
            try:
                await asyncio.wait_for(changed.wait(), left)
            except TimeoutError:
                continue

    async def _file(self, request):
        content = self.world.files.get(request.match_info["path"].rpartition("/")[2])
        if request.match_info["token"] != self.world.token or content is None:
            return web.Response(status=404)
        return web.Response(body=content)

    # --- faults -------------------------------------------------------------------------------------------------------

    def _fault(self, method):
        with self.world.lock:
            for fault in self.world.faults:
                if fault["method"] not in ("*", method.lower()) or fault["times"] == 0:
                    continue
                if fault["after"] > 0:
                    fault["after"] -= 1
                elif self._dice.random() < fault["share"]:
                    fault["times"] -= 1
                    return fault["kind"]
        return None

    async def _faulty(self, request, fault, entry):
        if fault in ("502", "502_after"):
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if fault == "429_bare":
            return _answer(429, {"ok": False, "error_code": 429, "description": "Too Many Requests"})
        if fault.startswith("429:"):
            seconds = int(fault[4:])
            body = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {seconds}"}
            return _answer(429, {**body, "parameters": {"retry_after": seconds}})
        if fault == "garbage":
            return web.Response(status=200, text="<html>a hotel's login page</html>")
        if fault in ("hang", "hang_after"):
            await self.closing.wait()
        if fault == "half":
            body = json.dumps(entry.answer).encode()
            half = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
            await half.prepare(request)
            await half.write(body[: len(body) // 2])
        request.transport.abort()
        return web.Response()

    # --- webhook ------------------------------------------------------------------------------------------------------

    async def _webhooks(self):
        while True:
            changed = self._changed
            with self.world.lock:
                if self.world.webhook:
                    for _update, _expires, person in self.world.fresh():
                        if person not in self._delivering:
                            self._delivering.add(person)
                            self._spawn(self._deliver(person))
            await changed.wait()

    async def _deliver(self, person):
        """One person's updates, one after another; each again and again until it is taken, or too old."""
        pause = self.webhook_retry
        try:
            while True:
                with self.world.lock:
                    mine = [entry for entry in self.world.fresh() if entry[2] == person]
                    if not mine or not self.world.webhook:
                        return
                    url, secret = self.world.webhook
                if await self._post(url, secret, mine[0][0]):
                    pause = self.webhook_retry
                    with self.world.lock:
                        self.world.waiting = [entry for entry in self.world.waiting if entry is not mine[0]]
                        self.world.changed()
                else:
                    await asyncio.sleep(pause)
                    pause = min(60.0, pause * 2)
        finally:
            self._delivering.discard(person)

    async def _post(self, url, secret, update):
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            async with self._session.post(url, json=update, headers=headers) as answer:
                return 200 <= answer.status < 300
        except aiohttp.ClientError:
            return False


async def _arguments(request):
    params, files = dict(request.query), {}
    kind = request.content_type
    if kind == "application/json" and request.can_read_body:
        params |= await request.json()
    elif kind == "multipart/form-data":
        async for part in await request.multipart():
            if part.filename is None:
                params[part.name] = await part.text()
            else:
                files[part.name] = (part.filename, bytes(await part.read()))
    elif request.can_read_body:
        params |= dict(await request.post())
    return params, files


def _answer(status, body):
    headers = (
        {"Retry-After": str(body["parameters"]["retry_after"])} if status == 429 and "parameters" in body else None
    )
    return web.json_response(body, status=status, headers=headers)
