"""作答: answering an exam that is under way, and moving about in it. Each answer is kept at once and nothing is said about it."""

from __future__ import annotations

import re
from datetime import timedelta

from handlers.commands import choice
from handlers.messages import Reply
from handlers.sitting import cards, ending, exam_cards, gates
from handlers.turns import Turn
from quizzes import grading
from quizzes.questions import Kind
from quizzes.rules import Rules
from storage import answers
from storage.answers import Sitting
from storage.database import Store

_NUMBER = re.compile(r"第?\s*(\d{1,3})\s*题")
JUST_NOW = timedelta(minutes=1)
"""How long after the end a typed answer is taken for one to the exam, whatever quiz is open besides."""
LATELY = timedelta(minutes=30)
"""How long after it, where there is nothing else that it could answer."""


def record(turn: Turn, store: Store, sat: Sitting, slot: int, text: str, *, edits: bool) -> Reply:
    """Keep one answer and show the next question; answering again changes it. Nothing is said about right or wrong."""
    if not gates.takes_answers(sat, turn.now):
        return ending.too_late(turn, store, sat, answer=True)
    question, desk = answers.shown(store, sat.slots[slot]), exam_cards.desk(turn)
    answer = grading.read_answer(question, sat.slots[slot].order, text)
    if answer is None or (question.kind is Kind.MULTIPLE and len(answer) < fewest(sat.rules)):
        return exam_cards.question(store, sat, slot, desk, _how(turn, question.kind, sat.rules, text), edits=edits)
    before = answers.last(store, sat.paper_id, slot)
    changed = before is not None and before.answer != answer
    if before is None or changed:
        answers.respond(store, sat, slot, before.serial + 1 if before else 0, answer, grading.is_correct(question, answer),
                        arrived_at=turn.now, platform_at=turn.incoming.platform_at, channel=turn.incoming.account.channel,
                        inbox_key=turn.incoming.key)  # fmt: skip
    shown = exam_cards.letters_shown(question, sat.slots[slot], answer) or answer[0]
    said = turn.say("exam.changed" if changed else "exam.recorded", number=slot + 1, answer=shown)
    if slot + 1 == len(sat.slots):
        return _last_one(turn, store, sat, said, edits=edits)
    answers.stand_at(store, sat.paper_id, slot + 1)
    return exam_cards.question(store, sat, slot + 1, desk, said, edits=edits)


def fewest(rules: Rules) -> int:
    """How many letters answer a multiple choice: one can only be a slip, unless the rules give something for an incomplete choice."""
    return 1 if rules.partial == "half" else 2


def _how(turn: Turn, kind: Kind, rules: Rules, text: str) -> str:
    if kind is Kind.MULTIPLE and fewest(rules) == 1:
        return turn.say("exam.how_multiple_any")
    return cards.how(turn.language, kind, text)


def _last_one(turn: Turn, store: Store, sat: Sitting, said: str, *, edits: bool) -> Reply:
    """After the last question: what is still open, the sheet, and 交卷."""
    given = answers.answered(store, sat.paper_id)
    open_ = [slot for slot in range(len(sat.slots)) if slot not in given]
    back = choice(turn.language, "exam_question", len(sat.slots), label=turn.say("exam.back_to_last"))
    buttons = [choice(turn.language, "exam_sheet"), choice(turn.language, "hand_in"), back]
    if open_:
        buttons.insert(0, ending.to_open(turn, open_[0]))
    text = turn.say("exam.was_last_open", open=len(open_)) if open_ else turn.say("exam.was_last")
    return Reply(said + "\n" + text, choices=tuple(buttons), edits=edits)


def tick(turn: Turn, store: Store, sat: Sitting, slot: int, letters: str) -> Reply:
    """Boxes ticked on a multiple-choice card: shown, not recorded."""
    if not gates.takes_answers(sat, turn.now):
        return ending.too_late(turn, store, sat, answer=True)
    return exam_cards.question(store, sat, slot, exam_cards.desk(turn), chosen=letters, edits=True)


# Typed. ----------------------------------------------------------------------------------------------------------------


def typed(turn: Turn, store: Store) -> list[Reply] | None:
    """A typed answer to the question of an exam that is under way (or was, a moment ago), or 「第12题」; None if the text is neither."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return typed_late(turn, store, JUST_NOW)
    asked = _NUMBER.fullmatch(turn.said)
    if asked:
        return [_show(turn, store, sat, int(asked[1]))]
    return [record(turn, store, sat, sat.place, turn.said, edits=False)] if _answers(turn, store, sat) else None


def typed_late(turn: Turn, store: Store, within: timedelta = LATELY) -> list[Reply] | None:
    """What was typed to an exam whose time ran out within this span: said that it was not recorded, never passed over in silence."""
    over = ending.ran_out(turn, store, within)
    if over is None or not (_NUMBER.fullmatch(turn.said) or _answers(turn, store, over)):
        return None
    return [ending.too_late(turn, store, over, answer=True)]


def _answers(turn: Turn, store: Store, sat: Sitting) -> bool:
    """Whether what was typed can be an answer to the question that was shown last."""
    slot = sat.slots[sat.place]
    asked = answers.shown(store, slot)
    too_long = asked.kind is Kind.BLANK and len(turn.said) > grading.LONGEST
    return too_long or grading.read_answer(asked, slot.order, turn.said) is not None


# Moving about. ---------------------------------------------------------------------------------------------------------


def go_to(turn: Turn, store: Store) -> list[Reply]:
    """「第 <n> 题」: any question of the exam that is under way."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return [ending.none_under_way(turn, store)]
    return [_show(turn, store, sat, _asked_number(turn))]


def _show(turn: Turn, store: Store, sat: Sitting, number: int) -> Reply:
    if not 1 <= number <= len(sat.slots):
        return _no_such(turn, sat)
    if sat.place != number - 1:
        answers.stand_at(store, sat.paper_id, number - 1)
    return exam_cards.question(store, sat, number - 1, exam_cards.desk(turn), edits=True)


def _no_such(turn: Turn, sat: Sitting) -> Reply:
    return Reply(turn.say("exam.no_such", total=len(sat.slots)), choices=(choice(turn.language, "exam_sheet"),))


def flag(turn: Turn, store: Store) -> list[Reply]:
    """「标记 <n>」: mark a question to come back to, or take the mark off."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return [ending.none_under_way(turn, store)]
    slot = _asked_number(turn) - 1 if turn.arguments else sat.place
    if not 0 <= slot < len(sat.slots):
        return [_no_such(turn, sat)]
    flagged = answers.flag(store, sat, slot)
    said = turn.say("exam.flagged" if slot in flagged else "exam.unflagged", number=slot + 1)
    shown = ending.fresh(store, sat.paper_id)
    return [exam_cards.question(store, shown, slot, exam_cards.desk(turn), said, edits=True)]


def _asked_number(turn: Turn) -> int:
    """The number of a question as said: 「12」, 「12 题」, 「12题」; 0 for none."""
    found = re.match(r"\d{1,3}", turn.arguments[0]) if turn.arguments else None
    return int(found[0]) if found else 0
