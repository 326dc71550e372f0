"""What a serving process does by itself, beat by beat: its content files, the clock, the jobs, and orders of commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

from handlers import jobs
from handlers.console import checking, content
from handlers.console.orders import ORDERS
from handlers.messages import BotError
from handlers.registry import JOBS
from handlers.rounds import clock
from handlers.rounds.clock import Calendar
from handlers.turns import Deployment
from quizzes.calendar import Overlay, Workdays
from quizzes.content.workspace import CALENDAR
from storage.database import Database, Store

Write = Callable[[Callable[[Store], Any]], Any]


@dataclass(slots=True)
class Upkeep:
    """`write` runs a turn and waits for its commit; `house` gives the deployment as it is now; every beat may be called again
    before anything changed. `ending` breaks long beats off between two turns."""

    folder: Path
    database: Database
    write: Write
    house: Callable[[], Deployment]
    now: Callable[[], datetime]
    rng: Random
    calendar: Calendar | None = None
    ending: bool = False
    _stamp: tuple[object, ...] = ()
    _days: Overlay | None = None

    def apply_content(self) -> list[str]:
        """Apply the content files if any has changed since the last look; gives the findings in Chinese."""
        stamp = content.stamp(self.folder)
        if stamp == self._stamp:
            return []
        done = content.apply(self.folder, self.write, self.now())
        self._stamp = stamp
        days = Workdays(self._overlay(done))
        self.calendar = Calendar(lambda day: days.published(day.year) and days.is_workday(day), days.published)
        return [checking.sentence(problem, "zh") for problem in done.problems]

    def _overlay(self, done: content.Outcome) -> Overlay:
        """The days as configured; while calendar.yaml is broken, as they were before."""
        if self._days is None or not any(Path(problem.file).name in CALENDAR for problem in done.problems):
            self._days = done.overlay
        return self._days

    def is_workday(self, day: date) -> bool:
        """The workdays as configured; before the content was read, none."""
        return self.calendar is not None and self.calendar.is_workday(day)

    def tick(self) -> None:
        """Everything that is due now, a bounded turn at a time."""
        while not self.ending and self.write(self._tick):
            pass

    def _tick(self, store: Store) -> bool:
        if self.calendar is None:
            return False
        return clock.tick(store, self.now(), self.house(), self.calendar, self.rng)

    def work(self) -> None:
        """Everything that waits among the jobs."""
        while not self.ending and jobs.run_next(self.database, self.write, JOBS, self.house(), self.now()):
            pass

    def obey(self, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """An order of a command, as a turn."""
        answer: dict[str, Any] = self.write(lambda store: obey(store, self.house(), name, asked, self.now()))
        return answer


def obey(store: Store, house: Deployment, name: str, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Run one order: {"said"}; what it refuses is an answer too ({"refused", "values"}), so that it crosses to another process."""
    try:
        return {"said": ORDERS[name](store, house, asked, now)}
    except BotError as error:
        return {"refused": error.code, "values": error.values}
