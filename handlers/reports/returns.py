"""汇总表: a unit's return of a round as PDF and as a spreadsheet, for those entitled to names, under a code that a page checks."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from handlers.commands import as_number, choice
from handlers.jobs import Work
from handlers.messages import File, Link, Reply
from handlers.reports import return_sheet, returning
from handlers.rights import scope_of
from handlers.spreadsheets import MEDIA_TYPE
from handlers.turns import Turn
from handlers.unit_words import unit_choice, units_meant
from quizzes.documents import BITS, code, seal, shown_code
from quizzes.people import Unit
from quizzes.rounds import Round, State
from storage import audit, documents, figures, jobs, people, rounds
from storage.database import Store
from storage.documents import RETURN, Document

JOB = "unit_return"
RIGHT = "return.print"
UNIT_BUTTONS = 12


def unit_return(turn: Turn, store: Store) -> list[Reply]:
    """「汇总表」, 「汇总表 12」 (a round), 「汇总表 12 住建局」: have the return of a unit printed; without a unit, of one's own or of all."""
    if not turn.names_allowed:
        link = Link(turn.say("missing.open_web"), f"{turn.house.public_url}/")
        return [Reply(turn.say("returns.elsewhere"), links=(link,))]
    words = turn.arguments
    what = _asked(store, words)
    if what is None:
        return [Reply(turn.say("returns.none"), choices=(choice(turn.language, "figures"),))]
    named = [word for word in words if not word.isdecimal()]
    found = _units(turn, store, named)
    if len(found) != 1:
        key = "returns.which" if found else "returns.unit_unknown"
        buttons = tuple(
            unit_choice(store, turn.language, "unit_return", each, what.id) for each in found[:UNIT_BUTTONS]
        )
        return [Reply(turn.say(key, unit=named[0] if named else ""), choices=buttons)]
    return [_order(turn, store, what, found[0])]


def _asked(store: Store, words: Sequence[str]) -> Round | None:
    """The assessed round that is named, a make-up standing for its first; else the current one, else the one closed last."""
    numbers = [as_number(word) for word in words if word.isdecimal()]
    if numbers:
        try:
            found = rounds.get(store, numbers[0])
        except KeyError:
            return None
        found = found if found.of_round_id is None else rounds.get(store, found.of_round_id)
        known = (*figures.UNDER_WAY, State.CLOSED)
        return found if found.counts == "assessed" and found.state in known else None
    running = [
        each
        for each in rounds.in_state(store, *figures.UNDER_WAY)
        if each.counts == "assessed" and each.of_round_id is None
    ]
    last = running or figures.last_closed(store, "assessed", 1)
    return last[-1] if last else None


def _units(turn: Turn, store: Store, named: Sequence[str]) -> list[Unit]:
    """The unit that is meant, if the asker may print it; several where one of several is to be chosen."""
    scope = scope_of(turn.roles, RIGHT)
    tree = people.units(store)
    within = {each.id for each in tree} if scope.everything else people.units_below(store, scope.units)
    if named:
        return [each for each in units_meant(store, named[0]) if each.id in within][:1]
    if scope.everything:
        return [each for each in tree if each.parent_id is None][:1]
    return [each for each in tree if each.id in scope.units]


def _order(turn: Turn, store: Store, what: Round, unit: Unit) -> Reply:
    why = scope_of(turn.roles, "missing.reasons")
    reasons = why.everything or unit.id in people.units_below(store, why.units)
    wanted = {"round_id": what.id, "unit_id": unit.id, "reasons": reasons}
    account_id = turn.account.id if turn.account else None
    jobs.add(store, JOB, wanted, person_id=turn.me.id, account_id=account_id, now=turn.now)
    audit.record(store, turn.me.id, "return.print", f"round:{what.id}", {"unit": unit.id, "reasons": reasons}, turn.now)
    return Reply(turn.say("returns.making", unit=unit.name, title=what.title))


def write(work: Work) -> list[Reply]:
    """The worker of a "unit_return" job: {"round_id", "unit_id", "reasons"}. Kept before it is typeset; the same content keeps its code."""
    params = work.job.params
    what = rounds.get(work.store, params["round_id"])
    said = returning.content(
        work.store, what, params["unit_id"], work.language, work.house, work.now, reasons=params["reasons"]
    )
    chance = secrets.randbits(BITS)
    kept = work.write(lambda store: issued(store, what.id, params["unit_id"], said, chance, work))
    assert isinstance(kept, Document)
    name = re.sub(r"[^\w\u4e00-\u9fff-]+", "_", f"{said['unit']}-{said['title']}")[:60]
    pdf = File(
        work.say("returns.file_name", name=name, kind="pdf"),
        "application/pdf",
        return_sheet.pdf(kept, work.house, work.now),
    )
    table = File(
        work.say("returns.file_name", name=name, kind="xlsx"), MEDIA_TYPE, return_sheet.xlsx(kept, work.house, work.now)
    )
    text = work.say("returns.ready", unit=said["unit"], title=said["title"], code=shown_code(kept.code))
    return [Reply(text, files=(pdf, table))]


def issued(store: Store, round_id: int, unit_id: int, said: dict[str, object], chance: int, work: Work) -> Document:
    """The return of this content: the one printed before, or a new one under the code that `chance` (80 bits) makes."""
    for known in documents.returns(store, round_id, unit_id):
        if known.hash == seal(said) and known.whole:
            return known
    number = documents.issue(store, RETURN, code(chance), round_id, said, work.job.person_id, work.now, unit_id=unit_id)
    return documents.get(store, number)
