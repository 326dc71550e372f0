"""The play: ten working days of one exam, with joiners, leavers, exemptions, blocked accounts, two outages and a wrong key."""

from __future__ import annotations

import heapq
import itertools
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from quizzes.plans import Draw, Plan
from quizzes.questions import Kind, Question
from quizzes.rounds import State
from quizzes.rules import Makeup, Rules
from storage import rounds
from tests.engine import Engine
from tests.season.town import Inhabitant, Town, papers_on

FIRST = date(2026, 11, 23)
LAST = date(2026, 12, 4)
STEP = timedelta(minutes=15)
OUTAGES = (
    (datetime(2026, 11, 25, 2, 0, tzinfo=UTC), timedelta(hours=2)),
    (datetime(2026, 12, 3, 1, 30, tzinfo=UTC), timedelta(minutes=50)),
)
"""Two hours of a Wednesday morning, and fifty minutes of the last day but one."""
CHANNELS = ("telegram", "telegram", "web", "telegram", "both", "web", "telegram", "", "telegram", "web")
DAILY = Plan(
    "daily", "每日一题", time(9), time(18), draw=(Draw(1, Kind.SINGLE), Draw(1, Kind.JUDGE)), remind_at=(time(16, 30),)
)
EXAM = Plan(
    "exam", "年度学法考试", time(9), time(18), days=(FIRST,), closes_after=(LAST - FIRST).days, counts="assessed", notice="模拟普法〔2026〕1号",
    draw=(Draw(4, Kind.SINGLE), Draw(2, Kind.MULTIPLE), Draw(4, Kind.JUDGE)), remind_at=(time(10), time(15, 30)), remind_most=6,
    hand_over_days=1, rules=Rules(pass_line=60, attempts=2, minutes=60, release="closed", makeup=Makeup(after_days=3, days=2)),
)  # fmt: skip


def questions() -> tuple[Question, ...]:
    """A bank in which the key of one question, s-0, is wrong."""
    letters, cites = ("A", "B", "C", "D"), ("行政处罚法 第三十三条",)
    singles = [
        Question(f"s-{n}", Kind.SINGLE, f"单选{n}？", ("甲", "乙", "丙", "丁"), (letters[n % 4],), "见法条。", cites)
        for n in range(16)
    ]
    multiples = [
        Question(
            f"m-{n}",
            Kind.MULTIPLE,
            f"多选{n}？",
            ("甲", "乙", "丙", "丁"),
            ("A", letters[1 + n % 3]),
            "见法条。",
            cites,
        )
        for n in range(8)
    ]
    judges = [Question(f"j-{n}", Kind.JUDGE, f"判断{n}。", (), ("TF"[n % 2],), "见法条。", cites) for n in range(12)]
    return (*singles, *multiples, *judges)


@dataclass
class Season:
    """What happens, and what is noted on the way for the judges."""

    town: Town
    rng: Random
    officer: Inhabitant
    queue: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    count: itertools.count = field(default_factory=itertools.count)  # type: ignore[type-arg]
    notes: Counter[str] = field(default_factory=Counter)
    excused: set[int] = field(default_factory=set)

    @property
    def engine(self) -> Engine:
        return self.town.engine

    def at(self, when: datetime, deed: Callable[[], None]) -> None:
        """Something somebody will do."""
        heapq.heappush(self.queue, (when, next(self.count), deed))

    def run(self, until: datetime) -> None:
        """Let time pass in steps; in an outage nothing is heard and nothing is sent, and people try again afterwards."""
        while self.engine.now < until:
            step = following(self.engine.now)
            while self.queue and self.queue[0][0] <= step:
                when, _, deed = heapq.heappop(self.queue)
                dark = outage(when)
                if dark:
                    self.notes["tried in an outage"] += 1
                    self.at(dark + timedelta(minutes=self.rng.uniform(1, 180)), deed)
                    continue
                self.engine.now = when
                deed()
            self.engine.now = step
            if outage(step) is None:
                self.engine.settle()
                self.town.deliver()

    # What people do. ---------------------------------------------------------------------------------------------------

    def sits(self, who: Inhabitant, *, leaves_off: bool = False) -> None:
        """One sitting of the exam on whichever of one's channels, to 交卷 or to where one breaks off."""
        if who.id in self.excused:
            return
        if (
            who.telegram
            and not self.town.world.people[who.telegram]["blocked"]
            and (not who.secret or self.rng.random() < 0.5)
        ):
            self._sits_in_chat(who, leaves_off=leaves_off)
        elif who.secret:
            self.town.visits(who, lambda browser: self._sits_on_page(browser, who, leaves_off=leaves_off))

    def _open(self, who: Inhabitant) -> Any:
        mine = [sat for sat in self.town.sittings(who) if sat.rules.exam]
        return mine[-1] if mine else None

    def _sits_in_chat(self, who: Inhabitant, *, leaves_off: bool) -> None:
        begins = [c for reply in self.town.says(who, "考试") for c in reply.choices if c.says.startswith("开始考试")]
        if begins:
            self.town.presses(who, begins[0].says)
        sat = self._open(who)
        if sat is None or sat.attempt_state != "open":
            self.notes["could not begin"] += 1
            return
        for slot in range(len(sat.slots) - (3 if leaves_off else 0)):
            data, _ = self.town.letters(sat, slot, self.rng.random() < who.knows)
            self.engine.now += timedelta(seconds=self.rng.uniform(2, 20))
            self.notes["recorded"] += sum("已记录" in reply.text for reply in self.town.presses(who, data))
            if self.rng.random() < 0.02:  # a phone that sends the press twice
                self.town.presses(who, data)
        if leaves_off:
            self.notes["left off"] += 1
            return
        [ask] = self.town.says(who, "交卷")
        confirm = [c for c in ask.choices if c.says.startswith("确认交卷")]
        if confirm:
            self.town.presses(who, confirm[0].says)

    async def _sits_on_page(self, browser: Any, who: Inhabitant, *, leaves_off: bool) -> None:
        await browser.get("/")
        page = await browser.get("/exam")
        if "看看有没有我的考试" in page.text:
            page = await browser.post("/exam", data={"key": self.town._secret()})
        papers = papers_on(page.text)
        if papers:
            page = await browser.post(f"/exam/{papers[0]}", data={"key": self.town._secret()})
        sat = self._open(who)
        if sat is None or sat.attempt_state != "open":
            self.notes["could not begin"] += 1
            return
        for slot in range(len(sat.slots) - (3 if leaves_off else 0)):
            _, letters = self.town.letters(sat, slot, self.rng.random() < who.knows)
            self.engine.now += timedelta(seconds=self.rng.uniform(2, 20))
            page = await browser.post(
                f"/exam/{sat.paper_id}/{slot + 1}",
                data={"key": self.town._secret(), "pick": list(letters), "go": "forth"},
            )
            assert page.status_code == 200, page.text
            self.notes["recorded"] += 1
        if leaves_off:
            self.notes["left off"] += 1
            return
        page = await browser.post(f"/exam/{sat.paper_id}/hand-in", data={"key": self.town._secret()})
        assert re.search("已交卷|自动交卷", page.text), page.text

    def answers_quiz(self, who: Inhabitant) -> None:
        """Today's practice quiz, in chat."""
        if not who.telegram or self.town.world.people[who.telegram]["blocked"]:
            return
        for sat in self.town.sittings(who):
            if not sat.rules.exam and not sat.attempt_state:
                for slot in range(len(sat.slots)):
                    data, _ = self.town.letters(sat, slot, self.rng.random() < who.knows)
                    self.town.presses(who, data)

    def decides(self, said: str, *labels: str) -> str:
        """The officer says something in the web chat and presses what is offered, there or in what arrives later; gives the page."""
        return str(self.town.visits(self.officer, lambda browser: self._in_web_chat(browser, said, labels)))

    async def _in_web_chat(self, browser: Any, said: str, labels: tuple[str, ...]) -> str:
        await browser.post("/say", data={"key": self.town._secret(), "text": said})
        for label in labels:
            self.engine.now += timedelta(seconds=20)
            self.engine.settle()
            page = await browser.get("/")
            found = re.findall(r'<button name="action" value="([^"]+)">([^<]+)</button>', page.text)
            action = next((value for value, text in reversed(found) if text.startswith(label)), None)
            assert action is not None, f"no button {label!r} after {said!r}: {re.sub('<[^>]+>', '', page.text)[-1500:]}"
            await browser.post("/say", data={"key": self.town._secret(), "action": action})
        self.engine.settle()
        return re.sub(r"<[^>]+>", "", (await browser.get("/")).text)


def following(now: datetime) -> datetime:
    """The next look at the clock: every quarter of an hour by day, every two hours by night."""
    by_day = 0 <= now.hour < 11  # 08:00 to 19:00 in Shanghai
    return now + (
        STEP
        if by_day
        else timedelta(hours=2) - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    )


def outage(when: datetime) -> datetime | None:
    """The end of the outage that `when` falls into, or None."""
    return next((begins + lasts for begins, lasts in OUTAGES if begins <= when < begins + lasts), None)


def begin(database: Any, count: int, bureaux: int, seed: int = 2026, rules: Rules | None = None) -> Season:
    """A furnished district at 08:30 on the first Monday, with everybody's plans for the next two weeks."""
    engine = Engine(database, rng=Random(seed)).with_bank(*questions())
    town, rng = Town(engine), Random(seed)
    town.settle_people(bureaux, count, CHANNELS)
    officer = town.joins("周明", "第1局", "web", "admin")
    for number in range(1, bureaux + 1, 2):
        town.joins(f"联络员{number}", f"第{number}局", "telegram", "liaison", f"第{number}局")
    engine.with_plan(DAILY, replace(EXAM, rules=rules or EXAM.rules))
    season = Season(town, rng, officer)
    for who in list(town.people.values()):
        _plans(season, who)
    return season


def _plans(season: Season, who: Inhabitant) -> None:
    """When somebody means to sit: most in the first days, some on the last, a few never; some break off; those who fail try again."""
    rng = season.rng
    who.knows = min(0.98, max(0.35, rng.gauss(0.82, 0.13)))
    opens = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    if rng.random() < 0.04:
        return
    workday = rng.choice((0, 0, 0, 1, 1, 2, 2, 3, 4, 7, 8, 9, 10, 11))
    at = opens + timedelta(days=workday, minutes=rng.uniform(0, 530))
    breaks_off = rng.random() < 0.05
    season.at(at, lambda: season.sits(who, leaves_off=breaks_off))
    if rng.random() < 0.25:
        season.at(at + timedelta(days=1, minutes=rng.uniform(0, 200)), lambda: season.sits(who))
    if who.telegram and rng.random() < 0.3:
        for day in rng.sample((0, 1, 2, 3, 4, 7, 8, 9, 10, 11), 3):
            season.at(opens + timedelta(days=day, minutes=rng.uniform(20, 500)), lambda: season.answers_quiz(who))
    if who.telegram and rng.random() < 0.02:
        told = rng.random() < 0.5
        season.at(opens + timedelta(days=rng.uniform(0, 8)), lambda: season.town.blocks(who, told=told))


def the_round(season: Season) -> Any:
    """The exam's round."""
    found = season.engine.read(lambda s: rounds.latest(s, 50, State.OPEN, State.CLOSING, State.CLOSED))
    return next(each for each in found if each.plan_key == "exam")
