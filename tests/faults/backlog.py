"""A backlog: a workspace whose round is open, and presses that wait at the fake Telegram, each on a message of its own."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from handlers.messages import answer_action
from handlers.sitting import cards
from quizzes.questions import Kind, Question
from storage import answers, people
from storage.answers import Sitting
from storage.database import Store, open_database
from tests.bench import district
from tests.fakes.telegram import FakeTelegram

SETTINGS = {"XUEFA_SECRET": district.SECRET}
"""What the workspace's program must be started with, since the cards are signed under it."""
LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class Press:
    """A press that waits: the update's number, on which message, and what the database must say of it in the end."""

    update_id: int
    chat: int
    message_id: int
    paper_id: int
    slot: int
    answer: tuple[str, ...]


def prepare(folder: Path, fake: FakeTelegram, count: int, rng: Random) -> list[Press]:
    """A workspace with `count` people who press an answer, right or wrong, to all three questions: everybody's first before
    anybody's second."""
    district.prepare(folder, count)
    with closing(open_database(district.database_of(folder))) as database, database.reading() as store:
        sittings = [
            sat for who in people.people(store) for sat in answers.open_sittings(store, who.id, datetime.now(UTC))
        ]
        rng.shuffle(sittings)
        return [_press(store, fake, sat, slot, rng) for slot in range(district.QUESTIONS) for sat in sittings]


def _press(store: Store, fake: FakeTelegram, sat: Sitting, slot: int, rng: Random) -> Press:
    question = answers.question(store, sat.slots[slot].revision_id)
    letters, answer = _answer(question, sat.slots[slot].order, rng)
    chat = district.FIRST_CHAT + sat.person_id
    action = answer_action(cards.sign(district.SECRET.encode(), sat.paper_id, slot), letters)
    person, world = fake.person(chat, f"测试{sat.person_id}"), fake.world
    with world.lock:
        rows = [[{"text": letters, "callback_data": action}]]
        shown = world.add(chat=chat, ours=True, text=f"第 {slot + 1} 题", rows=rows)
        person.presses(shown, action, forged=True)
        return Press(world.waiting[-1][0]["update_id"], chat, shown.id, sat.paper_id, slot, answer)


def _answer(question: Question, order: tuple[int, ...], rng: Random) -> tuple[str, tuple[str, ...]]:
    """Letters as the person sees the options, and the same answer as the bank writes it; worked out here, not by the program."""
    if question.kind is Kind.JUDGE:
        letter = rng.choice("AB")
        return letter, ("T" if letter == "A" else "F",)
    places = sorted(rng.sample(range(len(order)), 2 if question.kind is Kind.MULTIPLE else 1))
    return "".join(LETTERS[at] for at in places), tuple(sorted(LETTERS[order[at]] for at in places))
