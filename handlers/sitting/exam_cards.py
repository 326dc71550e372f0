"""One question of an exam as it is shown: its section, the time left, what was answered before, and the way to the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.commands import choice
from handlers.messages import Choice, QuestionCard, Reply
from handlers.sitting import cards
from handlers.sitting.scores import points
from handlers.turns import Deployment, Turn
from handlers.words import say
from quizzes.papers import Slot
from quizzes.questions import LETTERS, Kind, Question
from quizzes.sections import Section, section_of, sections
from storage import answers
from storage.answers import Sitting
from storage.database import Store

NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Desk:
    """What showing a question takes besides the sitting: the deployment, the language of the person, and the time."""

    house: Deployment
    language: str
    now: datetime

    def say(self, key: str, /, **values: object) -> str:
        """A sentence in the person's language."""
        return say(self.language, key, **values)


def desk(turn: Turn) -> Desk:
    """The desk of somebody who says something."""
    return Desk(turn.house, turn.language, turn.now)


def question(store: Store, sat: Sitting, slot: int, desk: Desk, said: str = "", *, chosen: str | None = None, edits: bool = False) -> Reply:  # fmt: skip
    """The card of a slot, with what was answered before (or the boxes ticked so far) and the buttons around it."""
    asked = answers.shown(store, sat.slots[slot])
    last = answers.last(store, sat.paper_id, slot)
    given = () if last is None else last.answer
    ticked = letters_shown(asked, sat.slots[slot], given) if chosen is None else chosen
    card = _card(store, sat, slot, asked, desk, ticked)
    lines = [said] if said else []
    if asked.kind is Kind.BLANK:
        lines.append(desk.say("exam.blank_given", answer=given[0]) if given else desk.say("exam.how_blank"))
    return Reply("\n".join(lines), choices=buttons(sat, slot, desk.language), card=card, edits=edits)


def _card(store: Store, sat: Sitting, slot: int, asked: Question, desk: Desk, ticked: str) -> QuestionCard:
    made = cards.card(desk.house.secret, desk.language, sat, slot, asked, ticked)
    part = section_of(parts(store, sat), slot)
    heading = desk.say("exam.heading", section=section_name(part, desk.language), number=slot + 1, total=len(sat.slots), left=time_left(sat, desk))  # fmt: skip
    stem = desk.say("exam.case", text=asked.background, stem=asked.stem) if asked.background else asked.stem
    return replace(made, heading=heading, stem=stem)


def parts(store: Store, sat: Sitting) -> tuple[Section, ...]:
    """The sections of a paper, with what their questions are worth."""
    return sections(sat.slots, [answers.shown(store, slot) for slot in sat.slots], sat.rules)


def section_name(section: Section, language: str) -> str:
    """「一、单选题，每题 2 分」."""
    chinese = language == "zh" and section.number <= len(NUMERALS)
    numeral = NUMERALS[section.number - 1] if chinese else str(section.number)
    kind = say(language, f"quiz.kind_{section.kind.value}")
    name = say(language, "exam.section", numeral=numeral, kind=kind)
    return (
        name
        if section.points is None
        else say(language, "exam.section_points", section=name, points=points(section.points))
    )


def time_left(sat: Sitting, desk: Desk) -> str:
    """「剩 23 分钟」, rounded down so that nobody counts on a minute that is not there; without minutes, when the round closes."""
    if sat.ends_at is None:
        return desk.say("exam.until", at=desk.house.moment(desk.language, sat.closes_at))
    minutes = max(sat.ends_at - desk.now, timedelta(0)) // timedelta(minutes=1)
    return desk.say("exam.left", minutes=minutes) if minutes else desk.say("exam.left_under_one")


def letters_shown(asked: Question, slot: Slot, given: tuple[str, ...]) -> str:
    """A canonical answer in the letters this person saw, in order; "" for a blank or no answer."""
    if asked.kind is Kind.JUDGE:
        return "".join("A" if each == "T" else "B" for each in given)
    if asked.kind is Kind.BLANK:
        return ""
    return "".join(sorted(LETTERS[slot.order.index(LETTERS.index(each))] for each in given))


def begin_button(turn: Turn, sat: Sitting) -> Choice:
    """The one tap; for an assessed exam it says 「本人独立作答」."""
    label = "exam.declare" if sat.counts == "assessed" else "exam.begin"
    return choice(turn.language, "begin_exam", sat.paper_id, label=turn.say(label))


def buttons(sat: Sitting, slot: int, language: str) -> tuple[Choice, ...]:
    """Back and forth, flag, the sheet, and 交卷."""
    found = []
    if slot > 0:
        found.append(choice(language, "exam_question", slot, label=say(language, "exam.back")))
    if slot + 1 < len(sat.slots):
        found.append(choice(language, "exam_question", slot + 2, label=say(language, "exam.forth")))
    flag = "exam.unflag" if slot in sat.flagged else "exam.flag"
    found.append(choice(language, "exam_flag", slot + 1, label=say(language, flag)))
    return (*found, choice(language, "exam_sheet"), choice(language, "hand_in"))
