"""Messages: send, recall, and the update of cards, as documents 90236, 94867 and 94888 of developer.work.weixin.qq.com say."""

import json
import re

from tests.fakes.wecom import cards
from tests.fakes.wecom.advising import INTERACTIVE, advice
from tests.fakes.wecom.world import Refused

_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}")
_URL = re.compile(r"[a-z][a-z0-9+.\-]*://.", re.IGNORECASE)
_NOT_FOR_ALL = ("touser", "toparty", "totag")


def send(world, call):
    """POST /cgi-bin/message/send."""
    body = call.body
    own_agent(world, body)
    kind = body.get("msgtype")
    if kind not in _KINDS or not isinstance(body.get(kind), dict):
        raise Refused(40008, "invalid message type")
    recipients, invalid = resolve(world, body)
    shown, file = _KINDS[kind](world, body[kind], kind)
    if _repeated(world, body):
        return {**invalid, "msgid": f"repeated-{next(world.numbers)}"}
    task = shown.get("task_id") if kind == "template_card" else None
    if task in world.tasks:
        raise Refused(42014, "invalid task_id: used before")
    world.spend(len(recipients))
    world.claim(task)
    message = world.deliver(kind, shown, recipients, file=file)
    answer = {**invalid, "msgid": message.id}
    if kind == "template_card" and cards.interactive(shown):
        answer["response_code"] = world.new_code(message)
    return answer


def own_agent(world, holder):
    """The agentid must be there, a number, and the app's own."""
    agent = holder.get("agentid")
    if agent in (None, ""):
        raise Refused(40056, "invalid agentid")
    if type(agent) is not int:
        world.problem(f"agentid is no number: {agent!r}")
    if str(agent) != str(world.agent_id):
        raise Refused(301002, "not allow operate another agent with this accesstoken")


# --- to whom --------------------------------------------------------------------------------------------------------------


def resolve(world, body):
    """(the lower-case userids of whom a message reaches, the four lists of whom it does not); raises Refused."""
    named = {name: [each for each in str(body.get(name) or "").split("|") if each] for name in _NOT_FOR_ALL}
    if not any(named.values()):
        raise Refused(82001, "touser, toparty and totag are all empty")
    for name, most, code in (("touser", 1000, 40032), ("toparty", 100, 82002), ("totag", 100, 82003)):
        if len(named[name]) > most:
            world.problem(f"{name}: {len(named[name])} of at most {most}")
            raise Refused(code, f"{name} too long")
    if named["touser"] == ["@all"]:
        found = dict.fromkeys(key for key, user in world.users.items() if user.reachable)
        bad = {"invaliduser": []}
    else:
        found, bad = _named(world, named)
    unlicensed = [key for key in found if not world.users[key].licensed]
    for key in unlicensed:
        del found[key]
    lists = {name: "|".join(values) for name, values in {**bad, "unlicenseduser": unlicensed}.items() if values}
    if not found:
        raise Refused(81013, "user & party & tag all invalid", **lists)
    return found, lists


def _named(world, named):
    found, bad = {}, {"invaliduser": [], "invalidparty": [], "invalidtag": []}
    for userid in map(str.lower, named["touser"]):
        user = world.users.get(userid)
        if user is not None and user.reachable:
            found[userid] = None
        else:
            bad["invaliduser"].append(userid)
    for party in named["toparty"]:
        kept = world.departments.get(int(party)) if party.isdigit() else None
        if kept is None or not kept.visible:
            bad["invalidparty"].append(party)
        else:
            found |= dict.fromkeys(key for key in world.members(kept.id, deep=True) if world.users[key].reachable)
    for tag in named["totag"]:
        kept = world.tags.get(int(tag)) if tag.isdigit() else None
        if kept is None:
            bad["invalidtag"].append(tag)
            continue
        some = [each.lower() for each in kept["users"]]
        some += [key for party in kept["parties"] for key in world.members(party, deep=True)]
        found |= dict.fromkeys(key for key in some if key in world.users and world.users[key].reachable)
    return found, bad


# --- what -----------------------------------------------------------------------------------------------------------------


def cut(text, most):
    """The text's first bytes, on a character boundary."""
    return text.encode()[:most].decode(errors="ignore")


def _filled(holder, name, code, text):
    value = holder.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refused(code, text)
    if _ESCAPE.search(value):
        raise Refused(40033, "invalid charset: literal \\uxxxx")
    return value


def _known(world, holder, kind, names):
    for name in holder:
        if name not in names:
            world.problem(f"{kind}: unknown field {name}")


def _url(holder, name="url"):
    url = _filled(holder, name, 41010, "missing url")
    if len(url.encode()) > 2048:
        raise Refused(40039, "invalid url size")
    if not _URL.match(url):
        raise Refused(45034, "url without a scheme")


def _text(world, holder, kind):
    _known(world, holder, kind, {"content"})
    content = _filled(holder, "content", 44004, "empty content")
    if len(content.encode()) > 2048:
        world.problem(f"text of {len(content.encode())} bytes is cut at 2048")
    return {"content": cut(content, 2048)}, None


def _markdown(world, holder, kind):
    _known(world, holder, kind, {"content"})
    content = _filled(holder, "content", 44004, "empty content")
    if len(content.encode()) > 2048:
        world.problem(f"markdown of {len(content.encode())} bytes")
        raise Refused(45002, "content size out of limit")
    return dict(holder), None


def _textcard(world, holder, kind):
    _known(world, holder, kind, {"title", "description", "url", "btntxt"})
    _filled(holder, "title", 41016, "missing title")
    _filled(holder, "description", 41033, "missing description")
    _url(holder)
    for name, most in (("title", 128), ("description", 512), ("btntxt", 4)):
        if len(holder.get(name) or "") > most:
            world.problem(f"textcard {name} over {most} characters")
    return {**holder, "title": holder["title"][:128], "description": holder["description"][:512]}, None


def _articles(world, holder, kind):
    articles = holder.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
        raise Refused(45008, "articles: 1 to 8")
    for article in articles:
        _filled(article, "title", 41016, "missing title")
        if kind == "mpnews":
            world.file(article.get("thumb_media_id"))
        elif "appid" not in article:
            _url(article)
        if len(article["title"].encode()) > 128 or len((article.get("description") or "").encode()) > 512:
            world.problem("news title over 128 or description over 512 bytes")
    return dict(holder), None


def _media(world, holder, kind):
    _known(world, holder, kind, {"media_id"} | ({"title", "description"} if kind == "video" else set()))
    kept = world.file(_filled(holder, "media_id", 40007, "invalid media_id"))
    if kept["type"] != kind:
        raise Refused(40004, "invalid media type")
    return dict(holder), (kept["name"], kept["content"])


def _card(world, card, kind):
    if wrong := cards.refusal(card):
        world.problem(f"card refused: {wrong[0]} {wrong[1]}")
        raise Refused(*wrong)
    world.problems += advice(card, cards.APP)
    if cards.interactive(card) and world.address is None:
        raise Refused(43012, "no callback address configured")
    return card, None


_KINDS = {
    "text": _text, "markdown": _markdown, "textcard": _textcard, "news": _articles, "mpnews": _articles, "file": _media,
    "image": _media, "voice": _media, "video": _media, "template_card": _card,
}  # fmt: skip


def _repeated(world, body):
    """Whether the same request came within its interval, where that was to be checked."""
    if body.get("enable_duplicate_check") != 1:
        return False
    seconds = body.get("duplicate_check_interval", 1800)
    if not 0 < seconds <= 4 * 3600:
        world.problem(f"duplicate_check_interval {seconds}")
    key, now = json.dumps(body, sort_keys=True, ensure_ascii=False), world.now()
    before = world.repeats.get(key, 0.0)
    if before > now:
        return True
    world.repeats[key] = now + min(seconds, 4 * 3600)
    return False


# --- afterwards -----------------------------------------------------------------------------------------------------------


def recall(world, call):
    """POST /cgi-bin/message/recall."""
    message = world.messages.get(call.body.get("msgid"))
    if message is None:
        raise Refused(40058, "no such msgid of this app")
    if message.at <= world.now() - 86_400:
        raise Refused(42052, "msgid older than 24 hours")
    for userid in message.recipients:
        if message in world.inboxes[userid]:
            world.inboxes[userid].remove(message)
    return {}


def update(world, call):
    """POST /cgi-bin/message/update_template_card."""
    body = call.body
    own_agent(world, body)
    message, until = world.codes.get(body.get("response_code"), (None, 0))
    if until <= world.now():
        raise Refused(60140, "invalid or expired response_code")
    reached, invalid = _whom(world, body, message)
    change = _change(world, body, message)
    del world.codes[body["response_code"]]
    for userid in reached:
        change(userid)
    return {"invaliduser": invalid} if invalid else {}


def _whom(world, body, message):
    if body.get("atall") == 1:
        return list(message.recipients), []
    if len(body.get("userids", ())) > 1000:
        raise Refused(40032, "userids too long")
    wanted = dict.fromkeys(str(each).lower() for each in body.get("userids", ()))
    for party in body.get("partyids", ()):
        wanted |= dict.fromkeys(world.members(party, deep=True))
    for tag in body.get("tagids", ()):
        wanted |= dict.fromkeys(each.lower() for each in world.tags.get(tag, {"users": ()})["users"])
    if not wanted:
        raise Refused(82101, "nobody to update for")
    reached = [userid for userid in wanted if userid in message.recipients and userid in world.users]
    if not reached:
        raise Refused(82102, "none of them has this card")
    return reached, [userid for userid in wanted if userid not in reached]


def _change(world, body, message):
    if ("button" in body) == ("template_card" in body):
        raise Refused(40008, "one of button and template_card")
    if "button" in body:
        label = _filled(body["button"], "replace_name", 42038, "missing replace_name")
        if message.body["card_type"] not in INTERACTIVE:
            raise Refused(42039, "this card has no button")
        return lambda userid: message.grey(userid, label)
    card = body["template_card"]
    if wrong := cards.refusal(card, update=True):
        world.problem(f"card refused: {wrong[0]} {wrong[1]}")
        raise Refused(*wrong)
    world.problems += advice(card, cards.APP, update=True)
    return lambda userid: message.replace(userid, card)
