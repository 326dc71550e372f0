"""作答: answering an exam that is under way, moving about in it, and 交卷. Each answer is kept at once and nothing is said about it."""

from __future__ import annotations

import re

from handlers.commands import choice
from handlers.messages import Reply
from handlers.people import seating
from handlers.rounds import closing
from handlers.sitting import exam, exam_cards, gates
from handlers.sitting.scores import points, verdict
from handlers.turns import Turn
from quizzes import grading
from quizzes.questions import Kind
from quizzes.rounds import GRACE, State
from storage import answers, deliveries
from storage.answers import Sitting
from storage.database import Store

_NUMBER = re.compile(r"第?\s*(\d{1,3})\s*题")


def record(turn: Turn, store: Store, sat: Sitting, slot: int, text: str, *, edits: bool) -> Reply:
    """Keep one answer and show the next question; answering again changes it. Nothing is said about right or wrong."""
    if sat.attempt_state != "open" or turn.now > sat.until + GRACE or sat.state not in (State.OPEN, State.CLOSING):
        return _too_late(turn, store, sat)
    question = answers.shown(store, sat.slots[slot])
    answer = grading.read_answer(question, sat.slots[slot].order, text)
    if answer is None or (question.kind is Kind.MULTIPLE and len(answer) < 2):  # one letter can only be a slip
        return exam_cards.question(
            store, sat, slot, exam.desk(turn), turn.say(f"quiz.how_{question.kind.value}"), edits=edits
        )
    before = answers.last(store, sat.paper_id, slot)
    if before is None or before.answer != answer:
        answers.respond(store, sat, slot, before.serial + 1 if before else 0, answer, grading.is_correct(question, answer),
                        arrived_at=turn.now, platform_at=turn.incoming.platform_at, channel=turn.incoming.account.channel,
                        inbox_key=turn.incoming.key)  # fmt: skip
    shown = exam_cards.letters_shown(question, sat.slots[slot], answer) or answer[0]
    said = turn.say("exam.recorded" if before is None else "exam.changed", number=slot + 1, answer=shown)
    if slot + 1 == len(sat.slots):
        return _last_one(turn, sat, said, edits=edits)
    answers.stand_at(store, sat.paper_id, slot + 1)
    return exam_cards.question(store, sat, slot + 1, exam.desk(turn), said, edits=edits)


def _last_one(turn: Turn, sat: Sitting, said: str, *, edits: bool) -> Reply:
    back = choice(turn.language, "exam_question", len(sat.slots), label=turn.say("exam.back_to_last"))
    buttons = (choice(turn.language, "exam_sheet"), choice(turn.language, "hand_in"), back)
    return Reply(said + "\n" + turn.say("exam.was_last"), choices=buttons, edits=edits)


def tick(turn: Turn, store: Store, sat: Sitting, slot: int, letters: str) -> Reply:
    """Boxes ticked on a multiple-choice card: shown, not recorded."""
    if sat.attempt_state != "open" or turn.now > sat.until + GRACE:
        return _too_late(turn, store, sat)
    return exam_cards.question(store, sat, slot, exam.desk(turn), chosen=letters, edits=True)


def typed(turn: Turn, store: Store) -> list[Reply] | None:
    """A typed answer to the question of an exam that is under way, or 「第12题」; None if there is none or it is neither."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return None
    asked = _NUMBER.fullmatch(turn.said)
    if asked:
        return [_show(turn, store, sat, int(asked[1]))]
    question = answers.shown(store, sat.slots[sat.place])
    if grading.read_answer(question, sat.slots[sat.place].order, turn.said) is None:
        return None
    return [record(turn, store, sat, sat.place, turn.said, edits=False)]


def _too_late(turn: Turn, store: Store, sat: Sitting) -> Reply:
    """Why an answer was not recorded. A sitting whose time is over is handed in at once, with what was answered in time."""
    if not sat.attempt_state:
        said = gates.refusal(store, sat, turn.house, turn.language, turn.now) or turn.say("exam.begin_first")
        return Reply(said, choices=(exam.begin_button(turn, sat),))
    if sat.attempt_state == "open" and sat.state in (State.OPEN, State.CLOSING):
        closing.end(store, sat.paper_id, turn.now)
        ended = exam.again(store, sat.paper_id)
        return Reply(
            turn.say("exam.time_up", title=sat.title) + "\n" + exam.done(turn, ended).text,
            choices=exam.done(turn, ended).choices,
        )
    return Reply(turn.say("exam.handed_in_already", title=sat.title), choices=exam.done(turn, sat).choices)


# Moving about, and 交卷. ------------------------------------------------------------------------------------------------


def go_to(turn: Turn, store: Store) -> list[Reply]:
    """「第 <n> 题」: any question of the exam that is under way."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return [none_under_way(turn)]
    return [_show(turn, store, sat, _asked_number(turn))]


def _show(turn: Turn, store: Store, sat: Sitting, number: int) -> Reply:
    if not 1 <= number <= len(sat.slots):
        return Reply(turn.say("exam.no_such", total=len(sat.slots)), choices=(choice(turn.language, "exam_sheet"),))
    if sat.place != number - 1:
        answers.stand_at(store, sat.paper_id, number - 1)
    return exam_cards.question(store, sat, number - 1, exam.desk(turn), edits=True)


def flag(turn: Turn, store: Store) -> list[Reply]:
    """「标记 <n>」: mark a question to come back to, or take the mark off."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return [none_under_way(turn)]
    slot = _asked_number(turn) - 1 if turn.arguments else sat.place
    if not 0 <= slot < len(sat.slots):
        return [Reply(turn.say("exam.no_such", total=len(sat.slots)), choices=(choice(turn.language, "exam_sheet"),))]
    flagged = answers.flag(store, sat, slot)
    said = turn.say("exam.flagged" if slot in flagged else "exam.unflagged", number=slot + 1)
    return [exam_cards.question(store, exam.again(store, sat.paper_id), slot, exam.desk(turn), said, edits=True)]


def _asked_number(turn: Turn) -> int:
    """The number of a question as said: 「12」, 「12 题」, 「12题」; 0 for none."""
    found = re.match(r"\d{1,3}", turn.arguments[0]) if turn.arguments else None
    return int(found[0]) if found else 0


def none_under_way(turn: Turn) -> Reply:
    """What somebody reads who moves about in an exam that is not under way (any more)."""
    return Reply(
        turn.say("exam.none_under_way"), choices=(choice(turn.language, "exam"), choice(turn.language, "today"))
    )


def hand_in(turn: Turn, store: Store) -> list[Reply]:
    """「交卷」: what is unanswered and flagged, and the button that hands in."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return [none_under_way(turn)]
    given = answers.answered(store, sat.paper_id)
    open_ = [slot for slot in range(len(sat.slots)) if slot not in given]
    said = [
        turn.say(
            "exam.counts", answered=len(given), total=len(sat.slots), left=exam_cards.time_left(sat, exam.desk(turn))
        )
    ]
    if open_:
        said.append(turn.say("exam.unanswered", numbers=numbers(turn, open_)))
    if sat.flagged:
        said.append(turn.say("exam.flagged_list", numbers=numbers(turn, list(sat.flagged))))
    said.append(turn.say("exam.ask_hand_in"))
    buttons = [choice(turn.language, "confirm_hand_in", sat.paper_id)]
    if open_:
        buttons.append(choice(turn.language, "exam_question", open_[0] + 1, label=turn.say("exam.to_open")))
    return [Reply("\n".join(said), choices=(*buttons, choice(turn.language, "exam_sheet")), edits=True)]


def numbers(turn: Turn, slots: list[int], most: int = 20) -> str:
    """「3、7、12」, cut after `most`."""
    shown = turn.say("exam.comma").join(str(slot + 1) for slot in slots[:most])
    return shown if len(slots) <= most else turn.say("exam.and_more", shown=shown, total=len(slots))


def confirm_hand_in(turn: Turn, store: Store) -> list[Reply]:
    """「确认交卷 <paper>」: the end of this sitting. Said twice it is done once."""
    sat = exam.mine(turn, store)
    if sat is None or not sat.attempt_state:
        return [exam.stale(turn)]
    if sat.attempt_state == "handed_in":
        return [
            Reply(
                turn.say("exam.handed_in_already", title=sat.title) + "\n" + exam.done(turn, sat).text,
                choices=exam.done(turn, sat).choices,
            )
        ]
    if turn.now > sat.until + GRACE:
        return [_too_late(turn, store, sat)]
    reached = closing.hand_in(store, sat, turn.now, automatic=False)
    deliveries.cancel(store, sat.round_id, ("warning", "reminder", "card"), sat.person_id)
    ended = exam.again(store, sat.paper_id)
    said = [
        turn.say(
            "exam.handed_in",
            title=sat.title,
            score=points(reached.score),
            verdict=verdict(turn.language, reached.score, sat.rules),
        )
    ]
    if sat.attempts and reached.result.score != reached.score:
        said.append(
            turn.say(
                "exam.counts_score",
                score=points(reached.result.score),
                verdict=verdict(turn.language, reached.result.score, sat.rules),
            )
        )
    if ended.attempts_left:
        said.append(turn.say(f"quiz.attempts_{sat.rules.score}", left=ended.attempts_left))
    said.append(turn.say(f"exam.rule_release_{sat.rules.release}"))
    if seating.clear(turn, store):
        return [Reply("\n".join([*said, turn.say("exam.device_cleared")]), edits=True)]
    return [Reply("\n".join(said), choices=exam.done(turn, ended).choices, edits=True)]
