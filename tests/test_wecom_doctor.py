"""`doctor` by command, as an officer runs it: beside the running program and without it, for the app and for the bot."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels import serving
from quizzes.people import Role, RoleName
from storage import accounts, people
from storage.database import open_database
from tests.channels.wecom.running import until
from tests.fakes.wecom.longconn import LongConn
from tests.faults.program import command
from tests.wecom_town import MEMBERS, ROSTER, app_settings, bot_settings, console, furnished, plans, program

LEADERS = [ROSTER[0], *([*row[:3], "是"] for row in ROSTER[1:])]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which nothing is missing: everybody bound, two admins, a leader in each unit."""
    made = furnished(tmp_path_factory.mktemp("doctor") / "xuefa", plans(daily="每日一题"), LEADERS)
    now = datetime.now(UTC)
    with closing(open_database(f"sqlite:///{made / 'xuefa.sqlite3'}")) as database, database.writing() as store:
        known = {each.name: each.id for each in people.people(store)}
        for user, (name, _) in MEMBERS.items():
            accounts.bind(store, known[name], "wecom", user.lower(), now)
        for name in ("周明", "陈立新"):
            people.grant(store, known[name], Role(RoleName.ADMIN, None), None, now)
    return made


class Visit:
    """The set-up of both kinds, a simulator of each, and the doctor beside them."""

    def __init__(self, folder, port, sim, fake):
        self.folder, self.port, self.sim, self.fake = folder, port, sim, fake
        address = {"XUEFA_PUBLIC_URL": f"http://localhost:{port}"}
        self.app, self.bot = app_settings(sim) | address, bot_settings(fake) | address
        sim.trusted_domain = f"localhost:{port}"

    async def doctor(self, settings):
        """(exit code, what is well, what is ill)."""
        words = ("doctor", "--json", "--workspace", self.folder)
        done = await asyncio.to_thread(command, *words, **settings)
        found = json.loads(done.stdout)
        for secret in (self.sim.secret, self.fake.secret):
            assert secret not in done.stdout + done.stderr
        return done.returncode, *([each["text"] for each in found if each["fine"] is fine] for fine in (True, False))

    @asynccontextmanager
    async def running(self):
        async with program(self.folder, self.port, self.app | self.bot):
            await until(lambda: self.sim.menu and self.fake.is_live, 60)
            yield


@asynccontextmanager
async def visiting(folder):
    port = serving.any_port("127.0.0.1")
    async with console(port) as sim, LongConn() as fake:
        yield Visit(folder, port, sim, fake)
        assert fake.problems == []


def one(found, text):
    """The only finding, which says this."""
    [only] = found
    assert text in only
    return True


async def beside_the_program(folder):
    async with visiting(folder) as here, here.running():
        both = here.app | here.bot
        code, well, ill = await here.doctor(both)
        assert (code, ill) == (0, [])
        assert any("看得到 4 人，在 3 个部门" in each for each in well)
        assert any("BotID 和 Secret 没有试" in each for each in well)
        assert here.fake.connections == 1, "the doctor took the program's place"
        # Somebody else's address stands in 企业可信IP.
        here.sim.trusted_ips = {"203.0.113.7"}
        code, _, ill = await here.doctor(both)
        assert code == 1
        assert one(ill, "本机的 IP 127.0.0.1 不在企业可信IP里（60020）")
        here.sim.trusted_ips = {"127.0.0.1"}
        # The token was copied wrongly into the settings that the program was started with.
        code, _, ill = await here.doctor(both | {"WECOM_TOKEN": "another"})
        assert code == 1
        assert "正在运行的学法用的是另一套 Token、EncodingAESKey 或企业ID" in ill[0]
        assert here.fake.is_live


async def without_the_program(folder):
    async with visiting(folder) as here:
        code, well, ill = await here.doctor(here.app | here.bot)
        assert code == 1
        assert any("从本机打不开回调地址" in each and "请确认学法正在运行" in each for each in ill)
        assert any("BotID 和长连接 Secret 可用" in each for each in well)
        assert here.fake.connections == 1
        # The bot alone needs nothing that the world reaches.
        code, well, ill = await here.doctor(here.bot)
        assert (code, ill) == (0, [])
        code, _, ill = await here.doctor(here.bot | {"WECOM_BOT_SECRET": "that-of-the-app"})
        assert code == 1
        assert one(ill, "BotID 或长连接 Secret 不对（853000）")


def test_beside_the_running_program_the_doctor_names_what_is_wrong_and_takes_nothing_from_it(folder):
    asyncio.run(asyncio.wait_for(beside_the_program(folder), 120))


def test_without_the_program_the_doctor_says_so_and_tries_the_bot_s_secret(folder):
    asyncio.run(asyncio.wait_for(without_the_program(folder), 120))
