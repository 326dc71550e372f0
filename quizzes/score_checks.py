"""Holding a sheet of scores against the 应考名册: what can be entered, what changes nothing, and everything that is wrong, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from quizzes.batches import Entry
from quizzes.grading import FULL_MARKS, passed
from quizzes.people import Person, Posting, PostingKind, Unit
from quizzes.roster_cells import key
from quizzes.roster_matching import meant
from quizzes.roster_rows import RosterRow
from quizzes.roster_units import UnitNames
from quizzes.rules import Rules
from quizzes.score_sheets import ScoreRow

LIKELY = 4


@dataclass(frozen=True, slots=True)
class Window:
    """A round of the family (the first, or a make-up): the local days from its opening to its close, both in it, and its rules."""

    round_id: int
    opens: date
    closes: date
    rules: Rules


@dataclass(frozen=True, slots=True)
class Outside:
    """A score from outside that stands: of which batch and source."""

    batch_id: int
    source: str
    score: int
    day: date


@dataclass(frozen=True, slots=True)
class Place:
    """One enrolment of a person. `here`: the score of a sitting handed in in this program; `outside`: one that came before; `waiting`:
    the batch that waits for its second person with a score for this enrolment, 0 for none."""

    enrolment_id: int
    round_id: int
    here: int | None = None
    outside: Outside | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """All that a sheet is held against. `places` are the enrolments of each person, those of the first round before the make-ups';
    `units` the unit and the bureau of each person then; `prints` the printed papers of each enrolment (number, code)."""

    people: Sequence[Person]
    tree: Sequence[Unit]
    units: Mapping[int, tuple[int, ...]]
    places: Mapping[int, Sequence[Place]]
    windows: Sequence[Window]
    today: date
    prints: Mapping[int, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One row that cannot be entered as it stands: `code` finds the sentences (what is wrong, and what to write instead),
    `candidates` are the people it may mean, the likeliest first."""

    row: ScoreRow
    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sheet comes to. `same`: rows already on the books as they stand; `absent`: rows without a score. Each is a count."""

    entries: tuple[Entry, ...]
    people: Mapping[int, int]
    doubts: tuple[Doubt, ...]
    same: int = 0
    absent: int = 0
    skipped: int = 0

    @property
    def changed(self) -> tuple[Entry, ...]:
        """The entries that correct an earlier score."""
        return tuple(each for each in self.entries if each.replaces)


def check(rows: Sequence[ScoreRow], book: Book, source: str, *, day: date | None = None, settled: Mapping[int, int] | None = None,
          skipped: Mapping[int, str] | None = None) -> Checked:  # fmt: skip
    """Holds every row against the book. `day`: the day of rows that name none; `settled`: the person the officer chose for a row, by
    which doubts about who and about 合格 are dealt with; `skipped`: rows left out, with the reason."""
    chosen, left_out = settled or {}, skipped or {}
    taken = [row for row in rows if row.row not in left_out]
    scored = [row for row in taken if not row.absent]
    whom, asked = _whom(scored, book)
    whom |= {row.row: chosen[row.row] for row in scored if row.row in chosen}
    times = Counter(whom[row.row] for row in scored if row.row in whom)
    entries: list[Entry] = []
    persons: dict[int, int] = {}
    doubts: list[Doubt] = []
    same = 0
    for row in scored:
        person_id = whom.get(row.row)
        if person_id is None or (row.wrong and row.wrong[0][0] == "no_name"):
            doubts.append(_unknown(row, asked.get(row.row), book))
        elif times[person_id] > 1:
            others = "、".join(str(r.row) for r in scored if r.row != row.row and whom.get(r.row) == person_id)
            doubts.append(Doubt(row, "doubled", {"others": others}, (person_id,)))
        else:
            found = _entry(row, person_id, book, source, day, settled=row.row in chosen)
            if isinstance(found, Doubt):
                doubts.append(found)
            elif found is None:
                same += 1
            else:
                entries.append(found)
                persons[found.enrolment_id] = person_id
    return Checked(tuple(entries), persons, tuple(doubts), same, len(taken) - len(scored), len(rows) - len(taken))


def _whom(rows: Sequence[ScoreRow], book: Book) -> tuple[dict[int, int], dict[int, tuple[str, tuple[int, ...]]]]:
    """The person of each row, and why others are not sure, with whom they may mean."""
    current = {
        person_id: [Posting(0, person_id, unit_id, PostingKind.STAFF, date.min) for unit_id in dict.fromkeys(units)]
        for person_id, units in book.units.items()
    }
    asked_for = [RosterRow(row.row, row.name, row.unit, staff_no=row.staff_no, phone=row.phone) for row in rows]
    known, doubtful = meant(asked_for, book.people, current, UnitNames(book.tree))
    return known, {number: (each.problem.code, each.candidates) for number, each in doubtful.items()}


def _unknown(row: ScoreRow, asked: tuple[str, tuple[int, ...]] | None, book: Book) -> Doubt:
    if row.wrong and row.wrong[0][0] == "no_name":
        return Doubt(row, "no_name")
    code, candidates = asked or ("unmatched", ())
    return Doubt(row, code, {}, candidates or likely(row, book))


def likely(row: ScoreRow, book: Book) -> tuple[int, ...]:
    """People of the round a row may mean: of the same name, first those of a unit of that name; else of a near name in that unit."""
    names = {unit.id: key(unit.name) for unit in book.tree}
    enrolled = [person for person in book.people if person.id in book.places]
    there = {p.id for p in enrolled if any(names.get(unit) == key(row.unit) for unit in book.units.get(p.id, ()))}
    same = sorted((p.id for p in enrolled if p.name == row.name), key=lambda number: (number not in there, number))
    near = get_close_matches(row.name, [p.name for p in enrolled if p.id in there], n=LIKELY, cutoff=0.5)
    alike = [p.id for p in enrolled if p.id in there and p.name in near]
    return tuple(dict.fromkeys([*same, *alike]))[:LIKELY]


def _entry(
    row: ScoreRow, person_id: int, book: Book, source: str, day: date | None, *, settled: bool
) -> Entry | Doubt | None:
    """The entry of a row whose person is known; None where the books say so already."""
    wrong = [each for each in row.wrong if each[0] != "bad_phone"]
    if wrong:
        return Doubt(row, wrong[0][0], {"value": wrong[0][1]}, (person_id,))
    if row.score is None or not 0 <= row.score <= FULL_MARKS:
        return Doubt(row, "out_of_range", {}, (person_id,))
    sat_on = row.day or day
    if sat_on is None:
        return Doubt(row, "no_day", {}, (person_id,))
    if sat_on > book.today:
        return Doubt(row, "future_day", {"day": sat_on}, (person_id,))
    place = _place(book, person_id, sat_on)
    if isinstance(place, str):
        return Doubt(row, place, {"day": sat_on}, (person_id,))
    problem = _taken(row, place, source, person_id)
    if problem is not None:
        return problem
    rules = next(each.rules for each in book.windows if each.round_id == place.round_id)
    if row.passed is not None and row.passed != passed(row.score, rules) and not settled:
        return Doubt(row, "pass_disagrees", {"line": rules.pass_line}, (person_id,))
    printed = book.prints.get(place.enrolment_id, (0, ""))
    if row.code and row.code != printed[1]:
        return Doubt(row, "bad_code", {"value": row.code, "code": printed[1] or "—"}, (person_id,))
    known = place.outside
    if known is not None and known.score == row.score and (row.day is None or row.day == known.day):
        return None
    replaces = (known.batch_id, known.score) if known is not None else (0, 0)
    return Entry(row.row, place.enrolment_id, row.score, sat_on, row.letter, printed[0] if row.letter else 0, *replaces)


def _place(book: Book, person_id: int, day: date) -> Place | str:
    """The enrolment a day belongs to, or why there is none."""
    mine = book.places.get(person_id, ())
    open_then = {each.round_id for each in book.windows if each.opens <= day <= each.closes}
    if not mine:
        return "not_enrolled"
    return next((place for place in mine if place.round_id in open_then), "outside_window")


def _taken(row: ScoreRow, place: Place, source: str, person_id: int) -> Doubt | None:
    if place.here is not None:
        return Doubt(row, "sat_here", {"here": place.here}, (person_id,))
    if place.waiting:
        return Doubt(row, "waiting", {"batch": place.waiting}, (person_id,))
    if place.outside is not None and place.outside.source != source:
        other = place.outside
        return Doubt(
            row, "other_source", {"source": other.source, "batch": other.batch_id, "here": other.score}, (person_id,)
        )
    return None
