"""免考 and 请假: spans of dates with a reason and an approver, and what they do to rounds that are open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from quizzes.enrolling import ChangeKind
from storage import changes, exemptions, rounds, tables
from storage.database import Store
from tests.builders import NOW, District, district, enrol, hands_in_paper, make_round

DUE_ON = (NOW - timedelta(days=3)).date()
"""The day of the district's open round."""
DAY = timedelta(days=1)


def approve(store: Store, d: District, name: str = "张三", kind: str = "免考", starts: date = DUE_ON, ends: date | None = None,
            reason: str = "长期病假") -> list[int]:  # fmt: skip
    return exemptions.approve(store, d.people[name], kind, reason, d.people["王敏"], starts, ends, NOW)


def line(store: Store, d: District, name: str):
    found = store.row(select(tables.enrolment).where(tables.enrolment.c.person_id == d.people[name]))
    assert found is not None
    return found


def test_a_person_with_an_approved_exemption_is_not_in_the_denominator(store: Store) -> None:
    d = district(store)
    assert approve(store, d) == [d.round_id]
    assert (line(store, d, "张三").counted, line(store, d, "张三").exempt) == (False, True)
    [change] = changes.history(store, line(store, d, "张三").id)
    assert (change.kind, change.reason, change.approver_id, change.at) == (
        ChangeKind.EXEMPTED,
        "长期病假",
        d.people["王敏"],
        NOW,
    )


def test_a_leave_never_changes_who_is_due(store: Store) -> None:
    d = district(store)
    assert approve(store, d, kind="请假") == []
    assert line(store, d, "张三").counted is True
    assert changes.of_round(store, d.round_id) == []
    assert rounds.on_leave(store, DUE_ON) == {d.people["张三"]}


def test_who_sat_is_due_whatever_is_approved_afterwards(store: Store) -> None:
    d = district(store)
    hands_in_paper(store, d, d.round_id, "张三", [True])
    assert approve(store, d) == []
    assert line(store, d, "张三").counted is True


@pytest.mark.parametrize(
    ("starts", "ends", "touched"),
    [(0, 0, True), (0, None, True), (-9, 0, True), (1, None, False), (-9, -1, False), (1, 9, False)],
)
def test_a_span_counts_both_its_days(store: Store, starts, ends, touched) -> None:
    d = district(store)
    found = approve(store, d, starts=DUE_ON + starts * DAY, ends=None if ends is None else DUE_ON + ends * DAY)
    assert found == [d.round_id] * touched
    day = rounds.exempt_people(store, d.round_id, DUE_ON)
    assert day == ({d.people["张三"]: ("长期病假", d.people["王敏"])} if touched else {})


@pytest.mark.parametrize("state", ["planned", "closing", "closed", "missed", "cancelled"])
def test_a_round_that_is_not_open_is_left_alone(store: Store, state) -> None:
    d = district(store)
    store.run(update(tables.round_).values(state=state))
    assert approve(store, d) == []
    assert line(store, d, "张三").counted is True


def test_every_open_round_of_the_span_is_touched(store: Store) -> None:
    d = district(store)
    second = make_round(store, plan="daily", state="opening")
    enrol(store, d, second, "张三")
    assert approve(store, d) == [d.round_id, second]
    assert approve(store, d) == []


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_exemption_without_a_reason_is_refused(store: Store, reason) -> None:
    d = district(store)
    with pytest.raises(ValueError, match="reason"):
        approve(store, d, reason=reason)
    assert store.rows(select(tables.exemption)) == []


def test_an_exemption_for_one_round_frees_from_that_round_alone_and_one_that_is_asked_for_from_none(
    store: Store,
) -> None:
    d = district(store)
    values = {"kind": "免考", "reason": "出差", "requested_at": NOW}
    store.run(
        tables.exemption.insert(),
        {"person_id": d.people["张三"], "round_id": d.round_id, "state": "approved", **values},
    )
    store.run(
        tables.exemption.insert(),
        {"person_id": d.people["李四"], "round_id": d.round_id, "state": "requested", **values},
    )
    other = make_round(store, plan="daily")
    assert rounds.exempt_people(store, d.round_id, DUE_ON) == {d.people["张三"]: ("出差", None)}
    assert rounds.exempt_people(store, other, DUE_ON) == {}


def test_an_exemption_that_is_over_does_not_free_from_a_round_that_is_not_on_the_books_yet(store: Store) -> None:
    d = district(store)
    approve(store, d, starts=DUE_ON - 30 * DAY, ends=DUE_ON - DAY)
    assert rounds.exempt_people(store, 0, DUE_ON) == {}


# In force once, taken back once. ---------------------------------------------------------------------------------------


def held(store: Store, d: District, name: str = "张三"):
    return exemptions.in_force(store, d.people[name])


def test_the_same_exemption_twice_is_one_row(store: Store) -> None:
    d = district(store)
    for _ in range(2):
        approve(store, d)
        approve(store, d, kind="请假")
    assert [each.kind for each in held(store, d)] == ["免考", "请假"]
    assert exemptions.standing(store, d.people["张三"], "免考", None, DUE_ON, None) == held(store, d)[0]
    assert exemptions.standing(store, d.people["张三"], "免考", None, DUE_ON, DUE_ON) is None
    assert exemptions.standing(store, d.people["张三"], "缓考", None, DUE_ON, None) is None


def test_taken_back_the_person_is_due_again_and_both_rows_stay(store: Store) -> None:
    d = district(store)
    approve(store, d)
    [freed] = held(store, d)
    [would] = exemptions.withdrawn(store, freed, NOW)
    assert (would.before, would.after) == (9, 10)
    done = exemptions.withdraw(store, freed, "已返岗", d.people["王敏"], NOW)
    assert done is not None
    assert [each.effect.after for each in done] == [10]
    assert exemptions.withdraw(store, freed, "已返岗", d.people["王敏"], NOW) is None
    assert [row.state for row in store.rows(select(tables.exemption))] == ["withdrawn"]
    assert [each.kind for each in changes.history(store, line(store, d, "张三").id)] == ["exempted", "exempt_withdrawn"]


def test_one_of_two_exemptions_taken_back_leaves_the_person_exempt(store: Store) -> None:
    d = district(store)
    approve(store, d)
    approve(store, d, ends=DUE_ON)
    assert exemptions.withdraw(store, held(store, d)[0], "写重了", d.people["王敏"], NOW) == []
    assert line(store, d, "张三").exempt is True
    [done] = exemptions.withdraw(store, held(store, d)[0], "已返岗", d.people["王敏"], NOW) or []
    assert done.effect.after == 10


def test_a_leave_taken_back_changes_nobody(store: Store) -> None:
    d = district(store)
    approve(store, d, kind="请假")
    assert exemptions.withdraw(store, held(store, d)[0], "提前返岗", d.people["王敏"], NOW) == []
    assert rounds.on_leave(store, DUE_ON) == set()


def test_taking_back_a_span_of_dates_leaves_a_closed_round_as_it_was_printed(store: Store) -> None:
    d = district(store)
    approve(store, d)
    store.run(update(tables.round_).values(state="closed", closed_at=NOW))
    assert exemptions.withdraw(store, held(store, d)[0], "已返岗", d.people["王敏"], NOW + DAY) == []
    assert line(store, d, "张三").exempt is True


def test_taking_back_what_was_for_a_closed_round_corrects_it(store: Store) -> None:
    d = district(store)
    exemptions.record(store, d.people["张三"], "免考", "病", d.people["王敏"], NOW, round_id=d.round_id)
    exemptions.take_out(store, [line(store, d, "张三").id], "病", d.people["王敏"], NOW)
    store.run(update(tables.round_).values(state="closed", closed_at=NOW))
    [done] = exemptions.withdraw(store, held(store, d)[0], "弄错了人", d.people["王敏"], NOW + DAY) or []
    assert (done.effect.closed, done.effect.after) == (True, 10)
    assert line(store, d, "张三").counted is True


def test_who_is_put_off_stays_due_and_is_known_to_the_make_up(store: Store) -> None:
    d = district(store)
    approve(store, d, kind="缓考")
    exemptions.record(store, d.people["李四"], "缓考", "出差", d.people["王敏"], NOW, round_id=d.round_id)
    approve(store, d, "吴九", kind="缓考", starts=DUE_ON + DAY)
    assert exemptions.deferred(store, d.round_id) == {d.people["张三"], d.people["李四"]}
    assert line(store, d, "张三").counted is True
    with pytest.raises(KeyError):
        exemptions.deferred(store, 404)


def retires(store: Store, d: District, name: str, on: date) -> None:
    store.run(update(tables.person).where(tables.person.c.id == d.people[name]).values(retires_on=on))


def test_whoever_retires_in_the_year_of_a_round_is_proposed(store: Store) -> None:
    d = district(store)
    for name, on in (
        ("张三", date(2026, 12, 31)),
        ("李四", date(2027, 1, 1)),
        ("吴九", DUE_ON),
        ("孙七", DUE_ON - DAY),
    ):
        retires(store, d, name, on)
    what = rounds.get(store, d.round_id)
    assert [each.name for each in exemptions.retiring(store, what)] == ["张三", "吴九"]
    hands_in_paper(store, d, d.round_id, "吴九", [True])
    assert [each.name for each in exemptions.retiring(store, what)] == ["张三"]
    approve(store, d)
    assert exemptions.retiring(store, what) == []
