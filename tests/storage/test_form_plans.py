"""Plans from a form beside those of plans.yaml: neither takes the other away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from quizzes.plans import Plan
from storage import banks, form_plans, rounds
from storage.database import Store
from tests.builders import NOW
from tests.engine import DAILY

EXAM = replace(DAILY, key="exam-20261204", title="年度考试", days=(date(2026, 12, 4),))
LATER = NOW + timedelta(hours=1)


def plans(store: Store) -> list[Plan]:
    return [plan for plan, _ in rounds.plans(store)]


def test_a_plan_from_a_form_is_in_force_beside_those_of_the_file(store: Store) -> None:
    banks.apply_plans(store, [DAILY], NOW)
    form_plans.add(store, EXAM, NOW)
    assert plans(store) == [DAILY, EXAM]
    assert form_plans.keys(store) == {"exam-20261204"}
    assert form_plans.get(store, "exam-20261204") == EXAM
    assert form_plans.get(store, "daily") is None


def test_applying_the_file_leaves_it_alone(store: Store) -> None:
    form_plans.add(store, EXAM, NOW)
    assert banks.apply_plans(store, [DAILY], LATER) == 1
    assert banks.apply_plans(store, [], LATER) == 0
    assert rounds.plans(store) == [(EXAM, NOW)]


def test_taken_back_it_is_out_of_force_and_can_be_put_back(store: Store) -> None:
    form_plans.add(store, EXAM, NOW)
    form_plans.remove(store, EXAM.key, NOW)
    assert plans(store) == []
    assert form_plans.keys(store) == frozenset()
    assert form_plans.get(store, EXAM.key) == EXAM
    form_plans.restore(store, EXAM.key, LATER)
    assert rounds.plans(store) == [(EXAM, LATER)]


def test_a_plan_of_the_file_cannot_be_taken_back_here(store: Store) -> None:
    banks.apply_plans(store, [DAILY], NOW)
    form_plans.remove(store, "daily", NOW)
    assert plans(store) == [DAILY]


def test_once_it_stands_in_the_file_it_is_the_files(store: Store) -> None:
    form_plans.add(store, EXAM, NOW)
    assert banks.apply_plans(store, [EXAM], LATER) == 1
    assert rounds.plans(store) == [(EXAM, NOW)]
    assert form_plans.keys(store) == frozenset()
    banks.apply_plans(store, [], LATER)
    assert plans(store) == []


def test_a_key_is_never_used_twice(store: Store) -> None:
    day = date(2026, 12, 4)
    assert form_plans.free_key(store, day) == "exam-20261204"
    form_plans.add(store, EXAM, NOW)
    form_plans.remove(store, EXAM.key, NOW)
    assert form_plans.free_key(store, day) == "exam-20261204-2"
    form_plans.add(store, replace(EXAM, key="exam-20261204-2"), NOW)
    assert form_plans.free_key(store, day) == "exam-20261204-3"
