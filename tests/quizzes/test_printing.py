"""A and B papers of one composition."""

import pytest

from quizzes.enrolling import Enrolled
from quizzes.papers import Pool, PoolTooSmall
from quizzes.people import Person, Unit
from quizzes.plans import Audience, Draw, Variant
from quizzes.printing import Printed, kinds, two_papers
from quizzes.questions import Kind, Question, Revision


def pool(singles=8, judges=2):
    made = [
        Question(f"s{n}", Kind.SINGLE, f"问{n}？", ("甲", "乙", "丙", "丁"), ("A",), "因为", ("宪法 第五条",))
        for n in range(singles)
    ]
    made += [Question(f"j{n}", Kind.JUDGE, f"判{n}。", (), ("T",), "因为", ("宪法 第五条",)) for n in range(judges)]
    return Pool.of([Revision(number, question) for number, question in enumerate(made, 1)])


LINES = (Draw(4, Kind.SINGLE), Draw(1, Kind.JUDGE))


def test_b_has_the_composition_of_a_and_other_questions_where_there_are_enough():
    a, b = two_papers(pool(), LINES, 7, 0)
    assert (a.letter, b.letter, len(a.slots), len(b.slots)) == ("A", "B", 5, 5)
    assert not {slot.revision_id for slot in a.slots} & {slot.revision_id for slot in b.slots}


def test_with_few_questions_b_repeats_as_few_as_it_can():
    a, b = two_papers(pool(singles=6), LINES, 7, 0)
    assert len({slot.revision_id for slot in a.slots} & {slot.revision_id for slot in b.slots}) == 2
    assert a.slots != b.slots


def test_the_same_seed_gives_the_same_papers_and_another_kind_others():
    assert two_papers(pool(), LINES, 7, 0) == two_papers(pool(), LINES, 7, 0)
    assert two_papers(pool(), LINES, 7, 0) != two_papers(pool(), LINES, 7, 1)


def test_a_pool_too_small_is_said():
    with pytest.raises(PoolTooSmall) as problem:
        two_papers(pool(singles=2), LINES, 7, 0)
    assert problem.value.shortfalls[0].found == 2


def test_a_paper_comes_back_from_its_json():
    a, _ = two_papers(pool(), LINES, 7, 0)
    assert Printed.from_json(a.to_json()) == a


def test_each_person_gets_the_kind_of_the_first_variant_meant_for_them():
    people = [Person(1, "甲", rank="正处"), Person(2, "乙"), Person(3, "丙", enforcement=True, rank="正处")]
    units = [Unit(1, None, "区", 0), Unit(2, 1, "局", 0)]
    variants = (Variant(Audience(ranks=("正处",)), LINES), Variant(Audience(enforcement=True), LINES))
    assert kinds([Enrolled(n, 2, 2) for n in (1, 2, 3)], people, units, variants) == {1: 1, 2: 0, 3: 1}
