"""WeCom's side of the callback envelope: AES-256-CBC, padding to 32, and the signature. Knows nothing of the program's own code."""

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32


class Unreadable(ValueError):
    """An envelope that WeCom would not open, and why."""


def signature(token, timestamp, nonce, encrypted):
    """The hexadecimal signature of an envelope."""
    return hashlib.sha1("".join(sorted([token, str(timestamp), str(nonce), encrypted])).encode()).hexdigest()


def seal(text, aes_key, receiver, random=None):
    """The text, encrypted for `receiver`; `random` are 16 bytes, fresh ones unless given."""
    content = text.encode()
    plain = (random or os.urandom(16)) + struct.pack("!I", len(content)) + content + receiver.encode()
    fill = _BLOCK - len(plain) % _BLOCK
    box = _cipher(aes_key).encryptor()
    return base64.b64encode(box.update(plain + bytes([fill]) * fill) + box.finalize()).decode()


def open_sealed(encrypted, aes_key, receiver):
    """The text of what `seal` made; Unreadable for anything else."""
    try:
        raw = base64.b64decode(encrypted, validate=True)
        box = _cipher(aes_key).decryptor()
        plain = box.update(raw) + box.finalize()
    except ValueError as error:
        raise Unreadable(f"not decryptable: {error}") from None
    if (
        not plain
        or len(plain) % _BLOCK
        or not 1 <= plain[-1] <= _BLOCK
        or plain[-plain[-1] :] != plain[-1:] * plain[-1]
    ):
        raise Unreadable("bad padding")
    plain = plain[: -plain[-1]]
    if len(plain) < 20:
        raise Unreadable("too short")
    [length] = struct.unpack("!I", plain[16:20])
    if plain[20 + length :] != receiver.encode():
        raise Unreadable("receiveid of somebody else")
    return plain[20 : 20 + length].decode()


def _cipher(aes_key):
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
