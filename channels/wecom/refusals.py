"""What WeCom's error codes mean for whoever called (developer.work.weixin.qq.com, document 90313). Always by number, never by text."""

from __future__ import annotations

import re

from channels.base import DeliveryFailed
from channels.sending import SlowDown

_KINDS: dict[str, tuple[int, ...]] = {
    "retry": (-1, 6000, 45033, 45035),
    "token": (40014, 42001, 41001),
    "slow": (45009,),
    "config": (40001, 40091, 40013, 40056, 301002, 50003, 60031, 48002, 48006, 48009, 60020, 43012, 50001, 80001, 85005, 404),
    "recipient": (81013, 60111, 40003, 40031, 40032, 82001, 82002, 82003, 60011, 60021),
    "content": (40008, 44004, 45002, 45008, 41016, 41033, 40039, 45034, 40201, 82004, 40033),
    "media": (40004, 40006, 40007, 40145, 44001, 40123),
    "card": (42014, *range(42016, 42021), *range(42027, 42048), 42049, 42050, 42051, 60140, 82101, 82102),
    "oauth": (40029, 42003, 42022),
    "bot": (846601, 846604, 846605, 846606, 846607, 846608, 846609, 853000),
}  # fmt: skip
_KIND_OF = {code: kind for kind, codes in _KINDS.items() for code in codes}
_IP = re.compile(r"from ip: ?([0-9a-fA-F.:]+)")
SAME_TASK = 42014
"""A card under this task_id was accepted before: a repetition, after an answer that got lost, has arrived."""
CODE_SPENT = 60140
NOBODY = 81013
"""Not one of those whom the call named can be reached."""
_NOT_THERE = frozenset({NOBODY, 60111, 40003, 60021})
"""Of a call that names one member: not known, or outside the visible range. Other refusals of recipients say nothing about the member."""
NO_SUCH_PATH = 404
"""Not WeCom's own: the HTTP status of a server that does not know a path, an older one or one behind another address."""
SECONDS_OF_REST = 60.0
"""After 45009 the calls of this minute are over; a day's ceiling is asked for again in the same steps."""


class Trouble(Exception):
    """A call that did not end well: Refused, NotSent or Unsure."""


class Refused(Trouble):
    """WeCom answered with an error: surely not carried out. `kind` is one of retry, token, slow, config, recipient, content, media,
    card, oauth, bot, other; `ip` the address it saw us come from, where it names one; `unlicensed` are those of whom it says that the corp has
    no licence for them, in lower case."""

    def __init__(self, code: int, message: str = "", unlicensed: frozenset[str] = frozenset()) -> None:
        self.code, self.kind, self.unlicensed = code, _KIND_OF.get(code, "other"), unlicensed
        found = _IP.search(message)
        self.ip = found[1] if found else ""
        super().__init__(f"errcode {code} ({self.kind}){f' from {self.ip}' if self.ip else ''}")


class NotSent(Trouble):
    """No byte of the call reached WeCom: no route, no name, no handshake, no connection in time."""


class Unsure(Trouble):
    """The call left and no answer came: it may have been carried out."""


def verdict(error: Trouble) -> tuple[str, str]:
    """The Outcome state and reason of a send that raised: failed (not_visible, unlicensed, rejected), retry (surely not sent) or uncertain."""
    if isinstance(error, Unsure):
        return "uncertain", "no_answer"
    if not isinstance(error, Refused):
        return "retry", "unreachable"
    if error.kind == "recipient" and error.code in _NOT_THERE:
        return "failed", "unlicensed" if error.unlicensed else "not_visible"
    if error.kind in ("recipient", "content", "media", "card", "other"):
        return "failed", "rejected"
    return "retry", f"errcode_{error.code}"


def users_in(listed: object) -> frozenset[str]:
    """The lower-case ids in "a|B", as WeCom lists whom it did not reach."""
    return frozenset(listed.lower().split("|")) - {""} if isinstance(listed, str) else frozenset()


def raised(error: Trouble) -> Exception:
    """The same in the words of the channels: SlowDown or DeliveryFailed; an Unsure stays what it is."""
    if isinstance(error, Refused) and error.kind == "slow":
        return SlowDown(SECONDS_OF_REST)
    state, reason = verdict(error)
    return error if state == "uncertain" else DeliveryFailed(reason, permanent=state == "failed")
