"""What the exam pages show: the exams there are for me, one question of my paper, the sheet, the result. The key only once released."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from handlers.messages import Viewer
from handlers.sitting import cards, exam_cards, gates, reviewing
from handlers.sitting.exam_cards import Desk
from handlers.sitting.scores import points, rules_in_words, verdict
from handlers.turns import Deployment
from handlers.words import say
from quizzes.questions import Kind
from storage import answers
from storage.answers import Sitting
from storage.database import Store


def exams(store: Store, viewer: Viewer, house: Deployment, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The exams there are for me. "open": [{"paper", "title", "state": ready | under_way | done, "assessed", "closes" (as read),
    "place": the question to go on with, "again": may be sat once more, "left": how many sittings are left, "rules": sentences,
    "result": "" before one}]; "coming": [{"title", "opens" (as read)}]; "past": as "open", newest first."""
    open_ = {sat.round_id: sat for sat in answers.open_sittings(store, viewer.person_id, now) if sat.rules.exam}
    past = {sat.round_id: sat for sat in answers.past_exams(store, viewer.person_id)}
    coming = [
        {"title": each.title, "opens": house.moment(viewer.language, each.opens_at)}
        for each in gates.announced(store, viewer.person_id, house, now)
    ]
    desk = Desk(house, viewer.language, now)
    shown = {
        when: [_exam(store, sat, desk) for sat in some.values()] for when, some in (("open", open_), ("past", past))
    }
    return shown | {"coming": coming}


def _exam(store: Store, sat: Sitting, desk: Desk) -> dict[str, Any]:
    language = desk.language
    state = {"": "ready", "open": "under_way"}.get(sat.attempt_state, "done")
    result = say(
        language, "exam.done", title=sat.title, score=points(sat.score), verdict=verdict(language, sat.score, sat.rules)
    )
    return {
        "paper": sat.paper_id, "title": sat.title, "state": state, "assessed": sat.counts == "assessed",
        "closes": desk.house.moment(language, sat.closes_at), "place": sat.place + 1,
        "again": state == "done" and sat.attempts_left > 0 and desk.now < sat.closes_at, "left": sat.attempts_left,
        "rules": _rules(store, sat, desk) if state == "ready" else [], "result": result if state == "done" else "",
    }  # fmt: skip


def _rules(store: Store, sat: Sitting, desk: Desk) -> list[str]:
    """By which notice it counts, the rules in words, and where the close leaves less than the minutes of the rules, how many."""
    first = [desk.say("exam.notice", notice=sat.notice)] if sat.notice and sat.counts == "assessed" else []
    said = [*first, *rules_in_words(desk.language, sat.rules, len(sat.slots))]
    ends = gates.end_of(store, sat, desk.now)
    if ends is not None and ends - desk.now < timedelta(minutes=sat.rules.minutes or 0):
        minutes = max(ends - desk.now, timedelta(0)) // timedelta(minutes=1)
        said.append(desk.say("exam.cut_short", minutes=minutes, at=desk.house.moment(desk.language, ends)))
    return said


def _mine(store: Store, paper_id: int, viewer: Viewer) -> Sitting:
    """A paper of the viewer's own. Raises KeyError for any other."""
    sat = answers.sitting(store, paper_id)
    if sat is None or sat.person_id != viewer.person_id or not sat.rules.exam:
        raise KeyError(paper_id)
    return sat


def head(sat: Sitting, now: datetime) -> dict[str, Any]:
    """What every page of a sitting says: {"paper", "title", "total", "state": ready | under_way | done, "ends", "now": ISO UTC}; `ends` ""
    without a time of its own. It is under way as long as an answer is taken, which is a grace longer than people are told."""
    state = "under_way" if gates.takes_answers(sat, now) else "done" if sat.attempt_state else "ready"
    return {"paper": sat.paper_id, "title": sat.title, "total": len(sat.slots), "state": state,
            "ends": sat.ends_at.isoformat() if sat.ends_at else "", "now": now.isoformat()}  # fmt: skip


def question(
    store: Store, paper_id: int, number: int, viewer: Viewer, house: Deployment, now: datetime
) -> dict[str, Any]:
    """One question of a sitting that is under way (else the head alone): besides the head {"number", "section", "left", "kind", "stem",
    "background", "options", "chosen": letters, "text": of a blank, "given": how often it was answered, "flagged", "token"}.
    Nothing of the key is among it. Raises KeyError."""
    sat = _mine(store, paper_id, viewer)
    found = head(sat, now)
    if found["state"] != "under_way":
        return found
    if not 1 <= number <= len(sat.slots):
        raise KeyError(number)
    slot, language = number - 1, viewer.language
    asked, last = answers.shown(store, sat.slots[slot]), answers.last(store, sat.paper_id, slot)
    given = last.answer if last else ()
    card = cards.card(house.secret, language, sat, slot, asked)
    section = next(each for each in exam_cards.parts(store, sat) if slot in each.slots)
    return found | {
        "number": number, "section": exam_cards.section_name(section, language), "left": exam_cards.time_left(sat, Desk(house, language, now)),
        "kind": asked.kind.value, "stem": asked.stem, "background": asked.background, "options": list(card.options),
        "chosen": exam_cards.letters_shown(asked, sat.slots[slot], given), "text": given[0] if given and asked.kind is Kind.BLANK else "",
        "given": last.serial + 1 if last else 0, "flagged": slot in sat.flagged, "token": card.token,
    }  # fmt: skip


def sheet(store: Store, paper_id: int, viewer: Viewer, house: Deployment, now: datetime) -> dict[str, Any]:
    """The whole paper at a glance: besides the head {"left", "answered": how many, "flagged": how many, "place": the question to go
    on with, "sections": [{"name", "slots": [{"number", "answered", "flagged"}]}]}. Raises KeyError."""
    sat = _mine(store, paper_id, viewer)
    given = answers.answered(store, sat.paper_id)
    sections = [
        {"name": exam_cards.section_name(each, viewer.language),
         "slots": [{"number": slot + 1, "answered": slot in given, "flagged": slot in sat.flagged} for slot in each.slots]}
        for each in exam_cards.parts(store, sat)
    ]  # fmt: skip
    left = exam_cards.time_left(sat, Desk(house, viewer.language, now))
    return head(sat, now) | {"left": left, "answered": len(given), "flagged": len(sat.flagged), "place": sat.place + 1,
                             "sections": sections}  # fmt: skip


def result(store: Store, paper_id: int, viewer: Viewer, house: Deployment, now: datetime) -> dict[str, Any]:
    """How a sitting went: besides the head {"result", "again", "left": how many sittings are left, "released", "release": a
    sentence, "why_not": why it cannot begin now}. Raises KeyError."""
    sat = _mine(store, paper_id, viewer)
    language, closes = viewer.language, house.moment(viewer.language, sat.closes_at)
    said = say(
        language, "exam.done", title=sat.title, score=points(sat.score), verdict=verdict(language, sat.score, sat.rules)
    )
    why_not = gates.refusal(store, sat, house, language, now)
    return head(sat, now) | {
        "result": said if sat.attempt_state == "handed_in" else "", "again": sat.attempts_left > 0 and not why_not, "left": sat.attempts_left, "why_not": why_not,
        "released": reviewing.released(store, sat), "release": reviewing.when(sat, language, closes) if not reviewing.released(store, sat) else "",
    }  # fmt: skip


def review(store: Store, paper_id: int, page: int, viewer: Viewer) -> dict[str, Any]:
    """A released paper: {"paper", "title", "head", "blocks", "page", "pages"}. Raises KeyError while it is not released."""
    sat = _mine(store, paper_id, viewer)
    if not reviewing.released(store, sat):
        raise KeyError(paper_id)
    shown = reviewing.page_of(store, sat, page, viewer.language)
    return {
        "paper": sat.paper_id,
        "title": sat.title,
        "head": shown.head,
        "blocks": list(shown.blocks),
        "page": shown.page,
        "pages": shown.pages,
    }
