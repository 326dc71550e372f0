"""A second person confirms exactly what was shown; then it counts, and can be taken back the same way."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import func, insert, select

from handlers.messages import File
from handlers.rounds import outside_second
from quizzes.people import Role, RoleName
from storage import audit, batches, people, recounting, scorebook, tables
from tests.handlers.rounds.offices import DAY, confirmed, drop, entered, office, say, sheet, told

ZHANG, LI, WU = (
    ("T003", "张三", "住建局", 86, "A", DAY),
    ("T004", "李四", "住建局", 55.5, "B", DAY),
    ("T005", "吴九", "司法局", 90, "", DAY),
)


@pytest.fixture
def engine(database):
    return office(database)


def sat(engine):
    return engine.read(lambda store: int(store.value(select(func.count()).where(tables.enrolment.c.sat.is_(True)))))


def recounted(engine):
    return engine.read(lambda store: recounting.recount(store, 1))


def test_nothing_counts_before_the_second_person_confirms(engine):
    number = entered(engine, ZHANG, LI)
    assert sat(engine) == 0
    assert any("有一批成绩请您核对：第 1 批，纸质 2 人" in text for text in told(engine))
    shown = say(engine, "周杰", f"核对成绩 {number}")
    assert "共 2 人：合格 1 人（其中优秀 0 人），未合格 1 人。" in shown.text
    assert "住建局 2 人" in shown.text
    assert [file.name for file in shown.files] == ["读到的成绩-成绩.xlsx.xlsx"]
    say(engine, "周杰", shown.choices[0].says)
    assert any("第 1 批成绩已核对入账，共 2 人" in text for text in told(engine))
    assert sat(engine) == 2
    assert recounted(engine) == []
    assert engine.read(audit.verify) is None


def test_who_entered_it_cannot_confirm_it_even_as_an_admin(engine):
    number = entered(engine, ZHANG)
    mark = say(engine, "周杰", f"核对成绩 {number}").choices[0].says.split()[-1]
    for said in (f"核对成绩 {number}", f"确认成绩 {number} {mark}", f"退回成绩 {number} 不对"):
        assert say(engine, "王敏", said).text == "这一批是您录入的，要由另一个人核对。"
    engine.settle()
    assert sat(engine) == 0


def test_what_was_not_shown_cannot_be_confirmed(engine):
    number = entered(engine, ZHANG)
    for said in (f"确认成绩 {number}", f"确认成绩 {number} 00000000"):
        assert "没有确认。请先看一遍" in say(engine, "周杰", said).text
    engine.settle()
    assert sat(engine) == 0


def test_confirmed_twice_it_counts_once(engine):
    number = entered(engine, ZHANG)
    shown = say(engine, "周杰", f"核对成绩 {number}")
    say(engine, "周杰", shown.choices[0].says)
    assert "正在入账" in say(engine, "周杰", shown.choices[0].says).text
    engine.settle()
    assert "已经入账，没有重复录入" in say(engine, "周杰", shown.choices[0].says).text
    assert engine.read(lambda store: len(store.rows(select(tables.attempt)))) == 1


def test_a_job_that_died_half_way_goes_on_where_it_was(engine):
    number = entered(engine, ZHANG, LI, WU)
    shown = say(engine, "周杰", f"核对成绩 {number}")
    say(engine, "周杰", shown.choices[0].says)
    each = engine.read(lambda store: batches.get(store, number))
    engine.write(lambda store: scorebook.apply(store, each, each.entries[:1], engine.house.zone, engine.now))
    assert recounted(engine) == []
    engine.settle()
    assert (sat(engine), recounted(engine)) == (3, [])


def test_sent_back_nothing_counts_and_the_officer_reads_why(engine):
    number = entered(engine, ZHANG)
    told(engine)
    assert "请写明退回的原因" in say(engine, "周杰", f"退回成绩 {number}").text
    assert "已退回，没有入账" in say(engine, "周杰", f"退回成绩 {number} 与卷面不符").text
    assert "第 1 批成绩被退回，没有入账。原因：与卷面不符" in told(engine)
    assert sat(engine) == 0


def test_if_somebody_has_sat_meanwhile_it_goes_back(engine):
    number = entered(engine, ZHANG)
    shown = say(engine, "周杰", f"核对成绩 {number}")
    values = {"id": 1, "enrolment_id": engine.read(lambda store: batches.get(store, number).entries[0].enrolment_id), "state": "handed_in",
              "started_at": engine.now, "handed_in_at": engine.now, "score": 7000}  # fmt: skip
    paper = engine.read(
        lambda store: store.value(
            select(tables.paper.c.id).where(tables.paper.c.enrolment_id == values["enrolment_id"])
        )
    )
    engine.write(lambda store: store.run(insert(tables.attempt), {**values, "id": paper}))
    assert "1 人已在本系统交卷" in say(engine, "周杰", shown.choices[0].says).text
    assert engine.read(lambda store: batches.get(store, number).state) == "returned"


def test_an_auditor_is_asked_before_any_liaison(engine):
    engine.person("刘洋", "住建局", channel="web", role="liaison", on="住建局", staff_no="T008", phone="")
    number = entered(engine, ZHANG)
    assert "没有找到这一批成绩" in say(engine, "刘洋", f"核对成绩 {number}").text


def test_without_another_admin_or_auditor_the_liaison_of_the_unit_checks(engine):
    engine.write(lambda store: people.revoke(store, engine.people["周杰"], Role(RoleName.AUDITOR), engine.now))
    engine.person("刘洋", "住建局", channel="web", role="liaison", on="住建局", staff_no="T008", phone="")
    engine.person("孙丽", "司法局", channel="web", role="liaison", on="司法局", staff_no="T009", phone="")
    number = entered(engine, ZHANG)
    assert "没有找到这一批成绩" in say(engine, "孙丽", f"核对成绩 {number}").text
    shown = say(engine, "刘洋", f"核对成绩 {number}")
    say(engine, "刘洋", shown.choices[0].says)
    engine.settle()
    assert sat(engine) == 1


def test_with_nobody_else_it_is_refused_and_says_what_to_do(engine):
    engine.write(lambda store: people.revoke(store, engine.people["周杰"], Role(RoleName.AUDITOR), engine.now))
    reply = drop(engine, sheet(ZHANG))
    assert "没有问题了" in reply.text
    refused = say(engine, "王敏", "送核对 1")
    assert "没有可以核对的人，没有送出" in refused.text
    assert [each.says for each in refused.choices] == ["角色"]
    assert engine.read(lambda store: batches.get(store, 1).state) == "draft"


def test_taken_back_by_two_people_it_is_as_before_and_nothing_is_deleted(engine):
    number = confirmed(engine, ZHANG, LI)
    assert "会撤去其中 2 人的这次成绩" in say(engine, "王敏", f"冲销成绩 {number}").text
    assert sat(engine) == 2
    say(engine, "王敏", f"冲销成绩 {number} 登错了场次")
    assert sat(engine) == 2
    shown = say(engine, "周杰", "核对成绩 2")
    assert "原因：登错了场次" in shown.text
    say(engine, "周杰", shown.choices[0].says)
    engine.settle()
    assert (sat(engine), recounted(engine)) == (0, [])
    assert engine.read(lambda store: len(store.rows(select(tables.attempt)))) == 2
    assert "已经不起作用" in say(engine, "王敏", f"冲销成绩 {number} 再来").text


def test_what_was_corrected_later_is_taken_back_from_the_end(engine):
    first = confirmed(engine, ZHANG, LI)
    confirmed(engine, (*ZHANG[:3], 90, *ZHANG[4:]))
    assert "请先冲销后面那一批" in say(engine, "王敏", f"冲销成绩 {first} 登错了").text


def test_names_are_shown_to_the_second_person_only_where_they_may_be(engine):
    engine.person("赵办", "司法局", role="admin", staff_no="T009", phone="")
    number = entered(engine, ZHANG)
    reply = say(engine, "赵办", f"核对成绩 {number}", channel="telegram")
    assert "张三" not in reply.text
    assert not [each for each in reply.choices if each.says.startswith("确认成绩")]


def test_three_thousand_rows_go_all_the_way(engine):
    some = 3000
    people_rows = [{"name": f"职工{n}", "staff_no": f"W{n:05d}", "created_at": engine.now} for n in range(some)]
    unit = engine.units["住建局"]

    def many(store):
        store.run(insert(tables.person), people_rows)
        numbers = [
            r.id
            for r in store.rows(
                select(tables.person.c.id).where(tables.person.c.staff_no.like("W%")).order_by(tables.person.c.staff_no)
            )
        ]
        store.run(
            insert(tables.enrolment),
            [
                {"round_id": 1, "person_id": n, "unit_id": unit, "bureau_id": unit, "enrolled_at": engine.now}
                for n in numbers
            ],
        )

    engine.write(many)
    lines = [f"W{n:05d},职工{n},住建局,{50 + n % 50}.5,{DAY}" for n in range(some)]
    lines[7], lines[8] = "W99999,没有人,住建局,70," + DAY, f"W00008,职工8,住建局,700,{DAY}"
    content = "\n".join(["工号,姓名,单位,成绩,完成时间", *lines]).encode()
    reply = drop(engine, File("省平台.csv", "text/csv", content))
    assert f"共 {some} 行" in reply.text
    began = time.perf_counter()
    shown = say(engine, "王敏", "成绩归入 1 1 上级平台")
    took = time.perf_counter() - began
    assert f"可以入账 {some - 2} 人，与已入账的相同 0 人，没有得分 0 行，略过 0 行，有问题 2 行" in shown.text
    assert took < 5, "a turn that blocks everybody's answers"
    say(engine, "王敏", "成绩行 1 全部 略过 省里核实")
    say(engine, "王敏", "送核对 1")
    check = say(engine, "周杰", "核对成绩 1")
    assert f"共 {some - 2} 人" in check.text
    say(engine, "周杰", check.choices[0].says)
    engine.settle()
    assert (sat(engine), recounted(engine)) == (some - 2, [])
    assert outside_second.CHUNK <= 100
