"""Performance runs (`bot.py bench NAME`): the program as people start it, a load beside it, and a reference in the same run."""

from __future__ import annotations

from typing import Any

NAMES = ("answer", "answer-sent", "exam", "start", "wecom")


def run(name: str) -> dict[str, Any]:
    """One run by its name. Raises ValueError with the names there are."""
    from tests.bench import answer, exam, start, wecom

    runs = {
        "answer": answer.handed,
        "answer-sent": answer.sent,
        "exam": exam.run,
        "start": start.run,
        "wecom": wecom.run,
    }
    if name not in runs:
        raise ValueError(f"no bench {name!r}; there are: {', '.join(NAMES)}")
    return runs[name]()
