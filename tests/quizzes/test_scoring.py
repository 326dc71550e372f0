"""From answers to a score: what each question weighs, what an incomplete choice earns, and what a wrong key changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading import passed
from quizzes.papers import Slot
from quizzes.questions import Kind, Question
from quizzes.rules import Rules
from quizzes.scoring import Action, Ruling, Scored, asked, corrected, credit, full, scored

NOW = datetime(2026, 12, 4, tzinfo=UTC)


def question(kind=Kind.SINGLE, answer=("A",), key="q", **values):
    options = ("甲", "乙", "丙", "丁") if kind in (Kind.SINGLE, Kind.MULTIPLE) else ()
    return Question(key, kind, "问？", options, answer, "因为。", ("行政处罚法 第三十三条",), **values)


SINGLE, MULTIPLE, JUDGE = question(), question(Kind.MULTIPLE, ("A", "C", "D")), question(Kind.JUDGE, ("T",))
CASE = question(Kind.CASE, (), items=(SINGLE, JUDGE, MULTIPLE))


def paper(rules, *questions):
    """A paper of these questions in this order, a case with all its items."""
    slots = []
    for number, each in enumerate(questions, 1):
        slots += [Slot(number, (0, 1, 2, 3), item) for item in (range(len(each.items)) if each.items else [None])]
    return asked(slots, dict(enumerate(questions, 1)), rules)


def right(paper, *slots):
    """The right answers to these slots."""
    return {slot: paper[slot].question.answer for slot in slots}


def test_without_points_every_question_weighs_the_same_and_two_of_three_is_rounded_down():
    three = paper(Rules(), SINGLE, SINGLE, SINGLE)
    assert scored(three, right(three, 0, 1), Rules()) == Scored(6666, 6666)
    assert scored(three, right(three, 0, 1, 2), Rules()).score == 10_000
    assert scored(three, {}, Rules()).score == 0


def test_a_paper_without_questions_has_no_score():
    with pytest.raises(ValueError, match="no score"):
        asked((), {}, Rules())


def test_points_are_given_by_kind_and_a_case_is_worth_its_points_as_a_whole():
    rules = Rules(points=((Kind.SINGLE, 100), (Kind.MULTIPLE, 250), (Kind.CASE, 1000)))
    some = paper(rules, SINGLE, MULTIPLE, CASE)
    assert full(some) == 1350
    assert scored(some, right(some, 0, 1), rules).score == 350
    assert scored(some, right(some, 2, 3, 4), rules).score == 1000
    assert scored(some, right(some, 2), rules).score == 333


def test_a_kind_without_points_is_refused():
    with pytest.raises(ValueError, match="no points for judge"):
        paper(Rules(points=((Kind.SINGLE, 100),)), JUDGE)


@pytest.mark.parametrize(
    ("given", "none", "half"),
    [("ACD", 1, 1), ("AC", 0, Fraction(1, 2)), ("D", 0, Fraction(1, 2)), ("AB", 0, 0), ("ABCD", 0, 0), ("", 0, 0)],
)
def test_an_incomplete_choice_earns_half_where_the_rules_say_so_and_a_wrong_one_nothing(given, none, half):
    assert credit(MULTIPLE, tuple(given), Rules()) == none
    assert credit(MULTIPLE, tuple(given), Rules(partial="half")) == half


def test_only_a_choice_of_several_can_be_half_right():
    assert credit(SINGLE, (), Rules(partial="half")) == 0
    assert credit(JUDGE, ("F",), Rules(partial="half")) == 0


# Wrong keys. -----------------------------------------------------------------------------------------------------------


def ruling(action=Action.REKEY, answer=("B",), *, revision=1, item=None, keeps=True, minutes=0):
    return Ruling(revision, item, action, NOW + timedelta(minutes=minutes), answer, keeps)


def test_another_key_raises_those_it_proves_right_and_lowers_nobody():
    two = paper(Rules(), SINGLE, SINGLE)
    assert scored(two, {0: ("B",)}, Rules(), [ruling()]) == Scored(0, 5000)
    assert scored(two, {0: ("A",)}, Rules(), [ruling()]) == Scored(5000, 5000)
    assert scored(two, {0: ("A",)}, Rules(), [ruling(keeps=False)]) == Scored(5000, 0)


def test_a_voided_question_gives_its_points_to_everybody_answered_or_not():
    two = paper(Rules(), SINGLE, SINGLE)
    assert scored(two, {}, Rules(), [ruling(Action.VOID, ())]).score == 5000
    assert scored(two, {0: ("C",), 1: ("A",)}, Rules(), [ruling(Action.VOID, ())]).score == 10_000


def test_a_ruling_on_an_item_leaves_the_other_items_of_the_case_alone():
    case = paper(Rules(), CASE)
    given = {0: ("A",), 1: ("F",), 2: ("A", "C", "D")}
    assert scored(case, given, Rules(), [ruling(answer=("F",), item=1)]).score == 10_000
    assert corrected(case[0], [ruling(answer=("F",), item=1)]) == (case[0].question, False)
    assert corrected(case[1], [ruling(answer=("F",), item=1)])[0].answer == ("F",)
    assert corrected(case[1], [ruling(Action.VOID, (), item=1)]) == (case[1].question, True)


def test_of_two_rulings_the_later_counts_and_what_the_first_gave_stays():
    one = paper(Rules(), SINGLE, SINGLE)
    first, second = ruling(answer=("B",)), ruling(answer=("C",), minutes=5)
    assert scored(one, {0: ("B",)}, Rules(), [second, first]).score == 5000
    assert scored(one, {0: ("C",)}, Rules(), [second, first]).score == 5000
    taken_back = ruling(answer=("C",), minutes=5, keeps=False)
    assert scored(one, {0: ("B",)}, Rules(), [first, taken_back]).score == 0


def test_the_ruling_made_last_is_in_force_even_if_its_clock_was_behind():
    one = paper(Rules(), SINGLE)
    made = [ruling(answer=("B",), minutes=5, keeps=False), ruling(answer=("C",), minutes=0, keeps=False)]
    assert corrected(one[0], made)[0].answer == ("C",)
    assert scored(one, {0: ("C",)}, Rules(), made).score == 10000
    assert scored(one, {0: ("B",)}, Rules(), made).score == 0


letters = st.lists(st.sampled_from("ABCD"), max_size=4, unique=True).map(lambda some: tuple(sorted(some)))
decisions = st.lists(
    st.builds(
        lambda action, answer, revision, minutes: ruling(action, answer, revision=revision, minutes=minutes),
        st.sampled_from(Action), letters, st.integers(1, 3), st.integers(0, 9),
    ),
    max_size=5,
)  # fmt: skip


@given(st.dictionaries(st.integers(0, 2), letters), decisions, st.sampled_from(["none", "half"]))
def test_no_keeping_ruling_ever_lowers_a_score(given, some, partial):
    rules = Rules(partial=partial)
    three = paper(rules, SINGLE, MULTIPLE, replace(SINGLE, answer=("C",)))
    for count in range(len(some)):
        before, after = (scored(three, given, rules, some[:most]) for most in (count, count + 1))
        assert after.first == before.first
        assert after.score >= before.score


@given(st.integers(0, 200), st.integers(1, 200), st.integers(0, 100))
def test_rounding_down_never_decides_a_pass(correct, questions, line):
    correct = min(correct, questions)
    exact = 100 * correct >= line * questions
    some = paper(Rules(), *[SINGLE] * questions)
    assert passed(scored(some, right(some, *range(correct)), Rules()).score, Rules(pass_line=line)) is exact
