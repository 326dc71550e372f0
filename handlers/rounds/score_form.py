"""成绩登记表: the sheet to fill in after an exam on paper, with the names still missing; its own name says for which round it is."""

from __future__ import annotations

import re
from datetime import date

from handlers.commands import choice
from handlers.jobs import Work
from handlers.messages import File, Reply
from handlers.rounds import naming, outside
from handlers.spreadsheets import MEDIA_TYPE, Sheet, workbook
from handlers.turns import Turn
from handlers.unit_words import units_meant
from quizzes.rounds import Round
from quizzes.score_sheets import MARK
from quizzes.spans import read_span
from storage import audit, jobs, people, rounds, scorebook
from storage.database import Store

JOB = "score_form"
COLUMNS = ("staff_no", "name", "unit", "score", "letter", "day", "note")


def form(turn: Turn, store: Store) -> list[Reply]:
    """「成绩登记表」: for which rounds. 「成绩登记表 12 [单位] [日期]」: a job that makes the sheet."""
    words = turn.arguments
    if not words:
        return [_which(turn, store)]
    what = _round(store, words[0])
    if what is None:
        return [Reply(turn.say("outside.no_round_yet"), choices=(choice(turn.language, "score_form"),))]
    if not turn.names_allowed:
        return [Reply(turn.say("outside.names_elsewhere"), choices=(choice(turn.language, "web_login"),))]
    unit_id, day = None, None
    for word in words[1:]:
        units, span = units_meant(store, word), read_span(word, turn.house.today(turn.now))
        if len(units) == 1:
            unit_id = units[0].id
        elif span is not None:
            day = span[0]
        else:
            return [Reply(turn.say("outside.how_form", text=word), choices=(choice(turn.language, "score_form"),))]
    assert turn.account is not None
    params = {"round": what.id, "unit": unit_id, "day": (day or _today(turn, what)).isoformat()}
    jobs.add(store, JOB, params, person_id=turn.me.id, account_id=turn.account.id, now=turn.now)
    audit.record(store, turn.me.id, "scores.form", f"round:{what.id}", params, turn.now)
    return [Reply(turn.say("outside.making_form", title=what.title))]


def _which(turn: Turn, store: Store) -> Reply:
    found = scorebook.choices(store, outside.CHOICES)
    if not found:
        return Reply(turn.say("outside.no_round"), choices=(choice(turn.language, "rounds"),))
    buttons = [choice(turn.language, "score_form", each.id, label=turn.say("outside.button_round", title=each.title[:40], number=each.id)) for each in found]  # fmt: skip
    return Reply(turn.say("outside.which_form"), choices=tuple(buttons))


def _round(store: Store, word: str) -> Round | None:
    """A round, or a make-up, that scores may be entered for."""
    what = naming.named(store, word)
    return what if what is not None and what.state in scorebook.STATES else None


def _today(turn: Turn, what: Round) -> date:
    """Today, or the nearest day of the round's window."""
    opens, closes = turn.house.today(what.opens_at), turn.house.today(what.closes_at)
    return min(max(turn.house.today(turn.now), opens), closes)


def write(work: Work) -> list[Reply]:
    """The worker of a "score_form" job: {"round", "unit" (None: all), "day"}."""
    params, store = work.job.params, work.store
    what = rounds.get(store, params["round"])
    within = None if params["unit"] is None else people.units_below(store, [params["unit"]])
    missing = scorebook.unsat(store, what.id, within)
    tree = {each.id: (place, each.name) for place, each in enumerate(people.units(store))}
    known = {each.id: each for each in people.people(store)}
    ordered = sorted(missing, key=lambda row: (tree[row.unit_id][0], row.id))
    rows: list[list[str | int]] = []
    for row in ordered:
        who = known[row.person_id]
        rows.append([who.staff_no, who.name, tree[row.unit_id][1], "", "", params["day"], ""])
    header = [work.say(f"outside.form_{column}") for column in COLUMNS]
    help_rows = [
        [work.say(f"outside.help_{line}", title=what.title, number=what.id)]
        for line in ("score", "letter", "day", "name", "send")
    ]
    sheets = [
        Sheet(f"{MARK}{what.id}", header, rows),
        Sheet(work.say("outside.sheet_help"), [work.say("outside.sheet_help")], help_rows),
    ]
    title = re.sub(r"[^\w\u4e00-\u9fff-]+", "_", what.title)[:40]
    name = work.say("outside.file_form", title=title, unit=people.unit_name(store, params["unit"]))
    text = work.say("outside.form_made", title=what.title, people=len(rows), day=params["day"])
    return [Reply(text, files=(File(name, MEDIA_TYPE, workbook(sheets, work.now)),))]
