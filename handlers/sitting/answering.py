"""今日答题: a card answered by a press or a typed letter, with the explanation and the next question in the same message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers.commands import choice
from handlers.messages import Reply, read_card_action
from handlers.rounds import opening
from handlers.rounds.closing import hand_in
from handlers.sitting import cards, exam, keys, under_way
from handlers.sitting.scores import points, verdict
from handlers.turns import Turn
from quizzes import grading
from quizzes.questions import Kind
from quizzes.rounds import GRACE
from storage import answers, deliveries, rounds
from storage.answers import Answered, Sitting
from storage.database import Store


def today(turn: Turn, store: Store) -> list[Reply]:
    """The next question of the round that closes first, wherever it was left; or what there is instead."""
    mine = _my_sittings(turn, store)
    waiting = [sat for sat in mine if sat.attempt_state != "handed_in"]
    exams = any(sat.rules.exam for sat in waiting)
    for sat in waiting:
        if not sat.rules.exam:
            card = _next_card(turn, store, sat, answers.answered(store, sat.paper_id))
            return [replace(card, choices=(choice(turn.language, "exam"),)) if exams else card]
    if exams:
        return exam.exam(turn, store)
    if mine:
        last = mine[-1]
        result = turn.say(
            "quiz.done_today",
            title=last.title,
            score=points(last.score),
            verdict=verdict(turn.language, last.score, last.rules),
        )
        buttons = ("exam",) if last.rules.exam else ("again",) if last.attempts_left else ()
        return [_with_buttons(turn, result, *buttons, "record", "materials")]
    upcoming = rounds.next_opening(store, turn.now)
    when = (
        turn.say("quiz.next_at", at=turn.house.moment(turn.language, upcoming))
        if upcoming
        else turn.say("quiz.next_unknown")
    )
    return [_with_buttons(turn, turn.say("quiz.nothing_open", next=when), "record", "materials")]


def again(turn: Turn, store: Store) -> list[Reply]:
    """「再答一次」: another attempt where the rules leave one, after the last was handed in; which score counts, the rules say."""
    mine = answers.open_sittings(store, turn.me.id, turn.now)
    newest = {sat.round_id: sat for sat in mine}.values()
    for sat in newest:
        if sat.rules.exam and sat.attempt_state != "open" and sat.attempts_left:
            return exam.exam(turn, store)
        if sat.attempt_state == "handed_in" and sat.attempts_left:
            opening.draw_again(store, sat)
            break
    return today(turn, store)


def _with_buttons(turn: Turn, text: str, *keys: str, edits: bool = False) -> Reply:
    return Reply(text, choices=tuple(choice(turn.language, key) for key in keys), edits=edits)


def _my_sittings(turn: Turn, store: Store) -> list[Sitting]:
    found = answers.open_sittings(store, turn.me.id, turn.now)
    if found or not opening.enrol_late(store, turn.me.id, turn.house, turn.now):
        return found
    return answers.open_sittings(store, turn.me.id, turn.now)


def press(turn: Turn, store: Store) -> list[Reply]:
    """A press on a card: a tick shows the card again, an answer is recorded and explained."""
    read = read_card_action(turn.incoming.action)
    token = cards.read_token(turn.house.secret, read[0]) if read else None
    sat = answers.sitting(store, token[0]) if token else None
    if read is None or token is None or sat is None or token[1] >= len(sat.slots):
        return [Reply(turn.say("quiz.stale"), choices=(choice(turn.language, "today"),))]
    if sat.person_id != turn.me.id:
        return [Reply(turn.say("quiz.not_yours"), choices=(choice(turn.language, "today"),))]
    slot, letters, answers_it = token[1], read[1], read[2]
    if answers_it:
        record = under_way.record if sat.rules.exam else _answer
        return [record(turn, store, sat, slot, letters, edits=True)]
    question = answers.shown(store, sat.slots[slot])
    ticked = "".join(sorted(set(letters.upper()) & set("ABCDEFGHIJ"[: len(question.options)])))
    if sat.rules.exam:
        return [under_way.tick(turn, store, sat, slot, ticked)]
    return [Reply("", card=cards.card(turn.house.secret, turn.language, sat, slot, question, ticked), edits=True)]


def typed(turn: Turn, store: Store) -> list[Reply] | None:
    """A typed answer to the question that is open, or None if there is none or the text is no answer to it."""
    in_exam = under_way.typed(turn, store)
    if in_exam is not None:
        return in_exam
    for sat in answers.open_sittings(store, turn.me.id, turn.now):
        if sat.attempt_state == "handed_in" or sat.rules.exam:
            continue
        slot = _first_open(sat, answers.answered(store, sat.paper_id))
        question = answers.shown(store, sat.slots[slot])
        if grading.read_answer(question, sat.slots[slot].order, turn.incoming.text) is None:
            return None
        return [_answer(turn, store, sat, slot, turn.incoming.text, edits=False)]
    return under_way.typed_late(turn, store)


def _answer(turn: Turn, store: Store, sat: Sitting, slot: int, text: str, *, edits: bool) -> Reply:
    """Record one answer, or say why it was not recorded."""
    if sat.state not in ("open", "closing") or not sat.opens_at <= turn.now <= sat.closes_at + GRACE:
        early = turn.now < sat.opens_at
        said = (
            turn.say("quiz.not_open_yet", at=turn.house.moment(turn.language, sat.opens_at))
            if early
            else turn.say("quiz.closed", title=sat.title)
        )
        return Reply(said, choices=() if early else (choice(turn.language, "today"),))
    given = answers.answered(store, sat.paper_id)
    if slot in given or sat.attempt_state == "handed_in":
        return _already(turn, store, sat, slot, given)
    question = answers.shown(store, sat.slots[slot])
    answer = grading.read_answer(question, sat.slots[slot].order, text)
    if answer is None or (question.kind is Kind.MULTIPLE and len(answer) < 2):  # one letter can only be a slip
        hint = cards.how(turn.language, question.kind, text)
        return Reply(hint, card=cards.card(turn.house.secret, turn.language, sat, slot, question), edits=edits)
    correct = grading.is_correct(question, answer)
    if not sat.attempt_state:
        answers.start(store, sat, turn.now)
    answers.respond(store, sat, slot, 0, answer, correct, arrived_at=turn.now, platform_at=turn.incoming.platform_at,
                    channel=turn.incoming.account.channel, inbox_key=turn.incoming.key)  # fmt: skip
    given[slot] = Answered(0, correct, answer)
    said = keys.explained(store, turn.language, sat, slot, answer)
    if len(given) < len(sat.slots):
        return _next_card(turn, store, sat, given, said, edits=edits)
    return _finish(turn, store, sat, given, said, edits=edits)


def _already(turn: Turn, store: Store, sat: Sitting, slot: int, given: Mapping[int, Answered]) -> Reply:
    """The question was answered before (on this or another channel): say so, and go on where the person is."""
    said = turn.say("quiz.already")
    if slot in given:
        said += "\n" + keys.explained(store, turn.language, sat, slot, given[slot].answer)
    if sat.attempt_state == "handed_in" or len(given) == len(sat.slots):
        return Reply(said, choices=(choice(turn.language, "record"),))
    return _next_card(turn, store, sat, given, said)


def _next_card(
    turn: Turn, store: Store, sat: Sitting, given: Mapping[int, Answered], said: str = "", *, edits: bool = False
) -> Reply:
    slot = _first_open(sat, given)
    question = answers.shown(store, sat.slots[slot])
    if not said and question.kind is Kind.BLANK:
        said = turn.say("quiz.how_blank")
    return Reply(said, card=cards.card(turn.house.secret, turn.language, sat, slot, question), edits=edits)


def _first_open(sat: Sitting, given: Mapping[int, Answered]) -> int:
    return next((slot for slot in range(len(sat.slots)) if slot not in given), 0)


def _finish(turn: Turn, store: Store, sat: Sitting, given: Mapping[int, Answered], said: str, *, edits: bool) -> Reply:
    """交卷 after the last answer: the score, the verdict, and what next."""
    reached = hand_in(store, sat, turn.now, automatic=False)
    deliveries.cancel(store, sat.round_id, ("reminder", "card"), sat.person_id)
    result = turn.say("quiz.result", title=sat.title, right=keys.right(store, sat, given), total=len(given),
                      score=points(reached.score), verdict=verdict(turn.language, reached.result.score, sat.rules))  # fmt: skip
    if sat.counts == "practice":
        result += "\n" + turn.say("quiz.practice_note")
    left = sat.attempts_left - 1
    if left > 0:
        result += "\n" + turn.say(f"quiz.attempts_{sat.rules.score}", left=left)
    others = any(other.attempt_state != "handed_in" for other in answers.open_sittings(store, turn.me.id, turn.now))
    buttons = [*(["again"] if left > 0 else []), *(["today"] if others else []), "record", "report_question"]
    return _with_buttons(turn, f"{said}\n\n{result}", *buttons, edits=edits)
