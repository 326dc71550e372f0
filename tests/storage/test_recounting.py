from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from quizzes.questions import Kind, Question
from quizzes.rules import Rules
from quizzes.scoring import Action, Ruling
from storage import rescoring, rounds, rulings, tables
from storage.database import Store
from storage.figures import store_sums
from storage.recounting import recount
from tests.builders import NOW, District, district, enrol, from_outside, hands_in_paper, make_round, mark


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
    from_outside(store, d, d.round_id, {"张三": 8800})
    assert recount(store, d.round_id) == []


def test_a_score_from_outside_that_no_confirmed_batch_holds_is_found(store: Store) -> None:
    d = district(store)
    from_outside(store, d, d.round_id, {"张三": 8800})
    store.run(update(tables.attempt).values(score=9900))
    mark(store, d, d.round_id, "张三", score=9900, excellent=True)
    found = recount(store, d.round_id)
    assert [(each.what, each.stored, each.recounted) for each in found] == [("attempt", "9900", "8800")]


# Points, partial credit, cases, and the clock. -----------------------------------------------------------------------------

CITES = ("行政处罚法 第三十三条",)
SINGLE = Question("p-1", Kind.SINGLE, "单选？", ("甲", "乙"), ("A",), "。", CITES)
MULTIPLE = Question("p-2", Kind.MULTIPLE, "多选？", ("甲", "乙", "丙"), ("A", "C"), "。", CITES)
JUDGE = Question("p-3.2", Kind.JUDGE, "判断？", (), ("T",), "。", CITES)
CASE = Question("p-3", Kind.CASE, "一处违法行为。", (), (), "", (), items=(SINGLE, JUDGE))
RULES = Rules(
    points=((Kind.SINGLE, 2000), (Kind.MULTIPLE, 4000), (Kind.CASE, 4000)), partial="half", pass_line=60, release="closed"
)  # fmt: skip
SLOTS = ((0, None, [0, 1]), (1, None, [0, 1, 2]), (2, 0, [0, 1]), (2, 1, [0, 1]))
RIGHT = (("A",), ("A", "C"), ("A",), ("T",))


def sat_exam(store: Store, d: District, *given: tuple[str, ...] | None, score: int, automatic: bool = False) -> int:
    """张三's paper of 单选 20, 多选 40 and a case of two questions 40, answered as `given`; the score as somebody stored it."""
    number = make_round(store, plan="points", rules=RULES)
    sat = any(each is not None for each in given) or not automatic
    enrolment_id = enrol(store, d, number, "张三", sat=sat, started=True, attempts=1, score=score if sat else None,
                         passed=sat and score >= 6000, excellent=sat and score >= 9000)  # fmt: skip
    revisions = [
        store.new_id(insert(tables.revision), {"key": q.key, "content_hash": q.content_hash, "content": q.to_json(), "created_at": NOW})
        for q in (SINGLE, MULTIPLE, CASE)
    ]  # fmt: skip
    slots = [[revisions[n], order, *([] if item is None else [item])] for n, item, order in SLOTS]
    paper_id = store.new_id(
        insert(tables.paper), {"enrolment_id": enrolment_id, "number": 1, "seed": 1, "slots": slots}
    )
    store.run(insert(tables.attempt), {"id": paper_id, "enrolment_id": enrolment_id, "state": "handed_in", "started_at": NOW, "handed_in_at": NOW,
                                       "score": score, "automatic": automatic})  # fmt: skip
    for slot, answer in enumerate(given):
        if answer is not None:
            row = {"attempt_id": paper_id, "slot": slot, "serial": 0, "revision_id": slots[slot][0], "answer": list(answer),
                   "correct": answer == RIGHT[slot], "arrived_at": NOW, "channel": "web", "inbox_key": f"k{slot}"}  # fmt: skip
            store.run(insert(tables.response), row)
    return number


@pytest.mark.parametrize(
    ("given", "score"),
    [
        (RIGHT, 10_000),
        ((("A",), None, None, None), 2000),
        ((None, ("A",), None, None), 2000),  # half of forty for a correct but incomplete choice
        ((None, ("A", "B"), None, None), 0),
        ((None, None, ("A",), ("F",)), 2000),  # one question of two of the case
        ((("B",), ("C",), ("A",), ("T",)), 6000),
    ],
)
def test_points_partial_credit_and_cases_are_counted_again(store: Store, given, score) -> None:
    d = district(store)
    assert recount(store, sat_exam(store, d, *given, score=score)) == []


def test_a_point_too_many_is_found(store: Store) -> None:
    d = district(store)
    found = recount(store, sat_exam(store, d, ("B",), ("C",), ("A",), ("T",), score=6001))
    assert next((each.what, each.stored, each.recounted) for each in found) == ("attempt", "6001", "6000")
    assert {each.what for each in found} == {"attempt", "enrolment"}


def test_a_sitting_the_clock_ended_counts_with_an_answer_and_without_one_is_none(store: Store) -> None:
    d = district(store)
    assert recount(store, sat_exam(store, d, ("A",), None, None, None, score=2000, automatic=True)) == []
    store.plain("UPDATE round SET plan_key = 'other' WHERE plan_key = 'points'")
    store.plain("UPDATE revision SET key = key || 'x'")
    assert recount(store, sat_exam(store, d, None, None, None, None, score=0, automatic=True)) == []


def test_a_change_of_an_answer_counts_the_last_one(store: Store) -> None:
    d = district(store)
    number = sat_exam(store, d, ("B",), None, None, None, score=2000)
    assert {each.what for each in recount(store, number)} == {"attempt", "enrolment"}
    first = store.row(select(tables.response))
    values = dict(first._mapping) | {"serial": 1, "answer": ["A"], "correct": True}
    del values["id"]
    store.run(insert(tables.response), values)
    assert recount(store, number) == []


# 改判. -------------------------------------------------------------------------------------------------------------------


def ruled(store: Store, *, keeps: bool = True) -> District:
    """张三 three of four, 李四 one and then all; the last question's key is B, not A, by a ruling an hour later."""
    d = sat_district(store)
    revision_id = store.value(select(tables.revision.c.id).where(tables.revision.c.key == "t-3"))
    new = Ruling(revision_id, None, Action.REKEY, NOW + timedelta(hours=1), ("B",), keeps)
    number = rulings.add(store, d.round_id, new, reason="错了", approver_id=d.people["王敏"])
    rescoring.apply(store, rounds.get(store, d.round_id), number, rescoring.holding(store, d.round_id, revision_id))
    return d


@pytest.mark.parametrize("keeps", [True, False])
def test_a_ruling_carried_out_stands_whether_it_keeps_scores_or_not(store: Store, keeps: bool) -> None:
    d = ruled(store, keeps=keeps)
    assert recount(store, d.round_id) == []
    rows = [(row.before, row.after) for row in store.rows(select(tables.rescore).order_by(tables.rescore.c.attempt_id))]
    assert rows == [(7500, 10_000), (2500, 5000)] + ([] if keeps else [(10_000, 7500)])


def test_a_ruling_that_was_not_carried_out_is_found(store: Store) -> None:
    d = sat_district(store)
    revision_id = store.value(select(tables.revision.c.id).where(tables.revision.c.key == "t-3"))
    new = Ruling(revision_id, None, Action.VOID, NOW + timedelta(hours=1))
    rulings.add(store, d.round_id, new, reason="错了", approver_id=d.people["王敏"])
    found = recount(store, d.round_id)
    assert [(each.what, each.recounted) for each in found if each.what == "rescore"] == [
        ("rescore", "7500 -> 10000"), ("rescore", "2500 -> 5000")
    ]  # fmt: skip
    assert {each.what for each in found} == {"attempt", "rescore", "enrolment", "sums"}


def test_a_score_kept_that_was_never_reached_is_found(store: Store) -> None:
    d = ruled(store)
    first = store.row(select(tables.rescore).order_by(tables.rescore.c.id))
    rulings.add_rescores(store, first.ruling_id, [(first.attempt_id, 0, 10_000)])
    [found] = recount(store, d.round_id)
    assert (found.what, found.recounted) == ("rescore", "")
    store.plain(
        "DROP TRIGGER rescore_no_update" if not store.on_postgres else "DROP TRIGGER rescore_append_only ON rescore"
    )
    store.run(update(tables.rescore).where(tables.rescore.c.id == first.id).values(before=0))
    found = recount(store, d.round_id)
    assert next((each.what, each.number, each.stored, each.recounted) for each in found) == (
        "rescore", first.id, "0 -> 10000", "7500 -> 10000"
    )  # fmt: skip


def test_a_pass_that_a_ruling_took_away_by_hand_is_found(store: Store) -> None:
    d = ruled(store)
    mark(store, d, d.round_id, "张三", score=7500, excellent=False)
    assert [each.what for each in recount(store, d.round_id)] == ["enrolment", "sums"]
