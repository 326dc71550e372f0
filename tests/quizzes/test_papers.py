"""Drawing papers."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.papers import Pool, PoolTooSmall, Shortfall, Slot, draw, keeps_order, paper_seed, shortfalls
from quizzes.plans import Draw
from quizzes.questions import Kind, Question, Revision

OPTIONS = ("甲方案", "乙方案", "丙方案", "丁方案")
ONE_SINGLE = Draw(1, Kind.SINGLE)


def question(key, kind=Kind.SINGLE, options=OPTIONS, explain="", difficulty=3, topics=()):
    answer = ("T",) if kind is Kind.JUDGE else ("A",)
    return Question(
        key, kind, f"题干{key}", () if kind is Kind.JUDGE else options, answer, explain, (), difficulty, topics
    )


def pool_of(*questions, banks=None):
    return Pool.of([Revision(number, q) for number, q in enumerate(questions, 1)], banks)


def singles(count):
    return [question(f"s{n}") for n in range(count)]


def keys(pool, paper):
    by_id = {item.revision_id: item.key for item in pool.items}
    return [by_id[slot.revision_id] for slot in paper]


def test_the_same_seed_draws_the_same_paper_on_every_machine():
    pool = pool_of(*singles(30), *(question(f"j{n}", Kind.JUDGE) for n in range(10)))
    wants = [Draw(2, Kind.SINGLE), Draw(1, Kind.JUDGE)]
    seed = paper_seed(20261204, 7, 1)
    assert seed == 3779793359542263869
    paper = draw(pool, wants, Random(seed), set())
    assert paper == draw(pool, wants, Random(seed), set())
    assert [(slot.revision_id, slot.order) for slot in paper] == [(25, (2, 1, 3, 0)), (5, (1, 2, 3, 0)), (36, (0, 1))]


def test_the_seed_differs_between_people_attempts_and_rounds_and_fits_a_signed_column():
    seeds = {paper_seed(r, p, a) for r in range(5) for p in range(50) for a in range(1, 4)}
    assert len(seeds) == 750
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_the_order_in_which_revisions_were_read_does_not_matter():
    revisions = [Revision(n, q) for n, q in enumerate(singles(20), 1)]
    there, back = Pool.of(revisions), Pool.of(reversed(revisions))
    assert draw(there, [Draw(5)], Random(1), set()) == draw(back, [Draw(5)], Random(1), set())


def test_of_two_revisions_of_a_question_only_the_later_is_asked():
    pool = Pool.of([Revision(1, question("s")), Revision(2, question("s", options=("是", "否")))])
    assert draw(pool, [ONE_SINGLE], Random(0), set())[0].revision_id == 2
    with pytest.raises(PoolTooSmall):
        draw(pool, [Draw(2)], Random(0), set())


def test_questions_answered_lately_are_avoided():
    pool = pool_of(*singles(10))
    lately = {f"s{n}" for n in range(7)}
    for seed in range(50):
        assert set(keys(pool, draw(pool, [Draw(3)], Random(seed), lately))) == {"s7", "s8", "s9"}


def test_when_too_few_are_left_repeats_come_rather_than_a_short_paper():
    pool = pool_of(*singles(5))
    for seed in range(50):
        drawn = keys(pool, draw(pool, [Draw(3)], Random(seed), {"s0", "s1", "s2"}))
        assert len(set(drawn)) == 3
        assert {"s3", "s4"} < set(drawn)


def test_lines_that_compete_for_a_question_do_not_starve_each_other():
    pool = pool_of(question("both", topics=("处罚",)), question("j", Kind.JUDGE, topics=("处罚",)), question("s"))
    wants = [Draw(1, Kind.SINGLE), Draw(1, topic="处罚"), Draw(1, Kind.JUDGE)]
    for seed in range(50):
        assert keys(pool, draw(pool, wants, Random(seed), {"s", "j"})) == ["s", "both", "j"]


def test_a_pool_too_small_names_the_line_and_the_counts():
    pool = pool_of(*singles(2), question("j", Kind.JUDGE))
    wants = [Draw(2, Kind.SINGLE), Draw(3, Kind.JUDGE)]
    assert shortfalls(pool, wants) == (Shortfall(2, wants[1], 1),)
    with pytest.raises(PoolTooSmall, match="line 2: 3 wanted, 1 in the pool") as caught:
        draw(pool, wants, Random(0), set())
    assert caught.value.shortfalls == shortfalls(pool, wants)


def test_lines_that_are_each_possible_but_not_together_fall_short_too():
    pool = pool_of(*singles(3))
    wants = [Draw(2, Kind.SINGLE), Draw(2, Kind.SINGLE)]
    assert [shortfall.line for shortfall in shortfalls(pool, wants)] == [2]
    assert shortfalls(pool, [Draw(2, Kind.SINGLE), Draw(1)]) == ()


def test_an_empty_pool_is_too_small_for_anything_but_an_empty_draw():
    assert draw(pool_of(), [], Random(0), set()) == ()
    with pytest.raises(PoolTooSmall):
        draw(pool_of(), [ONE_SINGLE], Random(0), set())


def test_a_line_is_narrowed_by_kind_topic_difficulty_and_bank():
    pool = pool_of(
        question("easy", difficulty=1, topics=("宪法",)),
        question("hard", difficulty=5, topics=("宪法", "监督")),
        question("other", difficulty=3),
        banks={1: "宪法", 2: "宪法", 3: "行政处罚法"},
    )
    assert [pool.items[i].key for i in pool.fitting(Draw(1, difficulty=(1, 3)))] == ["easy", "other"]
    assert [pool.items[i].key for i in pool.fitting(Draw(1, topic="监督"))] == ["hard"]
    assert [pool.items[i].key for i in pool.fitting(Draw(1, banks=("行政处罚法",)))] == ["other"]
    assert [pool.items[i].key for i in pool.fitting(Draw(1, Kind.JUDGE))] == []


@pytest.mark.parametrize(
    "options",
    [
        ("甲", "乙", "以上都对"),
        ("甲", "乙", "以上说法均正确"),
        ("甲", "乙", "A和B"),
        ("甲", "乙", "A、B都是"),
        ("甲", "乙", "Ａ与Ｂ"),
        ("甲", "乙", "AB"),
        ("甲", "乙", "上述三项"),
        ("甲", "乙", "都不对"),
        ("甲", "乙", "两者均可"),
        ("甲", "乙", "All of the above"),
        ("甲", "乙", "除A项外"),
    ],
)
def test_options_that_name_others_keep_their_order(options):
    asked = question("s", options=options)
    assert keeps_order(asked)
    orders = {draw(pool_of(asked), [ONE_SINGLE], Random(seed), set())[0].order for seed in range(20)}
    assert orders == {(0, 1, 2)}


@pytest.mark.parametrize("explain", ["故选AC。", "A项错误,因为……", "Ｂ项正确", "选项 C 符合第三条", "本题答案为D"])
def test_an_explanation_that_names_letters_keeps_them_true(explain):
    assert keeps_order(question("s", explain=explain))


@pytest.mark.parametrize(
    "option", ["处三年以上有期徒刑", "十人以上", "县级以上地方人民政府", "公民在法律面前都是平等的", "GDP", "WTO规则"]
)
def test_ordinary_options_are_shuffled(option):
    asked = question("s", options=("甲", "乙", option), explain="依照第三十三条，三日以上不予受理。")
    orders = {draw(pool_of(asked), [ONE_SINGLE], Random(seed), set())[0].order for seed in range(60)}
    assert len(orders) == 6


def test_right_and_wrong_are_never_shuffled_and_a_blank_has_no_options():
    pool = pool_of(question("j", Kind.JUDGE), question("b", Kind.BLANK, options=()))
    for seed in range(20):
        paper = draw(pool, [Draw(1, Kind.JUDGE), Draw(1, Kind.BLANK)], Random(seed), set())
        assert [slot.order for slot in paper] == [(0, 1), ()]


def test_questions_and_orders_come_up_evenly():
    pool = pool_of(*singles(10))
    papers = [draw(pool, [Draw(3)], Random(paper_seed(1, person, 1)), set()) for person in range(4000)]
    drawn = Counter(slot.revision_id for paper in papers for slot in paper)
    orders = Counter(slot.order for paper in papers for slot in paper)
    assert len(drawn) == 10
    assert max(drawn.values()) < 1.15 * min(drawn.values())
    assert len(orders) == 24
    assert max(orders.values()) < 1.35 * min(orders.values())


@given(
    st.lists(st.tuples(st.sampled_from(list(Kind)), st.sampled_from(["甲", "乙"])), max_size=12),
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([None, *Kind]), st.sampled_from([None, "甲", "乙"])), max_size=4
    ),
    st.sets(st.integers(0, 11)),
    st.integers(0, 2**32),
)
@settings(derandomize=True, deadline=None, max_examples=400)
def test_a_paper_fits_its_draw_or_the_shortfall_was_said_beforehand(made, lines, lately, seed):
    pool = pool_of(*(question(f"q{n}", kind, topics=(topic,)) for n, (kind, topic) in enumerate(made)))
    wants = [Draw(count, kind, topic) for count, kind, topic in lines]
    avoid = {f"q{n}" for n in lately}
    if shortfalls(pool, wants):
        with pytest.raises(PoolTooSmall):
            draw(pool, wants, Random(seed), avoid)
        return
    drawn = keys(pool, draw(pool, wants, Random(seed), avoid))
    seats = [want for want in wants for _ in range(want.count)]
    assert len(set(drawn)) == len(drawn) == len(seats)
    for key, want in zip(drawn, seats, strict=True):
        kind, topic = made[int(key[1:])]
        assert want.kind in (None, kind)
        assert want.topic in (None, topic)
    unused_fresh = {f"q{n}" for n in range(len(made))} - avoid - set(drawn)
    for key, want in zip(drawn, seats, strict=True):
        fitting = {pool.items[i].key for i in pool.fitting(want)}
        assert key not in avoid or not fitting & unused_fresh


# Cases. ----------------------------------------------------------------------------------------------------------------

CASE = Question(
    "al-1", Kind.CASE, "某局查处一起案件。", (), (), "", (), items=(question("al-1.1"), question("al-1.2", Kind.JUDGE))
)


def test_a_case_fills_one_slot_for_each_of_its_items_in_their_order():
    pool = pool_of(question("s1"), CASE)
    paper = draw(pool, [Draw(1, Kind.CASE), ONE_SINGLE], Random(1), set())
    assert [(slot.revision_id, slot.item) for slot in paper] == [(2, 0), (2, 1), (1, None)]
    assert sorted(paper[0].order) == [0, 1, 2, 3]
    assert paper[1].order == (0, 1)


def test_a_case_is_drawn_only_where_a_line_asks_for_cases():
    pool = pool_of(question("s1"), CASE)
    assert keys(pool, draw(pool, [Draw(1)], Random(3), set())) == ["s1"]
    assert [short.found for short in shortfalls(pool, [Draw(2)])] == [1]
    assert [short.found for short in shortfalls(pool, [Draw(2, Kind.CASE)])] == [1]


@pytest.mark.parametrize("slot", [Slot(7, (1, 0)), Slot(7, ()), Slot(7, (2, 0, 1), 0), Slot(7, (0, 1), 3)])
def test_a_slot_survives_being_stored_and_reads_what_the_first_version_wrote(slot):
    assert Slot.from_json(slot.to_json()) == slot
    assert Slot.from_json([7, [1, 0]]) == Slot(7, (1, 0))
