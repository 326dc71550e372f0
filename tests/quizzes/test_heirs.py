"""交办: the order in which somebody takes over, told on one small tree."""

from __future__ import annotations

from quizzes.heirs import As, Heir, Held, Member, heir_of, heirs_of
from quizzes.people import Person, RoleName, Unit

UNITS = {each.id: each for each in (Unit(1, None, "城南区", 0), Unit(2, 1, "住建局", 0), Unit(3, 2, "质安站", 0), Unit(4, 2, "办公室", 1),
                                    Unit(5, 1, "档案馆", 1))}  # fmt: skip
LIAISON, ADMIN = RoleName.LIAISON, RoleName.ADMIN


def member(number: int, unit_id: int, rank: str = "", *, leadership: bool = False) -> Member:
    return Member(Person(number, f"人{number}", rank=rank, leadership=leadership), unit_id)


def order(unit_id: int, *, roles: tuple[Held, ...] = (), staff: tuple[Member, ...] = ()) -> list[tuple[int, As]]:
    return [(each.person_id, each.as_) for each in heirs_of(unit_id, UNITS, roles, staff)]


def test_the_units_own_liaison_comes_first_then_those_above_up_to_the_district():
    roles = (Held(9, LIAISON, None), Held(7, LIAISON, 2), Held(8, LIAISON, 3), Held(6, LIAISON, 5))
    assert order(3, roles=roles) == [(8, As.LIAISON), (7, As.LIAISON), (9, As.LIAISON)]


def test_of_two_liaisons_the_one_named_first_comes_first():
    assert order(2, roles=(Held(8, LIAISON, 2), Held(7, LIAISON, 2))) == [(8, As.LIAISON), (7, As.LIAISON)]


def test_without_a_liaison_the_office_head_then_the_head_then_the_officer():
    staff = (member(11, 2, "局长", leadership=True), member(12, 4, "办公室主任"), member(13, 2, "科员"))
    assert order(3, roles=(Held(1, ADMIN, None),), staff=staff) == [(12, As.OFFICE), (11, As.HEAD), (1, As.OFFICER)]


def test_the_director_of_a_unit_called_office_is_the_office_head_and_a_deputy_is_not():
    staff = (member(11, 4, "副主任"), member(12, 4, "主任"), member(13, 2, "办公室副主任"), member(14, 3, "主任"))
    assert order(2, staff=staff) == [(12, As.OFFICE)]


def test_the_head_is_the_first_leader_who_is_no_deputy():
    staff = (
        member(11, 2, "副局长", leadership=True),
        member(12, 2, leadership=True),
        member(13, 2, "党组书记、局长", leadership=True),
    )
    assert order(2, staff=staff) == [(13, As.HEAD), (12, As.HEAD), (11, As.HEAD)]


def test_the_leaders_of_the_district_are_never_asked():
    staff = (member(11, 1, "区长", leadership=True), member(12, 1, "办公室主任"))
    assert order(5, roles=(Held(1, ADMIN, None),), staff=staff) == [(1, As.OFFICER)]


def test_nobody_takes_over_their_own_name_and_who_cannot_be_reached_is_passed_over():
    found = heirs_of(2, UNITS, (Held(7, LIAISON, 2), Held(8, LIAISON, 2), Held(1, ADMIN, None)), ())
    assert heir_of(found, {1, 7, 8}, but=7) == Heir(8, As.LIAISON)
    assert heir_of(found, {1}) == Heir(1, As.OFFICER)
    assert heir_of(found, set()) is None
