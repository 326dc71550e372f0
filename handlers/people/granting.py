"""角色: who is liaison, leader, aide, auditor or administrator, granted and ended by the administrator; and the very first one."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.commands import as_number, choice
from handlers.messages import Reply
from handlers.people.binding import new_token
from handlers.turns import Turn
from handlers.words import LANGUAGES, words
from quizzes.people import Person, Posting, PostingKind, Role, RoleName
from storage import audit, invitations, people
from storage.database import Store
from storage.invitations import ENTER
from storage.people import Placed

YES, DISTRICT = "yes", "-"
SEVERAL, LISTED = 8, 40
FIRST_LINK_FOR = timedelta(hours=24)
GRANTED = tuple(name for name in RoleName if name is not RoleName.CADRE)
NEEDS_UNIT = (RoleName.LIAISON,)
"""A liaison of the whole district would see every name; for the other roles no unit means the district."""


def grant(turn: Turn, store: Store) -> list[Reply]:
    """「角色」: who has which. 「角色 张三 联络员 住建局」: what that would do; with 「yes」 behind it, done."""
    return _change(turn, store, "grant") if turn.arguments else [_listed(turn, store)]


def revoke(turn: Turn, store: Store) -> list[Reply]:
    """「撤销角色 张三 联络员 住建局」: what that would do; with 「yes」 behind it, done."""
    return _change(turn, store, "revoke") if turn.arguments else [_listed(turn, store)]


def _listed(turn: Turn, store: Store) -> Reply:
    """The roles in force; without names where none may be shown, as counts."""
    held = people.holders(store)
    if not turn.names_allowed:
        counts = [(name, sum(row.name == name for row in held)) for name in GRANTED]
        lines = [turn.say("roles.count", role=_word(turn.language, name), n=n) for name, n in counts if n]
        return Reply(
            "\n".join([turn.say("roles.head"), *lines, turn.say("roles.elsewhere")]),
            (choice(turn.language, "web_login"),),
        )
    lines = [turn.say("roles.line", name=row.person, role=_word(turn.language, row.name), unit=_scope(turn, store, row.unit_id))
             for row in held[:LISTED]]  # fmt: skip
    return Reply("\n".join([turn.say("roles.head"), *lines, turn.say("roles.how")]))


def _change(turn: Turn, store: Store, command: str) -> list[Reply]:
    """One grant or revocation: the person first, then the role, then the unit; each part that is not clear is asked for."""
    given = turn.arguments
    confirmed = given[-1:] == [YES]
    given = given[:-1] if confirmed else given
    split = next((place for place, word in enumerate(given) if role_named(word)), 0)
    if not split:
        return [Reply(turn.say("roles.how"))]
    role_name, rest = role_named(given[split]), given[split + 1 :]
    assert role_name is not None
    found = _people(turn, store, " ".join(given[:split]))
    if not found:
        return [Reply(turn.say("roles.nobody"))]
    if len(found) > 1:
        buttons = tuple(
            choice(turn.language, command, who.id, role_name, *rest, label=_who(turn, who)) for who in found[:SEVERAL]
        )
        return [Reply(turn.say("roles.several", n=len(found)), buttons)]
    unit = _unit(store, " ".join(rest))
    if isinstance(unit, str) or (unit is None and role_name in NEEDS_UNIT):
        return [
            Reply(
                turn.say("roles.no_unit", unit=unit)
                if unit
                else turn.say("roles.which_unit", role=_word(turn.language, role_name))
            )
        ]
    role = Role(role_name, unit)
    if command == "revoke" and _is_last_admin(store, found[0], role):
        return [Reply(turn.say("roles.last_admin"))]
    return [_done(turn, store, command, found[0], role) if confirmed else _asked(turn, store, command, found[0], role)]


def _asked(turn: Turn, store: Store, command: str, who: Placed, role: Role) -> Reply:
    text = turn.say(f"roles.{command}_ask", who=_who(turn, who), role=_word(turn.language, role.name), unit=_scope(turn, store, role.unit_id),
                    means=turn.say(f"roles.means_{role.name.value}"))  # fmt: skip
    yes = choice(
        turn.language,
        command,
        who.id,
        role.name.value,
        role.unit_id or DISTRICT,
        YES,
        label=turn.say(f"roles.{command}_yes"),
    )
    return Reply(text, (yes, choice(turn.language, "cancel")))


def _done(turn: Turn, store: Store, command: str, who: Placed, role: Role) -> Reply:
    """Write it down, once: pressing again says that it is so already."""
    if command == "grant":
        changed = people.grant(store, who.id, role, turn.me.id, turn.now)
    else:
        changed = people.revoke(store, who.id, role, turn.now)
    if changed:
        audit.record(
            store,
            turn.me.id,
            f"role.{command}",
            f"person:{who.id}",
            {"role": role.name.value, "unit": role.unit_id},
            turn.now,
        )
    key = f"roles.{command}_{'done' if changed else 'already'}"
    return Reply(
        turn.say(key, who=_who(turn, who), role=_word(turn.language, role.name), unit=_scope(turn, store, role.unit_id))
    )


def _is_last_admin(store: Store, who: Placed, role: Role) -> bool:
    """Without this person nobody could grant anything any more."""
    return role.name is RoleName.ADMIN and {row.person_id for row in people.holders(store, RoleName.ADMIN)} == {who.id}


def role_named(word: str) -> RoleName | None:
    """The role a word means, in any language; never the cadre that everybody is."""
    for name in GRANTED:
        said = [each for language in LANGUAGES for each in words(language)[f"roles.{name.value}"].lower().split("|")]
        if word.lower() in (name.value, *said):
            return name
    return None


def _word(language: str, name: str) -> str:
    return words(language)[f"roles.{name}"].split("|")[0]


def _people(turn: Turn, store: Store, wanted: str) -> list[Placed]:
    """By name, or by number. Somebody who left the roster can still be named by number, so that a role can be ended."""
    today = turn.house.today(turn.now)
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
        found = people.placed(store, today, name=wanted)
        return found or [
            Placed(number, wanted, 0, "")
            for number in {row.person_id for row in people.holders(store) if row.person == wanted}
        ]
    found = people.placed(store, today, ids=[int(wanted)])
    who = people.person_of(store, int(wanted))
    return found or ([Placed(who.id, who.name, 0, "")] if who else [])


def _unit(store: Store, wanted: str) -> int | str | None:
    """A unit's number by its number or name; None for the district; the words themselves where no one unit bears them."""
    if wanted in ("", DISTRICT):
        return None
    if wanted.isascii() and wanted.isdigit() and people.unit_name(store, as_number(wanted)):
        return as_number(wanted)
    named = people.units_named(store, wanted)
    return named[0].id if len(named) == 1 else wanted


def _who(turn: Turn, who: Placed) -> str:
    return turn.say(
        "invitations.found" if turn.names_allowed else "invitations.found_nameless",
        unit=who.unit,
        name=who.name,
        id=who.id,
    )


def _scope(turn: Turn, store: Store, unit_id: int | None) -> str:
    return people.unit_name(store, unit_id) or turn.say("roles.district")


def first_admin(
    store: Store, name: str, unit: str, now: datetime, *, district: str = people.DISTRICT, zone: ZoneInfo | None = None
) -> str:
    """The first administrator, in their unit from today, and the code of a login link (public_url/enter/CODE) that works once
    within a day. Asked again for the same person: another code and nothing else."""
    today = now.astimezone(zone or ZoneInfo("Asia/Shanghai")).date()
    people.district(store, district)
    unit_id = people.add_unit(store, unit, None)
    found = next((who.id for who in people.placed(store, today, name=name, within=[unit_id])), None)
    if found is None:
        found = people.add_people(store, [Person(0, name)], now)[0]
        people.add_postings(store, [Posting(0, found, unit_id, PostingKind.STAFF, today)], None, now)
    if people.grant(store, found, Role(RoleName.ADMIN), None, now):
        audit.record(
            store,
            None,
            "role.grant",
            f"person:{found}",
            {"role": RoleName.ADMIN.value, "unit": None, "first": True},
            now,
        )
    return entry_code(store, found, now, FIRST_LINK_FOR)


def entry_code(store: Store, person_id: int, now: datetime, valid: timedelta = invitations.ENTER_FOR) -> str:
    """The code of a one-time login link for a person: what `demo` prints per role."""
    token = new_token()
    invitations.make(store, [(token, person_id)], ENTER, None, now, valid)
    return token
