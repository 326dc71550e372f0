"""The whole program as a process of its own: started, waited for, killed or stopped, and everything it said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
OURS = ("XUEFA_", "TELEGRAM_", "WECOM_")


def surroundings(**settings: str) -> dict[str, str]:
    """The environment without settings of ours, and these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", **settings}


def command(*words: str | Path, cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [sys.executable, ROOT / "bot.py", *words],
        cwd=cwd,
        env=surroundings(**settings),
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )


class Program:
    """`bot.py run` on a workspace; what it prints goes to the end of `log`."""

    def __init__(self, workspace: Path, log: Path, *, port: int, **settings: str) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "bot.py", "run", "--workspace", workspace, "--port", str(port)],
                cwd=ROOT,
                env=surroundings(**settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def said(self) -> str:
        """Everything that was printed into the log so far."""
        return self.log.read_text("utf-8", errors="replace")

    def has_ended(self, within: float = 0.0) -> bool:
        """Whether the process ends by itself in so many seconds."""
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """kill -9, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit code, and the seconds it took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        return code, time.monotonic() - began
