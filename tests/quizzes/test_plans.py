"""Plans as stored: what goes in comes out, and what no version wrote is refused."""

from __future__ import annotations

import json
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quizzes.plans import Audience, Draw, Plan, Report, audience_from_json, draw_from_json, plan_from_json, to_json
from quizzes.questions import Kind
from quizzes.rules import Rules

FULL = Plan(
    "exam", "宪法宣传周", time(9), time(18, 30), days=(date(2026, 12, 4), date(2027, 12, 3)), closes_after=7, counts="assessed", notice="〔2026〕3号",
    who=Audience(("住建局", "司法局"), ("公务员",), ("科员",), True), draw=(Draw(10, Kind.SINGLE, "宪法", (1, 3), ("宪法",)), Draw(5)),
    avoid_repeats_days=60, rules=Rules(pass_line=80, attempts=2, minutes=60, score="last", postings=("编制",)),
    remind_at=(time(10), time(16, 30)), report=Report("admins", "close"),
)  # fmt: skip
PLAIN = Plan("daily", "每日一题", time(9), time(18))


def stored(value):
    """As the database gives it back."""
    return json.loads(json.dumps(to_json(value), ensure_ascii=False))


names = st.text(min_size=1, max_size=4)
some = st.none() | st.lists(names, min_size=1, max_size=3).map(tuple)
levels = st.none() | st.tuples(st.integers(1, 5), st.integers(1, 5))
draws = st.builds(Draw, st.integers(1, 200), st.none() | st.sampled_from(Kind), st.none() | names, levels, some)
listed = st.none() | st.lists(st.integers(1, 99), max_size=3).map(tuple)
audiences = st.builds(Audience, some, some, some, st.none() | st.booleans(), listed)
days = (
    st.just("workday")
    | st.lists(st.sampled_from(["mon", "sun"]), min_size=1).map(tuple)
    | st.lists(st.dates(), min_size=1).map(tuple)
)
times = st.times().map(lambda at: at.replace(microsecond=0))
plans = st.builds(Plan, names, names, times, times, days, st.integers(0, 366), who=audiences, draw=st.lists(draws).map(tuple),
                  remind_at=st.lists(times, max_size=3).map(tuple), report=st.none() | st.just(Report()))  # fmt: skip


@pytest.mark.parametrize("plan", [FULL, PLAIN], ids=["full", "plain"])
def test_a_plan_survives_being_stored(plan):
    assert plan_from_json(stored(plan)) == plan


@given(plans)
def test_any_plan_survives_being_stored(plan):
    assert plan_from_json(stored(plan)) == plan


@given(audiences, draws)
def test_any_audience_and_any_line_of_a_draw_survive_being_stored(who, line):
    assert audience_from_json(stored(who)) == who
    assert draw_from_json(stored(line)) == line


def test_dates_are_dates_again_and_weekdays_stay_words():
    assert plan_from_json(stored(FULL)).days == (date(2026, 12, 4), date(2027, 12, 3))
    weekly = Plan("w", "周", time(9), time(18), days=("tue", "thu"))
    assert plan_from_json(stored(weekly)).days == ("tue", "thu")
    assert plan_from_json(stored(PLAIN)).days == "workday"


@pytest.mark.parametrize("inside", [(), ("who",), ("rules",), ("report",), ("draw", 0)], ids=str)
def test_a_key_that_no_version_wrote_is_refused_wherever_it_stands(inside):
    data = stored(FULL)
    part = data
    for step in inside:
        part = part[step]
    part["later"] = 1
    with pytest.raises(ValidationError, match="later"):
        plan_from_json(data)


def test_a_key_that_no_version_wrote_is_refused_in_what_a_round_froze():
    for read, value in ((audience_from_json, FULL.who), (draw_from_json, FULL.draw[0])):
        with pytest.raises(ValidationError, match="later"):
            read({**stored(value), "later": 1})


def test_what_an_earlier_version_did_not_know_has_its_default():
    short = {key: value for key, value in stored(PLAIN).items() if key in ("key", "title", "opens_at", "closes_at")}
    assert plan_from_json(short) == PLAIN


@pytest.mark.parametrize("broken", [{"opens_at": "25:00"}, {"counts": "points"}, {"title": None}, {"draw": 5}], ids=str)
def test_what_no_version_wrote_is_refused(broken):
    with pytest.raises(ValidationError):
        plan_from_json({**stored(PLAIN), **broken})
