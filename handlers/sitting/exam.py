"""考试: a formal exam in chat: begun on purpose, answered in any order, changed until 交卷, and explained only after its release."""

from __future__ import annotations

from datetime import timedelta

from handlers import codec
from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.people import seating
from handlers.rounds import opening
from handlers.sitting import exam_cards, gates
from handlers.sitting.exam_cards import Desk
from handlers.sitting.scores import points, rules_in_words, verdict
from handlers.turns import Turn
from quizzes.rounds import State
from storage import answers, deliveries, rounds
from storage.answers import Sitting
from storage.database import Store

WARNINGS = ((timedelta(minutes=10), timedelta(minutes=5)), (timedelta(minutes=3), timedelta(minutes=1)))
"""Of a sitting longer than the first, the end is announced the second before it."""


def desk(turn: Turn) -> Desk:
    """What showing a question takes."""
    return Desk(turn.house, turn.language, turn.now)


# What there is, and beginning. -----------------------------------------------------------------------------------------


def exam(turn: Turn, store: Store) -> list[Reply]:
    """The exams there are for me; one that is under way goes on where it was left, on whatever channel."""
    going = gates.under_way(store, turn.me.id, turn.now)
    if going is not None:
        return [
            exam_cards.question(store, going, going.place, desk(turn), turn.say("exam.going_on", title=going.title))
        ]
    opening.enrol_late(store, turn.me.id, turn.house, turn.now)
    newest = {sat.round_id: sat for sat in answers.open_sittings(store, turn.me.id, turn.now) if sat.rules.exam}
    if not newest:
        return [_nothing(turn, store)]
    return [introduction(turn, sat) for sat in newest.values()]


def _nothing(turn: Turn, store: Store) -> Reply:
    planned = [each for each in rounds.in_state(store, State.PLANNED) if each.rules.exam]
    said = turn.say("exam.nothing")
    if planned:
        at = turn.house.moment(turn.language, planned[0].opens_at)
        said += "\n" + turn.say("exam.next", title=planned[0].title, at=at)
    return Reply(said, choices=(choice(turn.language, "today"), choice(turn.language, "record")))


def introduction(turn: Turn, sat: Sitting) -> Reply:
    """What an exam is, under which rules, and the button that begins it; or how it went."""
    if sat.attempt_state == "handed_in":
        return done(turn, sat)
    said = turn.say("exam.intro", title=sat.title, closes=turn.house.moment(turn.language, sat.closes_at),
                    rules="\n".join(rules_in_words(turn.language, sat.rules, len(sat.slots))))  # fmt: skip
    return Reply(said, choices=(begin_button(turn, sat),))


def begin_button(turn: Turn, sat: Sitting) -> Choice:
    """The one tap; for an assessed exam it says 「本人独立作答」."""
    label = "exam.declare" if sat.counts == "assessed" else "exam.begin"
    return choice(turn.language, "begin_exam", sat.paper_id, label=turn.say(label))


def done(turn: Turn, sat: Sitting) -> Reply:
    said = turn.say(
        "exam.done", title=sat.title, score=points(sat.score), verdict=verdict(turn.language, sat.score, sat.rules)
    )
    buttons = [choice(turn.language, "exam_review", sat.paper_id), choice(turn.language, "record")]
    if sat.attempts_left:
        said += "\n" + turn.say(f"quiz.attempts_{sat.rules.score}", left=sat.attempts_left)
        buttons.insert(0, choice(turn.language, "begin_exam", sat.paper_id, label=turn.say("exam.again")))
    return Reply(said, choices=tuple(buttons))


def begin(turn: Turn, store: Store) -> list[Reply]:
    """「开始考试 <paper>」: fixes when this sitting ends, and shows the first question. Pressed twice it begins once."""
    sat = mine(turn, store)
    if sat is None:
        return [stale(turn)]
    if sat.attempt_state == "open":
        return [exam_cards.question(store, sat, sat.place, desk(turn), turn.say("exam.going_on", title=sat.title))]
    why_not = gates.refusal(store, sat, turn.house, turn.language, turn.now)
    if why_not:
        return [Reply(why_not, choices=(choice(turn.language, "exam"),))]
    if sat.attempt_state == "handed_in":
        if not sat.attempts_left:
            return [done(turn, sat)]
        sat = _next_paper(turn, store, sat)
    ends_at = gates.end_of(store, sat, turn.now)
    answers.start(
        store, sat, turn.now, ends_at=ends_at, declared=sat.counts == "assessed", device=seating.device_of(turn, store)
    )
    sat = again(store, sat.paper_id)
    _plan_warning(turn, store, sat)
    key = "exam.begun" if sat.ends_at else "exam.begun_no_minutes"
    said = turn.say(key, title=sat.title, at=turn.house.moment(turn.language, sat.until))
    return [exam_cards.question(store, sat, 0, desk(turn), said)]


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
            said = Reply(turn.say("exam.warning", title=sat.title, minutes=before // timedelta(minutes=1)), choices=(choice(turn.language, "exam_sheet"), choice(turn.language, "hand_in")))  # fmt: skip
            deliveries.plan(store, f"warning:{sat.paper_id}", turn.account.id, "warning", codec.to_json(store, said, turn.me.id, turn.now), turn.now,
                            not_before=sat.ends_at - before, expires_at=sat.ends_at, round_id=sat.round_id)  # fmt: skip
            return


def mine(turn: Turn, store: Store) -> Sitting | None:
    """The paper named by number, if it is mine and an exam's."""
    named = turn.arguments[0] if turn.arguments else ""
    sat = (
        answers.sitting(store, as_number(named)) if named.isdecimal() else gates.under_way(store, turn.me.id, turn.now)
    )
    return sat if sat is not None and sat.person_id == turn.me.id and sat.rules.exam else None


def again(store: Store, paper_id: int) -> Sitting:
    found = answers.sitting(store, paper_id)
    assert found is not None
    return found


def stale(turn: Turn) -> Reply:
    return Reply(turn.say("exam.stale"), choices=(choice(turn.language, "exam"),))
