"""The whole list as a spreadsheet: everybody missing once, in 机构序列, reasons only for those who may see them."""

from __future__ import annotations

import io

import openpyxl
import pytest

from handlers.words import words
from storage import accounts, audit
from tests.engine import DAILY, QUESTIONS, Engine

ZH = words("zh")


@pytest.fixture
def engine(sqlite):
    engine = Engine(sqlite).with_bank(*QUESTIONS)
    for number in range(20):
        engine.person(f"住建{number:02d}", "住建局", channel="" if number < 3 else "telegram")
        engine.person(f"财政{number:02d}", "财政局")
    for name, role, on in (("管理员", "admin", ""), ("领导", "leader", ""), ("联络员", "liaison", "财政局")):
        engine.person(name, "财政局" if on else "司法局", channel="web", role=role, on=on)
    engine.with_plan(DAILY).at("09:00")
    engine.says("住建05", "今日答题")
    for _ in range(3):
        engine.answers("住建05", engine.right("住建05"))
    return engine


def sheet(engine, name, said="导出名单 1"):
    engine.says(name, said, channel="web")
    engine.settle()
    files = [
        file for parcel in engine.delivered("web") if parcel.address.id == f"web-{name}" for file in parcel.reply.files
    ]
    (file,) = files
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    return file.name, *(list(page.values) for page in book)


def test_everybody_missing_is_there_once_in_order_with_reason_and_next_step(engine):
    name, rows, _ = sheet(engine, "管理员")
    assert name == "未参考名单-每日一题.xlsx"
    assert rows[0] == tuple(
        ZH[f"missing.column_{column}"] for column in ("number", "bureau", "unit", "name", "reason", "step")
    )
    names = [row[3] for row in rows[1:]]
    assert len(names) == len(set(names)) == 42
    assert "住建05" not in names
    assert [row[0] for row in rows[1:]] == list(range(1, 43))
    bureaux = [row[1] for row in rows[1:]]
    assert bureaux == sorted(bureaux, key=["住建局", "财政局", "司法局"].index)
    assert {row[4] for row in rows[1:] if row[3] in ("住建00", "住建01", "住建02")} == {ZH["missing.reason_unbound"]}


def test_the_second_sheet_says_of_when_it_is_and_what_the_words_mean(engine):
    _, _, definitions = sheet(engine, "管理员")
    meanings = dict(row for row in definitions[1:])
    assert meanings[ZH["missing.word_as_of"]] == "11月23日 09:00"
    assert ZH["missing.word_due"] in meanings


def test_a_liaison_gets_their_own_unit_with_reasons(engine):
    _, rows, _ = sheet(engine, "联络员")
    assert {row[1] for row in rows[1:]} == {"财政局"}
    assert len(rows[0]) == 6


def test_a_leader_gets_names_and_never_a_reason(engine):
    _, rows, _ = sheet(engine, "领导")
    assert rows[0] == tuple(ZH[f"missing.column_{column}"] for column in ("number", "bureau", "unit", "name"))
    assert all(len(row) == 4 for row in rows)


def test_a_long_list_comes_as_a_sheet_by_itself(engine):
    engine.says("管理员", "未参考", channel="web")
    engine.settle()
    assert sum(len(parcel.reply.files) for parcel in engine.delivered("web")) == 1


def test_on_telegram_no_sheet_is_made(engine):
    engine.write(lambda store: accounts.bind(store, engine.people["管理员"], "telegram", "telegram-管理员", engine.now))
    (reply,) = engine.says("管理员", "导出名单 1")
    assert ZH["missing.names_elsewhere"] in reply.text
    engine.settle()
    assert all(not parcel.reply.files for parcel in engine.delivered())


def test_a_name_that_looks_like_a_formula_stays_a_name(engine):
    engine.write(lambda store: store.plain("UPDATE person SET name = '=1+1' WHERE name = '住建00'"))
    _, rows, _ = sheet(engine, "管理员")
    assert rows[1][3] == "=1+1"
    assert engine.read(audit.verify) is None


def test_the_name_of_the_file_holds_no_sign_a_disk_refuses(engine):
    engine.write(lambda store: store.plain("UPDATE round SET title = '宪法/周:*?<>|\"考试' WHERE id = 1"))
    name, *_ = sheet(engine, "管理员")
    assert not set(name) & set('/\\:*?<>|"')
