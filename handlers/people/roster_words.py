"""What a roster would change, in words: the counts first, then what to look at, and a file with every line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from quizzes.people import Person, PostingKind
from quizzes.roster import RosterFile
from quizzes.roster_diff import Diff
from quizzes.roster_rows import Problem
from storage.rosters import Standing

SHOWN = 15
Say = Callable[..., str]
Line = tuple[object, ...]
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Findings:
    """A roster file read and compared. `others` are sheets that were not read."""

    file: RosterFile
    diff: Diff
    standing: Standing
    others: Sequence[str]

    @property
    def changes_something(self) -> bool:
        """Whether confirming would write anything."""
        diff = self.diff
        return bool(diff.joiners or diff.leavers or diff.transfers or diff.secondments or diff.changes)

    @property
    def held_back(self) -> int:
        """Rows that are not applied: faulty or asked about."""
        return sum(row.faulty for row in self.file.rows) + len(self.diff.ambiguous)


def counts(found: Findings) -> dict[str, int]:
    """The numbers of a diff, by the names the texts and the audit use."""
    diff = found.diff
    return {"rows": len(found.file.rows), "joiners": len(diff.joiners), "transfers": len(diff.transfers), "leavers": len(diff.leavers),
            "secondments": len(diff.secondments), "changed": len({change.person_id for change in diff.changes}),
            "unchanged": diff.unchanged, "units": len(diff.new_units), "held_back": found.held_back}  # fmt: skip


def report(say: Say, found: Findings, *, names: bool) -> str:
    """The message before a confirmation. Without `names` it has counts and unit names only."""
    numbers = counts(found)
    if not found.file.rows:
        return "\n".join(_whole_file(say, found))
    parts = [say("roster.counts", **numbers)]
    parts += [say(f"roster.{key}", n=numbers[key]) for key in ("secondments", "changed") if numbers[key]]
    if found.others:
        parts.append(say("roster.other_sheets", names=say("roster.comma").join(found.others[:SHOWN])))
    if found.diff.new_units:
        parts.append(
            say("roster.new_units", n=numbers["units"], names=say("roster.comma").join(new_units(say, found)[:SHOWN]))
        )
    if found.diff.leavers and found.diff.many_leavers:
        parts.append(say("roster.many_leavers", leavers=numbers["leavers"], counted=found.diff.counted))
    parts += _named(say, found) if names else []
    doubts = [*_whole_file(say, found), *(_doubts(say, found) if names else ())]
    parts += doubts[:SHOWN]
    if len(doubts) > SHOWN:
        parts.append(say("roster.more", n=len(doubts) - SHOWN))
    if found.held_back:
        parts.append(say("roster.held_back", n=found.held_back))
    if not found.changes_something:
        parts.append(say("roster.nothing"))
    return "\n".join(parts)


def new_units(say: Say, found: Findings) -> list[str]:
    """The units that would be made, each with what it may be a slip of."""
    return [
        say("roster.new_unit_like", name=unit.name, like=unit.similar[0]) if unit.similar else unit.name
        for unit in found.diff.new_units
    ]


def _whole_file(say: Say, found: Findings) -> list[str]:
    return [sentence(say, problem) for problem in found.file.problems if not problem.row]


def _doubts(say: Say, found: Findings) -> list[str]:
    return [text for _, text in _rows_in_doubt(say, found)]


def _rows_in_doubt(say: Say, found: Findings) -> list[tuple[int, str]]:
    """(row, sentence) of every problem and every row to ask about, by row."""
    lines = [(problem.row, sentence(say, problem)) for problem in found.file.problems if problem.row]
    known = {who.id: who for who in found.standing.people}
    for asked in found.diff.ambiguous:
        may_be = say("roster.comma").join(_described(found, known[number]) for number in asked.candidates)
        text = sentence(say, asked.problem)
        lines.append((asked.row.row, say("roster.may_be", text=text, names=may_be) if may_be else text))
    return sorted(lines)


def sentence(say: Say, problem: Problem) -> str:
    """A problem as its row's sentence. What depends on the day of the import is ours; what the file alone shows, the reader's."""
    area = "roster" if problem.code == "starts_later" else "roster_problems"
    return say(f"{area}.{problem.code}", **{"row": problem.row, "column": problem.column, **problem.values})


def _described(found: Findings, who: Person) -> str:
    unit = units_of(found).get(who.id, "")
    return "，".join(filter(None, (who.name, unit, who.staff_no)))


def units_of(found: Findings) -> dict[int, str]:
    """The name of the unit each person is in now, 编制 before others."""
    names = {unit.id: unit.name for unit in found.standing.units}
    ordered = sorted(found.standing.postings, key=lambda posting: posting.kind is PostingKind.STAFF)
    return {posting.person_id: names[posting.unit_id] for posting in ordered}


def _named(say: Say, found: Findings) -> list[str]:
    """Who leaves and who moves: the lines worth reading before a confirmation."""
    both = (("who_leaves", _leavers(say, found)), ("who_moves", moves(say, found)))
    return [say(f"roster.{key}", names=first_of(say, lines)) for key, lines in both if lines]


def first_of(say: Say, lines: Sequence[str]) -> str:
    """The first few of a list, and how many there are."""
    shown = say("roster.comma").join(lines[:SHOWN])
    return say("roster.and_more", names=shown, n=len(lines)) if len(lines) > SHOWN else shown


def _leavers(say: Say, found: Findings) -> list[str]:
    known, units = {who.id: who for who in found.standing.people}, units_of(found)
    return [
        say("roster.person", name=known[gone.person_id].name, unit=units[gone.person_id]) for gone in found.diff.leavers
    ]


def moves(say: Say, found: Findings) -> list[str]:
    """Who moves, from where to where."""
    known, units = {who.id: who for who in found.standing.people}, units_of(found)
    return [say("roster.move", name=known[move.person_id].name, before=units.get(move.person_id, "—"), after=move.post.row.unit)
            for move in found.diff.transfers]  # fmt: skip


def details(say: Say, found: Findings) -> bytes:
    """Every line of the report as CSV for Excel: what, row, name, unit, remark."""
    head = tuple(say("roster.csv_head").split("|"))
    return as_csv([head, *_csv_doubts(say, found), *_csv_posts(say, found), *_csv_changes(say, found)])


def _csv_doubts(say: Say, found: Findings) -> Iterator[Line]:
    rows = {row.row: row for row in found.file.rows}
    for number, text in _rows_in_doubt(say, found):
        row = rows.get(number)
        yield say("roster.csv_doubt"), number, row.name if row else "", row.unit if row else "", text
    for unit in found.diff.new_units:
        yield say("roster.csv_unit"), unit.rows[0], "", unit.name, unit.similar[0] if unit.similar else ""


def _csv_posts(say: Say, found: Findings) -> Iterator[Line]:
    known, units = {who.id: who.name for who in found.standing.people}, units_of(found)
    for gone in found.diff.leavers:
        yield say("roster.csv_leaves"), "", known[gone.person_id], units[gone.person_id], ""
    for move in found.diff.transfers:
        row, before = move.post.row, units.get(move.person_id, "")
        yield say("roster.csv_moves"), row.row, known[move.person_id], row.unit, before
    for second in found.diff.secondments:
        row, kind = second.post.row, str(second.post.kind)
        yield say("roster.csv_second"), row.row, known[second.person_id], row.unit, kind
    for joiner in found.diff.joiners:
        row = joiner.posts[0].row
        yield say("roster.csv_joins"), row.row, row.name, row.unit, ""


def _csv_changes(say: Say, found: Findings) -> Iterator[Line]:
    known, units = {who.id: who.name for who in found.standing.people}, units_of(found)
    for change in found.diff.changes:
        field, before = say(f"roster.field_{change.field}"), _plain(say, change.before)
        words = say("roster.csv_change", field=field, before=before, after=_plain(say, change.after))
        yield say("roster.csv_changes"), change.row, known[change.person_id], units.get(change.person_id, ""), words


def _plain(say: Say, value: object) -> str:
    if isinstance(value, bool):
        return say("roster.yes" if value else "roster.no")
    return str(value) if value else "—"


def as_csv(lines: Iterable[Sequence[object]]) -> bytes:
    """CSV that Excel opens as text: marked UTF-8, and no cell that a spreadsheet would run as a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_inert(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_LIVE) else cell
