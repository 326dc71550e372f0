from __future__ import annotations

from sqlalchemy import insert, select

from quizzes.batches import BatchState, Entry
from storage import arrangements, batches, rounds, tables
from storage.arrangements import Arranged
from storage.database import Store
from tests.builders import HOUSE, NOW, District, district, make_round, sits

DAY = HOUSE.today(NOW)


def line_of(store: Store, d: District, name: str) -> int:
    mine = tables.enrolment.c.person_id == d.people[name], tables.enrolment.c.round_id == d.round_id
    return int(store.value(select(tables.enrolment.c.id).where(*mine)))


def test_whoever_is_missing_is_counted_once_with_what_is_arranged(store: Store) -> None:
    d = district(store)
    for name in ("王敏", "李建国", "周杰", "陈芳"):
        sits(store, d, d.round_id, name)
    sits(store, d, d.round_id, "孙七", 3000)
    make_up = make_round(store, plan="exam+makeup", title="补考", of=d.round_id, state="planned")
    store.run(
        tables.round_.update()
        .where(tables.round_.c.id == make_up)
        .values(audience={"people": [d.people["张三"], d.people["李四"]]})
    )
    for name in ("张三", "赵六"):
        store.run(insert(tables.exemption), {"person_id": d.people[name], "round_id": d.round_id, "kind": "缓考", "reason": "出差",
                                             "state": "approved", "requested_at": NOW, "decided_at": NOW})  # fmt: skip
    row = Entry(1, line_of(store, d, "刘洋"), 8000, DAY).to_json()
    file_id = store.new_id(
        insert(tables.file), {"name": "s.xlsx", "media_type": "x", "sha256": "0", "content": b"", "created_at": NOW}
    )
    batches.add(store, d.round_id, "纸质", file_id, {"rows": [row]}, d.people["王敏"], NOW, BatchState.ENTERED)
    found = arrangements.arranged(store, rounds.get(store, d.round_id))
    assert found == {d.units["住建局"]: Arranged(4, makeup=2, entered=1, deferred=1), d.units["司法局"]: Arranged(1)}
    assert found[d.units["住建局"]].anything
    assert not found[d.units["司法局"]].anything
    within = arrangements.arranged(store, rounds.get(store, d.round_id), [d.units["质安站"]])
    assert within == {d.units["住建局"]: Arranged(1, deferred=1)}
