"""The chat page: what was said and sent, with answered cards in the place where they stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from handlers import codec, delivering
from handlers.help import helping
from handlers.messages import PAGE, Reply, Viewer
from handlers.people.seating import SEAT
from handlers.sitting import cards
from handlers.turns import Deployment
from handlers.words import say
from quizzes.people import Role
from quizzes.rounds import State
from storage import accounts, answers, deliveries, inbox
from storage.database import Store

SHOWN = 40
Message = dict[str, Any]


def chat(store: Store, viewer: Viewer, house: Deployment, now: datetime) -> dict[str, Any]:
    """The last messages, oldest first: {"messages", "last" delivery, "menu", "placeholder", "zone"}."""
    recent = _before_early(
        store, sorted(deliveries.newest_for(store, viewer.account_id, SHOWN, now), key=lambda row: row.id)
    )
    events: list[tuple[datetime, list[Message], str]] = [
        (d.not_before, _sent(store, d, house, now), "") for d in recent
    ]
    for row in inbox.history(store, viewer.account_id, SHOWN, without=PAGE):
        events.append((row.arrived_at, _said(store, row), row.origin))
    shown: list[Message] = []
    for _, messages, origin in sorted(events, key=lambda event: event[0]):
        _put(shown, messages, origin)
    for message in shown:
        message["open"] = _answerable(store, message["reply"], house, now)
    return {
        "messages": shown[-SHOWN:],
        "last": max((d.id for d in recent), default=0),
        "menu": helping.shortcuts(viewer.language, accounts.roles_of(store, viewer.person_id)),
        "placeholder": say(viewer.language, "web.placeholder"),
        "zone": house.zone.key,
    }


def arriving(store: Store, viewer: Viewer, after: int, house: Deployment, now: datetime) -> list[Message]:
    """Deliveries with numbers above `after`, oldest first: {"id", "at", "reply"}."""
    found = []
    for row in _before_early(store, deliveries.for_account(store, viewer.account_id, after, now)):
        reply = delivering.render(store, row.body, bool(row.copy), house, now)
        if reply is not None:
            found.append({"id": row.id, "at": row.not_before.isoformat(), "reply": _light(reply)})
    return found


def _before_early(store: Store, rows: Sequence[Any]) -> list[Any]:
    """The deliveries (by number) up to the first whose round is still being opened: a page goes on from the last number it saw."""
    return list(takewhile(lambda row: not delivering.is_early(store, row.body), rows))


def _sent(store: Store, row: Any, house: Deployment, now: datetime) -> list[Message]:
    reply = delivering.render(store, row.body, bool(row.copy), house, now)
    if reply is None:
        return []
    if "paper" in row.body and answers.answered(store, int(row.body["paper"])):
        reply = replace(reply, card=None)
    return [{"id": f"d{row.id}", "mine": False, "at": row.not_before.isoformat(), "text": "", "reply": _light(reply),
             "unsettled": row.state in ("planned", "sending", "uncertain")}]  # fmt: skip


def _said(store: Store, row: Any) -> list[Message]:
    at = row.arrived_at.isoformat()
    messages: list[Message] = []
    if row.said and row.said[0] not in "=?/":
        messages.append({"id": f"{row.key}-q", "mine": True, "at": at, "text": row.said, "reply": Reply(row.said)})
    for number, data in enumerate(row.replies):
        reply = codec.from_json(store, data, contents=False)
        messages.append({"id": f"{row.key}-{number}", "mine": False, "at": at, "text": "", "reply": reply})
    return messages


def _put(shown: list[Message], messages: list[Message], origin: str) -> None:
    """Append what happened; a reply that edits stands where the message it answers stood."""
    place = next((n for n, message in enumerate(shown) if message["id"] == origin), None)
    if place is None or not any(message["reply"].edits for message in messages):
        shown.extend(messages)
        return
    shown[place : place + 1] = [message for message in messages if not message["mine"]]


def _answerable(store: Store, reply: Reply, house: Deployment, now: datetime) -> bool:
    """Whether a card may still be pressed: its question is open and not answered."""
    token = cards.read_token(house.secret, reply.card.token) if reply.card else None
    if token is None:
        return True
    sat = answers.sitting(store, token[0])
    if sat is None or sat.state != State.OPEN or now >= sat.closes_at or sat.attempt_state == "handed_in":
        return False
    return token[1] not in answers.answered(store, token[0])


def _light(reply: Reply) -> Reply:
    """A reply whose files are named, not carried: the page asks for them by number."""
    return replace(reply, files=tuple(replace(file, content=b"") for file in reply.files))


def viewer_of(store: Store, secret_hash: str, now: datetime) -> Viewer | None:
    """Who is behind a web session."""
    found = accounts.behind(store, "web", f"s:{secret_hash}", now)
    if found is None:
        return None
    account, person = found
    shared = accounts.session_purpose(store, f"s:{secret_hash}") == SEAT
    roles = () if shared else accounts.roles_of(store, person.id)
    return Viewer(person.id, account.id, person.name, person.language, _names(roles), shared)


def _names(roles: tuple[Role, ...]) -> tuple[str, ...]:
    return tuple(sorted({role.name.value for role in roles} | {"cadre"}))
