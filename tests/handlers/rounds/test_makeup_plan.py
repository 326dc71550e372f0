"""When a make-up is held: by the rules counted from the close, else from the next workday on, or as typed; never in the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from handlers.rounds import makeup_plan
from handlers.words import words
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind
from quizzes.rounds import State
from quizzes.rules import Makeup, Rules
from storage import banks, rounds
from storage.database import Store
from tests.builders import NOW, District, district, make_round, turn

# NOW is Friday, 2026-12-04, 10:00. The round closed on Thursday.
PLAN = Plan("exam", "考试", time(9), time(18, 30), draw=(Draw(1, Kind.SINGLE),))
ZH = words("zh")


@pytest.fixture
def d(store: Store) -> District:
    made = district(store)
    banks.apply_plans(store, [PLAN], NOW)
    return made


def first(store: Store, makeup: Makeup | None = None, plan: str = "exam"):
    """A round of Wednesday to Thursday, closed."""
    number = make_round(
        store,
        state="closed",
        plan=plan,
        opened=timedelta(days=-2),
        closes=timedelta(hours=-16),
        rules=Rules(makeup=makeup),
    )
    return rounds.get(store, number)


def read(store: Store, d: District, what, said: str = ""):
    asked = turn(store, d, "王敏", f"补考 {what.id} {said}")
    return makeup_plan.read(asked, store, what, asked.arguments[1:])


def test_the_rules_count_calendar_days_from_the_close(store, d):
    asked = read(store, d, first(store, Makeup(after_days=3, days=2)))
    assert (asked.begins, asked.ends) == (date(2026, 12, 6), date(2026, 12, 7))


def test_a_day_that_has_passed_or_no_rule_means_the_next_workday(store, d):
    monday = date(2026, 12, 7)
    passed = read(store, d, first(store, Makeup(after_days=1, days=1), "a"))
    plain = read(store, d, first(store, None, "b"))
    assert (passed.begins, passed.ends) == (monday, monday)
    assert (plain.begins, plain.ends, plain.who) == (monday, date(2026, 12, 9), ("absent", "failed"))


def test_the_next_workday_follows_the_published_arrangement_or_the_week(store):
    assert makeup_plan._next_workday(date(2026, 12, 31)) > date(2026, 12, 31)
    assert makeup_plan._next_workday(date(2030, 3, 1)) == date(2030, 3, 4)


@pytest.mark.parametrize(
    ("said", "who", "confirmed"),
    [("2026-12-15 2026-12-17", ("failed",), None), ("2026-12-15 2026-12-17 缺考", ("absent",), None),
     ("2026-12-15 2026-12-17 all yes 5", ("absent", "failed"), 5), ("2026-12-15 2026-12-15 未合格", ("failed",), None)],
)  # fmt: skip
def test_dates_and_whom_are_read_as_typed(store, d, said, who, confirmed):
    asked = read(store, d, first(store, Makeup(("failed",))), said)
    assert (asked.begins, asked.who, asked.confirmed) == (date(2026, 12, 15), who, confirmed)


@pytest.mark.parametrize(
    "said", ["2026-12-15", "2026-12-17 2026-12-15", "明天 后天", "2026-12-15 2026-12-17 大家", "yes", "yes x"]
)
def test_what_cannot_be_read_is_not_guessed(store, d, said):
    assert read(store, d, first(store), said) is None


def test_hours_are_the_plans_and_once_it_is_gone_the_rounds_own(store, d):
    what = first(store)
    asked = turn(store, d, "王敏", f"补考 {what.id}")
    wanted = makeup_plan.Asked(date(2026, 12, 15), date(2026, 12, 17), ("absent",))
    found = makeup_plan.occurrence_of(asked, store, what, wanted)
    moments = [at.astimezone(asked.house.zone).isoformat()[:16] for at in (found.opens_at, found.closes_at)]
    assert moments == ["2026-12-15T09:00", "2026-12-17T18:30"]
    assert (found.plan_key, found.due_on) == (f"exam+makeup{what.id}", date(2026, 12, 15))
    banks.apply_plans(store, [], NOW)
    found = makeup_plan.occurrence_of(asked, store, what, wanted)
    assert found.closes_at.astimezone(asked.house.zone).hour == 18


def test_one_that_begins_today_opens_at_once(store, d):
    what = first(store)
    asked = turn(store, d, "王敏", f"补考 {what.id}")
    today = makeup_plan.Asked(date(2026, 12, 4), date(2026, 12, 5), ("absent",))
    assert makeup_plan.occurrence_of(asked, store, what, today).opens_at == NOW


@pytest.mark.parametrize(
    ("begins", "ends", "key"),
    [(3, 5, "past"), (4, 4, ""), (15, 17, "")],
)
def test_a_window_must_lie_ahead(store, d, begins, ends, key):
    what = first(store)
    asked = turn(store, d, "王敏", f"补考 {what.id}")
    wanted = makeup_plan.Asked(date(2026, 12, begins), date(2026, 12, ends), ("absent",))
    said = makeup_plan.problem(asked, store, what, wanted, makeup_plan.occurrence_of(asked, store, what, wanted))
    assert said == (ZH[f"makeups.{key}"].format(day=f"2026-12-{begins:02d}", number=what.id) if key else "")


def test_a_window_of_less_than_an_hour_and_a_day_that_is_taken_are_refused(store, d):
    what = first(store)
    late = replace(turn(store, d, "王敏", f"补考 {what.id}"), now=NOW.replace(hour=9, minute=45))  # 17:45
    today = makeup_plan.Asked(date(2026, 12, 4), date(2026, 12, 4), ("absent",))
    asked = makeup_plan.problem(late, store, what, today, makeup_plan.occurrence_of(late, store, what, today))
    assert asked == ZH["makeups.too_short"].format(number=what.id)
    wanted = makeup_plan.Asked(date(2026, 12, 15), date(2026, 12, 17), ("absent",))
    found = makeup_plan.occurrence_of(late, store, what, wanted)
    plan = makeup_plan.plan_of_makeup(late, what, wanted, (), found)
    rounds.add(
        store, plan, found, state=State.PLANNED, closes_at=found.closes_at, late=False, seed=1, of_round_id=what.id
    )
    said = makeup_plan.problem(late, store, what, wanted, found)
    assert said == ZH["makeups.taken"].format(day="2026-12-15", number=what.id)


def test_the_rules_are_said_and_whether_they_differ():
    rules = Rules(minutes=60, attempts=2, makeup=Makeup(attempts=1))
    assert (
        makeup_plan.rules_in_words("zh", rules, rules.for_makeup())
        == "规则：可考1次，限时60分钟，60分（含）以上合格，其余与正考相同。"
    )
    assert makeup_plan.rules_in_words("zh", Rules(), Rules()).endswith("不限时，60分（含）以上合格，与正考相同。")
