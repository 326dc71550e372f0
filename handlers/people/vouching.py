"""Who speaks: WeCom vouches at each of its doors for whom it knows at the other, and an account that speaks can be reached again."""

from __future__ import annotations

from dataclasses import replace

from handlers.messages import BLOCKED, PAGE, Incoming
from quizzes.people import Account, Person
from storage import accounts, audit
from storage.database import Store

OTHER_DOOR = {"wecom": "wecom_bot", "wecom_bot": "wecom"}
"""The app and the bot of WeCom say the same userid of the same person; an id of another kind, which a bot may be given, is nobody's."""


def speaker(store: Store, incoming: Incoming, found: tuple[Account, Person] | None) -> tuple[Account, Person] | None:
    """Whose account an Incoming came from, where that is nobody's yet, or where nothing could be sent to it until now. Who opens a page
    has not been in the chat: WeCom names those too whom an app cannot write to."""
    if incoming.action.startswith(BLOCKED):
        return found
    if found is None:
        return _vouched(store, incoming)
    if incoming.origin == PAGE:
        return found
    who, person = found
    accounts.set_reachable(store, who.id, "", incoming.arrived_at)
    return replace(who, unreachable=""), person


def _vouched(store: Store, incoming: Incoming) -> tuple[Account, Person] | None:
    """Bind an address of WeCom's that is somebody's at its other door. Whoever was unbound here before is not bound again unasked."""
    channel, address, now = incoming.account.channel, incoming.account.id, incoming.arrived_at
    other = OTHER_DOOR.get(channel)
    known = accounts.behind(store, other, address, now) if other else None
    if known is None or accounts.bound_before(store, channel, address):
        return None
    person_id = known[1].id
    if any(each.channel == channel for each in accounts.of_person(store, person_id)):
        return None
    account_id = accounts.bind(store, person_id, channel, address, now)
    details = {"account": account_id, "channel": channel, "known_by": other}
    audit.record(store, person_id, "account.bind", f"person:{person_id}", details, now)
    return accounts.behind(store, channel, address, now)
