"""附注: who was taken out of 应考 or added to it, when, why and by whom; to leaders and liaisons as counts."""

from __future__ import annotations

from typing import Any

from handlers import dates
from handlers.commands import choice
from handlers.messages import Reply
from handlers.reports.figures import asked_round, composed
from handlers.rights import scope_of
from handlers.turns import Deployment, Turn
from handlers.views.footnotes import Footnotes
from handlers.views.footnotes import footnotes as view
from handlers.words import say
from storage.database import Store
from storage.footnotes import Footnote

SHOWN = 40


def footnotes(turn: Turn, store: Store) -> list[Reply]:
    """「附注」, 「附注 12」: of the current round, or of the one named."""
    round_id = asked_round(store, turn.arguments)
    if round_id is None:
        return [Reply(turn.say("corrections.no_round"), choices=(choice(turn.language, "figures"),))]
    reads = scope_of(turn.roles, "footnote.read")
    scope = reads or scope_of(turn.roles, "figures.read")
    found = view(store, round_id, scope, turn.now, detailed=bool(reads))
    lines = [turn.say("corrections.notes_head", title=found.title), composed(turn.language, found.made_of)]
    lines += _counts(turn.language, found)
    if found.lines:
        lines += ["", *(_line(turn, each) for each in found.lines[-SHOWN:])]
        lines += (
            [turn.say("corrections.notes_more", lines=len(found.lines) - SHOWN)] if len(found.lines) > SHOWN else []
        )
    elif found.kinds:
        lines.append(turn.say("corrections.notes_counts_only"))
    return [Reply("\n".join(lines), choices=(choice(turn.language, "figures", round_id),))]


def _counts(language: str, found: Footnotes) -> list[str]:
    """How many changes of each kind, how many of them after the close, and who is put off to the make-up."""
    lines = [say(language, "corrections.notes_none")] if not found.kinds else []
    shown = [say(language, f"corrections.count_{kind}", number=number) for kind, number in sorted(found.kinds.items())]
    lines += [say(language, "corrections.notes_counts", counts=say(language, "requests.comma").join(shown))] if shown else []  # fmt: skip
    lines += [say(language, "corrections.notes_corrected", number=found.corrected)] if found.corrected else []
    return lines + ([say(language, "corrections.notes_deferred", number=found.deferred)] if found.deferred else [])


def _line(turn: Turn, each: Footnote) -> str:
    name = each.name if turn.names_allowed else f"#{each.person_id}"
    by = each.approver if turn.names_allowed else f"#{each.approver_id}" if each.approver_id else ""
    who = turn.say("corrections.who", name=name, unit=each.unit)
    day = dates.day(turn, turn.house.today(each.at))
    return turn.say("corrections.note_corrected" if each.corrected else "corrections.note", day=day, who=who,
                    kind=turn.say(f"corrections.kind_{each.kind.value}"), reason=each.reason, by=by or turn.say("corrections.program"))  # fmt: skip


def sheet(language: str, house: Deployment, found: Footnotes) -> tuple[list[str], list[list[Any]]]:
    """(columns, rows) of the sheet 附注, for the officer who asks at the terminal: with names, reasons and approvers."""
    rows: list[list[Any]] = [
        [_dated(language, house, each), each.unit, each.name, say(language, f"corrections.kind_{each.kind.value}"), each.reason,
         each.approver or say(language, "corrections.program"), say(language, "corrections.after_close") if each.corrected else ""]
        for each in found.lines
    ]  # fmt: skip
    columns = say(language, "corrections.sheet_columns").split("|")
    totals = [composed(language, found.made_of), *_counts(language, found)]
    return columns, [*rows, *([line, *[""] * (len(columns) - 1)] for line in totals)]


def _dated(language: str, house: Deployment, each: Footnote) -> str:
    on = house.today(each.at)
    return say(language, "times.full_date", year=on.year, month=on.month, day=on.day)
