"""From an Incoming to its replies: who said it, what it means, may they, and the inbox row that makes it happen once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import structlog

from handlers import codec
from handlers.commands import Command, Conversation, choice, spoken
from handlers.help import helping
from handlers.messages import BLOCKED, UNBLOCKED, UNREADABLE, Address, Answered, Incoming, Reply
from handlers.people import binding, draft, requesting, roster_import, seating, vouching
from handlers.registry import COMMANDS, TOPICS
from handlers.rights import scope_of
from handlers.rounds import scanning
from handlers.sitting import answering
from handlers.study import pushing
from handlers.turns import Deployment, Topic, Turn
from quizzes.people import Person, Role
from storage import accounts, inbox
from storage.database import Store

log = structlog.get_logger()
OWN_DEVICE = "settings.change"
"""The right to what nobody does on a device that others use too: above all a link that signs in for thirty days."""
SECRET_WORDS = ("/start", "/join", "/enter", "/sit", "/seat")


def take(store: Store, incoming: Incoming, house: Deployment) -> Answered:
    """One Incoming as a turn: the same key again gets the replies it got before; else dispatch, and keep both."""
    known = inbox.seen(store, incoming.key)
    if known is not None:
        return Answered(incoming.key, tuple(codec.from_json(store, reply) for reply in known), again=True)
    turn = _turn(store, incoming, house)
    replies = dispatch(turn, store)
    owner_id = turn.person.id if turn.person else None
    kept = [codec.to_json(store, reply, owner_id, turn.now) for reply in replies]
    _keep(store, turn, kept)
    if any(reply.files for reply in replies):  # a file has its number now, by which the web asks for it
        replies = [codec.from_json(store, reply) for reply in kept]
    return Answered(incoming.key, tuple(replies))


def quarantine(store: Store, incoming: Incoming, house: Deployment, error: Exception) -> Answered:
    """The turn raised: nothing of it is kept but this row, and the person reads that nothing was recorded, with a reference."""
    turn = _turn(store, incoming, house)
    reference = hashlib.sha256(incoming.key.encode()).hexdigest()[:6].upper()
    log.error("turn_failed", reference=reference, key=incoming.key, error=type(error).__name__, exc_info=error)
    reply = Reply(turn.say("errors.not_recorded", number=reference))
    _keep(store, turn, [codec.to_json(store, reply, None, turn.now)], error=f"{reference} {type(error).__name__}")
    return Answered(incoming.key, (reply,))


def _turn(store: Store, incoming: Incoming, house: Deployment) -> Turn:
    incoming = _storable(incoming)
    where = incoming.account
    found = accounts.behind(store, where.channel, where.id, incoming.arrived_at)
    if found is None or found[0].unreachable:
        found = vouching.speaker(store, incoming, found)
    topic = (
        accounts.topic_of(store, f"{where.channel}:{where.id}")
        if incoming.text or incoming.file or found is None
        else None
    )
    return Turn(
        incoming,
        incoming.arrived_at,
        house,
        account=found[0] if found else None,
        person=found[1] if found else None,
        roles=_roles(store, found[1], where) if found else (),
        topic=Topic(topic[0], json.loads(topic[1])) if topic else None,
    )


def _roles(store: Store, who: Person, where: Address) -> tuple[Role, ...]:
    """What somebody may do from here: on a device that others use too, nothing but what everybody may."""
    roles = accounts.roles_of(store, who.id)
    return () if roles and seating.is_shared(store, where) else roles


def _storable(incoming: Incoming) -> Incoming:
    """Without what no database takes (NUL, half of a surrogate pair): else the turn could not even be quarantined, and a channel
    that asks again until it is recorded would ask for ever."""
    said, action, file = _plain(incoming.text), _plain(incoming.action), incoming.file
    named = replace(file, name=_plain(file.name), media_type=_plain(file.media_type)) if file else None
    return replace(incoming, text=said, action=action, file=named)


def _plain(text: str) -> str:
    return text if text.isascii() and "\0" not in text else text.encode("utf-8", "replace").decode().replace("\0", "")


def _keep(store: Store, turn: Turn, replies: list[dict[str, object]], *, error: str = "") -> None:
    incoming = turn.incoming
    inbox.keep(
        store, key=incoming.key, channel=incoming.account.channel, address=incoming.account.id,
        account_id=turn.account.id if turn.account else None, arrived_at=incoming.arrived_at, platform_at=incoming.platform_at,
        said=_worth_keeping(turn), origin=incoming.origin or "", replies=replies, error=error,
        shown=incoming.account.channel == "web",
    )  # fmt: skip


def _worth_keeping(turn: Turn) -> str:
    """What was said, without invitation tokens and phone digits, which are nobody's business afterwards."""
    if turn.person is None or turn.said.startswith(SECRET_WORDS):
        return turn.said.split(" ")[0][:20] if turn.said.startswith("/") else ""
    return turn.said or (f"[{turn.incoming.file.name}]" if turn.incoming.file else "")


# What it means. --------------------------------------------------------------------------------------------------------


def dispatch(turn: Turn, store: Store) -> list[Reply]:
    """The conversation that a turn belongs to. Strangers reach binding only."""
    said = turn.said
    if said.startswith("/"):
        entrance = ENTRANCES.get(said.split(" ")[0])
        if entrance is not None and (turn.incoming.action or said.split(" ")[0] not in PRESSED):
            return entrance(turn, store)
    if turn.person is None:
        return _stranger(turn, store)
    if turn.incoming.action[:1] in ("=", "?"):
        return _allowed("quiz.answer", answering.press, turn, store)
    if turn.incoming.file is not None:
        return _file(turn, store)
    command, rest = _command(said)
    if command is not None:
        return _allowed(command.right, command.run, replace(turn, rest=rest), store)
    if turn.topic is not None and turn.topic.name in TOPICS:
        return TOPICS[turn.topic.name](turn, store)
    typed = answering.typed(turn, store)
    return typed if typed is not None else [_not_understood(turn)]


def _start(turn: Turn, store: Store) -> list[Reply]:
    """Telegram's deep links: an invitation, or the door of a hall."""
    hall = bool(turn.arguments) and turn.arguments[0].startswith(seating.DOOR)
    return seating.take_seat(turn, store) if hall else binding.start(turn, store)


ENTRANCES: Mapping[str, Conversation] = {
    "/start": _start,
    "/join": binding.join,
    "/enter": binding.enter,
    "/leave": binding.leave,
    "/sit": seating.take_seat,
    "/seat": seating.sit_by_code,
    BLOCKED: binding.blocked,
    UNBLOCKED: binding.unblocked,
    UNREADABLE: helping.unreadable,
}


PRESSED = (BLOCKED, UNBLOCKED, UNREADABLE, "/leave", "/sit", "/seat")
"""What only a platform reports or a page presses: typed, these are words like others (/leave is 请假)."""


def _stranger(turn: Turn, store: Store) -> list[Reply]:
    token = binding.pasted(turn.incoming.text)
    if token:
        return _start(replace(turn, rest=token), store)
    if turn.topic is not None and turn.topic.name == binding.TOPIC:
        return binding.confirm(turn, store)
    return [binding.stranger(turn)]


def _file(turn: Turn, store: Store) -> list[Reply]:
    """A dropped file: what goes with a request in hand, the scan asked for, a roster or scores (Excel, CSV), or a material to push, by its kind; else it is not kept."""
    file = turn.incoming.file
    assert file is not None
    if turn.topic is not None and turn.topic.name == draft.TOPIC:
        return _allowed("request.own", requesting.attach, turn, store)
    if scanning.awaited(turn):
        return _allowed("round.manage", scanning.attach, turn, store)
    if roster_import.is_table(file.name):
        return _allowed("roster.import", roster_import.dropped, turn, store)
    return _allowed("material.push", pushing.dropped, turn, store)


def _allowed(right: str, run: Conversation, turn: Turn, store: Store) -> list[Reply]:
    if not scope_of(turn.roles, right):
        return [Reply(turn.say("errors.not_allowed"), choices=(choice(turn.language, "help"),))]
    if right == OWN_DEVICE and seating.is_shared(store, turn.incoming.account):
        return [Reply(turn.say("seating.own_device"), choices=(choice(turn.language, "exam"),))]
    return run(turn, store)


@cache
def _by_word() -> dict[str, Command]:
    return {word: command for command in COMMANDS for word in spoken(command.key)}


@cache
def _longest_first() -> Sequence[str]:
    return sorted((word for word in _by_word() if " " in word), key=len, reverse=True)


def _command(said: str) -> tuple[Command | None, str]:
    """The command a text begins with, and what follows; words of several parts ("my record") before single ones."""
    plain = " ".join(said.split())
    for phrase in _longest_first():
        if plain.lower() == phrase or plain.lower().startswith(phrase + " "):
            return _by_word()[phrase], plain[len(phrase) :].strip()
    first, _, rest = plain.partition(" ")
    return _by_word().get(first.lower()), rest


def _not_understood(turn: Turn) -> Reply:
    return Reply(turn.say("errors.not_understood"), choices=helping.buttons(turn))
