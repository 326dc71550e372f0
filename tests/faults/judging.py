"""The judge: what the database's files say happened to every press, read without the program, against what people were shown."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from storage import recounting, rounds
from storage.database import open_database
from tests.fakes.telegram import FakeTelegram
from tests.faults.backlog import Press

DATABASE = "xuefa.sqlite3"


@dataclass
class Findings:
    """Numbers of updates (or sentences) that are wrong, by what is wrong with them. All empty: nothing was lost or doubled."""

    lost: list[object] = field(default_factory=list)
    doubled: list[object] = field(default_factory=list)
    wrong: list[object] = field(default_factory=list)
    unshown: list[object] = field(default_factory=list)
    untrue: list[object] = field(default_factory=list)
    broken: list[object] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def add(self, other: Findings) -> None:
        """Takes over what is not known yet."""
        for name, some in vars(other).items():
            vars(self)[name] += [each for each in some if each not in vars(self)[name]]

    def counts(self) -> dict[str, int]:
        return {name: len(some) for name, some in vars(self).items()}


def after_a_kill(workspace: Path, fake: FakeTelegram, presses: Sequence[Press]) -> Findings:
    """Whatever Telegram was told is done, and whatever a person saw a tick for, is in the files that the killed process left.
    They are read as a copy, so that the next start finds them as they were."""
    found = Findings()
    with fake.world.lock:
        waiting = {entry[0]["update_id"] for entry in fake.world.waiting}
        ticked = {p.update_id for p in presses if fake.world.messages[p.chat, p.message_id].edits}
    with tempfile.TemporaryDirectory() as name:
        for part in ("", "-wal"):
            if (workspace / f"{DATABASE}{part}").exists():
                shutil.copyfile(workspace / f"{DATABASE}{part}", Path(name) / f"{DATABASE}{part}")
        with closing(sqlite3.connect(Path(name) / DATABASE)) as database:
            recorded = {_update(key) for (key,) in database.execute("SELECT inbox_key FROM response")}
            found.broken += _integrity(database)
    found.lost += [p.update_id for p in presses if p.update_id not in waiting and p.update_id not in recorded]
    found.untrue += sorted(ticked - recorded)
    return found


def at_the_end(workspace: Path, fake: FakeTelegram, presses: Sequence[Press]) -> Findings:
    """Every press is one response with the answer that was pressed and one inbox row, its reply is what its message shows, and
    every figure stands when all responses are graded again."""
    found = Findings()
    with closing(sqlite3.connect(workspace / DATABASE)) as database:
        found.broken += _integrity(database)
        kept = Counter(_update(key) for (key,) in database.execute("SELECT key FROM inbox"))
        replies = {
            _update(key): json.loads(said)
            for key, said in database.execute("SELECT key, replies FROM inbox WHERE state = 'done' AND error = ''")
        }
        responses: dict[tuple[int, int], list[tuple[int, tuple[str, ...]]]] = {}
        for paper_id, slot, key, answer in database.execute("SELECT attempt_id, slot, inbox_key, answer FROM response"):
            responses.setdefault((paper_id, slot), []).append((_update(key), tuple(json.loads(answer))))
        numbers = [number for (number,) in database.execute("SELECT id FROM round")]
    for press in presses:
        mine = responses.pop((press.paper_id, press.slot), [])
        if not mine or not kept[press.update_id]:
            found.lost.append(press.update_id)
        elif len(mine) > 1 or kept[press.update_id] > 1:
            found.doubled.append(press.update_id)
        elif mine[0] != (press.update_id, press.answer) or press.update_id not in replies:
            found.wrong.append(press.update_id)
        if not _is_shown(fake, press, replies.get(press.update_id, [])):
            found.unshown.append(press.update_id)
    found.doubled += sorted(responses)
    found.wrong += sorted(kept.keys() - {press.update_id for press in presses})
    found.doubled += _extra_messages(fake, presses)
    found.broken += _differences(workspace, numbers)
    return found


def _update(key: str) -> int:
    """The update's number in an inbox key."""
    return int(key.split(":")[1])


def _integrity(database: sqlite3.Connection) -> list[object]:
    said = [line for (line,) in database.execute("PRAGMA integrity_check")]
    return [] if said == ["ok"] else list(said)


def _is_shown(fake: FakeTelegram, press: Press, replies: Sequence[dict[str, object]]) -> bool:
    """The message that was pressed shows the reply that was committed with the press."""
    with fake.world.lock:
        shown = fake.world.messages[press.chat, press.message_id]
        return bool(shown.edits) and any(_plain(shown.text).startswith(_plain(str(each["text"]))) for each in replies)


def _plain(text: str) -> str:
    return "".join(text.split())


def _extra_messages(fake: FakeTelegram, presses: Sequence[Press]) -> list[object]:
    """Messages that nobody asked for: every reply takes the place of the message that was pressed."""
    asked = {(press.chat, press.message_id) for press in presses}
    with fake.world.lock:
        return [place for place, message in fake.world.messages.items() if message.ours and place not in asked]


def _differences(workspace: Path, numbers: Sequence[int]) -> list[object]:
    with closing(open_database(f"sqlite:///{workspace / DATABASE}")) as database, database.reading() as store:
        return [str(each) for number in numbers for each in recounting.recount(store, rounds.get(store, number).id)]
