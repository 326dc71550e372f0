"""The footnotes of a round add up: 应考 = 开考时名册 + 补录 − 调出 − 免考."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes.enrolling import ChangeKind
from quizzes.rounds import State
from storage import changes, corrections, footnotes, rounds
from storage.database import Store
from storage.footnotes import Composition
from tests.builders import NOW, District, district, mark, sits

KINDS = [kind for kind in ChangeKind if kind is not ChangeKind.CORRECTED]


def change(store: Store, d: District, name: str, kind: ChangeKind, minutes: int = 0) -> None:
    number = corrections.line(store, d.round_id, d.people[name])
    assert number is not None
    corrections.apply(store, number, kind, f"理由{minutes}", d.people["王敏"], NOW + timedelta(minutes=minutes))


def test_each_kind_of_change_has_its_place(store: Store) -> None:
    d = district(store)
    assert footnotes.composition(store, d.round_id) == Composition(opening=10)
    mark(store, d, d.round_id, "孙七", at_opening=False, counted=False)
    change(store, d, "孙七", ChangeKind.ADDED)
    change(store, d, "张三", ChangeKind.EXEMPTED)
    change(store, d, "吴九", ChangeKind.DEPARTED)
    found = footnotes.composition(store, d.round_id)
    assert found == Composition(opening=9, exempt=1, added=1, departed=1)
    assert found.due == corrections.due(store, d.round_id) == len(footnotes.due_people(store, d.round_id)) == 8
    there = footnotes.composition(store, d.round_id, {d.units["住建局"], d.units["质安站"]})
    assert there == Composition(opening=5, exempt=1, added=1)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(["张三", "李四", "赵六", "孙七"]), st.sampled_from(KINDS)), max_size=8))
def test_whatever_is_recorded_it_adds_up(sqlite, some) -> None:
    with sqlite.writing() as store:
        store.plain("SAVEPOINT before")
        d = district(store)
        mark(store, d, d.round_id, "孙七", at_opening=False, counted=False)
        sits(store, d, d.round_id, "赵六")
        for minutes, (name, kind) in enumerate(some):
            change(store, d, name, kind, minutes)
        found = footnotes.composition(store, d.round_id)
        assert found.due == corrections.due(store, d.round_id)
        assert d.people["赵六"] in footnotes.due_people(store, d.round_id)
        store.plain("ROLLBACK TO before")


def test_a_footnote_says_when_of_whom_why_and_by_whom(store: Store) -> None:
    d = district(store)
    change(store, d, "张三", ChangeKind.EXEMPTED, 1)
    change(store, d, "张三", ChangeKind.EXEMPT_WITHDRAWN, 2)
    first, second = footnotes.footnotes(store, d.round_id)
    assert (first.kind, first.name, first.unit, first.reason, first.approver, first.corrected) == (
        "exempted", "张三", "住建局", "理由1", "王敏", False)  # fmt: skip
    assert (second.kind, second.at) == ("exempt_withdrawn", NOW + timedelta(minutes=2))
    assert footnotes.footnotes(store, d.round_id, {d.units["司法局"]}) == []


def test_what_was_done_after_the_close_is_marked_and_what_no_correction_carries_is_not_printed(store: Store) -> None:
    d = district(store)
    for state in (State.CLOSING, State.CLOSED):
        rounds.move(store, rounds.get(store, d.round_id), state, NOW)
    change(store, d, "张三", ChangeKind.DEPARTED, 1)
    bare = corrections.line(store, d.round_id, d.people["李四"])
    changes.record(store, bare, changes.Change(ChangeKind.EXEMPTED, NOW + timedelta(minutes=1), "漏了更正", 0))
    [only] = footnotes.footnotes(store, d.round_id)
    assert (only.name, only.kind, only.corrected) == ("张三", "departed", True)
