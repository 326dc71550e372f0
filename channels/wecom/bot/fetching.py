"""Fetches what a person sent: an encrypted file at an address of five minutes (developer.work.weixin.qq.com, document 100719)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
from email.message import Message
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp
import structlog
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.sending import Sleep, within
from channels.wecom.bot.frames import Attachment
from handlers.messages import File

log = structlog.get_logger()

MOST_BYTES = 20 * 1024 * 1024
FETCH_SECONDS = 20.0
_BLOCK = 32
_PACKED = ((b"xl/", ".xlsx"), (b"word/", ".docx"))
_SIGNS = (
    (b"%PDF", ".pdf"),
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"\xd0\xcf\x11\xe0", ".xls"),
)
_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".pdf": "application/pdf",
}


class Fetcher:
    """Four files at once, each in 20 s and at most 20 MB. None where it cannot be had; its sender can send it again. `ca_bundle` is
    trusted beside the system's authorities, since files may lie elsewhere."""

    def __init__(self, *, ca_bundle: Path | None = None, sleep: Sleep = asyncio.sleep) -> None:
        self._trust = ssl.create_default_context()
        if ca_bundle is not None:
            self._trust.load_verify_locations(cafile=str(ca_bundle))
        self._sleep, self._room = sleep, asyncio.Semaphore(4)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Opens the pool."""
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Closes it."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def fetch(self, attachment: Attachment) -> File | None:
        """The file, decrypted and under its name."""
        found: list[File] = []

        async def fetching() -> None:
            async with self._room:
                name, content = await self._download(attachment.url)
            plain = decrypted(content, attachment.key)
            name = named(name, plain)
            found.append(File(name, _TYPES.get(_ending(name), "application/octet-stream"), plain))

        try:
            if not await within(FETCH_SECONDS, fetching(), self._sleep):
                log.warning("file_not_fetched", error="took too long")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            log.warning("file_not_fetched", error=type(error).__name__)
        return found[0] if found else None

    async def _download(self, url: str) -> tuple[str, bytes]:
        if self._session is None:
            raise ValueError("closed")
        async with self._session.get(url, ssl=self._trust) as answer:
            answer.raise_for_status()
            content = bytearray()
            async for chunk in answer.content.iter_chunked(1 << 16):
                content += chunk
                if len(content) > MOST_BYTES + _BLOCK:
                    raise ValueError("too large")
            disposition = answer.headers.get("Content-Disposition", "")
            return _disposed(disposition) or unquote(urlsplit(url).path.rpartition("/")[2]), bytes(content)


def decrypted(content: bytes, key: str) -> bytes:
    """AES-256-CBC under a key of its own, in base64 that may lack its "="; the vector is the key's beginning, the padding of 32.
    Without a key it came in the clear. Raises ValueError."""
    if not key:
        return content
    try:
        aes_key = base64.b64decode(key + "=" * (-len(key) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("no key") from error
    if len(aes_key) != 32 or not content or len(content) % 16:
        raise ValueError("not encrypted under such a key")
    cipher = Cipher(algorithms.AES(aes_key), modes.CBC(aes_key[:16])).decryptor()
    plain = cipher.update(content) + cipher.finalize()
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise ValueError("wrong padding")
    return plain[:-pad]


def named(name: str, content: bytes) -> str:
    """The file's name without folders; one without an ending gets that of what is in it, since the ending says what it is for."""
    name = "".join("_" if sign in "/\\" or sign < " " else sign for sign in name).strip(". ")[-200:]
    if _ending(name):
        return name
    endings = [ending for sign, ending in _SIGNS if content.startswith(sign)]
    if content.startswith(b"PK"):
        endings = [ending for sign, ending in _PACKED if sign in content]
    return (name or "file") + (endings[0] if endings else "")


def _ending(name: str) -> str:
    dot, ending = name.rpartition(".")[1:]
    return f".{ending.lower()}" if dot and ending.isalnum() and len(ending) <= 5 else ""


def _disposed(header: str) -> str:
    message = Message()
    message["Content-Disposition"] = header.encode("latin-1", "replace").decode("utf-8", "replace") if header else "x"
    return message.get_filename() or ""
