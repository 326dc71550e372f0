"""The members in the app's visible range, read once a night: ids, names, departments; never phone numbers.

developer.work.weixin.qq.com, documents 90208, 95350, 90200 and 90196.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from channels.wecom.api import Api
from channels.wecom.refusals import NO_SUCH_PATH, Refused
from handlers.messages import Member

AT_ONCE = 4
"""WeCom refuses more reading calls side by side (errcode 45033)."""
ROOT = 1


async def members(api: Api) -> list[Member]:
    """Everybody the app sees, by id; whoever is in several departments stands in the deepest. Raises Trouble."""
    found = await departments_of(api)
    room = asyncio.Semaphore(AT_ONCE)

    async def people_of(number: int) -> tuple[int, list[dict[str, Any]]]:
        async with room:
            answer = await api.get("/cgi-bin/user/simplelist", department_id=number)
        return number, [each for each in answer.get("userlist", ()) if isinstance(each, dict) and each.get("userid")]

    lists = await asyncio.gather(*map(people_of, sorted(found)))
    people: dict[str, Member] = {}
    for number, some in lists:
        units = _path(number, found)
        for each in some:
            address = str(each["userid"]).lower()
            if address not in people or len(units) > len(people[address].units):
                people[address] = Member(address, str(each.get("name", "")).strip(), units)
    people |= dict(await _alone(api, found, room, people))
    return [people[address] for address in sorted(people)]


async def _alone(
    api: Api, found: Mapping[int, tuple[str, int]], room: asyncio.Semaphore, known: Mapping[str, Member]
) -> list[tuple[str, Member]]:
    """Those whom the visible range names one by one, and no department that the app may read."""
    agent = await api.get("/cgi-bin/agent/get", agentid=api.credentials.agent_id)
    named = agent.get("allow_userinfos", {}).get("user", ())
    missing = sorted({str(each["userid"]).lower() for each in named if each.get("userid")} - set(known))

    async def member(address: str) -> tuple[str, Member] | None:
        try:
            async with room:
                answer = await api.get("/cgi-bin/user/get", userid=address)
        except Refused as refused:
            if refused.kind == "recipient":  # gone meanwhile
                return None
            raise
        paths = sorted((_path(int(number), found) for number in answer.get("department", ())), key=len)
        return address, Member(address, str(answer.get("name", "")).strip(), paths[-1] if paths else ())

    return [each for each in await asyncio.gather(*map(member, missing)) if each]


async def departments_of(api: Api) -> dict[int, tuple[str, int]]:
    """Number -> (name, number of the one above). By the quick list and a name for each, or by the slow list where a server lacks it."""
    try:
        listed = (await api.get("/cgi-bin/department/simplelist")).get("department_id", ())
    except Refused as refused:
        if refused.kind != "other" and refused.code != NO_SUCH_PATH:
            raise
        slow = (await api.get("/cgi-bin/department/list")).get("department", ())
        return {int(each["id"]): (str(each.get("name", "")), int(each.get("parentid", 0))) for each in slow}
    return await _named(api, listed)


async def _named(api: Api, listed: Sequence[Mapping[str, Any]]) -> dict[int, tuple[str, int]]:
    room = asyncio.Semaphore(AT_ONCE)

    async def name_of(number: int) -> str:
        async with room:
            answer = await api.get("/cgi-bin/department/get", id=number)
        return str(answer.get("department", {}).get("name", ""))

    numbers = [int(each["id"]) for each in listed]
    names = await asyncio.gather(*map(name_of, numbers))
    above = [int(each.get("parentid", 0)) for each in listed]
    return {number: (name, parent) for number, name, parent in zip(numbers, names, above, strict=True)}


def _path(number: int, departments: Mapping[int, tuple[str, int]]) -> tuple[str, ...]:
    """The names from the top down to a department, without the corp itself; a circle ends where it closes."""
    names: list[str] = []
    seen: set[int] = set()
    while number in departments and number not in seen:
        seen.add(number)
        name, parent = departments[number]
        if number != ROOT:
            names.append(name)
        number = parent
    return tuple(reversed(names))
