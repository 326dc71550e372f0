"""Whether the banks can fill a draw."""

from collections import Counter
from datetime import date, time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.content.banks import Bank, BankHeader
from quizzes.content.draw_checks import check_draw, check_draws
from quizzes.papers import Pool, shortfalls
from quizzes.plans import Audience, Draw, Plan, Variant
from quizzes.questions import Kind, Question, Revision


def bank(name, **counts):
    census = Counter({(Kind(kind), 3, ()): count for kind, count in counts.items()})
    return Bank(Path(f"{name}.yaml"), BankHeader(name, date(2026, 11, 1), "", ""), census)


def codes(draw, *banks):
    return [(where, code) for where, code, _ in check_draw(draw, banks)]


def test_a_draw_that_the_banks_can_fill_is_fine():
    assert codes([Draw(2, Kind.SINGLE), Draw(1)], bank("甲", single=2, judge=1)) == []


def test_a_line_that_asks_for_more_than_there_is_is_named():
    assert codes([Draw(1), Draw(3, Kind.SINGLE)], bank("甲", single=2, judge=9)) == [
        (("paper", "draw", 1), "draw_too_many")
    ]


def test_lines_that_compete_for_the_same_questions_are_counted_together():
    draw = [Draw(1, Kind.JUDGE), Draw(2, Kind.SINGLE), Draw(1, Kind.SINGLE)]
    found = list(check_draw(draw, [bank("甲", single=2, judge=9)]))
    assert found == [(("paper", "draw", 1), "draws_too_many", {"lines": "2, 3", "count": 3, "found": 2})]


def test_a_bank_that_does_not_exist_is_named_with_the_nearest_that_does():
    found = list(check_draw([Draw(1, banks=("行政处罚",))], [bank("行政处罚法", single=1)]))
    assert found == [
        (("paper", "draw", 0, "banks", 0), "unknown_bank_close", {"bank": "行政处罚", "close": "行政处罚法"})
    ]


def test_only_the_named_banks_count():
    assert codes([Draw(2, banks=("甲",))], bank("甲", single=1), bank("乙", single=9)) == [
        (("paper", "draw", 0), "draw_too_many")
    ]


def test_a_case_is_drawn_only_where_a_line_asks_for_cases():
    assert codes([Draw(2)], bank("甲", single=1, case=5)) == [(("paper", "draw", 0), "draw_too_many")]
    assert codes([Draw(2, Kind.CASE), Draw(1)], bank("甲", single=1, case=2)) == []


def test_the_papers_for_some_are_looked_at_too():
    variants = (Variant(Audience(ranks=("处级",)), (Draw(1), Draw(2, Kind.CASE))),)
    plan = Plan("p", "考试", time(9), time(18), draw=(Draw(1),), variants=variants)
    found = list(check_draws(plan, [bank("甲", single=1, case=1)]))
    assert found == [(("paper", "for", 0, "draw", 1), "draw_too_many", {"lines": "2", "count": 2, "found": 1})]
    assert list(check_draws(plan, [bank("甲", single=1, case=2)])) == []


CELLS = [(kind, level, tag) for kind in (Kind.SINGLE, Kind.CASE) for level in (1, 3) for tag in ("裁量", "证据")]
LINES = st.builds(
    Draw,
    st.integers(1, 4),
    st.sampled_from([None, Kind.SINGLE, Kind.CASE]),
    st.sampled_from([None, "裁量", "证据"]),
    st.sampled_from([None, (1, 2), (2, 5)]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=5), st.lists(st.integers(0, 3), min_size=len(CELLS), max_size=len(CELLS)))
def test_it_agrees_with_what_drawing_a_paper_finds(draw, counts):
    census = Counter({(kind, level, (tag,)): count for (kind, level, tag), count in zip(CELLS, counts, strict=True)})
    checked = check_draw(draw, [Bank(Path("a.yaml"), BankHeader("甲", date(2026, 11, 1), "", ""), census)])
    questions = [
        Question(f"{number}-{copy}", kind, "", (), ("T",), "", (), level, topics)
        for number, (kind, level, topics) in enumerate(census)
        for copy in range(census[kind, level, topics])
    ]
    pool = Pool.of([Revision(number, question) for number, question in enumerate(questions)])
    assert bool(list(checked)) == bool(shortfalls(pool, draw))
