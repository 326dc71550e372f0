"""What commands read: the rounds, the rates of one, a preview as a given person, a recount of everything, the state of things."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers import spreadsheets
from handlers.messages import BotError
from handlers.reach import handing_over
from handlers.reports import confirming, drawing, outside_notes
from handlers.reports.footnotes import sheet
from handlers.rights import ALL, Scope
from handlers.rounds import managing, opening, previewing
from handlers.turns import Deployment
from handlers.views.figures import RoundFigures, Row, round_figures, trend
from handlers.views.footnotes import Footnotes, footnotes
from handlers.words import say
from quizzes.people import RoleName
from quizzes.rates import Tally, percent
from quizzes.rounds import State
from storage import accounts, audit, documents, figures, people, recounting, rounds
from storage.database import Store

Look = Callable[[Store, Deployment, Mapping[str, Any], datetime], Any]
EVERYTHING = Scope(ALL)
NEWEST_SAFE_SQLITE = (3, 51, 3)


def rounds_list(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> list[tuple[Any, ...]]:
    """The last rounds: number, plan, title, day, state, due, sat, passed."""
    found = []
    for what in rounds.latest(store, 50, *State):
        total = sum(figures.count(store, what.id).values(), start=Tally())
        state = say(str(asked["language"]), f"rounds.state_{what.state.value}")
        found.append(
            (what.id, what.plan_key, what.title, what.due_on.isoformat(), state, total.due, total.sat, total.passed)
        )
    return found


def report(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The figures of a round as {"title", "rows"} for a table, or {"content"} as xlsx, pdf or png bytes."""
    language, form = str(asked["language"]), str(asked["form"])
    try:
        shown = round_figures(store, int(asked["number"]), EVERYTHING, now)
    except KeyError as error:
        raise BotError("terminal.no_round", number=asked["number"]) from error
    if form in ("table", "json"):
        return {"title": shown.title, "rows": _figures_rows(shown, language)}
    if form in ("png", "pdf"):
        past = trend(store, "assessed" if shown.assessed else "practice", EVERYTHING)
        make = drawing.png if form == "png" else drawing.pdf
        return {"content": make(shown, past, language, house)}
    if form == "xlsx":
        noted = footnotes(store, shown.round_id, EVERYTHING, now, detailed=True)
        return {"content": _workbook(shown, noted, language, house, now)}
    raise BotError("terminal.bad_format", form=form)


def _figures_rows(shown: RoundFigures, language: str) -> list[tuple[Any, ...]]:
    return [_figures_row(row) for row in (*shown.rows, replace(shown.total, name=say(language, "terminal.total")))]


def _figures_row(row: Row) -> tuple[Any, ...]:
    t = row.tally
    return (row.name, t.roster, t.exempt, t.due, t.sat, t.passed, t.excellent, percent(t.sat, t.due), percent(t.passed, t.sat),
            percent(t.passed, t.due), percent(t.excellent, t.sat))  # fmt: skip


def _workbook(shown: RoundFigures, noted: Footnotes, language: str, house: Deployment, now: datetime) -> bytes:
    columns = say(language, "terminal.report_columns").split("|")
    rows = [list(row) for row in _figures_rows(shown, language)]
    from_outside = outside_notes.sources(language, shown.elsewhere)
    definitions = [[line] for line in [*from_outside, *say(language, "figures.definitions").splitlines()]]
    sheets = [spreadsheets.Sheet(say(language, "terminal.sheet_rates"), columns, rows),
              spreadsheets.Sheet(say(language, "corrections.sheet_name"), *sheet(language, house, noted)),
              spreadsheets.Sheet(say(language, "terminal.sheet_definitions"), [shown.title], definitions)]  # fmt: skip
    return spreadsheets.workbook(sheets, now)


def preview(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> list[str]:
    """What one person would see of a plan opened now or of a round, and why they would be blocked; the questions are a sample."""
    language = str(asked["language"])
    what = previewing.asked_round(store, house, str(asked["plan"]), now)
    if what is None:
        raise BotError(
            "terminal.no_plan", plan=asked["plan"], known=", ".join(p.key for p, _ in rounds.plans(store)) or "—"
        )
    found = people.placed(store, house.today(now), name=str(asked["person"]))
    if not found:
        raise BotError("terminal.preview_nobody", name=asked["person"])
    if unknown := opening.strangers(store, what):
        raise BotError("clock.strangers", title=what.title, names=", ".join(unknown))
    lines: list[str] = []
    for who in found:
        seen = previewing.look(store, house, what, who, language, now)
        lines.append(say(language, "preview.person", name=who.name, unit=who.unit))
        lines += [*previewing.before(seen, language), say(language, "preview.sample"), *seen.paper]
    return lines


def verify(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> list[str]:
    """Everything recounted from the responses, and the audit chain; a line for each difference, none if all is well."""
    language = str(asked["language"])
    found = []
    for what in rounds.latest(store, 10**6, State.OPEN, State.CLOSING, State.CLOSED):
        for difference in recounting.recount(store, what.id):
            found.append(say(language, "terminal.verify_difference", round=what.id, what=difference.what, number=difference.number,
                             stored=difference.stored, counted=difference.recounted))  # fmt: skip
    broken = audit.verify(store)
    if broken is not None:
        found.append(say(language, "terminal.verify_audit", number=broken))
    found += [say(language, "terminal.verify_document", number=number) for number in documents.broken(store)]
    return found


def confirm(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What stands behind the code of a certificate or return: {"fine", "lines"}."""
    found = confirming.confirm(store, str(asked["code"]), str(asked["language"]), house, now)
    facts = [f"{label}  {value}" for label, value in found.facts]
    return {"fine": found.stands, "lines": [found.verdict, *facts, *found.changes]}


def doctor(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> list[tuple[bool, str]]:
    """(is it well, the sentence) for each thing that an officer can mend: ours, then what the platforms' own checks found
    (`asked["wecom"]`: code, is it well, values)."""
    language, day = str(asked["language"]), house.today(now)
    admins = {r.person_id for r in people.holders(store, RoleName.ADMIN)}
    staff = people.placed(store, day)
    bound = accounts.reachable_accounts(store)
    plans = rounds.plans(store)
    drafts = [managing.draft(plan, managing.by_hand(plan, house, now)) for plan, _ in plans]
    short = [what.title for what in drafts if opening.shortfall(store, what)]
    alone = handing_over.orphans(store, house, day)
    unknown = sorted({name for what in drafts for name in opening.strangers(store, what)})
    wecom = [_result(language, fine, f"wecom_{code}", **values) for code, fine, values in asked.get("wecom", ())]
    return [
        _result(language, sys.version_info >= (3, 11), "python", version=sys.version.split()[0]),
        _result(language, True, "sqlite_bug" if not store.on_postgres and sqlite3.sqlite_version_info < NEWEST_SAFE_SQLITE else "database",
                version=sqlite3.sqlite_version),
        _result(language, shutil.disk_usage(".").free > 1 << 30, "disk", free=shutil.disk_usage(".").free >> 20),
        _result(language, len(admins) > 1, "admins", number=len(admins)),
        _result(language, bool(staff), "roster", number=len(staff)),
        _result(language, all(who.id in bound for who in staff), "bound", number=sum(who.id in bound for who in staff), total=len(staff)),
        _result(language, bool(plans), "plans", number=len(plans)),
        _result(language, not short, "draws", titles="、".join(short)),
        _result(language, not unknown, "audiences", names="、".join(unknown)),
        _result(language, not alone, "heirs", units="、".join(each.name for each in alone[:10]), number=len(alone)),
        _result(language, not house.public_url.startswith("http://127."), "public_url", url=house.public_url),
        *wecom,
    ]  # fmt: skip


def _result(language: str, fine: bool, key: str, **values: object) -> tuple[bool, str]:
    return fine, say(language, f"doctor.{key}_{'well' if fine else 'ill'}", **values)


LOOKS: dict[str, Look] = {
    "rounds": rounds_list,
    "report": report,
    "preview": preview,
    "verify": verify,
    "confirm": confirm,
    "doctor": doctor,
}
