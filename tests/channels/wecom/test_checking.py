"""The doctor of WeCom's set-up, each step broken in turn on the simulated server: what is said, and where it stops."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from channels.wecom import checking
from channels.wecom.checking import checked, findings
from channels.wecom.wellformed import Finding, Setup
from handlers.words import LANGUAGES, say, words
from tests.channels.wecom.sites import AES_KEY, TOKEN, Site, own_authority, served, standing
from tests.channels.wecom.test_reaching import nobody, saying
from tests.fakes.hours import told
from tests.fakes.wecom.longconn import LongConn
from tests.fakes.wecom.simulator import Simulator

NOW = datetime.now(UTC)
"""The simulated server writes the real time into its answers."""
WELL = ["settings", "server", "clock", "secret", "callback", "domain", "trusted_ip", "agent", "range", "people", "cards", "menu"]  # fmt: skip
MENU = [{"type": "click", "name": "今日答题", "key": "今日答题"}]


class Office(NamedTuple):
    sim: Simulator
    site: Site
    setup: Setup


@asynccontextmanager
async def office():
    """A corp whose app is set up to the end, our address, and the settings that go with both."""
    sim = Simulator()
    await sim.start()
    sim.department(2, "住建局")
    sim.user("ZhangSan", "张三", [1])
    sim.user("lisi", "李四", [2])
    sim.menu = MENU
    try:
        async with standing() as site:
            sim.trusted_domain, sim.trusted_ips = urlsplit(site.base).netloc, {"127.0.0.1"}
            setup = Setup("wwcorp", 1000002, "app-secret", TOKEN, AES_KEY, sim.base, public_url=site.base)
            yield Office(sim, site, setup)
    finally:
        await sim.stop()
    assert not sim.problems


async def no_wait(seconds):
    await asyncio.sleep(0)


async def look(setup, **given):
    """What was found, in order; every finding has its sentence in both languages, and no secret is among its values."""
    found = await findings(setup, NOW, sleep=no_wait, **given)
    for each, language in product(found, LANGUAGES):
        sentence = say(language, f"doctor.wecom_{each.code}_{'well' if each.fine else 'ill'}", **each.values)
        for secret in (setup.secret, setup.token, setup.aes_key, setup.bot_secret):
            assert not secret or secret not in sentence
    return found


def codes(found):
    return [each.code if each.fine else f"-{each.code}" for each in found]


def one(found, code):
    [each] = [each for each in found if each.code == code]
    return each


# The app, well. ---------------------------------------------------------------------------------------------------------


@told
async def test_what_is_set_up_to_the_end_is_well_and_told_in_the_order_of_the_console():
    async with office() as at:
        found = await look(at.setup)
        assert codes(found) == WELL
        assert one(found, "agent").values == {"agent": "1000002", "name": "学法"}
        assert one(found, "range").values == {"departments": "1", "members": "0", "tags": "0"}
        assert one(found, "people").values == {"departments": "2", "number": "2"}


@told
async def test_looking_sends_nothing_and_changes_nothing():
    async with office() as at:
        await look(at.setup)
        reading = ("gettoken", "agent/get", "department/simplelist", "department/get", "user/simplelist", "menu/get")
        assert {call.path.removeprefix("/cgi-bin/") for call in at.sim.journal} == set(reading)
        assert at.sim.menu == MENU
        assert not at.sim.messages


@told
async def test_where_nothing_was_filled_in_nothing_is_said():
    assert await look(Setup()) == []


# The app, step by step. -------------------------------------------------------------------------------------------------


@told
async def test_what_was_copied_wrongly_is_said_before_anything_is_tried():
    async with office() as at:
        assert codes(await look(replace(at.setup, secret="app secret"))) == ["-spaces"]
        assert codes(await look(replace(at.setup, api_base="qyapi.weixin.qq.com"))) == ["-api_base"]
        assert (len(at.sim.journal), at.site.asked) == (0, 0)


@told
async def test_before_token_and_key_are_there_the_rest_is_looked_at_and_cards_are_not_possible():
    async with office() as at:
        found = await look(replace(at.setup, token="", aes_key=""))
        assert codes(found)[:4] == ["-missing", "server", "clock", "secret"]
        assert "-cards" in codes(found)
        assert "callback" not in codes(found)


@told
async def test_a_key_of_the_wrong_length_is_said_and_not_tried():
    async with office() as at:
        found = await look(replace(at.setup, aes_key=AES_KEY[:-1]))
        assert codes(found)[0] == "-aes_key_form"
        assert (at.site.asked, one(found, "cards").fine) == (0, False)


@told
async def test_without_the_secret_the_callback_alone_is_looked_at():
    async with office() as at:
        assert codes(await look(replace(at.setup, secret=""))) == ["-missing", "callback"]
        assert len(at.sim.journal) == 0


@told
async def test_a_server_that_is_not_there_stops_what_needs_it():
    async with office() as at:
        found = await look(replace(at.setup, api_base=f"http://{nobody()}"))
        assert codes(found) == ["settings", "-server_unreachable", "callback"]


@told
async def test_a_private_authority_is_trusted_by_its_file(tmp_path):
    tls, authority = own_authority(tmp_path)
    async with office() as at, served(saying(), tls=tls) as base:
        assert "-server_certificate" in codes(await look(replace(at.setup, api_base=base)))
        assert "-server_silent" in codes(await look(replace(at.setup, api_base=base, ca_bundle=authority)))


@pytest.mark.parametrize(("wrong", "code"), [({"corp_id": "wwother"}, "corp_id"), ({"secret": "another"}, "secret")])
@told
async def test_wrong_credentials_are_told_apart_and_tried_once(wrong, code):
    async with office() as at:
        found = await look(replace(at.setup, **wrong))
        assert codes(found)[-1] == f"-{code}"
        assert "agent" not in codes(found)
        assert [call.path for call in at.sim.journal] == ["/cgi-bin/gettoken"]


@pytest.mark.parametrize(
    ("path", "refused", "said"),
    [
        ("/cgi-bin/gettoken", 45009, ["-blocked"]),
        ("/cgi-bin/gettoken", 40091, ["-secret"]),
        ("/cgi-bin/gettoken", 12345, ["-refused"]),
        ("/cgi-bin/agent/get", 48002, ["secret", "-permission"]),
        ("/cgi-bin/agent/get", 48006, ["secret", "-inactive"]),
        ("/cgi-bin/agent/get", 60031, ["secret", "-closed"]),
        ("/cgi-bin/agent/get", 40056, ["secret", "-agent"]),
        ("/cgi-bin/agent/get", -1, ["-refused"]),
        ("/cgi-bin/gettoken", "500", ["-server_silent"]),
        ("/cgi-bin/agent/get", "drop", ["-server_silent"]),
    ],
)
@told
async def test_what_the_server_refuses_is_said_by_its_meaning(path, refused, said):
    async with office() as at:
        at.sim.fault(path, refused, times=9)
        found = codes(await look(at.setup))
        assert [each for each in found if each not in ("settings", "server", "clock", "callback")] == said


@told
async def test_an_ip_that_is_not_trusted_is_named_and_the_callback_is_looked_at_all_the_same():
    async with office() as at:
        at.sim.trusted_ips = {"203.0.113.9"}
        found = await look(at.setup)
        assert codes(found) == ["settings", "server", "clock", "secret", "callback", "-trusted_ip"]
        assert found[-1].values == {"ip": "127.0.0.1"}
        at.sim.fault("/cgi-bin/agent/get", 60020)
        assert (await look(at.setup))[-1].values == {"ip": "?"}


@told
async def test_an_agent_id_of_another_app_is_said():
    async with office() as at:
        found = await look(replace(at.setup, agent_id=1000003))
        assert found[-1] == Finding("agent", fine=False, values={"agent": "1000003"})


@told
async def test_an_app_that_is_switched_off_is_said_whichever_way_the_server_puts_it(monkeypatch):
    async with office() as at:
        at.sim.disabled = True
        assert (await look(at.setup))[-1] == Finding("closed", fine=False, values={"agent": "1000002"})
        monkeypatch.setattr(at.sim, "disabled", 0)
    assert codes(await checking._visible(None, {"close": 1, "name": "学法"}, Setup(agent_id=7))) == ["-closed"]


@told
async def test_an_empty_visible_range_is_said():
    async with office() as at:
        at.sim.allowed = {"users": [], "parties": [], "tags": []}
        found = await look(at.setup)
        assert not one(found, "range").fine
        assert "people" not in codes(found)


@told
async def test_people_are_counted_once_whether_named_or_in_a_department():
    async with office() as at:
        at.sim.user("both", "两处", [1, 2])
        at.sim.allowed = {"users": [{"userid": "LISI"}, {"userid": "alone"}], "parties": [1], "tags": [3]}
        found = await look(at.setup)
        assert one(found, "range").values == {"departments": "1", "members": "2", "tags": "1"}
        assert one(found, "people").values == {"departments": "2", "number": "4"}


@told
async def test_members_named_one_by_one_need_no_departments():
    async with office() as at:
        at.sim.allowed = {"users": [{"userid": "lisi"}], "parties": [], "tags": []}
        found = await look(at.setup)
        assert one(found, "people").values == {"departments": "0", "number": "1"}
        assert not [call for call in at.sim.journal if "department" in call.path]


@told
async def test_a_range_with_nobody_in_it_is_said():
    async with office() as at:
        at.sim.users.clear()
        assert not one(await look(at.setup), "people").fine


@pytest.mark.parametrize(("path", "fault", "code"), [("department/simplelist", 48009, "48009"), ("user/simplelist", 60011, "60011"), ("user/simplelist", "drop", "-")])  # fmt: skip
@told
async def test_a_directory_that_cannot_be_read_is_said_and_the_rest_goes_on(path, fault, code):
    async with office() as at:
        at.sim.fault(f"/cgi-bin/{path}", fault, times=9)
        found = await look(at.setup)
        assert one(found, "unreadable").values == {"code": code}
        assert codes(found)[-2:] == ["cards", "menu"]


# Our own address. -------------------------------------------------------------------------------------------------------


@told
async def test_a_callback_that_fails_is_said_and_so_is_what_it_means_for_cards():
    async with office() as at:
        at.site.token = "another"
        found = await look(at.setup)
        assert codes(found)[3:6] == ["secret", "-callback_refused", "domain"]
        assert not one(found, "cards").fine


@told
async def test_with_cards_off_no_callback_is_needed_for_them():
    async with office() as at:
        at.site.status = 404
        found = codes(await look(replace(at.setup, cards=False)))
        assert "cards_off" in found
        assert "-callback_missing" in found


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "https://10.0.0.1"])
@told
async def test_an_address_that_tencent_cannot_reach_is_said_and_not_tried(url, monkeypatch):
    monkeypatch.setattr(Setup, "official", True)
    async with office() as at:
        found = await look(replace(at.setup, public_url=url))
        assert "-public_private" in codes(found)
        assert not one(found, "cards").fine
        assert at.site.asked == 0


@told
async def test_an_address_without_https_is_said_and_tried(monkeypatch):
    monkeypatch.setattr(checking, "public_address", lambda setup: Finding("public_http", fine=False, values={"url": setup.public_url}))  # fmt: skip
    async with office() as at:
        found = codes(await look(at.setup))
        assert found[4:6] == ["-public_http", "callback"]
        assert "cards" in found


@told
async def test_a_trusted_domain_must_be_ours_to_the_letter():
    async with office() as at:
        ours = urlsplit(at.site.base).netloc
        at.sim.trusted_domain = "127.0.0.1"
        assert one(await look(at.setup), "domain") == Finding("domain", fine=False, values={"ours": ours, "theirs": "127.0.0.1"})  # fmt: skip
        at.sim.trusted_domain = None
        assert one(await look(at.setup), "domain_missing").values == {"ours": ours}


@told
async def test_an_app_without_a_menu_is_said():
    async with office() as at:
        at.sim.menu = None
        assert codes(await look(at.setup))[-1] == "-menu"
        at.sim.menu = []
        assert codes(await look(at.setup))[-1] == "-menu"
        at.sim.fault("/cgi-bin/menu/get", 48002)
        assert (await look(at.setup))[-1] == Finding("menu_unread", fine=False, values={"code": "48002"})
        at.sim.fault("/cgi-bin/menu/get", "500", times=9)
        assert (await look(at.setup))[-1] == Finding("menu_unread", fine=False, values={"code": "-"})


# The bot. ---------------------------------------------------------------------------------------------------------------


@told
async def test_a_bot_is_looked_at_by_itself_and_after_an_app():
    async with LongConn() as bot, office() as at:
        alone = Setup(bot_id="bot", bot_secret="bot-SECRET", ws_url=bot.url)
        assert codes(await look(alone)) == ["bot_settings", "bot_server", "bot_untried"]
        assert codes(await look(alone, exclusive=True)) == ["bot_settings", "bot_server", "bot_login"]
        both = replace(at.setup, bot_id="bot", bot_secret="not-the-SECRET", ws_url=bot.url)
        assert codes(await look(both, exclusive=True)) == [*WELL, "bot_settings", "bot_server", "-bot_login"]
        assert codes(await look(replace(alone, bot_secret=""), exclusive=True)) == ["-bot_missing"]
        assert bot.connections == 1


# As the command asks. ---------------------------------------------------------------------------------------------------


class Said:
    """Settings as the command line has them."""

    wecom_corp_id, wecom_agent_id, wecom_api_base, wecom_ca_bundle, wecom_cards = "", 0, "https://qyapi.weixin.qq.com", None, True  # fmt: skip
    wecom_bot_id, wecom_ws_url, url = "", "wss://openws.work.weixin.qq.com", "http://127.0.0.1:8000"

    def hidden(self, name):
        return ""


def test_a_command_gets_plain_lines():
    assert checked(Said(), NOW) == []
    settings = Said()
    settings.wecom_bot_id = "bot"
    assert checked(settings, NOW) == [("bot_missing", False, {"names": "WECOM_BOT_SECRET"})]


def test_every_sentence_of_the_doctor_is_about_something_it_can_find():
    """A code without a sentence would break the doctor; a sentence without a code is found by test_words."""
    named = {key.removeprefix("doctor.wecom_").rpartition("_")[0] for key in words("zh") if key.startswith("doctor.wecom_")}  # fmt: skip
    assert set(checking._CODES.values()) <= named
    assert set(WELL) <= named
