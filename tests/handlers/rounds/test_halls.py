"""Halls: opened by a job, begun once, and only where the exam is open; people on one device are shown to the officer alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers.jobs import Work
from handlers.rounds import halls as handled
from quizzes.rules import Rules
from storage import accounts, audit, halls, rounds, tables
from storage.database import Store
from storage.jobs import Job
from tests.builders import HOUSE, NOW, District, district, enrol, hands_in_paper, make_round, owed, turn

RULES = Rules(minutes=60, release="closed", hall=True)


@pytest.fixture
def d(store: Store) -> District:
    built = district(store)
    built.round_id = make_round(store, plan="hall", rules=RULES, title="集中考试")
    for name in ("张三", "李四", "赵六"):
        enrol(store, built, built.round_id, name)
    return built


def says(store: Store, d: District, said: str, name: str = "王敏", now=NOW) -> str:
    [reply] = handled_by(said)(turn(store, d, name, said, now=now), store)
    return reply.text


def handled_by(said: str):
    return {"考场": handled.hall, "开考": handled.start_hall, "结束考场": handled.end_hall, "考场名单": handled.hall_seats,
            "同一设备": handled.one_device}[said.split()[0]]  # fmt: skip


def opened(store: Store, d: District, place: str = "第一会议室") -> int:
    return halls.make(store, d.round_id, place, f"token-{place}", d.people["王敏"], NOW)


def works(store: Store, d: District):
    found = store.row(select(tables.job).order_by(tables.job.c.id.desc()))
    job = Job(found.id, found.kind, found.params, found.person_id, found.account_id)
    return handled.open_hall(Work(job, HOUSE, NOW, "zh", store, lambda run: run(store)))


def test_a_hall_needs_an_exam_and_a_place(store: Store, d: District) -> None:
    assert "考场 场次号 地点" in says(store, d, "考场")
    assert says(store, d, f"考场 {d.round_id}") == says(store, d, "考场 999 礼堂") == says(store, d, "考场 一号 礼堂")
    store.run(update(tables.round_).values(rules=Rules().to_json()))
    assert "没有可以开考场的考试" in says(store, d, "考场")


def test_the_door_of_a_hall_is_made_by_a_job_and_only_the_link_opens_it(store: Store, d: District) -> None:
    assert "正在准备" in says(store, d, f"考场 {d.round_id} 第一会议室")
    [reply] = works(store, d)
    [link] = reply.links
    token = link.url.removeprefix("https://xuefa.example/hall/")
    assert halls.behind(store, token) == halls.of_round(store, d.round_id)[0]
    assert reply.files[0].content[:5] == b"%PDF-"
    assert reply.files[0].name == "考场二维码 第一会议室.pdf"
    assert "已经开了考场" in says(store, d, f"考场 {d.round_id} 第一会议室")
    assert token not in str(store.rows(select(tables.audit.c.details)))


def test_the_start_is_shown_before_it_happens_and_happens_once(store: Store, d: District) -> None:
    hall_id = opened(store, d)
    accounts.set_language(store, d.people["李四"], "en")
    for name in ("张三", "李四"):
        halls.sit(store, hall_id, d.people[name], "web", NOW)
    assert "现在有 2 人就座" in says(store, d, f"开考 {hall_id}")
    assert "从现在起 60 分钟" in says(store, d, f"开考 {hall_id}")
    assert halls.get(store, hall_id).state == "waiting"
    assert "已开考，2 人就座，已通知 2 人" in says(store, d, f"开考 {hall_id} yes")
    later = NOW + timedelta(minutes=3)
    assert "已经开考，没有重复操作" in says(store, d, f"开考 {hall_id} yes", now=later)
    assert halls.get(store, hall_id).started_at == NOW
    told = store.rows(select(tables.delivery.c.person_id).where(tables.delivery.c.kind == "warning"))
    assert {row.person_id for row in told} == {d.people["张三"], d.people["李四"]}
    assert "监考人已宣布开考" in owed(store, d, "张三")[0]
    assert "has begun the exam" in owed(store, d, "李四")[0]
    acts = [row.act for row in store.rows(select(tables.audit.c.act))]
    assert acts.count("hall.start") == 1
    assert audit.verify(store) is None


def test_a_hall_begins_neither_before_the_exam_opens_nor_after_its_own_end(store: Store, d: District) -> None:
    hall_id = opened(store, d)
    store.run(update(tables.round_).where(tables.round_.c.id == d.round_id).values(state="planned"))
    assert "还没到开放时间" in says(store, d, f"开考 {hall_id} yes")
    assert halls.get(store, hall_id).state == "waiting"
    says(store, d, f"结束考场 {hall_id}")
    assert "已经结束" in says(store, d, f"开考 {hall_id} yes")
    assert says(store, d, "开考 999") == says(store, d, "开考") == says(store, d, "考场名单 x")


def test_the_list_names_people_only_where_names_may_stand(store: Store, d: District) -> None:
    hall_id = opened(store, d)
    halls.sit(store, hall_id, d.people["张三"], "web", NOW)
    assert "住建局张三　等待" in says(store, d, f"考场名单 {hall_id}")
    assert "住建局张三" in says(store, d, f"考场名单 {hall_id}", now=NOW)
    d.accounts["王敏", "telegram"] = 0
    accounts.bind(store, d.people["王敏"], "telegram", "telegram-王敏", NOW)
    [reply] = handled.hall_seats(turn(store, d, "王敏", f"考场名单 {hall_id}", channel="telegram"), store)
    assert "1 人就座" in reply.text
    assert "张三" not in reply.text


def test_people_on_one_device_are_a_note_for_the_officer_and_no_penalty(store: Store, d: District) -> None:
    assert "没有发现" in says(store, d, f"同一设备 {d.round_id}")
    for name, device in (("张三", "aa"), ("李四", "aa"), ("赵六", "bb")):
        paper_id = hands_in_paper(store, d, d.round_id, name, [True])
        store.run(update(tables.attempt).where(tables.attempt.c.id == paper_id).values(device=device))
    before = store.rows(select(tables.enrolment))
    said = says(store, d, "同一设备")
    assert "同一设备 2 人：住建局张三、住建局李四" in said
    assert "不影响任何人的成绩" in said
    assert "赵六" not in said
    assert store.rows(select(tables.enrolment)) == before
    store.run(update(tables.attempt).where(tables.attempt.c.device == "aa").values(device="seat:aa"))
    assert "考试码共用设备 2 人" in says(store, d, f"同一设备 {d.round_id}")


def test_a_hall_is_not_started_after_the_close(store: Store, d: District) -> None:
    """An open round may be past its close, for those who finish their minutes."""
    hall_id = opened(store, d)
    late = NOW + timedelta(days=7)
    assert "已经截止，不能再开始" in says(store, d, f"开考 {hall_id} yes", now=late)
    assert halls.get(store, hall_id).state == "waiting"


def test_after_the_close_the_officer_alone_hears_of_devices_that_no_code_was_used_on(store: Store, d: District) -> None:
    what = rounds.get(store, d.round_id)
    handled.note_devices(store, what, NOW)
    assert owed(store, d, "王敏") == []
    for name, device in (("张三", "aa"), ("李四", "aa"), ("赵六", "seat:bb")):
        paper_id = hands_in_paper(store, d, d.round_id, name, [True])
        store.run(update(tables.attempt).where(tables.attempt.c.id == paper_id).values(device=device))
    for _ in range(2):
        handled.note_devices(store, what, NOW)
    [told] = owed(store, d, "王敏")
    assert "1 台设备上有两人以上作答" in told
    assert owed(store, d, "李建国") == owed(store, d, "张三") == []
