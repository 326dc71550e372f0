"""汇总表: what a unit's printed return says about a round, as plain data; the same data are counted again when one is checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from handlers.reach.missing import reason_text
from handlers.reports.figures import composed
from handlers.turns import Deployment
from handlers.words import say
from quizzes.returns import sums
from quizzes.rounds import Round, State
from storage import exemptions, figures, footnotes, missing, people, results, rulings
from storage.database import Store
from storage.footnotes import Footnote
from storage.results import Listed


def content(
    store: Store, what: Round, unit_id: int, language: str, house: Deployment, now: datetime, *, reasons: bool
) -> dict[str, Any]:
    """Everything that is printed but the time of printing. `reasons`: for the officer and the unit's own liaison; others get names
    and figures. Lists are rows: results [person, name, unit, 正考 score, 补考 score, verdict, sources], missing [person, name, unit,
    reason]."""
    units = _units(store, unit_id)
    first = results.listed(store, what.id, units)
    due = {each.line.person_id for each in first if each.line.counted}
    makeups = figures.makeups(store, what.id)
    again = [each for one in makeups for each in results.listed(store, one.id) if each.line.person_id in due]
    later: dict[int, list[Listed]] = {}
    for each in again:
        later.setdefault(each.line.person_id, []).append(each)
    rows = [_result(each, later.get(each.line.person_id, ())) for each in first if each.line.counted]
    counted = sums([each.line for each in first], [each.line for each in again])
    return {
        "language": language, "title": what.title, "notice": what.notice, "unit": people.unit_name(store, unit_id), "reasons": reasons,
        "closed": what.state is State.CLOSED, "opens": what.opens_at.isoformat(), "closes": what.closes_at.isoformat(),
        "lines": [what.rules.pass_line, what.rules.excellent_line], "makeups": [each.title for each in makeups],
        "figures": counted.to_json(),
        "bureaux": _by_bureau(store, first, again),
        "results": rows,
        "missing": _missing(store, what, units, rows, language, house, now, reasons=reasons),
        "notes": _notes(store, what, units, language, house, reasons=reasons),
    }  # fmt: skip


def _units(store: Store, unit_id: int) -> set[int] | None:
    """The units a return covers; None for the whole district."""
    root = next(each.id for each in people.units(store) if each.parent_id is None)
    return None if unit_id == root else people.units_below(store, [unit_id])


def _by_bureau(store: Store, first: Sequence[Listed], again: Sequence[Listed]) -> list[list[Any]]:
    """正考 and 补考 together per bureau in 机构序列, where there is more than one."""
    wanted = {each.line.bureau_id for each in first}
    if len(wanted) < 2:
        return []
    rows = []
    for bureau in (each for each in people.units(store) if each.id in wanted):
        own = [each.line for each in first if each.line.bureau_id == bureau.id]
        theirs = {line.person_id for line in own}
        rows.append([bureau.name, sums(own, [e.line for e in again if e.line.person_id in theirs]).to_json()["total"]])
    return rows


def _result(each: Listed, again: Sequence[Listed]) -> list[Any]:
    """Both scores, and the verdict that the combined figures count."""
    every = [each, *again]
    verdict = next(
        (name for name in ("excellent", "passed", "sat") if any(getattr(one.line, name) for one in every)), "absent"
    )
    later = max((one.score for one in again if one.score is not None), default=None)
    sources = dict.fromkeys(source for one in every for source in one.sources)
    return [
        each.line.person_id,
        each.name,
        each.unit,
        each.score,
        later,
        "failed" if verdict == "sat" else verdict,
        list(sources),
    ]


def _missing(store: Store, what: Round, units: Collection[int] | None, rows: Iterable[Sequence[Any]], language: str,
             house: Deployment, now: datetime, *, reasons: bool) -> list[list[Any]]:  # fmt: skip
    """Who is due and has sat neither, with the reason where it may be printed."""
    absent = [row for row in rows if row[5] == "absent"]
    why: dict[int, str] = {}
    if reasons and absent:
        found = missing.missing(store, what, house.today(now), units)
        why = {each.person_id: reason_text(language, each) for each in found}
        why |= dict.fromkeys(exemptions.deferred(store, what.id), say(language, "returns.deferred"))
    return [[row[0], row[1], row[2], why.get(row[0], "")] for row in absent]


def _notes(store: Store, what: Round, units: Collection[int] | None, language: str, house: Deployment, *,
           reasons: bool) -> list[str]:  # fmt: skip
    """What 应考 is made of, every change of it, and what came from elsewhere or was put right."""
    ids = [what.id, *(each.id for each in figures.makeups(store, what.id))]
    lines = [composed(language, footnotes.composition(store, what.id, units))]
    lines += [_note(language, house, each, reasons=reasons) for each in footnotes.footnotes(store, what.id, units)]
    elsewhere = figures.elsewhere(store, ids, units)
    lines += [
        say(language, "figures.elsewhere", source=source, attempts=number) for source, number in elsewhere.items()
    ]
    rescored = sum(len({row.attempt_id for row in rulings.rescored(store, each)}) for each in ids)
    return lines + ([say(language, "returns.rescored", number=rescored)] if rescored else [])


def _note(language: str, house: Deployment, each: Footnote, *, reasons: bool) -> str:
    on = house.today(each.at)
    day = say(language, "times.full_date", year=on.year, month=on.month, day=on.day)
    key = "returns.note_reason" if reasons and each.reason else "returns.note"
    said = say(language, key, day=day, unit=each.unit, name=each.name, kind=say(language, f"corrections.kind_{each.kind.value}"),
               reason=each.reason)  # fmt: skip
    return said + (say(language, "returns.corrected") if each.corrected else "")
