"""电话名单: whom to call, bureau by bureau: name, phone, why missing and what to say; as a spreadsheet, for who may see names and reasons."""

from __future__ import annotations

import re

from handlers.commands import choice
from handlers.jobs import Work
from handlers.messages import File, Link, Reply
from handlers.reach import outlook, refusals
from handlers.reach.handing_over import SPARED
from handlers.reach.missing import asked, reason_text, within
from handlers.rights import scope_of
from handlers.spreadsheets import MEDIA_TYPE, Sheet, workbook
from handlers.turns import Turn
from quizzes.people import Unit
from storage import jobs, people, rounds
from storage import missing as lists
from storage.database import Store
from storage.missing import Missing

JOB = "call_list"
COLUMNS = ("number", "unit", "name", "phone", "reason", "say", "first")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


def call_list(turn: Turn, store: Store) -> list[Reply]:
    """「电话名单 12」: have it written, where names may be shown."""
    what = asked(store, turn.arguments)
    if what is None:
        return [Reply(turn.say("missing.none"), choices=(choice(turn.language, "help"),))]
    if not turn.names_allowed:
        link = Link(turn.say("missing.open_web"), f"{turn.house.public_url}/")
        return [
            Reply(turn.say("missing.names_elsewhere"), choices=(choice(turn.language, "web_login"),), links=(link,))
        ]
    units = within(store, scope_of(turn.roles, "missing.call"))
    params = {"round_id": what.id, "units": None if units is None else sorted(units)}
    jobs.add(
        store, JOB, params, person_id=turn.me.id, account_id=turn.account.id if turn.account else None, now=turn.now
    )
    return [Reply(turn.say("reach.call_making"))]


def write(work: Work) -> list[Reply]:
    """The worker of a "call_list" job: {"round_id", "units" (None: all)}; a sheet for each bureau in 机构序列."""
    what = rounds.get(work.store, work.job.params["round_id"])
    found = lists.missing(work.store, what, work.house.today(work.now), work.job.params["units"])
    found = [each for each in found if each.step not in SPARED]
    if not found:
        return [Reply(work.say("reach.call_nobody", title=what.title))]
    first = outlook.to_call(work.store, what, work.house, work.now)
    phones = {each.id: each.phone for each in people.people(work.store)}
    bureaux = {each.bureau_id for each in found}
    sheets, titles = [], set[str]()
    for bureau in (each for each in people.units(work.store) if each.id in bureaux):
        title = _title(bureau, titles)
        rows = [each for each in found if each.bureau_id == bureau.id]
        sheets.append(_sheet(work, title, sorted(rows, key=lambda each: each.person_id not in first), phones, first))
    content = workbook(sheets, work.now)
    name = work.say("reach.call_file", title=re.sub(r"[^\w\u4e00-\u9fff-]+", "_", what.title)[:40])
    said = work.say(
        "reach.call_ready", title=what.title, people=len(found), at=work.house.moment(work.language, work.now)
    )
    return [Reply(said, files=(File(name, MEDIA_TYPE, content),))]


def _title(bureau: Unit, taken: set[str]) -> str:
    """A sheet's name as Excel takes it, unlike the others."""
    plain = _FORBIDDEN.sub("", bureau.name)[:24] or str(bureau.id)
    title = plain if plain.casefold() not in taken else f"{plain}{bureau.id}"
    taken.add(title.casefold())
    return title


def _sheet(work: Work, title: str, rows: list[Missing], phones: dict[int, str], first: frozenset[int]) -> Sheet:
    header = [work.say(f"reach.column_{column}") for column in COLUMNS]
    cells: list[list[str | int]] = [
        [number, each.unit, each.name, phones.get(each.person_id) or work.say("reach.no_phone"), reason_text(work.language, each),
         _say(work, each), work.say("reach.first") if each.person_id in first else ""]
        for number, each in enumerate(rows, 1)
    ]  # fmt: skip
    return Sheet(title, header, cells)


def _say(work: Work, each: Missing) -> str:
    """What to tell them, and what mends the way that is closed."""
    helps = refusals.helps(work.language, (why for _, why in each.refused))
    return "\n".join([work.say(f"handover.say_{each.step}"), *helps])
