"""通讯录 against 名册: whom a platform's directory means, who is new there, gone, or in another unit. Nothing is applied here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from quizzes.departments import Departments, Place
from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.roster_cells import key
from quizzes.roster_cells import name as person_name
from quizzes.roster_diff import Diff, compare
from quizzes.roster_rows import BESIDE, RosterRow


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the directory: the platform's id of somebody, their name there, their departments from the top down."""

    address: str
    name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody of the roster without an account there, and the one line that can only mean them. `by_name`: their department is not
    the unit of the roster, but nobody else anywhere bears the name."""

    person_id: int
    listed: Listed
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line that is neither bound nor added, why (several, maybe, former, new_userid, other_name, no_unit, no_name, unit_several), and
    the people of the roster it may mean."""

    listed: Listed
    why: str
    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A directory beside the roster. `diff` proposes newcomers, moves of bound people, and as leavers those of the bound who are in the
    directory no more; `gone` are all of those, with their address; `unlisted` have no account and no line. `listed`: the line of each
    roster row of the diff."""

    matches: tuple[Match, ...]
    doubts: tuple[Doubt, ...]
    gone: tuple[tuple[int, str], ...]
    unlisted: tuple[int, ...]
    diff: Diff
    rows: tuple[RosterRow, ...]
    listed: Mapping[int, Listed]

    @property
    def binding(self) -> str:
        """Changes with whatever a confirmation of the bindings would bind."""
        return _digest(sorted((each.person_id, each.listed.address, each.by_name) for each in self.matches))

    @property
    def roster(self) -> str:
        """Changes with whatever a confirmation of the roster would write."""
        diff = self.diff
        joiners = sorted((self.listed[j.posts[0].row.row].address, j.posts[0].unit_id or 0, j.posts[0].row.unit) for j in diff.joiners)  # fmt: skip
        moves = [(m.person_id, m.before.id if m.before else 0, m.post.unit_id or 0) for m in diff.transfers]
        gone = [(each.person_id, each.posting.id) for each in diff.leavers]
        return _digest([joiners, moves, gone, [(unit.name, unit.parent) for unit in diff.new_units]])

    @property
    def mark(self) -> str:
        """Changes with whatever an officer would read."""
        doubts = [(each.listed.address, each.why, each.people) for each in self.doubts]
        return _digest([self.binding, self.roster, doubts, self.gone])

    @property
    def says_something(self) -> bool:
        """Whether there is anything to read or to confirm."""
        diff = self.diff
        return bool(self.matches or self.doubts or self.gone or diff.joiners or diff.transfers)


def shrunken(now: int, before: int) -> bool:
    """Whether a directory of `now` people may not be believed after one of `before`: empty, or less than half of it."""
    return not now or 2 * now < before


def compare_directory(listed: Sequence[Listed], people: Sequence[Person], postings: Sequence[Posting], units: Sequence[Unit],
                      bound: Mapping[str, int], day: date) -> Compared:  # fmt: skip
    """A directory beside the people and the postings in force on `day`; `bound` says whose the live accounts there are. A line without
    an account means somebody by unit and name, or by a name that nobody else bears; every doubt is said and none guessed away."""
    comparer = _Comparer(listed, people, [posting for posting in postings if posting.covers(day)], units, bound)
    comparer.read()
    diff = compare(comparer.rows, people, postings, units, day, means=comparer.means)
    gone = comparer.gone()
    for asked in diff.ambiguous:
        why = "unit_several" if asked.problem.code == "unit_several" else "maybe"
        comparer.doubts.append(Doubt(comparer.listed[asked.row.row], why, asked.candidates))
    away = {person_id for person_id, _ in gone}
    leavers = tuple(leaver for leaver in diff.leavers if leaver.person_id in away)
    diff = replace(diff, leavers=leavers, ambiguous=())
    return Compared(tuple(comparer.matches), tuple(comparer.doubts), gone, comparer.unlisted(), diff, tuple(comparer.rows), comparer.listed)  # fmt: skip


class _Comparer:
    """Takes line after line: those with an account first, then those that unit and name identify, then the rest."""

    def __init__(self, listed: Sequence[Listed], people: Sequence[Person], postings: Sequence[Posting], units: Sequence[Unit],
                 bound: Mapping[str, int]) -> None:  # fmt: skip
        self.lines = sorted(listed, key=lambda each: each.address)
        self.people, self.bound = {person.id: person for person in people}, bound
        self.units = {unit.id: unit for unit in units}
        self.departments = Departments(units, [each.units for each in listed])
        self.held: dict[int, list[Posting]] = {}
        for posting in postings:
            self.held.setdefault(posting.person_id, []).append(posting)
        self.named, self.seated = _named(people), self._seated()
        self.with_account = set(bound.values())
        self.present = {bound[each.address] for each in self.lines if each.address in bound}
        self.rows: list[RosterRow] = []
        self.means: dict[int, int] = {}
        self.listed: dict[int, Listed] = {}
        self.matches: list[Match] = []
        self.matched: set[int] = set()
        self.doubts: list[Doubt] = []

    def read(self) -> None:
        places = {each.address: self.departments.place(each.units) for each in self.lines}
        names = {each.address: person_name(each.name) for each in self.lines}
        self.here = Counter((names[each.address], places[each.address].unit_id) for each in self.lines)
        self.bearers = Counter(names.values())
        waiting = [
            line for line in self.lines if not self._has_account(line, names[line.address], places[line.address])
        ]
        for attempt in (self._is_nameless, self._by_unit, self._by_name):
            waiting = [line for line in waiting if not attempt(line, names[line.address], places[line.address])]
        for line in waiting:
            self._row(line, names[line.address], places[line.address])

    def gone(self) -> tuple[tuple[int, str], ...]:
        """People of the roster with an account there and no line, with their address."""
        lines = {each.address for each in self.lines}
        return tuple((who, at) for at, who in sorted(self.bound.items())
                     if at not in lines and who not in self.present and who in self.held)  # fmt: skip

    def unlisted(self) -> tuple[int, ...]:
        """People of the roster without an account whom no line can mean."""
        meant = {each.person_id for each in self.matches} | {who for doubt in self.doubts for who in doubt.people}
        return tuple(who for who in self.held if who not in self.with_account and who not in meant)

    # One line. -----------------------------------------------------------------------------------------------------------

    def _has_account(self, line: Listed, name: str, place: Place) -> bool:
        who = self.bound.get(line.address)
        if who is None:
            return False
        ours = self.people[who].name
        if who not in self.held:
            return self._doubt(line, name, place, "former", (who,))
        if name and key(name) != key(line.address) and ours not in name and name not in ours:
            return self._doubt(line, ours, place, "other_name", (who,))
        held = {posting.unit_id for posting in self.held[who]}
        vague = {above for unit_id in held for above in self.departments.above(unit_id)}
        stays = place.unit_id is None or place.unit_id in held | vague
        self._means(line, who, self._own_place(who) if stays else place)
        return True

    def _is_nameless(self, line: Listed, name: str, place: Place) -> bool:
        if not name or key(name) == key(line.address):
            return self._doubt(line, name, place, "no_name", ())
        return not place.name and self._doubt(line, name, place, "no_unit", ())

    def _by_unit(self, line: Listed, name: str, place: Place) -> bool:
        """Those of that name in that unit: one on either side is the same person; two on one side are asked about, even where one of
        them has an account already."""
        there = self.seated.get((name, place.unit_id), [])
        if not there:
            return False
        if len(there) > 1 or self.here[name, place.unit_id] > 1:
            return self._doubt(line, name, place, "several", tuple(there))
        if there[0] in self.with_account:
            return self._doubt(line, name, place, "several" if there[0] in self.present else "new_userid", tuple(there))
        return self._match(line, there[0], by_name=False)

    def _by_name(self, line: Listed, name: str, place: Place) -> bool:
        bearers = [who for who in self.named.get(name, ()) if who not in self.matched]
        free = [who for who in bearers if who in self.held and who not in self.with_account]
        if free and len(self.named[name]) == self.bearers[name] == 1:
            return self._match(line, free[0], by_name=True)
        lost = [who for who in bearers if who in self.with_account - self.present]
        left = [who for who in bearers if who not in self.held]
        for why, some in (("maybe", free), ("new_userid", lost), ("former", left)):
            if some:
                return self._doubt(line, name, place, why, tuple(some))
        return False

    # What it comes to. ---------------------------------------------------------------------------------------------------

    def _match(self, line: Listed, who: int, *, by_name: bool) -> bool:
        self.matches.append(Match(who, line, by_name))
        self.matched.add(who)
        self._means(line, who, self._own_place(who))
        return True

    def _means(self, line: Listed, who: int, place: Place) -> None:
        self.means[self._row(line, self.people[who].name, place)] = who

    def _doubt(self, line: Listed, name: str, place: Place, why: str, some: tuple[int, ...]) -> bool:
        """A doubtful line changes nothing, and keeps whom it may mean from being taken for somebody who left."""
        self.doubts.append(Doubt(line, why, some))
        self._row(line, name, place, faulty=True)
        return True

    def _row(self, line: Listed, name: str, place: Place, *, faulty: bool = False) -> int:
        number = len(self.rows) + 1
        self.listed[number] = line
        self.rows.append(RosterRow(number, name, place.name, place.parent, faulty=faulty))
        return number

    def _own_place(self, who: int) -> Place:
        """Where the person is now: their own post before one beside it, 编制 before others."""
        own = min(self.held[who], key=lambda p: (p.kind in BESIDE, p.kind is not PostingKind.STAFF, p.id))
        unit = self.units[own.unit_id]
        return Place(unit.id, unit.name, self.units[unit.parent_id].name if unit.parent_id is not None else "")

    def _seated(self) -> dict[tuple[str, int | None], list[int]]:
        found: dict[tuple[str, int | None], list[int]] = {}
        for who, held in self.held.items():
            for unit_id in {posting.unit_id for posting in held}:
                found.setdefault((self.people[who].name, unit_id), []).append(who)
        return found


def _named(people: Iterable[Person]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for person in people:
        found.setdefault(person.name, []).append(person.id)
    return found


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
