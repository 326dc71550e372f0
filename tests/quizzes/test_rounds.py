"""Rounds in time."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.plans import Plan, Report
from quizzes.rounds import (
    NEXT,
    Decision,
    IllegalMove,
    Occurrence,
    State,
    advance,
    decide,
    instant,
    occurrences,
    remind_times,
    report_due,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
OFF = {date(2026, 10, d) for d in range(1, 8)}
WORKED = {date(2026, 9, 27), date(2026, 10, 10)}


def is_workday(day):
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


def plan(**sides):
    return Plan("daily", "每日一题", **{"opens_at": time(9), "closes_at": time(18), **sides})


def local(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def due(asked, since, until, zone=SHANGHAI):
    return occurrences(asked, is_workday, zone, local(since, zone), local(until, zone))


def dues(asked, since, until):
    return [str(o.due_on) for o in due(asked, since, until)]


def test_a_workday_plan_opens_on_workdays_and_on_worked_weekends_only():
    assert dues(plan(), "2026-09-25", "2026-10-13") == [
        "2026-09-25", "2026-09-27", "2026-09-28", "2026-09-29", "2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10",
        "2026-10-12",
    ]  # fmt: skip


def test_named_weekdays_and_dates_are_kept_even_on_days_off():
    assert dues(plan(days=("thu", "saturday")), "2026-10-01", "2026-10-09") == [
        "2026-10-01",
        "2026-10-03",
        "2026-10-08",
    ]
    assert dues(plan(days=(date(2026, 10, 1), date(2026, 12, 4))), "2026-10-01", "2026-10-31") == ["2026-10-01"]


def test_times_are_utc_and_a_round_may_close_days_later():
    [found] = due(plan(days=(date(2026, 12, 4),), closes_after=10), "2026-12-04", "2026-12-05")
    assert found == Occurrence(
        "daily", date(2026, 12, 4), datetime(2026, 12, 4, 1, tzinfo=UTC), datetime(2026, 12, 14, 10, tzinfo=UTC)
    )
    assert found.opens_at.tzinfo is UTC


def test_a_window_takes_its_start_and_leaves_its_end_so_windows_neither_lose_nor_double():
    assert dues(plan(), "2026-12-01T09:00", "2026-12-02T09:00") == ["2026-12-01"]
    assert dues(plan(), "2026-12-01T09:00:01", "2026-12-02T09:00") == []


def test_a_plan_that_closes_before_it_opens_is_refused():
    with pytest.raises(ValueError, match="closes before it opens"):
        due(plan(closes_at=time(8)), "2026-12-01", "2026-12-02")


def test_a_time_the_clocks_skip_becomes_the_first_valid_one():
    assert instant(date(2026, 3, 29), time(2, 30), BERLIN) == local("2026-03-29T03:00", BERLIN)
    assert instant(date(2011, 12, 30), time(12), ZoneInfo("Pacific/Apia")) == local(
        "2011-12-31T00:00", ZoneInfo("Pacific/Apia")
    )


def test_of_a_time_that_comes_twice_the_first_is_meant():
    assert instant(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


ZONES = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]
)


@given(ZONES, st.dates(date(2005, 1, 1), date(2035, 12, 31)), st.times())
@settings(derandomize=True, deadline=None, max_examples=500)
def test_a_valid_local_time_is_kept_and_a_skipped_one_moves_forward(name, day, at):
    zone = ZoneInfo(name)
    there = instant(day, at.replace(microsecond=0, fold=0), zone).astimezone(zone).replace(tzinfo=None)
    wanted = datetime.combine(day, at.replace(microsecond=0, fold=0))
    assert wanted <= there <= wanted + timedelta(hours=24)


@given(
    ZONES,
    st.integers(0, 20 * 8766),
    st.lists(st.integers(0, 400), min_size=2, max_size=6),
)
@settings(derandomize=True, deadline=None, max_examples=100)
def test_however_often_the_clock_looks_every_round_is_found_once(name, start, hours):
    zone = ZoneInfo(name)
    asked = plan(days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), opens_at=time(2, 30))
    looks = [datetime(2010, 1, 1, tzinfo=UTC) + timedelta(hours=start + h) for h in sorted(hours)]
    pieces = [o for a, b in pairwise(looks) for o in occurrences(asked, is_workday, zone, a, b)]
    assert pieces == occurrences(asked, is_workday, zone, looks[0], looks[-1])
    assert len({o.due_on for o in pieces}) == len(pieces)
    assert all(o.opens_at <= o.closes_at for o in pieces)


def test_reminders_come_between_opening_and_closing():
    asked = plan(remind_at=(time(8), time(16, 30), time(18)))
    [found] = due(asked, "2026-12-01", "2026-12-02")
    assert remind_times(asked, found, is_workday, SHANGHAI) == [local("2026-12-01T16:30")]


def test_a_long_round_reminds_on_workdays_and_on_its_last_day():
    asked = plan(days=(date(2026, 12, 3),), closes_after=3, remind_at=(time(16, 30),))
    [found] = due(asked, "2026-12-01", "2026-12-04")
    days = [at.astimezone(SHANGHAI).date().day for at in remind_times(asked, found, is_workday, SHANGHAI)]
    assert days == [3, 4, 6]


def reports(every, since, until, **sides):
    asked = plan(report=Report(every=every), **sides)
    found = report_due(asked, is_workday, SHANGHAI, local(since), local(until))
    return [(str(r.due_on), r.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")) for r in found]


def test_a_weekly_report_comes_at_closing_time_on_its_weekday():
    assert reports("friday", "2026-12-01", "2026-12-15") == [
        ("2026-12-04", "12-04 18:00"),
        ("2026-12-11", "12-11 18:00"),
    ]


def test_a_weekly_report_on_a_day_off_comes_on_the_last_workday_before_in_its_week():
    assert reports("friday", "2026-09-28", "2026-10-11") == [
        ("2026-09-30", "09-30 18:00"),
        ("2026-10-09", "10-09 18:00"),
    ]


def test_a_week_whose_workdays_all_lie_behind_the_report_day_owes_none():
    assert reports("monday", "2026-10-05", "2026-10-11") == []


def test_a_report_at_close_comes_when_a_round_closes():
    asked = {"days": (date(2026, 12, 4),), "closes_after": 10}
    assert reports("close", "2026-12-14", "2026-12-15", **asked) == [("2026-12-04", "12-14 18:00")]
    assert reports("close", "2026-12-04", "2026-12-14", **asked) == []


def test_a_plan_without_a_report_owes_none():
    assert report_due(plan(), is_workday, SHANGHAI, local("2026-01-01"), local("2026-12-31")) == []


OPENS = datetime(2026, 12, 1, 1, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=9)
TODAY = Occurrence("daily", date(2026, 12, 1), OPENS, CLOSES)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (timedelta(seconds=-1), Decision("wait", CLOSES)),
        (timedelta(0), Decision("open", CLOSES)),
        (timedelta(seconds=60), Decision("open", CLOSES)),
        (timedelta(seconds=61), Decision("open_late", CLOSES + timedelta(seconds=61))),
        (timedelta(minutes=30), Decision("open_late", CLOSES + timedelta(minutes=30))),
        (timedelta(minutes=30, seconds=1), Decision("missed", CLOSES)),
        (timedelta(days=7), Decision("missed", CLOSES)),
    ],
)
def test_a_round_opens_opens_late_by_its_delay_or_is_missed(late, expected):
    assert decide(TODAY, OPENS + late) == expected


def test_a_long_exam_is_not_lost_to_an_hour_of_darkness_and_keeps_its_close():
    exam = Occurrence("exam", date(2026, 12, 1), OPENS, OPENS + timedelta(days=10))
    hour = OPENS + timedelta(hours=1)
    assert decide(exam, hour).action == "missed"
    assert decide(exam, hour, minimum_open=timedelta(days=5)) == Decision("open_late", exam.closes_at)
    assert decide(exam, OPENS + timedelta(days=6), minimum_open=timedelta(days=5)).action == "missed"


@given(st.integers(-3600, 7 * 86400))
@settings(derandomize=True, deadline=None)
def test_a_round_opened_late_is_open_as_long_as_it_was_meant_to_be(seconds):
    now = OPENS + timedelta(seconds=seconds)
    decision = decide(TODAY, now)
    if decision.action == "open_late":
        assert decision.closes_at - now == CLOSES - OPENS


def test_a_round_goes_its_way_step_by_step():
    state = State.PLANNED
    for to in (State.OPENING, State.OPEN, State.CLOSING, State.CLOSED):
        state = advance(state, to)
    assert state is State.CLOSED


@pytest.mark.parametrize(("state", "to"), [(a, b) for a in State for b in State if b not in NEXT[a]])
def test_a_round_never_goes_any_other_way(state, to):
    with pytest.raises(IllegalMove):
        advance(state, to)


def test_there_is_no_way_back():
    reach = {state: set(NEXT[state]) for state in State}
    for _ in State:
        for state in State:
            reach[state] |= {further for step in reach[state] for further in NEXT[step]}
    assert all(state not in reach[state] for state in State)
    assert reach[State.CLOSED] == reach[State.MISSED] == reach[State.CANCELLED] == set()
