"""What commands print: tables for people, JSON for programs, findings on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

WIDE = 240
_out = Console(markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else WIDE)
_err = Console(stderr=True, markup=False, emoji=False, highlight=False)


def table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, as_json: bool, keys: Sequence[str] = ()
) -> None:
    """A table; with `as_json` a list of objects keyed by `keys` (else by the columns)."""
    if as_json:
        data([dict(zip(keys or columns, row, strict=True)) for row in rows])
        return
    shown = Table(title=title, title_justify="left")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    _out.print(shown)


def data(value: Any) -> None:
    """JSON on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))  # noqa: T201 (a command's output)


def say(*lines: str) -> None:
    """Lines on stdout, as they are."""
    for line in lines:
        _out.print(line, soft_wrap=True)


def findings(lines: Iterable[str]) -> None:
    """Findings on stderr, as they are."""
    for line in lines:
        _err.print(line, soft_wrap=True)


@contextmanager
def progress(sentence: str) -> Iterator[Callable[[int, int], None]]:
    """Progress of work that takes over a second, on stderr: call it with how much is done of how much; it goes away at the end."""
    with Progress(TextColumn("{task.description}"), BarColumn(), console=_err, transient=True) as shown:
        task = shown.add_task("", total=None)

        def tell(done: int, total: int) -> None:
            shown.update(task, completed=done, total=total, description=sentence.format(done=done, total=total))
            if done == total:
                shown.stop()

        yield tell
