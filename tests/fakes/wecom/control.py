"""The hands of the members over HTTP, under /_sim/, for a simulator in a process of its own."""

from dataclasses import asdict

from aiohttp import web

from tests.fakes.wecom.settings import WORLD
from tests.fakes.wecom.storms import storm


def routes():
    """What to add to the application, whose WORLD is the Simulator."""
    return [
        web.get("/_sim/users/{userid}/inbox", _inbox),
        web.get("/_sim/state", _state),
        web.post("/_sim/setup", _setup),
        web.post("/_sim/say", _say),
        web.post("/_sim/click", _click),
        web.post("/_sim/enter", _enter),
        web.post("/_sim/verify_url", _verify),
        web.post("/_sim/revoke_token", _revoke),
        web.post("/_sim/fault", _fault),
        web.post("/_sim/storm", _storm),
    ]


def _shown(sent):
    known = asdict(sent)
    return {**known, "file": [sent.file[0], len(sent.file[1])] if sent.file else None}


def _told(delivery):
    return web.json_response(asdict(delivery))


async def _inbox(request):
    return web.json_response([_shown(each) for each in request.app[WORLD].inbox(request.match_info["userid"])])


async def _state(request):
    sim = request.app[WORLD]
    return web.json_response(
        {"delivered": sum(sim.delivered.values()), "members": len(sim.delivered), "dropped": sum(sim.dropped.values()),
         "calls": len(sim.journal), "sends": sum(call.path.endswith("/message/send") for call in sim.journal), "problems": sim.problems[:20], "now": sim.now()}
    )  # fmt: skip


async def _setup(request):
    """Members "u1".. of department 2, and the callback's address."""
    sim, asked = request.app[WORLD], await request.json()
    sim.department(2, "住建局")
    for number in range(1, asked.get("people", 0) + 1):
        sim.user(f"u{number}", f"人员{number}", [2])
    if asked.get("callback"):
        sim.callback(**asked["callback"])
    return web.json_response({})


async def _say(request):
    asked = await request.json()
    return _told(await request.app[WORLD].says(asked["user"], asked["text"]))


async def _click(request):
    """A press on the card with this msgid, or on the latest."""
    sim, asked = request.app[WORLD], await request.json()
    held = [each for each in sim.inbox(asked["user"]) if each.msgtype == "template_card"]
    card = next(each for each in reversed(held) if asked.get("card") in (None, each.id))
    picked, forged = asked.get("picked", ()), asked.get("forged", False)
    return _told(await sim.clicks(asked["user"], card, asked["key"], picked, forged=forged))


async def _enter(request):
    asked = await request.json()
    return _told(await request.app[WORLD].enters(asked["user"]))


async def _verify(request):
    sim = request.app[WORLD]
    return web.json_response({"verified": await sim.verify_url(), "problem": sim.verify_problem})


async def _revoke(request):
    request.app[WORLD].revoke_token()
    return web.json_response({})


async def _fault(request):
    asked = await request.json()
    request.app[WORLD].fault(asked["path"], asked["code"], asked.get("times", 1))
    return web.json_response({})


async def _storm(request):
    return web.json_response(await storm(request.app[WORLD], **await request.json()))
