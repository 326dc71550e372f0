"""成绩批次: sheets of scores from outside, on their way from one person's entry over a second one's confirmation into the books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update

from quizzes.batches import BatchState, Confirmed, Entry, Standing, in_force
from quizzes.rounds import Round
from storage.answers import HERE
from storage.database import Store
from storage.tables import attempt, batch, enrolment, file, person

WAITING = (BatchState.ENTERED, BatchState.CONFIRMED)
COUNTING = (BatchState.CONFIRMED, BatchState.APPLIED)


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch. `content`: what was read ("read", "settled", "skipped", "day", "name", "sha", "dropped"), from the entry on what it
    puts on the books ("rows"), and of one that takes another back, which ("undoes") and why ("reason")."""

    id: int
    round_id: int
    source: str
    state: BatchState
    file_id: int
    scan_id: int | None
    content: dict[str, Any]
    entered_at: datetime
    entered_by: int | None
    decided_at: datetime | None
    decided_by: int | None
    note: str

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What it puts on the books, or takes back."""
        return tuple(Entry.from_json(each) for each in self.content.get("rows", ()))

    @property
    def undoes(self) -> int:
        """The batch it takes back, 0 for none."""
        return int(self.content.get("undoes", 0))


def _batch(found: Row[Any]) -> Batch:
    return Batch(found.id, found.round_id, found.source, BatchState(found.state), found.file_id, found.scan_id, found.content,
                 found.entered_at, found.entered_by, found.decided_at, found.decided_by, found.note)  # fmt: skip


def add(store: Store, round_id: int, source: str, file_id: int, content: dict[str, Any], by: int, now: datetime,
        state: BatchState = BatchState.DRAFT) -> int:  # fmt: skip
    """Put a sheet on the books as a draft (or, to take another back, entered at once); gives its number."""
    values = {"round_id": round_id, "source": source, "file_id": file_id, "content": content, "state": state.value, "entered_at": now,
              "entered_by": by}  # fmt: skip
    return store.new_id(insert(batch), values)


def get(store: Store, batch_id: int) -> Batch | None:
    """A batch by its number."""
    found = store.row(select(batch).where(batch.c.id == batch_id))
    return None if found is None else _batch(found)


def of_round(store: Store, round_id: int, *states: BatchState) -> list[Batch]:
    """The batches of a first round, oldest first: all, or those in these states."""
    which = [batch.c.round_id == round_id, *([batch.c.state.in_(states)] if states else [])]
    return [_batch(r) for r in store.rows(select(batch).where(*which).order_by(batch.c.id))]


def sources(store: Store, round_id: int) -> dict[int, str]:
    """Where the scores of each batch of a first round came from."""
    return {r.id: r.source for r in store.rows(select(batch.c.id, batch.c.source).where(batch.c.round_id == round_id))}


def in_state(store: Store, state: BatchState) -> list[Batch]:
    """All batches in a state, oldest first."""
    return [_batch(r) for r in store.rows(select(batch).where(batch.c.state == state.value).order_by(batch.c.id))]


def latest(store: Store, most: int) -> list[Batch]:
    """The last batches that were not dropped, newest first."""
    which = batch.c.state != BatchState.CANCELLED.value
    return [_batch(r) for r in store.rows(select(batch).where(which).order_by(batch.c.id.desc()).limit(most))]


def with_file(store: Store, round_id: int, sha: str) -> Batch | None:
    """The batch that was made of a file of exactly this content and was neither dropped nor sent back."""
    gone = BatchState.CANCELLED, BatchState.RETURNED
    return next(
        (each for each in of_round(store, round_id) if each.content.get("sha") == sha and each.state not in gone), None
    )


def keep(store: Store, batch_id: int, content: dict[str, Any]) -> None:
    """Change what a draft holds."""
    store.run(update(batch).where(batch.c.id == batch_id).values(content=content))


def move(
    store: Store, each: Batch, to: BatchState, *, by: int | None = None, now: datetime | None = None, note: str = ""
) -> bool:
    """Advance a batch; `by` decides at `now`. False if somebody was faster."""
    values: dict[str, Any] = {"state": to.value, **({"note": note} if note else {})}
    values |= {"decided_by": by, "decided_at": now} if by is not None else {}
    stands = batch.c.id == each.id, batch.c.state == each.state.value
    return store.run(update(batch).where(*stands).values(**values)).rowcount == 1


def attach(store: Store, batch_id: int, file_id: int) -> None:
    """Lay a scan beside a batch, in the place of one laid there before."""
    store.run(update(batch).where(batch.c.id == batch_id).values(scan_id=file_id))


def sha_of(store: Store, file_id: int) -> str:
    """The SHA-256 of a file as it came, kept after its content is dropped."""
    return str(store.value(select(file.c.sha256).where(file.c.id == file_id)) or "")


# What stands. ----------------------------------------------------------------------------------------------------------


def standing(store: Store, first_id: int) -> Standing:
    """The scores from outside that are in force in a round and its make-ups."""
    return in_force(_confirmed(of_round(store, first_id, *COUNTING)))


def _confirmed(batches: Iterable[Batch]) -> list[Confirmed]:
    """In the order in which they were confirmed."""
    ordered = sorted(batches, key=lambda each: (each.decided_at or each.entered_at, each.id))
    return [Confirmed(each.id, each.entries, each.undoes) for each in ordered]


def waiting(store: Store, first_id: int) -> dict[int, int]:
    """The enrolments for which a batch waits for its second person, or is being applied."""
    return {
        entry.enrolment_id: each.id
        for each in of_round(store, first_id, *WAITING) if not each.undoes
        for entry in each.entries
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An attempt from outside that no confirmed batch accounts for, or otherwise than it stands. `attempt_id` is 0 for one that is
    not there at all; then `number` is the batch."""

    attempt_id: int
    number: int
    stored: str
    expected: str


def contradictions(store: Store, what: Round) -> list[Contradiction]:
    """Every score from outside of a round, against the batches that were confirmed. Empty: they agree."""
    first = what.of_round_id or what.id
    applied = of_round(store, first, BatchState.APPLIED)
    stands, touched = in_force(_confirmed(applied)), {each.id for each in applied}
    under_way = _under_way(store, first)
    columns = (attempt.c.id, attempt.c.enrolment_id, attempt.c.batch_id, attempt.c.score, attempt.c.handed_in_at)
    query = select(*columns).join(enrolment, enrolment.c.id == attempt.c.enrolment_id)
    rows = store.rows(query.where(enrolment.c.round_id == what.id, attempt.c.source != HERE).order_by(attempt.c.id))
    found: list[Contradiction] = []
    seen: set[tuple[int, int]] = set()
    for row in rows:
        if (row.enrolment_id, row.batch_id or 0) in under_way:
            continue
        due = stands.get((row.enrolment_id, row.batch_id or 0))
        seen.add((row.enrolment_id, row.batch_id or 0))
        said, expected = _said(row.score if row.handed_in_at else None), _said(due.score if due else None)
        if said != expected or row.batch_id not in touched:
            found.append(Contradiction(row.id, row.batch_id or 0, said, expected))
    mine = {r.id for r in store.rows(select(enrolment.c.id).where(enrolment.c.round_id == what.id))}
    lost = [(key, each) for key, each in stands.items() if key not in seen | under_way and key[0] in mine]
    return found + [Contradiction(0, number, "", str(each.score)) for (_, number), each in lost]


def _under_way(store: Store, first_id: int) -> set[tuple[int, int]]:
    """(enrolment, batch) of every score that a batch being applied this moment adds, puts out of force or gives back."""
    found: set[tuple[int, int]] = set()
    for each in of_round(store, first_id, BatchState.CONFIRMED):
        for entry in each.entries:
            found |= {(entry.enrolment_id, number) for number in (each.id, each.undoes, entry.replaces) if number}
    return found


def _said(score: int | None) -> str:
    return "" if score is None else str(score)


def named(store: Store, person_ids: Iterable[int | None]) -> dict[int, str]:
    """Names by person."""
    wanted = sorted({number for number in person_ids if number is not None})
    return {r.id: r.name for r in store.rows(select(person.c.id, person.c.name).where(person.c.id.in_(wanted)))}


def after_close(store: Store, rounds: Sequence[Round]) -> list[Batch]:
    """The batches that changed a round or its make-ups after their close, oldest first: what a report prints as corrections."""
    closed = {each.id: each.closed_at for each in rounds if each.closed_at is not None}
    first = next((each.id for each in rounds if each.of_round_id is None), 0)
    applied = of_round(store, first, BatchState.APPLIED)
    if not closed or not applied:
        return []
    numbers = {entry.enrolment_id for each in applied for entry in each.entries}
    which: ColumnElement[bool] = enrolment.c.round_id.in_(list(closed))
    whose = {
        r.id: r.round_id
        for r in store.rows(select(enrolment.c.id, enrolment.c.round_id).where(which))
        if r.id in numbers
    }
    return [
        each for each in applied
        if any(entry.enrolment_id in whose and (each.decided_at or each.entered_at) > closed[whose[entry.enrolment_id]] for entry in each.entries)
    ]  # fmt: skip
