"""What stands on printed papers, keys, sign-in sheets and room records, in words: the data of their templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from handlers.jobs import Work
from handlers.rounds import opening
from handlers.turns import Deployment
from quizzes.enrolling import Enrolled
from quizzes.papers import Slot
from quizzes.printing import LETTERS, Printed
from quizzes.questions import LETTERS as OPTIONS
from quizzes.questions import Kind, Question
from quizzes.rounds import Round, State
from quizzes.rules import Rules
from quizzes.scoring import Asked, asked, full
from quizzes.sections import Section, sections
from storage import people, prints, rounds, scorebook
from storage.database import Store
from storage.prints import Print

NUMERALS = "一二三四五六七八九十"
Find = Callable[[int], Question]


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody on the sign-in sheet, in the unit of the roster; `kind` of paper as in the prints."""

    name: str
    staff_no: str
    unit: str
    bureau: str
    kind: int


def due(store: Store, what: Round, within: set[int] | None, house: Deployment) -> list[Due]:
    """Who is in 应考 and has not sat, in 机构序列; before the opening, who would be in it now."""
    if what.state in (State.PLANNED, State.OPENING):
        day = house.today(what.opens_at)
        out = rounds.exempt_people(store, what.id, day)
        found = [each for each in opening.due_people(store, what, house) if each.person_id not in out]
        found = [each for each in found if within is None or each.unit_id in within]
    else:
        found = [Enrolled(r.person_id, r.unit_id, r.bureau_id) for r in scorebook.unsat(store, what.id, within)]
    tree = {unit.id: (place, unit.name) for place, unit in enumerate(people.units(store))}
    known = {each.id: each for each in people.people(store)}
    kind = prints.kinds_of(store, what.id, found)
    ordered = sorted(found, key=lambda e: (tree[e.bureau_id][0], tree[e.unit_id][0], e.person_id))
    return [
        Due(known[e.person_id].name, known[e.person_id].staff_no, tree[e.unit_id][1], tree[e.bureau_id][1], kind[e.person_id]) for e in ordered
    ]  # fmt: skip


# A paper. --------------------------------------------------------------------------------------------------------------


def paper(work: Work, what: Round, printed: Print, one: Printed, find: Find, kind: str) -> dict[str, Any]:
    """One paper: its head, its sections with points, its questions with the letters as they are printed."""
    parts = _asked(one, what, find)
    return {
        "lang": work.language, "title": what.title, "letter": work.say("papers.letter", letter=one.letter), "kind": kind,
        "notice": what.notice, "code": work.say("papers.code", code=f"{printed.code}-{one.letter}"),
        "head": _head(work, what, parts), "blanks": [work.say(f"papers.blank_{name}") for name in ("name", "unit", "staff_no")],
        "marks": [work.say("papers.section_mark"), *(_numeral(work, s.number) for s in _sections(parts)), work.say("papers.total_mark")],
        "mark_rows": [work.say("papers.points_mark"), work.say("papers.marker_mark")],
        "sections": [_section(work, section, parts, what.rules) for section in _sections(parts)],
        "foot": [work.say("papers.page"), work.say("papers.page_of"), work.say("papers.page_end")],
        "end": work.say("papers.end"),
    }  # fmt: skip


def _asked(one: Printed, what: Round, find: Find) -> tuple[Asked, ...]:
    return asked(one.slots, {slot.revision_id: find(slot.revision_id) for slot in one.slots}, what.rules)


def _sections(parts: Sequence[Asked]) -> tuple[Section, ...]:
    return sections([each.slot for each in parts], [each.question for each in parts])


def _head(work: Work, what: Round, parts: Sequence[Asked]) -> str:
    minutes = work.say("papers.minutes", minutes=what.rules.minutes) if what.rules.minutes else work.say("papers.no_minutes")  # fmt: skip
    return work.say(
        "papers.head",
        points=_points(Fraction(full(parts))),
        questions=len(parts),
        line=what.rules.pass_line,
        minutes=minutes,
    )


def _numeral(work: Work, number: int) -> str:
    return NUMERALS[number - 1] if work.language == "zh" and number <= len(NUMERALS) else str(number)


def _points(hundredths: Fraction) -> str:
    """Points without needless zeros; what does not end after two decimals is cut."""
    cut = int(hundredths)
    return f"{cut / 100:.2f}".rstrip("0").rstrip(".")


def _section(work: Work, section: Section, parts: Sequence[Asked], rules: Rules) -> dict[str, Any]:
    mine = [parts[slot] for slot in section.slots]
    weights = {each.weight for each in mine}
    total = sum((each.weight for each in mine), Fraction(0))
    same = len(weights) == 1 and next(iter(weights)).denominator == 1
    key = "papers.section" if same and section.kind is not Kind.CASE else "papers.section_total"
    values = {"numeral": _numeral(work, section.number), "kind": work.say(f"quiz.kind_{section.kind.value}"), "n": len(mine),
              "each": _points(mine[0].weight), "total": _points(total)}  # fmt: skip
    how = "multiple_half" if section.kind is Kind.MULTIPLE and rules.partial == "half" else section.kind.value
    if not same and total.denominator != 1:
        key = "papers.section_even"
    return {
        "heading": work.say(key, **values), "how": work.say(f"papers.how_{how}"),
        "groups": [_group(list(group)) for _, group in groupby(zip(section.slots, mine, strict=True), key=_case)],
    }  # fmt: skip


def _case(pair: tuple[int, Asked]) -> tuple[int, str]:
    """Items of one case stand together under its text."""
    number, each = pair
    return (each.slot.revision_id, each.question.background) if each.slot.item is not None else (-number, "")


def _group(pairs: Sequence[tuple[int, Asked]]) -> dict[str, Any]:
    return {
        "text": pairs[0][1].question.background,
        "questions": [_printed_question(number, each) for number, each in pairs],
    }


def _printed_question(number: int, each: Asked) -> dict[str, Any]:
    question, kind = each.question, each.question.kind
    options = [] if kind in (Kind.JUDGE, Kind.BLANK) else [question.options[index] for index in each.slot.order]
    return {
        "number": number + 1, "stem": question.stem, "bracket": kind is not Kind.BLANK,
        "options": [{"letter": letter, "text": text} for letter, text in zip(OPTIONS, options, strict=False)],
    }  # fmt: skip


# The key. --------------------------------------------------------------------------------------------------------------


def key(work: Work, what: Round, printed: Sequence[Print], find: Find) -> dict[str, Any]:
    """The answers of all papers of a round, by letter as printed, with the cited articles."""
    sheets = []
    for each in printed:
        kind = work.say("papers.kind", number=each.kind) if each.kind else ""
        for one in each.papers:
            parts = _asked(one, what, find)
            sheets.append({
                "title": f"{kind}{work.say('papers.letter', letter=one.letter)}", "code": work.say("papers.code", code=f"{each.code}-{one.letter}"),
                "sections": [_key_section(work, section, parts) for section in _sections(parts)],
            })  # fmt: skip
    return {
        "lang": work.language, "title": work.say("papers.key_title", title=what.title), "mark": work.say("papers.key_mark"), "sheets": sheets,
        "columns": [work.say(f"papers.key_{name}") for name in ("number", "answer", "cites")],
    }  # fmt: skip


def _key_section(work: Work, section: Section, parts: Sequence[Asked]) -> dict[str, Any]:
    mine = [(slot + 1, parts[slot]) for slot in section.slots]
    heading = work.say("exam.section", numeral=_numeral(work, section.number), kind=work.say(f"quiz.kind_{section.kind.value}"))  # fmt: skip
    rows = [[str(number), letters(each.question, each.slot), "；".join(each.question.cites)] for number, each in mine]
    return {"heading": heading, "rows": rows, "short": all(len(row[1]) <= 4 for row in rows)}


def letters(question: Question, slot: Slot) -> str:
    """The right answer as it is to be found on the printed paper: letters, √ or ×, the accepted texts."""
    if question.kind is Kind.BLANK:
        return " / ".join(question.answer)
    if question.kind is Kind.JUDGE:
        return "√" if question.answer == ("T",) else "×"
    return "".join(OPTIONS[place] for place, index in enumerate(slot.order) if OPTIONS[index] in question.answer)


# Lists. ----------------------------------------------------------------------------------------------------------------


def sign_in(work: Work, what: Round, rows: Sequence[Due]) -> dict[str, Any]:
    """签到表: a bureau on pages of its own, in 机构序列; A and B go to neighbours in turn."""
    groups = []
    for bureau, mine in groupby(rows, key=lambda each: each.bureau):
        some = list(mine)
        lines = [
            [str(n), each.staff_no, each.name, each.unit, "", _letter(work, each, n)] for n, each in enumerate(some, 1)
        ]
        groups.append({"name": bureau, "count": work.say("papers.people", people=len(some)), "rows": lines})
    return {
        "lang": work.language, "title": work.say("papers.sign_in_title", title=what.title), "groups": groups, "notice": what.notice,
        "columns": [work.say(f"papers.column_{name}") for name in ("number", "staff_no", "name", "unit", "sign", "letter")],
        "empty": work.say("papers.nobody"), "foot": work.say("papers.sign_in_foot"),
    }  # fmt: skip


def _letter(work: Work, each: Due, number: int) -> str:
    letter = LETTERS[(number - 1) % len(LETTERS)]
    return f"{work.say('papers.kind', number=each.kind)} {letter}" if each.kind else letter


def room(work: Work, what: Round, rows: Sequence[Due], unit: str) -> dict[str, Any]:
    """考场记录表: what is known is filled in, everything else is for the invigilators' pens."""
    opens, closes = (work.house.moment(work.language, at) for at in (what.opens_at, what.closes_at))
    given = {
        "session": work.say("papers.session", number=what.id, title=what.title),
        "due": work.say("papers.people", people=len(rows)),
    }
    return {
        "lang": work.language, "title": work.say("papers.room_title"), "notice": what.notice,
        "window": work.say("papers.window", opens=opens, closes=closes), "unit": unit,
        "cells": [[work.say(f"papers.room_{name}"), given.get(name, "")] for name in ("session", "place", "due", "sat", "date", "time", "papers", "absent_n")],
        "boxes": [[work.say(f"papers.room_{name}"), high] for name, high in (("absent", 58), ("events", 52), ("sign", 26))],
        "foot": work.say("papers.room_foot"),
    }  # fmt: skip
