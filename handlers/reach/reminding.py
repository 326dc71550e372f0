"""Reminders: at a plan's times, only to those who have not finished, within the weekly budget of touches, never after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from handlers.commands import choice
from handlers.messages import Reply
from handlers.turns import Deployment
from handlers.words import say
from quizzes.rounds import Occurrence, Round, State, remind_times
from storage import accounts, deliveries, keep, rounds
from storage.database import Store

TOO_LATE = timedelta(hours=1)


def remind_due(store: Store, now: datetime, house: Deployment, is_workday: Callable[[date], bool]) -> bool:
    """Plan the reminders of one due time of one open round; True if it did. A time that passed more than an hour ago is let go."""
    for what in rounds.in_state(store, State.OPEN):
        plan = rounds.plan_of(store, what.origin)
        if plan is None:
            continue
        occurrence = Occurrence(what.plan_key, what.due_on, what.opens_at, what.closes_at)
        for at in remind_times(plan, occurrence, is_workday, house.zone):
            if at <= now < at + TOO_LATE and keep.once(store, f"remind:{what.id}:{at.isoformat()}", now):
                remind(store, what, f"round:{what.id}:remind:{at.isoformat()}", now, house)
                return True
    return False


def remind(
    store: Store, what: Round, key: str, now: datetime, house: Deployment, *, only: Sequence[int] | None = None
) -> int:
    """Plan a reminder to everybody reachable who has not finished (or those of `only`), and give how many. Left out: who is on
    leave, who has had the week's touches, who asked for quiet at this hour."""
    missing = [r for r in rounds.unfinished(store, what.id) if only is None or r.person_id in only]
    reachable = accounts.reachable_accounts(store, [r.person_id for r in missing])
    spent = deliveries.touches_since(store, week_start(now, house))
    resting = rounds.on_leave(store, house.today(now)) | accounts.quiet_now(store, now.astimezone(house.zone).hour)
    rows: list[dict[str, Any]] = []
    for each in missing:
        if (
            each.person_id in reachable
            and each.person_id not in resting
            and spent.get(each.person_id, 0) < house.weekly_touches
        ):
            account_id, channel = reachable[each.person_id]
            rows.append(
                {"key": f"{key}:{each.person_id}", "person_id": each.person_id, "account_id": account_id, "channel": channel,
                 "kind": "reminder", "body": {"enrolment": each.id}, "priority": deliveries.PRIORITY["reminder"],
                 "created_at": now, "not_before": now, "expires_at": what.closes_at, "round_id": what.id}
            )  # fmt: skip
    if rows:
        store.run(deliveries.insert_once(store), rows)
    return len(rows)


def week_start(now: datetime, house: Deployment) -> datetime:
    """Monday 00:00 of the week, in the deployment's zone: the budget of touches is counted from there."""
    today = house.today(now)
    return datetime.combine(today - timedelta(days=today.weekday()), time(), house.zone)


def reminder(language: str, title: str, closes: str, started_left: int) -> Reply:
    """What a reminder says: how much is left, until when, and one button."""
    key = "quiz.reminder_started" if started_left else "quiz.reminder"
    said = say(language, key, title=title, closes=closes, left=started_left)
    return Reply(said, choices=(choice(language, "today"), choice(language, "why")))
