"""How a sheet of scores is said: what can be entered, what is wrong with each row and what to do about it, in words and as a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.commands import choice
from handlers.messages import Choice
from handlers.sitting.scores import points
from handlers.spreadsheets import Sheet, workbook
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from quizzes.batches import Entry, Source
from quizzes.rounds import Round
from quizzes.score_checks import Book, Checked, Doubt
from quizzes.score_sheets import ScoreRow
from storage import rounds
from storage.batches import Batch
from storage.database import Store

LISTED, SETTLED, NAMED = 8, 4, 20
_KEYS = {Source.PAPER: "paper", Source.PLATFORM: "platform"}
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A draft with what it comes to as the books stand now."""

    batch: Batch
    first: Round
    checked: Checked
    book: Book
    rows: Sequence[ScoreRow]
    skipped: Mapping[int, str]


def source(language: str, which: str) -> str:
    """纸质 or 上级平台 in the reader's language."""
    return say(language, f"outside.source_{_KEYS[Source(which)]}")


def read_source(word: str) -> str | None:
    """The source a word means, in either language."""
    for which, key in _KEYS.items():
        if word in (which.value, key, *(say(language, f"outside.source_{key}") for language in LANGUAGES)):
            return which.value
    return None


# In words. -------------------------------------------------------------------------------------------------------------


def report(language: str, found: Shown, *, names: bool) -> str:
    """Everything there is to say of a draft, all doubts at once (the rest of many in the sheet)."""
    checked, content = found.checked, found.batch.content
    lines = [
        say(language, "outside.taken_for", name=content["name"], title=found.first.title, number=found.first.id, batch=found.batch.id,
            source=source(language, found.batch.source)),
        say(language, "outside.counts", ready=len(checked.entries), same=checked.same, absent=checked.absent, skipped=checked.skipped,
            doubts=len(checked.doubts)),
    ]  # fmt: skip
    if content["dropped"]:
        lines.append(say(language, "outside.dropped", columns=_listed(language, content["dropped"])))
    if checked.changed:
        lines.append(say(language, "outside.changed", n=len(checked.changed)) + _changes(language, found, names=names))
    if not checked.doubts:
        lines.append(say(language, "outside.ready" if checked.entries else "outside.nothing"))
    elif names:
        lines += [f"{n}. {doubt(language, each, found)}" for n, each in enumerate(checked.doubts[:LISTED], 1)]
        rest = len(checked.doubts) - LISTED
        lines += [say(language, "outside.more_doubts", n=rest)] if rest > 0 else []
        lines.append(say(language, "outside.settle_first"))
    else:
        lines.append(say(language, "outside.doubts_elsewhere", batch=found.batch.id))
    return "\n".join(lines)


def doubt(language: str, each: Doubt, found: Shown) -> str:
    """One row: what is wrong, and what to write instead."""
    values = {name: _value(language, name, value) for name, value in each.values.items()}
    row = each.row
    who = say(language, "outside.row" if row.unit else "outside.row_bare", row=row.row, name=row.name or "—", unit=row.unit)  # fmt: skip
    windows = _listed(language, [f"{w.opens:%Y-%m-%d}—{w.closes:%Y-%m-%d}" for w in found.book.windows])
    return who + say(language, f"outside.doubt_{each.code}", **{**_nothing(row), "windows": windows, **values})


def _nothing(row: ScoreRow) -> dict[str, object]:
    return {"value": "", "others": "", "score": points(row.score) if row.score is not None else ""}


def _value(language: str, name: str, value: object) -> object:
    if name == "here" and isinstance(value, int):
        return points(value)
    return source(language, str(value)) if name == "source" else value


def settling(language: str, found: Shown) -> list[Choice]:
    """Buttons for the first doubts: whom the row may mean, and leaving it out."""
    buttons = []
    number, reason = found.batch.id, say(language, "outside.reason_default")
    for each in found.checked.doubts[:SETTLED]:
        row = each.row.row
        if each.code in CHOOSE:
            for person_id in each.candidates[:2]:
                label = say(language, f"outside.button_{'keep' if each.code == 'pass_disagrees' else 'choose'}", row=row, who=person(found, person_id)[:40])  # fmt: skip
                buttons.append(choice(language, "settle_score", number, row, person_id, label=label))
        label = say(language, "outside.button_skip", row=row)
        buttons.append(
            choice(language, "settle_score", number, row, say(language, "outside.word_skip"), reason, label=label)
        )
    return buttons


CHOOSE = ("unmatched", "matches_several", "staff_no_of_other", "phone_of_other", "pass_disagrees")
"""Doubts that end when the officer says who is meant."""


def person(found: Shown, person_id: int) -> str:
    """「住建局张三（T006）」."""
    who = next((each for each in found.book.people if each.id == person_id), None)
    units = found.book.units.get(person_id, ())
    unit = next((each.name for each in found.book.tree if units and each.id == units[0]), "")
    number = f"（{who.staff_no}）" if who and who.staff_no else ""
    return f"{unit}{who.name}{number}" if who else ""


def _changes(language: str, found: Shown, *, names: bool) -> str:
    if not names:
        return ""
    some = [f"{_who(found, each)} {points(each.before)}→{points(each.score)}" for each in found.checked.changed[:NAMED]]
    return say(language, "outside.changed_who", who=_listed(language, some))


def _who(found: Shown, each: Entry) -> str:
    return person(found, found.checked.people[each.enrolment_id])


def _listed(language: str, some: Sequence[str]) -> str:
    return say(language, "outside.comma").join(some)


def line(turn: Turn, store: Store, each: Batch) -> str:
    """One batch in the overview."""
    title = rounds.get(store, each.round_id).title
    rows = len(each.entries) or len(each.content.get("read", ()))
    key = "outside.line_undo" if each.undoes else "outside.line"
    return turn.say(key, batch=each.id, title=title, source=source(turn.language, each.source), rows=rows, undoes=each.undoes,
                    state=turn.say(f"outside.state_{each.state.value}"))  # fmt: skip


def spread(language: str, entries: Sequence[Entry], rules_of: Mapping[int, Round], round_of: Mapping[int, int]) -> str:
    """How many of the entries reach which line, each by the rules of its own round."""
    reached: Counter[str] = Counter()
    for each in entries:
        rules = rules_of[round_of[each.enrolment_id]].rules
        high, low = each.score >= 100 * rules.excellent_line, each.score >= 100 * rules.pass_line
        reached["excellent"] += high
        reached["passed"] += low
    return say(language, "outside.spread", people=len(entries), passed=reached["passed"], excellent=reached["excellent"],
               failed=len(entries) - reached["passed"])  # fmt: skip


# As sheets. ------------------------------------------------------------------------------------------------------------

_COLUMNS = ("row", "staff_no", "name", "unit", "phone", "score", "letter", "day", "passed", "note")


def as_read(words: Say, rows: Sequence[ScoreRow], now: datetime) -> bytes:
    """The rows as they were read, without what was not."""
    header = [words(f"outside.column_{column}") for column in _COLUMNS]
    return workbook([Sheet(words("outside.sheet_read"), header, [_cells(words, row) for row in rows])], now)


def _cells(words: Say, row: ScoreRow) -> list[str | int]:
    passed = "" if row.passed is None else words(f"outside.{'yes' if row.passed else 'no'}")
    score = (
        points(row.score) if row.score is not None else next((v for code, v in row.wrong if code == "bad_score"), "")
    )
    letter = f"{row.code}-{row.letter}" if row.code else row.letter
    return [
        row.row,
        row.staff_no,
        row.name,
        row.unit,
        row.phone,
        score,
        letter,
        row.day.isoformat() if row.day else "",
        passed,
        row.note,
    ]


def doubts_sheet(language: str, found: Shown, now: datetime) -> bytes:
    """Every row that cannot be entered, why, what to do, and whom it may mean."""

    def words(key: str, /, **values: object) -> str:
        return say(language, key, **values)

    header = [words(f"outside.column_{column}") for column in (*_COLUMNS, "doubt", "likely")]
    rows = [
        [*_cells(words, each.row), doubt(language, each, found), _listed(language, [person(found, one) for one in each.candidates])]
        for each in found.checked.doubts
    ]  # fmt: skip
    return workbook([Sheet(words("outside.sheet_doubts"), header, rows)], now)
