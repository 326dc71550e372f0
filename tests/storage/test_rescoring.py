"""What a ruling does to sittings: the same before it is made as after, whatever the answers; keeping ones lower nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from quizzes.grading import passed
from quizzes.papers import Slot
from quizzes.questions import Kind, Question
from quizzes.rates import HandIn, result
from quizzes.rules import Rules
from quizzes.scoring import Action, Ruling, asked, scored
from storage import figures, recounting, rescoring, rounds, rulings, tables
from storage.database import Store
from tests.builders import NOW, District, district, hands_in_paper, make_round

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def d(store: Store) -> District:
    """张三 three of four right, 李四 one of four and then all, 孙七 none; everything single choice with the key A."""
    made = district(store)
    hands_in_paper(store, made, made.round_id, "张三", [True, True, True, False])
    hands_in_paper(store, made, made.round_id, "李四", [True, False, False, False])
    hands_in_paper(store, made, made.round_id, "李四", [True, True, True, True])
    hands_in_paper(store, made, made.round_id, "孙七", [False, False, False, False])
    return made


def revision(store: Store, number: int) -> int:
    return int(store.value(select(tables.revision.c.id).where(tables.revision.c.key == f"t-{number}")))


def what(store: Store, d: District):
    return rounds.get(store, d.round_id)


def rekey(store: Store, number: int, answer: str = "B", *, keeps: bool = True, minutes: int = 0) -> Ruling:
    action = Action.REKEY if answer else Action.VOID
    return Ruling(revision(store, number), None, action, LATER + timedelta(minutes=minutes), tuple(answer), keeps)


def effect(store: Store, d: District, new: Ruling) -> rescoring.Effect:
    return rescoring.effect(store, what(store, d), new, rescoring.holding(store, d.round_id, new.revision_id))


def rule(store: Store, d: District, new: Ruling) -> tuple[rescoring.Moved, ...]:
    number = rulings.add(store, d.round_id, new, reason="错了", approver_id=d.people["王敏"])
    return rescoring.apply(store, what(store, d), number, rescoring.holding(store, d.round_id, new.revision_id))


def test_only_papers_that_hold_the_question_are_concerned(store, d):
    hands_in_paper(store, d, d.round_id, "吴九", [True, True])
    assert len(rescoring.holding(store, d.round_id, revision(store, 3))) == 3
    assert len(rescoring.holding(store, d.round_id, revision(store, 0))) == 4
    assert rescoring.holding(store, d.round_id + 1, revision(store, 0)) == []


def test_what_was_shown_before_is_what_happens(store, d):
    new = rekey(store, 3)
    shown = effect(store, d, new)
    assert (shown.answered, shown.rescored) == (4, 3)
    assert [(each.person_id, each.before.score, each.after.score) for each in shown.moved] == [
        (d.people["张三"], 7500, 10_000), (d.people["孙七"], 0, 2500)
    ]  # fmt: skip
    assert rulings.of_round(store, d.round_id) == ()
    assert rule(store, d, new) == shown.moved
    assert recounting.recount(store, d.round_id) == []


def test_applied_again_it_changes_nothing(store, d):
    new = rekey(store, 3)
    rule(store, d, new)
    again = rescoring.apply(store, what(store, d), 1, rescoring.holding(store, d.round_id, new.revision_id))
    assert again == ()
    assert len(store.rows(select(tables.rescore))) == 3


def test_the_figures_of_a_bureau_move_with_its_people(store, d):
    shifted = rescoring.with_effect(store, what(store, d), effect(store, d, rekey(store, 3)))
    [(bureau_id, (before, after))] = shifted.items()
    assert bureau_id == d.units["住建局"]
    assert (before.passed, before.excellent, after.passed, after.excellent) == (2, 1, 2, 2)
    assert rescoring.with_effect(store, what(store, d), rescoring.Effect()) == {}


def test_somebody_who_is_not_counted_moves_no_figure(store, d):
    store.plain("UPDATE enrolment SET counted = false")
    assert len(effect(store, d, rekey(store, 3)).moved) == 2
    assert rescoring.with_effect(store, what(store, d), effect(store, d, rekey(store, 3))) == {}


def test_a_second_ruling_stands_on_the_first(store, d):
    rule(store, d, rekey(store, 3))
    rule(store, d, rekey(store, 2, "", minutes=1))
    kept = [(r.ruling_id, r.before, r.after) for r in store.rows(select(tables.rescore).order_by(tables.rescore.c.id))]
    assert kept == [(1, 7500, 10_000), (1, 2500, 5000), (1, 0, 2500), (2, 5000, 7500), (2, 2500, 5000)]
    assert recounting.recount(store, d.round_id) == []


def test_a_score_from_outside_stands_as_it_came(store, d):
    store.plain("UPDATE attempt SET source = '纸质'")
    assert rescoring.holding(store, d.round_id, revision(store, 0)) == []
    number = store.value(select(tables.enrolment.c.id).where(tables.enrolment.c.person_id == d.people["张三"]))
    assert rescoring.effect(store, what(store, d), rekey(store, 3), [number]).moved == ()


def test_rounds_and_questions_are_found(store, d):
    def pool(round_id: int, *numbers: int) -> None:
        store.run(
            insert(tables.round_pool), [{"round_id": round_id, "revision_id": revision(store, n)} for n in numbers]
        )

    later = make_round(store, plan="later", opened=timedelta(days=-1))
    planned = make_round(store, plan="planned", state="planned", opened=timedelta(days=1))
    pool(d.round_id, 0, 1)
    pool(later, 0)
    pool(planned, 0)
    assert rescoring.rounds_asking(store, "t-0", 9) == [(later, revision(store, 0)), (d.round_id, revision(store, 0))]
    assert rescoring.rounds_asking(store, "t-3", 9) == []
    assert rescoring.keys_like(store, "第1问", 9) == ["t-0"]
    assert set(rescoring.keys_like(store, "问？", 9)) == {"t-0", "t-1"}
    assert rescoring.keys_like(store, "%", 9) == []


# Whatever the answers and the rulings. -----------------------------------------------------------------------------------

decisions = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["A", "B", ""]), st.booleans()), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=3), decisions)
def test_the_ledger_agrees_with_a_recount_after_any_rulings(sqlite, marks, some):
    with pytest.raises(Undone):
        examine(sqlite, marks, some)


def examine(sqlite, marks, some):
    with sqlite.writing() as store:
        d = district(store)
        for name, each in zip(("张三", "李四", "孙七"), marks, strict=False):
            hands_in_paper(store, d, d.round_id, name, each)
        for minute, (number, answer, keeps) in enumerate(some):
            before = dict(_results(store))
            rule(store, d, rekey(store, number, answer, keeps=keeps, minutes=minute))
            if all(kept for _, _, kept in some[: minute + 1]):
                after = dict(_results(store))
                assert all(after[n][0] >= score and after[n][1] >= ok for n, (score, ok) in before.items())
        assert recounting.recount(store, d.round_id) == []
        assert sum(each.sat for each in figures.count(store, d.round_id).values()) == len(marks)
        raise Undone


class Undone(Exception):
    """Leaves nothing behind for the next example."""


def _results(store: Store):
    rows = store.rows(select(tables.enrolment).where(tables.enrolment.c.sat.is_(True)))
    return [(row.id, (row.score, bool(row.passed))) for row in rows]


SINGLE = Question("q", Kind.SINGLE, "问？", ("甲", "乙", "丙", "丁"), ("A",), "因为。", ("行政处罚法 第九条",))
MANY = Question("m", Kind.MULTIPLE, "问？", ("甲", "乙", "丙", "丁"), ("A", "C"), "因为。", ("行政处罚法 第九条",))
chosen = st.lists(st.sampled_from("ABCD"), max_size=4, unique=True).map(lambda some: tuple(sorted(some)))
keeping = st.lists(
    st.builds(
        lambda action, answer, number: Ruling(number, None, action, NOW, answer if action is Action.REKEY else ()),
        st.sampled_from(Action), chosen, st.integers(1, 3),
    ),
    max_size=6,
)  # fmt: skip
sittings = st.lists(st.dictionaries(st.integers(0, 2), chosen), min_size=1, max_size=3)


@given(sittings, keeping, st.sampled_from(["best", "last"]), st.sampled_from(["none", "half"]), st.integers(0, 100))
def test_no_keeping_rulings_lower_a_result_or_fail_somebody_who_passed(sat, some, which, partial, line):
    rules = Rules(score=which, partial=partial, pass_line=line)
    paper = asked([Slot(n, (0, 1, 2, 3)) for n in (1, 2, 3)], {1: SINGLE, 2: MANY, 3: SINGLE}, rules)

    def reached(count: int):
        marks = [scored(paper, mine, rules, some[:count]).score for mine in sat]
        return result([HandIn(score, 1) for score in marks], rules)

    for count in range(len(some)):
        before, after = reached(count), reached(count + 1)
        assert after.score >= before.score
        assert after.passed >= before.passed
        assert after.passed == passed(after.score, rules)
