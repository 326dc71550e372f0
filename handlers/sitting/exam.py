"""考试: a formal exam in chat: begun on purpose, answered in any order, changed until 交卷, and explained only after its release."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers import codec
from handlers.commands import choice
from handlers.messages import OPENS_PAGES, Link, Reply
from handlers.people import seating
from handlers.rounds import opening
from handlers.sitting import ending, exam_cards, gates
from handlers.sitting.exam_cards import begin_button
from handlers.sitting.scores import rules_in_words
from handlers.turns import Deployment, Turn
from handlers.words import say
from storage import answers, deliveries
from storage.answers import Sitting
from storage.database import Store

WARNINGS = ((timedelta(minutes=10), timedelta(minutes=5)), (timedelta(minutes=3), timedelta(minutes=1)))
"""Of a sitting longer than the first, the end is announced the second before it."""


# What there is, and beginning. -----------------------------------------------------------------------------------------


def exam(turn: Turn, store: Store) -> list[Reply]:
    """The exams there are for me; one that is under way goes on where it was left, on whatever channel. 「考试 <paper>」: that one."""
    going = gates.under_way(store, turn.me.id, turn.now)
    if going is not None:
        return [_go_on(turn, store, going)]
    named = ending.mine(turn, store)
    if named is not None:
        return [introduction(turn, store, named)]
    opening.enrol_late(store, turn.me.id, turn.house, turn.now)
    newest = {sat.round_id: sat for sat in answers.open_sittings(store, turn.me.id, turn.now) if sat.rules.exam}
    if not newest:
        return [_nothing(turn, store)]
    return [introduction(turn, store, sat) for sat in newest.values()]


def page(language: str, house: Deployment, channel: str) -> tuple[Link, ...]:
    """The way to the exam's page, on channels where it opens with the person signed in."""
    return (Link(say(language, "exam.open_page"), f"{house.public_url}/exam"),) if channel in OPENS_PAGES else ()


def _go_on(turn: Turn, store: Store, sat: Sitting) -> Reply:
    said = turn.say("exam.going_on", title=sat.title)
    shown = exam_cards.question(store, sat, sat.place, exam_cards.desk(turn), said)
    return replace(shown, links=page(turn.language, turn.house, turn.incoming.account.channel))


def _nothing(turn: Turn, store: Store) -> Reply:
    """No exam is open: which comes next, and the way to the paper of the last."""
    said, buttons = turn.say("exam.nothing"), [choice(turn.language, "today"), choice(turn.language, "record")]
    coming = gates.announced(store, turn.me.id, turn.house, turn.now)
    if coming:
        at = turn.house.moment(turn.language, coming[0].opens_at)
        said += "\n" + turn.say("exam.next", title=coming[0].title, at=at)
    for last in answers.past_exams(store, turn.me.id, 1):
        said += "\n" + ending.done(turn, last).text
        buttons.insert(0, choice(turn.language, "exam_review", last.paper_id))
    return Reply(said, choices=tuple(buttons))


def introduction(turn: Turn, store: Store, sat: Sitting) -> Reply:
    """What an exam is, under which rules, and the button that begins it; or how it went."""
    if sat.attempt_state == "handed_in":
        return ending.done(turn, sat)
    if sat.attempt_state == "open":
        return ending.too_late(turn, store, sat, answer=False)
    said = turn.say("exam.intro", title=sat.title, closes=turn.house.moment(turn.language, sat.closes_at),
                    rules="\n".join([*_standing(turn, sat), *rules_in_words(turn.language, sat.rules, len(sat.slots)), *_now(turn, store, sat)]))  # fmt: skip
    way = page(turn.language, turn.house, turn.incoming.account.channel)
    return Reply(said, choices=(begin_button(turn, sat),), links=way)


def _standing(turn: Turn, sat: Sitting) -> list[str]:
    """By which notice an exam counts, or that it is practice."""
    if sat.counts == "practice":
        return [turn.say("quiz.practice_note")]
    return [turn.say("exam.notice", notice=sat.notice)] if sat.notice else []


def _now(turn: Turn, store: Store, sat: Sitting) -> list[str]:
    """What holds for this person now: sittings left where they are not simply the rules', minutes left where the close cuts them."""
    said = []
    if sat.attempts or sat.granted:
        said.append(turn.say("exam.sittings_left", left=sat.attempts_left))
    ends = gates.end_of(store, sat, turn.now)
    if ends is not None and ends - turn.now < timedelta(minutes=sat.rules.minutes or 0):
        minutes = max(ends - turn.now, timedelta(0)) // timedelta(minutes=1)
        said.append(turn.say("exam.cut_short", minutes=minutes, at=turn.house.moment(turn.language, ends)))
    return said


def begin(turn: Turn, store: Store) -> list[Reply]:
    """「开始考试 <paper>」: fixes when this sitting ends, and shows the first question. Pressed twice it begins once."""
    sat = ending.mine(turn, store)
    if sat is None:
        return [ending.stale(turn)]
    if sat.attempt_state == "open":
        on = gates.takes_answers(sat, turn.now)
        return [_go_on(turn, store, sat) if on else ending.too_late(turn, store, sat, answer=False)]
    going = gates.under_way(store, turn.me.id, turn.now) if sat.attempt_state else None
    if going is not None and going.round_id == sat.round_id:
        return [_go_on(turn, store, going)]
    why_not = gates.refusal(store, sat, turn.house, turn.language, turn.now)
    if why_not:
        return [Reply(why_not, choices=(choice(turn.language, "exam"),))]
    if sat.attempt_state == "handed_in":
        if not sat.attempts_left:
            return [ending.done(turn, sat)]
        sat = _next_paper(turn, store, sat)
        if sat.attempt_state:  # begun before, and its time ran out while nobody looked
            return [ending.too_late(turn, store, sat, answer=False)]
    ends_at = gates.end_of(store, sat, turn.now)
    answers.start(
        store, sat, turn.now, ends_at=ends_at, declared=sat.counts == "assessed", device=seating.device_of(turn, store)
    )
    sat = replace(sat, attempt_state="open", ends_at=ends_at)
    _plan_warning(turn, store, sat)
    key = "exam.begun" if sat.ends_at else "exam.begun_no_minutes"
    said = turn.say(key, title=sat.title, at=turn.house.moment(turn.language, sat.until))
    return [exam_cards.question(store, sat, 0, exam_cards.desk(turn), said)]


def _next_paper(turn: Turn, store: Store, sat: Sitting) -> Sitting:
    """The paper of another sitting: drawn now, unless it was drawn before and never begun."""

    def newest() -> Sitting:
        papers = answers.open_sittings(store, turn.me.id, turn.now)
        return [each for each in papers if each.round_id == sat.round_id][-1]

    found = newest()
    if found.attempt_state == "handed_in":
        opening.draw_again(store, found)
    return newest()


def _plan_warning(turn: Turn, store: Store, sat: Sitting) -> None:
    """Owe a word before the end, to where the exam was begun; it costs no touch, for the person is sitting the exam."""
    if sat.ends_at is None or turn.account is None:
        return
    for longer, before in WARNINGS:
        if sat.ends_at - turn.now > longer:
            text = turn.say("exam.warning", title=sat.title, minutes=before // timedelta(minutes=1), at=turn.house.moment(turn.language, sat.ends_at))  # fmt: skip
            said = Reply(text, choices=(choice(turn.language, "exam_sheet"), choice(turn.language, "hand_in")))
            deliveries.plan_new(store, f"warning:{sat.paper_id}", turn.account, "warning", codec.to_json(store, said, turn.me.id, turn.now), turn.now,
                                not_before=sat.ends_at - before, expires_at=sat.ends_at, round_id=sat.round_id)  # fmt: skip
            return
