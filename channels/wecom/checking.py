"""The doctor of WeCom's set-up: each step of docs/wecom.md tried against the live server, in the order of the console.

Nothing is sent to anybody and nothing is changed. What an officer is to read about each finding stands in the texts under
`doctor.wecom_<code>_well` and `_ill`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels.sending import Sleep
from channels.wecom import reaching, roll
from channels.wecom.api import Api, Credentials
from channels.wecom.menu import NONE_SET
from channels.wecom.refusals import NO_SUCH_PATH, Refused, Trouble
from channels.wecom.wellformed import (
    Finding,
    Settings,
    Setup,
    app_settings,
    bot_settings,
    domain_of,
    public_address,
    setup_of,
)

BAD_ADDRESS = 60020
_CODES = {
    40013: "corp_id",
    40001: "secret",
    40091: "secret",
    45009: "blocked",
    40056: "agent",
    301002: "agent",
    50003: "closed",
    60031: "closed",
    48002: "permission",
    48006: "inactive",
}
_BEFORE_TOKEN = ("corp_id", "secret", "blocked")


def checked(settings: Settings, now: datetime, *, exclusive: bool = False) -> list[tuple[str, bool, Mapping[str, str]]]:
    """(code, is it well, values) of every finding, for a command; nothing if neither kind was set up. `exclusive`: no server is
    running, so that the long connection's credentials may be tried."""
    found = asyncio.run(findings(setup_of(settings), now, exclusive=exclusive))
    return [(each.code, each.fine, each.values) for each in found]


async def findings(setup: Setup, now: datetime, *, exclusive: bool = False, sleep: Sleep = asyncio.sleep) -> list[Finding]:  # fmt: skip
    """What was found, step by step; what makes no sense after a failure is left out."""
    found: list[Finding] = []
    if setup.has_app:
        found += await _app(setup, now, sleep)
    if setup.has_bot:
        found += await _bot(setup, exclusive=exclusive)
    return found


async def _app(setup: Setup, now: datetime, sleep: Sleep) -> list[Finding]:
    found = app_settings(setup)
    if any(each.code in ("spaces", "ca_bundle", "api_base") for each in found):
        return found
    async with reaching.session() as http:
        reached = await reaching.server(http, setup, now) if _may_ask(setup) else []
        called = await _called(http, setup, now, found)
    if not reached or not reached[0].fine:
        return [*found, *reached, *called]
    return [*found, *reached, *await _console(setup, called, sleep)]


def _may_ask(setup: Setup) -> bool:
    return bool(setup.corp_id and setup.agent_id and setup.secret)


async def _called(http: Any, setup: Setup, now: datetime, found: list[Finding]) -> list[Finding]:
    """Our own callback, asked as WeCom would ask it."""
    bad = {each.code for each in found if not each.fine} - {"missing"}
    if bad or not (setup.corp_id and setup.token and setup.aes_key):
        return []
    wrong = public_address(setup)
    if wrong is not None and wrong.code == "public_private":
        return [wrong]
    return [*([wrong] if wrong else []), await reaching.callback(http, setup, now)]


async def _console(setup: Setup, called: list[Finding], sleep: Sleep) -> list[Finding]:
    """What the console holds, as far as the API tells it: credentials, trusted IP, the app, whom it sees, domain, menu."""
    try:
        api = Api(Credentials(setup.corp_id, setup.agent_id, setup.secret), setup.api_base, ca_bundle=setup.ca_bundle, sleep=sleep)  # fmt: skip
        await api.open()
    except OSError:
        return [Finding("server_certificate", fine=False, values={"base": setup.api_base}), *called]
    try:
        agent = await api.get("/cgi-bin/agent/get", agentid=setup.agent_id)
    except Trouble as error:
        before, refused = _refused(error, setup)
        return [*before, *called, refused]
    else:
        token, ip = Finding("secret", fine=True), Finding("trusted_ip", fine=True)
        return [token, *called, _domain(agent, setup), ip, *await _visible(api, agent, setup), _cards(setup, called), await _menu(api, setup)]  # fmt: skip
    finally:
        await api.close()


def _refused(error: Trouble, setup: Setup) -> tuple[list[Finding], Finding]:
    """What was fine until then, and the refusal."""
    if not isinstance(error, Refused) or error.code == NO_SUCH_PATH:
        return [], Finding("server_silent", fine=False, values={"base": setup.api_base})
    token = [Finding("secret", fine=True)]
    if error.code == BAD_ADDRESS:
        return token, Finding("trusted_ip", fine=False, values={"ip": error.ip or "?"})
    code = _CODES.get(error.code)
    if code is None:
        return [], Finding("refused", fine=False, values={"code": str(error.code)})
    values = {"agent": str(setup.agent_id)} if code in ("agent", "closed") else {}
    return [] if code in _BEFORE_TOKEN else token, Finding(code, fine=False, values=values)


def _domain(agent: Mapping[str, Any], setup: Setup) -> Finding:
    """The console's 可信域名 must be our host to the letter, or login from a page is refused (document 91335)."""
    ours, theirs = domain_of(setup.public_url), str(agent.get("redirect_domain") or "").strip().lower()
    if not theirs:
        return Finding("domain_missing", fine=False, values={"ours": ours})
    return Finding("domain", fine=ours == theirs, values={"ours": ours, "theirs": theirs})


async def _visible(api: Api, agent: Mapping[str, Any], setup: Setup) -> list[Finding]:
    """The app by its name, its 可见范围, and how many people that is."""
    name = {"agent": str(setup.agent_id), "name": str(agent.get("name", ""))}
    if agent.get("close"):
        return [Finding("closed", fine=False, values={"agent": str(setup.agent_id)})]
    members = {str(each.get("userid", "")).lower() for each in _list(agent, "allow_userinfos", "user")}
    departments, tags = _list(agent, "allow_partys", "partyid"), _list(agent, "allow_tags", "tagid")
    size = {"departments": str(len(departments)), "members": str(len(members)), "tags": str(len(tags))}
    found = [Finding("agent", fine=True, values=name), Finding("range", fine=bool(departments or members or tags), values=size)]  # fmt: skip
    if not found[-1].fine:
        return found
    try:
        seen = await roll.members(api) if departments or tags else []
    except Trouble as error:
        return [*found, Finding("unreadable", fine=False, values=_number(error))]
    people, below = members | {each.address for each in seen}, {each.units for each in seen}
    return [*found, Finding("people", fine=bool(people), values={"departments": str(len(below)), "number": str(len(people))})]  # fmt: skip


def _number(error: Trouble) -> dict[str, str]:
    return {"code": str(error.code) if isinstance(error, Refused) else "-"}


def _list(agent: Mapping[str, Any], name: str, inner: str) -> list[Any]:
    held = agent.get(name)
    found = held.get(inner) if isinstance(held, dict) else None
    return found if isinstance(found, list) else []


def _cards(setup: Setup, called: list[Finding]) -> Finding:
    """Cards that can be pressed need a callback (43012); whether the console has saved it only a sent card would show."""
    if not setup.cards:
        return Finding("cards_off", fine=True)
    return Finding("cards", fine=bool(called) and called[-1].fine)


async def _menu(api: Api, setup: Setup) -> Finding:
    try:
        answer = await api.get("/cgi-bin/menu/get", agentid=setup.agent_id)
    except Trouble as error:
        if isinstance(error, Refused) and error.code == NONE_SET:
            return Finding("menu", fine=False)
        return Finding("menu_unread", fine=False, values=_number(error))
    return Finding("menu", fine=bool(answer.get("button")))


async def _bot(setup: Setup, *, exclusive: bool) -> list[Finding]:
    found = bot_settings(setup)
    if not found[0].fine:
        return found
    async with reaching.session() as http:
        return [*found, *await reaching.long_connection(http, setup, exclusive=exclusive)]
