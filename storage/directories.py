"""通讯录: a platform's directory as it was last compared with the roster, one per channel, and the comparison that stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quizzes.directory import Listed
from storage import keep
from storage.database import Store


@dataclass(frozen=True, slots=True)
class State:
    """What was compared last: the digest of the directory, the fingerprint of the roster, and how many people the directory had."""

    digest: str = ""
    facts: str = ""
    people: int = 0


def state_of(listed: Sequence[Listed], facts: str) -> State:
    """The state that a directory and a roster would be remembered as."""
    return State(hashlib.sha256(_text(listed).encode()).hexdigest(), facts, len(listed))


def state(store: Store, channel: str) -> State:
    """What was compared last on this channel; nothing yet: an empty one."""
    found = keep.read(store, f"directory:{channel}:compared")
    return State(*json.loads(found)) if found else State()


def save(store: Store, channel: str, listed: Sequence[Listed], facts: str, now: datetime) -> None:
    """Remember a directory, in place of the former one, as compared with a roster of this fingerprint."""
    made = state_of(listed, facts)
    keep.write(store, f"directory:{channel}", _text(listed), now)
    keep.write(store, f"directory:{channel}:compared", json.dumps([made.digest, made.facts, made.people]), now)


def listed(store: Store, channel: str) -> list[Listed]:
    """The directory that was saved last."""
    return _read(keep.read(store, f"directory:{channel}"))


def suspect(store: Store, channel: str) -> list[Listed] | None:
    """A directory that came since and was not believed, or None."""
    found = keep.read(store, f"directory:{channel}:suspect")
    return _read(found) if found else None


def suspecting(store: Store, channel: str, some: Sequence[Listed] | None, now: datetime) -> None:
    """Put a directory aside that is not believed; None: there is none any more."""
    keep.write(store, f"directory:{channel}:suspect", "" if some is None else _text(some), now)


def newest(store: Store, channel: str) -> int:
    """The number of the comparison that officers were shown last; 0 if there was none."""
    return int(keep.read(store, f"directory:{channel}:shown") or 0)


def show(store: Store, channel: str, number: int, now: datetime) -> None:
    """From now on this comparison is the one to confirm."""
    keep.write(store, f"directory:{channel}:shown", str(number), now)


def _text(some: Sequence[Listed]) -> str:
    lines = sorted([each.address, each.name, list(each.units)] for each in some)
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> list[Listed]:
    return [Listed(address, name, tuple(units)) for address, name, units in json.loads(text or "[]")]
