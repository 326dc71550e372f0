"""What the clock tells people: the figures to leaders at their times, and to admins what went wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from handlers import codec, figures
from handlers.messages import Reply
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
    """A plan that reports at close: the figures go out when they are final."""
    plan = rounds.plan_of(store, what.plan_key)
    if plan is not None and plan.report is not None and plan.report.every == "close":
        _to_leaders(store, what, f"report:{what.plan_key}:{what.due_on.isoformat()}", now, house)


def _latest_of(store: Store, plan_key: str) -> Round | None:
    found = [
        what for what in rounds.latest(store, 20, State.OPEN, State.CLOSING, State.CLOSED) if what.plan_key == plan_key
    ]
    return found[0] if found else None


def _to_leaders(store: Store, what: Round, key: str, now: datetime, house: Deployment) -> None:
    leaders = sorted({r.person_id for r in people.holders(store, RoleName.LEADER)})
    for person_id, (account_id, _) in accounts.reachable_accounts(store, leaders).items():
        leader = people.person_of(store, person_id)
        if leader is not None:
            _owe(
                store,
                f"{key}:{person_id}",
                account_id,
                "report",
                figures.report(store, what.id, leader, house, now),
                leader,
                now,
            )


def tell_admins(store: Store, key: str, sentence: str, now: datetime, **values: object) -> None:
    """One notice to every admin who can be reached, once per key."""
    admins = sorted({r.person_id for r in people.holders(store, RoleName.ADMIN)})
    for person_id, (account_id, _) in accounts.reachable_accounts(store, admins).items():
        admin = people.person_of(store, person_id)
        if admin is not None:
            _owe(
                store,
                f"{key}:{person_id}",
                account_id,
                "report",
                Reply(say(admin.language, sentence, **values)),
                admin,
                now,
            )


def _owe(store: Store, key: str, account_id: int, kind: str, reply: Reply, to: Person, now: datetime) -> None:
    deliveries.plan(store, key, account_id, kind, codec.to_json(store, reply, to.id, now), now)
