"""When a reminder may go, over every hour of a fortnight, and over any quiet hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.plans import Plan
from quizzes.reminding import USEFUL, Days, Hours, Slot, in_quiet, merged, quiet_ends
from quizzes.rounds import Occurrence

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = Days(Hours(), lambda day: day.weekday() < 5, ZONE)
FRIDAY = date(2026, 11, 27)


def at(clock: str, day: date = FRIDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZONE).astimezone(UTC)


NEXT_FRIDAY = at("18:00", date(2026, 12, 4))


def test_a_reminder_inside_working_hours_goes_at_once_and_lapses_when_they_end():
    assert DAYS.slot(at("16:30"), NEXT_FRIDAY) == Slot(at("16:30"), at("18:00"))


@pytest.mark.parametrize(("due", "goes"), [
    (at("07:00"), at("08:30")),
    (at("18:00"), at("08:30", date(2026, 11, 30))),
    (at("23:59"), at("08:30", date(2026, 11, 30))),
    (at("12:00", date(2026, 11, 28)), at("08:30", date(2026, 11, 30))),
])  # fmt: skip
def test_one_due_outside_them_waits_for_the_next_working_hour(due: datetime, goes: datetime) -> None:
    slot = DAYS.slot(due, NEXT_FRIDAY)
    assert slot is not None
    assert slot.at == goes


def test_one_that_could_go_only_after_the_close_lapses():
    assert DAYS.slot(at("20:00"), at("23:00")) is None
    assert DAYS.slot(at("17:00"), at("17:00")) is None


def test_one_that_waited_lapses_in_the_last_quarter_of_an_hour_but_one_on_time_does_not():
    assert DAYS.slot(at("08:00"), at("08:44")) is None
    assert DAYS.slot(at("08:00"), at("08:45")) == Slot(at("08:30"), at("08:45"))
    assert DAYS.slot(at("08:40"), at("08:44")) == Slot(at("08:40"), at("08:44"))


def test_quiet_hours_are_waited_out_on_the_same_day_or_the_next():
    assert DAYS.slot(at("10:15"), NEXT_FRIDAY, (9, 12)) == Slot(at("12:00"), at("18:00"))
    assert DAYS.slot(at("16:30"), NEXT_FRIDAY, (16, 20)) == Slot(
        at("08:30", date(2026, 11, 30)), at("18:00", date(2026, 11, 30))
    )
    assert DAYS.slot(at("16:30"), at("18:00"), (16, 20)) is None


def test_who_asked_for_quiet_all_working_hours_is_never_reminded():
    assert DAYS.slot(at("10:00"), NEXT_FRIDAY, (8, 18)) is None


def test_quiet_hours_may_pass_midnight():
    assert in_quiet(at("23:00"), (20, 8), ZONE)
    assert in_quiet(at("07:59"), (20, 8), ZONE)
    assert not in_quiet(at("08:00"), (20, 8), ZONE)
    assert quiet_ends(at("23:20"), (20, 8), ZONE) == at("08:00", date(2026, 11, 28))
    assert not in_quiet(at("23:00"), None, ZONE)


def test_times_moved_to_the_same_moment_are_one_reminder():
    plan = Plan("p", "t", time(6), time(18), closes_after=3, remind_at=(time(7), time(8), time(16, 30)))
    occurrence = Occurrence("p", FRIDAY, at("06:00"), at("18:00", date(2026, 11, 30)))
    monday = date(2026, 11, 30)
    assert DAYS.moments(plan, occurrence) == [at("08:30"), at("16:30"), at("08:30", monday), at("16:30", monday)]
    assert merged([None, Slot(at("09:00"), at("18:00"))]) == [at("09:00")]


def test_no_workday_at_all_means_no_reminder():
    assert Days(Hours(), lambda _: False, ZONE).slot(at("10:00"), NEXT_FRIDAY) is None


def test_working_now():
    assert DAYS.works(at("08:30"))
    assert not DAYS.works(at("18:00"))
    assert not DAYS.works(at("10:00", date(2026, 11, 28)))


QUIET = st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda q: q[0] != q[1])


@given(minutes=st.integers(0, 14 * 24 * 60), left=st.integers(0, 10 * 24 * 60), quiet=QUIET)
def test_whatever_goes_goes_inside_hours_outside_quiet_hours_before_the_close(minutes, left, quiet):
    due = at("00:00") + timedelta(minutes=minutes)
    closes = due + timedelta(minutes=left)
    slot = DAYS.slot(due, closes, quiet)
    if slot is None:
        return
    assert due <= slot.at < slot.until <= closes
    local = slot.at.astimezone(ZONE)
    assert DAYS.hours.start <= local.time() < DAYS.hours.end
    assert local.weekday() < 5
    assert not in_quiet(slot.at, quiet, ZONE)
    assert slot.at == due or closes - slot.at >= USEFUL
