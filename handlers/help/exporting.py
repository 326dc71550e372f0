"""导出我的数据: everything the program holds about a person, as a spreadsheet for reading and as JSON for machines, in one zip."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from handlers.help.privacy import EXPORT
from handlers.jobs import Work
from handlers.messages import File, Reply
from handlers.spreadsheets import Sheet, workbook
from handlers.turns import Deployment
from handlers.words import say
from storage import own_data
from storage.database import Store
from storage.own_data import Table

__all__ = ["EXPORT", "archive", "write"]


def write(work: Work) -> list[Reply]:
    """The worker of an "export_my_data" job: of whoever asked, and of nobody else."""
    assert work.job.person_id is not None
    content = archive(work.store, work.job.person_id, work.language, work.house, work.now)
    name = work.say("privacy.export_file", day=work.house.today(work.now).isoformat())
    return [Reply(work.say("privacy.exported"), files=(File(name, "application/zip", content),))]


def archive(store: Store, person_id: int, language: str, house: Deployment, now: datetime) -> bytes:
    """The zip: data.xlsx with a sheet for each area, and data.json."""
    found = own_data.of(store, person_id)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        stamp = now.astimezone(house.zone).timetuple()[:6]
        for name, content in (("data.xlsx", _workbook(found, language, house, now)), ("data.json", _json(found, now))):
            packed.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _json(found: Mapping[str, Table], now: datetime) -> bytes:
    said = {"exported_at": now.isoformat(), **found}
    return json.dumps(said, ensure_ascii=False, indent=1, default=lambda value: value.isoformat()).encode()


def _workbook(found: Mapping[str, Table], language: str, house: Deployment, now: datetime) -> bytes:
    about = [[line] for line in say(language, "privacy.export_about").split("\n")]
    sheets = [Sheet(say(language, "privacy.sheet_about"), [say(language, "privacy.title")], about)]
    sheets += [_sheet(area, rows, language, house) for area, rows in found.items() if rows]
    return workbook(sheets, now)


def _sheet(area: str, rows: Table, language: str, house: Deployment) -> Sheet:
    header = [say(language, f"privacy.column_{name}") for name in rows[0]]
    return Sheet(
        say(language, f"privacy.area_{area}"), header, [_cells(list(row.values()), language, house) for row in rows]
    )


def _cells(values: Sequence[Any], language: str, house: Deployment) -> list[str | int]:
    return [_cell(value, language, house) for value in values]


def _cell(value: Any, language: str, house: Deployment) -> str | int:
    """As people read it: times in the deployment's zone, yes and no in words."""
    if isinstance(value, bool):
        return say(language, "privacy.yes" if value else "privacy.no")
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(house.zone):%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else str(value if value is not None else "")
