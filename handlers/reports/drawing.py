"""情况图: a round's figures as a picture for a phone, with every fraction printed; calm, in 机构序列, without red or rank."""

from __future__ import annotations

import re
from typing import Any

from handlers import typesetting
from handlers.jobs import Work
from handlers.messages import File, Reply
from handlers.reports import outside_notes
from handlers.rights import Scope
from handlers.turns import Deployment
from handlers.views.figures import Past, RoundFigures, Row, round_figures, trend
from handlers.words import say
from quizzes.rates import Tally, percent
from storage import rounds

PPI = 216
"""The page is 360 pt wide, so a phone shows it at about its own size: 1080 pixels."""


def draw(work: Work) -> list[Reply]:
    """The worker of a "figures_picture" job: {"round_id", "reach", "units"}."""
    params = work.job.params
    scope = Scope(params["reach"], frozenset(params["units"]))
    what = rounds.get(work.store, params["round_id"])
    shown = round_figures(work.store, what.id, scope, work.now)
    drawn = png(shown, trend(work.store, what.counts, scope), work.language, work.house)
    name = work.say("figures.file_name", title=re.sub(r"[^\w\u4e00-\u9fff-]+", "_", shown.title)[:40])
    text = work.say("figures.drawn", title=shown.title, at=work.house.moment(work.language, shown.as_of))
    return [Reply(text, files=(File(name, "image/png", drawn),))]


def png(shown: RoundFigures, past: list[Past], language: str, house: Deployment) -> bytes:
    """The picture, about 1080 pixels wide."""
    return typesetting.compile("figures", page(shown, past, language, house), "png", ppi=PPI)


def pdf(shown: RoundFigures, past: list[Past], language: str, house: Deployment) -> bytes:
    """The same page as a PDF, for printing."""
    return typesetting.compile("figures", page(shown, past, language, house))


def page(shown: RoundFigures, past: list[Past], language: str, house: Deployment) -> dict[str, Any]:
    """Everything the template prints, in words."""
    total = shown.total.tally
    definitions = say(language, "figures.definitions")
    return {
        "title": shown.title,
        "notes": _notes(language, shown, house),
        "tiles": _tiles(language, total),
        "roster": "\n".join([_roster(language, total), *outside_notes.sources(language, shown.elsewhere)]),
        "legend": [say(language, "figures.legend_rate"), say(language, "figures.legend_pass")],
        "leaders": _row(Row(say(language, "figures.leaders"), shown.leaders.tally, shown.leaders.first)) if shown.leaders.tally.due else None,
        "rows": [_row(row) for row in shown.rows],
        "trend_heading": say(language, "figures.trend_heading"),
        "trend": [_past(each, house) for each in past] if len(past) > 1 else [],
        "footer": say(language, "figures.footer", at=house.moment(language, shown.as_of), definitions=definitions),
    }  # fmt: skip


def _roster(language: str, each: Tally) -> str:
    return say(
        language,
        "figures.picture_roster",
        roster=each.roster,
        exempt=each.exempt,
        due=each.due,
        sat=each.sat,
        passed=each.passed,
    )


def _notes(language: str, shown: RoundFigures, house: Deployment) -> list[str]:
    state = "figures.picture_closed" if shown.closed else "figures.picture_open"
    notes = [
        say(
            language,
            state,
            opens=house.moment(language, shown.opens_at),
            closes=house.moment(language, shown.closes_at),
        )
    ]
    notes += [say(language, "figures.notice", notice=shown.notice)] if shown.notice else []
    return notes if shown.assessed else [*notes, say(language, "figures.practice")]


def _tiles(language: str, each: Tally) -> list[dict[str, Any]]:
    wanted = (("rate", each.sat, each.due), ("pass_rate", each.passed, each.sat), ("overall", each.passed, each.due),
              ("excellence", each.excellent, each.sat))  # fmt: skip
    return [{"label": say(language, f"figures.{key}"), **_bar(part, whole)} for key, part, whole in wanted]


def _row(row: Row) -> dict[str, Any]:
    each = row.tally
    return {"name": row.name, "bars": [_bar(each.sat, each.due), _bar(each.passed, each.sat)]}


def _bar(part: int, whole: int) -> dict[str, Any]:
    """A rate as drawn: its share in percent of the track, and what is printed beside it."""
    return {"share": 100 * part / whole if whole else 0, "percent": percent(part, whole), "fraction": f"{part}/{whole}"}


def _past(past: Past, house: Deployment) -> dict[str, Any]:
    opened, each = past.opens_at.astimezone(house.zone), past.tally
    return {"date": f"{opened.month}.{opened.day}", "bars": [_bar(each.sat, each.due), _bar(each.passed, each.sat)]}
