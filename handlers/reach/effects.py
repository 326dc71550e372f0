"""提醒效果: how many each reminder of a round went to, and how many of them finished afterwards; so that useless ones are seen."""

from __future__ import annotations

from handlers.commands import choice
from handlers.messages import Reply
from handlers.reach.missing import asked
from handlers.turns import Turn
from quizzes.rounds import State
from storage import reminders, rounds
from storage.database import Store
from storage.reminders import Effect

SHOWN = 30


def effects(turn: Turn, store: Store) -> list[Reply]:
    """「提醒效果」 or 「提醒效果 12」."""
    what = asked(store, turn.arguments)
    if what is None:
        return [Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))]
    found = reminders.effects(store, what.id)
    back = (choice(turn.language, "missing", what.id), choice(turn.language, "road", what.id))
    if not found:
        return [Reply(turn.say("reminders.effects_none", title=what.title), choices=back)]
    lines = [turn.say("reminders.effects_head", title=what.title, reminders=len(found))]
    if len(found) > SHOWN:
        lines.append(turn.say("reminders.effects_last", shown=SHOWN))
    closed = what.state is State.CLOSED
    lines += [_line(turn, each, closed=closed) for each in found[-SHOWN:]]
    plan = rounds.plan_of(store, what.origin)
    if plan is not None and plan.remind_most is not None:
        lines.append(turn.say("reminders.effects_most", most=plan.remind_most))
    lines.append(turn.say("reminders.effects_meaning"))
    return [Reply("\n".join(lines), choices=back)]


def _line(turn: Turn, each: Effect, *, closed: bool) -> str:
    kind = "nudge" if each.key.startswith("nudge:") else "planned"
    key = "effect_closed" if closed else "effect_open"
    return turn.say(f"reminders.{key}", at=turn.house.moment(turn.language, each.at), kind=turn.say(f"reminders.kind_{kind}"),
                    sent=each.sent, day=each.within_a_day, close=each.finished)  # fmt: skip
