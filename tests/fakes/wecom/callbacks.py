"""WeCom calling the app: the check of its address, encrypted deliveries with their retries, and passive replies."""

import asyncio
import secrets
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import aiohttp
from yarl import URL

from tests.fakes.wecom import cards, events, secrecy
from tests.fakes.wecom.advising import INTERACTIVE, advice
from tests.fakes.wecom.seen import Delivery

TRIES = 3
_CHECK_SECONDS = 1.0


@dataclass(frozen=True)
class Address:
    """What the console was told: where to call, and the two secrets."""

    url: str
    token: str
    aes_key: str


class Courier:
    """Delivers callbacks for one world. `patience`: seconds for an answer. `retry_pause`: between tries (WeCom's own is not known).
    `duplicate_deliveries`: so many more after one that was accepted. `delay`: seconds before each."""

    def __init__(self, world):
        self.world, self.patience, self.retry_pause, self.delay = world, 5.0, 0.0, 0.0
        self.duplicate_deliveries, self.lost, self.lost_answers = 0, 0, 0
        self.check_seconds, self.verify_problem = _CHECK_SECONDS, ""

    async def open(self):
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
        )

    async def close(self):
        await self._session.close()

    def _url(self, sealed, **more):
        """The address with the signature of `sealed` in its query."""
        address, stamp, nonce = self.world.address, str(int(self.world.now())), str(secrets.randbelow(10**10))
        signed = secrecy.signature(address.token, stamp, nonce, sealed)
        return URL(address.url).update_query(msg_signature=signed, timestamp=stamp, nonce=nonce, **more)

    async def verify(self):
        """The console's check on saving: whether the address answers the plain echostr, exactly and within a second."""
        self.verify_problem = "" if self.world.address else "no address configured"
        if self.verify_problem:
            return False
        wanted = str(secrets.randbelow(10**19))
        sealed = secrecy.seal(wanted, self.world.address.aes_key, self.world.corp_id)
        try:
            limit = aiohttp.ClientTimeout(total=self.check_seconds)
            async with self._session.get(
                self._url(sealed, echostr=sealed), timeout=limit, allow_redirects=False
            ) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.verify_problem = f"no answer within {self.check_seconds} s: {type(error).__name__}"
            return False
        if status != 200:
            self.verify_problem = f"HTTP {status}"
        elif body != wanted.encode():
            self.verify_problem = f"not the plain echostr but {body[:60]!r}"
        return not self.verify_problem

    async def deliver(self, user, pairs, message=None):
        """Sends one callback of a member until it is accepted or its tries are over; applies what the app replied."""
        head = [
            ("ToUserName", self.world.corp_id),
            ("FromUserName", user.userid),
            ("CreateTime", int(self.world.now())),
        ]
        plain = events.xml([*head, *pairs, ("AgentID", self.world.agent_id)])
        if self.world.address is None:
            return Delivery(False, 0, 0, 0.0)
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.lost > 0:
            self.lost -= 1
            return Delivery(False, 0, 0, 0.0)
        found = await self._insist(plain, user, message)
        for _ in range(int(self.duplicate_deliveries) if found.accepted else 0):
            await self._try(plain, user, message)
        return found

    async def _insist(self, plain, user, message):
        for tries in range(1, TRIES + 1):
            status, seconds, reply = await self._try(plain, user, message)
            if status == 200:
                break
            if tries < TRIES:
                await asyncio.sleep(self.retry_pause)
        return Delivery(status == 200, tries, status, seconds, reply)

    async def _try(self, plain, user, message):
        """(status or 0, seconds, the inner reply): the same plain text, sealed anew."""
        sealed = secrecy.seal(plain, self.world.address.aes_key, self.world.corp_id)
        parts = [("ToUserName", self.world.corp_id), ("AgentID", str(self.world.agent_id)), ("Encrypt", sealed)]
        began = time.monotonic()
        try:
            limit = aiohttp.ClientTimeout(total=self.patience)
            headers = {"Content-Type": "text/xml"}
            request = self._session.post(
                self._url(sealed), data=events.xml(parts).encode(), headers=headers, timeout=limit
            )
            async with request as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0, time.monotonic() - began, None
        seconds = time.monotonic() - began
        if self.lost_answers > 0:
            self.lost_answers -= 1
            return 0, seconds, None
        return status, seconds, self._take(body, user, message) if status == 200 and body else None

    # --- passive replies ----------------------------------------------------------------------------------------------

    def _take(self, body, user, message):
        """Opens and applies a reply; None (and a problem noted) where it is malformed."""
        try:
            inner = self._open(body)
            self._apply(*events.read_reply(inner, user.userid, self.world.corp_id), user.userid.lower(), message)
        except ValueError as error:
            self.world.problem(f"passive reply: {error}")
            return None
        return inner

    def _open(self, body):
        try:
            parts = {child.tag: child.text or "" for child in ET.fromstring(body.decode())}
        except ET.ParseError as error:
            raise ValueError(f"no envelope: {error}") from None
        sealed = parts.get("Encrypt", "")
        signed = secrecy.signature(self.world.address.token, parts.get("TimeStamp", ""), parts.get("Nonce", ""), sealed)
        if not parts.get("Nonce") or not parts.get("TimeStamp", "").isdigit() or signed != parts.get("MsgSignature"):
            raise ValueError("bad signature")
        return secrecy.open_sealed(sealed, self.world.address.aes_key, self.world.corp_id)

    def _apply(self, kind, content, userid, message):
        if kind == "text":
            if len(content.encode()) > 2048:
                raise ValueError("Content over 2048 bytes")
            self.world.deliver("text", {"content": content}, {userid: None}, counted=False)
        elif kind in ("update_button", "update_template_card") and message is None:
            raise ValueError(f"{kind} without a card that was pressed")
        elif kind == "update_button":
            if message.card(userid)["card_type"] not in INTERACTIVE:
                raise ValueError("update_button for a card without buttons")
            message.grey(userid, content)
        elif kind == "update_template_card":
            if wrong := cards.refusal(content, update=True):
                raise ValueError(f"card refused: {wrong[0]} {wrong[1]}")
            self.world.problems += advice(content, cards.APP, update=True)
            message.replace(userid, content)
