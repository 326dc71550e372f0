"""How WeCom's callbacks are kept secret and genuine: SHA-1 signature, AES-256-CBC, strict padding, receiveid. Pure.

developer.work.weixin.qq.com, document 90968; the vectors published there and in the official samples are the tests.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
_HEAD = 20
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


class Forged(Exception):
    """What came cannot be from WeCom; the text says in which respect, for our log and never for the sender."""


class Secrecy:
    """One app's callbacks. `aes_key` are the 43 characters of the console, `receive_id` the corp id ("" for a 智能机器人). Raises
    ValueError for a key that is none."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        if not _AES_KEY.fullmatch(aes_key):
            raise ValueError("EncodingAESKey: 43 of A-Z, a-z and 0-9")
        self._key = base64.b64decode(aes_key + "=")
        self._token, self._receive_id = token, receive_id.encode()

    def __repr__(self) -> str:
        return "Secrecy()"

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The signature that goes with an encrypted text, 40 hexadecimal digits."""
        # SHA-1 is WeCom's choice; what it signs is a secret token beside the text.
        return sha1("".join(sorted([self._token, timestamp, nonce, encrypted])).encode()).hexdigest()  # noqa: S324

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """The message in an encrypted text, once its signature holds (compared in constant time). Raises Forged."""
        genuine = self.sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(genuine.encode(), signature.encode("utf-8", "replace")):
            raise Forged("signature")
        return self.decrypt(encrypted)

    def decrypt(self, encrypted: str) -> bytes:
        """The message in an encrypted text. Raises Forged: every byte of the padding, the length and the receiveid must be right."""
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise Forged("base64") from None
        if not sealed or len(sealed) % BLOCK:
            raise Forged("length")
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        size = padded[-1]
        if not 1 <= size <= BLOCK or padded[-size:] != bytes([size]) * size:
            raise Forged("padding")
        opened = padded[:-size]
        length = int.from_bytes(opened[16:_HEAD], "big")
        if len(opened) < _HEAD or length > len(opened) - _HEAD:
            raise Forged("length")
        message, receiver = opened[_HEAD : _HEAD + length], opened[_HEAD + length :]
        if not hmac.compare_digest(receiver, self._receive_id):
            raise Forged("receiveid")
        return message

    def encrypt(self, message: bytes, chance: bytes) -> str:
        """The encrypted text of a message. `chance` are 16 random bytes."""
        plain = chance + len(message).to_bytes(4, "big") + message + self._receive_id
        size = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([size]) * size) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
