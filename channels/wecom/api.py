"""WeCom's API as an app uses it: JSON calls under a token that is fetched once however many wait for it, and renewed once."""

from __future__ import annotations

import asyncio
import io
import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from channels.sending import Clock, Sleep
from channels.wecom.refusals import NO_SUCH_PATH, SECONDS_OF_REST, NotSent, Refused, Unsure, users_in

log = structlog.get_logger()

MOST_MEDIA = 20 * 1024 * 1024
_EARLY = 300.0
_TRIES = 3
_UPLOAD_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """An app of a corp. The secret stays out of every repr."""

    corp_id: str
    agent_id: int
    secret: str

    def __repr__(self) -> str:
        return f"Credentials(agent {self.agent_id})"


def trust(ca_bundle: Path | None) -> ssl.SSLContext | bool:
    """What a connection by TLS trusts: a private deployment's own authority, or the system's. Raises OSError, ssl.SSLError."""
    return ssl.create_default_context(cafile=str(ca_bundle)) if ca_bundle else True


class Api:
    """Calls under one app's token. `base` is the server's root (scheme, host, port, prefix of paths).

    Raises Refused (carried out surely not), NotSent (no byte left) or Unsure. "System busy" and the like are repeated here up to
    three times; a token that WeCom no longer takes is renewed once and the call repeated once. No error and no log holds the token,
    although WeCom wants it in the address.
    """

    def __init__(
        self,
        credentials: Credentials,
        base: str,
        *,
        ca_bundle: Path | None = None,
        connect: float = 10.0,
        read: float = 15.0,
        monotonic: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.credentials = credentials
        self._base, self._trust = base.rstrip("/"), trust(ca_bundle)
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect, sock_read=read)
        self._uploading = aiohttp.ClientTimeout(total=_UPLOAD_SECONDS, connect=connect)
        self._monotonic, self._sleep = monotonic, sleep
        self._session: aiohttp.ClientSession | None = None
        self._token, self._until = "", 0.0
        self.trouble: Refused | None = None
        """The last refusal that lies in our settings; whoever has told the admins takes it away."""
        self._barred, self._barred_until = 0, 0.0
        self._one = asyncio.Lock()

    def __repr__(self) -> str:
        return f"Api(agent {self.credentials.agent_id})"

    async def open(self) -> None:
        """Opens the pool; connections come with the first call."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=15.0, ttl_dns_cache=300, ssl=self._trust)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Closes every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str, **query: object) -> dict[str, Any]:
        """A reading call; `path` begins with /cgi-bin/."""
        return await self._insist("GET", path, query)

    async def post(self, path: str, body: Mapping[str, Any], **query: object) -> dict[str, Any]:
        """A call with a JSON body."""
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._insist("POST", path, query, data)

    async def upload(self, kind: str, name: str, content: bytes) -> str:
        """A temporary file: its media_id, good for three days. `kind` is "image" or "file"."""
        answer = await self._insist("POST", "/cgi-bin/media/upload", {"type": kind}, (name, content))
        return str(answer.get("media_id", ""))

    async def download(self, media_id: str, most: int = MOST_MEDIA) -> bytes | None:
        """What somebody sent, or None where WeCom will not give it or it is larger than `most` bytes."""
        token = await self.token()
        try:
            return await self._fetch(media_id, most, token)
        except Refused as refused:
            if refused.kind != "token":
                return None
            self._forget(token)
            return await self._fetch(media_id, most, await self.token())

    async def token(self) -> str:
        """The token in force; whoever asks while it is being fetched waits for the same one."""
        if self._monotonic() < self._until:
            return self._token
        async with self._one:
            if self._monotonic() >= self._until:
                await self._log_in()
        return self._token

    async def _log_in(self) -> None:
        """Fetches the token. Where WeCom refuses it, everybody gets the same answer for a minute: a wrong secret that is tried again and
        again blocks our address for an hour (document 90313, 45009). What needs the token has not left while it does not come."""
        if self._monotonic() < self._barred_until:
            raise _of_ours(Refused(self._barred))
        query = {"corpid": self.credentials.corp_id, "corpsecret": self.credentials.secret}
        try:
            answer = await self._call("GET", "/cgi-bin/gettoken", query)
        except Unsure as unsure:
            raise NotSent(str(unsure)) from None
        except Refused as refused:
            if refused.kind in ("config", "slow") and refused.code != NO_SUCH_PATH:
                self._barred, self._barred_until = refused.code, self._monotonic() + SECONDS_OF_REST
            raise _of_ours(refused) from None
        self._token = str(answer.get("access_token", ""))
        lasts = float(answer.get("expires_in", 7200))
        self._until = self._monotonic() + max(lasts - _EARLY, lasts / 2)

    def _forget(self, token: str) -> None:
        """The token was refused; one that was fetched since is kept."""
        if token == self._token:
            self._until = 0.0

    async def _insist(self, method: str, path: str, query: Mapping[str, object], data: Any = None) -> dict[str, Any]:
        token, renewed, tries = "", False, 0
        while True:
            try:
                token = await self.token()
                return await self._call(method, path, {**query, "access_token": token}, data)
            except Refused as refused:
                if refused.kind == "token" and not renewed:
                    renewed = True
                    self._forget(token)
                elif refused.kind == "retry" and tries < _TRIES:
                    tries += 1
                    await self._sleep(0.25 * 2.0**tries)
                else:
                    if refused.kind == "config":
                        self.trouble = refused
                    raise

    async def _call(self, method: str, path: str, query: Mapping[str, object], data: Any = None) -> dict[str, Any]:
        """One call: its answer where errcode is 0."""
        body, headers = (_multipart(*data), None) if isinstance(data, tuple) else (data, _JSON if data else None)
        timeout = self._uploading if isinstance(data, tuple) else self._timeout
        address = self._base + path
        try:
            async with self._opened().request(
                method,
                address,
                params=_query(query),
                data=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                status, payload = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _told(error) from None
        return _read(status, payload)

    async def _fetch(self, media_id: str, most: int, token: str) -> bytes | None:
        query = {"access_token": token, "media_id": media_id}
        try:
            async with self._opened().get(
                f"{self._base}/cgi-bin/media/get", params=query, timeout=self._uploading
            ) as answer:
                content = bytearray()
                if answer.status != 200:
                    raise Unsure(f"HTTP {answer.status}")
                async for chunk in answer.content.iter_chunked(1 << 16):
                    content += chunk
                    if len(content) > most:
                        return None
                kind = answer.content_type
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _told(error) from None
        if kind in ("application/json", "text/plain") and content[:1] == b"{":
            code = _dict(bytes(content)).get("errcode")
            if isinstance(code, int) and code:
                raise Refused(code)
        return bytes(content)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise NotSent("closed")
        return self._session


_JSON = {"Content-Type": "application/json; charset=utf-8"}
_FORBIDDEN = re.compile(r'["\x00-\x1f\x7f]')
"""In the name of a file: what would end it or its header."""


def _of_ours(refused: Refused) -> Refused:
    """A token that is refused, for whatever reason: it lies in our settings, and in no message that waits for it."""
    if refused.kind not in ("retry", "slow"):
        refused.kind = "config"
    return refused


def _query(query: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items()}


def _multipart(name: str, content: bytes) -> aiohttp.FormData:
    """The file under its own name in UTF-8: WeCom shows it as it stands there and does not read the encoded form (RFC 2231)."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field(
        "media", io.BytesIO(content), filename=_FORBIDDEN.sub("'", name), content_type="application/octet-stream"
    )
    return form


def _told(error: Exception) -> NotSent | Unsure:
    """Which of the two an exception of the transport means; its text, which may hold the address, is not repeated."""
    never = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
    return NotSent(type(error).__name__) if isinstance(error, never) else Unsure(type(error).__name__)


def _read(status: int, payload: bytes) -> dict[str, Any]:
    answer = _dict(payload)
    code = answer.get("errcode", 0)
    if status == NO_SUCH_PATH:
        raise Refused(NO_SUCH_PATH)
    if isinstance(code, int) and code:
        raise Refused(code, str(answer.get("errmsg", "")), users_in(answer.get("unlicenseduser")))
    if 400 <= status < 500:
        raise NotSent(f"HTTP {status}")  # a gateway on the way, not WeCom: the call was not carried out
    if not isinstance(code, int):
        raise Refused(0)
    if status != 200 or not answer:
        raise Unsure(f"HTTP {status}")
    return answer


def _dict(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
