"""Files, menu, the app's own settings, and the login of pages (documents 90253, 90231, 90227, 91022 and 91023)."""

import re
import secrets
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web

from tests.fakes.wecom.sending import own_agent
from tests.fakes.wecom.world import Refused, World

WORLD = web.AppKey("world", World)
_MB = 1024 * 1024
_KINDS = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "file": 20 * _MB}
_MENU_TYPES = {
    "click", "view", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin",
    "location_select", "view_miniprogram",
}  # fmt: skip
_LOGIN_SECONDS = 300
_STATE = re.compile(r"[a-zA-Z0-9]{0,128}")


def upload(world, call):
    """POST /cgi-bin/media/upload."""
    kind = call.query.get("type")
    if kind not in _KINDS:
        raise Refused(40005, "invalid type")
    name, content = call.body["media"] if isinstance(call.body.get("media"), tuple) else ("", b"")
    if not name:
        world.problem("media/upload without a plain filename")
        raise Refused(41005, "media data missing: no filename")
    if re.search(r"%[0-9A-F]{2}", name):
        world.problem(f"media/upload: the name is shown as {name}")
    if not content:
        raise Refused(44001, "empty media data")
    if not 5 < len(content) <= _KINDS[kind]:
        raise Refused(40006, "invalid media size")
    if kind == "image" and content[:3] != b"\xff\xd8\xff" and content[:4] != b"\x89PNG":
        raise Refused(40123, "invalid image")
    media_id = world.keep_media(kind, name, content)
    return {"type": kind, "media_id": media_id, "created_at": str(int(world.now()))}


def download(world, call):
    """GET /cgi-bin/media/get."""
    kept = world.file(call.query.get("media_id"), gone=40007)
    headers = {"Content-Disposition": f'attachment; filename="{quote(kept["name"])}"'}
    return web.Response(body=kept["content"], content_type="application/octet-stream", headers=headers)


async def picture(request):
    """What PicUrl of a picture shows, to whoever has the address."""
    kept = request.app[WORLD].media.get(request.match_info["media_id"])
    return web.Response(body=kept["content"], content_type="image/png") if kept else web.Response(status=404)


# --- menu -----------------------------------------------------------------------------------------------------------------


def _asked(world, call):
    agent = call.query.get("agentid", "")
    own_agent(world, {"agentid": int(agent) if agent.isdigit() else agent})


def create_menu(world, call):
    """POST /cgi-bin/menu/create."""
    _asked(world, call)
    buttons = call.body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise Refused(40016, "invalid button size")
    for button in buttons:
        _name(button, 16, 40018)
        below = button.get("sub_button")
        if below:
            if len(below) > 5:
                raise Refused(40023, "invalid sub button size")
            for one in below:
                _name(one, 40, 40025)
                _item(one, 40024, 40026, 40027)
        else:
            _item(button, 40017, 40019, 40020)
    world.menu = buttons
    return {}


def _name(button, most, code):
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= most:
        raise Refused(code, f"invalid button name size: {name!r:.60}")


def _item(button, kind_code, key_code, url_code):
    kind = button.get("type")
    if kind not in _MENU_TYPES:
        raise Refused(kind_code, "invalid button type")
    if kind == "view":
        url = button.get("url") or ""
        if not 1 <= len(url.encode()) <= 1024 or "://" not in url:
            raise Refused(url_code, "invalid button url")
    elif kind != "view_miniprogram" and not 1 <= len((button.get("key") or "").encode()) <= 128:
        raise Refused(key_code, "invalid button key size")


def get_menu(world, call):
    """GET /cgi-bin/menu/get."""
    _asked(world, call)
    if world.menu is None:
        raise Refused(46003, "menu not exists")
    return {"button": world.menu}


def delete_menu(world, call):
    """GET /cgi-bin/menu/delete."""
    _asked(world, call)
    world.menu = None
    return {}


def menu_items(world):
    """Every entry that can be pressed."""
    return [one for button in world.menu or () for one in button.get("sub_button") or [button]]


# --- the app itself -------------------------------------------------------------------------------------------------------


def agent(world, call):
    """GET /cgi-bin/agent/get. `world.allowed` overrides the visible range it shows."""
    _asked(world, call)
    hidden = any(not user.visible for user in world.users.values())
    some = [{"userid": user.userid} for user in world.users.values() if hidden and user.visible]
    parties = [] if hidden else [1]
    shown = {"users": some, "parties": parties, "tags": []} | (world.allowed or {})
    return {
        "agentid": world.agent_id, "name": "学法", "square_logo_url": "", "description": "", "close": int(world.disabled),
        "allow_userinfos": {"user": shown["users"]}, "allow_partys": {"partyid": shown["parties"]},
        "allow_tags": {"tagid": shown["tags"]}, "redirect_domain": world.trusted_domain or "", "report_location_flag": 0,
        "isreportenter": 1, "home_url": "",
    }  # fmt: skip


def callback_ips(world, call):
    return {"ip_list": ["127.0.0.1"]}


# --- the login of pages ---------------------------------------------------------------------------------------------------


async def authorize(request):
    """GET /connect/oauth2/authorize: sends the browser back with a code, or shows an error page."""
    world, query = request.app[WORLD], request.query
    url = query.get("redirect_uri", "")
    wrong = _refusal(world, query, url)
    if wrong:
        world.problem(f"authorize: {wrong}")
        return web.Response(text=f"<html>{wrong}</html>", content_type="text/html")
    code = secrets.token_urlsafe(32)
    userid = request.headers.get("X-Sim-User", world.browser_user)
    world.entries[code] = (userid, world.now() + _LOGIN_SECONDS)
    mark = "&" if urlsplit(url).query else "?"
    back = url + mark + urlencode({"code": code, "state": query.get("state", "")})
    return web.Response(status=302, headers={"Location": back})


def _refusal(world, query, url):
    if query.get("appid") != world.corp_id:
        return "appid参数错误"
    if query.get("response_type") != "code" or query.get("scope") not in ("snsapi_base", "snsapi_privateinfo"):
        return "response_type或scope参数错误"
    if query.get("agentid") != str(world.agent_id):
        return "agentid参数错误"
    if not _STATE.fullmatch(query.get("state", "")):
        return "state参数错误"
    parts = urlsplit(url)
    wrong_domain = world.trusted_domain is not None and parts.netloc != world.trusted_domain
    if parts.scheme not in ("http", "https") or wrong_domain:
        return "redirect_uri参数错误"
    return ""


def _who(world, call):
    """The userid behind a code (None: no member); the code is spent."""
    userid, until = world.entries.pop(call.query.get("code", ""), (None, 0))
    if until <= world.now():
        raise Refused(40029, "invalid code")
    user = world.users.get((userid or "").lower())
    return user.userid if user else None


def user_info(world, call):
    """GET /cgi-bin/auth/getuserinfo."""
    userid = _who(world, call)
    return {"userid": userid} if userid else {"openid": "oSTRANGER", "external_userid": "wmSTRANGER"}


def old_user_info(world, call):
    """GET /cgi-bin/user/getuserinfo, the spelling of older servers."""
    userid = _who(world, call)
    return {"UserId": userid, "DeviceId": ""} if userid else {"OpenId": "oSTRANGER", "DeviceId": ""}
