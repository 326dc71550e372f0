"""邀请未绑定: new invitations for exactly those who are missing in a round because they have no account, printed to be handed out."""

from __future__ import annotations

from collections import Counter

from handlers.commands import as_number, choice
from handlers.messages import Reply
from handlers.reach.missing import asked, bureaux_of, within
from handlers.rights import scope_of
from handlers.turns import Turn
from quizzes.missing import Step
from quizzes.rounds import Round
from storage import audit, invitations, jobs
from storage import missing as lists
from storage.database import Store
from storage.missing import Missing

YES = "yes"
JOB = "invite_sheet"
"""The job that prints invitations for a unit prints these too (handlers.people.invitations)."""


def invite(turn: Turn, store: Store) -> list[Reply]:
    """「邀请未绑定 12」: how many, by bureau; 「邀请未绑定 12 yes 5」: make them, if they are as many as were shown."""
    words = turn.arguments
    what = asked(store, words[:1])
    if what is None:
        return [Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))]
    scope = scope_of(turn.roles, "invitation.make")
    found = [
        each
        for each in lists.missing(store, what, turn.house.today(turn.now), within(store, scope))
        if each.step is Step.INVITE
    ]
    if not found:
        return [
            Reply(turn.say("reach.invite_none", title=what.title), choices=(choice(turn.language, "missing", what.id),))
        ]
    if not turn.names_allowed:
        return [Reply(turn.say("invitations.elsewhere"), (choice(turn.language, "web_login"),))]
    if words[1:2] == [YES]:
        if as_number("".join(filter(str.isdecimal, "".join(words[2:3]))) or "0") == len(found):
            return [_make(turn, store, what, found)]
        return [_preview(turn, store, what, found, turn.say("missing.nudge_changed"))]
    return [_preview(turn, store, what, found)]


def _preview(turn: Turn, store: Store, what: Round, found: list[Missing], first: str = "") -> Reply:
    counts = Counter(each.bureau_id for each in found)
    lines = [first] if first else []
    lines.append(turn.say("reach.invite_preview", title=what.title, people=len(found)))
    lines += [
        turn.say("missing.unit_count", unit=each.name, people=counts[each.id]) for each in bureaux_of(store, found)
    ]
    if old := len(invitations.waiting(store, [each.person_id for each in found], turn.now)):
        lines.append(turn.say("reach.invite_replaces", old=old))
    label = turn.say("reach.invite_confirm", people=len(found))
    confirm = choice(turn.language, "invite_missing", what.id, YES, len(found), label=label)
    return Reply("\n".join(lines), choices=(confirm, choice(turn.language, "cancel")))


def _make(turn: Turn, store: Store, what: Round, found: list[Missing]) -> Reply:
    assert turn.account is not None
    numbers = [each.person_id for each in found]
    jobs.add(
        store,
        JOB,
        {"within": None, "unit": None, "people": numbers},
        person_id=turn.me.id,
        account_id=turn.account.id,
        now=turn.now,
    )
    audit.record(store, turn.me.id, "invitation.sheet", f"round:{what.id}", {"people": len(numbers)}, turn.now)
    return Reply(turn.say("invitations.making", n=len(numbers)))
