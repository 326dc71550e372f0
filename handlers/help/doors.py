"""推送到: through which of their doors a person can be reached, where messages go now, and the person's choice."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.commands import choice
from handlers.messages import Choice, Reply
from handlers.reach import refusals
from handlers.reach.missing import channel_name
from handlers.turns import Turn
from handlers.words import LANGUAGES
from quizzes.people import Account
from storage import accounts
from storage.database import Store


def doors(turn: Turn, store: Store) -> list[Reply]:
    """「推送到」: every door, and where messages go now; 「推送到 企业微信」: there from now on, as long as it can be reached."""
    mine = accounts.of_person(store, turn.me.id)
    if not turn.arguments:
        return [_shown(turn, store, mine, [])]
    said = " ".join(turn.arguments)
    meant = [each for each in mine if said.casefold() in _names(each.channel)]
    if not meant:
        return [_shown(turn, store, mine, [turn.say("doors.unknown", channel=said[:20])])]
    accounts.prefer(store, meant[-1].id)
    return [_shown(turn, store, mine, [_set(turn, meant[-1])])]


def _names(channel: str) -> set[str]:
    return {channel, *(channel_name(language, channel).casefold() for language in LANGUAGES)}


def _set(turn: Turn, door: Account) -> str:
    name = channel_name(turn.language, door.channel)
    if door.unreachable:
        return turn.say("doors.set_shut", channel=name, why=refusals.detail(turn.language, door.unreachable))
    return turn.say("doors.set_web" if door.channel == "web" else "doors.set", channel=name)


def _shown(turn: Turn, store: Store, mine: Sequence[Account], first: list[str]) -> Reply:
    language = turn.language
    now = accounts.reachable_accounts(store, [turn.me.id]).get(turn.me.id)
    head = turn.say("doors.now", channel=channel_name(language, now[1])) if now else turn.say("doors.nowhere")
    lines = [
        turn.say("doors.line", channel=channel_name(language, each.channel), state=_state(turn, each)) for each in mine
    ]
    helps = refusals.helps(language, (each.unreachable for each in mine))
    tail = [turn.say("doors.fallback")] if len(mine) > 1 else []
    buttons = tuple(_button(turn, each) for each in mine if now is None or each.id != now[0]) if len(mine) > 1 else ()
    return Reply("\n".join([*first, head, *lines, *helps, *tail]), (*buttons, choice(language, "help")))


def _state(turn: Turn, door: Account) -> str:
    if door.unreachable:
        return turn.say("doors.shut", why=refusals.detail(turn.language, door.unreachable))
    return turn.say("doors.web" if door.channel == "web" else "doors.open")


def _button(turn: Turn, door: Account) -> Choice:
    name = channel_name(turn.language, door.channel)
    return choice(turn.language, "doors", name, label=turn.say("doors.button", channel=name))
