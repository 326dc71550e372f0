"""答题卡: the whole paper at a glance: what is answered, open and flagged, by section, with the way there."""

from __future__ import annotations

from handlers.commands import choice
from handlers.messages import Choice, Reply
from handlers.sitting import ending, exam_cards, gates
from handlers.turns import Turn
from quizzes.sections import Section
from storage import answers
from storage.answers import Sitting
from storage.database import Store

FLAGS = 6
"""How many flagged questions get a button of their own."""


def sheet(turn: Turn, store: Store) -> list[Reply]:
    """「答题卡」 of the exam that is under way."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return [ending.none_under_way(turn, store)]
    given = set(answers.answered(store, sat.paper_id))
    lines = [
        ending.counts(turn, sat, len(given)),
        *(_line(turn, sat, section, given) for section in exam_cards.parts(store, sat)),
    ]
    return [Reply("\n".join(lines), choices=_buttons(turn, sat, given), edits=True)]


def _line(turn: Turn, sat: Sitting, section: Section, given: set[int]) -> str:
    """「二、多选题（第 26–35 题）：已答 8；未答 27、30；标记 28」."""
    open_ = [slot for slot in section.slots if slot not in given]
    flagged = [slot for slot in section.slots if slot in sat.flagged]
    parts = [turn.say("exam.sheet_answered", answered=len(section.slots) - len(open_))]
    if open_:
        parts.append(turn.say("exam.sheet_open", numbers=ending.numbers(turn, open_, len(section.slots))))
    if flagged:
        parts.append(turn.say("exam.sheet_flagged", numbers=ending.numbers(turn, flagged, len(section.slots))))
    name = exam_cards.section_name(section, turn.language)
    said = turn.say("exam.semicolon").join(parts)
    return turn.say("exam.sheet_line", section=name, first=section.first + 1, last=section.last + 1, said=said)


def _buttons(turn: Turn, sat: Sitting, given: set[int]) -> tuple[Choice, ...]:
    found: dict[int, Choice] = {}
    for slot in sat.flagged[:FLAGS]:
        label = turn.say("exam.to_flagged", number=slot + 1)
        found[slot] = choice(turn.language, "exam_question", slot + 1, label=label)
    open_ = next((slot for slot in range(len(sat.slots)) if slot not in given), None)
    if open_ is not None and open_ not in found:
        found[open_] = ending.to_open(turn, open_)
    if sat.place not in found:
        found[sat.place] = choice(
            turn.language, "exam_question", sat.place + 1, label=turn.say("exam.back_to", number=sat.place + 1)
        )
    return (*found.values(), choice(turn.language, "hand_in"))
