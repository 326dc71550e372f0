"""提醒未参考: one reminder to those who have not finished, after showing how many it reaches and who is left in peace."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.commands import choice
from handlers.messages import Reply
from handlers.reach import reminding
from handlers.reach.missing import asked
from handlers.turns import Turn
from quizzes.missing import Reason
from quizzes.rounds import Round, State
from storage import accounts, audit, deliveries
from storage import missing as lists
from storage.database import Store

IN_PEACE = (Reason.PENDING, Reason.LEAVE)


@dataclass(frozen=True, slots=True)
class Reached:
    """The numbers of those to remind now, and how many are left out, by why."""

    absent: int
    send: tuple[int, ...]
    resting: int
    unreached: int
    over: int
    quiet: int
    done_today: int


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
    sent = reminding.remind(store, what, _key(turn, what), turn.now, turn.house, only=reached.send)
    audit.record(store, turn.me.id, "reminder.nudge", f"round:{what.id}", {"people": sent}, turn.now)
    return [Reply(turn.say("missing.nudged", people=sent), choices=(choice(turn.language, "missing", what.id),))]


def reach(turn: Turn, store: Store, what: Round) -> Reached:
    """Whom one reminder reaches now; everybody left out is counted once, under the first reason that fits."""
    found = [each for each in lists.missing(store, what, turn.house.today(turn.now)) if each.absent]
    reachable = accounts.reachable_accounts(store, [each.person_id for each in found])
    spent = deliveries.touches_since(store, reminding.week_start(turn.now, turn.house))
    quiet = accounts.quiet_now(store, turn.now.astimezone(turn.house.zone).hour)
    today = deliveries.owed_to(store, _key(turn, what) + ":", what.id)
    send, left = [], {"resting": 0, "unreached": 0, "done_today": 0, "over": 0, "quiet": 0}
    for each in found:
        number = each.person_id
        checks = {
            "resting": each.reason in IN_PEACE, "unreached": number not in reachable, "done_today": number in today,
            "over": spent.get(number, 0) >= turn.house.weekly_touches, "quiet": number in quiet,
        }  # fmt: skip
        why = next((name for name, holds in checks.items() if holds), None)
        if why is None:
            send.append(number)
        else:
            left[why] += 1
    return Reached(len(found), tuple(send), **left)


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
    for name in ("over", "quiet", "unreached", "resting", "done_today"):
        if number := getattr(reached, name):
            lines.append(turn.say(f"missing.nudge_{name}", people=number, most=turn.house.weekly_touches))
    if not reached.send:
        lines.append(turn.say("missing.nudge_nobody"))
        return Reply("\n".join(lines), choices=(choice(turn.language, "missing", what.id),))
    label = turn.say("missing.nudge_confirm", people=len(reached.send))
    confirmed = choice(turn.language, "confirm_nudge", what.id, len(reached.send), label=label)
    return Reply("\n".join(lines), choices=(confirmed, choice(turn.language, "cancel")))
