"""Reminders: at a plan's times, inside working hours, only to those who have not finished, within the weekly budget, never after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from handlers.commands import choice
from handlers.messages import Reply
from handlers.turns import Deployment
from handlers.words import say
from quizzes.reminding import Slot, in_quiet
from quizzes.rounds import Occurrence, Round, State
from storage import accounts, deliveries, keep, missing, reminders, rounds
from storage.database import Store
from storage.deliveries import Addressed, Claimed

TOO_LATE = timedelta(hours=1)
LEFT_OUT = ("resting", "unreached", "waiting", "enough", "late", "over")
"""Why somebody is not reminded; the first that fits."""


@dataclass(frozen=True, slots=True)
class Going:
    """One reminder: to whom, where, and when it goes."""

    enrolment_id: int
    person_id: int
    account_id: int
    channel: str
    slot: Slot


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom one reminder of a round reaches, and how many it leaves out, by why (a word of LEFT_OUT)."""

    send: tuple[Going, ...]
    left: Mapping[str, int]


def remind_due(store: Store, now: datetime, house: Deployment, is_workday: Callable[[date], bool]) -> bool:
    """Plan the reminders of one due time of one open round; True if it did. A time that passed more than an hour ago is let go."""
    here = replace(house, is_workday=is_workday)
    for what in rounds.in_state(store, State.OPEN):
        plan = rounds.plan_of(store, what.origin)
        if plan is None:
            continue
        occurrence = Occurrence(what.plan_key, what.due_on, what.opens_at, what.closes_at)
        for at in here.days.moments(plan, occurrence):
            if at <= now < at + TOO_LATE and keep.once(store, f"remind:{what.id}:{at.isoformat()}", now):
                remind(store, what, f"round:{what.id}:remind:{at.isoformat()}", now, here)
                return True
    return False


def remind(store: Store, what: Round, key: str, now: datetime, house: Deployment, *, only: Collection[int] | None = None) -> int:  # fmt: skip
    """Plan a reminder to everybody whom `chosen` leaves in (or those of `only`), and give how many."""
    send = [each for each in chosen(store, what, now, house).send if only is None or each.person_id in only]
    for slot in dict.fromkeys(each.slot for each in send):
        some = [
            Addressed(f"{key}:{each.person_id}", each.person_id, each.account_id, each.channel, {"enrolment": each.enrolment_id}, slot.at)
            for each in send if each.slot == slot
        ]  # fmt: skip
        deliveries.plan_many(store, "reminder", some, now, expires_at=slot.until, round_id=what.id)
    return len(send)


def chosen(store: Store, what: Round, now: datetime, house: Deployment, only: Collection[int] | None = None) -> Chosen:
    """Whom a reminder of a round due now reaches: nobody on leave or with a request that waits, nobody a reminder is on its way to,
    or who has had as many as the plan allows, or the week's touches. Who asked for quiet now gets it afterwards, if it is of use."""
    lines = [line for line in reminders.unfinished(store, what) if only is None or line.person_id in only]
    numbers = [line.person_id for line in lines]
    reachable, told = accounts.reachable_accounts(store, numbers), reminders.told(store, what.id)
    resting = rounds.on_leave(store, house.today(now)) | missing.pending(store, what).keys()
    plan, spans = rounds.plan_of(store, what.origin), reminders.quiet_spans(store)
    most, usual = plan.remind_most if plan else None, house.days.slot(now, what.closes_at)
    slots = {who: house.days.slot(now, what.closes_at, spans[who]) if who in spans else usual for who in numbers}
    spent = _spent(store, slots, house)
    send, left = [], Counter[str]()
    for line in lines:
        who, before = line.person_id, told.get(line.person_id, reminders.Told())
        slot, way = slots[who], reachable.get(who)
        checks = (who in resting, way is None, before.waiting, most is not None and before.times >= most, slot is None,
                  spent.get(who, 0) >= house.weekly_touches)  # fmt: skip
        why = next((name for name, holds in zip(LEFT_OUT, checks, strict=True) if holds), "")
        if why or slot is None or way is None:
            left[why] += 1
        else:
            send.append(Going(line.id, who, *way, slot))
    return Chosen(tuple(send), left)


def _spent(store: Store, slots: Mapping[int, Slot | None], house: Deployment) -> dict[int, int]:
    """What of each person's touches is spent in the week in which theirs would go."""
    weeks: dict[datetime, list[int]] = {}
    for who, slot in slots.items():
        if slot is not None:
            weeks.setdefault(week_start(slot.at, house), []).append(who)
    found: dict[int, int] = {}
    for week, whose in weeks.items():
        found |= reminders.spent(store, week, whose)
    return found


def may_go(store: Store, each: Claimed, house: Deployment, now: datetime) -> bool:
    """Whether a reminder, or names handed over, may be sent at this moment, however long it lay. The budget bounds reminders only."""
    if not house.days.works(now) or in_quiet(now, reminders.quiet_of(store, each.person_id), house.zone):
        return False
    return (
        each.kind == "handover"
        or reminders.already_sent(store, week_start(now, house), each.person_id, each.id) < house.weekly_touches
    )


def week_start(now: datetime, house: Deployment) -> datetime:
    """Monday 00:00 of the week, in the deployment's zone: the budget of touches is counted from there."""
    today = house.today(now)
    return datetime.combine(today - timedelta(days=today.weekday()), time(), house.zone)


def reminder(language: str, title: str, closes: str, started_left: int) -> Reply:
    """What a reminder says: how much is left, until when, and one button."""
    key = "quiz.reminder_started" if started_left else "quiz.reminder"
    said = say(language, key, title=title, closes=closes, left=started_left)
    return Reply(said, choices=(choice(language, "today"), choice(language, "why")))
