"""The door: composition and thin commands. Nobody imports it; it alone imports inside functions, so that light commands start light."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from channels.base import Channel
    from channels.terminal.settings import Settings
    from handlers.clock import Calendar
    from handlers.messages import Answered, Incoming, Outcome, Owed, Parcel, Viewer
    from handlers.turns import Deployment
    from storage.database import Database, Store
    from storage.ledger import Ledger


STIR_AT_LATEST = 5.0
"""Seconds after which a channel looks for deliveries even if nobody says that there are any (another process may have)."""


def now() -> datetime:
    """The wall clock, read at the door and passed inwards."""
    return datetime.now(UTC)


def deployment(settings: Settings, *, telegram: str = "", demo: bool = False) -> Deployment:
    """What is the same for every turn."""
    from handlers.starting import secret_of
    from handlers.turns import Deployment

    secret = settings.hidden("secret").encode() or secret_of(settings.workspace)
    return Deployment(
        secret, settings.url, ZoneInfo(settings.zone), settings.names, telegram, settings.weekly_touches, demo
    )


def opened(settings: Settings, *, create: bool) -> Database:
    """The database, with its tables up to date. A missing one is never made silently: only `init` and `demo` create."""
    from channels.base import BotError
    from storage import schema
    from storage.database import open_database
    from storage.engines import DatabaseMissing

    try:
        database = open_database(settings.database, create=create)
        schema.upgrade(database)
    except DatabaseMissing as error:
        raise BotError("terminal.database_missing", path=str(error), folder=str(settings.workspace)) from error
    return database


def furnish(settings: Settings) -> None:
    """A new workspace's database, with its content applied."""
    from handlers import content

    with closing(opened(settings, create=True)) as database:
        content.apply(settings.workspace, partial(_write, database), now())


def _write(database: Database, run: Callable[[Store], Any]) -> Any:
    """A turn without a ledger: nobody serves yet."""
    with database.writing() as store:
        return run(store)


# Composition: the running house. ---------------------------------------------------------------------------------------


class Running:
    """One serving process: the ledger, the clock, the jobs, the content files, and the callables that channels are given."""

    def __init__(self, settings: Settings, database: Database, house: Deployment) -> None:
        from storage import accounts
        from storage.ledger import Ledger

        self.settings, self.database, self.house = settings, database, house
        self.ledger: Ledger = Ledger(database, lock_people=accounts.lock_people, after_commit=self._after_commit)
        self.calendar: Calendar | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stirred: asyncio.Event = asyncio.Event()
        self._files: tuple[object, ...] = ()
        self._ending = False

    def write(self, run: Callable[[Store], Any]) -> Any:
        """A turn from a thread of ours."""
        return self.ledger.write(run)

    def apply_content(self) -> list[str]:
        """Apply the content files if any has changed; gives the findings in Chinese."""
        from handlers import checking, content
        from handlers.clock import Calendar
        from quizzes.calendar import Workdays

        stamp = content.stamp(self.settings.workspace)
        if stamp == self._files:
            return []
        self._files = stamp
        done = content.apply(self.settings.workspace, self.write, now())
        days = Workdays(done.overlay)
        self.calendar = Calendar(lambda day: days.published(day.year) and days.is_workday(day), days.published)
        return [checking.sentence(problem, "zh") for problem in done.problems]

    def tick(self) -> None:
        """Everything that is due now, a bounded turn at a time."""
        from handlers import clock

        rng = SystemRandom()
        while (
            not self._ending
            and self.calendar
            and self.write(lambda s: clock.tick(s, now(), self.house, self.calendar, rng))
        ):  # type: ignore[arg-type]
            pass

    def work(self) -> None:
        """Everything that waits among the jobs."""
        from handlers import jobs
        from handlers.registry import JOBS

        while not self._ending and jobs.run_next(self.database, self.write, JOBS, self.house, now()):
            pass

    def _after_commit(self) -> None:
        if self.database.memory.stirred and self._loop is not None:
            self.database.memory.stirred = False
            self._loop.call_soon_threadsafe(self._stir)

    def _stir(self) -> None:
        self._stirred.set()
        self._stirred = asyncio.Event()

    # What channels are given. ------------------------------------------------------------------------------------------

    async def submit(self, incoming: Incoming) -> Answered:
        from handlers import dispatch

        return await self.ledger.hop(
            lambda store: dispatch.take(store, incoming, self.house),
            failed=lambda store, error: dispatch.quarantine(store, incoming, self.house, error),
            account=(incoming.account.channel, incoming.account.id),
        )

    async def view(self, name: str, viewer: Viewer | None, query: Mapping[str, str]) -> Any:
        from channels.base import BotError
        from handlers.views import pages

        try:
            return await asyncio.to_thread(
                self._read, lambda s: pages.view(s, name, pages.Look(viewer, query, self.house, now()))
            )
        except pages.NotAllowed as error:
            raise BotError("not_allowed") from error
        except (KeyError, ValueError) as error:
            raise BotError("not_found") from error

    def _read(self, look: Callable[[Store], Any]) -> Any:
        with self.database.reading() as store:
            return look(store)

    async def who(self, secret: str) -> Viewer | None:
        from handlers.views import chat

        return await asyncio.to_thread(
            self._read, lambda s: chat.viewer_of(s, sha256(secret.encode()).hexdigest(), now())
        )

    async def claim(self, channel: str, most: int) -> Sequence[Parcel]:
        from handlers import delivering

        if not await asyncio.to_thread(self._read, lambda s: delivering.is_due(s, channel, now())):
            return []
        return await self.ledger.hop(lambda s: delivering.claim(s, channel, most, self.house, now()))

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        from handlers import delivering

        await self.ledger.hop(lambda s: delivering.settle(s, list(outcomes), now()))

    async def owed(self, channel: str) -> Sequence[Owed]:
        from handlers import delivering

        return await asyncio.to_thread(self._read, lambda s: delivering.owed(s, channel, now()))

    async def shown(self, keys: Sequence[str]) -> None:
        from storage import inbox

        await self.ledger.hop(lambda s: inbox.mark_shown(s, keys))

    async def keep(self, name: str, value: str | None = None) -> str:
        from storage import keep

        if value is None:
            return str(await asyncio.to_thread(self._read, lambda s: keep.read(s, name)))
        await self.ledger.hop(lambda s: keep.write(s, name, value, now()))
        return value

    async def stirred(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), timeout=STIR_AT_LATEST)

    # Start and stop. ---------------------------------------------------------------------------------------------------

    def channels(self) -> list[Channel]:
        """Every channel that has what it needs; the web comes last, since it answers every address that nobody else does."""
        from channels.base import House
        from channels.telegram.channel import Telegram
        from channels.web.channel import Web
        from handlers.words import words

        s = self.settings
        given = House(
            self.submit,
            self.view,
            self.who,
            self.claim,
            self.settle,
            self.owed,
            self.shown,
            self.keep,
            self.stirred,
            words,
        )
        found: list[Channel] = []
        if token := s.hidden("telegram_token"):
            found.append(Telegram(given, token, api_base=s.telegram_api_base, mode=s.telegram_mode, public_url=s.url,
                                  webhook_secret=s.hidden("telegram_webhook_secret")))  # fmt: skip
        found.append(Web(given, public_url=s.url, secure=s.url.startswith("https:"), now=now, secret=lambda: secrets.token_urlsafe(32),
                         zone=s.zone))  # fmt: skip
        return found

    async def _learn_name(self, channels: Sequence[Channel]) -> None:
        """The bot's own name, for invitation links; asked until Telegram answers."""
        for channel in channels:
            if ask := getattr(channel, "username", None):
                while not (name := await ask()):
                    await asyncio.sleep(30)
                self.house = replace(self.house, telegram=name)

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve until told to stop; then take nothing new, finish what is in hand, and end."""
        import uvicorn
        from apscheduler.schedulers.background import BackgroundScheduler
        from starlette.applications import Starlette

        self._loop = asyncio.get_running_loop()
        channels = self.channels()
        app = Starlette(routes=[route for channel in channels for route in channel.routes])
        server = uvicorn.Server(uvicorn.Config(app, host=self.settings.web_host, port=self.settings.web_port, log_level="warning",
                                               access_log=False, lifespan="off", timeout_graceful_shutdown=8))  # fmt: skip
        server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
        stop = _stop_signal(self._loop)
        metronome = BackgroundScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for work, seconds in ((self.tick, 1), (self.work, 1), (self.apply_content, 20)):
            metronome.add_job(work, "interval", seconds=seconds)
        for channel in channels:
            await channel.start()
        others = [asyncio.create_task(self._learn_name(channels)), asyncio.create_task(_once_started(server, ready))]
        serving = asyncio.create_task(server.serve())
        metronome.start()
        await asyncio.wait({serving, asyncio.ensure_future(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        self._ending = True
        for task in others:
            task.cancel()
        for channel in channels:
            await channel.stop()
        server.should_exit = True
        await asyncio.to_thread(metronome.shutdown)
        await serving


def _stop_signal(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    """Set at Ctrl+C and SIGTERM; uvicorn's own handlers would end the process before the rest of the house has."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


async def _once_started(server: Any, ready: Callable[[], None]) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    ready()


# Commands: what channels/terminal asks for. ----------------------------------------------------------------------------


class Actions:
    """The work behind each command. What a person can mend is raised as BotError with the code of its sentence."""

    def words(self, language: str, code: str, **values: object) -> str:
        from handlers.words import say

        return say(language, code, **values)

    def is_workspace(self, folder: Path) -> bool:
        from handlers.starting import is_workspace

        return is_workspace(folder)

    def check(self, paths: Sequence[Path], language: str) -> list[dict[str, Any]]:
        from handlers.checking import findings

        return findings(paths, language)

    def schemas(self, folder: Path) -> list[str]:
        from handlers.checking import write_schemas

        return write_schemas(folder)

    def init(self, folder: Path) -> list[str]:
        from channels.base import BotError
        from handlers import starting

        try:
            written = starting.init(folder)
        except starting.NotEmpty as error:
            raise BotError("terminal.not_empty", folder=str(folder)) from error
        furnish(_settings(folder))
        return written

    def run(self, folder: Path, port: int | None, ready: Callable[[str, list[str]], None]) -> None:
        settings = _settings(folder, web_port=port)
        with _served(settings):
            serve(settings, opened(settings, create=False), lambda lines: ready(settings.url, lines))

    def demo(self, port: int | None, language: str, ready: Callable[[str, list[tuple[str, str]]], None],
             progress: Callable[[int, int], None]) -> None:  # fmt: skip
        from handlers import demo, starting

        with tempfile.TemporaryDirectory(prefix="xuefa-demo-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            starting.init(folder)
            demo.label(folder)
            settings = _settings(folder, web_port=port)
            furnish(settings)
            database = opened(settings, create=False)
            guests = demo.build(database, deployment(settings, demo=True), now(), progress)
            links = [
                (self.words(language, f"terminal.role_{g.role}"), f"{settings.url}/enter/{g.code}") for g in guests
            ]
            with _served(settings):
                serve(settings, database, lambda _: ready(settings.url, links), demo=True)

    def order(self, folder: Path, name: str, **asked: Any) -> Any:
        """A writing command: by the running server if there is one, else by ourselves under its lock."""
        from channels.base import BotError
        from storage import control

        settings = _settings(folder)
        answer = control.ask(folder, name, asked)
        if answer is None:
            with _served(settings), closing(opened(settings, create=False)) as database, database.writing() as store:
                answer = obey(store, deployment(settings), name, asked)
        if "refused" in answer:
            raise BotError(answer["refused"], **answer["values"])
        return answer["said"]

    def look(self, folder: Path, name: str, **asked: Any) -> Any:
        """A reading command, on a snapshot of its own."""
        from channels.base import BotError
        from handlers.looking import LOOKS
        from handlers.orders import Refused
        from storage.database import open_database

        settings = _settings(folder)
        try:
            with closing(open_database(settings.database)) as database, database.reading() as store:
                return LOOKS[name](store, deployment(settings), asked, now())
        except Refused as error:
            raise BotError(error.code, **error.values) from error

    def backup(self, folder: Path, target: Path, *, restore: bool = False) -> tuple[str, dict[str, str]]:
        from channels.base import BotError
        from storage import backup
        from storage.database import open_database

        settings = _settings(folder)
        path = settings.sqlite_path
        if path is None:
            raise BotError("terminal.backup_postgres")
        try:
            if restore:
                done = backup.restore(target, path, now())
                return "terminal.restore_done", {"path": str(target), "target": str(path), "rows": str(done.responses)}
            with closing(open_database(settings.database)) as database:
                done = backup.backup(database, target)
        except FileExistsError as error:
            raise BotError("terminal.restore_exists", path=str(path if restore else target)) from error
        except FileNotFoundError as error:
            raise BotError("terminal.file_missing", path=str(target)) from error
        except backup.BackupBroken as error:
            raise BotError("terminal.backup_broken", path=str(target), why=str(error)) from error
        return "terminal.backup_done", {"path": str(target), "rows": str(done.responses)}

    def bench(self, name: str) -> dict[str, Any]:
        from channels.base import BotError

        try:
            from tests.bench import run
        except ImportError as error:
            raise BotError("terminal.bench_checkout") from error
        return run(name)


def obey(store: Store, house: Deployment, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Run one order; what it refuses is an answer too, so that it crosses to another process."""
    from handlers.orders import ORDERS, Refused

    try:
        return {"said": ORDERS[name](store, house, asked, now())}
    except Refused as error:
        return {"refused": error.code, "values": error.values}


def _settings(folder: Path, **given: Any) -> Settings:
    from channels.base import BotError
    from channels.terminal.settings import SettingsWrong, settings_of
    from handlers.starting import is_workspace

    if not is_workspace(folder):
        raise BotError("terminal.not_a_workspace", folder=str(folder))
    try:
        return settings_of(folder, **given)
    except SettingsWrong as error:
        raise BotError("terminal.settings_wrong", problems=str(error)) from error


@contextmanager
def _served(settings: Settings) -> Iterator[None]:
    """Hold the workspace's database for this process; PostgreSQL lets several serve."""
    from channels.base import BotError
    from storage.lock import AlreadyServed, served

    path = settings.sqlite_path
    with ExitStack() as stack:
        if path is not None:
            try:
                stack.enter_context(served(path))
            except AlreadyServed as error:
                raise BotError("terminal.already_serving", pid=str(error.pid or "?")) from error
        yield


def serve(settings: Settings, database: Database, ready: Callable[[list[str]], None], *, demo: bool = False) -> None:
    """Serve until Ctrl+C or SIGTERM."""
    from storage import control

    running = Running(settings, database, deployment(settings, demo=demo))
    running.ledger.start()
    try:
        problems = running.apply_content()
        with control.answering(
            settings.workspace, lambda name, asked: running.write(lambda s: obey(s, running.house, name, asked))
        ):
            asyncio.run(running.serve(lambda: ready(problems)))
    finally:
        running.ledger.stop()
        database.close()


def main() -> int:
    """The console script."""
    from channels.terminal import commands

    return commands.run(Actions())


if __name__ == "__main__":
    sys.exit(main())
