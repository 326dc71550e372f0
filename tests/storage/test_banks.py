"""Banks and plans in the store: applied whole or not at all, twice as once, and never under the feet of old answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, update

from quizzes.content.banks import BankHeader
from quizzes.plans import Draw, Plan
from quizzes.questions import Kind, Question
from storage import answers, banks, pools, rounds, tables
from storage.banks import Applied, TakenElsewhere
from storage.database import Store
from tests.builders import NOW
from tests.engine import DAILY, QUESTIONS

LATER = NOW + timedelta(hours=1)
CHANGED = replace(QUESTIONS[0], explain="行政首长负责制写在宪法第八十六条里。")


def header(name: str = "试题", file_hash: str = "h1") -> BankHeader:
    return BankHeader(name, date(2026, 11, 1), "宪法", file_hash)


def apply(store: Store, *questions: Question, path: str = "banks/a.yaml", now=NOW, **settings) -> Applied:
    return banks.apply(store, path, header(path), questions, now, **settings)


def drawn(store: Store) -> list[str]:
    """The keys of what a round opened now would draw from."""
    return sorted(question.key for question in pools.would_draw_from(store, [Draw(1)]).questions)


@pytest.fixture
def applied(store: Store) -> Store:
    assert apply(store, *QUESTIONS) == Applied(added=3)
    return store


def revisions(store: Store) -> int:
    return len(store.rows(select(tables.revision.c.id)))


def test_a_bank_applied_twice_changes_nothing(applied: Store) -> None:
    before = applied.rows(select(tables.question))
    assert apply(applied, *QUESTIONS, now=LATER) == Applied(unchanged=3)
    assert applied.rows(select(tables.question)) == before
    assert revisions(applied) == 3


def test_the_file_it_was_applied_from_is_known_by_its_hash(applied: Store) -> None:
    assert banks.file_hash(applied, "banks/a.yaml") == "h1"
    assert banks.file_hash(applied, "banks/none.yaml") == ""
    banks.remove_others(applied, [], LATER)
    assert banks.file_hash(applied, "banks/a.yaml") == ""


def test_a_changed_question_gets_a_new_revision_and_the_old_one_stays_for_old_answers(applied: Store) -> None:
    old = applied.value(select(tables.question.c.revision_id).where(tables.question.c.key == "xf-1"))
    assert apply(applied, CHANGED, *QUESTIONS[1:], now=LATER) == Applied(changed=1, unchanged=2)
    new = applied.value(select(tables.question.c.revision_id).where(tables.question.c.key == "xf-1"))
    assert answers.question(applied, old) == QUESTIONS[0]
    assert answers.question(applied, new) == CHANGED


def test_a_question_changed_back_is_its_old_revision_again(applied: Store) -> None:
    old = applied.value(select(tables.question.c.revision_id).where(tables.question.c.key == "xf-1"))
    apply(applied, CHANGED, *QUESTIONS[1:])
    assert apply(applied, *QUESTIONS) == Applied(changed=1, unchanged=2)
    assert applied.value(select(tables.question.c.revision_id).where(tables.question.c.key == "xf-1")) == old
    assert revisions(applied) == 4


def test_a_removed_question_leaves_new_papers_only_and_may_come_back(applied: Store) -> None:
    assert apply(applied, *QUESTIONS[:2], now=LATER) == Applied(removed=1, unchanged=2)
    assert drawn(applied) == ["cf-1", "xf-1"]
    assert revisions(applied) == 3
    assert apply(applied, *QUESTIONS[:2], now=LATER) == Applied(unchanged=2)
    assert apply(applied, *QUESTIONS) == Applied(changed=1, unchanged=2)
    assert drawn(applied) == ["cf-1", "fy-1", "xf-1"]


def test_a_bank_whose_file_is_gone_leaves_new_papers_once(applied: Store) -> None:
    apply(applied, replace(QUESTIONS[0], key="other"), path="banks/b.yaml")
    assert banks.remove_others(applied, ["banks/b.yaml"], LATER) == 1
    assert banks.remove_others(applied, ["banks/b.yaml"], LATER) == 0
    assert drawn(applied) == ["other"]
    assert apply(applied, *QUESTIONS) == Applied(unchanged=3)
    assert drawn(applied) == ["cf-1", "fy-1", "other", "xf-1"]


def test_a_suspended_question_is_not_drawn(applied: Store) -> None:
    applied.run(update(tables.question).where(tables.question.c.key == "xf-1").values(suspended_at=NOW))
    assert drawn(applied) == ["cf-1", "fy-1"]


def test_a_question_suspended_for_its_key_comes_back_when_its_wording_changes_and_not_before(applied: Store) -> None:
    number = applied.value(select(tables.question.c.revision_id).where(tables.question.c.key == CHANGED.key))
    assert banks.suspend(applied, number, NOW)
    assert not banks.suspend(applied, number, LATER)
    assert CHANGED.key not in drawn(applied)
    apply(applied, *QUESTIONS)
    assert CHANGED.key not in drawn(applied)
    apply(applied, *[CHANGED if each.key == CHANGED.key else each for each in QUESTIONS])
    assert CHANGED.key in drawn(applied)
    assert not banks.suspend(applied, number, LATER)  # the wording in force is another now


def test_a_suspended_question_that_moves_to_another_bank_comes_back_only_corrected(applied: Store) -> None:
    number = applied.value(select(tables.question.c.revision_id).where(tables.question.c.key == CHANGED.key))
    banks.suspend(applied, number, NOW)
    same = next(each for each in QUESTIONS if each.key == CHANGED.key)
    apply(applied, *[each for each in QUESTIONS if each.key != CHANGED.key])
    apply(applied, same, path="banks/b.yaml")
    assert CHANGED.key not in drawn(applied)
    apply(applied, path="banks/b.yaml")
    apply(applied, CHANGED, path="banks/c.yaml")
    assert CHANGED.key in drawn(applied)


def test_an_id_of_another_bank_is_refused_with_nothing_half_applied(database) -> None:
    with database.writing() as store:
        apply(store, *QUESTIONS[:1])
    with pytest.raises(TakenElsewhere, match=r"xf-1: banks/a\.yaml") as raised, database.writing() as store:
        apply(store, QUESTIONS[1], CHANGED, path="banks/b.yaml")
    assert (raised.value.key, raised.value.path) == ("xf-1", "banks/a.yaml")
    with database.reading() as store:
        assert [row.path for row in store.rows(select(tables.bank.c.path))] == ["banks/a.yaml"]
        assert drawn(store) == ["xf-1"]
        assert revisions(store) == 1


def test_a_file_that_breaks_in_the_middle_leaves_the_bank_as_it_was(database) -> None:
    def breaking() -> Iterator[Question]:
        yield CHANGED
        yield from (replace(QUESTIONS[0], key=f"more-{number}") for number in range(banks._CHUNK))
        raise ValueError("line 4711")

    with database.writing() as store:
        apply(store, *QUESTIONS)
    with pytest.raises(ValueError, match="4711"), database.writing() as store:
        banks.apply(store, "banks/a.yaml", header(file_hash="h2"), breaking(), LATER)
    with database.reading() as store:
        assert drawn(store) == ["cf-1", "fy-1", "xf-1"]
        assert banks.file_hash(store, "banks/a.yaml") == "h1"
        assert revisions(store) == 3


def test_more_questions_than_are_written_at_once(store: Store) -> None:
    many = [replace(QUESTIONS[0], key=f"q-{number}") for number in range(banks._CHUNK + 1)]
    assert apply(store, *many) == Applied(added=len(many))
    assert apply(store, *many[1:]) == Applied(removed=1, unchanged=len(many) - 1)


def test_a_question_moves_with_its_history_from_a_bank_that_is_gone(applied: Store) -> None:
    number = applied.value(select(tables.question.c.id).where(tables.question.c.key == "xf-1"))
    banks.remove_others(applied, [], LATER)
    assert apply(applied, QUESTIONS[0], path="banks/b.yaml") == Applied(added=1)
    assert drawn(applied) == ["xf-1"]
    assert applied.value(select(tables.question.c.id).where(tables.question.c.key == "xf-1")) == number


def test_a_question_moves_from_a_bank_whose_file_does_not_hold_it_any_more_and_that_file_is_read_again(
    applied: Store,
) -> None:
    assert apply(applied, QUESTIONS[0], path="banks/b.yaml", standing=()) == Applied(added=1)
    assert banks.file_hash(applied, "banks/a.yaml") == ""
    assert apply(applied, *QUESTIONS[1:]) == Applied(unchanged=2)
    assert drawn(applied) == ["cf-1", "fy-1", "xf-1"]


def test_a_bank_that_stands_gives_nothing_up(applied: Store) -> None:
    applied.plain("SAVEPOINT taking")
    with pytest.raises(TakenElsewhere):
        apply(applied, QUESTIONS[0], path="banks/b.yaml", standing={"banks/a.yaml"})
    applied.plain("ROLLBACK TO SAVEPOINT taking")


# Plans. ----------------------------------------------------------------------------------------------------------------


def plans(store: Store) -> list[tuple[Plan, object]]:
    return list(rounds.plans(store))


def test_a_plan_applied_twice_changes_nothing(store: Store) -> None:
    assert banks.apply_plans(store, [DAILY], NOW) == 1
    assert banks.apply_plans(store, [DAILY], LATER) == 0
    assert plans(store) == [(DAILY, NOW)]


def test_a_changed_plan_keeps_the_time_since_when_it_holds(store: Store) -> None:
    banks.apply_plans(store, [DAILY], NOW)
    changed = replace(DAILY, title="每日一练", days=(date(2026, 12, 4),), remind_at=(time(10),))
    assert banks.apply_plans(store, [changed], LATER) == 1
    assert plans(store) == [(changed, NOW)]


def test_a_plan_that_comes_back_holds_from_then_on(store: Store) -> None:
    banks.apply_plans(store, [DAILY], NOW)
    assert banks.apply_plans(store, [], NOW) == 0
    assert plans(store) == []
    assert rounds.plan_of(store, "daily") is None
    assert banks.apply_plans(store, [DAILY], LATER) == 1
    assert plans(store) == [(DAILY, LATER)]


def test_plans_stand_in_the_order_of_their_first_coming(store: Store) -> None:
    weekly = replace(DAILY, key="weekly")
    banks.apply_plans(store, [DAILY, weekly], NOW)
    banks.apply_plans(store, [weekly, DAILY], NOW)
    assert [plan.key for plan, _ in plans(store)] == ["daily", "weekly"]


def test_a_bank_of_judgements_only_has_nothing_for_a_single_choice(store: Store) -> None:
    apply(store, QUESTIONS[2])
    assert [question.kind for question in pools.would_draw_from(store, DAILY.draw).questions] == [Kind.JUDGE]
