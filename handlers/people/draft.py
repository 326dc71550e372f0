"""A request while it is being filled in: what is known so far, kept with the conversation; and its parts in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from handlers import dates
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from quizzes.rounds import Round, State
from storage import accounts, corrections, rounds
from storage.corrections import UNDER_WAY
from storage.database import Store
from storage.exemptions import DEFER, EXEMPT, LEAVE, Freed
from storage.requests import DEPART, JOIN, KINDS, Asked, Request

TOPIC = "request"
OTHER = "other"
REASONS: Mapping[str, tuple[str, ...]] = {
    EXEMPT: ("retiring", "sick", "study", "abroad", "maternity", "posted", OTHER),
    DEFER: ("sick", "trip", "family", "maternity", "posted", OTHER),
    LEAVE: ("holiday", "trip", "sick", "family", OTHER),
}
"""What notices name (青海2020: 当年退休, 长期病假, 长期脱产学习, 省外挂职; 庆阳2020: 当年退休, 长期病假), and what else happens."""
KEYS: Mapping[str, str] = {EXEMPT: "exempt", DEFER: "defer", LEAVE: "leave", JOIN: "join", DEPART: "depart"}
CLOSED_LATELY = timedelta(days=30)
"""How long after its close a round may still be asked about; what is decided then is a printed correction."""


@dataclass(frozen=True, slots=True)
class Draft:
    """For whom, of which kind; then for which round or which dates, why, and in which words (None: not asked yet)."""

    kind: str
    person_id: int
    round_id: int | None = None
    starts_on: str = ""
    ends_on: str = ""
    category: str = ""
    text: str | None = None
    file_id: int | None = None

    @property
    def scoped(self) -> bool:
        """Whether it is known for which round or dates; 调出 is from every round now open."""
        return bool(self.round_id or self.starts_on) or self.kind == DEPART

    def asked(self, language: str, by: int) -> Asked:
        """As it is recorded. The reason stands in words, as it will be read in years."""
        words = [say(language, f"requests.category_{self.category}")] if self.category not in ("", OTHER) else []
        reason = say(language, "requests.comma").join([*words, *([self.text] if self.text else [])])
        return Asked(self.person_id, self.kind, by, self.round_id, _date(self.starts_on), _date(self.ends_on), self.category,
                     reason, self.file_id)  # fmt: skip


def _date(written: str) -> date | None:
    return date.fromisoformat(written) if written else None


def keep(turn: Turn, store: Store, draft: Draft) -> None:
    """Keep it with the conversation."""
    accounts.set_topic(store, where(turn), TOPIC, asdict(draft), turn.now)


def kept(turn: Turn, store: Store) -> Draft | None:
    """The one being filled in here, for presses too, which carry no topic."""
    found = accounts.topic_of(store, where(turn))
    return Draft(**json.loads(found[1])) if found is not None and found[0] == TOPIC else None


def where(turn: Turn) -> str:
    """The key of the conversation."""
    return f"{turn.incoming.account.channel}:{turn.incoming.account.id}"


def kind_named(word: str) -> str | None:
    """The kind a word means, in any language."""
    for kind in KINDS:
        if word.casefold() in {kind, *(say(language, f"requests.kind_{KEYS[kind]}").casefold() for language in LANGUAGES)}:  # fmt: skip
            return kind
    return None


def category_named(kind: str, word: str) -> str | None:
    """The reason a word means, of those that fit the kind, in any language."""
    for key in REASONS.get(kind, ()):
        if word.casefold() in {key, *(say(language, f"requests.category_{key}").casefold() for language in LANGUAGES)}:
            return key
    return None


def open_to(store: Store, draft: Draft, now: datetime) -> list[Round]:
    """The rounds it may be for: assessed ones that have not closed; for 免考 and 补录 lately closed ones too. For 免考 and 缓考 only
    where the person has not sat."""
    closed = [each for each in rounds.latest(store, 20, State.CLOSED) if draft.kind in (EXEMPT, JOIN) and now - (each.closed_at or now) < CLOSED_LATELY]  # fmt: skip
    ahead = [State.PLANNED] if draft.kind in (EXEMPT, DEFER) else []
    found = [*closed[::-1], *rounds.in_state(store, *ahead, *UNDER_WAY)]
    fits = [each for each in found if each.counts == "assessed" and each.of_round_id is None]
    return [each for each in fits if draft.kind == JOIN or _may_miss(store, each, draft.person_id)]


def _may_miss(store: Store, what: Round, person_id: int) -> bool:
    number = corrections.line(store, what.id, person_id)
    if number is None:
        return what.state is State.PLANNED
    return not corrections.has_sat(store, number)


# In words. -------------------------------------------------------------------------------------------------------------


def kind(turn: Turn, what: str) -> str:
    """「免考」, in the reader's language."""
    return turn.say(f"requests.kind_{KEYS[what]}")


def scope(turn: Turn, store: Store, what: Draft | Request | Freed) -> str:
    """「「宪法宣传周学法考试」（12月4日开考）」, or the dates."""
    if what.round_id is not None:
        return of_round(turn, rounds.get(store, what.round_id))
    starts, ends = what.starts_on, what.ends_on
    begins, until = _date(starts) if isinstance(starts, str) else starts, _date(ends) if isinstance(ends, str) else ends
    return dates.span(turn, begins, until) if begins else turn.say("requests.every_open")


def of_round(turn: Turn, what: Round) -> str:
    """A round by its title and the day it opens."""
    return turn.say("requests.round", title=what.title, day=dates.day(turn, what.due_on))
