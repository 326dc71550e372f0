"""Whom a roster row means: by 工号, else 手机号, else unit and name. Where that leaves a doubt, somebody is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from quizzes.people import Person, Posting
from quizzes.roster_cells import key, staff_key
from quizzes.roster_rows import Problem, RosterRow
from quizzes.roster_units import UnitNames


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A row whose person or unit is not sure, with the ids of the people it may mean."""

    row: RosterRow
    problem: Problem
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows by the person they mean, rows of new people (grouped by person), and rows to ask about, by row number. `units`:
    the unit of every row that is not asked about (None: a new unit). `shielded` names and numbers stand in rows that are
    faulty or asked about: whoever bears one has not left."""

    known: Mapping[int, Sequence[RosterRow]]
    new: Sequence[Sequence[RosterRow]]
    asked: Mapping[int, Ambiguous]
    units: Mapping[int, int | None]
    shielded: frozenset[str]

    def lacks(self, person: Person) -> bool:
        """Whether no row can mean this person."""
        return person.id not in self.known and not self.shielded.intersection(_marks(person))


def match(
    rows: Sequence[RosterRow],
    people: Sequence[Person],
    current: Mapping[int, Sequence[Posting]],
    names: UnitNames,
    means: Mapping[int, int] | None = None,
) -> Matches:
    """Matches every row that is not faulty. `current` are the postings in force, by person id; `means` says whom some rows mean,
    where something else than the row does (a platform's account)."""
    matcher = _Matcher(people, current, names, means or {})
    waiting = [row for row in rows if not row.faulty]
    for attempt in (matcher.by_account, matcher.by_staff_no, matcher.by_phone):
        waiting = [row for row in waiting if not attempt(row)]
    matcher.rivals = Counter(_place(row) for row in waiting)
    waiting = [row for row in waiting if not matcher.by_unit_and_name(row)]
    twins = Counter(row.name for row in waiting)
    waiting = [row for row in waiting if not matcher.may_be_known(row, twins)]
    for person_id, group in list(matcher.known.items()):
        for row in group:
            _ = matcher.phone_is_taken(row, person_id) or matcher.unit_is_unclear(row, person_id)
    new = [row for row in waiting if not (matcher.phone_is_taken(row, None) or matcher.unit_is_unclear(row, None))]
    doubtful = [row for row in rows if row.faulty or row.row in matcher.asked]
    clear = {
        person_id: [row for row in group if row.row not in matcher.asked] for person_id, group in matcher.known.items()
    }
    return Matches(
        known={person_id: group for person_id, group in clear.items() if group},
        new=_by_person(new),
        asked=matcher.asked,
        units=matcher.units,
        shielded=frozenset(mark for row in doubtful for mark in _marks(row)),
    )


def meant(
    rows: Sequence[RosterRow], people: Sequence[Person], current: Mapping[int, Sequence[Posting]], names: UnitNames
) -> tuple[dict[int, int], dict[int, Ambiguous]]:
    """Whom the rows of another table than a roster mean, which makes nobody new: (person by row, rows to ask about). A row in
    neither means nobody who is known; two rows may mean one person. `current` are the posts by which a unit and a name fit."""
    matcher = _Matcher(people, current, names)
    waiting = list(rows)
    for attempt in (matcher.by_staff_no, matcher.by_phone):
        waiting = [row for row in waiting if not attempt(row)]
    matched = matcher.known
    for row in waiting:
        matcher.known = {}  # a second row of one person is found to be one by who asked
        if matcher.by_unit_and_name(row):
            for person_id, found in matcher.known.items():
                matched.setdefault(person_id, []).extend(found)
    return {row.row: person_id for person_id, found in matched.items() for row in found}, matcher.asked


class _Matcher:
    """Takes rows one after another; each step says whether it has dealt with the row, by knowing its person or by asking."""

    def __init__(
        self,
        people: Sequence[Person],
        current: Mapping[int, Sequence[Posting]],
        names: UnitNames,
        means: Mapping[int, int] | None = None,
    ) -> None:
        self.people = {person.id: person for person in people}
        self.current, self.names, self.means = current, names, means or {}
        self.known: dict[int, list[RosterRow]] = {}
        self.asked: dict[int, Ambiguous] = {}
        self.units: dict[int, int | None] = {}
        self.rivals: Counter[tuple[str, str, str]] = Counter()
        self.staff_nos = _index((staff_key(person.staff_no), person.id) for person in people)
        self.phones = _index((person.phone, person.id) for person in people)
        self.named = _index((person.name, person.id) for person in people)
        self.unnumbered = _index((person.name, person.id) for person in people if not person.staff_no)
        self.seated: dict[tuple[str, int], list[int]] = {}
        for person in people:
            for unit_id in {posting.unit_id for posting in current.get(person.id, ())}:
                self.seated.setdefault((person.name, unit_id), []).append(person.id)

    def by_account(self, row: RosterRow) -> bool:
        """Rows that somebody else vouches for."""
        return row.row in self.means and self._know(self.means[row.row], row)

    def by_staff_no(self, row: RosterRow) -> bool:
        """A number alone does not rename anybody: under another name the phone must be the same too."""
        found = self.staff_nos.get(staff_key(row.staff_no), []) if row.staff_no else []
        renamed = len(found) == 1 and bool(row.phone) and self.people[found[0]].phone == row.phone
        return self._by_mark(row, found, "staff_no", renamed=renamed)

    def by_phone(self, row: RosterRow) -> bool:
        """Among people whose 工号 does not say otherwise. A phone under another name may have been passed on."""
        found = [i for i in self.phones.get(row.phone, []) if self._may_be(row, i)] if row.phone else []
        return self._by_mark(row, found, "phone", renamed=False)

    def by_unit_and_name(self, row: RosterRow) -> bool:
        """Among people of that name who now have a post in that unit, if no other row could mean them."""
        seated = {i: None for unit_id in self.names.candidates(row) for i in self.seated.get((row.name, unit_id), ())}
        found = [i for i in seated if self._may_be(row, i) and self._is_free(row, i)]
        if len(found) > 1 or (found and self.rivals[_place(row)] > 1):
            return self._ask(row, "matches_several", found)
        return bool(found) and self._know(found[0], row)

    def may_be_known(self, row: RosterRow, twins: Counter[str]) -> bool:
        """Asks before a namesake becomes a new person: one with a post whom no row means may have moved here, and a second
        post without any number may be anybody's."""
        bare = not (row.staff_no or row.phone)
        found = [
            person_id
            for person_id in (self.unnumbered if row.staff_no else self.named).get(row.name, [])
            if person_id in self.current
            and not (row.phone and self.people[person_id].phone)
            and (person_id not in self.known or (bare and row.beside))
        ]
        twin = bare and row.beside and twins[row.name] > 1
        return bool(found or twin) and self._ask(row, "maybe_known", found)

    def phone_is_taken(self, row: RosterRow, person_id: int | None) -> bool:
        """Asks where the row's phone is that of somebody else, who is not given another one by this file."""
        others = [
            other
            for other in self.phones.get(row.phone, [])
            if other != person_id and not any(r.phone not in ("", row.phone) for r in self.known.get(other, ()))
        ]
        return bool(others) and self._ask(row, "phone_taken", others)

    def unit_is_unclear(self, row: RosterRow, person_id: int | None) -> bool:
        """Settles the row's unit. Of several with that name it is the one where the person has a post; else asks."""
        found = self.names.candidates(row)
        if len(found) > 1:
            held = {posting.unit_id for posting in self.current.get(person_id, ())} if person_id is not None else set()
            found = [unit_id for unit_id in found if unit_id in held] or found
        if len(found) > 1:
            return self._ask(row, "unit_several", [])
        self.units[row.row] = found[0] if found else None
        return False

    def _by_mark(self, row: RosterRow, found: Sequence[int], mark: str, *, renamed: bool) -> bool:
        if not found:
            return False
        if len(found) > 1:
            return self._ask(row, "matches_several", found)
        if self.people[found[0]].name != row.name and not renamed:
            return self._ask(row, f"{mark}_of_other", found)
        return self._know(found[0], row)

    def _may_be(self, row: RosterRow, person_id: int) -> bool:
        theirs = self.people[person_id].staff_no
        return not (row.staff_no and theirs and staff_key(row.staff_no) != staff_key(theirs))

    def _is_free(self, row: RosterRow, person_id: int) -> bool:
        """Whether one more row can be this person's: only a second post, in a place no other row of theirs has."""
        rows = self.known.get(person_id, [])
        own = sum(not other.beside for other in [*rows, row])
        return own <= 1 and all(_place(other) != _place(row) for other in rows)

    def _know(self, person_id: int, row: RosterRow) -> bool:
        self.known.setdefault(person_id, []).append(row)
        return True

    def _ask(self, row: RosterRow, code: str, candidates: Sequence[int]) -> bool:
        values = {"name": row.name, "unit": row.unit, "staff_no": row.staff_no, "phone": row.phone}
        values["others"] = "、".join(dict.fromkeys(self.people[other].name for other in candidates))
        self.asked[row.row] = Ambiguous(row, Problem(row.row, "", code, values), tuple(candidates))
        return True


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for mark, person_id in pairs:
        if mark:
            found.setdefault(mark, []).append(person_id)
    return found


def _place(row: RosterRow) -> tuple[str, str, str]:
    return row.name, key(row.unit), key(row.parent)


def _marks(who: Person | RosterRow) -> set[str]:
    return {who.name, who.phone, staff_key(who.staff_no)} - {""}


def _by_person(rows: Iterable[RosterRow]) -> list[list[RosterRow]]:
    """Rows of new people: one person has one 工号 or one phone."""
    groups: list[list[RosterRow]] = []
    known: dict[str, list[RosterRow]] = {}
    for row in rows:
        marks = sorted(_marks(row) - {row.name})
        group = next((known[mark] for mark in marks if mark in known), None)
        if group is None:
            groups.append(group := [])
        group.append(row)
        known.update(dict.fromkeys(marks, group))
    return groups
