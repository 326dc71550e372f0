"""换渠道: the card of a round once more, on another account, to people whose first one cannot be reached; and there from now on."""

from __future__ import annotations

from collections import Counter

from handlers.commands import as_number, choice
from handlers.messages import Reply
from handlers.reach.missing import asked_open, channel_name
from handlers.turns import Turn
from quizzes.missing import Step
from quizzes.reminding import Slot
from quizzes.rounds import Round
from storage import accounts, audit, deliveries, reminders
from storage import missing as lists
from storage.database import Store
from storage.deliveries import Addressed
from storage.missing import Missing

YES = "yes"


def reroute(turn: Turn, store: Store) -> list[Reply]:
    """「换渠道 12」: how many, from where to where; 「换渠道 12 yes 3」: do it, if they are as many as were shown."""
    words = turn.arguments
    what = asked_open(turn, store, "missing.nudge_not_open")
    if isinstance(what, Reply):
        return [what]
    back = (choice(turn.language, "missing", what.id),)
    found = [
        each
        for each in lists.missing(store, what, turn.house.today(turn.now))
        if each.step is Step.CHANNEL and each.other
    ]
    slot = turn.house.days.slot(turn.now, what.closes_at)
    if not found or slot is None:
        return [
            Reply(turn.say("reach.channel_none" if not found else "reach.too_late", title=what.title), choices=back)
        ]
    if words[1:2] == [YES]:
        if as_number("".join(filter(str.isdecimal, "".join(words[2:3]))) or "0") == len(found):
            return [_send(turn, store, what, found, slot)]
        return [_preview(turn, what, found, slot, turn.say("missing.nudge_changed"))]
    return [_preview(turn, what, found, slot)]


def _preview(turn: Turn, what: Round, found: list[Missing], slot: Slot, first: str = "") -> Reply:
    counts = Counter(each.other.channel for each in found if each.other)
    lines = [first] if first else []
    lines.append(turn.say("reach.channel_preview", title=what.title, people=len(found)))
    lines += [turn.say("reach.channel_line", channel=channel_name(turn.language, to), people=people) for to, people in sorted(counts.items())]  # fmt: skip
    if slot.at > turn.now:
        lines.append(turn.say("missing.nudge_hours", at=turn.house.moment(turn.language, slot.at)))
    label = turn.say("reach.channel_confirm", people=len(found))
    confirm = choice(turn.language, "other_channel", what.id, YES, len(found), label=label)
    return Reply("\n".join(lines), choices=(confirm, choice(turn.language, "cancel")))


def _send(turn: Turn, store: Store, what: Round, found: list[Missing], slot: Slot) -> Reply:
    spans, owed = reminders.quiet_spans(store), []
    for each in found:
        paper_id, to = reminders.newest_paper(store, each.enrolment_id), each.other
        mine = turn.house.days.slot(turn.now, what.closes_at, spans.get(each.person_id)) or slot
        if to is not None and paper_id is not None:
            accounts.prefer(store, to.account_id)
            key = f"round:{what.id}:card:{each.person_id}:{to.account_id}"
            owed.append(Addressed(key, each.person_id, to.account_id, to.channel, {"paper": paper_id}, mine.at))
    deliveries.plan_many(store, "card", owed, turn.now, expires_at=what.closes_at, round_id=what.id)
    audit.record(store, turn.me.id, "delivery.reroute", f"round:{what.id}", {"people": len(owed)}, turn.now)
    return Reply(turn.say("reach.channel_done", people=len(owed)), choices=(choice(turn.language, "missing", what.id),))
