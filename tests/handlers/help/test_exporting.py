"""导出我的数据: one zip for reading and for machines, of whoever asked and nobody else."""

from __future__ import annotations

import io
import json
import zipfile

import openpyxl
import pytest

from handlers.help import exporting
from handlers.jobs import Work
from handlers.words import LANGUAGES
from storage import feedback, own_data
from storage.database import Store
from storage.jobs import Job
from tests.builders import HOUSE, NOW, PEOPLE, District, district, hands_in_paper


@pytest.fixture
def d(store: Store) -> District:
    d = district(store)
    for name in ("张三", "李四"):
        hands_in_paper(store, d, d.round_id, name, [True, False])
        feedback.add(store, d.people[name], feedback.COMPLAINT, f"{name}：题太多", NOW)
    return d


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_worker_gives_a_zip_of_whoever_asked(store: Store, d: District) -> None:
    work = Work(Job(1, "export_my_data", {}, d.people["张三"], None), HOUSE, NOW, "zh", store, lambda run: run(store))
    [reply] = exporting.write(work)
    [file] = reply.files
    assert file.name == "我的数据-2026-12-04.zip"
    found = json.loads(parts(file.content)["data.json"])
    assert found["person"][0]["name"] == "张三"
    assert [row["text"] for row in found["feedback"]] == ["张三：题太多"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_spreadsheet_says_the_same_with_headers_people_read(store: Store, d: District, language: str) -> None:
    made = parts(exporting.archive(store, d.people["张三"], language, HOUSE, NOW))["data.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert len(book.sheetnames) == 1 + sum(bool(rows) for rows in own_data.of(store, d.people["张三"]).values())
    if language == "zh":
        assert [cell.value for cell in book["意见"][1]][:3] == ["编号", "种类", "题目编号"]
        assert book["应考和成绩"]["G2"].value == "否"  # 免考
        assert book["作答"]["D2"].value == "2026-12-04 10:00:00"  # in the deployment's zone


def test_nobody_else_is_in_any_part_of_it(store: Store, d: District) -> None:
    others = [line[0] for line in PEOPLE if line[0] != "张三"]
    for content in parts(exporting.archive(store, d.people["张三"], "zh", HOUSE, NOW)).values():
        inner = parts(content).values() if content.startswith(b"PK") else [content]
        assert [name for name in others for part in inner if name.encode() in part] == []


def test_who_has_everything_has_a_header_for_every_column(store: Store, d: District) -> None:
    """Every column of every area has its words, also those that are rarely filled."""
    for name in d.people:
        for language in LANGUAGES:
            assert exporting.archive(store, d.people[name], language, HOUSE, NOW)
    columns = {column for rows in own_data.of(store, d.people["刘洋"]).values() for row in rows for column in row}
    assert {"name", "unit", "address", "granted_at"} <= columns


def test_the_same_data_give_the_same_zip(store: Store, d: District) -> None:
    assert exporting.archive(store, d.people["张三"], "zh", HOUSE, NOW) == exporting.archive(
        store, d.people["张三"], "zh", HOUSE, NOW
    )
