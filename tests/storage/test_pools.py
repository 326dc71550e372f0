"""The pool of a round: fixed when it opens, drawn from ever after; and what people were given lately."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from quizzes.papers import Slot
from quizzes.plans import Draw
from storage import answers, banks, pools, rounds, tables
from storage.database import Store
from tests.builders import NOW, make_round
from tests.engine import QUESTIONS
from tests.storage.test_answers import with_paper
from tests.storage.test_banks import CHANGED, apply
from tests.storage.test_rounds import DAY, added


def drawn_from(store: Store, number: int) -> list[str]:
    return [question.explain for question in pools.pool(store, number).questions]


def test_a_bank_changed_while_a_round_runs_changes_nothing_in_its_pool(database) -> None:
    with database.writing() as store:
        apply(store, *QUESTIONS)
        number = added(store)
        pools.fix_pool(store, number, None)
    for questions in ((CHANGED, *QUESTIONS[1:]), QUESTIONS[:1], ()):
        with database.writing() as store:
            apply(store, *questions)
            store.memory.forget()
            assert drawn_from(store, number) == [question.explain for question in QUESTIONS]


def test_a_pool_takes_only_from_the_banks_it_may(store: Store) -> None:
    apply(store, QUESTIONS[0], path="banks/a.yaml")
    apply(store, QUESTIONS[1], path="banks/b.yaml")
    apply(store, QUESTIONS[2], path="banks/c.yaml")
    banks.remove_others(store, ["banks/a.yaml", "banks/b.yaml"], NOW)
    for only, keys in ((None, {"xf-1", "cf-1"}), (("banks/b.yaml", "banks/c.yaml"), {"cf-1"}), ((), set())):
        number = added(store, due_on=DAY + timedelta(days=len(keys)))
        pools.fix_pool(store, number, only)
        pool = pools.pool(store, number)
        assert {question.key for question in pool.questions} == keys
        assert set(pool.banks) <= {"banks/a.yaml", "banks/b.yaml"}


def test_the_banks_of_a_draw_are_all_as_soon_as_one_line_may_take_from_all():
    assert pools.banks_of([Draw(1, banks=("b", "a")), Draw(1, banks=("b",))]) == ("a", "b")
    assert pools.banks_of([Draw(1, banks=("a",)), Draw(1)]) is None
    assert pools.banks_of([]) == ()


def test_a_preview_draws_from_what_a_round_would_have(store: Store) -> None:
    apply(store, *QUESTIONS[:2], path="banks/a.yaml")
    apply(store, QUESTIONS[2], path="banks/b.yaml")
    assert len(pools.would_draw_from(store, [Draw(1)]).questions) == 3
    assert [q.key for q in pools.would_draw_from(store, [Draw(1, banks=("banks/b.yaml",))]).questions] == ["fy-1"]


# What a person was given lately. ---------------------------------------------------------------------------------------


def test_what_was_given_since_is_known_by_the_questions_and_not_by_their_revisions(store: Store) -> None:
    d, _ = with_paper(store)
    apply(store, CHANGED, *QUESTIONS[1:])
    asked = [d.people["张三"], d.people["李四"], 404]
    assert pools.answered_since(store, asked, NOW - timedelta(days=3)) == {d.people["张三"]: {"xf-1", "cf-1", "fy-1"}}
    assert pools.answered_since(store, asked, NOW) == {}
    assert pools.answered_since(store, [], NOW - timedelta(days=3)) == {}


def test_what_stands_on_other_open_papers_is_known_and_what_a_make_up_makes_up_for(store: Store) -> None:
    d, paper_id = with_paper(store)
    first = store.value(
        select(tables.enrolment.c.round_id)
        .join(tables.paper, tables.paper.c.enrolment_id == tables.enrolment.c.id)
        .where(tables.paper.c.id == paper_id)
    )
    here, other = rounds.get(store, first), rounds.get(store, make_round(store, plan="other"))
    makeup = rounds.get(store, make_round(store, plan="again", of=first))
    asked = {d.people["张三"]: {"xf-1", "cf-1", "fy-1"}}
    for what, open_, closed in ((here, {}, {}), (other, asked, {}), (makeup, asked, asked)):
        assert pools.beside(store, list(asked), what) == open_
        store.run(update(tables.round_).where(tables.round_.c.id == first).values(state="closed"))
        assert pools.beside(store, list(asked), what) == closed
        store.run(update(tables.round_).where(tables.round_.c.id == first).values(state="open"))


def test_more_people_are_asked_about_than_one_statement_holds(store: Store) -> None:
    d, _ = with_paper(store)
    many = [*range(10_000, 10_000 + 2 * rounds._BOUND), d.people["张三"]]
    assert set(pools.answered_since(store, many, NOW - timedelta(days=30))) == {d.people["张三"]}


# Enrolments. -----------------------------------------------------------------------------------------------------------


def test_papers_are_known_by_their_lines(store: Store) -> None:
    d, paper_id = with_paper(store)
    [with_one] = store.rows(select(tables.paper.c.enrolment_id))
    without = store.value(select(tables.enrolment.c.id).where(tables.enrolment.c.person_id == d.people["李四"]))
    answers.add_papers(store, [(with_one.enrolment_id, 2, 1, (Slot(1, ()),))])
    both = [with_one.enrolment_id, without]
    assert pools.with_papers(store, both) == {with_one.enrolment_id}
    assert pools.first_papers(store, both) == {with_one.enrolment_id: paper_id}
    assert pools.with_papers(store, []) == set()
