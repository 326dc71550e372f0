"""看答卷: one's own paper after its release, with the key in force, the explanation and the articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.sitting import exam_cards
from handlers.sitting.scores import points, verdict
from handlers.turns import Turn
from handlers.words import say
from quizzes.grading import shown_answer, shown_options
from quizzes.questions import LETTERS, Kind
from quizzes.rounds import State
from quizzes.scoring import Asked, Ruling, corrected, credit
from storage import answers, rounds, rulings
from storage.answers import Answered, Sitting
from storage.database import Store

A_PAGE = 5


def released(store: Store, sat: Sitting) -> bool:
    """Whether the person may see the key of this paper: handed in, and released under the round's rules."""
    if sat.attempt_state != "handed_in":
        return False
    if sat.rules.release == "closed":
        return rounds.get(store, sat.round_id).state is State.CLOSED
    return sat.rules.release in ("answered", "handed_in")


def review(turn: Turn, store: Store) -> list[Reply]:
    """「看答卷 <paper> [page]」; without a number the paper handed in last."""
    words = turn.arguments
    sat = answers.sitting(store, as_number(words[0])) if words and words[0].isdecimal() else None
    if not words:
        sat = newest(store, turn.me.id, turn.now)
        if sat is None:
            return [Reply(turn.say("exam.review_none"), choices=(choice(turn.language, "exam"),))]
    if sat is None or sat.person_id != turn.me.id:
        return [Reply(turn.say("exam.stale"), choices=(choice(turn.language, "exam"),))]
    if not released(store, sat):
        closes = turn.house.moment(turn.language, sat.closes_at)
        return [Reply(when(sat, turn.language, closes), choices=(choice(turn.language, "record"),))]
    shown = page_of(store, sat, as_number(words[1]) if words[1:] and words[1].isdecimal() else 1, turn.language)
    return [
        Reply(
            "\n\n".join([shown.head, *shown.blocks]),
            choices=_buttons(turn, sat, shown.page, shown.pages),
            edits=shown.page > 1,
        )
    ]


def newest(store: Store, person_id: int, now: datetime) -> Sitting | None:
    """The exam paper a person handed in last, or None."""
    open_ = [sat for sat in answers.open_sittings(store, person_id, now) if sat.rules.exam]
    handed_in = [sat for sat in open_ if sat.attempt_state == "handed_in"]
    return handed_in[-1] if handed_in else next(iter(answers.past_exams(store, person_id, 1)), None)


@dataclass(frozen=True, slots=True)
class Page:
    """Some questions of a paper, each as a block of text."""

    head: str
    blocks: tuple[str, ...]
    page: int
    pages: int


def page_of(store: Store, sat: Sitting, wanted: int, language: str) -> Page:
    """A page of a released paper; a number beyond the last gives the last."""
    pages = -(-len(sat.slots) // A_PAGE)
    page = min(max(wanted, 1), pages)
    paper, given = answers.paper_of(store, sat), answers.answered(store, sat.paper_id)
    decided = rulings.of_round(store, sat.round_id)
    head = say(language, "exam.review_head", title=sat.title, score=points(sat.score),
               verdict=verdict(language, sat.score, sat.rules), page=page, pages=pages)  # fmt: skip
    places = range((page - 1) * A_PAGE, min(page * A_PAGE, len(paper)))
    return Page(head, tuple(_one(language, sat, n, paper[n], given, decided) for n in places), page, pages)


def when(sat: Sitting, language: str, closes: str) -> str:
    """When the answers are released, or that they are not; `closes` as people read it."""
    key = f"exam.review_{sat.rules.release}" if sat.attempt_state == "handed_in" else "exam.review_not_handed_in"
    return say(language, key, title=sat.title, at=closes)


def _one(
    language: str, sat: Sitting, slot: int, each: Asked, given: Mapping[int, Answered], decided: tuple[Ruling, ...]
) -> str:
    """A question with its options, what was answered, what is right, why, and where it stands."""
    question, void = corrected(each, decided)
    lines = [say(language, "exam.review_question", number=slot + 1, stem=question.stem)]
    if question.background and (each.slot.item == 0 or slot % A_PAGE == 0):
        lines.insert(0, say(language, "exam.review_case", text=question.background))
    if question.kind in (Kind.SINGLE, Kind.MULTIPLE):
        lines += [
            f"{letter}. {text}" for letter, text in zip(LETTERS, shown_options(question, each.slot.order), strict=False)
        ]
    mine = given[slot].answer if slot in given else ()
    shown = exam_cards.letters_shown(question, each.slot, mine) or "".join(mine) or say(language, "exam.review_nothing")
    key = shown_answer(question, each.slot.order)
    earned = credit(question, mine, sat.rules)
    kind = "void" if void else "right" if earned == 1 else "half" if earned else "wrong"
    lines.append(say(language, f"exam.review_{kind}", answer=shown, key=key))
    if not void and earned < credit(each.question, mine, sat.rules) and _kept(each, decided):
        lines.append(say(language, "exam.review_kept"))
    lines.append(say(language, "quiz.explain", text=question.explain))
    lines.append(say(language, "quiz.cites", text="；".join(question.cites)))
    return "\n".join(lines)


def _kept(each: Asked, decided: tuple[Ruling, ...]) -> bool:
    """Whether what the key of then gave stays, by every ruling on this question."""
    slot = each.slot
    return all(ruling.keeps for ruling in decided if (ruling.revision_id, ruling.item) == (slot.revision_id, slot.item))


def _buttons(turn: Turn, sat: Sitting, page: int, pages: int) -> tuple[Choice, ...]:
    found = []
    if page > 1:
        found.append(choice(turn.language, "exam_review", sat.paper_id, page - 1, label=turn.say("exam.review_back")))
    if page < pages:
        found.append(choice(turn.language, "exam_review", sat.paper_id, page + 1, label=turn.say("exam.review_forth")))
    return (*found, choice(turn.language, "report_question"), choice(turn.language, "record"))
