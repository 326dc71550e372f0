"""The table of what can be called: path -> method, function, the fields of body and query, and whether a token is needed."""

from dataclasses import dataclass

from tests.fakes.wecom import reading, sending, settings
from tests.fakes.wecom.world import Refused


@dataclass(frozen=True)
class Route:
    method: str
    function: object
    body: frozenset
    query: frozenset
    token: bool = True


def login(world, call):
    """GET /cgi-bin/gettoken."""
    if call.query.get("corpid") != world.corp_id:
        raise Refused(40013, "invalid corpid")
    if call.query.get("corpsecret") != world.secret:
        raise Refused(40001, "invalid credential")
    token, seconds = world.token()
    return {"access_token": token, "expires_in": seconds}


def _get(function, *query, token=True):
    return Route("GET", function, frozenset(), frozenset(query), token)


def _post(function, *body, query=()):
    return Route("POST", function, frozenset(body), frozenset(query))


_SEND = {
    "touser", "toparty", "totag", "agentid", "msgtype", "safe", "enable_id_trans", "enable_duplicate_check",
    "duplicate_check_interval", "text", "markdown", "textcard", "news", "mpnews", "file", "image", "voice", "video",
    "template_card",
}  # fmt: skip
_UPDATE = {
    "userids", "partyids", "tagids", "atall", "agentid", "response_code", "enable_id_trans", "button", "template_card"
}  # fmt: skip

ROUTES = {
    "/cgi-bin/gettoken": _get(login, "corpid", "corpsecret", token=False),
    "/cgi-bin/message/send": _post(sending.send, *_SEND),
    "/cgi-bin/message/recall": _post(sending.recall, "msgid"),
    "/cgi-bin/message/update_template_card": _post(sending.update, *_UPDATE),
    "/cgi-bin/media/upload": _post(settings.upload, "media", query=["type"]),
    "/cgi-bin/media/get": _get(settings.download, "media_id"),
    "/cgi-bin/department/list": _get(reading.departments, "id"),
    "/cgi-bin/department/simplelist": _get(reading.department_ids, "id"),
    "/cgi-bin/department/get": _get(reading.department, "id"),
    "/cgi-bin/user/simplelist": _get(reading.members, "department_id"),
    "/cgi-bin/user/list": _get(reading.members_in_full, "department_id"),
    "/cgi-bin/user/get": _get(reading.member, "userid"),
    "/cgi-bin/user/list_id": _post(reading.not_for_apps, "cursor", "limit"),
    "/cgi-bin/tag/list": _get(reading.tags),
    "/cgi-bin/tag/get": _get(reading.tag, "tagid"),
    "/cgi-bin/batch/openuserid_to_userid": _post(reading.plain_ids, "open_userid_list", "source_agentid"),
    "/cgi-bin/menu/create": _post(settings.create_menu, "button", query=["agentid"]),
    "/cgi-bin/menu/get": _get(settings.get_menu, "agentid"),
    "/cgi-bin/menu/delete": _get(settings.delete_menu, "agentid"),
    "/cgi-bin/agent/get": _get(settings.agent, "agentid"),
    "/cgi-bin/auth/getuserinfo": _get(settings.user_info, "code"),
    "/cgi-bin/user/getuserinfo": _get(settings.old_user_info, "code"),
    "/cgi-bin/getcallbackip": _get(settings.callback_ips),
    "/cgi-bin/get_api_domain_ip": _get(settings.callback_ips),
}
