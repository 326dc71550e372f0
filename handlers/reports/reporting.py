"""What the clock tells people: the figures to leaders at their times, and to admins what went wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from handlers import codec
from handlers.messages import Reply
from handlers.reports import figures
from handlers.turns import Deployment
from handlers.words import say
from quizzes.people import Person, RoleName
from quizzes.rounds import Round, State
from quizzes.rounds import report_due as due_reports
from storage import accounts, deliveries, keep, people, rounds
from storage.database import Store

LOOK_BACK = timedelta(days=1)


def report_due(store: Store, now: datetime, house: Deployment, is_workday: Callable[[date], bool]) -> bool:
    """Send one weekly report that fell due in the last day; True if it did."""
    for plan, applied_at in rounds.plans(store):
        if plan.report is None or plan.report.every == "close":
            continue
        since = max(applied_at, now - LOOK_BACK)
        for due in due_reports(plan, is_workday, house.zone, since, now + timedelta(microseconds=1)):
            newest = _latest_of(store, plan.key)
            if newest is not None and keep.once(store, f"report:{plan.key}:{due.due_on.isoformat()}", now):
                _to_leaders(store, newest, f"report:{plan.key}:{due.due_on.isoformat()}", now, house)
                return True
    return False


def after_close(store: Store, what: Round, now: datetime, house: Deployment) -> None:
    """A plan that reports at close: the figures go out when they are final; after a make-up, those of both together."""
    plan = rounds.plan_of(store, what.origin)
    if plan is not None and plan.report is not None and plan.report.every == "close":
        shown = what if what.of_round_id is None else rounds.get(store, what.of_round_id)
        _to_leaders(store, shown, f"report:{what.plan_key}:{what.due_on.isoformat()}", now, house)


def _latest_of(store: Store, plan_key: str) -> Round | None:
    found = [
        what for what in rounds.latest(store, 20, State.OPEN, State.CLOSING, State.CLOSED) if what.plan_key == plan_key
    ]
    return found[0] if found else None


def _to_leaders(store: Store, what: Round, key: str, now: datetime, house: Deployment) -> None:
    _owe(store, key, RoleName.LEADER, lambda leader: figures.report(store, what.id, leader, house, now), now)


def tell_admins(store: Store, key: str, sentence: str, now: datetime, **values: object) -> None:
    """One notice to every admin who can be reached, once per key."""
    _owe(store, key, RoleName.ADMIN, lambda admin: Reply(say(admin.language, sentence, **values)), now)


def owe_admins(store: Store, key: str, words: Callable[[Person], Reply], now: datetime) -> None:
    """The same with a reply of their own, buttons and all."""
    _owe(store, key, RoleName.ADMIN, words, now)


def _owe(store: Store, key: str, role: RoleName, words: Callable[[Person], Reply], now: datetime) -> None:
    """Owe everybody of a role who can be reached one message in their language."""
    holders = sorted({r.person_id for r in people.holders(store, role)})
    for person_id, (account_id, _) in accounts.reachable_accounts(store, holders).items():
        holder = people.person_of(store, person_id)
        if holder is not None:
            body = codec.to_json(store, words(holder), person_id, now)
            deliveries.plan(store, f"{key}:{person_id}", account_id, "report", body, now)
