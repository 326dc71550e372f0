"""How an account becomes somebody's: the invitation and its confirmation, login links for the web, leaving and unbinding.

Opening a link consumes nothing, so a preview or a forwarded link binds nobody; only the confirmation does.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import timedelta

from handlers import codec
from handlers.commands import choice, spoken
from handlers.messages import Link, Reply
from handlers.reach.refusals import UNREACHABLE
from handlers.turns import Turn
from handlers.words import say
from quizzes.people import Account, Person
from storage import accounts, audit, deliveries, invitations, people
from storage.accounts import SESSION_PREFIX
from storage.database import Store
from storage.invitations import BIND, ENTER, Invitation

SESSION_FOR = timedelta(days=30)
TOPIC = "bind"
YES = "yes"
BY_CODE = ("wecom", "wecom_bot")
"""Channels without links into a chat: an invitation is a code that one sends there."""
_TOKEN = re.compile(r"https?://\S*?(?:/join/|[?&]start=)([\w-]+)|(?<![\w-])([\w-]{22})(?![\w-])", re.ASCII)


def new_token() -> str:
    """128 random bits that fit a link, a QR code and Telegram's start parameter."""
    return secrets.token_urlsafe(16)


def confirmed_by(who: Person) -> str:
    """What confirms an invitation: "phone" or "staff_no" (its last four digits), or "" when the roster has neither."""
    if len(_digits(who.phone)) >= 4:
        return "phone"
    return "staff_no" if len(_digits(who.staff_no)) >= 4 else ""


def _digits(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", text) if each in "0123456789")


def fits(who: Person, typed: str) -> bool:
    way = confirmed_by(who)
    return not way or secrets.compare_digest(_digits(getattr(who, way))[-4:], _digits(typed))


def pasted(text: str) -> str:
    """The token in an invitation link, or the bare token, that somebody sends instead of opening it; "" without one."""
    found = _TOKEN.search(text)
    return (found[1] or found[2]) if found else ""


def stranger(turn: Turn) -> Reply:
    """What somebody reads who is bound to nobody: where an invitation comes from, and what to do with it here."""
    return Reply(turn.say("binding.stranger_code" if turn.incoming.account.channel in BY_CODE else "binding.stranger"))


# Telegram and its like: open, then confirm. ----------------------------------------------------------------------------


def start(turn: Turn, store: Store) -> list[Reply]:
    """/start TOKEN: the question whether it is you. Without a token: where to get one."""
    if not turn.arguments:
        return [_welcome(turn, "binding.already")] if turn.person else [stranger(turn)]
    found = invitations.find(store, turn.arguments[0], BIND, turn.now)
    refusal = _refusal(turn, store, found)
    if refusal or found is None:
        return [refusal or Reply(turn.say("binding.unknown"))]
    accounts.set_topic(store, _key(turn), TOPIC, {"invitation": found.id}, turn.now)
    return [_question(turn, store, found)]


def confirm(turn: Turn, store: Store) -> list[Reply]:
    """What is typed under the topic "bind": the digits, 「是我」 or 「不是我」."""
    assert turn.topic is not None
    found = invitations.hold(store, turn.topic.data["invitation"], turn.now)
    refusal = _refusal(turn, store, found)
    if turn.said.lower() in (*spoken("not_me"), *spoken("cancel")):
        refusal = Reply(turn.say("binding.not_me_done"))
    if refusal:
        accounts.clear_topic(store, _key(turn))
        return [refusal]
    who = _person(store, found)
    typed = _digits(turn.said)
    if confirmed_by(who) and len(typed) != 4:
        return [Reply(turn.say("binding.four"), (choice(turn.language, "not_me"),))]
    if not confirmed_by(who) and turn.said.lower() not in spoken("its_me"):
        return [_question(turn, store, found)]
    if not fits(who, typed):
        return [_wrong(turn, store, found)]
    accounts.clear_topic(store, _key(turn))
    invitations.use(store, found.id, turn.now)
    return [_bind(turn, store, who)]


def _question(turn: Turn, store: Store, found: Invitation) -> Reply:
    who = _person(store, found)
    unit = people.unit_name(store, people.unit_of(store, who.id, turn.house.today(turn.now)))
    way = confirmed_by(who)
    buttons = () if way else (choice(turn.language, "its_me"),)
    text = turn.say(f"binding.ask_{way or 'plain'}", unit=unit, name=who.name)
    return Reply(text, (*buttons, choice(turn.language, "not_me")))


def _bind(turn: Turn, store: Store, who: Person) -> Reply:
    """Bind this address. A binding the person had on the same channel ends, and hears of it."""
    channel, address = turn.incoming.account.channel, turn.incoming.account.id
    former = [each for each in accounts.of_person(store, who.id) if each.channel == channel]
    for each in former:
        accounts.end(store, each.id, turn.now)
        _tell(turn, store, f"moved:{each.id}", each, "binding.moved_away")
    account_id = accounts.bind(store, who.id, channel, address, turn.now)
    audit.record(
        store, who.id, "account.bind", f"person:{who.id}", {"account": account_id, "channel": channel}, turn.now
    )
    return _welcome(turn, "binding.bound_again" if former else "binding.bound", who)


# The web: one step from a page that shows what `views.joining` says. ---------------------------------------------------


def join(turn: Turn, store: Store) -> list[Reply]:
    """/join TOKEN [DIGITS]: confirm an invitation from a browser and sign it in for thirty days."""
    token, typed = [*turn.arguments, "", ""][:2]
    found = invitations.find(store, token, BIND, turn.now)
    refusal = _refusal(turn, store, found)
    if refusal or found is None:
        return [refusal or Reply(turn.say("binding.unknown"))]
    found = invitations.hold(store, found.id, turn.now)
    who = _person(store, found)
    if confirmed_by(who) and len(_digits(typed)) != 4:
        return [Reply(turn.say("binding.four"))]
    if not fits(who, _digits(typed)):
        return [_wrong(turn, store, found)]
    if not invitations.use(store, found.id, turn.now):
        return [Reply(turn.say("binding.used"))]
    account_id = _sign_in(turn, store, who)
    audit.record(store, who.id, "account.bind", f"person:{who.id}", {"account": account_id, "channel": "web"}, turn.now)
    return [_welcome(turn, "binding.bound", who)]


def enter(turn: Turn, store: Store) -> list[Reply]:
    """/enter CODE: sign a browser in by a one-time login link."""
    found = invitations.find(store, [*turn.arguments, ""][0], ENTER, turn.now)
    if turn.person is not None:
        same = found is not None and found.person_id == turn.me.id
        return [_welcome(turn, "binding.already" if same else "binding.elsewhere_web")]
    if found is None or not invitations.use(store, found.id, turn.now):
        return [Reply(turn.say("binding.enter_again"))]
    who = _person(store, found)
    _sign_in(turn, store, who)
    return [_welcome(turn, "binding.entered", who)]


def web_login(turn: Turn, store: Store) -> list[Reply]:
    """「网页登录」: a link that signs this person in on the web, once, within ten minutes."""
    token = new_token()
    invitations.make(store, [(token, turn.me.id)], ENTER, turn.me.id, turn.now, invitations.ENTER_FOR)
    text = turn.say("binding.login_here" if turn.incoming.account.channel == "web" else "binding.login_link")
    return [Reply(text, links=(Link(turn.say("binding.login_label"), f"{turn.house.public_url}/enter/{token}"),))]


def leave(turn: Turn, store: Store) -> list[Reply]:
    """/leave: end this browser's session."""
    accounts.close_session(store, turn.incoming.account.id.removeprefix(SESSION_PREFIX), turn.now)
    return [Reply(turn.say("binding.left"))]


def _sign_in(turn: Turn, store: Store, who: Person) -> int:
    secret_hash = turn.incoming.account.id.removeprefix(SESSION_PREFIX)
    return accounts.open_session(store, who.id, secret_hash, turn.now, turn.now + SESSION_FOR)


# Unbinding, and being out of reach. ------------------------------------------------------------------------------------


def unbind(turn: Turn, store: Store) -> list[Reply]:
    """「解除绑定」: what it would do; with 「yes」 behind it, does it. Binding again takes an invitation, that is a second person."""
    assert turn.account is not None
    if turn.arguments[:1] != [YES]:
        button = choice(turn.language, "unbind", YES, label=turn.say("binding.unbind_button"))
        return [Reply(turn.say("binding.unbind_ask"), (button, choice(turn.language, "cancel")))]
    accounts.end(store, turn.account.id, turn.now)
    audit.record(store, turn.me.id, "account.unbind", f"person:{turn.me.id}", {"account": turn.account.id}, turn.now)
    return [Reply(turn.say("binding.unbound"))]


def blocked(turn: Turn, store: Store) -> list[Reply]:
    """The platform says this account can no longer be reached, and perhaps why. On WeCom nobody blocks an app: one leaves its visible
    range."""
    if turn.account is not None:
        usual = "not_visible" if turn.account.channel in BY_CODE else "blocked"
        why = next((word for word in turn.arguments if word in UNREACHABLE), usual)
        accounts.set_reachable(store, turn.account.id, why, turn.now)
    return []


def unblocked(turn: Turn, store: Store) -> list[Reply]:
    """The platform says this account can be reached again."""
    if turn.account is not None:
        accounts.set_reachable(store, turn.account.id, "", turn.now)
    return []


# What they share. ------------------------------------------------------------------------------------------------------


def _key(turn: Turn) -> str:
    return f"{turn.incoming.account.channel}:{turn.incoming.account.id}"


def _person(store: Store, found: Invitation) -> Person:
    who = people.person_of(store, found.person_id)
    assert who is not None
    return who


def _welcome(turn: Turn, key: str, who: Person | None = None) -> Reply:
    who = who or turn.me
    return Reply(say(who.language, key, name=who.name), (choice(who.language, "today"),))


def _refusal(turn: Turn, store: Store, found: Invitation | None) -> Reply | None:
    """Why this invitation cannot bind this account, or None if it can."""
    if found is None:
        return Reply(turn.say("binding.unknown"))
    if turn.person is not None and turn.person.id == found.person_id:
        return _welcome(turn, "binding.already")
    if turn.person is not None:
        web = turn.incoming.account.channel == "web"
        return Reply(turn.say("binding.elsewhere_web" if web else "binding.elsewhere", name=turn.person.name))
    if found.state != "open":
        return Reply(turn.say(f"binding.{found.state}"))
    if people.unit_of(store, found.person_id, turn.house.today(turn.now)) is None:
        return Reply(turn.say("binding.gone"))
    return None


def _wrong(turn: Turn, store: Store, found: Invitation) -> Reply:
    left = invitations.count_wrong(store, found, turn.now)
    if left:
        # The page says itself how many tries are left.
        return Reply(
            turn.say("binding.wrong_here" if turn.incoming.account.channel == "web" else "binding.wrong", left=left)
        )
    accounts.clear_topic(store, _key(turn))
    who = _person(store, found)
    for each in accounts.of_person(store, found.created_by) if found.created_by else ():
        key = "binding.officer_locked" if each.channel in turn.house.names else "binding.officer_locked_nameless"
        unit = people.unit_name(store, people.unit_of(store, who.id, turn.house.today(turn.now)))
        _tell(turn, store, f"locked:{found.id}:{each.id}", each, key, unit=unit, name=who.name)
    return Reply(turn.say("binding.locked"))


def _tell(turn: Turn, store: Store, key: str, to: Account, sentence: str, **values: object) -> None:
    """Owe a sentence to another account; it costs no touch."""
    text = say(accounts.language_of(store, to.person_id), sentence, **values)
    deliveries.plan(store, key, to.id, "report", codec.to_json(store, Reply(text), to.person_id, turn.now), turn.now)
