"""人数: how many are due, sat and passed, per round and bureau, counted from the 应考名册; and the sums kept of closed rounds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, cast, delete, func, insert, not_, select

from quizzes.rates import Tally
from quizzes.rounds import Round, State
from storage import rounds
from storage.answers import HERE
from storage.database import Store
from storage.tables import attempt, enrolment, round_, round_sum

UNDER_WAY = (State.OPEN, State.CLOSING)
ARRANGED = (State.PLANNED, State.OPENING, *UNDER_WAY)

_FLAGS = (enrolment.c.counted, enrolment.c.sat, enrolment.c.passed, enrolment.c.excellent, enrolment.c.exempt)


def makeups(store: Store, round_id: int) -> list[Round]:
    """The make-ups of a round, earliest first; cancelled and missed ones are none."""
    mine = round_.c.of_round_id == round_id, round_.c.state.in_((*ARRANGED, State.CLOSED))
    found = store.rows(select(round_.c.id).where(*mine).order_by(round_.c.opens_at, round_.c.id))
    return [rounds.get(store, row.id) for row in found]


def default_round(store: Store) -> Round | None:
    """The round people mean when they name none: the latest open assessed one, else the latest open, else the latest closed.
    A make-up stands for its first round, whose figures include it."""
    under_way = rounds.in_state(store, *UNDER_WAY)
    assessed = [each for each in under_way if each.counts == "assessed"]
    found = [*(assessed or under_way)[-1:], *rounds.latest(store, 1, State.CLOSED)]
    if not found:
        return None
    return found[0] if found[0].of_round_id is None else rounds.get(store, found[0].of_round_id)


def last_closed(store: Store, counts: str, most: int) -> list[Round]:
    """The last closed rounds of a kind (assessed or practice), oldest first, without make-ups."""
    which = round_.c.state == State.CLOSED, round_.c.counts == counts, round_.c.of_round_id.is_(None)
    query = select(round_.c.id).where(*which).order_by(round_.c.opens_at.desc(), round_.c.id.desc()).limit(most)
    return [rounds.get(store, row.id) for row in store.rows(query)][::-1]


# Counting. -------------------------------------------------------------------------------------------------------------

# Answered by ix_enrolment_figures alone: a million lines in 60 to 90 ms.
COUNTS = (
    select(enrolment.c.bureau_id, *_FLAGS, func.count().label("people"))
    .where(enrolment.c.round_id == bindparam("round_id"))
    .group_by(enrolment.c.bureau_id, *_FLAGS)
)


def count(
    store: Store, round_id: int, *, leadership: bool = False, units: Collection[int] | None = None
) -> dict[int, Tally]:
    """The headcounts of each bureau that has a line in the round, from the lines: all, or only 班子成员, or only these units."""
    return _by_bureau(store, COUNTS.where(*_narrowed(leadership, units)), round_id)


def _narrowed(leadership: bool, units: Collection[int] | None) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = [enrolment.c.leadership.is_(True)] if leadership else []
    return which if units is None else [*which, enrolment.c.unit_id.in_(units)]


def _by_bureau(store: Store, query: Select[Any], round_id: int) -> dict[int, Tally]:
    found: dict[int, Tally] = {}
    for row in store.rows(query, {"round_id": round_id}):
        people, due, exempt = row.people, bool(row.counted), bool(row.exempt and not row.counted)
        line = Tally(
            roster=people * (due or exempt),
            exempt=people * exempt,
            due=people * due,
            sat=people * bool(due and row.sat),
            passed=people * bool(due and row.sat and row.passed),
            excellent=people * bool(due and row.sat and row.excellent),
        )
        found[row.bureau_id] = found.get(row.bureau_id, Tally()) + line
    return found


def own(store: Store, what: Round) -> dict[int, Tally]:
    """The headcounts of a round by itself (正考): the stored sums once it is closed, else counted now."""
    stored = sums(store, what.id) if what.state is State.CLOSED else {}
    return stored or count(store, what.id)


@dataclass(frozen=True, slots=True)
class Gain:
    """What make-ups add to a bureau: those due in the first round who reached it only later."""

    sat: int = 0
    passed: int = 0
    excellent: int = 0

    def after(self, first: Tally) -> Tally:
        """正考 and 补考 together, over the first round's 应考."""
        return Tally(
            first.roster,
            first.exempt,
            first.due,
            first.sat + self.sat,
            first.passed + self.passed,
            first.excellent + self.excellent,
        )


def gains(store: Store, round_id: int, makeup_ids: Iterable[int], *, leadership: bool = False,
          units: Collection[int] | None = None) -> dict[int, Gain]:  # fmt: skip
    """By bureau of the first round, what its make-ups add. Walks the lines of the make-ups, which are few."""
    wanted = list(makeup_ids)
    if not wanted:
        return {}
    reached = ("sat", "passed", "excellent")
    again = enrolment.alias()
    later = (
        select(again.c.person_id, *(func.max(cast(again.c[name], Integer)).label(name) for name in reached))
        .where(again.c.round_id.in_(wanted), again.c.sat.is_(True))
        .group_by(again.c.person_id)
        .subquery()
    )
    new = (func.count().filter(and_(not_(enrolment.c[name]), later.c[name] == 1)).label(name) for name in reached)
    query = select(enrolment.c.bureau_id, *new).join_from(later, enrolment, enrolment.c.person_id == later.c.person_id)
    query = query.where(enrolment.c.round_id == round_id, enrolment.c.counted.is_(True), *_narrowed(leadership, units))
    return {
        row.bureau_id: Gain(row.sat, row.passed, row.excellent)
        for row in store.rows(query.group_by(enrolment.c.bureau_id))
    }


def arranged(store: Store, round_id: int, makeup_ids: Iterable[int], units: Collection[int] | None = None) -> int:
    """How many of those due in a round have not sat it and are enrolled in one of these make-ups, not sat yet (待补考)."""
    again = enrolment.alias()
    waiting = select(again.c.person_id).where(
        again.c.round_id.in_(list(makeup_ids)), again.c.sat.is_(False), again.c.counted.is_(True)
    )
    which = enrolment.c.round_id == round_id, enrolment.c.counted.is_(True), enrolment.c.sat.is_(False)
    return int(
        store.value(select(func.count()).where(*which, enrolment.c.person_id.in_(waiting), *_narrowed(False, units)))
    )


def elsewhere(store: Store, round_ids: Iterable[int], units: Collection[int] | None = None) -> dict[str, int]:
    """How many attempts came from outside, by source (纸质, 上级平台)."""
    handed_in = attempt.c.handed_in_at.is_not(None)
    which = enrolment.c.round_id.in_(list(round_ids)), attempt.c.source != HERE, handed_in
    query = select(attempt.c.source, func.count().label("attempts")).join_from(
        enrolment, attempt, attempt.c.enrolment_id == enrolment.c.id
    )
    found = store.rows(
        query.where(*which, *_narrowed(False, units)).group_by(attempt.c.source).order_by(attempt.c.source)
    )
    return {row.source: row.attempts for row in found}


def result_of(store: Store, round_ids: Iterable[int], person_id: int) -> tuple[bool, bool, bool, bool] | None:
    """(counted, exempt, sat, passed) of one person over a round and its make-ups, the first deciding who is due; None: not enrolled."""
    ids = list(round_ids)
    query = select(enrolment.c.round_id, *_FLAGS).where(
        enrolment.c.person_id == person_id, enrolment.c.round_id.in_(ids)
    )
    found = {row.round_id: row for row in store.rows(query)}
    if ids[0] not in found:
        return None
    first, rows = found[ids[0]], found.values()
    return bool(first.counted), bool(first.exempt), any(row.sat for row in rows), any(row.passed for row in rows)


# Sums of closed rounds. ------------------------------------------------------------------------------------------------


def store_sums(store: Store, round_id: int, now: datetime) -> None:
    """Keep a round's headcounts per bureau, replacing those kept before: at its close, and again after a correction."""
    store.run(delete(round_sum).where(round_sum.c.round_id == round_id))
    rows = [{"round_id": round_id, "bureau_id": bureau_id, "roster": each.roster, "exempt": each.exempt, "due": each.due, "sat": each.sat,
             "passed": each.passed, "excellent": each.excellent, "counted_at": now}
            for bureau_id, each in count(store, round_id).items()]  # fmt: skip
    if rows:
        store.run(insert(round_sum), rows)


def sums(store: Store, round_id: int) -> dict[int, Tally]:
    """The headcounts kept of a round, by bureau; empty if none were kept. Raises ValueError if somebody has made them contradictory."""
    return {bureau_id: Tally(*numbers) for bureau_id, numbers in kept(store, round_id).items()}


def kept(store: Store, round_id: int) -> dict[int, tuple[int, ...]]:
    """The same as they stand in the table, in the order of a Tally's fields, whether they agree with each other or not."""
    found = store.rows(select(round_sum).where(round_sum.c.round_id == round_id))
    return {row.bureau_id: (row.roster, row.exempt, row.due, row.sat, row.passed, row.excellent) for row in found}


def counted_at(store: Store, round_id: int) -> datetime | None:
    """When the sums of a round were last counted, or None."""
    found = store.row(select(round_sum.c.counted_at).where(round_sum.c.round_id == round_id).limit(1))
    return found.counted_at if found else None
