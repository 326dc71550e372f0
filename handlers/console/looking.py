"""What commands read: the rounds, the rates of one, a preview as a given person, a recount of everything, the state of things."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

from handlers import spreadsheets
from handlers.messages import BotError
from handlers.reports import drawing
from handlers.rights import ALL, Scope
from handlers.rounds import managing, opening
from handlers.turns import Deployment
from handlers.views.figures import RoundFigures, Row, round_figures, trend
from handlers.words import say
from quizzes.grading import shown_options
from quizzes.papers import draw, paper_seed
from quizzes.people import RoleName
from quizzes.plans import Plan
from quizzes.rates import Tally, percent
from quizzes.rounds import Round, State
from storage import accounts, audit, figures, people, pools, recounting, rounds
from storage.database import Store
from storage.people import Placed

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
    """The figures of a round as {"title", "rows"} for a table, or {"content"} as xlsx or png bytes."""
    language, form = str(asked["language"]), str(asked["form"])
    try:
        shown = round_figures(store, int(asked["number"]), EVERYTHING, now)
    except KeyError as error:
        raise BotError("terminal.no_round", number=asked["number"]) from error
    if form in ("table", "json"):
        return {"title": shown.title, "rows": _figures_rows(shown, language)}
    if form == "png":
        return {
            "content": drawing.png(
                shown, trend(store, "assessed" if shown.assessed else "practice", EVERYTHING), language, house
            )
        }
    if form == "xlsx":
        return {"content": _workbook(shown, language, now)}
    raise BotError("terminal.bad_format", form=form)


def _figures_rows(shown: RoundFigures, language: str) -> list[tuple[Any, ...]]:
    return [_figures_row(row) for row in (*shown.rows, replace(shown.total, name=say(language, "terminal.total")))]


def _figures_row(row: Row) -> tuple[Any, ...]:
    t = row.tally
    return (row.name, t.roster, t.exempt, t.due, t.sat, t.passed, t.excellent, percent(t.sat, t.due), percent(t.passed, t.sat),
            percent(t.passed, t.due), percent(t.excellent, t.sat))  # fmt: skip


def _workbook(shown: RoundFigures, language: str, now: datetime) -> bytes:
    columns = say(language, "terminal.report_columns").split("|")
    rows = [list(row) for row in _figures_rows(shown, language)]
    definitions = [[line] for line in say(language, "figures.definitions").splitlines()]
    sheets = [spreadsheets.Sheet(say(language, "terminal.sheet_rates"), columns, rows),
              spreadsheets.Sheet(say(language, "terminal.sheet_definitions"), [shown.title], definitions)]  # fmt: skip
    return spreadsheets.workbook(sheets, now)


def preview(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> list[str]:
    """What one person would see of a plan opened now, or why they would be blocked; the questions are a sample, not the real paper."""
    language = str(asked["language"])
    plan = rounds.plan_of(store, str(asked["plan"]))
    if plan is None:
        raise BotError(
            "terminal.no_plan", plan=asked["plan"], known=", ".join(p.key for p, _ in rounds.plans(store)) or "—"
        )
    found = people.placed(store, house.today(now), name=str(asked["person"]))
    if not found:
        raise BotError("terminal.preview_nobody", name=asked["person"])
    drafted = managing.draft(plan, managing.by_hand(plan, house, now))
    if unknown := opening.strangers(store, drafted):
        raise BotError("clock.strangers", title=plan.title, names=", ".join(unknown))
    lines: list[str] = []
    for who in found:
        lines += [
            say(language, "terminal.preview_person", name=who.name, unit=who.unit),
            *_for_one(store, house, plan, drafted, who, language, now),
        ]
    return lines


def _for_one(
    store: Store, house: Deployment, plan: Plan, drafted: Round, who: Placed, language: str, now: datetime
) -> list[str]:
    day = house.today(now)
    blocked = ""
    if who.id not in {e.person_id for e in opening.due_people(store, drafted, house)}:
        blocked = "not_due"
    elif who.id in rounds.exempt_people(store, drafted.id, day):
        blocked = "exempt"
    elif who.id in rounds.on_leave(store, day):
        blocked = "leave"
    if blocked:
        return [
            "  "
            + say(language, "terminal.preview_blocked", title=plan.title, why=say(language, f"terminal.why_{blocked}"))
        ]
    reach = accounts.reachable_accounts(store, [who.id]).get(who.id)
    words = (
        say(language, "terminal.preview_reach", channel=reach[1])
        if reach
        else say(language, "terminal.preview_unbound")
    )
    pool = pools.would_draw_from(store, plan.draw)
    asked = {item.revision_id: question for item, question in zip(pool.items, pool.questions, strict=True)}
    lines = [
        "  " + say(language, "terminal.preview_due", title=plan.title, reach=words),
        "  " + say(language, "terminal.preview_paper"),
    ]
    for slot in draw(pool, plan.draw, Random(paper_seed(0, who.id, 1)), ()):  # noqa: S311 (a sample)
        question = asked[slot.revision_id].item(slot.item)
        options = "　".join(
            f"{letter}. {text}" for letter, text in zip("ABCDEFGHIJ", shown_options(question, slot.order), strict=False)
        )
        lines.append(f"    {question.stem}　{options}")
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
    return found


def doctor(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> list[tuple[bool, str]]:
    """(is it well, the sentence) for each thing that an officer can mend."""
    language, day = str(asked["language"]), house.today(now)
    admins = {r.person_id for r in people.holders(store, RoleName.ADMIN)}
    staff = people.placed(store, day)
    bound = accounts.reachable_accounts(store)
    plans = rounds.plans(store)
    drafts = [managing.draft(plan, managing.by_hand(plan, house, now)) for plan, _ in plans]
    short = [what.title for what in drafts if opening.shortfall(store, what)]
    unknown = sorted({name for what in drafts for name in opening.strangers(store, what)})
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
        _result(language, not house.public_url.startswith("http://127."), "public_url", url=house.public_url),
    ]  # fmt: skip


def _result(language: str, fine: bool, key: str, **values: object) -> tuple[bool, str]:
    return fine, say(language, f"doctor.{key}_{'well' if fine else 'ill'}", **values)


LOOKS: dict[str, Look] = {
    "rounds": rounds_list,
    "report": report,
    "preview": preview,
    "verify": verify,
    "doctor": doctor,
}
