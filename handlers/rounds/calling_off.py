"""取消考试, 恢复考试: an exam from a form is taken back before it opens, and put back as long as its hour has not come."""

from __future__ import annotations

from handlers.commands import choice
from handlers.messages import Reply
from handlers.rounds import naming, planning
from handlers.rounds.managing import YES
from handlers.turns import Turn
from quizzes.rounds import Round, State
from storage import audit, form_plans, rounds
from storage.database import Store


def cancel_exam(turn: Turn, store: Store) -> list[Reply]:
    """「取消考试 12」: says what is taken back, of which nobody has heard yet; with 「yes」 behind it, takes it back."""
    what = _exam(turn, store)
    if what is None:
        return [Reply(turn.say("notice.which_cancel"), choices=(choice(turn.language, "rounds"),))]
    if what.plan_key not in form_plans.keys(store):
        key = "notice.is_cancelled" if what.state is State.CANCELLED else "notice.of_the_file"
        return [Reply(turn.say(key, title=what.title), choices=(choice(turn.language, "rounds"),))]
    if what.state is not State.PLANNED:
        return [Reply(turn.say("notice.too_late", title=what.title), choices=(choice(turn.language, "rounds"),))]
    opens = turn.house.moment(turn.language, what.opens_at)
    if turn.arguments[1:2] != [YES]:
        said = turn.say("notice.would_cancel", number=what.id, title=what.title, opens=opens)
        confirm = choice(turn.language, "cancel_exam", what.id, YES, label=turn.say("notice.confirm_cancel"))
        return [Reply(said, choices=(confirm, choice(turn.language, "cancel")))]
    rounds.move(store, what, State.CANCELLED, turn.now)
    form_plans.remove(store, what.plan_key, turn.now)
    audit.record(store, turn.me.id, "plan.cancel", f"round:{what.id}", {"plan": what.plan_key}, turn.now)
    undo = choice(turn.language, "restore_exam", what.id, label=turn.say("notice.restore_button", number=what.id))
    return [Reply(turn.say("notice.cancelled", title=what.title), choices=(undo, choice(turn.language, "rounds")))]


def restore_exam(turn: Turn, store: Store) -> list[Reply]:
    """「恢复考试 12」: an exam that was taken back is on the books again, as it was."""
    what = _exam(turn, store)
    plan = form_plans.get(store, what.plan_key) if what else None
    if what is None or plan is None or what.state is not State.CANCELLED or what.opened_at is not None:
        return [Reply(turn.say("notice.which_restore"), choices=(choice(turn.language, "rounds"),))]
    if what.opens_at <= turn.now:
        return [Reply(turn.say("notice.hour_passed", title=what.title), choices=(choice(turn.language, "new_exam"),))]
    number = planning.put_on_the_books(turn, store, plan)
    form_plans.restore(store, plan.key, turn.now)
    audit.record(store, turn.me.id, "plan.restore", f"round:{number}", {"plan": plan.key}, turn.now)
    opens = turn.house.moment(turn.language, what.opens_at)
    undo = choice(turn.language, "cancel_exam", number, label=turn.say("notice.cancel_button", number=number))
    said = turn.say("notice.restored", title=plan.title, number=number, opens=opens)
    return [Reply(said, choices=(undo, choice(turn.language, "rounds")))]


def _exam(turn: Turn, store: Store) -> Round | None:
    return naming.named(store, turn.arguments[0] if turn.arguments else "")
