"""A small town for end-to-end tests: a workspace, the fake Telegram before it, the program that serves it, and its people."""

from __future__ import annotations

import shutil
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from channels import serving
from handlers.words import say
from storage import invitations, lock, people
from storage.database import open_database
from tests.fakes.telegram import FakeTelegram, Person, Seen
from tests.faults.program import Program, command

PLAN = """\
plans:
  - plan: daily
    title: 每日一题
    opens: {dates: [2099-01-01], at: "09:00"}
    closes: {at: "23:59"}
    who: all
    paper: {draw: [{kind: single, count: 1}, {kind: multiple, count: 1}, {kind: judge, count: 1}]}
    rules: {preset: daily}
"""
ROSTER = """\
姓名,单位,手机号
周明,司法局,13800000001
郭春梅,住建局,13800001234
马新华,住建局,13800005678
宋佳,教育局,13800009999
"""
UNREACHABLE = "SELECT unreachable FROM account WHERE address = ?"
HOOK_SECRET = "hook-SECRET-0123456789"
DIGITS = {"周明": "0001", "郭春梅": "1234", "马新华": "5678", "宋佳": "9999"}
CHATS = {name: 7001 + place for place, name in enumerate(DIGITS)}


@dataclass
class House:
    """A workspace, the fake before it, the program that serves it, and everything that was printed."""

    folder: Path
    fake: FakeTelegram
    port: int
    mode: str
    outputs: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        return {"TELEGRAM_TOKEN": self.fake.token, "TELEGRAM_API_BASE": self.fake.url, "TELEGRAM_MODE": self.mode,
                "TELEGRAM_WEBHOOK_SECRET": HOOK_SECRET, "XUEFA_PUBLIC_URL": f"http://127.0.0.1:{self.port}"}  # fmt: skip

    @property
    def log(self) -> Path:
        return self.folder.parent / "log"

    def runs(self) -> Program:
        return Program(self.folder, self.log, port=self.port, **self.settings)

    def command(self, *words: str) -> tuple[int, str]:
        done = command(*words, "--workspace", self.folder, **self.settings)
        self.outputs += [done.stdout, done.stderr]
        return done.returncode, done.stdout + done.stderr

    def value(self, query: str, *values: object) -> object:
        with closing(sqlite3.connect(f"file:{self.folder / 'xuefa.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchone()[0]

    def invite(self, name: str) -> str:
        """A new invitation's token, which only its person is told."""
        token, now = f"token-of-{CHATS[name]}-SECRET", datetime.now(UTC)
        with (
            closing(open_database(f"sqlite:///{self.folder / 'xuefa.sqlite3'}")) as database,
            database.writing() as store,
        ):
            who = next(each.id for each in people.people(store) if each.name == name)
            invitations.make(store, [(token, who)], invitations.BIND, None, now, invitations.BIND_FOR)
        return token

    def person(self, name: str) -> Person:
        return self.fake.person(CHATS[name], name)

    def sees(self, name: str, words: str) -> Seen:
        """Waits for a message with these words, and gives the last of them."""
        who, found = self.person(name), []

        def holds() -> bool:
            found[:] = [message for message in who.sees() if words in message.text]
            return bool(found)

        self.fake.wait(holds, 30)
        return found[-1]


def post(url: str, secret: str, body: bytes = b'{"update_id": 1}') -> int:
    asked = urllib.request.Request(url, body, {"X-Telegram-Bot-Api-Secret-Token": secret})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@contextmanager
def housed(furnished: Path, where: Path, mode: str = "poll") -> Iterator[House]:
    """A copy of the workspace behind a fake Telegram that accepts every call."""
    shutil.copytree(furnished, where / "xuefa")
    with FakeTelegram() as fake:
        house = House(where / "xuefa", fake, serving.any_port("127.0.0.1"), mode)
        yield house
        assert fake.problems == []


def binds(house: House, name: str, token: str) -> None:
    """Opens the link, and types the last four digits."""
    house.person(name).says(f"/start {token}")
    house.sees(name, "后四位")
    house.person(name).says(DIGITS[name])
    house.sees(name, say("zh", "binding.bound", name=name).splitlines()[0])


def until(holds: Callable[[], bool], within: float = 30.0) -> None:
    """Asks again and again."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def serving_pid(house: House) -> int | None:
    return lock.server_of(house.folder / "xuefa.sqlite3")
