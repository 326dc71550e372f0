"""免考 and 请假 by the officer: what it does to 应考 is shown first, then confirmed; a dated row with reason and approver remains."""

from __future__ import annotations

from datetime import date

from handlers import dates
from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.turns import Turn
from storage import audit, exemptions, people
from storage.database import Store
from storage.people import Placed

YES = "yes"
KINDS = {"exempt": "免考", "leave": "请假"}


def exempt(turn: Turn, store: Store) -> list[Reply]:
    """「免考 <name or number> <from> <to or -> <reason>」."""
    return _propose(turn, store, "exempt")


def leave(turn: Turn, store: Store) -> list[Reply]:
    """「请假 <name or number> <from> <to> <reason>」: pauses cards and reminders, the denominator stays."""
    return _propose(turn, store, "leave")


def _propose(turn: Turn, store: Store, key: str) -> list[Reply]:
    words = turn.arguments
    confirmed = words[:1] == [YES]
    words = words[1:] if confirmed else words
    span = _span(words[1:3])
    if len(words) < 4 or span is None:
        return [Reply(turn.say(f"exempting.how_{key}"), choices=_back(turn))]
    found = which_people(store, words[0], turn.house.today(turn.now))
    if len(found) != 1:
        return [_which(turn, key, words, found)]
    who, reason = found[0], " ".join(words[3:])
    if confirmed:
        return [_approve(turn, store, key, who, reason, span)]
    if exemptions.standing(store, who.id, KINDS[key], None, *span) is not None:
        return [Reply(turn.say(f"exempting.already_{key}"), choices=_back(turn))]
    rounds = exemptions.affected(store, who.id, *span) if key == "exempt" else []
    name = who.name if turn.names_allowed else f"#{who.id}"
    said = turn.say(f"exempting.would_{key}", name=name, unit=who.unit, span=dates.span(turn, *span), reason=reason,
                    rounds=len(rounds))  # fmt: skip
    again = (YES, who.id, words[1], words[2], reason)
    button = choice(turn.language, key, *again, label=turn.say("exempting.confirm"))
    if len(button.says.encode()) > 64:
        return [Reply(said + "\n" + turn.say("exempting.type_yes", text=button.says))]
    return [Reply(said, choices=(button, choice(turn.language, "cancel")))]


def _approve(turn: Turn, store: Store, key: str, who: Placed, reason: str, span: tuple[date, date | None]) -> Reply:
    """Write it down, once: pressing again says that it is so already."""
    if exemptions.standing(store, who.id, KINDS[key], None, *span) is not None:
        return Reply(turn.say(f"exempting.already_{key}"), choices=_back(turn))
    touched = exemptions.approve(store, who.id, KINDS[key], reason, turn.me.id, *span, turn.now)
    details = {
        "kind": KINDS[key],
        "reason": reason,
        "from": span[0].isoformat(),
        "to": span[1].isoformat() if span[1] else None,
        "rounds": touched,
    }
    audit.record(store, turn.me.id, f"exemption.{key}", f"person:{who.id}", details, turn.now)
    return Reply(turn.say(f"exempting.done_{key}", rounds=len(touched)), choices=_back(turn))


def which_people(store: Store, word: str, day: date) -> list[Placed]:
    """People on the roster of a day by name, or by number (12, #12)."""
    if word.lstrip("#").isascii() and word.lstrip("#").isdigit():
        return people.placed(store, day, ids=[as_number(word.lstrip("#"))])
    return people.placed(store, day, name=word)


def _which(turn: Turn, key: str, words: list[str], found: list[Placed]) -> Reply:
    if not found:
        return Reply(turn.say("exempting.nobody", name=words[0]), choices=_back(turn))
    buttons = tuple(choice(turn.language, key, each.id, *words[1:], label=_label(turn, each)) for each in found[:8])
    return Reply(
        turn.say("exempting.which", name=words[0]), choices=tuple(b for b in buttons if len(b.says.encode()) <= 64)
    )


def _label(turn: Turn, each: Placed) -> str:
    return f"{each.name if turn.names_allowed else f'#{each.id}'}　{each.unit}"


def _span(words: list[str]) -> tuple[date, date | None] | None:
    """Two dates, the second may be "-" for an open end; None if they are none or run backwards."""
    try:
        start = date.fromisoformat(words[0])
        end = None if words[1] == "-" else date.fromisoformat(words[1])
    except (ValueError, IndexError):
        return None
    return (start, end) if end is None or end >= start else None


def _back(turn: Turn) -> tuple[Choice, ...]:
    return (choice(turn.language, "help"),)
