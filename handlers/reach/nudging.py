"""提醒未参考: one reminder to those who have not finished, after showing how many it reaches and who is left in peace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers.commands import choice
from handlers.messages import Reply
from handlers.reach import reminding
from handlers.reach.missing import asked
from handlers.turns import Turn
from quizzes.rounds import Round, State
from storage import audit, deliveries, rounds
from storage import missing as lists
from storage.database import Store

TOLD = ("over", "enough", "late", "unreached", "resting", "waiting", "done_today", "spent")


@dataclass(frozen=True, slots=True)
class Reached:
    """The numbers of those to remind, how many are left out, by why (a word of TOLD), and how many get theirs only when their
    quiet hours are over. `at`: when the others get it."""

    absent: int
    send: tuple[int, ...]
    left: Mapping[str, int]
    later: int
    at: datetime


def nudge(turn: Turn, store: Store) -> list[Reply]:
    """Show what one reminder would do, and offer to send it."""
    what = asked(store, turn.arguments)
    return [_refusal(turn, what) or _preview(turn, store, what)]


def confirm(turn: Turn, store: Store) -> list[Reply]:
    """「确认提醒 12 30」: send it, if it still reaches as many as were shown."""
    numbers = [word for word in turn.arguments if word.isdecimal()]
    what = asked(store, numbers[:1])
    if refused := _refusal(turn, what):
        return [refused]
    assert what is not None
    reached = reach(turn, store, what)
    if len(numbers) < 2 or int(numbers[1]) != len(reached.send) or not reached.send:
        return [_preview(turn, store, what, turn.say("missing.nudge_changed"))]
    sent = reminding.remind(store, what, _key(turn, what), turn.now, turn.house, only=set(reached.send))
    audit.record(store, turn.me.id, "reminder.nudge", f"round:{what.id}", {"people": sent}, turn.now)
    buttons = (choice(turn.language, "missing", what.id), choice(turn.language, "reminders", what.id))
    return [Reply(turn.say("missing.nudged", people=sent), choices=buttons)]


def reach(turn: Turn, store: Store, what: Round) -> Reached:
    """Whom one reminder reaches; everybody left out is counted once, under the first reason that fits. Nobody is nudged twice a day."""
    absent = {each.person_id for each in lists.missing(store, what, turn.house.today(turn.now)) if each.absent}
    today = deliveries.owed_to(store, _key(turn, what) + ":", what.id) & absent
    found = reminding.chosen(store, what, turn.now, turn.house, absent - today)
    left = {**found.left, "done_today": len(today)}
    left["spent"] = len(absent) - len(found.send) - sum(left.values())
    usual = turn.house.days.slot(turn.now, what.closes_at)
    at = usual.at if usual else what.closes_at
    later = sum(each.slot.at > at for each in found.send)
    return Reached(len(absent), tuple(each.person_id for each in found.send), left, later, at)


def _key(turn: Turn, what: Round) -> str:
    return f"nudge:{what.id}:{turn.house.today(turn.now).isoformat()}"


def _refusal(turn: Turn, what: Round | None) -> Reply | None:
    if what is None:
        return Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))
    if what.state is not State.OPEN:
        return Reply(
            turn.say("missing.nudge_not_open", title=what.title), choices=(choice(turn.language, "figures", what.id),)
        )
    return None


def _preview(turn: Turn, store: Store, what: Round | None, first: str = "") -> Reply:
    assert what is not None
    reached = reach(turn, store, what)
    lines = [first] if first else []
    lines.append(turn.say("missing.nudge_preview", title=what.title, absent=reached.absent, send=len(reached.send)))
    plan = rounds.plan_of(store, what.origin)
    most = {"over": turn.house.weekly_touches, "enough": plan.remind_most if plan else None}
    for name in TOLD:
        if number := reached.left.get(name, 0):
            lines.append(turn.say(f"missing.nudge_{name}", people=number, most=most.get(name)))
    if not reached.send:
        lines.append(turn.say("missing.nudge_nobody"))
        return Reply("\n".join(lines), choices=(choice(turn.language, "missing", what.id),))
    if reached.at > turn.now:
        lines.append(turn.say("missing.nudge_hours", at=turn.house.moment(turn.language, reached.at)))
    if reached.later:
        lines.append(turn.say("missing.nudge_quiet", people=reached.later))
    label = turn.say("missing.nudge_confirm", people=len(reached.send))
    confirmed = choice(turn.language, "confirm_nudge", what.id, len(reached.send), label=label)
    return Reply("\n".join(lines), choices=(confirmed, choice(turn.language, "cancel")))
