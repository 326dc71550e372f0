"""The whole list of missing people as a spreadsheet, with a sheet that says what the words mean."""

from __future__ import annotations

import re

from handlers.jobs import Work
from handlers.messages import File, Reply
from handlers.reach import refusals
from handlers.reach.missing import reason_text
from handlers.spreadsheets import MEDIA_TYPE, Sheet, workbook
from quizzes.rounds import Round
from storage import missing, people, rounds
from storage.missing import Missing

WORDS = ("due", "missing", "failed")


def write(work: Work) -> list[Reply]:
    """The worker of a "missing_sheet" job: {"round_id", "units" (None: all), "reasons"}."""
    params = work.job.params
    what = rounds.get(work.store, params["round_id"])
    found = missing.missing(work.store, what, work.house.today(work.now), params["units"])
    if not params["reasons"]:
        found = [each for each in found if each.absent]
    content = workbook([_list(work, found, params["reasons"]), _definitions(work, what)], work.now)
    name = work.say("missing.file_name", title=re.sub(r"[^\w\u4e00-\u9fff-]+", "_", what.title)[:40])
    at = work.house.moment(work.language, work.now)
    return [
        Reply(
            work.say("missing.exported", title=what.title, people=len(found), at=at),
            files=(File(name, MEDIA_TYPE, content),),
        )
    ]


def _list(work: Work, found: list[Missing], reasons: bool) -> Sheet:
    names = {each.id: each.name for each in people.units(work.store)}
    columns = ["number", "bureau", "unit", "name", *(("reason", "step") if reasons else ())]
    rows: list[list[str | int]] = []
    for number, each in enumerate(found, 1):
        helps = refusals.helps(work.language, (why for _, why in each.refused))
        advice = "\n".join([work.say(f"missing.advice_{each.step}"), *helps])
        why = [reason_text(work.language, each), advice] if reasons else []
        rows.append([number, names.get(each.bureau_id, ""), each.unit, each.name, *why])
    return Sheet(work.say("missing.sheet_list"), [work.say(f"missing.column_{column}") for column in columns], rows)


def _definitions(work: Work, what: Round) -> Sheet:
    closes = work.house.moment(work.language, what.closes_at)
    rows: list[list[str | int]] = [
        [work.say("missing.word_round"), work.say("missing.meaning_round", title=what.title, closes=closes)],
        [work.say("missing.word_as_of"), work.house.moment(work.language, work.now)],
        *(_meaning(work, word) for word in WORDS),
    ]
    return Sheet(
        work.say("missing.sheet_definitions"),
        [work.say("missing.column_word"), work.say("missing.column_meaning")],
        rows,
    )


def _meaning(work: Work, word: str) -> list[str | int]:
    return [work.say(f"missing.word_{word}"), work.say(f"missing.meaning_{word}")]
