"""邀请: who has no account yet, one link for one person, and the printable sheet for a unit."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta
from functools import partial

from handlers.commands import as_number, choice
from handlers.jobs import Work
from handlers.messages import File, Reply
from handlers.people import binding, sheets
from handlers.rights import Scope, scope_of
from handlers.turns import Turn
from storage import accounts, audit, invitations, jobs, people
from storage.database import Store
from storage.invitations import BIND, BIND_FOR
from storage.people import Placed

RIGHT = "invitation.make"
ALL = "all"
SEVERAL, UNIT_BUTTONS, NAMED = 8, 12, 20
JOB = "invite_sheet"


def _within(store: Store, scope: Scope) -> set[int] | None:
    """The units whose people may be invited; None for everybody."""
    return None if scope.everything else people.units_below(store, scope.units)


def _date(language: str, day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat()


def invite(turn: Turn, store: Store) -> list[Reply]:
    """「邀请」: how many are not bound, by bureau. 「邀请 张三」 or 「邀请 12」: one link for one person."""
    within = _within(store, scope_of(turn.roles, RIGHT))
    if not turn.arguments:
        return [_overview(turn, store, within)]
    wanted, today = " ".join(turn.arguments), turn.house.today(turn.now)
    numbered = wanted.isascii() and wanted.isdigit() and len(wanted) < 10
    found = people.placed(store, today, within=within, **({"ids": [int(wanted)]} if numbered else {"name": wanted}))
    if not found:
        return [Reply(turn.say("invitations.not_found"), (choice(turn.language, "invite"),))]
    if len(found) > 1:
        buttons = tuple(choice(turn.language, "invite", who.id, label=_label(turn, who)) for who in found[:SEVERAL])
        return [Reply(turn.say("invitations.several", n=len(found)), buttons)]
    return _one(turn, store, found[0])


def _label(turn: Turn, who: Placed) -> str:
    key = "invitations.found" if turn.names_allowed else "invitations.found_nameless"
    return turn.say(key, unit=who.unit, name=who.name, id=who.id)


def _overview(turn: Turn, store: Store, within: set[int] | None) -> Reply:
    today = turn.house.today(turn.now)
    total, missing = len(people.placed(store, today, within=within)), invitations.unbound(store, today, within)
    if not missing:
        return Reply(turn.say("invitations.all_bound" if total else "invitations.nobody", total=total))
    bureaux = people.bureaux(store)
    counts = Counter(bureaux[who.unit_id] for who in missing)
    named = [(unit, counts[unit.id]) for unit in people.units(store) if counts[unit.id]]
    lines = "\n".join(turn.say("invitations.line", unit=unit.name, n=n) for unit, n in named)
    text = turn.say("invitations.overview", total=total, missing=len(missing), lines=lines)
    buttons = [choice(turn.language, "invite_sheet", ALL, label=turn.say("invitations.button_all"))]
    if 1 < len(named) <= UNIT_BUTTONS:
        buttons += [
            choice(turn.language, "invite_sheet", unit.id, label=turn.say("invitations.button_unit", unit=unit.name))
            for unit, _ in named
        ]
    return Reply("\n".join([text, *_locked(turn, store, missing)]), tuple(buttons))


def _locked(turn: Turn, store: Store, missing: list[Placed]) -> list[str]:
    numbers = set(invitations.locked(store, turn.now))
    locked = [who for who in missing if who.id in numbers]
    if not locked:
        return []
    if not turn.names_allowed:
        return [turn.say("invitations.locked_count", n=len(locked))]
    return [
        turn.say(
            "invitations.locked_names",
            n=len(locked),
            names=turn.say("invitations.comma").join(_label(turn, who) for who in locked[:NAMED]),
        )
    ]


def _one(turn: Turn, store: Store, who: Placed) -> list[Reply]:
    """A new link, in a message of its own that can be forwarded as it is."""
    token = binding.new_token()
    invitations.make(store, [(token, who.id)], BIND, turn.me.id, turn.now, BIND_FOR)
    audit.record(store, turn.me.id, "invitation.make", f"person:{who.id}", {"unit": who.unit_id}, turn.now)
    key = "invitations.one" if turn.names_allowed else "invitations.one_nameless"
    until = _date(turn.language, turn.house.today(turn.now + BIND_FOR))
    said = [turn.say(key, unit=who.unit, name=who.name, id=who.id, until=until)]
    if accounts.of_person(store, who.id):
        said.append(turn.say("invitations.one_bound"))
    person = people.person_of(store, who.id)
    assert person is not None
    ways, by_code = sheets.links(turn.house, token), sheets.by_code(turn.house, turn.language, token)
    urls = [turn.say(f"invitations.url_{way}", url=url) if by_code or len(ways) > 1 else url for way, url in ways]
    key = f"invitations.message_{binding.confirmed_by(person) or 'plain'}"
    message = turn.say(key, urls="\n".join([*urls, *by_code]))
    return [Reply("\n".join(said)), Reply(message)]


# The sheet. ------------------------------------------------------------------------------------------------------------


def sheet(turn: Turn, store: Store) -> list[Reply]:
    """「邀请单 全部」 or 「邀请单 <unit>」: a job that prints a card with a QR code for everybody not bound yet."""
    if not turn.names_allowed:
        return [Reply(turn.say("invitations.elsewhere"), (choice(turn.language, "web_login"),))]
    within, unit_id = _within(store, scope_of(turn.roles, RIGHT)), None
    wanted = " ".join(turn.arguments)
    if wanted.lower() not in (ALL, "全部"):
        unit_id = _unit(store, wanted)
        if unit_id is None or (within is not None and unit_id not in within):
            return [Reply(turn.say("invitations.unit_not_found"), (choice(turn.language, "invite"),))]
        within = people.units_below(store, [unit_id])
    missing = invitations.unbound(store, turn.house.today(turn.now), within)
    if not missing:
        return [Reply(turn.say("invitations.sheet_empty"))]
    params = {"within": None if within is None else sorted(within), "unit": unit_id}
    assert turn.account is not None
    jobs.add(store, JOB, params, person_id=turn.me.id, account_id=turn.account.id, now=turn.now)
    audit.record(store, turn.me.id, "invitation.sheet", f"unit:{unit_id or ALL}", {"people": len(missing)}, turn.now)
    old = len(invitations.waiting(store, [who.id for who in missing], turn.now))
    return [Reply(turn.say("invitations.making_replaces" if old else "invitations.making", n=len(missing), old=old))]


def _unit(store: Store, wanted: str) -> int | None:
    """A unit by its number, or by its name where only one has it."""
    if wanted.isascii() and wanted.isdigit():
        return as_number(wanted) if people.unit_name(store, as_number(wanted)) else None
    named = people.units_named(store, wanted)
    return named[0].id if len(named) == 1 else None


def print_sheet(work: Work) -> list[Reply]:
    """The worker: typeset first, then make the invitations that the cards carry; a sheet that failed leaves the old ones valid."""
    within, unit_id = work.job.params["within"], work.job.params["unit"]
    missing, named = invitations.unbound(work.store, work.house.today(work.now), within), work.job.params.get("people")
    missing = [who for who in missing if named is None or who.id in named]
    if not missing:
        return [Reply(work.say("invitations.sheet_empty"))]
    tokens = {who.id: binding.new_token() for who in missing}
    until = _date(work.language, work.house.today(work.now + BIND_FOR))
    unit = people.unit_name(work.store, unit_id) or work.say("invitations.sheet_everybody")
    pdfs: list[File] = []
    began = time.monotonic()
    for number, groups in enumerate(sheets.volumes(_groups(work.store, missing, tokens)), 1):
        name = work.say("invitations.sheet_file", unit=unit, day=work.house.today(work.now).isoformat(), number=number)
        pdfs.append(File(name, "application/pdf", sheets.sheet(groups, work.house, work.language, until)))
        at = work.now + timedelta(seconds=time.monotonic() - began)
        work.write(partial(jobs.progress, job_id=work.job.id, done=len(pdfs), total=len(pdfs), now=at))
    pairs = [(token, number) for number, token in tokens.items()]
    work.write(lambda store: invitations.make(store, pairs, BIND, work.job.person_id, work.now, BIND_FOR))
    return [Reply(work.say("invitations.sheet_ready", n=len(missing), until=until), files=tuple(pdfs))]


def _groups(store: Store, missing: list[Placed], tokens: dict[int, str]) -> list[tuple[str, list[sheets.Card]]]:
    """The cards by bureau in 机构序列; a person's own unit stands on the card."""
    order = {unit.id: (place, unit.name) for place, unit in enumerate(people.units(store))}
    bureaux, known = people.bureaux(store), {who.id: who for who in people.people(store)}
    grouped: dict[int, list[sheets.Card]] = {}
    for who in sorted(missing, key=lambda each: (order[each.unit_id][0], each.id)):
        card = sheets.Card(who.name, who.unit, tokens[who.id], binding.confirmed_by(known[who.id]))
        grouped.setdefault(bureaux[who.unit_id], []).append(card)
    return [(order[number][1], cards) for number, cards in sorted(grouped.items(), key=lambda pair: order[pair[0]][0])]
