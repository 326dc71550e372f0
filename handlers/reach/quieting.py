"""免打扰: everybody says from which hour to which no reminder may come, and takes it back."""

from __future__ import annotations

import re

from handlers.commands import choice
from handlers.messages import Choice, Reply
from handlers.turns import Turn
from quizzes.reminding import Quiet
from storage import reminders
from storage.database import Store

OFF = ("off", "关闭", "取消", "关")
_SPAN = re.compile(
    r"(\d{1,2})(?:[:：]00|点|时)?\s*(?:-|－|—|–|~|～|至|到|to)+\s*(\d{1,2})(?:[:：]00|点|时)?", re.IGNORECASE
)
_HOURS = 24


def quiet(turn: Turn, store: Store) -> list[Reply]:
    """「免打扰」: as it is now; 「免打扰 20:00-8:00」: from now on; 「免打扰 关闭」: no longer."""
    said = " ".join(turn.arguments)
    if not said:
        return [_now(turn, store)]
    if said.lower() in OFF:
        reminders.set_quiet(store, turn.me.id, None)
        return [Reply(turn.say("reminders.quiet_off"), choices=(_suggested(turn), choice(turn.language, "help")))]
    wanted = read(said)
    if wanted is None:
        return [Reply(turn.say("reminders.quiet_how"), choices=(_suggested(turn),))]
    reminders.set_quiet(store, turn.me.id, wanted)
    lines = [turn.say("reminders.quiet_set", **_words(wanted))]
    if _swallows(turn, wanted):
        lines.append(turn.say("reminders.quiet_whole_day"))
    return [Reply("\n".join(lines), choices=(_off(turn), choice(turn.language, "help")))]


def read(said: str) -> Quiet | None:
    """「20:00-8:00」, 「20点到8点」, 「20-8」: full hours, 24 being midnight; None for anything else, or for no span at all."""
    found = _SPAN.fullmatch(said.strip())
    start, end = (int(found[1]), int(found[2])) if found else (0, 0)
    if max(start, end) > _HOURS or start % _HOURS == end % _HOURS:
        return None
    return start % _HOURS, end % _HOURS


def _now(turn: Turn, store: Store) -> Reply:
    held = reminders.quiet_of(store, turn.me.id)
    if held is None:
        return Reply(turn.say("reminders.quiet_none"), choices=(_suggested(turn), choice(turn.language, "help")))
    return Reply(turn.say("reminders.quiet_is", **_words(held)), choices=(_off(turn), choice(turn.language, "help")))


def _words(held: Quiet) -> dict[str, object]:
    return {"start": f"{held[0]}:00", "end": f"{held[1]}:00"}


def _swallows(turn: Turn, held: Quiet) -> bool:
    """Whether no working hour is left."""
    start, end = turn.house.hours
    hours = range(start.hour, end.hour + (end.minute > 0))
    return all((hour - held[0]) % _HOURS < (held[1] - held[0]) % _HOURS for hour in hours)


def _suggested(turn: Turn) -> Choice:
    return choice(turn.language, "quiet_hours", "12:00-14:00")


def _off(turn: Turn) -> Choice:
    word = turn.say("reminders.off")
    return choice(turn.language, "quiet_hours", word, label=turn.say("reminders.button_off"))
