"""Answers: from the webhook's HTTP request to the commit, the replies handed to the sender; sustained, and at a given rate."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import district, processes, reference

CONNECTIONS = 64
"""Telegram keeps 100 at most; more in flight only wait longer."""
WARM = 300
REPEATED = 100
"""One press in so many comes twice, as Telegram repeats what it thinks was not taken."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. The tests run a tiny one."""

    people: int = 8_000
    rounds: int = 3
    offered: tuple[tuple[float, float], ...] = ((300, 20), (1400, 10))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the server: what the load saw, what the server counted, what the database holds."""

    load: dict[str, Any]
    server: dict[str, Any]
    cpu: float
    lost: int
    doubled: int

    @property
    def rate(self) -> float:
        """Acknowledged presses a second."""
        return float(self.load["measured"] / self.load["took"])

    @property
    def batch(self) -> float:
        """Turns in a transaction, on average."""
        return float(self.server["turns"] / max(1, self.server["commits"]))

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's CPU per press; what a busy machine hardly changes."""
        return round(1e6 * self.cpu / max(1, len(self.load["acknowledged"])))

    def ms(self, share: float) -> float:
        """The share's percentile of the time to HTTP 200, in milliseconds."""
        seconds = sorted(self.load["seconds"])
        return round(1000 * seconds[min(len(seconds) - 1, int(share * len(seconds)))], 2)


def handed(size: Size | None = None) -> dict[str, Any]:
    """The replies are handed to the sender, whose calls succeed at once."""
    return measure(size or Size(), instant=True)


def sent(size: Size | None = None) -> dict[str, Any]:
    """The replies are sent, two calls a press, to a Bot API in the load's process."""
    return measure(size or Size(), instant=False)


def measure(size: Size, *, instant: bool) -> dict[str, Any]:
    """Every run on a fresh copy of the same prepared workspace, with a server of its own."""
    with tempfile.TemporaryDirectory(prefix="xuefa-bench-") as name:
        bench = Bench(Path(name), size.people, instant=instant)
        sustained, rates, references = [], [], []
        for _ in range(size.rounds):
            run = bench.run(0, None)
            sustained.append(run)
            rates.append(run.rate)
            references.append(bench.reference(run))
        offered = {rate: bench.run(rate, int(rate * seconds)) for rate, seconds in size.offered}
    runs = [*sustained, *offered.values()]
    slow = offered[size.offered[0][0]]
    ratios = [rate / best for rate, best in zip(rates, references, strict=True)]
    return {
        "rate": round(median(rates)), "p50_ms": slow.ms(0.5), "p99_ms": slow.ms(0.99),
        "rss_mb": round(max(run.server["rss_mb"] for run in runs), 1), "ratio": round(median(ratios), 3),
        "reference": round(median(references)), "lost": sum(run.lost for run in runs),
        "doubled": sum(run.doubled for run in runs), "refused": sum(run.load["refused"] for run in runs),
        "rates": [round(rate) for rate in rates], "ratios": [round(ratio, 3) for ratio in ratios],
        "references": [round(best) for best in references], "batch": [round(run.batch, 1) for run in sustained],
        "server_cpu_us": [run.cpu_us for run in runs],
        "generator_cpu": [round(run.load["cpu"], 2) for run in runs],
        "calls": [run.server["calls"] or run.load["calls"] for run in runs],
        "sustained_ms": [sustained[0].ms(0.5), sustained[0].ms(0.99)],
        "offered": {f"{rate:g}/s": [run.ms(0.5), run.ms(0.99), run.ms(1.0)] for rate, run in offered.items()},
        "offered_means": "p50, p99, max in ms from the moment a press was due to HTTP 200",
        "people": size.people, "connections": CONNECTIONS, "load_before": bench.busy, "python": sys.version.split()[0],
    }  # fmt: skip


class Bench:
    """A prepared workspace, copied for every run."""

    def __init__(self, folder: Path, people: int, *, instant: bool) -> None:
        self.busy = round(os.getloadavg()[0], 2)
        self._folder, self._instant = folder, instant
        self._presses = district.prepare(folder / "prepared", people)

    def run(self, rate: float, most: int | None) -> Run:
        """One run: `rate` presses a second (0: as many as go), `most` of them."""
        workspace = self._copy("run")
        presses = self._file(most)
        port, bot_api = processes.free_port(), 0 if self._instant else processes.free_port()
        counts = self._folder / "counts.json"
        with server(workspace, counts, port, bot_api) as process:
            before = processes.cpu(process.pid)
            measured = load({"presses": str(presses), "port": port, "path": district.webhook_path(),
                          "secret": district.WEBHOOK_SECRET, "connections": CONNECTIONS, "rate": rate,
                          "warm": min(WARM, len(self._presses) // 10), "bot_api_port": bot_api,
                          "result": str(self._folder / "load.json")})  # fmt: skip
            cpu = processes.cpu(process.pid) - before
        lost, doubled = _audit(workspace / "xuefa.sqlite3", measured["acknowledged"])
        return Run(measured, json.loads(counts.read_text("utf-8")), cpu, lost, doubled)

    def reference(self, run: Run) -> float:
        """The rate of bare sqlite3 with the rows of the run that has just ended, in batches as large as its own."""
        presses = reference.written(self._folder / "run" / "xuefa.sqlite3")
        return reference.rate(self._copy("bare") / "xuefa.sqlite3", presses, max(1, round(run.batch)))

    def _copy(self, name: str) -> Path:
        target = self._folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self._folder / "prepared", target)
        return target

    def _file(self, most: int | None) -> Path:
        path = self._folder / "presses.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for place, press in enumerate(self._presses[:most]):
                line = json.dumps([press.update_id, press.body.decode()]) + "\n"
                file.write(line * (2 if place % REPEATED == REPEATED - 1 else 1))
        return path


def server(workspace: Path, counts: Path, port: int, bot_api: int) -> AbstractContextManager[processes.Process]:
    settings = {"TELEGRAM_TOKEN": district.TOKEN, "TELEGRAM_MODE": "webhook", "XUEFA_SECRET": district.SECRET,
                "TELEGRAM_WEBHOOK_SECRET": district.WEBHOOK_SECRET, "TELEGRAM_API_BASE": f"http://127.0.0.1:{bot_api}"}  # fmt: skip
    command = [sys.executable, "-m", "tests.bench.serving", str(counts), *(["--instant"] if not bot_api else []), "run",
               "--workspace", str(workspace), "--port", str(port)]  # fmt: skip
    return processes.serving(command, port, workspace / "server.log", settings)


def load(order: dict[str, Any], seconds: float = 0) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.load", json.dumps(order)]
    subprocess.run(command, cwd=processes.ROOT, check=True, timeout=600 + 2 * seconds)
    found: dict[str, Any] = json.loads(Path(order["result"]).read_text("utf-8"))
    return found


def _audit(database: Path, acknowledged: list[int]) -> tuple[int, int]:
    """(acknowledged presses that are not among the responses, answers that are there more than once)."""
    connection = sqlite3.connect(database)
    kept = [int(key.split(":")[1]) for (key,) in connection.execute("SELECT inbox_key FROM response")]
    twice = connection.execute("SELECT count(*) - count(DISTINCT attempt_id || '.' || slot) FROM response").fetchone()[
        0
    ]
    connection.close()
    return len(set(acknowledged) - set(kept)), int(twice) + len(kept) - len(set(kept))
