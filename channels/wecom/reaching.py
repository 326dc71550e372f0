"""Whether what has to be reached is reached: WeCom's server, our own callback as WeCom calls it, the long connection's server."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from channels.sending import Clock
from channels.wecom.api import trust
from channels.wecom.callback import MOST_SKEW, PATH
from channels.wecom.secrecy import Secrecy
from channels.wecom.wellformed import Finding, Setup

SECONDS = 10.0
WORRYING_SKEW = MOST_SKEW / 2
"""Seconds by which our clock may be wrong before an officer is told; at twice as many callbacks are refused."""
MOST_ANSWER = 1.0
"""Seconds within which the callback address must answer while it is saved (developer.work.weixin.qq.com, document 90930)."""
MOST_BODY = 4096
WRONG_BOT, NO_LONG_CONNECTION = 853000, 846601
Chance = Callable[[int], bytes]
Met = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


def session() -> aiohttp.ClientSession:
    """A pool for one check."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=SECONDS))


async def server(http: aiohttp.ClientSession, setup: Setup, now: datetime) -> list[Finding]:
    """Whether WeCom's server answers at all, whatever it says, and whether its clock and ours agree."""
    where = {"base": setup.api_base}
    try:
        trusting = trust(setup.ca_bundle)
        async with http.get(setup.api_base + "/", ssl=trusting, allow_redirects=False) as answer:
            said = answer.headers.get("Date", "")
    except Met as error:
        return [
            Finding(met(error, "server_name", "server_certificate", "server_unreachable"), fine=False, values=where)
        ]
    return [Finding("server", fine=True, values=where), *_clock(said, now)]


def _clock(said: str, now: datetime) -> list[Finding]:
    try:
        wrong = abs((parsedate_to_datetime(said) - now).total_seconds())
    except (TypeError, ValueError):  # no date, or one without a zone
        return []
    values = {"minutes": f"{wrong / 60:.0f}", "most": f"{MOST_SKEW // 60}"}
    return [Finding("clock", fine=wrong <= WORRYING_SKEW, values=values)]


def met(error: BaseException, name: str, certificate: str, unreachable: str) -> str:
    """Which of these codes tells what was met on the way."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return name
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return certificate
    return unreachable


async def callback(http: aiohttp.ClientSession, setup: Setup, now: datetime, *, chance: Chance = os.urandom,
                   monotonic: Clock = time.monotonic) -> Finding:  # fmt: skip
    """What our own callback address answers to the question that WeCom asks it while it is saved (document 90930, 3.1)."""
    url = setup.public_url.rstrip("/") + PATH
    question = chance(16).hex()
    secrecy = Secrecy(setup.token, setup.aes_key, setup.corp_id)
    sealed, timestamp, nonce = secrecy.encrypt(question.encode(), chance(16)), f"{now.timestamp():.0f}", chance(8).hex()
    asked = {"msg_signature": secrecy.sign(timestamp, nonce, sealed), "timestamp": timestamp, "nonce": nonce, "echostr": sealed}  # fmt: skip
    began = monotonic()
    try:
        async with http.get(url, params=asked, ssl=_trust_both(setup), allow_redirects=False) as answer:
            status, body = answer.status, await answer.content.read(MOST_BODY)
    except Met as error:
        code = met(error, "callback_name", "callback_certificate", "callback_unreachable")
        return Finding(code, fine=False, values={"url": url})
    return _judged(url, status, body.decode("utf-8", "replace"), question, monotonic() - began)


def _trust_both(setup: Setup) -> ssl.SSLContext:
    """The system's authorities, and a private deployment's: our own certificate may come from either."""
    found = ssl.create_default_context()
    if setup.ca_bundle is not None:
        found.load_verify_locations(cafile=str(setup.ca_bundle))
    return found


def _judged(url: str, status: int, body: str, question: str, took: float) -> Finding:
    values = {"url": url}
    if status == 404:
        return Finding("callback_missing", fine=False, values=values)
    if status in (400, 401, 403):
        return Finding("callback_refused", fine=False, values=values)
    if status != 200:
        return Finding("callback_status", fine=False, values=values | {"status": str(status)})
    if body != question:
        return Finding("callback_altered" if question in body else "callback_other", fine=False, values=values)
    if took > MOST_ANSWER:
        return Finding("callback_slow", fine=False, values=values | {"seconds": f"{took:.1f}"})
    return Finding("callback", fine=True, values=values)


async def long_connection(http: aiohttp.ClientSession, setup: Setup, *, exclusive: bool) -> list[Finding]:
    """Whether the WebSocket opens and, only if `exclusive`, whether BotID and Secret are taken: one bot has one connection, so that
    trying them would end the one of a running server."""
    where = {"url": setup.ws_url}
    try:
        async with http.ws_connect(setup.ws_url, ssl=trust(setup.ca_bundle)) as socket:
            found = [Finding("bot_server", fine=True, values=where)]
            return [*found, await _subscribed(socket, setup) if exclusive else Finding("bot_untried", fine=True)]
    except Met as error:
        code = met(error, "bot_server_name", "bot_server_certificate", "bot_server_unreachable")
        return [Finding(code, fine=False, values=where)]


async def _subscribed(socket: aiohttp.ClientWebSocketResponse, setup: Setup) -> Finding:
    request = {"cmd": "aibot_subscribe", "headers": {"req_id": "doctor"}}
    try:
        await socket.send_json(request | {"body": {"bot_id": setup.bot_id, "secret": setup.bot_secret}})
        code = await asyncio.wait_for(_answer(socket, "doctor"), SECONDS)
    except Met:
        return Finding("bot_silent", fine=False)
    known = {0: "bot_login", WRONG_BOT: "bot_login", NO_LONG_CONNECTION: "bot_mode"}
    return Finding(known.get(code, "bot_refused"), fine=code == 0, values={} if code in known else {"code": str(code)})


async def _answer(socket: aiohttp.ClientWebSocketResponse, number: str) -> int:
    """The errcode of the answer to this request. Raises ConnectionError if the connection ends without one."""
    async for message in socket:
        if message.type is not aiohttp.WSMsgType.TEXT:
            continue
        frame: Any = json.loads(message.data, strict=False)
        headers = frame.get("headers") if isinstance(frame, dict) else None
        if isinstance(headers, dict) and headers.get("req_id") == number and "cmd" not in frame:
            return int(frame.get("errcode", -1))
    raise ConnectionError("closed")
