"""附注 as plain data: what 应考 of a round is made of, and every change of it, as far as the reader may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers.rights import Scope
from quizzes.rounds import State
from storage import exemptions, people, rounds
from storage import footnotes as notes
from storage.database import Store
from storage.footnotes import Composition, Footnote


@dataclass(frozen=True, slots=True)
class Footnotes:
    """What a report prints below its rates. `kinds`: how many changes of each kind, and `corrected` how many of them after the close;
    `deferred`: 缓考, who stay in 应考; `lines` in the order of time, with names and reasons: only for those who may read them."""

    round_id: int
    title: str
    closed: bool
    as_of: datetime
    made_of: Composition
    kinds: Mapping[str, int]
    corrected: int
    deferred: int
    lines: tuple[Footnote, ...]


def footnotes(store: Store, round_id: int, scope: Scope, now: datetime, *, detailed: bool) -> Footnotes:
    """The footnotes of a round within a scope (by the unit at opening). Without `detailed` counts only. Raises KeyError."""
    what = rounds.get(store, round_id)
    units = None if scope.everything else people.units_below(store, scope.units)
    found = notes.footnotes(store, round_id, units)
    put_off = exemptions.deferred(store, round_id) & notes.due_people(store, round_id, units)
    return Footnotes(
        round_id, what.title, what.state is State.CLOSED, now, notes.composition(store, round_id, units),
        Counter(each.kind.value for each in found), sum(each.corrected for each in found), len(put_off),
        tuple(found) if detailed else (),
    )  # fmt: skip
