"""我的学法档案: a person's own rounds, answers and results."""

from __future__ import annotations

from handlers.commands import choice
from handlers.messages import Reply
from handlers.sitting.scores import points
from handlers.turns import Turn
from storage import records
from storage.database import Store
from storage.records import Entry

SHOWN = 10


def mine(turn: Turn, store: Store) -> list[Reply]:
    """Totals of the year, then the last rounds, newest first."""
    year = turn.house.today(turn.now).year
    entries = records.of_person(store, turn.me.id)
    this_year = [e for e in entries if e.due_on.year == year]
    if not entries:
        return [Reply(turn.say("record.none"), choices=(choice(turn.language, "today"),))]
    head = turn.say(
        "record.head", name=turn.me.name, year=year, rounds=sum(e.counted for e in this_year), sat=sum(e.sat and e.counted for e in this_year),
        passed=sum(e.passed and e.counted for e in this_year),
    )  # fmt: skip
    lines = [_line(turn, entry) for entry in entries[:SHOWN]]
    more = [turn.say("record.more", number=len(entries) - SHOWN)] if len(entries) > SHOWN else []
    return [
        Reply(
            "\n".join([head, *lines, *more]),
            choices=(choice(turn.language, "today"), choice(turn.language, "materials")),
        )
    ]


def _line(turn: Turn, entry: Entry) -> str:
    if entry.exempt:
        state = turn.say("record.exempt")
    elif entry.sat:
        verdict = "excellent" if entry.excellent else "passed" if entry.passed else "failed"
        state = turn.say(f"record.{verdict}", score=points(entry.score))
    else:
        state = turn.say("record.absent" if entry.closed else "record.waiting")
    mark = "" if entry.counted or entry.exempt else turn.say("record.not_counted")
    return (
        turn.say("record.line", day=turn.house.day(turn.language, entry.due_on), title=entry.title, state=state) + mark
    )
