"""交卷 and the end of time: how a sitting ends, what it came to, and what somebody reads who goes on after it."""

from __future__ import annotations

from datetime import timedelta

from handlers.commands import as_number, choice
from handlers.messages import Choice, Reply
from handlers.people import seating
from handlers.rounds import closing
from handlers.rounds.closing import HandedIn
from handlers.sitting import exam_cards, gates
from handlers.sitting.scores import points, verdict
from handlers.turns import Turn
from quizzes.rounds import State
from storage import answers, deliveries
from storage.answers import Sitting
from storage.database import Store

TOLD_FOR = timedelta(days=1)
"""How long after the end somebody who goes on reads that the time is up."""


# 交卷. -----------------------------------------------------------------------------------------------------------------


def hand_in(turn: Turn, store: Store) -> list[Reply]:
    """「交卷」: what is unanswered and flagged, and the button that hands in."""
    sat = gates.under_way(store, turn.me.id, turn.now)
    if sat is None:
        return [none_under_way(turn, store)]
    given = answers.answered(store, sat.paper_id)
    open_ = [slot for slot in range(len(sat.slots)) if slot not in given]
    said = [counts(turn, sat, len(given))]
    if open_:
        said.append(turn.say("exam.unanswered", numbers=numbers(turn, open_)))
    if sat.flagged:
        said.append(turn.say("exam.flagged_list", numbers=numbers(turn, list(sat.flagged))))
    said.append(turn.say("exam.ask_hand_in"))
    buttons = [choice(turn.language, "confirm_hand_in", sat.paper_id)]
    if open_:
        buttons.append(to_open(turn, open_[0]))
    return [Reply("\n".join(said), choices=(*buttons, choice(turn.language, "exam_sheet")), edits=True)]


def counts(turn: Turn, sat: Sitting, answered: int) -> str:
    """「已答 12/50 题，剩 23 分钟。」"""
    left = exam_cards.time_left(sat, exam_cards.desk(turn))
    return turn.say("exam.counts", answered=answered, total=len(sat.slots), left=left)


def to_open(turn: Turn, slot: int) -> Choice:
    """The way to the first question that has no answer."""
    return choice(turn.language, "exam_question", slot + 1, label=turn.say("exam.to_open"))


def numbers(turn: Turn, slots: list[int], most: int = 20) -> str:
    """「3、7、12」, cut after `most`."""
    shown = turn.say("exam.comma").join(str(slot + 1) for slot in slots[:most])
    return shown if len(slots) <= most else turn.say("exam.and_more", shown=shown, total=len(slots))


def confirm_hand_in(turn: Turn, store: Store) -> list[Reply]:
    """「确认交卷 <paper>」: the end of this sitting. Said twice it is done once."""
    sat = mine(turn, store)
    if sat is None or not sat.attempt_state:
        return [stale(turn)]
    if not gates.takes_answers(sat, turn.now):
        return [too_late(turn, store, sat, answer=False)]
    reached = closing.hand_in(store, sat, turn.now, automatic=False)
    deliveries.cancel(store, sat.round_id, ("warning", "reminder", "card"), sat.person_id)
    ended = fresh(store, sat.paper_id)
    said = _reached(turn, sat, ended, reached)
    if seating.clear(turn, store):
        return [Reply("\n".join([*said, turn.say("exam.device_cleared")]), edits=True)]
    return [Reply("\n".join(said), choices=done(turn, ended).choices, edits=True)]


def _reached(turn: Turn, sat: Sitting, ended: Sitting, reached: HandedIn) -> list[str]:
    """The score, which score counts, what is left, and when the answers are released."""
    own, all_ = reached.score, reached.result.score
    said = [
        turn.say("exam.handed_in", title=sat.title, score=points(own), verdict=verdict(turn.language, own, sat.rules))
    ]
    if sat.attempts and all_ != own:
        said.append(turn.say("exam.counts_score", score=points(all_), verdict=verdict(turn.language, all_, sat.rules)))
    if ended.attempts_left:
        said.append(turn.say(f"quiz.attempts_{sat.rules.score}", left=ended.attempts_left))
    return [*said, turn.say(f"exam.rule_release_{sat.rules.release}")]


# What it came to, and going on after the end. ---------------------------------------------------------------------------


def done(turn: Turn, sat: Sitting) -> Reply:
    """What the sittings of a round came to, and what can be done now."""
    if sat.score is None:
        said = turn.say("exam.done_empty", title=sat.title)
    else:
        said = turn.say(
            "exam.done", title=sat.title, score=points(sat.score), verdict=verdict(turn.language, sat.score, sat.rules)
        )
    buttons = [choice(turn.language, "exam_review", sat.paper_id), choice(turn.language, "record")]
    if sat.attempts_left and sat.state == State.OPEN and turn.now < sat.closes_at:
        said += "\n" + turn.say(f"quiz.attempts_{sat.rules.score}", left=sat.attempts_left)
        buttons.insert(0, choice(turn.language, "begin_exam", sat.paper_id, label=turn.say("exam.again")))
    return Reply(said, choices=tuple(buttons))


def too_late(turn: Turn, store: Store, sat: Sitting, *, answer: bool) -> Reply:
    """Why nothing can be done with a sitting; `answer`: something was answered, and was not recorded. A sitting whose time is over is
    handed in at once, with what was answered in time."""
    lost = [turn.say("exam.not_recorded")] if answer else []
    if not sat.attempt_state:
        why_not = gates.refusal(store, sat, turn.house, turn.language, turn.now)
        button = choice(turn.language, "exam") if why_not else exam_cards.begin_button(turn, sat)
        return Reply("\n".join([why_not or turn.say("exam.begin_first"), *lost]), choices=(button,))
    if sat.attempt_state == "open" and sat.state in (State.OPEN, State.CLOSING):
        closing.end(store, sat.paper_id, turn.now)
        sat = fresh(store, sat.paper_id)
    if sat.attempt_state == "open":  # the round is closed, and had nothing of this sitting to hand in
        return Reply(
            "\n".join([turn.say("exam.over_empty", title=sat.title), *lost]), choices=(choice(turn.language, "record"),)
        )
    head = turn.say("exam.time_up" if sat.automatic else "exam.handed_in_already", title=sat.title)
    shown = done(turn, sat)
    said = [head, *lost, shown.text]
    if gates.under_way(store, turn.me.id, turn.now) is None and seating.clear(turn, store):
        return Reply("\n".join([*said, turn.say("exam.device_cleared")]))
    return Reply("\n".join(said), choices=shown.choices)


def none_under_way(turn: Turn, store: Store) -> Reply:
    """What somebody reads who moves about in an exam that is not under way: that the time is up, if it ran out lately."""
    over = ran_out(turn, store, TOLD_FOR)
    if over is not None:
        return too_late(turn, store, over, answer=False)
    buttons = (choice(turn.language, "exam"), choice(turn.language, "today"))
    return Reply(turn.say("exam.none_under_way"), choices=buttons)


def ran_out(turn: Turn, store: Store, within: timedelta) -> Sitting | None:
    """The sitting of mine that the clock ended last, if that was within this time and I have begun none of its round since."""
    some = [*answers.past_exams(store, turn.me.id, 3), *answers.open_sittings(store, turn.me.id, turn.now)]
    newest = {sat.round_id: sat for sat in some if sat.rules.exam and sat.attempt_state}.values()
    over = [
        sat
        for sat in newest
        if (sat.automatic or sat.attempt_state == "open") and sat.until < turn.now <= sat.until + within
    ]
    return max(over, key=lambda sat: sat.until, default=None)


# Which paper. ----------------------------------------------------------------------------------------------------------


def mine(turn: Turn, store: Store) -> Sitting | None:
    """The paper named by number (else the one under way), if it is mine and an exam's."""
    named = turn.arguments[0] if turn.arguments else ""
    sat = (
        answers.sitting(store, as_number(named)) if named.isdecimal() else gates.under_way(store, turn.me.id, turn.now)
    )
    return sat if sat is not None and sat.person_id == turn.me.id and sat.rules.exam else None


def fresh(store: Store, paper_id: int) -> Sitting:
    """A paper as it is now."""
    found = answers.sitting(store, paper_id)
    assert found is not None
    return found


def stale(turn: Turn) -> Reply:
    """The button of something that is no exam of mine."""
    return Reply(turn.say("exam.stale"), choices=(choice(turn.language, "exam"),))
