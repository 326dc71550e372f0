"""What commands write: one table, run directly on a quiet workspace, or by the running server when asked over loopback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from handlers.foreign import Unreadable
from handlers.messages import BotError
from handlers.people import roster_import, roster_words
from handlers.people.granting import first_admin
from handlers.rounds import managing, opening
from handlers.turns import Deployment
from handlers.words import say
from quizzes.rounds import State
from storage import audit, rosters, rounds
from storage.database import Store

Order = Callable[[Store, Deployment, Mapping[str, Any], datetime], Any]


def open_round(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> str:
    """Open a round of a plan by hand; the running clock, or the next start, opens it at once."""
    plan = rounds.plan_of(store, str(asked["plan"]))
    if plan is None:
        known = ", ".join(p.key for p, _ in rounds.plans(store)) or "—"
        raise BotError("terminal.no_plan", plan=asked["plan"], known=known)
    occurrence = managing.by_hand(plan, house, now)
    draft = managing.draft(plan, occurrence)
    if short := opening.shortfall(store, draft):
        raise BotError("clock.short", title=plan.title, line=short.line, wanted=short.want.count, found=short.found)
    if unknown := opening.strangers(store, draft):
        raise BotError("clock.strangers", title=plan.title, names=", ".join(unknown))
    due = len(opening.due_people(store, draft, house))
    if managing.start(store, plan, occurrence, house.secret, None, now) is None:
        raise BotError("rounds.exists", title=plan.title, day=occurrence.due_on)
    return say(str(asked["language"]), "rounds.opening", title=plan.title, people=due)


def close_round(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> str:
    """Close an open round now."""
    number = int(asked["number"])
    found = next((what for what in rounds.in_state(store, State.OPEN) if what.id == number), None)
    if found is None:
        raise BotError("terminal.no_open_round", number=number)
    managing.end_early(store, found, now)
    audit.record(store, None, "round.close", f"round:{number}", {"by": "command"}, now)
    return say(str(asked["language"]), "rounds.closing", title=found.title)


def invite(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> str:
    """The first administrator, who is put on the roster if nobody of that name is in the unit: a login link for one day."""
    code = first_admin(store, str(asked["person"]), str(asked["unit"]), now, zone=house.zone)
    return f"{house.public_url}/enter/{code}"


def announced(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> None:
    """A word that went to departments or tags of a platform, as the audit keeps it: to whom and how many, not what it said."""
    details = {"to": [f"{name} {number}" for name, number in asked["to"]], "by": "command"}
    audit.record(store, None, "announce", "channel:wecom", details, now)


def import_roster(store: Store, house: Deployment, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A roster file against the store; with `apply` its sound rows become dated rows. {"text", "clean"}."""
    path, language, day = Path(str(asked["file"])), str(asked["language"]), house.today(now)
    if not path.is_file():
        raise BotError("terminal.file_missing", path=path)
    try:
        found = roster_import.examine(store, path.name, path.read_bytes(), day)
    except Unreadable as problem:
        raise BotError(f"tables.{problem.code}", **problem.values) from problem
    text = roster_words.report(partial(say, language), found, names=True)
    if not asked["apply"]:
        return {"text": f"{text}\n\n{say(language, 'terminal.roster_hint')}", "clean": not found.file.problems}
    rosters.apply(store, found.diff, found.standing, day, None, now)
    audit.record(store, None, "roster.import", f"file:{path.name}", roster_words.counts(found), now)
    return {"text": f"{text}\n\n{say(language, 'terminal.roster_applied')}", "clean": not found.file.problems}


ORDERS: dict[str, Order] = {
    "round.open": open_round,
    "round.close": close_round,
    "invite": invite,
    "roster": import_roster,
    "announced": announced,
}
