"""The real engine under a virtual clock, with people who speak on any channel: what conversation tests and transcripts play on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from handlers import delivering, dispatch, jobs
from handlers.messages import (
    Address,
    Answered,
    Choice,
    File,
    Incoming,
    Outcome,
    Parcel,
    QuestionCard,
    Reply,
    answer_action,
    tick_action,
)
from handlers.registry import JOBS
from handlers.rounds import clock
from handlers.rounds.clock import Calendar
from handlers.turns import Deployment
from quizzes.content.banks import BankHeader
from quizzes.people import Person, Posting, PostingKind, Role, RoleName
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind, Question
from quizzes.rules import Rules
from storage import accounts, banks, people
from storage.database import Database, Store

START = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
"""08:30 on Monday, 2026-11-23, in Shanghai."""
HOUSE = Deployment(secret=b"k" * 32, public_url="https://xuefa.example")
WORKDAYS = Calendar(lambda day: day.weekday() < 5, lambda _year: True)
QUESTIONS = (
    Question("xf-1", Kind.SINGLE, "国家行政机关的首长负责制由哪部法律规定？", ("宪法", "民法典", "刑法", "预算法"), ("A",), "行政首长负责制写在宪法里。",
             ("宪法 第八十六条",), 2, ("宪法",)),
    Question("cf-1", Kind.MULTIPLE, "下列哪些属于行政处罚？", ("警告", "罚款", "罚金", "记过"), ("A", "B"), "罚金是刑罚，记过是处分。", ("行政处罚法 第九条",), 3,
             ("处罚",)),
    Question("fy-1", Kind.JUDGE, "申请行政复议一律要先缴费。", (), ("F",), "行政复议不收费。", ("行政复议法 第八十七条",), 1, ("复议",)),
)  # fmt: skip
BLANK = Question(
    "xk-1",
    Kind.BLANK,
    "行政许可决定一般应在受理之日起____日内作出。",
    (),
    ("二十", "20"),
    "一般期限为二十日。",
    ("行政许可法 第四十二条",),
)
DAILY = Plan(
    "daily", "每日一题", time(9), time(18), draw=(Draw(1, Kind.SINGLE), Draw(1, Kind.MULTIPLE), Draw(1, Kind.JUDGE)), remind_at=(time(16, 30),),
    rules=Rules(),
)  # fmt: skip


@dataclass(slots=True)
class Engine:
    """`now` moves only when told to. `heard[name]` is what each person was last shown."""

    database: Database
    now: datetime = START
    house: Deployment = HOUSE
    calendar: Calendar = WORKDAYS
    rng: Random = field(default_factory=lambda: Random(1))
    people: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    heard: dict[str, tuple[Reply, ...]] = field(default_factory=dict)
    events: int = 0

    # The district. -----------------------------------------------------------------------------------------------------

    def write(self, run):  # type: ignore[no-untyped-def]
        with self.database.writing() as store:
            return run(store)

    def read(self, run):  # type: ignore[no-untyped-def]
        with self.database.reading() as store:
            return run(store)

    def with_bank(self, *questions: Question) -> Engine:
        header = BankHeader("试题", date(2026, 11, 1), "", f"{len(questions)}{questions[0].content_hash}")
        self.write(lambda store: banks.apply(store, "banks/test.yaml", header, questions or QUESTIONS, self.now))
        return self

    def with_plan(self, *plans: Plan) -> Engine:
        self.write(lambda store: banks.apply_plans(store, plans, self.now))
        return self

    def unit(self, name: str) -> int:
        if name not in self.units:
            self.units[name] = self.write(lambda store: people.add_unit(store, name, None))
        return self.units[name]

    def person(self, name: str, unit: str, *, channel: str = "telegram", role: str = "", kind: str = "编制", since: date = date(2026, 1, 1),
               on: str = "", **details: object) -> int:  # fmt: skip
        """Somebody in a unit; `channel` "" leaves them unbound; a role is for the district, or for the unit `on`."""
        unit_id, scope = self.unit(unit), self.unit(on) if on else None

        def add(store: Store) -> int:
            number = people.add_people(store, [replace(Person(0, name, phone="13800001234"), **details)], self.now)[0]
            people.add_postings(store, [Posting(0, number, unit_id, PostingKind(kind), since)], None, self.now)
            if channel:
                accounts.bind(store, number, channel, self.address(name, channel), self.now)
            if role:
                people.grant(store, number, Role(RoleName(role), scope), None, self.now)
            return number

        self.people[name] = self.write(add)
        return self.people[name]

    def address(self, name: str, channel: str) -> str:
        return f"{channel}-{name}"

    # Time. -------------------------------------------------------------------------------------------------------------

    def at(self, clock_time: str, day: date | None = None) -> Engine:
        """Set the clock to a local time of the present or the given day, and let everything due happen."""
        hour, minute = map(int, clock_time.split(":"))
        local = datetime.combine(day or self.house.today(self.now), time(hour, minute), self.house.zone)
        self.now = local.astimezone(UTC)
        return self.settle()

    def after(self, **span: float) -> Engine:
        """Let time pass, and let everything due happen."""
        self.now += timedelta(**span)
        return self.settle()

    def settle(self) -> Engine:
        """Tick and work until nothing more is due."""
        while self.write(lambda store: clock.tick(store, self.now, self.house, self.calendar, self.rng)):
            pass
        while jobs.run_next(self.database, self.write, JOBS, self.house, self.now):
            pass
        return self

    def delivered(self, channel: str = "telegram") -> list[Parcel]:
        """What a channel's sender would send now; it counts as sent."""
        parcels = self.write(lambda store: delivering.claim(store, channel, 1000, self.house, self.now))
        self.write(lambda store: delivering.settle(store, [Outcome(p.id, "sent", "1") for p in parcels], self.now))
        return parcels

    # People. -----------------------------------------------------------------------------------------------------------

    def hears(self, name: str, incoming: Incoming) -> tuple[Reply, ...]:
        """One event as the ledger would take it, quarantine included."""
        try:
            answered: Answered = self.write(lambda store: dispatch.take(store, incoming, self.house))
        except Exception as error:
            problem = error
            answered = self.write(lambda store: dispatch.quarantine(store, incoming, self.house, problem))
        self.heard[name] = answered.replies
        return answered.replies

    def says(self, name: str, text: str, *, channel: str = "telegram") -> tuple[Reply, ...]:
        return self.hears(name, self.incoming(name, channel, text=text))

    def sends(self, name: str, file: File, *, channel: str = "telegram", text: str = "") -> tuple[Reply, ...]:
        return self.hears(name, self.incoming(name, channel, file=file, text=text))

    def presses(self, name: str, action: str | Choice, *, channel: str = "telegram") -> tuple[Reply, ...]:
        says = action.says if isinstance(action, Choice) else action
        return self.hears(name, self.incoming(name, channel, action=says, origin="1"))

    def answers(self, name: str, letters: str, *, channel: str = "telegram", ticks: bool = False) -> tuple[Reply, ...]:
        """Press letters on the card the person sees."""
        make = tick_action if ticks else answer_action
        return self.presses(name, make(self.card(name).token, letters), channel=channel)

    def card(self, name: str) -> QuestionCard:
        found = [reply.card for reply in self.heard[name] if reply.card]
        assert found, f"{name} sees no card: {self.heard[name]}"
        return found[-1]

    def right(self, name: str) -> str:
        """The letters that are right on the card the person sees."""
        return self._letters(name, right=True)

    def wrong(self, name: str) -> str:
        """Letters that are an answer, and wrong."""
        return self._letters(name, right=False)

    def _letters(self, name: str, *, right: bool) -> str:
        card = self.card(name)
        question = next(q for q in (*QUESTIONS, BLANK) if q.stem == card.stem)
        if question.kind is Kind.JUDGE:
            return "A" if (question.answer == ("T",)) == right else "B"
        correct = {question.options["ABCDEFGHIJ".index(letter)] for letter in question.answer}
        letters = [
            letter for letter, text in zip("ABCDEFGHIJ", card.options, strict=False) if (text in correct) == right
        ]
        return "".join(letters) if question.kind is Kind.MULTIPLE else letters[0]

    def incoming(self, name: str, channel: str, **what: object) -> Incoming:
        self.events += 1
        return Incoming(f"{channel}:{self.events}", Address(channel, self.address(name, channel)), self.now, **what)
