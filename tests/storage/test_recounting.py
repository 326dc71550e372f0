from __future__ import annotations

from sqlalchemy import update

from storage import tables
from storage.database import Store
from storage.figures import store_sums
from storage.recounting import recount
from tests.builders import NOW, District, district, hands_in_paper, mark


def sat_district(store: Store) -> District:
    d = district(store)
    hands_in_paper(store, d, d.round_id, "张三", [True, True, True, False])
    hands_in_paper(store, d, d.round_id, "李四", [True, False, False, False])
    hands_in_paper(store, d, d.round_id, "李四", [True, True, True, True])
    return d


def test_a_round_as_the_answer_path_leaves_it_stands(store: Store) -> None:
    assert recount(store, sat_district(store).round_id) == []


def test_a_pass_written_by_hand_is_found(store: Store) -> None:
    d = sat_district(store)
    mark(store, d, d.round_id, "赵六", sat=True, passed=True, score=10000)
    assert [each.what for each in recount(store, d.round_id)] == ["enrolment", "sums"]


def test_a_score_that_its_responses_do_not_give_is_found(store: Store) -> None:
    d = district(store)
    paper_id = hands_in_paper(store, d, d.round_id, "张三", [True, True])
    store.run(update(tables.attempt).where(tables.attempt.c.id == paper_id).values(score=5000))
    [found] = recount(store, d.round_id)
    assert (found.what, found.number, found.stored, found.recounted) == ("attempt", paper_id, "5000", "10000")


def test_stored_sums_that_no_longer_hold_are_found(store: Store) -> None:
    d = sat_district(store)
    store.plain("UPDATE round SET state = 'closed'")
    store_sums(store, d.round_id, NOW)
    assert recount(store, d.round_id) == []
    store.run(update(tables.round_sum).where(tables.round_sum.c.bureau_id == d.units["住建局"]).values(passed=1))
    [found] = recount(store, d.round_id)
    assert (found.what, found.number) == ("sums", d.units["住建局"])


def test_an_attempt_on_paper_counts_with_the_score_it_came_with(store: Store) -> None:
    d = district(store)
    paper_id = hands_in_paper(store, d, d.round_id, "张三", [False, False])
    store.run(update(tables.attempt).where(tables.attempt.c.id == paper_id).values(source="纸质", score=8800))
    mark(store, d, d.round_id, "张三", passed=True, score=8800)
    assert recount(store, d.round_id) == []
