"""A formal exam: everybody begins as the window opens and answers fifty questions in ten minutes, over the webhook, none lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from random import Random
from typing import Any

from handlers.commands import choice
from handlers.messages import Reply
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind
from quizzes.rules import Rules
from storage import answers, people
from storage.answers import Sitting
from storage.database import Store
from tests.bench import answer, district, processes, reference

FIRST = 500_000_000
COMPARED = 100_000
"""Presses that bare sqlite3 writes for the comparison."""
PLAN = Plan(
    "exam", "年度学法考试", time(0), time(23, 59), counts="assessed", notice="测试〔2026〕1号",
    draw=(Draw(25, Kind.SINGLE), Draw(10, Kind.MULTIPLE), Draw(15, Kind.JUDGE)), rules=Rules(minutes=90, release="closed"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How many sit, and in how many seconds all of them begin and answer everything. `burst`: all begin as the window opens; the tests
    run a tiny one without, in which nobody's first answer can overtake the tap that begins."""

    people: int = 10_000
    seconds: float = 600
    burst: bool = True

    @property
    def presses(self) -> int:
        """The taps that begin, and one press for each question."""
        return self.people * (1 + sum(line.count for line in PLAN.draw))


def run(size: Size | None = None) -> dict[str, Any]:
    """One exam, from the second its window opens."""
    size = size or Size()
    busy = round(os.getloadavg()[0], 2)
    with tempfile.TemporaryDirectory(prefix="xuefa-bench-") as name:
        folder, presses = Path(name), Path(name) / "presses.jsonl"
        _prepare(folder / "prepared", presses, size)
        shutil.copytree(folder / "prepared", folder / "run")
        port, counts = processes.free_port(), folder / "counts.json"
        with answer.server(folder / "run", counts, port, 0) as process:
            before = processes.cpu(process.pid)
            load = answer.load({"presses": str(presses), "port": port, "path": district.webhook_path(), "secret": district.WEBHOOK_SECRET,
                                "connections": answer.CONNECTIONS, "rate": size.presses / size.seconds, "warm": 0 if size.burst else size.people, "bot_api_port": 0,
                                "result": str(folder / "load.json")}, size.seconds)  # fmt: skip
            cpu = processes.cpu(process.pid) - before
        lost, doubled, begun = _audit(folder / "run" / "xuefa.sqlite3", load["acknowledged"], size.people)
        measured = answer.Run(load, json.loads(counts.read_text("utf-8")), cpu, lost, doubled)
        written = reference.written(folder / "run" / "xuefa.sqlite3")[:COMPARED]
        best = reference.rate(folder / "prepared" / "xuefa.sqlite3", written, max(1, round(measured.batch)))
    return {
        "rate": round(measured.rate), "p50_ms": measured.ms(0.5), "p99_ms": measured.ms(0.99), "max_ms": measured.ms(1.0),
        "rss_mb": round(measured.server["rss_mb"], 1), "ratio": round(measured.rate / best, 3), "reference": round(best),
        "lost": lost, "doubled": doubled, "refused": load["refused"], "begun": begun, "people": size.people, "presses": size.presses,
        "seconds": round(load["took"], 1), "batch": round(measured.batch, 1), "server_cpu_us": measured.cpu_us,
        "server_cpu": round(cpu / load["took"], 2), "load_before": busy, "python": sys.version.split()[0],
    }  # fmt: skip


def _prepare(workspace: Path, presses: Path, size: Size) -> None:
    now = datetime.now(UTC)
    with district.furnished(workspace, size.people, now, PLAN) as database, database.reading() as store:
        with presses.open("w", encoding="utf-8") as file:
            for update_id, body in _presses(store, now):
                file.write(json.dumps([update_id, body.decode()]) + "\n")


def _presses(store: Store, now: datetime) -> Iterator[tuple[int, bytes]]:
    """All begin, then all answer the first question, then the second: nobody is faster than twelve seconds a question."""
    rng = Random(2026)
    everybody = [sat for person in people.people(store) for sat in answers.open_sittings(store, person.id, now)]
    rng.shuffle(everybody)
    for place, sat in enumerate(everybody):
        yield FIRST + place, _beginning(FIRST + place, sat)
    update_id = FIRST + len(everybody)
    for slot in range(len(everybody[0].slots)):
        for sat in everybody:
            yield update_id, district.answering(store, update_id, sat, slot, rng)
            update_id += 1


def _beginning(update_id: int, sat: Sitting) -> bytes:
    button = choice("zh", "begin_exam", sat.paper_id)
    return district.update(update_id, sat.person_id, Reply("年度学法考试，共 50 题。", choices=(button,)), button.says)


def _audit(database: Path, acknowledged: list[int], count: int) -> tuple[int, int, int]:
    """(acknowledged answers that are not among the responses, answers that are there more than once, sittings begun)."""
    connection = sqlite3.connect(database)
    kept = [int(key.split(":")[1]) for (key,) in connection.execute("SELECT inbox_key FROM response")]
    query = "SELECT count(*) - count(DISTINCT attempt_id || '.' || slot) FROM response"
    twice = int(connection.execute(query).fetchone()[0])
    begun = int(connection.execute("SELECT count(*) FROM attempt").fetchone()[0])
    connection.close()
    answered = {update_id for update_id in acknowledged if update_id >= FIRST + count}
    return len(answered - set(kept)), twice + len(kept) - len(set(kept)), begun
