"""入座: a person takes a seat in a hall, and a one-use code lets somebody sit an exam on a device that others use too."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import timedelta

from handlers.commands import as_number, choice
from handlers.messages import Address, Link, Reply
from handlers.people import binding
from handlers.rights import scope_of
from handlers.turns import Turn
from quizzes.people import Person
from storage import accounts, audit, halls, invitations, people, rounds
from storage.accounts import SESSION_PREFIX
from storage.database import Store
from storage.halls import Hall

SEAT = "seat"
SEAT_FOR = timedelta(hours=4)
SESSION_FOR = timedelta(hours=4)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter that is taken for another or for a digit."""
LENGTH = 10
DOOR = "hall-"
"""How a start parameter of Telegram that opens a hall begins."""


def new_code() -> str:
    """A code that can be typed: 49 random bits, guarded by its four hours, its single use and the pace of the page."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(typed: str) -> str:
    """A code as typed, in the form it was made: "7k3m 9wxz 2q" is 7K3M9WXZ2Q."""
    return "".join(each for each in unicodedata.normalize("NFKC", typed).upper() if each.isalnum())


def shown_code(code: str) -> str:
    """A code as it is read out: in groups."""
    return f"{code[:4]} {code[4:7]} {code[7:]}"


def exam_code(turn: Turn, store: Store) -> list[Reply]:
    """「考试码」: a code for oneself. 「考试码 <name or number>」 for somebody else, by the officer or the unit's own liaison."""
    scope = scope_of(turn.roles, "invitation.make")
    if not turn.arguments or not scope:
        return [_code(turn, store, turn.me.id, turn.say("seating.yourself"))]
    within = None if scope.everything else people.units_below(store, scope.units)
    wanted, today = " ".join(turn.arguments), turn.house.today(turn.now)
    by = {"ids": [as_number(wanted)]} if wanted.isdecimal() else {"name": wanted}
    found = people.placed(store, today, within=within, **by)
    if len(found) != 1:
        key = "seating.several" if found else "seating.nobody"
        buttons = tuple(
            choice(
                turn.language,
                "exam_code",
                who.id,
                label=turn.say("seating.which", unit=who.unit, name=who.name if turn.names_allowed else f"#{who.id}"),
            )
            for who in found[:8]
        )
        return [Reply(turn.say(key), choices=buttons)]
    who = found[0]
    return [
        _code(
            turn,
            store,
            who.id,
            turn.say("seating.which", unit=who.unit, name=who.name if turn.names_allowed else f"#{who.id}"),
        )
    ]


def _code(turn: Turn, store: Store, person_id: int, name: str) -> Reply:
    code = new_code()
    invitations.make(store, [(code, person_id)], SEAT, turn.me.id, turn.now, SEAT_FOR)
    audit.record(store, turn.me.id, "seat.code", f"person:{person_id}", {}, turn.now)
    text = turn.say("seating.code", name=name, code=shown_code(code), hours=SEAT_FOR // timedelta(hours=1))
    return Reply(text, links=(Link(turn.say("seating.open"), f"{turn.house.public_url}/seat"),))


def sit_by_code(turn: Turn, store: Store) -> list[Reply]:
    """/seat CODE DIGITS: confirm the name on a shared device and sign it in until 交卷."""
    if (
        turn.incoming.account.channel != "web"
    ):  # pressed by a forged client of a platform: it would only use the code up
        return [Reply(turn.say("seating.unknown"))]
    code, typed = [*turn.arguments, "", ""][:2]
    found = invitations.find(store, read_code(code), SEAT, turn.now)
    if turn.person is not None:
        return [Reply(turn.say("seating.taken", name=turn.me.name))]
    if found is None or found.state != "open":
        return [Reply(turn.say("seating.unknown" if found is None else f"seating.{found.state}"))]
    found = invitations.hold(store, found.id, turn.now)
    who = people.person_of(store, found.person_id)
    assert who is not None
    if binding.confirmed_by(who) and not binding.fits(who, typed):
        left = invitations.count_wrong(store, found, turn.now)
        return [Reply(turn.say("seating.wrong" if left else "seating.locked", left=left))]
    if not invitations.use(store, found.id, turn.now):
        return [Reply(turn.say("seating.used"))]
    secret_hash = turn.incoming.account.id.removeprefix(SESSION_PREFIX)
    accounts.open_session(store, who.id, secret_hash, turn.now, turn.now + SESSION_FOR, SEAT)
    audit.record(store, who.id, "seat.enter", f"person:{who.id}", {}, turn.now)
    return [Reply(turn.say("seating.entered", name=who.name), choices=(choice(who.language, "exam"),))]


def clear(turn: Turn, store: Store) -> bool:
    """End the session of a shared device (after 交卷). False on anybody's own device, where nothing happens."""
    if not is_shared(store, turn.incoming.account):
        return False
    accounts.close_session(store, turn.incoming.account.id.removeprefix(SESSION_PREFIX), turn.now)
    return True


def is_shared(store: Store, where: Address) -> bool:
    """Whether somebody speaks from a device that a code let them use."""
    return where.channel == "web" and accounts.session_purpose(store, where.id) == SEAT


def device_of(turn: Turn, store: Store) -> str:
    """What an attempt remembers of the browser it was begun on: marked where a code let several people use it."""
    incoming = turn.incoming
    if not incoming.device:
        return ""
    return f"seat:{incoming.device}" if is_shared(store, incoming.account) else incoming.device


def take_seat(turn: Turn, store: Store) -> list[Reply]:
    """/sit TOKEN: take a seat in the hall behind a QR code, and hear what comes next."""
    found = halls.behind(store, [*turn.arguments, ""][0].removeprefix(DOOR))
    if found is None or found.state == "ended":
        return [Reply(turn.say("seating.hall_over" if found else "seating.hall_unknown"))]
    if turn.person is None:
        return [Reply(turn.say("binding.stranger"))]
    halls.sit(store, found.id, turn.me.id, turn.incoming.account.channel, turn.now)
    return [seated(turn, store, found, turn.me)]


def seated(turn: Turn, store: Store, found: Hall, who: Person) -> Reply:
    """What somebody in a hall reads: wait, or begin."""
    what = rounds.get(store, found.round_id)
    key = "seating.begin" if found.state == "started" else "seating.wait"
    buttons = (choice(who.language, "exam"),) if found.state == "started" else ()
    return Reply(turn.say(key, name=who.name, place=found.place, title=what.title), choices=buttons)
