"""A month on the real engine under a virtual clock: whatever people do, nobody is asked over budget, outside hours, or after finishing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import select

from handlers.reach.reminding import week_start
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind
from quizzes.reminding import in_quiet
from storage import accounts, reminders
from storage.deliveries import TOUCHES
from storage.tables import delivery, enrolment
from tests.engine import DAILY, QUESTIONS, START, Engine

DAYS, MOST, BUDGET = 30, 3, 8
UNITS = ("住建局", "财政局", "档案馆")
ONE = (Draw(1, Kind.SINGLE),)
PLANS = (
    replace(DAILY, draw=ONE, remind_at=(time(11), time(16, 30), time(17, 59))),
    Plan("exam", "年度考试", time(9), time(18), days=(date(2026, 11, 24), date(2026, 12, 7)), closes_after=9, counts="assessed", draw=ONE,
         remind_at=(time(7), time(10), time(20)), remind_most=MOST, hand_over_days=3),
)  # fmt: skip
CLOCK = (time(3), time(7), time(8, 30), time(9), time(10), time(11), time(12, 30), time(14), time(16, 30), time(17), time(17, 59), time(18),
         time(20), time(22))  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_asked_over_budget_outside_hours_or_after_finishing(sqlite, seed):
    rng, engine = Random(seed), Engine(sqlite).with_bank(*QUESTIONS)
    engine.house = replace(engine.house, weekly_touches=BUDGET)
    names = [f"人{number:02d}" for number in range(18)]
    for name in names:
        engine.person(
            name, rng.choice(UNITS), channel="" if rng.random() < 0.15 else "telegram", leadership=rng.random() < 0.2
        )
    engine.person("管理员", "司法局", role="admin")
    engine.person("联络员", "住建局", role="liaison", on="住建局")
    zeal = {name: rng.random() * 0.08 for name in names}
    engine.write(
        lambda store: [
            reminders.set_quiet(store, engine.people[name], (rng.randrange(24), rng.randrange(24)))
            for name in names[:8]
        ]
    )
    engine.with_plan(*PLANS)
    for day in range(DAYS):
        for clock in CLOCK:
            local = datetime.combine(engine.house.today(START) + timedelta(days=day), clock, engine.house.zone)
            if local < START:
                continue
            engine.now = local.astimezone(UTC)
            engine.settle()
            if rng.random() < 0.9:  # a sender that is sometimes late
                engine.delivered()
            for name in names:
                if rng.random() < zeal[name]:
                    _does_something(engine, name, rng)
    _judge(engine)


def _does_something(engine, name, rng):
    if rng.random() < 0.05:
        engine.presses(name, rng.choice(("/blocked", "/unblocked")))
    replies = engine.says(name, "今日答题")
    if any(reply.card for reply in replies):
        engine.answers(name, engine.right(name))


def _judge(engine):
    with engine.database.reading() as store:
        sent = store.rows(
            select(delivery).where(delivery.c.sent_at.is_not(None)).order_by(delivery.c.sent_at, delivery.c.priority)
        )
        quiet = reminders.quiet_spans(store)
        finished = {
            number: reminders.first_hand_ins(store, number) for number in {row.round_id for row in sent if row.round_id}
        }
        lines = {
            (row.person_id, row.round_id) for row in store.rows(select(enrolment.c.person_id, enrolment.c.round_id))
        }
        reachable = accounts.reachable_accounts(store)
    asked = [row for row in sent if row.kind in ("reminder", "handover")]
    assert sum(row.kind == "reminder" for row in asked) > 40
    assert sum(row.kind == "handover" for row in asked) >= 2
    assert reachable
    touches: Counter[tuple[int, datetime]] = Counter()
    times: Counter[tuple[int, int]] = Counter()
    for row in sent:
        week = row.person_id, week_start(row.sent_at, engine.house)
        if row.kind in ("reminder", "handover"):
            local = row.sent_at.astimezone(engine.house.zone)
            assert local.weekday() < 5
            assert time(8, 30) <= local.time() < time(18)
            assert not in_quiet(row.sent_at, quiet.get(row.person_id), engine.house.zone)
        if row.kind == "reminder":
            assert touches[week] < BUDGET
            assert (row.person_id, row.round_id) in lines
            assert finished[row.round_id].get(row.person_id, row.sent_at) >= row.sent_at
            times[row.person_id, row.round_id] += 1
        touches[week] += row.kind in TOUCHES
    assert max(times.values()) >= MOST
    exams = {row.round_id for row in asked if row.kind == "handover"}
    assert all(number <= MOST for (_, round_id), number in times.items() if round_id in exams)
    assert max(Counter((row.person_id, row.round_id) for row in asked if row.kind == "handover").values()) == 1
