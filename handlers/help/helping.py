"""帮助, language and cancel: what a person can do here, as buttons that fit their role."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.commands import choice
from handlers.messages import Choice, Reply
from handlers.rights import scope_of
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from quizzes.people import Role
from storage import accounts
from storage.database import Store

EVERYBODY = ("today", "materials", "record", "why", "report_question", "complaint")
BY_RIGHT = (
    ("figures.read", ("figures", "missing")),
    ("round.manage", ("rounds", "roster")),
    ("invitation.make", ("invite",)),
    ("material.push", ("push",)),
)


def help_(turn: Turn, store: Store) -> list[Reply]:
    """What one can say here."""
    lines = [turn.say("help.cadre")]
    lines += [turn.say(f"help.{right.split('.')[0]}") for right, _ in BY_RIGHT if scope_of(turn.roles, right)]
    return [Reply("\n\n".join(lines), choices=buttons(turn))]


def buttons(turn: Turn) -> tuple[Choice, ...]:
    """The commands of this person's roles, and the other language."""
    other = "en" if turn.language == "zh" else "zh"
    return (
        *menu(turn.language, turn.roles),
        choice(turn.language, "language", other, label=turn.say("help.other_language")),
    )


def menu(language: str, roles: Iterable[Role]) -> tuple[Choice, ...]:
    """The commands of these roles, today's quiz first."""
    held = tuple(roles)
    keys = [*EVERYBODY, *(key for right, keys in BY_RIGHT if scope_of(held, right) for key in keys), "help"]
    return tuple(choice(language, key) for key in keys)


def shortcuts(language: str, roles: Iterable[Role]) -> tuple[Choice, ...]:
    """The four commands that stand beside the text box all the time; 「帮助」 leads to the others."""
    held = tuple(roles)
    middle = (
        ("missing", "rounds")
        if scope_of(held, "round.manage")
        else ("figures", "missing")
        if scope_of(held, "figures.read")
        else ("materials", "record")
    )
    return tuple(choice(language, key) for key in ("today", *middle, "help"))


def language(turn: Turn, store: Store) -> list[Reply]:
    """Change the language of the replies."""
    wanted = {"zh": "zh", "中文": "zh", "en": "en", "english": "en"}.get(
        turn.arguments[0].lower() if turn.arguments else ""
    )
    if wanted not in LANGUAGES:
        options = tuple(
            choice(turn.language, "language", code, label=label) for code, label in (("zh", "中文"), ("en", "English"))
        )
        return [Reply(turn.say("help.which_language"), choices=options)]
    accounts.set_language(store, turn.me.id, wanted)
    return [Reply(say(wanted, "help.language_set"), choices=(choice(wanted, "today"), choice(wanted, "help")))]


def unreadable(turn: Turn, store: Store) -> list[Reply]:
    """Something came that nobody can read here: a sticker, a voice message, a file too large or lost on the way."""
    return [Reply(turn.say("errors.unreadable"), choices=buttons(turn) if turn.person else ())]


def cancel(turn: Turn, store: Store) -> list[Reply]:
    """Leave a conversation of several messages; nothing of it is kept."""
    accounts.clear_topic(store, f"{turn.incoming.account.channel}:{turn.incoming.account.id}")
    return [Reply(turn.say("help.cancelled"), choices=(choice(turn.language, "help"),))]
