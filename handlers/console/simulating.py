"""Simulated people who answer through the real engine: for the demo, and for tests that need a past."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from handlers import dispatch
from handlers.messages import Address, Incoming, answer_action
from handlers.rounds import clock
from handlers.rounds.clock import Calendar
from handlers.sitting import cards
from handlers.turns import Deployment
from quizzes.grading import JUDGE_OPTIONS
from quizzes.questions import LETTERS, Kind, Question
from quizzes.rounds import Round, State
from storage import answers, deliveries, rounds
from storage.answers import Sitting
from storage.database import Database, Store

BATCH = 40


@dataclass(frozen=True, slots=True)
class Habit:
    """How one person behaves: the chance to take part at all, to know an answer, and to leave the last question open."""

    person_id: int
    address: str
    takes_part: float
    knows: float
    breaks_off: float = 0.01


def tick_through(database: Database, now: datetime, house: Deployment, calendar: Calendar, rng: Random) -> None:
    """Let the clock do everything that is due at `now`."""
    more = True
    while more:
        with database.writing() as store:
            more = clock.tick(store, now, house, calendar, rng)


def sit(
    database: Database, what: Round, habits: Iterable[Habit], house: Deployment, rng: Random, until: datetime
) -> None:
    """The people who take part answer between the opening and `until`, each in a minute of their own; their cards count as sent."""
    with database.writing() as store:
        deliveries.mark_sent(store, what.id, what.opens_at)
    span = (until - what.opens_at).total_seconds()
    taking = [
        (what.opens_at + timedelta(seconds=60 + (span - 120) * rng.random() ** 1.6), habit)
        for habit in habits
        if rng.random() < habit.takes_part
    ]
    taking.sort(key=lambda pair: pair[0])
    for start in range(0, len(taking), BATCH):
        with database.writing() as store:
            for at, habit in taking[start : start + BATCH]:
                _answer_all(store, what, habit, at, house, rng)


def _answer_all(store: Store, what: Round, habit: Habit, at: datetime, house: Deployment, rng: Random) -> None:
    mine = [sat for sat in answers.open_sittings(store, habit.person_id, at) if sat.round_id == what.id]
    for sat in mine[:1]:
        given = answers.answered(store, sat.paper_id)
        last = len(sat.slots) - (1 if rng.random() < habit.breaks_off else 0)
        if sat.rules.exam:
            _press(store, sat, habit, f"/begin_exam {sat.paper_id}", at, house)
        for slot in range(last):
            if slot not in given:
                _answer(store, sat, slot, habit, at + timedelta(seconds=9 * slot + 8 * rng.random()), house, rng)
        if sat.rules.exam and last == len(sat.slots):
            _press(store, sat, habit, f"/confirm_hand_in {sat.paper_id}", at + timedelta(seconds=9 * last), house)


def _press(store: Store, sat: Sitting, habit: Habit, action: str, at: datetime, house: Deployment) -> None:
    key = f"demo:{sat.paper_id}:{action}"
    dispatch.take(store, Incoming(key, Address("web", habit.address), at, action=action), house)


def _answer(store: Store, sat: Sitting, slot: int, habit: Habit, at: datetime, house: Deployment, rng: Random) -> None:
    question = answers.question(store, sat.slots[slot].revision_id)
    letters = pick(question, sat.slots[slot].order, rng.random() < habit.knows, rng)
    key = f"demo:{sat.paper_id}:{slot}"
    account = Address("web", habit.address)
    if question.kind is Kind.BLANK:
        dispatch.take(store, Incoming(key, account, at, text=letters), house)
    else:
        dispatch.take(
            store,
            Incoming(key, account, at, action=answer_action(cards.sign(house.secret, sat.paper_id, slot), letters)),
            house,
        )


def pick(question: Question, order: tuple[int, ...], right: bool, rng: Random) -> str:
    """What somebody would press who knows the answer, or does not."""
    if question.kind is Kind.BLANK:
        return question.answer[0] if right else "不清楚"
    if question.kind is Kind.JUDGE:
        true = (question.answer == ("T",)) == right
        return LETTERS[0] if true else LETTERS[len(JUDGE_OPTIONS) - 1]
    correct = sorted(LETTERS[place] for place, index in enumerate(order) if LETTERS[index] in question.answer)
    if right:
        return "".join(correct)
    shown = LETTERS[: len(order)]
    wrong = [letter for letter in shown if letter not in correct] or [correct[0]]
    if question.kind is Kind.SINGLE:
        return rng.choice(wrong)
    return "".join(sorted({*correct[:1], rng.choice(wrong)})) if wrong[0] not in correct else "".join(correct[:2])


def open_round(store: Store, plan_key: str) -> Round | None:
    """The open round of a plan, if there is one."""
    return next((what for what in rounds.in_state(store, State.OPEN) if what.plan_key == plan_key), None)
