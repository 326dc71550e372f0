"""汇总表: for whom, of which unit and round, with reasons or without; kept before it is printed."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from handlers.jobs import Work
from handlers.reports import returns
from handlers.words import words
from storage import accounts, documents, jobs, tables
from storage.database import Store
from tests.builders import HOUSE, NOW, District, grant, make_round, turn
from tests.handlers.reports.returning_district import closed

ZH = words("zh")


@pytest.fixture
def d(store: Store) -> District:
    """陈芳, who reads on Telegram in other tests, reads on WeCom here."""
    d = closed(store)
    del d.accounts["陈芳", "telegram"]
    d.accounts["陈芳", "wecom"] = accounts.bind(store, d.people["陈芳"], "wecom", "wecom-陈芳", NOW)
    return d


def asks(store: Store, d: District, name: str, said: str = "汇总表", **more):
    [reply] = returns.unit_return(turn(store, d, name, said, **more), store)
    return reply


def ordered(store: Store) -> list[dict]:
    return [
        row.params
        for row in store.rows(select(tables.job).where(tables.job.c.kind == "unit_return").order_by(tables.job.c.id))
    ]


def prints(store: Store):
    job = jobs.lease(store, NOW)
    assert job is not None
    work = Work(job, HOUSE, NOW, "zh", store, lambda run: run(store))
    [reply] = returns.write(work)
    return reply


def test_the_officer_prints_the_district_or_one_unit(store: Store, d: District) -> None:
    assert "城南区" in asks(store, d, "王敏").text
    asks(store, d, "王敏", f"汇总表 {d.round_id} 司法局")
    asks(store, d, "王敏", f"汇总表 {d.round_id} 单位{d.units['质安站']}")
    wanted = [(each["unit_id"], each["reasons"]) for each in ordered(store)]
    assert wanted == [(d.units["城南区"], True), (d.units["司法局"], True), (d.units["质安站"], True)]


def test_a_liaison_prints_their_own_unit_with_reasons_and_a_leader_without(store: Store, d: District) -> None:
    asks(store, d, "刘洋")
    asks(store, d, "陈芳")
    asks(store, d, "李建国")
    wanted = [(each["unit_id"], each["reasons"]) for each in ordered(store)]
    assert wanted == [(d.units["住建局"], True), (d.units["住建局"], False), (d.units["城南区"], False)]


def test_a_leader_who_is_liaison_of_a_station_gets_reasons_there_and_nowhere_else(store: Store, d: District) -> None:
    grant(store, d, "陈芳", "liaison", "质安站")
    shown = asks(store, d, "陈芳")
    assert [b.label for b in shown.choices] == ["住建局", "质安站"]
    asks(store, d, "陈芳", shown.choices[0].says)
    asks(store, d, "陈芳", shown.choices[1].says)
    assert [each["reasons"] for each in ordered(store)] == [False, True]


def test_units_of_others_and_unknown_ones_are_refused_alike(store: Store, d: District) -> None:
    for unit in ("司法局", "没有这个", "城南区"):
        assert asks(store, d, "刘洋", f"汇总表 {d.round_id} {unit}").text == ZH["returns.unit_unknown"].format(
            unit=unit
        )
    assert ordered(store) == []


def test_names_stay_off_a_channel_that_may_not_show_them(store: Store, d: District) -> None:
    d.accounts["刘洋", "telegram"] = accounts.bind(store, d.people["刘洋"], "telegram", "telegram-刘洋", NOW)
    shown = asks(store, d, "刘洋", channel="telegram")
    assert shown.text == ZH["returns.elsewhere"]
    assert shown.links[0].url == "https://xuefa.example/"
    assert ordered(store) == []


def test_only_assessed_rounds_have_one_and_a_make_up_stands_for_its_first(store: Store, d: District) -> None:
    practice = make_round(store, plan="daily", counts="practice")
    planned = make_round(store, plan="next", state="planned")
    for number in (practice, planned, 10**30):
        assert asks(store, d, "王敏", f"汇总表 {number}").text == ZH["returns.none"]
    asks(store, d, "王敏", f"汇总表 {d.round_id + 1}")
    asks(store, d, "王敏")
    assert [each["round_id"] for each in ordered(store)] == [d.round_id] * 2
    store.run(update(tables.round_).values(state="cancelled"))
    assert asks(store, d, "王敏").text == ZH["returns.none"]


def test_it_comes_as_pdf_and_spreadsheet_and_the_same_content_keeps_its_code(store: Store, d: District) -> None:
    asks(store, d, "刘洋")
    asks(store, d, "刘洋")
    first, again = prints(store), prints(store)
    assert [file.name for file in first.files] == [
        "汇总表-住建局-宪法宣传周学法考试.pdf",
        "汇总表-住建局-宪法宣传周学法考试.xlsx",
    ]
    assert first.files[0].content.startswith(b"%PDF-")
    assert first.files[1].content.startswith(b"PK")
    assert first.text == again.text
    [kept] = documents.returns(store, d.round_id, d.units["住建局"])
    assert kept.whole
    store.run(
        update(tables.enrolment)
        .where(tables.enrolment.c.person_id == d.people["李四"])
        .values(sat=True, score=7000, passed=True)
    )
    asks(store, d, "刘洋")
    assert prints(store).text != first.text
    assert len(documents.returns(store, d.round_id, d.units["住建局"])) == 2


def test_every_printing_is_on_the_books(store: Store, d: District) -> None:
    asks(store, d, "陈芳")
    [line] = store.rows(select(tables.audit).where(tables.audit.c.act == "return.print"))
    assert (line.actor_id, line.object, line.details) == (
        d.people["陈芳"], f"round:{d.round_id}", {"unit": d.units["住建局"], "reasons": False},
    )  # fmt: skip
