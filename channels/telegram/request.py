"""The transport under every Bot API call: aiohttp behind telegram's BaseRequest, telling "surely not sent" from "unknown"."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import aiohttp
from telegram._utils.types import ODVInput
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

Seconds = ODVInput[float]
_JSON = {"Content-Type": "application/json"}
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TOKEN = re.compile(r"bot\d+:[\w%-]+", re.ASCII)


class NotSent(NetworkError):
    """No byte of the call reached the platform: no route, no name, no handshake, no connection in time."""


class TooFast(TelegramError):
    """HTTP 429. With or without a `retry_after` the call was refused, so it surely was not carried out."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too Many Requests: retry after {seconds:g}")
        self.seconds = seconds


def redacted(text: str) -> str:
    """The text without any bot token: aiohttp names the whole URL in some of its exceptions."""
    return _TOKEN.sub("bot***", text)


class AiohttpRequest(BaseRequest):
    """One pool of connections. Sends and get_updates each have their own, so that a long poll never holds up an answer.

    Nothing is retried here: whoever sends owns the retries. Timeouts are in seconds: `connect` covers waiting for a
    connection and making it, `read` everything after it, `upload` the same for calls with files. aiohttp with an unlimited pool
    was measured at ten times the calls per second of telegram's own httpx transport.
    """

    def __init__(
        self, *, connect: float = 10.0, read: float = 20.0, upload: float = 90.0, proxy: str | None = None
    ) -> None:
        self._connect, self._read, self._upload, self._proxy = connect, read, upload, proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds an answer may take by default."""
        return self._read

    async def initialize(self) -> None:
        """Opens the pool; connections come with the first call. Idle ones close before Telegram closes them."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=15.0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        """Closes every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        write_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        connect_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        pool_timeout: Seconds = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call: its status and body. Raises NotSent, TimedOut, NetworkError (both unknown), TooFast or BadRequest."""
        uploads = request_data is not None and request_data.contains_files
        timeout = self._timeout(connect_timeout, read_timeout, self._upload if uploads else self._read)
        headers = None if uploads or request_data is None else _JSON
        try:
            async with self._opened().request(
                method, url, data=_body(request_data), headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                status, payload = answer.status, await answer.read()
        except Exception as error:
            raise _told(error) from None
        if status == 429:
            raise TooFast(_retry_after(payload, answer.headers.get("Retry-After")))
        if status == 413:
            raise BadRequest("Request Entity Too Large")
        return status, payload

    async def download(self, url: str, most: int) -> bytes | None:
        """The file behind a URL, or None if it is larger than `most` bytes or not there; counted while it comes in."""
        try:
            async with self._opened().get(url, timeout=aiohttp.ClientTimeout(total=self._upload)) as answer:
                if answer.status != 200:
                    return None
                content = bytearray()
                async for chunk in answer.content.iter_chunked(1 << 16):
                    content += chunk
                    if len(content) > most:
                        return None
                return bytes(content)
        except Exception as error:
            raise _told(error) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as a dict. Unlike telegram's own it logs nothing: bodies hold what people wrote."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise NotSent("the pool is closed")
        return self._session

    def _timeout(self, connect: Seconds, read: Seconds, default: float) -> aiohttp.ClientTimeout:
        connecting = connect if isinstance(connect, int | float) else self._connect
        reading = read if isinstance(read, int | float) else default
        return aiohttp.ClientTimeout(total=connecting + reading, connect=connecting, sock_read=reading)


def _body(data: RequestData | None) -> bytes | aiohttp.FormData | None:
    """JSON, which costs a fifth of a form's percent signs in Chinese; a form only where a file goes with it."""
    if data is None:
        return None
    if not data.contains_files:
        return _to_json(data.json_parameters).encode()
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form


def _told(error: Exception) -> TelegramError:
    """What an exception of the transport says about the call. The order matters: a connect timeout is a timeout, too."""
    if isinstance(error, TelegramError):
        return error
    words = redacted(f"{type(error).__name__}: {error}")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
        return NotSent(words)
    if isinstance(error, asyncio.TimeoutError):
        return TimedOut(words)
    return NetworkError(words)


def _retry_after(payload: bytes, header: str | None) -> float:
    """Seconds to wait, from the body, else the header, else 5."""
    try:
        seconds = json.loads(payload)["parameters"]["retry_after"]
    except (ValueError, KeyError, TypeError):
        seconds = header
    try:
        return min(3600.0, max(0.0, float(seconds)))
    except (ValueError, TypeError):
        return 5.0
