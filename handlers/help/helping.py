"""帮助, language and cancel: what a person can do here, as buttons that fit their role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handlers.commands import choice
from handlers.messages import Choice, Reply
from handlers.rights import scope_of
from handlers.turns import Turn
from handlers.words import LANGUAGES, say
from quizzes.people import Role
from storage import accounts
from storage.database import Store

EVERYBODY = ("today", "exam", "materials", "record", "request", "why", "report_question", "complaint")
ROOMS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "follow": (
        ("figures", "figures.read"), ("missing", "missing.count"), ("road", "figures.read"), ("trend", "figures.read"),
        ("footnotes", "figures.read"), ("unit_return", "return.print"), ("reminders", "missing.nudge"),
    ),
    "exams": (
        ("new_exam", "round.manage"), ("rounds", "round.manage"), ("preview", "round.manage"), ("hall", "round.manage"),
        ("print_papers", "round.manage"), ("score_form", "round.manage"), ("makeup", "round.manage"), ("rekey", "round.manage"),
        ("one_device", "round.manage"), ("check_scores", "scores.check"),
    ),
    "people": (
        ("roster", "roster.import"), ("directory", "roster.import"), ("invite", "invitation.make"), ("requests", "exemption.decide"), ("unit_requests", "request.unit"),
        ("ask_for", "request.unit"), ("exempt", "exemption.decide"), ("leave", "exemption.decide"), ("retiring", "exemption.decide"),
        ("add_late", "enrolment.correct"), ("depart", "enrolment.correct"), ("withdraw_exempt", "enrolment.correct"),
        ("grant_attempt", "round.manage"), ("grant", "role.grant"),
    ),
    "tell": (("push", "material.push"), ("push_state", "delivery.read"), ("feedback", "feedback.read")),
}  # fmt: skip
"""What a role may do beyond answering, by what it is about: (command, its right). `help.do_<command>` says what each is for."""


def help_(turn: Turn, store: Store) -> list[Reply]:
    """What one can say here. 「帮助 考试」: one room of it, a line for each command of the person's roles."""
    asked = " ".join(turn.arguments).casefold()
    for room in rooms_of(turn.roles):
        if asked in {say(language, f"help.room_{room}").casefold() for language in LANGUAGES}:
            return [_room(turn, room)]
    rooms = rooms_of(turn.roles)
    lines = [turn.say("help.cadre"), *([turn.say("help.more")] if rooms else [])]
    return [Reply("\n\n".join(lines), choices=buttons(turn))]


def rooms_of(roles: Iterable[Role]) -> list[str]:
    """The rooms in which these roles may do something."""
    held = tuple(roles)
    return [room for room in ROOMS if _allowed(held, room)]


def _allowed(roles: tuple[Role, ...], room: str) -> list[str]:
    return [key for key, right in ROOMS[room] if scope_of(roles, right)]


def _room(turn: Turn, room: str) -> Reply:
    keys = _allowed(turn.roles, room)
    lines = [turn.say(f"help.room_{room}"), *(turn.say(f"help.do_{key}") for key in keys)]
    return Reply(
        "\n".join(lines), choices=(*(choice(turn.language, key) for key in keys), choice(turn.language, "help"))
    )


def buttons(turn: Turn) -> tuple[Choice, ...]:
    """The commands everybody has, the rooms of this person's roles, and the other language."""
    other = "en" if turn.language == "zh" else "zh"
    return (
        *menu(turn.language, turn.roles),
        choice(turn.language, "language", other, label=turn.say("help.other_language")),
    )


def menu(language: str, roles: Iterable[Role]) -> tuple[Choice, ...]:
    """What everybody has, today's quiz first, and a button for each room of these roles."""
    rooms = [(say(language, f"help.room_{room}"), room) for room in rooms_of(roles)]
    found = [choice(language, key) for key in EVERYBODY]
    found += [choice(language, "help", word, label=say(language, "help.room_button", room=word)) for word, _ in rooms]
    return (*found, choice(language, "help"))


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
