"""我的数据: what is recorded, why and who sees it, said before anybody has to ask; and the way to have all of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.help import privacy
from handlers.words import words
from storage import jobs, tables
from storage.database import Store
from tests.builders import NOW, district, turn

ZH = words("zh")


def test_the_short_answer_leads_to_the_page_and_to_the_export(store: Store) -> None:
    d = district(store)
    [reply] = privacy.privacy(turn(store, d, "张三", "我的数据"), store)
    assert [link.url for link in reply.links] == ["https://xuefa.example/privacy"]
    assert [b.says for b in reply.choices] == ["导出我的数据", "我的学法档案", "投诉建议"]


def test_an_export_is_a_job_of_ones_own_and_one_at_a_time(store: Store) -> None:
    d = district(store)

    def asks(name: str) -> str:
        return privacy.export(turn(store, d, name, "导出我的数据 李四"), store)[0].text

    assert (asks("张三"), asks("张三"), asks("吴九")) == (
        ZH["privacy.exporting"], ZH["privacy.exporting_already"], ZH["privacy.exporting"],
    )  # fmt: skip
    found = store.rows(select(tables.job).where(tables.job.c.kind == "export_my_data").order_by(tables.job.c.id))
    assert [(row.person_id, row.params) for row in found] == [(d.people["张三"], {}), (d.people["吴九"], {})]
    for row in found:
        jobs.end(store, row.id, NOW)
    assert asks("张三") == ZH["privacy.exporting"]


@pytest.mark.parametrize("language", ["zh", "en", "xx"])
def test_the_page_says_of_everything_what_why_and_who(language: str) -> None:
    made = privacy.page(language)
    assert len(made["rows"]) == len(privacy.KINDS)
    for row in made["rows"]:
        assert row["what"]
        assert len(row["facts"]) == 3
        assert all(label and value for label, value in row["facts"])
    assert len(made["lead"]) == 3
    assert len(made["rights"]) == len(privacy.RIGHTS)


def test_every_table_that_holds_something_about_a_person_is_spoken_of() -> None:
    """A new table with a person in it must be thought of here: which kind of the page tells of it."""
    told = {
        "person": "roster", "posting": "roster", "role": "roster", "account": "accounts", "session": "accounts", "invitation": "accounts",
        "conversation": "messages", "enrolment": "results", "enrolment_change": "results", "exemption": "requests", "paper": "answers",
        "attempt": "answers", "response": "answers", "seat": "answers", "rescore": "results", "ruling": "acts", "batch": "acts",
        "hall": "acts", "document": "documents", "inbox": "messages", "delivery": "messages", "push": "acts", "job": "messages",
        "file": "requests", "feedback": "feedback", "audit": "acts", "open_card": "messages", "keep": "accounts",
    }  # fmt: skip
    impersonal = {
        "unit",
        "bank",
        "question",
        "revision",
        "material",
        "plan",
        "round",
        "round_pool",
        "round_sum",
    }
    assert {table.name for table in tables.metadata.sorted_tables} - impersonal == set(told)
    assert set(told.values()) == set(privacy.KINDS)
