"""Issued documents: the code that stands on one, how it is typed, how a name is masked, and the seal over what it says."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any

BITS = 80
"""Random bits of a code: nobody finds another's by trying."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that is taken for a digit
_LENGTH = BITS // 5
_MEANT = str.maketrans("OIL", "011")
_GROUP = 4


def code(number: int) -> str:
    """The code of a number of 80 bits: sixteen letters and digits. Raises ValueError for a number that has more."""
    if not 0 <= number < 1 << BITS:
        raise ValueError(f"{number} has more than {BITS} bits")
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def shown_code(of: str) -> str:
    """A code as it is printed: 「7K3M-9WXZ-2QAB-C4DE」."""
    return "-".join(of[start : start + _GROUP] for start in range(0, len(of), _GROUP))


def read_code(typed: str) -> str:
    """A code as typed, in the form it was made ("7k3m 9wxz…", O for 0, I or L for 1); "" for what can be none."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", typed).upper() if each not in "- \t_")
    found = plain.translate(_MEANT)
    return found if len(found) == _LENGTH and all(each in _ALPHABET for each in found) else ""


def masked(name: str) -> str:
    """A name as strangers may read it: its first character, and one star however long it is."""
    return f"{name[:1]}*"


def seal(content: dict[str, Any]) -> str:
    """SHA-256 in hex over the canonical JSON of what a document says."""
    said = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(said.encode()).hexdigest()


def short(of: str) -> str:
    """A seal as it is printed: its first 64 bits, in groups."""
    return " ".join(of[start : start + _GROUP] for start in range(0, 16, _GROUP)).upper()
