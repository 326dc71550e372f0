"""Everything about one person, nothing about another, and no key before its release."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from quizzes.rules import Rules
from storage import audit, deliveries, feedback, own_data, requests, tables
from storage.database import Store
from storage.own_data import masked
from tests.builders import NOW, District, district, enrol, hands_in_paper, make_round

AREAS = {"person", "postings", "accounts", "sessions", "invitations", "roles", "enrolments", "changes", "seats", "attempts", "responses",
         "deliveries", "messages", "requests", "feedback", "documents", "acts"}  # fmt: skip


def of(store: Store, d: District, name: str = "张三") -> dict[str, own_data.Table]:
    return own_data.of(store, d.people[name])


def test_every_area_is_there_and_the_roster_entry_in_full(store: Store) -> None:
    d = district(store)
    found = of(store, d)
    assert set(found) == AREAS
    assert (found["person"][0]["name"], found["person"][0]["staff_no"], found["person"][0]["phone"]) == (
        "张三",
        "T006",
        "13800000006",
    )
    assert [row["unit"] for row in found["postings"]] == ["住建局"]
    assert [row["title"] for row in found["enrolments"]] == ["宪法宣传周学法考试"]
    assert found["roles"] == []
    assert [row["name"] for row in of(store, d, "刘洋")["roles"]] == ["liaison"]


def test_accounts_are_shown_by_their_ends_only(store: Store) -> None:
    d = district(store)
    assert [row["address"] for row in of(store, d)["accounts"]] == ["we***张三", "te***张三"]
    assert masked("12345") == "***"


def test_nothing_about_anybody_else_is_in_it(store: Store) -> None:
    d = district(store)
    for name in ("张三", "李四", "吴九"):
        hands_in_paper(store, d, d.round_id, name, [True, False])
        feedback.add(store, d.people[name], feedback.COMPLAINT, f"{name}的意见", NOW)
        audit.record(store, d.people[name], "test", f"person:{d.people['李四']}", {"of": "李四"}, NOW)
    deliveries.plan(store, "k", d.accounts["张三", "wecom"], "report", {"text": "李四、吴九 未参考"}, NOW)
    said = json.dumps(of(store, d), ensure_ascii=False, default=str)
    assert "张三的意见" in said
    for name in ("李四", "吴九"):
        assert name not in said
    assert of(store, d)["acts"] == [{"at": NOW, "act": "test", "object": "person"}]
    assert [row["paper"] for row in of(store, d)["responses"]] == [1, 1]


@pytest.mark.parametrize(("release", "state", "seen"), [
    ("answered", "open", True), ("handed_in", "open", True), ("closed", "open", False), ("closed", "closed", True), ("never", "closed", False),
])  # fmt: skip
def test_questions_and_verdicts_come_with_their_release_and_not_before(
    store: Store, release: str, state: str, seen: bool
) -> None:
    d = district(store)
    number = make_round(store, plan="other", state=state, rules=Rules(attempts=2, release=release))  # type: ignore[arg-type]
    enrol(store, d, number, "张三")
    hands_in_paper(store, d, number, "张三", [True, False])
    rows = of(store, d)["responses"]
    assert [row["answer"] for row in rows] == ["A", "B"]
    assert [row["question"] for row in rows] == (["第1问？", "第2问？"] if seen else ["", ""])
    assert [row["correct"] for row in rows] == ([True, False] if seen else ["", ""])


def test_an_exam_under_way_shows_no_question(store: Store) -> None:
    d = district(store)
    number = make_round(store, plan="other", rules=Rules(release="handed_in"))
    enrol(store, d, number, "张三")
    paper = hands_in_paper(store, d, number, "张三", [True])
    store.run(update(tables.attempt).where(tables.attempt.c.id == paper).values(state="open"))
    assert [row["question"] for row in of(store, d)["responses"]] == [""]


def test_what_one_asked_for_and_wrote_is_in_it_and_of_officers_only_when_they_wrote(store: Store) -> None:
    d = district(store)
    asked = requests.Asked(
        d.people["张三"],
        "请假",
        d.people["张三"],
        starts_on=NOW.date(),
        ends_on=NOW.date() + timedelta(days=1),
        reason="年休假",
    )
    requests.add(store, asked, NOW)
    for name, said in (("张三", "今日答题"), ("王敏", "免考 李四 病")):
        store.run(insert(tables.inbox), {"key": name, "channel": "wecom", "address": "x", "account_id": d.accounts[name, "wecom"],
                                         "arrived_at": NOW, "said": said, "replies": []})  # fmt: skip
    assert [row["reason"] for row in of(store, d)["requests"]] == ["年休假"]
    assert of(store, d)["messages"] == [{"arrived_at": NOW, "channel": "wecom", "said": "今日答题"}]
    assert of(store, d, "王敏")["messages"] == [{"arrived_at": NOW, "channel": "wecom"}]
