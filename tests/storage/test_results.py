"""The lines of a round with names and scores: by unit in 机构序列, whatever the order of enrolment."""

from __future__ import annotations

from sqlalchemy import update

from storage import results
from storage.database import Store
from storage.tables import attempt
from tests.builders import district, enrol, hands_in_paper, make_round, mark


def test_everybody_enrolled_is_listed_by_unit_and_then_by_enrolment(store: Store) -> None:
    d = district(store)
    assert [(each.name, each.unit) for each in results.listed(store, d.round_id)] == [
        ("李建国", "政府办"), ("周杰", "政府办"), ("陈芳", "住建局"), ("刘洋", "住建局"), ("张三", "住建局"), ("李四", "住建局"),
        ("赵六", "质安站"), ("孙七", "质安站"), ("王敏", "司法局"), ("吴九", "司法局"),
    ]  # fmt: skip


def test_a_line_says_what_counts_the_score_and_where_it_came_from(store: Store) -> None:
    d = district(store)
    hands_in_paper(store, d, d.round_id, "张三", [True, False])
    hands_in_paper(store, d, d.round_id, "张三", [True, True])
    store.run(update(attempt).where(attempt.c.score == 10_000).values(source="纸质"))
    mark(store, d, d.round_id, "李四", counted=False, exempt=True, score=4000)
    found = {each.name: each for each in results.listed(store, d.round_id, [d.units["住建局"]])}
    assert set(found) == {"陈芳", "刘洋", "张三", "李四"}
    assert (found["张三"].score, found["张三"].sources, found["张三"].line.excellent) == (
        10_000,
        ("本系统", "纸质"),
        True,
    )
    assert (found["李四"].score, found["李四"].line.counted, found["李四"].line.exempt) == (None, False, True)


def test_the_unit_is_the_one_at_the_round(store: Store) -> None:
    d = district(store)
    other = make_round(store, plan="other")
    enrol(store, d, other, "吴九", "政府办", "政府办")
    assert [each.unit for each in results.listed(store, d.round_id) if each.name == "吴九"] == ["司法局"]
    assert [each.unit for each in results.listed(store, other)] == ["政府办"]
