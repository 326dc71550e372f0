"""A word to whole departments or tags of WeCom, bound or not: shown with its numbers first, sent only when that is said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from channels.allowance import Allowance
from channels.sending import Pace
from channels.wecom import roll
from channels.wecom.api import Api, Credentials
from channels.wecom.refusals import Trouble
from channels.wecom.showing import Manner, Message
from channels.wecom.speaking import Recipients, Speaker
from channels.wecom.wellformed import Settings
from channels.wecom.words import literal, pieces
from handlers.messages import BotError

EVERYBODY = "@all"
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Audience:
    """To whom an announcement goes: for the call, and as people read it: (name, how many see it)."""

    to: Recipients
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: names of departments (with all below them) and of tags, or everybody in the app's visible range."""

    departments: Sequence[str] = ()
    tags: Sequence[str] = ()
    everybody: bool = False


async def audience(api: Api, wanted: Wanted) -> Audience:
    """The departments and tags of these names. Raises BotError naming those there are, for each name that is none or several."""
    members = await roll.members(api)
    if wanted.everybody:
        return Audience(Recipients((EVERYBODY,)), ((EVERYBODY, len(members)),))
    known = {number: name for number, (name, _) in (await roll.departments_of(api)).items()}
    listed = (await api.get("/cgi-bin/tag/list")).get("taglist", ()) if wanted.tags else ()
    tags = {int(each["tagid"]): str(each["tagname"]) for each in listed}
    departments, labels = _numbers(wanted.departments, known), _numbers(wanted.tags, tags)
    top = known.get(roll.ROOT, "")
    lines = [(name, sum(name in each.units or name == top for each in members)) for name in wanted.departments]
    for number in labels:
        found = await api.get("/cgi-bin/tag/get", tagid=number)
        lines.append((tags[number], len(found.get("userlist", ()))))
    return Audience(Recipients((), departments, labels), tuple(lines))


def _numbers(names: Sequence[str], known: Mapping[int, str]) -> tuple[int, ...]:
    found = {name: [number for number, each in known.items() if each == name] for name in names}
    if wrong := [name for name, numbers in found.items() if len(numbers) != 1]:
        there = "、".join(sorted(set(known.values()))) or "—"
        raise BotError("terminal.announce_unknown", names="、".join(wrong), known=there)
    return tuple(numbers[0] for numbers in found.values())


async def send(api: Api, to: Recipients, text: str) -> None:
    """The text, in as many messages as it takes. Raises Trouble."""
    speaker = Speaker(api, Manner(""), Allowance(30, 1000), Pace())
    for piece in pieces(literal(text)):
        await speaker.send(to, Message("text", {"content": piece}))


def announce(settings: Settings, text: str, wanted: Wanted, *, really: bool) -> tuple[tuple[str, int], ...]:
    """For a command: to whom (name, how many) it goes, or went. Raises BotError."""

    async def run(api: Api) -> tuple[tuple[str, int], ...]:
        found = await audience(api, wanted)
        if really:
            await send(api, found.to, text)
        return found.lines

    return asyncio.run(_with(settings, run))


async def _with(settings: Settings, run: Callable[[Api], Awaitable[_Found]]) -> _Found:
    credentials = Credentials(settings.wecom_corp_id, settings.wecom_agent_id, settings.hidden("wecom_secret"))
    api = Api(credentials, settings.wecom_api_base, ca_bundle=settings.wecom_ca_bundle)
    await api.open()
    try:
        return await run(api)
    except Trouble as trouble:
        raise BotError("terminal.wecom_trouble", trouble=trouble) from trouble
    finally:
        await api.close()
