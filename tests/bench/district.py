"""A district of thousands with an open round, and the Telegram updates by which its people answer every question of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

from channels.telegram.showing import calls
from channels.telegram.webhook import Webhook
from handlers.console import content, simulating, starting
from handlers.messages import Reply, answer_action
from handlers.rounds import opening
from handlers.sitting import cards
from handlers.turns import Deployment
from quizzes.papers import Slot
from quizzes.people import Person, Posting, PostingKind
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind, Question
from quizzes.rounds import Occurrence, State
from storage import accounts, answers, deliveries, people, rounds, schema
from storage.answers import Sitting
from storage.database import Database, Store, open_database

SECRET = "s" * 32
WEBHOOK_SECRET = "bench-webhook-secret"
TOKEN = "123456:" + "B" * 35
FIRST_CHAT = 100_000_000
QUESTIONS = 3
UNITS = 60
DAILY = Plan(
    "bench", "每日一题", time(0), time(23, 59), draw=(Draw(1, Kind.SINGLE), Draw(1, Kind.MULTIPLE), Draw(1, Kind.JUDGE))
)
MIXED = 500
"""People whose presses are mixed: nobody's second answer comes before that many first ones."""


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button: Telegram's number of it, and the body that Telegram posts."""

    update_id: int
    body: bytes


def webhook_path() -> str:
    """Where the updates are posted to."""

    async def nobody(event: object) -> None: ...

    return f"/telegram/{Webhook(WEBHOOK_SECRET, nobody).path}"


def database_of(folder: Path) -> str:
    """The URL of a workspace's database."""
    return f"sqlite:///{folder / 'xuefa.sqlite3'}"


def prepare(folder: Path, count: int, now: datetime | None = None) -> list[Press]:
    """A workspace with `count` people bound on Telegram, each with an undelivered paper of the round that is open; and the presses
    that answer all of it, in the order in which they come."""
    now = now or datetime.now(UTC)
    with furnished(folder, count, now, DAILY) as database, database.reading() as store:
        return list(_presses(store, now))


@contextmanager
def furnished(folder: Path, count: int, now: datetime, plan: Plan, *, wecom: bool = False) -> Iterator[Database]:
    """A workspace with `count` people bound on Telegram and a round of the plan open, its cards taken for delivered; or (`wecom`)
    bound on WeCom as u1, u2, ..., where the round opens as soon as the program runs."""
    folder.mkdir(parents=True, exist_ok=True)
    starting.init(folder)
    (folder / "plans.yaml").write_text("plans: []\n", encoding="utf-8")
    database = open_database(database_of(folder), create=True)
    try:
        schema.upgrade(database)
        _fill(database, folder, count, now, plan, wecom=wecom)
        yield database
    finally:
        database.close()


def _fill(database: Database, folder: Path, count: int, now: datetime, plan: Plan, *, wecom: bool) -> None:
    def write(run):  # type: ignore[no-untyped-def]
        with database.writing() as store:
            return run(store)

    house = Deployment(SECRET.encode(), "https://xuefa.example")
    content.apply(folder, write, now)
    write(lambda store: _people(store, count, now, wecom=wecom))
    number = write(lambda store: _round(store, house, now, plan))
    if wecom:
        return
    write(lambda store: opening.begin(store, rounds.get(store, number), now))
    while not write(lambda store: opening.continue_opening(store, rounds.get(store, number), house, now)):
        pass
    write(lambda store: deliveries.mark_sent(store, number, now))


def _people(store: Store, count: int, now: datetime, *, wecom: bool) -> None:
    people.district(store, "测试区")
    units = [people.add_unit(store, f"第{place + 1}局", None, place) for place in range(UNITS)]
    drafts = [
        Person(0, f"测试{place:05d}", f"B{place:06d}", f"139{place:08d}", "公务员", "科员") for place in range(count)
    ]
    numbers = people.add_people(store, drafts, now)
    since = (now - timedelta(days=100)).date()
    some = [
        Posting(0, person_id, units[place % UNITS], PostingKind.STAFF, since) for place, person_id in enumerate(numbers)
    ]
    people.add_postings(store, some, None, now)
    for place, person_id in enumerate(numbers, 1):
        where = ("wecom", f"u{place}") if wecom else ("telegram", str(FIRST_CHAT + person_id))
        accounts.bind(store, person_id, *where, now)


def _round(store: Store, house: Deployment, now: datetime, plan: Plan) -> int | None:
    at = Occurrence(plan.key, house.today(now), now - timedelta(minutes=1), now + timedelta(hours=6))
    return rounds.add(store, plan, at, state=State.PLANNED, closes_at=at.closes_at, late=False, seed=2026)


def _presses(store: Store, now: datetime) -> Iterator[Press]:
    rng = Random(2026)
    everybody = [sat for person in people.people(store) for sat in answers.open_sittings(store, person.id, now)]
    rng.shuffle(everybody)
    update_id = 500_000_000
    for start in range(0, len(everybody), MIXED):
        for slot in range(QUESTIONS):
            for sat in everybody[start : start + MIXED]:
                update_id += 1
                yield Press(update_id, answering(store, update_id, sat, slot, rng))


def answering(store: Store, update_id: int, sat: Sitting, slot: int, rng: Random) -> bytes:
    """What Telegram posts when an answer is pressed on a card."""
    question = answers.shown(store, sat.slots[slot])
    card = cards.card(SECRET.encode(), "zh", sat, slot, question)
    pressed = answer_action(card.token, _letters(question, sat.slots[slot], rng))
    return update(update_id, sat.person_id, Reply("", card=card), pressed)


def update(update_id: int, person_id: int, reply: Reply, pressed: str) -> bytes:
    """What Telegram posts when a button is pressed: the press, and the whole message under which it was."""
    shown = calls(reply)[0].arguments
    chat = FIRST_CHAT + person_id
    person = {"id": chat, "first_name": "测试", "language_code": "zh-hans"}
    press = {
        "id": str(chat * 4096 + update_id),
        "from": {**person, "is_bot": False},
        "message": {
            "message_id": 10 + update_id % 1000, "from": {"id": 123456, "is_bot": True, "first_name": "学法", "username": "xuefa_bot"},
            "chat": {"id": chat, "first_name": "测试", "type": "private"}, "date": 1_795_000_000, "text": shown["text"],
            "entities": [{"offset": 0, "length": 8, "type": "bold"}], "reply_markup": shown["reply_markup"],
        },
        "chat_instance": str(chat * 7919),
        "data": pressed,
    }  # fmt: skip
    return json.dumps({"update_id": update_id, "callback_query": press}).encode()


def _letters(question: Question, slot: Slot, rng: Random) -> str:
    return simulating.pick(question, slot.order, rng.random() < 0.8, rng)
