"""What a roster would change: who joins, leaves, moves, and who must be asked about. Nothing is applied here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quizzes import roster_cells as cells
from quizzes.enrolling import counting_postings
from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.roster_matching import Ambiguous, match
from quizzes.roster_rows import BESIDE, RosterRow
from quizzes.roster_units import NewUnit, UnitNames
from quizzes.rules import Rules

FieldValue = str | bool | date | None
_TEXTS = ("name", "staff_no", "phone", "category", "rank", "leadership", "enforcement", "retires_on")


@dataclass(frozen=True, slots=True)
class Post:
    """Where a row puts its person. `unit_id` None: the unit is among the diff's new ones. `kind`: the row's, or else that of
    the post it replaces, or else 编制."""

    row: RosterRow
    unit_id: int | None
    kind: PostingKind


@dataclass(frozen=True, slots=True)
class Joiner:
    """Somebody new, or (`person_id`) known from before and without any post on that day. The first post is the own one."""

    person_id: int | None
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who counts on that day and is not in the file."""

    person_id: int
    posting: Posting


@dataclass(frozen=True, slots=True)
class Transfer:
    """The own post changes unit or kind; `before` None: the person had none of their own."""

    person_id: int
    before: Posting | None
    post: Post


@dataclass(frozen=True, slots=True)
class Secondment:
    """A second post (借调, 挂职, 驻村) beside what the person has."""

    person_id: int
    post: Post


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a Person that the file says otherwise. A blank cell never clears a field."""

    person_id: int
    row: int
    field: str
    before: FieldValue
    after: FieldValue


@dataclass(frozen=True, slots=True)
class Diff:
    """What would change, in the order of the file. `counted` people hold a counting post now; `unchanged` ones stay as they
    are. `ambiguous` rows change nothing until somebody has answered."""

    new_units: tuple[NewUnit, ...]
    joiners: tuple[Joiner, ...]
    leavers: tuple[Leaver, ...]
    transfers: tuple[Transfer, ...]
    secondments: tuple[Secondment, ...]
    changes: tuple[FieldChange, ...]
    ambiguous: tuple[Ambiguous, ...]
    unchanged: int
    counted: int

    @property
    def many_leavers(self) -> bool:
        """More than 5 % of those counted would leave: half a roster, or a wrong column, looks like this."""
        return 20 * len(self.leavers) > self.counted


def compare(
    rows: Sequence[RosterRow],
    people: Sequence[Person],
    postings: Sequence[Posting],
    units: Sequence[Unit],
    day: date,
    *,
    kinds: Sequence[str] = Rules().postings,
    means: Mapping[int, int] | None = None,
) -> Diff:
    """The diff between a roster file and what stands on `day`. People are matched by 工号, else 手机号, else unit and name; `means`
    says whom some rows mean (person by row number). Leavers are those with a posting of `kinds` whom the file does not name."""
    names = UnitNames(units)
    current: dict[int, list[Posting]] = {}
    for posting in postings:
        if posting.covers(day):
            current.setdefault(posting.person_id, []).append(posting)
    matches = match(rows, people, current, names, means)
    known = {person.id: person for person in people}
    builder = _Builder(known, current, matches.units)
    for person_id, group in sorted(matches.known.items(), key=lambda item: item[1][0].row):
        builder.known_person(person_id, group)
    builder.joiners += [Joiner(None, builder.posts(group, ())) for group in matches.new]
    held = {person_id: p for person_id, p in counting_postings(postings, kinds, day).items() if person_id in known}
    return Diff(
        new_units=names.new_units(row for row in rows if row.row in matches.units and row.row not in matches.asked),
        joiners=tuple(sorted(builder.joiners, key=lambda joiner: joiner.posts[0].row.row)),
        leavers=tuple(
            Leaver(person_id, posting) for person_id, posting in held.items() if matches.lacks(known[person_id])
        ),
        transfers=tuple(builder.transfers),
        secondments=tuple(builder.secondments),
        changes=tuple(builder.changes),
        ambiguous=tuple(matches.asked[row] for row in sorted(matches.asked)),
        unchanged=builder.unchanged,
        counted=len(held),
    )


class _Builder:
    """Collects what the matched rows change."""

    def __init__(
        self, people: Mapping[int, Person], current: Mapping[int, Sequence[Posting]], units: Mapping[int, int | None]
    ) -> None:
        self.people, self.current, self.units = people, current, units
        self.joiners: list[Joiner] = []
        self.transfers: list[Transfer] = []
        self.secondments: list[Secondment] = []
        self.changes: list[FieldChange] = []
        self.unchanged = 0

    def known_person(self, person_id: int, group: Sequence[RosterRow]) -> None:
        """Fields by the person's own row; posts by all rows."""
        held = self.current.get(person_id, [])
        posts = self.posts(group, held)
        differing = _differing(self.people[person_id], posts[0].row)
        self.changes += differing
        if not held:
            self.joiners.append(Joiner(person_id, posts))
            return
        moved = [self._place(person_id, post, held) for post in posts]
        self.unchanged += not differing and not any(moved)

    def posts(self, group: Iterable[RosterRow], held: Sequence[Posting]) -> tuple[Post, ...]:
        """The person's own row first."""
        own = _own(held)
        ordered = sorted(group, key=lambda row: (row.beside, row.row))
        kind = own.kind if own else PostingKind.STAFF
        return tuple(Post(row, self.units[row.row], row.kind or kind) for row in ordered)

    def _place(self, person_id: int, post: Post, held: Sequence[Posting]) -> bool:
        there = [posting for posting in held if posting.unit_id == post.unit_id]
        if any(post.row.kind in (None, posting.kind) for posting in there):
            return False
        if post.row.beside:
            self.secondments.append(Secondment(person_id, post))
        else:
            self.transfers.append(Transfer(person_id, _own(held), post))
        return True


def _own(held: Sequence[Posting]) -> Posting | None:
    """The person's own post: 编制 before 派遣, then the latest."""
    own = [posting for posting in held if posting.kind not in BESIDE]
    return min(own, key=lambda p: (p.kind is not PostingKind.STAFF, -p.starts_on.toordinal(), p.id), default=None)


def _differing(person: Person, row: RosterRow) -> list[FieldChange]:
    found = []
    for name in _TEXTS:
        before, after = getattr(person, name), getattr(row, name)
        same = cells.staff_key(before) == cells.staff_key(after) if name == "staff_no" else before == after
        if after not in ("", None) and not same:
            found.append(FieldChange(person.id, row.row, name, before, after))
    return found
