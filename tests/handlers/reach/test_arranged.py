from __future__ import annotations

from sqlalchemy import insert

from handlers.reach.arranged import arranged_text, figures_lines
from handlers.reports import figures
from storage import people, tables
from storage.arrangements import Arranged
from storage.database import Store
from tests.builders import NOW, District, district, turn


def test_what_is_arranged_is_said_in_headcounts() -> None:
    assert arranged_text("zh", Arranged(3)) == "还差3人"
    assert arranged_text("zh", Arranged(3, 2, 1)) == "还差3人：已安排补考2人、纸质或上级平台成绩待确认1人"
    assert arranged_text("en", Arranged(3, 0, 0, 1)) == "3 to go, of whom arranged: deferred 1"


def deferred(store: Store, d: District) -> None:
    asked = {"person_id": d.people["张三"], "round_id": d.round_id, "kind": "缓考", "reason": "住院", "state": "approved", "requested_at": NOW,
             "decided_at": NOW}  # fmt: skip
    store.run(insert(tables.exemption), asked)


def test_the_figures_say_it_within_what_the_reader_may_see_and_only_if_something_is_arranged(store: Store) -> None:
    d = district(store)
    all_of_it, housing = (people.person_of(store, d.people[name]) for name in ("李建国", "陈芳"))
    assert all_of_it is not None
    assert housing is not None
    assert figures_lines(store, all_of_it, d.round_id) == []
    deferred(store, d)
    assert figures_lines(store, all_of_it, d.round_id) == ["还差10人：已安排缓考1人。"]
    assert figures_lines(store, housing, d.round_id) == ["还差6人：已安排缓考1人。"]
    [reply] = figures.figures(turn(store, d, "李建国", "参考率"), store)
    assert "还差10人：已安排缓考1人。" in reply.text
    assert "住院" not in reply.text
