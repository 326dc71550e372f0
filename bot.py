"""The door: composition and thin commands. Nobody imports it; it alone imports inside functions, so that light commands start light."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from channels.base import Channel, Door, House
    from channels.terminal.settings import Settings
    from handlers.turns import Deployment
    from storage.database import Database


def now() -> datetime:
    return datetime.now(UTC)  # the wall clock, read at the door and passed inwards


def fresh() -> str:
    return secrets.token_urlsafe(32)


class Running:
    """One serving process: the ledger, what channels are given, and what happens by itself."""

    def __init__(self, settings: Settings, database: Database, house: Deployment) -> None:
        from handlers.console.housing import Housing
        from handlers.console.upkeep import Upkeep
        from storage import accounts
        from storage.ledger import Ledger

        self.settings = settings
        self.housing = Housing(database, lambda: self.house, now)
        self.ledger = Ledger(database, lock_people=accounts.lock_people, after_commit=self.housing.after_commit)
        self.upkeep = Upkeep(settings.workspace, database, self.ledger.write, lambda: self.house, now, SystemRandom())
        self.house = house.on(self.upkeep.is_workday)

    def channels(self) -> list[Channel]:
        """Every channel that has what it needs; the web comes last, since it answers every address that nobody else does."""
        from channels.base import House
        from channels.web.channel import Web
        from handlers.words import words

        s = self.settings
        h = self.housing
        given = House(submit=h.submit, view=h.view, who=h.who, claim=h.claim, settle=h.settle, owed=h.owed, shown=h.shown, spent=h.spent,
                      greyed=h.greyed, directory=h.directory, alarm=h.alarm, keep=h.keep, stirred=h.stirred, words=words)  # fmt: skip
        found: list[Channel] = []
        if token := s.hidden("telegram_token"):
            from channels.telegram.channel import Telegram  # a third of the start, for those who have it

            found.append(Telegram(given, token, api_base=s.telegram_api_base, mode=s.telegram_mode, public_url=s.url,
                                  webhook_secret=s.hidden("telegram_webhook_secret")))  # fmt: skip
        web = Web(given, public_url=s.url, secure=s.url.startswith("https:"), now=now, secret=fresh, zone=s.zone)
        if s.wecom_corp_id and s.wecom_agent_id:
            found.append(self._wecom(given, web.door))
        if s.wecom_bot_id:
            from channels.wecom.bot.channel import WeComBot

            found.append(
                WeComBot(
                    given, s.wecom_bot_id, s.hidden("wecom_bot_secret"), url=s.wecom_ws_url, ca_bundle=s.wecom_ca_bundle
                )
            )
        return [*found, web]

    def _wecom(self, given: House, door: Door) -> Channel:
        """The app of WeCom, which lets pages open signed in."""
        from channels.wecom.api import Credentials
        from channels.wecom.channel import Setup, WeCom

        s = self.settings
        app = Credentials(s.wecom_corp_id, s.wecom_agent_id, s.hidden("wecom_secret"))
        setup = Setup(app, s.hidden("wecom_token"), s.hidden("wecom_aes_key"), s.wecom_api_base, s.wecom_oauth_base,
                      s.wecom_ca_bundle, s.wecom_cards, s.wecom_markdown)  # fmt: skip
        return WeCom(given, setup, site=s.url, door=door, fresh=fresh, chance=secrets.token_bytes, zone=s.zone)

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve until told to stop."""
        from channels import serving

        self.housing.open(self.ledger)
        channels = self.channels()

        async def introduced(channel: Channel) -> None:
            """For invitations: what the bot is called on its platform; asked until the platform answers."""
            if ask := getattr(channel, "username", None):
                while not (name := await ask()):  # noqa: ASYNC110 (no platform offers an event)
                    await asyncio.sleep(30)
                self.house = replace(self.house, **{channel.name: name})

        async def started() -> None:
            ready()
            await asyncio.gather(*map(introduced, channels))

        keep = self.upkeep
        beats = ((keep.tick, 1.0), (keep.work, 1.0), (keep.apply_content, 20.0))
        where = self.settings.web_host, self.settings.web_port
        await serving.serve(channels, where, beats, started=started, ending=partial(setattr, keep, "ending", True))


class Actions:
    """The work behind each command. What a person can mend is raised as BotError with the code of its sentence."""

    def words(self, language: str, code: str, **values: object) -> str:
        from handlers.words import say

        return say(language, code, **values)

    def is_workspace(self, folder: Path) -> bool:
        from handlers.console.starting import is_workspace

        return is_workspace(folder)

    def check(self, paths: Sequence[Path], language: str) -> list[dict[str, Any]]:
        from handlers.console.checking import findings

        return findings(paths, language)

    def schemas(self, folder: Path) -> list[str]:
        from handlers.console.checking import write_schemas

        return write_schemas(folder)

    def init(self, folder: Path) -> list[str]:
        from handlers.console import starting

        written = starting.init(folder)
        starting.furnish(settings_of(folder).database, folder, now())
        return written

    def run(self, folder: Path, port: int | None, ready: Callable[[str, list[str]], None]) -> None:
        from channels import serving
        from channels.terminal.settings import check_ready
        from handlers.console import starting
        from handlers.messages import BotError

        settings = settings_of(folder, web_port=port)
        check_ready(settings)
        with starting.served(settings.sqlite_path):
            if not serving.is_free(settings.web_host, settings.web_port):
                raise BotError("terminal.port_taken", port=settings.web_port)
            database = starting.opened(settings.database, folder)
            serve(settings, database, lambda problems: ready(settings.url, problems))

    def demo(self, port: int | None, language: str, ready: Callable[[str, list[tuple[str, str]]], None],
             progress: Callable[[int, int], None]) -> None:  # fmt: skip
        from channels import serving
        from handlers.console import demo, starting

        with tempfile.TemporaryDirectory(prefix="xuefa-demo-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            starting.init(folder)
            demo.label(folder)
            settings = settings_of(folder, web_port=port)
            if port is None and not serving.is_free(settings.web_host, settings.web_port):
                settings = settings_of(folder, web_port=serving.any_port(settings.web_host))
            starting.furnish(settings.database, folder, now())
            with starting.served(settings.sqlite_path):
                database = starting.opened(settings.database, folder)
                guests = demo.build(database, deployment(settings, demo=True), now(), progress)
                links = [
                    (self.words(language, f"terminal.role_{g.role}"), f"{settings.url}/enter/{g.code}") for g in guests
                ]
                serve(settings, database, lambda _: ready(settings.url, links), demo=True)

    def order(self, folder: Path, name: str, **asked: Any) -> Any:
        """A writing command: by the running server if there is one, else by ourselves under its lock."""
        from handlers.console import starting
        from handlers.console.upkeep import obey
        from handlers.messages import BotError
        from storage import control

        settings = settings_of(folder)
        answer = control.ask(folder, name, asked)
        if answer is None:
            with ExitStack() as stack:
                stack.enter_context(starting.served(settings.sqlite_path))
                database = stack.enter_context(closing(starting.opened(settings.database, folder)))
                store = stack.enter_context(database.writing())
                answer = obey(store, deployment(settings), name, asked, now())
        if "refused" in answer:
            raise BotError(answer["refused"], **answer["values"])
        return answer["said"]

    def look(self, folder: Path, name: str, **asked: Any) -> Any:
        """A reading command, on a snapshot of its own."""
        from handlers.console import starting
        from handlers.console.looking import LOOKS

        settings = settings_of(folder)
        if name == "doctor" and (settings.wecom_corp_id or settings.wecom_bot_id):
            asked["wecom"] = wecom_of(settings)
        with (
            closing(starting.opened(settings.database, folder, upgrade=False)) as database,
            database.reading() as store,
        ):
            return LOOKS[name](store, deployment(settings), asked, now())

    def backup(self, folder: Path, target: Path, *, restore: bool = False) -> tuple[str, dict[str, str]]:
        from handlers.console import copying, starting

        settings = settings_of(folder)
        if restore:
            return copying.restore(target, settings.sqlite_path, now())
        with closing(starting.opened(settings.database, folder, upgrade=False)) as database:
            return copying.backup(database, target)

    def announce(
        self, folder: Path, text: str, wanted: Mapping[str, Any], *, really: bool
    ) -> Sequence[tuple[str, int]]:
        """A word to departments or tags of WeCom; what really goes out is in the audit before it does."""
        from channels.wecom.announcing import Wanted, announce
        from handlers.messages import BotError

        settings = settings_of(folder)
        if not (settings.wecom_corp_id and settings.wecom_agent_id):
            raise BotError("terminal.no_wecom")
        asked = Wanted(**wanted)
        lines = announce(settings, text, asked, really=False)
        if really:
            self.order(folder, "announced", to=[list(line) for line in lines])
            announce(settings, text, asked, really=True)
        return lines

    def bench(self, name: str) -> dict[str, Any]:
        from handlers.messages import BotError

        try:
            bench = import_module("tests.bench")
        except ImportError as error:
            raise BotError("terminal.bench_checkout") from error
        return dict(bench.run(name))


def settings_of(folder: Path, **given: Any) -> Settings:
    """The settings of a workspace."""
    from channels.terminal import settings
    from handlers.console.starting import is_workspace
    from handlers.messages import BotError

    if not is_workspace(folder):
        raise BotError("terminal.not_a_workspace", folder=folder)
    return settings.settings_of(folder, **given)


def wecom_of(settings: Settings) -> list[tuple[str, bool, Any]]:
    """What the doctor finds of WeCom's set-up. The bot's one connection is tried only while we know that no server holds it."""
    from channels.wecom.checking import checked
    from handlers.console import starting
    from handlers.messages import BotError

    try:
        with starting.served(settings.sqlite_path):
            return checked(settings, now(), exclusive=settings.sqlite_path is not None)
    except BotError:
        return checked(settings, now())


def deployment(settings: Settings, *, demo: bool = False) -> Deployment:
    """What is the same for every turn."""
    from handlers.console.starting import secret_of
    from handlers.turns import Deployment

    secret = settings.hidden("secret").encode() or secret_of(settings.workspace)
    bot = settings.wecom_bot_name if settings.wecom_bot_id else ""
    return Deployment(
        secret, settings.url, ZoneInfo(settings.zone), settings.names, "", *settings.rhythm, demo=demo, wecom_bot=bot
    )


def serve(settings: Settings, database: Database, ready: Callable[[list[str]], None], *, demo: bool = False) -> None:
    """Serve until Ctrl+C or SIGTERM."""
    from channels import serving
    from channels.terminal import logs
    from storage import control

    logs.configure(settings.secrets)
    running = Running(settings, database, deployment(settings, demo=demo))
    running.ledger.start()
    try:
        problems = running.upkeep.apply_content()
        with control.answering(settings.workspace, running.upkeep.obey):
            serving.run(running.serve(lambda: ready(problems)))
    finally:
        running.ledger.stop()
        database.close()


def main() -> int:
    """The console script."""
    from channels.terminal import commands

    return commands.run(Actions())


if __name__ == "__main__":
    sys.exit(main())
