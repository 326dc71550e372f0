"""The whole program killed (or stopped) at random instants while a thousand presses wait, and started again until all are drained."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from channels.serving import any_port
from tests.fakes.botapi.world import Entry
from tests.fakes.telegram import FakeTelegram
from tests.faults import judging
from tests.faults.backlog import SETTINGS, Press, prepare
from tests.faults.judging import Findings
from tests.faults.program import Program

PRESSES = 1_000
EACH_LIFE = 90
"""About what a killed run gets through, so that a backlog of PRESSES still waits at the last kill."""
PATIENCE = 150.0
"""Seconds after which what has not been shown counts as never shown."""


@dataclass
class Outcome:
    """What became of one backlog."""

    seed: int
    presses: int
    kills: int = 0
    waiting: int = 0
    """Presses that still waited at the last kill."""
    again: int = 0
    """Updates that Telegram handed out more than once, because the process died before it said that it had them."""
    findings: Findings | None = None
    seconds: float = 0.0

    def line(self) -> dict[str, object]:
        assert self.findings is not None
        return {"seed": self.seed, "presses": self.presses, "kills": self.kills, "waiting_at_last_kill": self.waiting,
                "handed_out_again": self.again, **self.findings.counts(), "seconds": round(self.seconds, 1)}  # fmt: skip


def drained(folder: Path, seed: int, kills: int, *, politely: bool = False) -> Outcome:
    """One backlog of PRESSES and more, drained by a program that is killed `kills` times on the way; `politely`: by SIGTERM."""
    began, rng = time.monotonic(), Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    with FakeTelegram() as fake:
        presses = prepare(folder / "house", fake, -(-(PRESSES + EACH_LIFE * (kills - 1)) // 3), rng)
        done = Outcome(seed, len(presses), findings=Findings())
        story = _Story(folder, fake, presses, done, rng, politely)
        for _ in range(kills):
            story.live_and_die()
        story.live_on()
        done.findings.add(judging.at_the_end(folder / "house", fake, presses))
        done.findings.broken += [f"wrong call: {problem}" for problem in fake.problems]
        handed = Counter(update["update_id"] for entry in fake.called("getUpdates") for update in _updates(entry))
        done.again = sum(handed.values()) - len(handed)
    done.seconds = time.monotonic() - began
    return done


def _updates(entry: Entry) -> list[dict[str, int]]:
    return entry.answer["result"] if entry.status == 200 else []


class _Story:
    """The lives of one workspace's program."""

    def __init__(self, folder: Path, fake: FakeTelegram, presses: Sequence[Press], done: Outcome, rng: Random,
                 politely: bool) -> None:  # fmt: skip
        self.folder, self.fake, self.presses, self.done, self.rng, self.politely = (
            folder,
            fake,
            presses,
            done,
            rng,
            politely,
        )
        self.at = time.monotonic()

    def live_and_die(self) -> None:
        """One run to a random instant: within its start, or a few milliseconds after so many calls to Telegram."""
        before = len(self.fake.world.journal)
        with self.start() as program:
            if self.rng.random() < 0.25:
                ended = program.has_ended(self.rng.uniform(0.0, 2.0))
            else:
                calls = before + self.rng.randint(1, 120)
                self.until(program, lambda: len(self.fake.world.journal) >= calls)
                ended = program.has_ended(self.rng.uniform(0.0, 0.03))
            assert not ended, program.said[-2000:]
            if self.politely and len(self.fake.world.journal) > before:
                self.stop(program)
            program.kill()
        self.done.kills += 1
        self.done.waiting = len(self.fake.unacknowledged)
        self.done.findings.add(judging.after_a_kill(self.folder / "house", self.fake, self.presses))

    def live_on(self) -> None:
        """A last run until every person has been shown their reply; then SIGTERM."""
        with self.start() as program:
            messages = self.fake.world.messages
            self.until(program, lambda: all(messages[p.chat, p.message_id].edits for p in self.presses))
            self.stop(program)

    def stop(self, program: Program) -> None:
        """SIGTERM, which ends everything well within ten seconds."""
        code, seconds = program.stop()
        if code or seconds > 10:
            self.done.findings.broken.append(f"SIGTERM: exit code {code} after {seconds:.1f} s")

    def start(self) -> Program:
        """The fake's clock stands still between two runs, so that no press grows too old to be handed out."""
        now = time.monotonic()
        self.fake.advance(self.at - now)
        self.at = now
        return Program(self.folder / "house", self.folder / "log", port=any_port("127.0.0.1"), TELEGRAM_TOKEN=self.fake.token,
                       TELEGRAM_API_BASE=self.fake.url, **SETTINGS)  # fmt: skip

    def until(self, program: Program, holds: Callable[[], bool]) -> None:
        """Waits for something at the fake, at most PATIENCE; says why if the program ends instead."""
        end = time.monotonic() + PATIENCE
        with self.fake.world.lock:
            while not self.fake.world.lock.wait_for(holds, 0.5) and time.monotonic() < end:
                assert not program.has_ended(), program.said[-2000:]
