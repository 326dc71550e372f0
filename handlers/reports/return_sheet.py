"""A unit's return on paper and as a spreadsheet: the same figures and lists, each with the code and the seal that confirm them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from handlers import spreadsheets, typesetting
from handlers.people import sheets
from handlers.sitting.certificates import address, day
from handlers.sitting.record import source
from handlers.sitting.scores import points
from handlers.spreadsheets import Sheet
from handlers.turns import Deployment
from handlers.words import say
from quizzes.documents import short, shown_code
from quizzes.rates import percent
from quizzes.returns import PARTS
from storage.documents import Document

Words = Callable[..., str]
SIGNERS = ("filled_in", "checked", "head")


def pdf(kept: Document, house: Deployment, now: datetime) -> bytes:
    """The return on A4: figures, lists, footnotes, and the lines to sign on."""
    return typesetting.compile("return", page(kept, house, now))


def _words(language: str) -> Words:
    def words(key: str, /, **values: object) -> str:
        return say(language, f"returns.{key}", **values)

    return words


def page(kept: Document, house: Deployment, now: datetime) -> dict[str, Any]:
    """Everything the template prints, in words."""
    said, language = kept.content, str(kept.content["language"])
    words = _words(language)
    opens, closes = (_instant(language, house, datetime.fromisoformat(said[name])) for name in ("opens", "closes"))
    return {
        "lang": language,
        "heading": words("heading"),
        "title": said["title"],
        "facts": _facts(words, said, opens, closes),
        "sums": {"heading": words("sums"), "columns": words("columns").split("|"), "rows": _sums(words, said)},
        "definitions": say(language, "figures.definitions"),
        "bureaux": {"heading": words("bureaux"), "columns": words("columns").split("|"), "rows": [_row(name, row) for name, row in said["bureaux"]]},
        "results": {"heading": words("results", people=len(said["results"])), "columns": words("result_columns").split("|"), "rows": _results(words, said)},
        "missing": {"heading": _missing_heading(words, said), "none": words("missing_none"), "columns": _missing_columns(words, said), "rows": _missing(said)},
        "notes": {"heading": words("notes"), "lines": said["notes"]},
        "signers": [words(f"sign_{each}") for each in SIGNERS],
        "seal": words("seal_place"),
        "date": words("date_place"),
        "qr": sheets.code(address(house, kept.code)),
        "confirm": words("confirm", code=shown_code(kept.code), hash=short(kept.hash), host=house.public_url.partition("//")[2]),
        "foot": words("foot", at=_instant(language, house, now), code=shown_code(kept.code)),
    }  # fmt: skip


def _instant(language: str, house: Deployment, at: datetime) -> str:
    """With the year: paper is read for years."""
    return f"{day(language, house.today(at))} {at.astimezone(house.zone):%H:%M}"


def _facts(words: Words, said: dict[str, Any], opens: str, closes: str) -> list[str]:
    pass_line, excellent_line = said["lines"]
    lines = [words("fact_unit", unit=said["unit"]), words("fact_time", opens=opens, closes=closes)]
    lines += [words("fact_notice", notice=said["notice"])] if said["notice"] else []
    lines.append(words("fact_lines", pass_line=pass_line, excellent=excellent_line))
    return lines if said["closed"] else [*lines, words("fact_open")]


def _sums(words: Words, said: dict[str, Any]) -> list[list[str]]:
    """正考, 补考 where there was one, and both together."""
    parts = PARTS if said["makeups"] else ("total",)
    return [_row(words(f"part_{part}"), said["figures"][part]) for part in parts]


def _row(name: str, counts: Sequence[int]) -> list[str]:
    """Name, 应考, 实考, 合格, 优秀 and the four rates, each with its fraction."""
    _, _, due, sat, passed, excellent = counts
    rates = ((sat, due), (passed, sat), (passed, due), (excellent, sat))
    return [
        name,
        *map(str, (due, sat, passed, excellent)),
        *(f"{percent(part, whole)}\n{part}/{whole}" for part, whole in rates),
    ]


def _results(words: Words, said: dict[str, Any]) -> list[list[str]]:
    rows = []
    for number, (_, name, unit, first, later, verdict, sources) in enumerate(said["results"], 1):
        key = "result_missing" if verdict == "absent" and not said["closed"] else f"result_{verdict}"
        scores = [points(score) if score is not None else "" for score in (first, later)]
        rows.append(
            [
                str(number),
                name,
                unit,
                *scores,
                words(key),
                say(said["language"], "record.and").join(source(said["language"], each) for each in sources),
            ]
        )
    return rows


def _missing_heading(words: Words, said: dict[str, Any]) -> str:
    key = ("absent" if said["closed"] else "missing") + ("_why" if said["reasons"] else "")
    return words(f"heading_{key}", people=len(said["missing"]))


def _missing_columns(words: Words, said: dict[str, Any]) -> list[str]:
    return words("missing_columns").split("|")[: 4 if said["reasons"] else 3]


def _missing(said: dict[str, Any]) -> list[list[str]]:
    rows = enumerate(said["missing"], 1)
    return [[str(number), name, unit, *([why] if said["reasons"] else [])] for number, (_, name, unit, why) in rows]


def xlsx(kept: Document, house: Deployment, now: datetime) -> bytes:
    """The same as a spreadsheet, a sheet for each part; counts are numbers there."""
    made, words = page(kept, house, now), _words(str(kept.content["language"]))
    named = [
        ("sums", made["sums"]),
        ("bureaux", made["bureaux"]),
        ("results", made["results"]),
        ("missing", made["missing"]),
    ]
    found = [Sheet(words(f"sheet_{name}"), part["columns"], [list(map(_cell, row)) for row in part["rows"]])
             for name, part in named if part["rows"]]  # fmt: skip
    lines = [*made["facts"], *made["definitions"].splitlines(), *made["notes"]["lines"], made["confirm"], made["foot"]]
    return spreadsheets.workbook(
        [*found, Sheet(words("sheet_notes"), [made["title"]], [[line] for line in lines])], now
    )


def _cell(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdecimal() else text.replace("\n", "　")
