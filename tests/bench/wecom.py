"""WeCom: a push to everybody, presses at a given rate as encrypted callbacks, and under them a restart and a kill -9, against a simulator
of its server."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import district, processes

TOKEN, AES_KEY = "bench", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP, AGENT, SECRET = "wwcorp", 1000002, "app-secret"
SIMULATOR = [sys.executable, "-m", "tests.fakes.wecom"]
PLAIN = [sys.executable, "-m", "tests.bench.wecom_plain"]
RETRY_PAUSE = 5.0
"""Seconds between two tries of a callback: WeCom's own figure is not known, its time limit for one try is five."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. The tests run a tiny one."""

    people: int = 10_000
    rate: float = 300
    seconds: float = 50
    restart_seconds: float = 20


def run(size: Size | None = None) -> dict[str, Any]:
    """`rate` is people reached by the push a second; p50 and p99 are of the callbacks. The reference is a server that proves and
    opens the same callbacks and records nothing, under the same load in the same run; `ratio` is its p99 over ours."""
    size = size or Size()
    with tempfile.TemporaryDirectory(prefix="xuefa-bench-") as name:
        folder = Path(name)
        with district.furnished(folder / "house", size.people, datetime.now(UTC), district.DAILY, wecom=True):
            pass
        busy = round(os.getloadavg()[0], 2)
        port = processes.free_port()
        with simulator(folder, size.people, port) as sim:
            measured = _loaded(folder, sim, size, port)
            bare = _bare(folder, sim, size)
        lost, doubled = _audit(folder / "house" / "xuefa.sqlite3", measured["accepted"])
    steady = measured["steady"]
    return {
        "rate": round(size.people / measured["push_seconds"]), "p50_ms": _ms(steady["p50"]), "p99_ms": _ms(steady["p99"]),
        "rss_mb": measured["rss_mb"], "ratio": round(bare["p99"] / steady["p99"], 3), "reference": _ms(bare["p99"]),
        "lost": lost, "doubled": doubled, "push_seconds": round(measured["push_seconds"], 1), "push_calls": measured["push_calls"],
        "dropped": measured["dropped"], "offered": steady["offered"], "accepted": steady["accepted"],
        "worst_ms": _ms(steady["worst"]), "generator_late_ms": _ms(steady["late"]),
        "restart": measured["restart"], "kill": measured["kill"],
        "problems": measured["problems"], "people": size.people, "offered_rate": size.rate, "load_before": busy,
        "python": sys.version.split()[0],
    }  # fmt: skip


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _loaded(folder: Path, sim: str, size: Size, port: int) -> dict[str, Any]:
    """The push, the steady load, and the load with a restart and with a kill in its midst."""
    command = [sys.executable, "bot.py", "run", "--workspace", str(folder / "house"), "--port", str(port)]
    found: dict[str, Any] = {}
    with ExitStack() as stack:
        process = stack.enter_context(processes.serving(command, port, folder / "1.log", _settings(sim)))
        began = time.monotonic()
        while _state(sim)["delivered"] < size.people:
            assert time.monotonic() - began < 600, _state(sim)
            time.sleep(0.05)
        found |= {"push_seconds": time.monotonic() - began, "push_calls": _state(sim)["sends"]}
        found["steady"] = _storm(sim, size.rate, size.seconds)
        found["rss_mb"] = round(processes.peak_mb(process.pid), 1)
        accepted = found["steady"]["accepted"]
        for way, how in (("restart", signal.SIGTERM), ("kill", signal.SIGKILL)):
            again = stack.enter_context(ExitStack())
            found[way], process = _broken(sim, size, process, how, lambda s=again, w=way: s.enter_context(
                processes.serving(command, port, folder / f"{w}.log", _settings(sim))))  # fmt: skip
            accepted += found[way]["accepted"]
        _quiet(sim)
    state = _state(sim)
    return found | {"dropped": state["dropped"], "problems": state["problems"], "accepted": accepted}


def _broken(
    sim: str, size: Size, process: processes.Process, how: int, start: Callable[[], processes.Process]
) -> tuple[dict[str, Any], processes.Process]:
    """The load, a third into which the program is ended that way and started again."""
    seen: dict[str, Any] = {}
    storm = threading.Thread(target=lambda: seen.update(_storm(sim, size.rate, size.restart_seconds)))
    storm.start()
    time.sleep(size.restart_seconds / 3)
    down = time.monotonic()
    process.send_signal(how)
    code = process.wait(60)
    new = start()
    down = time.monotonic() - down
    storm.join()
    figures = {name: seen[name] for name in ("offered", "accepted", "tries")}
    return {**figures, "down_seconds": round(down, 2), "exit_code": code}, new


def _quiet(sim: str) -> None:
    """Until nothing more is being sent."""
    before = -1
    while (now := _state(sim)["delivered"]) != before:
        before = now
        time.sleep(1.0)


def _bare(folder: Path, sim: str, size: Size) -> dict[str, Any]:
    port = processes.free_port()
    with processes.serving([*PLAIN, str(port), TOKEN, AES_KEY, CORP], port, folder / "plain.log"):
        _post(
            sim,
            "/_sim/setup",
            {"callback": {"url": f"http://127.0.0.1:{port}/wecom/callback", "token": TOKEN, "aes_key": AES_KEY}},
        )
        return _storm(sim, size.rate, min(size.seconds, 10), text="今日答题")


def _settings(sim: str) -> dict[str, str]:
    return {
        "WECOM_CORP_ID": CORP, "WECOM_AGENT_ID": str(AGENT), "WECOM_SECRET": SECRET, "WECOM_TOKEN": TOKEN, "WECOM_AES_KEY": AES_KEY,
        "WECOM_API_BASE": sim, "WECOM_OAUTH_BASE": sim, "XUEFA_SECRET": district.SECRET,
    }  # fmt: skip


@contextmanager
def simulator(folder: Path, people: int, port: int) -> Iterator[str]:
    """The simulator in a process of its own; its address."""
    callback = f"http://127.0.0.1:{port}/wecom/callback"
    asked = [
        "--people",
        str(people),
        "--callback",
        callback,
        "--token",
        TOKEN,
        "--aes-key",
        AES_KEY,
        "--retry-pause",
        str(RETRY_PAUSE),
    ]
    with (folder / "simulator.log").open("wb") as said:
        process = subprocess.Popen([*SIMULATOR, *asked], cwd=processes.ROOT, stdout=subprocess.PIPE, stderr=said)
        try:
            assert process.stdout is not None
            yield process.stdout.readline().decode().strip()
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _storm(sim: str, rate: float, seconds: float, text: str = "") -> dict[str, Any]:
    return dict(_post(sim, "/_sim/storm", {"rate": rate, "seconds": seconds, "text": text}))


def _state(sim: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{sim}/_sim/state", timeout=30) as answer:
        return dict(json.load(answer))


def _post(sim: str, path: str, body: dict[str, Any]) -> Any:
    asked = urllib.request.Request(sim + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=600) as answer:
        return json.load(answer)


def _audit(path: Path, accepted: int) -> tuple[int, int]:
    """(accepted presses that no row of the inbox holds, answers that stand twice)."""
    with sqlite3.connect(path) as database:
        (kept,) = database.execute("SELECT count(*) FROM inbox WHERE channel = 'wecom'").fetchone()
        (twice,) = database.execute(
            "SELECT count(*) FROM (SELECT 1 FROM response GROUP BY attempt_id, slot HAVING count(*) > 1)"
        ).fetchone()
    database.close()
    return max(0, accepted - kept), twice
