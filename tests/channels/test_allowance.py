"""How many messages one person may still get: exact at its edges, each person for themselves, in bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from channels.allowance import Allowance


def taken(allowance, who, times, now):
    for _ in range(times):
        assert allowance.wait(who, now) == 0
        allowance.take(who, now)


def test_the_message_after_the_last_of_a_minute_waits_until_the_first_is_a_minute_old():
    allowance = Allowance(per_minute=3, per_hour=100)
    allowance.take("zhang", 0.0)
    taken(allowance, "zhang", 2, 10.0)
    assert allowance.wait("zhang", 20.0) == 40.0
    assert allowance.wait("zhang", 60.0) == 0.0


def test_an_hours_limit_holds_longer_than_a_minutes():
    allowance = Allowance(per_minute=2, per_hour=4)
    for now in (0.0, 60.0):
        taken(allowance, "zhang", 2, now)
    assert allowance.wait("zhang", 120.0) == 3480.0
    assert allowance.wait("zhang", 3600.0) == 0.0


def test_several_messages_at_once_wait_until_all_of_them_fit():
    allowance = Allowance(per_minute=5, per_hour=7)
    taken(allowance, "zhang", 1, 0.0)
    taken(allowance, "zhang", 2, 10.0)
    assert [allowance.wait("zhang", 20.0, many) for many in (1, 2, 3, 4, 5, 50)] == [0, 0, 40.0, 50.0, 3580.0, 3590.0]


def test_more_than_a_minute_holds_needs_an_empty_one():
    allowance = Allowance(per_minute=5, per_hour=100)
    assert allowance.wait("zhang", 0.0, 50) == 0.0
    taken(allowance, "zhang", 1, 0.0)
    assert allowance.wait("zhang", 20.0, 50) == 40.0


def test_nobody_waits_for_somebody_else():
    allowance = Allowance(per_minute=1, per_hour=10)
    allowance.take("zhang", 0.0)
    assert allowance.wait("li", 0.0) == 0.0


def test_who_is_held_waits_that_long_and_a_shorter_hold_never_ends_a_longer():
    allowance = Allowance(per_minute=5, per_hour=10)
    allowance.hold("zhang", 60.0, 0.0)
    allowance.hold("zhang", 5.0, 10.0)
    assert allowance.wait("zhang", 20.0) == 40.0
    assert allowance.wait("zhang", 60.0) == 0.0
    assert allowance.wait("li", 0.0) == 0.0


def test_memory_is_bounded_by_who_got_something_within_the_hour():
    allowance = Allowance(per_minute=5, per_hour=10)
    for number in range(30_000):
        allowance.take(str(number), number * 1.0)
    assert allowance.people <= 15_001


@given(st.lists(st.floats(0, 30), max_size=200))
def test_no_minute_and_no_hour_ever_holds_more_than_it_may(gaps):
    allowance, now, times = Allowance(per_minute=5, per_hour=20), 0.0, []
    for gap in gaps:
        now += gap
        now += allowance.wait("zhang", now)
        while allowance.wait("zhang", now) > 0:
            now += 1e-6
        allowance.take("zhang", now)
        times.append(now)
    for at in times:
        assert sum(at - 60.0 + 1e-6 < other <= at for other in times) <= 5
        assert sum(at - 3600.0 + 1e-6 < other <= at for other in times) <= 20
