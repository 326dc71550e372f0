"""场次: rounds opened and closed by hand, after showing what will happen."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from handlers import codec
from handlers.commands import choice
from handlers.messages import Choice, Reply
from handlers.people import retiring
from handlers.rounds import opening
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.plans import Plan
from quizzes.rounds import Occurrence, Round, State, instant
from storage import accounts, answers, audit, deliveries, form_plans, rounds
from storage.database import Store
from storage.deliveries import Addressed

SHOWN = 8
MINIMUM = timedelta(hours=1)
YES = "yes"


def rounds_now(turn: Turn, store: Store) -> list[Reply]:
    """The last rounds with their states, and a button for each thing that can be done."""
    found = rounds.latest(store, SHOWN, *State)
    lines = [
        turn.say(
            "rounds.line",
            id=r.id,
            title=r.title,
            day=turn.house.day(turn.language, r.due_on),
            state=turn.say(f"rounds.state_{r.state.value}"),
        )
        for r in found
    ]
    buttons = [
        choice(turn.language, "close_round", r.id, label=turn.say("rounds.close_button", id=r.id))
        for r in found
        if r.state is State.OPEN
    ]
    from_forms = form_plans.keys(store)
    buttons += [choice(turn.language, "cancel_exam", r.id, label=turn.say("notice.cancel_button", number=r.id))
                for r in found if r.state is State.PLANNED and r.plan_key in from_forms]  # fmt: skip
    buttons += [choice(turn.language, "open_round", plan.key, label=turn.say("rounds.open_button", title=plan.title))
                for plan, _ in rounds.plans(store) if plan.key not in from_forms]  # fmt: skip
    buttons.append(choice(turn.language, "new_exam"))
    return [Reply("\n".join([turn.say("rounds.head"), *(lines or [turn.say("rounds.none")])]), choices=tuple(buttons))]


def open_round(turn: Turn, store: Store) -> list[Reply]:
    """「开放答题 <plan>」: says who would be due and until when; with 「yes」 behind it, opens. One round a plan and day."""
    words = turn.arguments
    plan = rounds.plan_of(store, words[0]) if words else None
    if plan is None:
        return rounds_now(turn, store)
    occurrence = by_hand(plan, turn.house, turn.now)
    if rounds.is_taken(store, plan.key, occurrence.due_on):
        return [
            Reply(
                turn.say("rounds.exists", title=plan.title, day=turn.house.day(turn.language, occurrence.due_on)),
                choices=_back(turn),
            )
        ]
    drafted = draft(plan, occurrence)
    short = opening.shortfall(store, drafted)
    if short is not None:
        return [
            Reply(
                turn.say("clock.short", title=plan.title, line=short.line, wanted=short.want.count, found=short.found)
            )
        ]
    if unknown := opening.strangers(store, drafted):
        return [Reply(turn.say("clock.strangers", title=plan.title, names=", ".join(unknown)))]
    due = opening.due_people(store, drafted, turn.house)
    if words[1:2] != [YES]:
        said = turn.say("rounds.would_open", title=plan.title, people=len(due), units=len({e.bureau_id for e in due}), closes=turn.house.moment(turn.language, occurrence.closes_at),
                        counts=turn.say(f"rounds.{plan.counts}", notice=plan.notice))  # fmt: skip
        return [
            Reply(
                said,
                choices=(
                    choice(turn.language, "open_round", plan.key, YES, label=turn.say("rounds.confirm_open")),
                    *_cancel(turn),
                ),
            )
        ]
    number = start(store, plan, occurrence, turn.house.secret, turn.me.id, turn.now)
    if number is not None:
        retiring.propose(store, rounds.get(store, number), turn.house, turn.now)
    return [Reply(turn.say("rounds.opening", title=plan.title, people=len(due)), choices=_back(turn))]


def start(
    store: Store, plan: Plan, occurrence: Occurrence, secret: bytes, actor_id: int | None, now: datetime
) -> int | None:
    """Put a round opened by hand on the books; the clock opens it within a second. None if the day has one already. Its seed comes
    from the deployment's secret, so that nobody can foretell the papers."""
    seed = int.from_bytes(hmac.digest(secret, f"round:{plan.key}:{now.isoformat()}".encode(), "sha256")[:7], "big")
    number = rounds.add(
        store, plan, occurrence, state=State.PLANNED, closes_at=occurrence.closes_at, late=False, seed=seed,
        by_hand=True)  # fmt: skip
    if number is not None:
        audit.record(
            store,
            actor_id,
            "round.open",
            f"round:{number}",
            {"plan": plan.key, "day": occurrence.due_on.isoformat()},
            now,
        )
    return number


def by_hand(plan: Plan, house: Deployment, now: datetime) -> Occurrence:
    """The occurrence of a plan that opens now: it closes when the plan says, or in an hour if that is over or nearly so."""
    today = house.today(now)
    closes = instant(today + timedelta(days=plan.closes_after), plan.closes_at, house.zone)
    return Occurrence(plan.key, today, now, max(closes, now + MINIMUM))


def draft(plan: Plan, occurrence: Occurrence) -> Round:
    return Round(0, plan.key, occurrence.due_on, plan.title, plan.counts, plan.notice, occurrence.opens_at, occurrence.closes_at,
                 State.PLANNED, False, plan.rules, plan.draw, plan.who, plan.avoid_repeats_days, 0, variants=plan.variants)  # fmt: skip


def close_round(turn: Turn, store: Store) -> list[Reply]:
    """「结束答题 <number>」: says how many have not sat; with 「yes」 behind it, closes now."""
    words = turn.arguments
    open_now = {str(r.id): r for r in rounds.in_state(store, State.OPEN)}
    what = open_now.get(words[0]) if words else None
    if what is None:
        return rounds_now(turn, store)
    waiting = sum(bool(r.counted) for r in rounds.unfinished(store, what.id))
    sitting = _stopped(store, what)
    if words[1:2] != [YES]:
        said = turn.say("rounds.would_close", title=what.title, waiting=waiting)
        said += turn.say("rounds.would_stop", people=len(sitting)) if sitting else ""
        return [
            Reply(
                said,
                choices=(
                    choice(turn.language, "close_round", what.id, YES, label=turn.say("rounds.confirm_close")),
                    *_cancel(turn),
                ),
            )
        ]
    end_early(store, what, turn.now)
    audit.record(
        store, turn.me.id, "round.close", f"round:{what.id}", {"waiting": waiting, "sitting": len(sitting)}, turn.now
    )
    return [Reply(turn.say("rounds.closing", title=what.title), choices=_back(turn))]


def end_early(store: Store, what: Round, now: datetime) -> None:
    """End an open round now, and owe a word to whoever was sitting it; it costs no touch, for they have the paper before them."""
    sitting = _stopped(store, what)
    rounds.end_now(store, what.id, now)
    if what.rules.late == "cut":
        answers.cut(store, what.id, now)
    owed = []
    for person_id, (account_id, channel) in accounts.reachable_accounts(store, sitting).items():
        language = accounts.language_of(store, person_id)
        said = Reply(say(language, "rounds.stopped", title=what.title), choices=(choice(language, "exam"),))
        body = codec.to_json(store, said, person_id, now)
        owed.append(Addressed(f"stopped:{what.id}:{person_id}", person_id, account_id, channel, body, now))
    deliveries.plan_many(store, "answer", owed, now, round_id=what.id)


def _stopped(store: Store, what: Round) -> list[int]:
    return rounds.stopped(store, what) if what.rules.exam else []


def _back(turn: Turn) -> tuple[Choice, ...]:
    return (choice(turn.language, "rounds"), choice(turn.language, "missing"))


def _cancel(turn: Turn) -> tuple[Choice, ...]:
    return (choice(turn.language, "cancel"),)
