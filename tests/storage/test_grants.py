from __future__ import annotations

from storage import grants, rounds
from storage.database import Store
from tests.builders import district, hands_in_paper, mark


def test_one_more_sitting_is_granted_once_however_often_it_is_pressed(store: Store) -> None:
    d = district(store)
    mark(store, d, d.round_id, "张三", attempts=2)
    what = rounds.get(store, d.round_id)
    line = grants.line_of(store, what, d.people["张三"])
    assert line is not None
    assert (line.left, line.granted, line.running) == (0, 0, False)
    assert grants.grant(store, line)
    assert not grants.grant(store, line)
    again = grants.line_of(store, what, d.people["张三"])
    assert again is not None
    assert (again.left, again.granted) == (1, 1)


def test_a_sitting_under_way_is_seen_and_who_is_not_enrolled_has_no_line(store: Store) -> None:
    d = district(store)
    hands_in_paper(store, d, d.round_id, "张三", [True])
    store.plain("UPDATE attempt SET state = 'open'")
    what = rounds.get(store, d.round_id)
    line = grants.line_of(store, what, d.people["张三"])
    assert line is not None
    assert line.running
    assert grants.line_of(store, what, 10**9) is None
