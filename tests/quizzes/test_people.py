"""Who is who, on which day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from quizzes.people import Person, Posting, PostingKind, Role, RoleName

FIRST, LAST = date(2026, 3, 1), date(2026, 11, 30)
DAY = timedelta(days=1)


@pytest.mark.parametrize(("day", "covered"), [(FIRST - DAY, False), (FIRST, True), (LAST, True), (LAST + DAY, False)])
def test_a_posting_is_in_force_on_both_its_days_and_between(day, covered):
    assert Posting(1, 1, 1, PostingKind.STAFF, FIRST, LAST).covers(day) is covered


def test_a_posting_without_an_end_goes_on():
    assert Posting(1, 1, 1, PostingKind.STAFF, FIRST).covers(date.max)


def test_a_posting_that_ended_before_it_began_was_never_in_force():
    posting = Posting(1, 1, 1, PostingKind.STAFF, FIRST, FIRST - DAY)
    assert not any(posting.covers(day) for day in (FIRST - DAY, FIRST, FIRST + DAY))


def test_kinds_and_roles_are_told_by_the_words_they_are_stored_as():
    assert [str(kind) for kind in PostingKind] == ["编制", "借调", "挂职", "驻村", "派遣"]
    assert PostingKind("借调") is PostingKind.SECONDED
    assert [str(name) for name in RoleName] == ["cadre", "liaison", "admin", "leader", "aide", "auditor"]
    with pytest.raises(ValueError):
        RoleName("king")


def test_a_role_is_for_the_whole_district_unless_a_unit_is_named():
    assert Role(RoleName.LEADER) == Role(RoleName.LEADER, None)
    assert Role(RoleName.LEADER) != Role(RoleName.LEADER, 3)


def test_a_person_reads_chinese_until_they_ask_otherwise_and_cannot_be_changed_in_place():
    person = Person(1, "张三")
    assert person.language == "zh"
    with pytest.raises(AttributeError):
        person.name = "李四"  # type: ignore[misc]
