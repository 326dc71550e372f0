"""A workspace's content files into the store: what is sound is applied file by file; what is wrong is said, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from quizzes.calendar import Overlay
from quizzes.content.banks import Bank, stream_bank
from quizzes.content.problems import Problem, Problems
from quizzes.content.workspace import read_workspace, workspace_files
from storage import banks, materials
from storage.banks import Applied, TakenElsewhere
from storage.database import Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """What applying a workspace came to."""

    applied: Applied
    plans: int
    problems: Sequence[Problem]
    overlay: Overlay


class ChangedMeanwhile(Exception):
    """A bank file changed between its check and its reading; nothing of it was applied, and the next look takes it up."""


def apply(folder: Path, write: Callable[[Callable[[Store], object]], object], now: datetime) -> Outcome:
    """Read and apply everything in a workspace. With any problem in a file that file is left as it was before; plans are applied
    only when no file has a problem, since they may name what is wrong elsewhere."""
    found = read_workspace(folder)
    problems = list(found.problems)
    paths = [_name(folder, bank.path) for bank in found.banks]
    standing = {_name(folder, path) for path in workspace_files(folder).banks}.difference(paths)
    total = Applied()
    for bank in found.banks:
        try:
            done = _apply_bank(folder, bank, standing, write, now)
        except TakenElsewhere as taken:
            values = {"id": taken.key, "other": taken.path}
            problems.append(Problem(str(bank.path), 1, 1, "duplicate_id", values))
            continue
        total = Applied(*(a + b for a, b in zip(_counts(total), _counts(done), strict=True)))
    write(lambda store: materials.apply(store, found.materials, now))
    plans = 0
    if not problems:
        write(lambda store: banks.remove_others(store, paths, now))
        write(lambda store: materials.remove_others(store, [each.key for each in found.materials], now))
        plans = int(str(write(lambda store: banks.apply_plans(store, found.plans, now))))
    return Outcome(total, plans, problems, found.overlay)


def stamp(folder: Path) -> tuple[object, ...]:
    """What changes whenever a content file does: names, sizes and times of change."""
    files = workspace_files(folder)
    paths = [*files.banks, *files.plans, *files.materials, *files.calendars]
    return tuple((path.as_posix(), found.st_mtime_ns, found.st_size) for path in paths for found in [path.stat()])


def _apply_bank(folder: Path, bank: Bank, standing: Container[str], write: Callable[[Callable[[Store], object]], object],
                now: datetime) -> Applied:  # fmt: skip
    """`standing` are the banks whose files have problems: they keep their questions; from all others a question may have moved."""
    path = _name(folder, bank.path)

    def work(store: Store) -> Applied:
        if banks.file_hash(store, path) == bank.header.file_hash:
            return Applied()
        problems = Problems(path)
        header, questions = stream_bank(bank.path, problems)
        if header is None or header.file_hash != bank.header.file_hash:
            raise ChangedMeanwhile(path)
        applied = banks.apply(store, path, header, questions, now, standing=standing)
        if problems:
            raise ChangedMeanwhile(path)
        return applied

    done = write(work)
    assert isinstance(done, Applied)
    return done


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _counts(some: Applied) -> tuple[int, int, int, int]:
    return some.added, some.changed, some.removed, some.unchanged
