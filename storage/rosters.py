"""A roster against what stands: one snapshot to compare with, its fingerprint, and the diff applied as dated rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.roster_cells import key
from quizzes.roster_diff import Diff, Post
from quizzes.roster_rows import RosterRow
from storage import invitations, people
from storage.database import Store
from storage.invitations import BIND

_FIELDS = tuple(field.name for field in fields(RosterRow))
_DATES = ("retires_on", "starts_on")


@dataclass(frozen=True, slots=True)
class Standing:
    """Everybody, the postings in force on a day, and the units."""

    people: list[Person]
    postings: list[Posting]
    units: list[Unit]

    @property
    def fingerprint(self) -> str:
        """Differs as soon as anything a diff was computed from does. A person's language and the order of units do not matter."""
        known = [
            (p.id, p.name, p.staff_no, p.phone, p.category, p.rank, p.leadership, p.enforcement, str(p.retires_on))
            for p in self.people
        ]
        posts = [(p.id, p.unit_id, str(p.kind), str(p.starts_on), str(p.ends_on)) for p in self.postings]
        tree = sorted((u.id, u.parent_id or 0, u.name) for u in self.units)
        return hashlib.sha256(repr((known, posts, tree)).encode()).hexdigest()


def standing(store: Store, day: date) -> Standing:
    """What a roster of `day` is compared with: three queries."""
    return Standing(people.people(store), people.postings(store, day), people.units(store))


# Rows as they wait for a confirmation. ---------------------------------------------------------------------------------


def to_json(rows: Iterable[RosterRow]) -> list[list[Any]]:
    """Rows as JSON lists."""
    return [
        [value.isoformat() if isinstance(value, date) else value for value in (getattr(row, name) for name in _FIELDS)]
        for row in rows
    ]


def from_json(rows: Iterable[Sequence[Any]]) -> list[RosterRow]:
    """The inverse of `to_json`."""
    return [RosterRow(**{name: _read(name, value) for name, value in zip(_FIELDS, row, strict=True)}) for row in rows]


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DATES:
        return date.fromisoformat(value)
    return PostingKind(value) if name == "kind" else value


# Applying. -------------------------------------------------------------------------------------------------------------


def apply(
    store: Store, diff: Diff, now_stands: Standing, day: date, by: int | None, now: datetime, *, leavers: bool = True
) -> None:
    """Write a diff: new units, new people, dated postings, changed fields. Without `leavers` whoever the file does not name stays.
    A move or a departure closes the old row on the day before; nothing that was written is written over."""
    made = _new_units(store, diff, now_stands)
    newcomers = [joiner for joiner in diff.joiners if joiner.person_id is None]
    numbers = iter(people.add_people(store, [_person(joiner.posts[0].row) for joiner in newcomers], now))
    added: list[Posting] = []
    for joiner in diff.joiners:
        person_id = joiner.person_id if joiner.person_id is not None else next(numbers)
        earliest = date.min if joiner.person_id is None else day
        added += [_posting(person_id, post, made, day, earliest) for post in joiner.posts]
    moves = [
        (move.before, _posting(move.person_id, move.post, made, day, _after(move.before, day)))
        for move in diff.transfers
    ]
    for first_day_without in {posting.starts_on for _, posting in moves}:
        ended = [
            before.id for before, posting in moves if before is not None and posting.starts_on == first_day_without
        ]
        people.end_postings(store, ended, first_day_without)
    added += [posting for _, posting in moves]
    added += [_posting(second.person_id, second.post, made, day, day) for second in diff.secondments]
    if leavers:
        _leave(store, diff, now_stands, day, now)
    people.add_postings(store, added, by, now)
    _change(store, diff, now_stands)


def _new_units(store: Store, diff: Diff, now_stands: Standing) -> dict[tuple[str, str], int]:
    """The numbers of the units made, by (上级单位, name) as rows write them. Parents come first in the diff."""
    numbers = {key(unit.name): unit.id for unit in reversed(now_stands.units)}
    made = {}
    for new in diff.new_units:
        number = people.add_unit(store, new.name, numbers[key(new.parent)] if new.parent else None)
        numbers[key(new.name)] = made[key(new.parent), key(new.name)] = number
    return made


def _person(row: RosterRow) -> Person:
    return Person(
        0,
        row.name,
        row.staff_no,
        row.phone,
        row.category,
        row.rank,
        bool(row.leadership),
        bool(row.enforcement),
        row.retires_on,
    )


def _posting(person_id: int, post: Post, made: dict[tuple[str, str], int], day: date, earliest: date) -> Posting:
    """From the date the file gives, if it is not before `earliest` nor after `day`; else from `day`."""
    row = post.row
    unit_id = post.unit_id if post.unit_id is not None else made[key(row.parent), key(row.unit)]
    starts = row.starts_on if row.starts_on and earliest <= row.starts_on <= day else day
    return Posting(0, person_id, unit_id, post.kind, starts)


def _after(before: Posting | None, day: date) -> date:
    """A move may be dated back, but not to before what it ends began."""
    return day if before is None or before.starts_on >= day else date.fromordinal(before.starts_on.toordinal() + 1)


def _leave(store: Store, diff: Diff, now_stands: Standing, day: date, now: datetime) -> None:
    gone = {leaver.person_id for leaver in diff.leavers}
    people.end_postings(store, [posting.id for posting in now_stands.postings if posting.person_id in gone], day)
    if gone:
        invitations.revoke(store, gone, BIND, now)


def _change(store: Store, diff: Diff, now_stands: Standing) -> None:
    changed: dict[int, dict[str, Any]] = {}
    for change in diff.changes:
        changed.setdefault(change.person_id, {})[change.field] = change.after
    people.change_people(store, [replace(who, **changed[who.id]) for who in now_stands.people if who.id in changed])
