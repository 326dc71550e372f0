"""Starting: from the start of the process to the first page served, and `check` on the starter workspace."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import processes

TIMES = 5
BOT = [sys.executable, str(processes.ROOT / "bot.py")]


def run(times: int = TIMES) -> dict[str, Any]:
    """Warm: the workspace is as `init` made it, and was served once before. `reference` is `python -c pass`, in milliseconds;
    ratios are of medians, each turn of the three beside the others."""
    with tempfile.TemporaryDirectory(prefix="xuefa-bench-") as name:
        workspace = Path(name) / "house"
        _command("init", str(workspace))
        served, checked, bare, peaks = [], [], [], []
        for turn in range(times + 1):
            took, peak = _serve(workspace)
            others = _timed(lambda: _command("check", str(workspace))), _timed(_nothing)
            if turn:
                served.append(took)
                peaks.append(peak)
                checked.append(others[0])
                bare.append(others[1])
    reference = median(bare)
    return {
        "rate": round(1000 / median(served), 3), "p50_ms": median(served), "p99_ms": max(served),
        "rss_mb": round(max(peaks), 1), "ratio": round(median(served) / reference, 1), "reference": reference, "lost": 0,
        "doubled": 0, "served_ms": served, "check_ms": median(checked), "checks_ms": checked,
        "check_ratio": round(median(checked) / reference, 1), "bare_ms": bare,
    }  # fmt: skip


def _serve(workspace: Path) -> tuple[float, float]:
    """(milliseconds until the first page, peak memory in MB) of one start."""
    port = processes.free_port()
    command = [*BOT, "run", "--workspace", str(workspace), "--port", str(port)]
    began = time.perf_counter()
    with processes.serving(command, port, workspace.parent / "server.log") as process:
        return round(1000 * (time.perf_counter() - began), 1), processes.peak_mb(process.pid)


def _command(*arguments: str) -> None:
    subprocess.run([*BOT, *arguments], cwd=processes.ROOT, check=True, stdout=subprocess.DEVNULL)


def _nothing() -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return round(1000 * (time.perf_counter() - began), 1)
